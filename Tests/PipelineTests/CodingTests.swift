import DNSWire
import TestSupport
import Testing

@testable import Pipeline

@Suite struct CodingTests {
    /// Encoding, decoding, and what mutated octets do: an error or a value, never a trap.
    private func holds<Value: Equatable>(
        _ seed: UInt64, _ make: (inout Seeded) -> Value, _ encode: (Value) -> [UInt8], _ decode: ([UInt8]) throws -> Value,
        check: (Value) -> Bool = { _ in true }
    ) throws {
        var random = Seeded(seed)
        for _ in 0..<60 {
            let value = make(&random)
            let octets = encode(value)
            #expect(try decode(octets) == value)
            #expect(try encode(decode(octets)) == octets, "the same value has the same octets")
            for _ in 0..<60 {
                guard let other = try? decode(random.mutate(octets)) else { continue }
                if !check(other) { Issue.record("accepted: \(other)") }
                // What was accepted can be kept.
                if try decode(encode(other)) != other { Issue.record("changes when stored: \(other)") }
            }
        }
        for _ in 0..<500 { _ = try? decode(random.octets(random.below(80))) }
    }

    @Test func shard() throws {
        try holds(1, { $0.shard() }, \.encoded, { try Shard(decoding: $0) }) { shard in
            shard.records.allSatisfy { set in set.rdata.allSatisfy { (try? RData(wire: $0.wire, type: set.key.type)) != nil } }
                && shard.conflicts.allSatisfy { $0.winner.map { winner in winner < 4 } ?? true }
        }
    }

    @Test func edits() throws {
        try holds(2, { random in (0..<random.below(5)).map { _ in random.edit() } }, Edit.encode, { try Edit.decode($0) })
    }

    @Test func manifest() throws {
        try holds(3, { $0.manifest() }, \.encoded, { try Manifest(decoding: $0) }) { manifest in
            manifest.shards.keys.allSatisfy { (0..<manifest.sharding.count).contains($0) }
                && manifest.shards.values.allSatisfy { $0.size >= 0 }
        }
    }

    @Test func configuration() throws {
        try holds(4, { $0.configuration() }, \.encoded, { try Configuration(decoding: $0) })
    }

    @Test func deployment() throws {
        // A protobuf map has no order of its own: one label here.
        try holds(5, { random in
            var deployment = random.deployment()
            deployment.labels = ["role": "edge"]
            return deployment
        }, \.encoded, { try Deployment(decoding: $0) })
        var random = Seeded(50)
        for _ in 0..<50 {
            let deployment = random.deployment()
            #expect(try Deployment(decoding: deployment.encoded) == deployment)
        }
    }

    @Test func release() throws {
        try holds(6, { $0.release() }, \.encoded, { try Release(decoding: $0) }) { release in
            release.checkpoint.infoHash.count == 32
                && release.deltas.flatMap(\.splices).allSatisfy {
                    staysInside($0.path) && $0.hunks.allSatisfy { $0.kept >= 0 && $0.removed >= 0 } && ($0.outcome?.size ?? 0) >= 0
                }
        }
    }

    @Test func rollout() throws { try holds(20, { $0.rollout() }, \.encoded, { try Rollout(decoding: $0) }) { $0.flight.map { $0.ring >= 0 } ?? true } }

    @Test func halt() throws { try holds(21, { $0.halt() }, \.encoded, { try Halt(decoding: $0) }) }

    @Test func listing() throws {
        try holds(8, { $0.listing() }, \.encoded, { try Listing(decoding: $0) }) { listing in
            listing.files.allSatisfy { staysInside($0.path) && $0.size >= 0 }
        }
    }

    @Test func log() throws {
        try holds(9, { random in (0..<3).map { _ in random.delta() } }, { Delta.encode($0) }, { try Delta.decode($0) })
    }

    @Test func signedRelease() throws {
        try holds(7, { random in
            SignedRelease(body: random.octets(50), signatures: [.init(key: "k", value: random.octets(64))])
        }, \.encoded, { try SignedRelease(decoding: $0) })
    }

    @Test(arguments: [
        "", "/", "/etc/passwd", "a//b", "a/", "..", ".", "../a", "a/..", "a/../b", "a/./b", ".hidden", "a/.b", "a\0b",
        // To Swift a slash or dot may be one Character with its neighbour; to the file system never.
        "a\u{600}/../b", "a\u{600}/..", "a\u{600}/.b", ".\u{301}a", "a/.\u{301}", "a/\u{301}/..", "a\u{600}//b",
    ])
    func pathsThatLeave(_ path: String) {
        var random = Seeded(8)
        let file = Listing.File(path: path, digest: random.digest(), size: 1)
        #expect(throws: DecodingFault.self) { try Listing(decoding: random.listing(files: [file]).encoded) }
        let delta = Delta(from: random.digest(), to: random.digest(), splices: [Splice(path: path, offset: 0, removed: 0, inserted: [1], outcome: file)])
        #expect(throws: DecodingFault.self) { try Delta.decode(Delta.encode([delta])) }
    }

    @Test func pathsThatStay() throws {
        var random = Seeded(9)
        for path in ["stamp", "unbound.conf", "fragment-0ff", "a/b", "a..b/c.", "ü"] {
            let listing = random.listing(files: [Listing.File(path: path, digest: random.digest(), size: 1)])
            #expect(try Listing(decoding: listing.encoded).files[0].path == path)
        }
    }

    /// The octets between slashes: none, or a dot first, is what a file system would follow elsewhere.
    private func staysInside(_ path: String) -> Bool {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0.first != UInt8(ascii: ".") && !$0.contains(0) }
    }

    @Test func fragmentNames() {
        #expect(Listing.Path.fragment(0) == "fragment-000")
        #expect(Listing.Path.fragment(4095) == "fragment-fff")
    }

    @Test func contentDigest() {
        var random = Seeded(10)
        var manifest = random.manifest()
        manifest.shards = [3: ShardReference(digest: random.digest(), size: 1, count: 1, basis: random.digest())]
        let digest = manifest.contentDigest
        manifest.number += 1
        manifest.shards[3]!.basis = random.digest()
        #expect(manifest.contentDigest == digest)
        manifest.shards = [4: manifest.shards[3]!]
        #expect(manifest.contentDigest != digest)
    }
}
