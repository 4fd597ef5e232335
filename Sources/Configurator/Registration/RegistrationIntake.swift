public import Pipeline

/// Gathers what is asked while the store is busy, so that ten thousand servers at once are a
/// handful of generations.
public actor RegistrationIntake {
    private let registrar: Registrar
    private var waiting: [(edits: [Edit], done: CheckedContinuation<Registration, any Error>)] = []
    private var isWriting = false

    public init(_ registrar: Registrar) { self.registrar = registrar }

    /// Returns once all of `edits` are in the store.
    public func register(_ edits: [Edit]) async throws -> Registration {
        try await withCheckedThrowingContinuation { done in
            waiting.append((edits, done))
            guard !isWriting else { return }
            isWriting = true
            // Not a child of the caller: who goes away must not take others' registrations along.
            Task { await write() }
        }
    }

    private func write() async {
        while !waiting.isEmpty {
            let batch = waiting
            waiting = []
            let result: Result<Registration, any Error>
            do {
                result = .success(try await registrar.register(batch.flatMap(\.edits)))
            } catch {
                result = .failure(error)
            }
            for one in batch { one.done.resume(with: result) }
        }
        isWriting = false
    }
}
