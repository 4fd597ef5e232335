import DNSWire
import Pipeline
import TestSupport

/// Values of the stages, for round trips.
extension Seeded {
    mutating func instant() -> Instant { Instant(milliseconds: 1 + Int64(below(2_000_000_000_000))) }

    mutating func trace() -> Trace {
        Trace(cause: word(), milestones: (0..<below(4)).map { _ in Milestone(stage: pick(Milestone.Stage.allCases), at: instant()) })
    }

    /// As files and servers give them: a TTL for all but removals.
    mutating func edit(starts: Instant? = nil) -> Edit {
        let set = recordSet()
        let action = pick(Edit.Action.allCases)
        return Edit(
            action: action, key: set.key, ttl: action.makesValues ? set.ttl : nil, rdata: set.rdata, origin: set.origin,
            overrides: chance(2) ? "pack/A" : nil, starts: starts ?? (chance(2) ? instant() : nil), expires: chance(2) ? instant() : nil)
    }

    mutating func manifest() -> Manifest {
        let sharding = Sharding(count: 1 + below(4096))
        var manifest = Manifest(
            source: word(), number: next(), sharding: sharding, basis: [word(), word()], trace: trace(),
            next: chance(2) ? instant() : nil)
        for _ in 0..<below(6) {
            manifest.shards[below(sharding.count)] = ShardReference(
                digest: digest(), size: below(1 << 40), count: below(1 << 30), basis: digest(),
                conflicts: below(100), zones: chance(2) ? [name(), name()] : [])
        }
        return manifest
    }

    mutating func configuration() -> Configuration {
        Configuration(
            number: next(), commit: chance(2) ? Commit(id: word(), author: word(), subject: word()) : nil, trace: trace(),
            sources: ["pack/B", "edits", "pack/A"].map { name in
                Configuration.Source(
                    name: name, kind: name == "edits" ? .edits : .generation, manifest: digest(),
                    inputs: chance(2) ? ["a": digest(), "b/ü": digest()] : [:], failure: chance(2) ? "broken\nline 2" : nil,
                    basis: digest())
            })
    }

    mutating func listing(files: [Listing.File]? = nil) -> Listing {
        Listing(files ?? (0..<below(5)).map { Listing.File(path: Listing.Path.fragment($0), digest: digest(), size: below(1 << 40)) })
    }

    mutating func delta() -> Delta {
        Delta(
            from: digest(), to: digest(),
            splices: (0..<below(3)).map { index in
                let path = Listing.Path.fragment(index)
                return Splice(
                    path: path, hunks: (0..<below(3)).map { _ in .init(kept: below(1 << 40), removed: below(1 << 30), inserted: octets(below(20))) },
                    outcome: chance(4) ? nil : Listing.File(path: path, digest: digest(), size: below(1 << 40)))
            })
    }

    mutating func release(pipeline: String = "p") -> Release {
        Release(
            pipeline: pipeline, number: next(), published: instant(), content: digest(), presentation: next(), trace: trace(),
            heartbeat: Int64(below(100_000)),
            checkpoint: Checkpoint(content: digest(), listing: digest(), torrent: digest(), infoHash: octets(32)),
            log: (0..<below(3)).map { _ in digest() }, deltas: (0..<below(3)).map { _ in delta() },
            audience: (0..<below(3)).map { _ in ring() })
    }

    /// A protobuf map has no order of its own: one label.
    mutating func ring() -> Ring { Ring(name: word(), labels: chance(2) ? [word(): word()] : [:], percent: chance(2) ? 1 + below(100) : nil) }

    mutating func rollout() -> Rollout {
        var rollout = Rollout(emergency: chance(2) ? "\(next() as UInt64)" : nil)
        if chance(2) {
            var flight = Rollout.Flight(
                content: digest(), presentation: next(), stable: next(), ring: below(5), since: instant(), trouble: word())
            flight.goodSince = chance(2) ? Instant(milliseconds: 1 + Int64(below(1 << 40))) : nil
            flight.badSince = chance(2) ? Instant(milliseconds: 1 + Int64(below(1 << 40))) : nil
            flight.isPaused = chance(2)
            flight.hosts = Set((0..<below(4)).map { _ in word() })
            rollout.flight = flight
        }
        for _ in 0..<below(4) { rollout.note(word(), at: instant(), person: word()) }
        if chance(2) { rollout.order = Rollout.Order(Rollout.Order.Kind.allCases.randomElement(using: &self)!, person: word(), reason: word(), at: instant()) }
        return rollout
    }

    mutating func halt() -> Halt {
        Halt(Halt.Kind.allCases.randomElement(using: &self)!, presentation: chance(2) ? 1 + UInt64(below(1000)) : nil, person: word(), reason: word(), since: instant())
    }

    mutating func deployment() -> Deployment {
        func seen(_ random: inout Seeded) -> Deployment.Seen? {
            random.chance(3)
                ? nil
                : Deployment.Seen(
                    at: random.instant(), release: random.next(), published: random.instant(),
                    fault: random.chance(2) ? "late" : nil)
        }
        var deployment = Deployment(
            host: word(), release: next(), trace: trace(), tracedRelease: next(), tinydns: seen(&self), unbound: seen(&self),
            swarmAddress: word(), tinydnsAddress: word(), unboundAddress: word(), fault: chance(2) ? "x" : nil,
            downloaded: next(), keptFiles: below(1 << 20), movedFiles: below(1 << 20), labels: ["a": word(), "b": word()])
        if chance(2) { deployment.content = digest() }
        deployment.keys = (0..<below(3)).map { _ in word() }
        if chance(2) { deployment.probes = .init(asked: below(100), wrong: below(100), example: word()) }
        if chance(2) { deployment.load = .init(queries: next(), failures: next(), latency: below(1 << 20)) }
        return deployment
    }
}
