import DNSWire
import Foundation
import TestSupport

@testable import Pipeline

/// Releases as an attacker writes them: generated, the same for the same seed.
struct HostileReleases {
    struct Variant: Sendable {
        var kind: String
        var octets: [UInt8]
    }

    let genuine: SignedRelease
    let release: Release
    let key: SigningKey
    /// What the proxy has on its disk, by the path in the release.
    let listing: Listing
    let octets: [String: [UInt8]]
    let torrent: [UInt8]
    let store: any Store
    var random = Seeded(41)

    /// Far above whatever the fleet has: taken for new if it is taken at all.
    private func next(_ change: (inout Release) -> Void = { _ in }) -> Release {
        var next = release
        next.number += 1_000_000
        next.published = .now()
        change(&next)
        return next
    }

    private func signed(_ kind: String, _ release: Release) throws -> Variant {
        Variant(kind: kind, octets: try SignedRelease(release, signedBy: key).encoded)
    }

    // MARK: Octets and signatures

    mutating func octetVariants() throws -> [Variant] {
        let whole = try SignedRelease(next(), signedBy: key).encoded
        var all = [Variant(kind: "empty", octets: []), Variant(kind: "512 KiB of zeros", octets: Array(repeating: 0, count: 512 << 10))]
        for _ in 0..<50 { all.append(Variant(kind: "random octets", octets: random.octets(1 + random.below(4000)))) }
        for end in stride(from: 1, to: whole.count, by: 10) { all.append(Variant(kind: "truncated", octets: Array(whole[..<end]))) }
        for _ in 0..<200 {
            var flipped = whole
            flipped[random.below(whole.count)] ^= UInt8(1 << random.below(8))
            all.append(Variant(kind: "bit flip", octets: flipped))
        }
        return all
    }

    mutating func signatureVariants() throws -> [Variant] {
        var all: [Variant] = []
        for _ in 0..<10 { all.append(Variant(kind: "wrong key", octets: try SignedRelease(next(), signedBy: .generate(name: "release")).encoded)) }
        all.append(Variant(kind: "unsigned", octets: SignedRelease(body: next().encoded, signatures: []).encoded))
        var other = genuine
        other.body = next().encoded
        all.append(Variant(kind: "signature of another body", octets: other.encoded))
        let body = next().encoded
        let foreign = SignedRelease.Signature(key: key.name, value: try key.sign(body, as: .emergencyEdit))
        all.append(Variant(kind: "signature of another context", octets: SignedRelease(body: body, signatures: [foreign]).encoded))
        for name in ["other", "", "Test", "test\0"] { all.append(try signed("other pipeline", next { $0.pipeline = name })) }
        for number in [0, 1, release.number - 1] { all.append(try signed("replay", next { $0.number = number })) }
        for published in [Instant.now().milliseconds - 40 * 86_400_000, 0, .min] {
            all.append(try signed("expired", next { $0.published = Instant(milliseconds: published) }))
        }
        all.append(try signed("other audience", next { $0.audience = [Ring(name: "canary", labels: ["role": "canary"])] }))
        all.append(try signed("other audience", next { $0.audience = [Ring(name: "p1", labels: ["host": "p1"], percent: 100)] }))
        return all
    }

    // MARK: Rightly signed, and yet lies

    /// Of a content that only the checkpoint leads to.
    private func byCheckpoint(_ kind: String, content: Digest, listing: Digest, torrent: Digest? = nil, infoHash: [UInt8]? = nil) throws -> Variant {
        try signed(kind, next {
            $0.content = content
            ($0.log, $0.deltas) = ([], [])
            $0.checkpoint = Checkpoint(
                content: content, listing: listing, torrent: torrent ?? release.checkpoint.torrent,
                infoHash: infoHash ?? release.checkpoint.infoHash)
        })
    }

    mutating func listingVariants() async throws -> [Variant] {
        let content = Digest(of: [2])
        var all = [try byCheckpoint("listing missing", content: content, listing: Digest(of: [9, 9]))]
        let file = Listing.File(path: "x", digest: Digest(of: [1]), size: 1)
        let paths = ["../x", "/etc/x", "a/../../x", "a\0b", "", ".", "..", "a//b", "./x", "../../../../../../tmp/x"]
        var blobs = (0..<20).map { _ in ("listing garbage", random.octets(500)) }
        for path in paths {
            var hostile = listing
            hostile.set(Listing.File(path: path, digest: file.digest, size: 1))
            blobs.append(("path traversal", hostile.encoded))
        }
        blobs.append(("path twice", listing.encoded + listing.encoded))
        blobs.append(("not the listing of the content", listing.encoded))
        for size in [Int.max] {
            blobs.append(("huge sizes", Listing([file, .init(path: "y", digest: file.digest, size: size)]).encoded))
        }
        for (kind, blob) in blobs {
            all.append(try byCheckpoint(kind, content: decodedContent(blob) ?? content, listing: try await store.put([blob])[0]))
        }
        return all
    }

