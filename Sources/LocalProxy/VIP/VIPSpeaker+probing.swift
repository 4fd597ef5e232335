internal import DNSClient
internal import DNSWire
internal import Pipeline

extension VIPSpeaker {
    struct Probe: Sendable {
        /// By name server, for people.
        var said: [(server: DNSClient.Server, check: StampCheck)]
        var health: VIPHealth
    }

    /// What to ask for: the stamp's name, and names of other zones, so that a zone that
    /// goes away does not make every site look dead. `nil` if no zone is known.
    func questions(_ zones: [Name]) -> Questions? {
        guard let zone = settings.zone ?? zones.first, let owner = try? Stamp.owner(in: zone) else { return nil }
        return Questions(stamp: owner, others: settings.names + zones.filter { $0 != zone })
    }

    struct Questions: Sendable {
        var stamp: Name
        var others: [Name]
    }

    /// Asks all that has to answer, at once.
    func probe(_ questions: Questions) async -> Probe {
        async let first = ask(questions, settings.tinydns, recursionDesired: false)
        async let second = askUnbound(questions)
        let answers = [await first] + (await second)
        let servers = [settings.tinydns] + (settings.unbound.map { [$0] } ?? [])
        return Probe(
            said: zip(servers, answers).map { ($0, $1.check) },
            health: VIPHealth(answers.map(\.check), answersElse: answers.map(\.answersElse)))
    }

    private func askUnbound(_ questions: Questions) async -> [(check: StampCheck, answersElse: Bool)] {
        guard let unbound = settings.unbound else { return [] }
        return [await ask(questions, unbound, recursionDesired: true)]
    }

    private func ask(
        _ questions: Questions, _ server: DNSClient.Server, recursionDesired: Bool
    ) async -> (check: StampCheck, answersElse: Bool) {
        async let other = answers(questions.others, server, recursionDesired: recursionDesired)
        return (await stamp(questions.stamp, at: server, recursionDesired: recursionDesired), await other)
    }

    func stamp(_ owner: Name, at server: DNSClient.Server, recursionDesired: Bool) async -> StampCheck {
        do {
            let answer = try await client.query(
                owner, .txt, at: server, recursionDesired: recursionDesired, timeout: settings.timeout)
            return StampCheck(answer, pipeline: settings.pipeline, bound: settings.bound, now: .now())
        } catch {
            return .unreachable("\(error)")
        }
    }

    /// Whether one of the other names is answered, with whatever.
    private func answers(_ names: [Name], _ server: DNSClient.Server, recursionDesired: Bool) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            for name in names {
                group.addTask {
                    (try? await client.query(name, .soa, at: server, recursionDesired: recursionDesired, timeout: settings.timeout)) != nil
                }
            }
            for await answered in group where answered {
                group.cancelAll()
                return true
            }
            return false
        }
    }
}
