internal import Logging
internal import Pipeline

/// A content goes from ring to ring before the whole fleet has it.
///
/// What the rings have stands in the store beside the fleet's release, for the proxies whom
/// its signed audience names. One content is on its way at a time; what is presented
/// meanwhile goes together as the next. Whatever goes wrong, the fleet's release stays, and
/// a ``Halt`` makes the Presenter show what it showed, so that emergency edits go on top of
/// that and reach everybody.
extension PublisherStage {
    func stepByRings(_ presentation: Manifest, after stable: Release?) async throws -> Instant? {
        var state = try await rolloutInStore()
        let halt = try await store.decoded(WellKnown.halt, Halt.init(decoding:))
        let emergency = try await store.read(WellKnown.emergency).map { "\($0.version.number)" }
        if let stable, state.flight != nil {
            if candidate != nil { return try await fly(&state, halt?.value, emergency, after: stable) }
            try await takeBack(&state, "the Publisher started anew: from the first ring again", after: stable)
        }
        if let order = state.order {
            state.order = nil
            state.note("\(order.kind.rawValue): nothing is on its way", at: .now(), person: order.person)
            try await save(state)
        }
        let isHalted = halt.map { presentation.basis.contains($0.value.basis) } ?? false
        // The Presenter has yet to answer.
        if halt != nil, !isHalted { return try await keepFresh(stable) }
        if let stable, !isHalted, emergency != state.emergency, !isEmergencyAlone(presentation, after: stable) {
            // Mixed with what rings have to prove first.
            try await putUp(Halt(.emergency, presentation: stable.presentation, reason: "emergency edits go first", since: .now()))
            return try await keepFresh(stable)
        }
        let isForAll = stable == nil || isHalted || emergency != state.emergency
        if !isForAll, let stable {
            let update = try await update(to: presentation)
            if update.content != stable.content {
                return try await takeOff(presentation, update, &state, after: stable)
            }
        }
        let due = try await follow(presentation, after: stable)
        if state.emergency != emergency {
            state.emergency = emergency
            try await save(state)
        }
        if let halt, halt.value.kind == .emergency { try await store.remove(WellKnown.halt, expecting: halt.version) }
        return due
    }

    /// Whether nothing but emergency edits came since `stable`.
    private func isEmergencyAlone(_ presentation: Manifest, after stable: Release) -> Bool {
        presentation.number == stable.presentation + 1 && presentation.trace.isEmergency
    }

    // MARK: A flight

    private func takeOff(
        _ presentation: Manifest, _ update: ReleaseFiles.Update, _ state: inout Rollout, after stable: Release
    ) async throws -> Instant? {
        let track = try await extendedTrack(to: update.content, after: stable)
        let trace = presentation.trace.adding(.published, at: .now())
        let release = try next(update.content, presentation.number, trace, track, audience: settings.rings.audience(0), after: stable)
        state.flight = Rollout.Flight(
            content: update.content, presentation: presentation.number, stable: stable.presentation, since: .now(),
            trouble: "on its way to the first ring")
        note("presentation \(presentation.number) (\(trace.cause)) to ring '\(settings.rings.stops[0].ring.name)'", in: &state)
        try await save(state)
        try await announce(release, track)
        await dropCheckpoints(but: stable.checkpoint)
        return .now().advanced(byMilliseconds: Self.lookAgain)
    }

    /// Milliseconds between two looks at what proxies report.
    private static let lookAgain: Int64 = 500

    private func fly(_ state: inout Rollout, _ halt: Halt?, _ emergency: String?, after stable: Release) async throws -> Instant? {
        guard let candidate, var flight = state.flight else { return nil }
        let before = state
        if let order = state.order {
            state.order = nil
            let words = "\(order.kind.rawValue) (\(order.reason))"
            switch order.kind {
            case .pause, .resume:
                flight.isPaused = order.kind == .pause
                note(words, in: &state, person: order.person)
            case .promote:
                note(words, in: &state, person: order.person)
                state.flight = flight
                return try await advance(&state, after: stable)
            case .abort:
                try await putUp(Halt(.rollout, presentation: flight.stable, person: order.person, reason: order.reason, since: .now()))
                return try await takeBack(&state, words, person: order.person, after: stable)
            }
        }
        if let halt { return try await takeBack(&state, "\(halt.kind.rawValue): \(halt.reason)", person: halt.person, after: stable) }
        if emergency != state.emergency {
            try await putUp(Halt(.emergency, presentation: flight.stable, reason: "emergency edits go first", since: .now()))
            return try await takeBack(&state, "emergency edits go first: then from the first ring again", after: stable)
        }
        let verdict = settings.rings.judge(&flight, proxies: try await deployments(), at: .now())
        state.flight = flight
        switch verdict {
        case .advance: return try await advance(&state, after: stable)
        case .abort(let reason):
            try await putUp(Halt(.rollout, presentation: flight.stable, reason: reason, since: .now()))
            return try await takeBack(&state, "taken back: \(reason)", after: stable)
        case .wait:
            if state != before { try await save(state) }
            if let due = heartbeatDue(after: stable) { return min(due, .now().advanced(byMilliseconds: Self.lookAgain)) }
            try await keepFresh(stable)
            try await announce(renewed(candidate.release, after: stable), candidate.track)
            return .now().advanced(byMilliseconds: Self.lookAgain)
        }
    }

