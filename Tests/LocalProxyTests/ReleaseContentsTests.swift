import DNSClient
import DNSWire
import Pipeline
import TestSupport
import Testing

@testable import LocalProxy

@Suite struct ReleaseContentsTests {
    private let directory: TemporaryDirectory
    private let contents: ReleaseContents

    init() throws {
        directory = try TemporaryDirectory("release-contents")
        let daemon = ProxySettings.Daemon(server: DNSClient.Server(host: "127.0.0.1"), user: nil)
        contents = try ReleaseContents(
            ProxySettings(host: "h", pipeline: "p", keys: [], directory: directory.path, tinydns: daemon, unbound: daemon))
    }

    private func file(_ path: String, _ octets: [UInt8]) throws -> Listing.File {
        Listing.File(path: path, digest: try contents.contents.write(octets), size: octets.count)
    }

    private func fragment(_ records: [(String, String)]) -> [UInt8] {
        var fragment = CdbFragment()
        for (key, data) in records { fragment.append(key: Array(key.utf8), data: Array(data.utf8)) }
        return fragment.octets
    }

    @Test func changesByKey() throws {
        let one = Listing([
            try file(Listing.Path.fragment(0), fragment([("a", "1"), ("a", "2"), ("b", "1"), ("w", "x")])),
            try file(Listing.Path.fragment(1), fragment([("w", "*")])), try file("zones", []),
        ])
        let two = Listing([
            try file(Listing.Path.fragment(0), fragment([("a", "1"), ("a", "3"), ("b", "1"), ("w", "y")])),
            try file(Listing.Path.fragment(2), fragment([("c", "1")])), try file("zones", [1]),
        ])
        func set(_ texts: String...) -> Set<[UInt8]> { Set(texts.map { Array($0.utf8) }) }
        func key(_ text: String) -> [UInt8] { Array(text.utf8) }
        #expect(
            try contents.changes(from: one, to: two) == [
                key("a"): .init(before: set("2"), after: set("3")),
                // A name and the wildcard below it, of two fragments.
                key("w"): .init(before: set("x", "*"), after: set("y")),
                key("c"): .init(before: [], after: set("1")),
            ])
        #expect(try contents.changes(from: two, to: two).isEmpty)
    }

    @Test func aDeltaThatLiesChangesNothing() throws {
        let old = fragment([("a", "1")]), new = fragment([("a", "2")])
        let listing = Listing([try file("fragment-000", old)])
        var splice = Splice(path: "fragment-000", from: old, to: new, digest: Digest(of: new))
        let right = Listing([Listing.File(path: "fragment-000", digest: Digest(of: new), size: new.count)])
        let good = Delta(from: listing.content, to: right.content, splices: [splice])
        let outcome = try contents.apply([good], to: listing)
        #expect(outcome.listing == right && outcome.replaced == [Digest(of: old)] && outcome.written == [Digest(of: new)])
        // Another content than promised, octets that are not those, a file that is not there.
        #expect(throws: ProxyError.self) { try contents.apply([Delta(from: good.from, to: good.from, splices: [splice])], to: listing) }
        splice.hunks[0].inserted[0] ^= 1
        #expect(throws: SpliceError.self) { try contents.apply([Delta(from: good.from, to: good.to, splices: [splice])], to: listing) }
        splice.path = "fragment-001"
        #expect(throws: (any Error).self) { try contents.apply([Delta(from: good.from, to: good.to, splices: [splice])], to: listing) }
    }

    @Test func damageOnTheDiskIsSeen() throws {
        let file = try file("fragment-000", [1, 2, 3])
        try write([1, 2, 4], to: contents.contents.path(file.digest))
        #expect(throws: ProxyError.self) { try contents.octets(of: file) }
        // It was removed: the file can be fetched anew.
        #expect(!contents.contents.contains(file.digest))
    }
}