    /// So that the listing is the one that was promised; `nil` where it is no listing, or the genuine one.
    private func decodedContent(_ blob: [UInt8]) -> Digest? {
        (try? Listing(decoding: blob)).flatMap { $0.content == listing.content ? nil : $0.content }
    }

    mutating func torrentVariants() async throws -> [Variant] {
        // A file that nobody has, so that it has to be fetched.
        var wanted = listing
        let first = listing.fragments[0]
        wanted.set(Listing.File(path: first.path, digest: Digest(of: [1]), size: first.size))
        let blob = try await store.put([wanted.encoded])[0], content = wanted.content
        var all = [
            try byCheckpoint("torrent missing", content: content, listing: blob, torrent: Digest(of: [8, 8])),
            try byCheckpoint("other info-hash", content: content, listing: blob, infoHash: Array(repeating: 7, count: 32)),
        ]
        var torrents = (0..<20).map { _ in ("torrent garbage", random.octets(800)) }
        for _ in 0..<40 {
            var flipped = torrent
            flipped[random.below(flipped.count)] ^= UInt8(1 << random.below(8))
            torrents.append(("torrent bit flip", flipped))
        }
        func replaced(_ kind: String, _ old: String, _ new: String) {
            guard let range = Data(torrent).range(of: Data(old.utf8)) else { return }
            torrents.append((kind, Array(torrent[..<range.lowerBound]) + Array(new.utf8) + Array(torrent[range.upperBound...])))
        }
        for path in ["../zones", "/etc/zones", "..", ".", "a/b", "a\0b", "a\\b"] {
            replaced("torrent path traversal", "5:zonesd", "\(path.utf8.count):\(path)d")
        }
        replaced("torrent with a symlink", "5:zonesd0:d", "5:zonesd0:d4:attr1:l")
        replaced("torrent with a symlink", "5:zonesd0:d", "5:zonesd0:d4:attr1:l12:symlink pathl3:etc6:passwde")
        for (kind, octets) in torrents {
            // What is altered on purpose has the info-hash that fits.
            let hash = kind.hasPrefix("torrent with") || kind == "torrent path traversal" ? infoHash(octets) : release.checkpoint.infoHash
            all.append(try byCheckpoint(kind, content: content, listing: blob, torrent: try await store.put([octets])[0], infoHash: hash))
        }
        return all
    }

    /// Of the octets as they are; of those without an info dictionary, the genuine one.
    private func infoHash(_ torrent: [UInt8]) -> [UInt8] {
        let data = Data(torrent)
        guard let start = data.range(of: Data("4:info".utf8)), let end = data.range(of: Data("12:piece layers".utf8)),
            start.upperBound < end.lowerBound
        else { return release.checkpoint.infoHash }
        return Digest(of: data[start.upperBound..<end.lowerBound]).bytes.map { $0 }
    }

    mutating func deltaVariants() async throws -> [Variant] {
        let file = listing.fragments[0], old = octets[file.path]!
        func lie(_ kind: String, from: Digest? = nil, to: Digest? = nil, _ splice: Splice) throws -> Variant {
            var made = listing
            if let outcome = splice.outcome { made.set(outcome) } else { made.remove(splice.path) }
            let to = to ?? made.content
            return try signed(kind, next {
                $0.content = to
                $0.deltas = [Delta(from: from ?? release.content, to: to, splices: [splice])]
                $0.log = []
            })
        }
        let outcome = Listing.File(path: file.path, digest: Digest(of: [3]), size: old.count)
        var all: [Variant] = []
        for (offset, removed) in [(old.count + 1, 0), (0, old.count + 1), (Int.max, 0), (0, Int.max), (Int.max, Int.max), (old.count, 1)] {
            all.append(try lie("splice beyond the end", Splice(path: file.path, offset: offset, removed: removed, inserted: [7], outcome: outcome)))
        }
        for _ in 0..<20 {
            let at = random.below(old.count)
            all.append(
                try lie("outcome's digest wrong", Splice(path: file.path, offset: at, removed: 1, inserted: random.octets(3), outcome: outcome)))
        }
        for size in [0, old.count, 2 * old.count + 1, Int.max] {
            var splice = Splice(path: file.path, from: old, to: old + old, digest: Digest(of: old + old))
            splice.outcome?.size = size
            all.append(try lie("outcome's size wrong", splice))
        }
        let right = Splice(path: file.path, from: old, to: old + old, digest: Digest(of: old + old))
        all.append(try lie("wrong from", from: Digest(of: [4]), right))
        all.append(try lie("another content than promised", to: Digest(of: [5]), right))
        for path in ["../x", "/etc/x", "a/../../x", "a\0b"] {
            all.append(try lie("splice's path", Splice(path: path, from: [], to: [1], digest: Digest(of: [1]))))
        }
        for blob in [nil] + (0..<20).map({ _ in random.octets(300) }) {
            let digest = if let blob { try await store.put([blob])[0] } else { Digest(of: [6, 6]) }
            all.append(try signed(blob == nil ? "log missing" : "log garbage", next {
                $0.content = Digest(of: [2])
                ($0.log, $0.deltas) = ([digest], [])
            }))
        }
        return all
    }