    /// To the next ring; after the last to everybody.
    private func advance(_ state: inout Rollout, after stable: Release) async throws -> Instant? {
        guard let candidate, var flight = state.flight else { return nil }
        let stops = settings.rings.stops
        var release = candidate.release
        flight.ring += 1
        guard stops.indices.contains(flight.ring) else {
            state.flight = nil
            note("presentation \(flight.presentation) to the whole fleet", in: &state)
            release.audience = []
            try await publish(renewed(release, after: stable), candidate.track, cause: release.trace.cause)
            return try await land(&state)
        }
        (flight.since, flight.goodSince, flight.badSince) = (.now(), nil, nil)
        state.flight = flight
        note("presentation \(flight.presentation) to ring '\(stops[flight.ring].ring.name)'", in: &state)
        try await save(state)
        release.audience = settings.rings.audience(flight.ring)
        try await announce(renewed(release, after: stable), candidate.track)
        return .now().advanced(byMilliseconds: Self.lookAgain)
    }

    /// The rings return to what the fleet has, under a number that is higher than theirs.
    @discardableResult
    private func takeBack(_ state: inout Rollout, _ why: String, person: String = "", after stable: Release) async throws -> Instant? {
        state.flight = nil
        note(why, in: &state, person: person)
        // What led to the content that is given up leads nowhere from the fleet's.
        untold = nil
        try await keepFresh(stable)
        return try await land(&state)
    }

    /// The candidate goes away: only now, for until the fleet's number is higher its proxies hold on to it.
    private func land(_ state: inout Rollout) async throws -> Instant? {
        if let stored = try await store.read(WellKnown.candidate) { try await store.remove(WellKnown.candidate, expecting: stored.version) }
        candidate = nil
        try await save(state)
        await files.dropReplaced()
        return .now()
    }

    // MARK: The store

    /// Says the fleet's release again, under a new number.
    @discardableResult
    private func keepFresh(_ stable: Release?) async throws -> Instant? {
        guard let stable else { return nil }
        try await publish(renewed(stable, after: stable), nil, cause: "heartbeat")
        return .now().advanced(byMilliseconds: settings.heartbeat.milliseconds)
    }

    private func announce(_ release: Release, _ track: DeltaTrack) async throws {
        let stored = try await store.read(WellKnown.candidate)
        let version = try await store.write(
            SignedRelease(release, signedBy: settings.keys).encoded, at: WellKnown.candidate, expecting: stored?.version)
        candidate = Head(release: release, version: version, track: track)
    }

    private func putUp(_ halt: Halt) async throws {
        // A person's word stands.
        guard try await store.read(WellKnown.halt) == nil else { return }
        try await store.write(halt.encoded, at: WellKnown.halt, expecting: nil)
        logger.log(
            level: halt.kind == .emergency ? .notice : .error, "halted: nothing but emergency edits goes live",
            metadata: ["reason": "\(halt.reason)", "shown": "presentation \(halt.presentation ?? 0)"])
    }

    private func rolloutInStore() async throws -> Rollout {
        let stored = try await store.decoded(WellKnown.rollout, known: rollout.flatMap { old in old.version.map { (old.value, $0) } }, Rollout.init(decoding:))
        rollout = stored.map { ($0.value, $0.version) } ?? (Rollout(), nil)
        return rollout?.value ?? Rollout()
    }

    /// A person may have given an order meanwhile: it stays, for the next step.
    private func save(_ state: Rollout) async throws {
        var state = state
        while true {
            do {
                let version = try await store.write(state.encoded, at: WellKnown.rollout, expecting: rollout?.version)
                rollout = (state, version)
                return
            } catch let error as StoreError where error.code == .conflict {
                state.order = try await rolloutInStore().order
            }
        }
    }

    private func note(_ text: String, in state: inout Rollout, person: String = "") {
        state.note(text, at: .now(), person: person)
        logger.notice("rollout", metadata: ["what": "\(text)", "person": "\(person)"])
    }

    private func deployments() async throws -> [Deployment] {
        try await concurrentMap(try await store.list(WellKnown.proxies)) { [store] key in
            try await store.read(key).flatMap { try? Deployment(decoding: $0.value) }
        }.compactMap(\.self)
    }
}
