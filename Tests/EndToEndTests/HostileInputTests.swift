import DNSWire
import Foundation
import TestSupport
import Testing

@testable import Pipeline

/// Whatever bad reaches the pipeline is refused, and what was served is served on.
@Suite(.serialized)
struct HostileInputTests {
    /// How many of each kind were tried, and refused.
    private struct Tally {
        private var counts: [String: (tried: Int, refused: Int)] = [:]
        private var order: [String] = []

        mutating func note(_ kind: String, isRefused: Bool) {
            if counts[kind] == nil { order.append(kind) }
            counts[kind, default: (0, 0)].tried += 1
            if isRefused { counts[kind]!.refused += 1 }
        }

        /// One line a kind, which `docs/reliability.md` quotes.
        func report(_ title: String) {
            for kind in order { print("corpus: \(title): \(kind): \(counts[kind]!.tried) tried, \(counts[kind]!.refused) refused") }
            let all = counts.values.reduce((0, 0)) { ($0.0 + $1.tried, $0.1 + $1.refused) }
            print("corpus: \(title): all: \(all.0) tried, \(all.1) refused")
            #expect(all.0 == all.1 && all.0 > 0)
        }
    }

    private func isServed(_ fleet: Fleet) async -> Bool {
        let tinydns = try? await fleet.ask("web1.mirrors.test", .a, at: fleet.tinydns(0))
        let unbound = try? await fleet.ask("web1.mirrors.test", .a, at: fleet.unbound(0))
        return tinydns == ["192.0.2.10"] && unbound == ["192.0.2.10"]
    }

    private func deployment(_ store: any Store) async throws -> Deployment {
        try Deployment(decoding: try #require(try await store.read(try WellKnown.proxies.appending("p0"))).value)
    }

    private func put(_ octets: [UInt8], at key: StoreKey, _ store: any Store) async throws {
        while true {
            do {
                try await store.write(octets, at: key, expecting: try await store.read(key)?.version)
                return
            } catch let error as StoreError where error.code == .conflict {}
        }
    }

    private func log(_ stage: String, _ fleet: Fleet) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(fleet.directory.path)/\(stage).log")), as: UTF8.self)
    }

    private func change(_ fleet: Fleet, _ address: String) async throws {
        try fleet.write(
            "site/edits/after.yaml",
            "edits:\n  - {action: set, name: after.mirrors.test, type: A, ttl: 60, values: [\(address)], owner: o, reason: r}\n")
        try await fleet.commit("after at \(address)")
        try await eventually("a change arrives", within: .seconds(60)) {
            try await fleet.ask("after.mirrors.test", .a, at: fleet.unbound(0)) == [address]
        }
    }

    // MARK: Releases

    private func variants(_ hostile: inout HostileReleases) async throws -> [HostileReleases.Variant] {
        try await hostile.octetVariants() + hostile.signatureVariants() + hostile.listingVariants() + hostile.torrentVariants()
            + hostile.deltaVariants() + hostile.contentVariants() + damagedBlobs(hostile)
    }

    /// Releases that name blobs whose files in the store were damaged.
    private func damagedBlobs(_ hostile: HostileReleases) async throws -> [HostileReleases.Variant] {
        let store = try #require(hostile.store as? EmbeddedStore)
        var random = Seeded(43), all: [HostileReleases.Variant] = []
        for index in 0..<20 {
            var listing = hostile.listing
            listing.set(.init(path: "x\(index)", digest: Digest(of: [1]), size: 1))
            let digest = try await store.put([listing.encoded])[0]
            try random.flipBit(in: store.blobPath(digest))
            var release = hostile.release
            release.number += 1_000_000
            (release.content, release.deltas, release.log) = (listing.content, [], [])
            if index % 2 == 0 { release.log = [digest] }
            release.checkpoint.content = listing.content
            release.checkpoint.listing = digest
            all.append(.init(kind: "blob damaged on disk", octets: try SignedRelease(release, signedBy: hostile.key).encoded))
        }
        return all
    }

