import Pipeline

/// Whether changes go their way: nothing halted, held, paused or long in a ring.
struct RolloutCheck {
    /// Of the seconds that something is in one ring.
    var limits: Limits
    /// Names, from the innermost.
    var rings: [String]

    func judge(_ rollout: Rollout, halt: Halt?, held: Held?, at now: Instant) -> PluginResult {
        var result = PluginResult()
        if let halt {
            let who = halt.person.isEmpty ? "" : " by \(halt.person)"
            // That one ends by itself, as soon as the emergency edits are everywhere.
            let state: PluginResult.State = halt.kind == .emergency ? .warning : .critical
            result.add(state, "halted (\(halt.kind))\(who) since \(halt.since): \(halt.reason)")
        }
        if let held {
            result.add(.warning, "held since \(held.since), by \(held.cause): \(held.reasons.first ?? held.summary); freshet apply --plan \(held.plan)")
        }
        var seconds = 0.0
        if let flight = rollout.flight {
            let ring = rings.indices.contains(flight.ring) ? rings[flight.ring] : "\(flight.ring)"
            seconds = Double(max(0, now - flight.since)) / 1000
            let place = "presentation \(flight.presentation) is in ring '\(ring)' since \(flight.since)"
            let state = limits.state(of: seconds)
            if flight.isPaused { result.add(max(.warning, state), "\(place), paused") }
            else if state > .ok { result.add(state, flight.trouble.isEmpty ? place : "\(place): \(flight.trouble)") }
            result.allIsWell = place
        } else {
            result.allIsWell = "nothing is on its way through the rings"
        }
        result.measure("in_ring", seconds, unit: "s", limits)
        result.measure("halted", halt == nil ? 0 : 1, Limits(critical: AlertRange(upTo: 0)))
        result.measure("held", held == nil ? 0 : 1, Limits(warning: AlertRange(upTo: 0)))
        return result
    }
}
