internal import DNSClient
internal import DNSWire
internal import Logging
internal import Pipeline

/// Reading answers back through the name servers.
extension ProxyStage {
    /// Gives unbound the zones of what is deployed, makes it forget what changed, reads the
    /// stamp through it: one state after another.
    ///
    /// tinydns is right already, so nothing is taken back if this fails: what is stale
    /// stays on the list, and the next probe tries again.
    func showThroughUnbound() async -> Deployment.Seen? {
        while let running = showing { _ = await running.value }
        guard let state = deployed else { return nil }
        let task = Task { await show(state) }
        showing = task
        let seen = await task.value
        showing = nil
        return seen
    }

    private func show(_ state: Deployed) async -> Deployment.Seen? {
        do {
            try await daemons.setZones(try contents.unboundZones(in: state.listing))
            // More may become stale while we flush: only what failed goes back on the list.
            let flushing = stale
            stale = StaleNames()
            do {
                try await daemons.flush(flushing)
            } catch {
                stale.formUnion(flushing)
                throw error
            }
            let seen = try await proveServed(state, at: settings.unbound.server, recursionDesired: true)
            status.unbound = seen
            unboundFault = nil
            // An answer from before the change may have lain in unbound's socket while it was told
            // to forget, and be in its cache now. It was read before the stamp's answer was: what
            // is forgotten from here on stays forgotten.
            if flushing != stampAlone(state) {
                do {
                    try await daemons.flush(flushing)
                } catch {
                    stale.formUnion(flushing)
                    throw error
                }
            }
            return seen
        } catch {
            let fault = "\(error)"
            if unboundFault != fault { logger.error("unbound does not show the release", metadata: ["error": "\(error)"]) }
            unboundFault = fault
            return nil
        }
    }

    private func stampAlone(_ state: Deployed) -> StaleNames {
        var names = StaleNames()
        if let stamp = state.stamps.first { names.add(stamp, .txt) }
        return names
    }

    /// Reads a stamp back until it is the release's, for at most three seconds.
    func proveServed(_ state: Deployed, at server: DNSClient.Server, recursionDesired: Bool) async throws -> Deployment.Seen {
        let release = state.release, stamp = release.stamp
        guard let owner = state.stamps.first else {
            return Deployment.Seen(at: .now(), release: release.number, published: release.published)
        }
        let deadline = ContinuousClock.now + .seconds(3)
        var last: StampCheck
        repeat {
            last = await read(owner, at: server, recursionDesired: recursionDesired)
            if let reading = last.reading, reading.agrees(with: stamp) {
                return Deployment.Seen(at: .now(), release: reading.release, published: reading.published)
            }
            try await Task.sleep(for: .milliseconds(5))
        } while ContinuousClock.now < deadline
        let said = last.fault ?? "release \(last.reading?.release ?? 0)"
        throw ProxyError(.daemon, "\(server) does not show release \(release.number): \(said)")
    }

    func read(_ owner: Name, at server: DNSClient.Server, recursionDesired: Bool) async -> StampCheck {
        await StampCheck.read(
            owner, at: server, recursionDesired: recursionDesired, pipeline: settings.pipeline, bound: settings.freshness,
            client: client)
    }

    func probeRegularly() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: settings.probeInterval)
            guard let state = deployed, let owner = state.stamps.first else { continue }
            let through = (
                await read(owner, at: settings.tinydns.server, recursionDesired: false),
                await read(owner, at: settings.unbound.server, recursionDesired: true)
            )
            // Whoever deploys meanwhile says what is shown.
            guard !isBetweenReleases else { continue }
            note(through.0, in: \.tinydns)
            heed(through.0)
            note(through.1, in: \.unbound)
            if unboundFault != nil || !stale.isEmpty { _ = await showThroughUnbound() }
            await noteLoad()
            await report()
        }
    }

    /// What clients got since the probe before, while somebody wants to know.
    private func noteLoad() async {
        guard isOnTrial else {
            (status.load, lastLoad) = (nil, nil)
            return
        }
        let now = try? await daemons.statistics()
        status.load = now.flatMap { now in lastLoad.flatMap { now.since($0) } }
        lastLoad = now
    }

    /// Asks both name servers for names that changed, and compares with what was deployed.
    func probe(_ changes: [[UInt8]: ReleaseContents.KeyChange]) async -> Deployment.Probes {
        var probes = Deployment.Probes()
        for question in ProbeQuestion.choose(from: changes) {
            for server in [settings.tinydns.server, settings.unbound.server] {
                let isResolver = server == settings.unbound.server
                let answer = try? await client.query(question.owner, question.type, at: server, recursionDesired: isResolver)
                probes.asked += 1
                guard let answer, question.isRight(answer, throughResolver: isResolver) else {
                    probes.wrong += 1
                    probes.example = "\(question.owner) \(question.type) at \(server)"
                    continue
                }
            }
        }
        return probes
    }

    func note(_ check: StampCheck, in path: WritableKeyPath<Deployment, Deployment.Seen?>) {
        let last = status[keyPath: path]
        if let fault = check.fault, last?.fault == nil { logger.warning("freshness", metadata: ["fault": "\(fault)"]) }
        let reading = check.reading
        status[keyPath: path] = Deployment.Seen(
            at: .now(), release: reading?.release ?? last?.release ?? 0,
            published: reading?.published ?? last?.published ?? Instant(milliseconds: 0), fault: check.fault)
    }
}