    @Test func releases() async throws {
        try await withFleet(.embedded) { fleet in
            try fleet.startProxy(0)
            try await fleet.waitForHead(1)
            #expect(try await fleet.freshet("wait", "--release", "3", "--timeout", "30").status == 0)
            // It would put its own release over ours.
            await fleet.kill("publisher")
            let store = try EmbeddedStore(directory: fleet.store)
            let signed = try SignedRelease(decoding: try #require(try await store.read(WellKnown.release)).value)
            let release = try Release(decoding: signed.body)
            try await eventually("the proxy has the last release") { try await deployment(store).release == release.number }
            let key = try SigningKey(parsing: try String(contentsOfFile: fleet.directory.path + "/keys/release.private", encoding: .utf8))
            let listing = try KeptRelease(
                decoding: [UInt8](Data(contentsOf: URL(filePath: fleet.proxyDirectory(0) + "/deployed.release")))
            ).listing
            var octets: [String: [UInt8]] = [:]
            for file in listing.files {
                octets[file.path] = try [UInt8](Data(contentsOf: URL(filePath: "\(fleet.proxyDirectory(0))/contents/\(file.digest.hex)")))
            }
            var hostile = HostileReleases(
                genuine: signed, release: release, key: key, listing: listing, octets: octets,
                torrent: try await store.require(release.checkpoint.torrent), store: store)
            let variants = try await variants(&hostile)
            try await told(variants, hostile, fleet)
            try await goneAhead(variants, hostile, fleet)

            try await put(signed.encoded, at: WellKnown.release, store)
            try fleet.start("publisher")
            try await change(fleet, "192.0.2.50")
            await store.close()
        }
    }

    /// Each where the fleet looks. Between two of them a marker is refused, so that the proxy
    /// is known to have looked at each.
    private func told(_ variants: [HostileReleases.Variant], _ hostile: HostileReleases, _ fleet: Fleet) async throws {
        let store = hostile.store, before = try await deployment(store)
        var tally = Tally()
        for (index, variant) in variants.enumerated() {
            try await put(try hostile.marker(index), at: WellKnown.release, store)
            try await eventually("marker \(index) is refused (\(variant.kind))", within: .seconds(40)) {
                try await deployment(store).fault?.contains("'marker-\(index)'") ?? false
            }
            try await put(variant.octets, at: WellKnown.release, store)
            var seen = before
            try await eventually("\(variant.kind) (\(index)) is judged", within: .seconds(40)) {
                seen = try await deployment(store)
                return seen.fault?.contains("'marker-\(index)'") != true
            }
            let served = await isServed(fleet)
            let isRefused = served && seen.fault != nil && seen.release == before.release && seen.content == before.content
            tally.note(variant.kind, isRefused: isRefused)
            if !isRefused { Issue.record("\(variant.kind) (\(index)): \(seen.fault ?? "no fault"), release \(seen.release)") }
        }
        tally.report("at release")
    }

    /// Each where rings look; the fleet's release goes on beside it.
    private func goneAhead(_ variants: [HostileReleases.Variant], _ hostile: HostileReleases, _ fleet: Fleet) async throws {
        let store = hostile.store, before = try await deployment(store)
        var tally = Tally(), number = hostile.release.number
        for (index, variant) in variants.enumerated() {
            number += 1
            try await put(variant.octets, at: WellKnown.candidate, store)
            try await put(try hostile.heartbeat(number), at: WellKnown.release, store)
            var seen = before
            try await eventually("the fleet's release goes on beside \(variant.kind) (\(index))", within: .seconds(40)) {
                seen = try await deployment(store)
                return seen.release >= number
            }
            let served = await isServed(fleet)
            let isRefused = served && seen.release == number && seen.content == before.content
            tally.note(variant.kind, isRefused: isRefused)
            if !isRefused { Issue.record("\(variant.kind) (\(index)) ahead: release \(seen.release), not \(number)") }
        }
        if let stored = try await store.read(WellKnown.candidate) { try await store.remove(WellKnown.candidate, expecting: stored.version) }
        tally.report("at candidate")
    }

    // MARK: What stages tell each other

    /// Octets that are no such value; those that happen to be one are what an author of it may write.
    private func garbage(_ genuine: [UInt8], _ decode: ([UInt8]) throws -> Void) -> [(kind: String, octets: [UInt8])] {
        var random = Seeded(47), all: [(String, [UInt8])] = []
        for _ in 0..<20 { all.append(("random octets", random.octets(1 + random.below(600)))) }
        all.append(("512 KiB of zeros", Array(repeating: 0, count: 512 << 10)))
        all.append(("empty", []))
        for end in stride(from: 1, to: genuine.count, by: max(1, genuine.count / 40)) { all.append(("truncated", Array(genuine[..<end]))) }
        for _ in 0..<300 where !genuine.isEmpty {
            var flipped = genuine
            flipped[random.below(genuine.count)] ^= UInt8(1 << random.below(8))
            all.append(("bit flip", flipped))
        }
        return all.filter { variant in (try? decode(variant.1)) == nil }
    }

    @Test func valuesOfStages() async throws {
        let rings = "rollout: {grace: 500ms, rings: [{name: canary, labels: role=canary, soak: 500ms, deadline: 60s}]}"
        try await withFleet(.embedded, more: "\(rings)\npolicy: {people: [keys/ada.public]}") { fleet in
            try fleet.startProxy(0, ["proxy.labels.role": "canary"])
            try await fleet.waitForHead(1)
            let store = try EmbeddedStore(directory: fleet.store)
            var tally = Tally()
            let halt = Halt(.freeze, person: "p", reason: "r", since: .now()).encoded
            let manifest = Manifest(source: "registrations", number: 1, sharding: Sharding(count: 16)).encoded
            let readers: [(key: StoreKey, reader: String, sample: [UInt8], decode: ([UInt8]) throws -> Void)] = [
                (WellKnown.configuration, "presenter", [], { _ = try Configuration(decoding: $0) }),
                (WellKnown.registrations, "presenter", manifest, { _ = try Manifest(decoding: $0) }),
                (WellKnown.emergency, "presenter", [], { _ = try EmergencyEdit.decode($0) }),
                (WellKnown.halt, "presenter", halt, { _ = try Halt(decoding: $0) }),
                (WellKnown.presentation, "publisher", [], { _ = try Manifest(decoding: $0) }),
                (WellKnown.rollout, "publisher", [], { _ = try Rollout(decoding: $0) }),
            ]
            for (number, what) in readers.enumerated() {
                let genuine = try await store.read(what.key)?.value
                for variant in garbage(genuine ?? what.sample, what.decode) {
                    func refusals() throws -> Int {
                        try log(what.reader, fleet).components(separatedBy: "the value at '\(what.key)' cannot be read").count
                    }
                    let before = try refusals()
                    try await put(variant.octets, at: what.key, store)
                    try await eventually("\(variant.kind) at \(what.key) is refused", within: .seconds(30)) { try refusals() > before }
                    let isRefused = await isServed(fleet)
                    tally.note("\(what.key): \(variant.kind)", isRefused: isRefused)
                }
                if let genuine {
                    try await put(genuine, at: what.key, store)
                } else if let stored = try await store.read(what.key) {
                    try await store.remove(what.key, expecting: stored.version)
                }
                try await change(fleet, "192.0.2.\(60 + number)")
            }
            tally.report("between stages")
            await store.close()
        }
    }
}

extension Seeded {
    /// In place: whoever has the file open sees it.
    fileprivate mutating func flipBit(in path: String) throws {
        var octets = try Data(contentsOf: URL(filePath: path))
        octets[below(octets.count)] ^= UInt8(1 << below(8))
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.write(contentsOf: octets)
        try handle.close()
    }
}
