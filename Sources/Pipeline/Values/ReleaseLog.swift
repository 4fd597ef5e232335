/// Which presentation each release carried, as far back as history can be of use.
///
/// A release may skip presentations, and repeat one: only releases that carry a newer one
/// than the release before are in it.
public struct ReleaseLog: Hashable, Sendable {
    public struct Step: Hashable, Sendable {
        public var release: UInt64
        public var presentation: UInt64

        public init(release: UInt64, presentation: UInt64) {
            self.release = release
            self.presentation = presentation
        }
    }

    /// What is older is dropped: four times the presentations that are kept by default.
    public static let most = 4096

    /// Oldest first; both numbers rise.
    public private(set) var steps: [Step] = []

    public init() {}

    init(steps: [Step]) { self.steps = steps }

    /// Takes up the newest releases, the oldest of them first; says whether that told anything new.
    ///
    /// Numbers that go back are of a pipeline that began anew: so does the log.
    public mutating func note(_ newest: [Step]) -> Bool {
        let before = steps
        if let last = steps.last, let end = newest.last, end.release < last.release { steps = [] }
        for step in newest {
            if let last = steps.last {
                if step.release <= last.release || step.presentation == last.presentation { continue }
                if step.presentation < last.presentation { steps = [] }
            }
            steps.append(step)
        }
        if steps.count > Self.most { steps.removeFirst(steps.count - Self.most) }
        return steps != before
    }

    /// The first release that carried a presentation, or one after it; `nil`: none did yet,
    /// or that was before the log begins.
    public func first(carrying presentation: UInt64) -> UInt64? {
        guard let place = steps.firstIndex(where: { $0.presentation >= presentation }) else { return nil }
        // Of the oldest, only a pipeline's first release has none before it.
        return place > 0 || steps[place].release == 1 ? steps[place].release : nil
    }

    /// The presentation that a release carried; `nil`: that was before the log begins.
    public func presentation(of release: UInt64) -> UInt64? { steps.last { $0.release <= release }?.presentation }
}
