internal import DNSClient
internal import DNSWire
internal import Pipeline

extension VIPSpeaker {
    struct Probe: Sendable {
        /// By name server, for people.
        var said: [(server: DNSClient.Server, check: StampCheck)]
        var health: VIPHealth
    }

    /// Asks all that has to answer, at once.
    func probe(_ zone: Name) async -> Probe {
        guard let owner = try? Stamp.owner(in: zone) else { return Probe(said: [], health: .stale(nil)) }
        async let first = ask(owner, settings.tinydns, recursionDesired: false)
        async let second = askUnbound(owner)
        let answers = [await first] + (await second)
        let servers = [settings.tinydns] + (settings.unbound.map { [$0] } ?? [])
        return Probe(
            said: zip(servers, answers).map { ($0, $1.check) },
            health: VIPHealth(answers.map(\.check), answersElse: answers.map(\.answersElse)))
    }

    private func askUnbound(_ owner: Name) async -> [(check: StampCheck, answersElse: Bool)] {
        guard let unbound = settings.unbound else { return [] }
        return [await ask(owner, unbound, recursionDesired: true)]
    }

    private func ask(
        _ owner: Name, _ server: DNSClient.Server, recursionDesired: Bool
    ) async -> (check: StampCheck, answersElse: Bool) {
        async let other = answers(server, recursionDesired: recursionDesired)
        return (await stamp(owner, at: server, recursionDesired: recursionDesired), await other)
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
    private func answers(_ server: DNSClient.Server, recursionDesired: Bool) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            for name in settings.names {
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

    /// The zone that was configured, else the first one of the presentation.
    func zone() async -> Name? {
        if let zone = settings.zone { return zone }
        let manifest = try? await store?.decoded(WellKnown.presentation, Manifest.init(decoding:))?.value
        return manifest?.zones.first { !Stamp.owners(in: [$0]).isEmpty }
    }
}