    /// Files that are what was signed, and nothing that a name server may be given.
    mutating func contentVariants() throws -> [Variant] {
        var all: [Variant] = []
        func give(_ kind: String, _ path: String, _ new: [UInt8]?) throws {
            let splice = Splice(path: path, from: octets[path] ?? [], to: new, digest: new.map { Digest(of: $0) })
            var made = listing
            if let outcome = splice.outcome { made.set(outcome) } else { made.remove(path) }
            all.append(try signed(kind, next {
                $0.content = made.content
                $0.deltas = [Delta(from: release.content, to: made.content, splices: [splice])]
                $0.log = []
            }))
        }
        let path = listing.fragments[0].path, old = octets[path]!
        for lengths in [[0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0], [0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F], [1, 0, 0, 0, 1, 0, 0, 0]] as [[UInt8]] {
            try give("fragment without records", path, lengths)
            try give("fragment without records", path, old + lengths)
        }
        for count in 1..<8 { try give("fragment without records", path, old + Array(repeating: 0, count: count)) }
        for _ in 0..<20 { try give("fragment without records", path, [255, 255] + random.octets(400)) }
        for size in [32_768, 40_000, 200_000] {
            var fragment = CdbFragment()
            fragment.append(key: try Name("large.mirrors.test").canonicalWire, data: [0, 16, UInt8(ascii: "=")] + Array(repeating: 1, count: size - 3))
            try give("record over 32,767 octets", path, old + fragment.octets)
        }
        for _ in 0..<20 { try give("zones garbage", Listing.Path.zones, [64] + random.octets(200)) }
        for path in [Listing.Path.zones, Listing.Path.unbound] { try give("file missing", path, nil) }
        let unbound = octets[Listing.Path.unbound]!
        let injected = [
            "include: /etc/passwd", "include: \"/etc/passwd\"", "include-toplevel: /etc/passwd", "remote-control:\n    control-enable: yes\n    control-interface: 0.0.0.0",
            "forward-zone:\n    name: \".\"\n    forward-addr: 192.0.2.66", "server:\n    module-config: \"python iterator\"", "python:\n    python-script: /tmp/x.py",
            "server:\n    chroot: \"\"\n    username: root", "server:\n    logfile: /etc/cron.d/x", "server:\n    auto-trust-anchor-file: /etc/x",
            "server:\n    local-data: \"bank.example. A 192.0.2.66\"", "server:\n    local-zone: \"example.\" redirect", "auth-zone:\n    name: \"x.\"\n    url: http://x/",
            "stub-zone:\n    name: \"x.\"\n    stub-addr: 192.0.2.66", "    local-zone: \"x.\" transparent include: \"/etc/passwd\"",
            "    name: \"x.\"\n    stub-addr: 192.0.2.66 \"", "# x\rinclude: /etc/passwd", "    name: \"x.\" include: \"/etc/passwd\"", "\tinclude: /etc/passwd", "dynlib:\n    dynlib-file: /tmp/x.so",
        ]
        for lines in injected {
            try give("unbound: injected lines", Listing.Path.unbound, unbound + Array((lines + "\n").utf8))
            try give("unbound: injected lines", Listing.Path.unbound, Array((lines + "\n").utf8) + unbound)
        }
        for _ in 0..<20 { try give("unbound: garbage", Listing.Path.unbound, [0x80] + random.octets(300)) }
        return all
    }

    /// What a proxy takes: a heartbeat.
    func heartbeat(_ number: UInt64) throws -> [UInt8] {
        var beat = release
        (beat.number, beat.published) = (number, .now())
        return try SignedRelease(beat, signedBy: key).encoded
    }

    /// Refused, and told from all others by its fault.
    func marker(_ number: Int) throws -> [UInt8] { try signed("marker", next { $0.pipeline = "marker-\(number)" }).octets }
}
