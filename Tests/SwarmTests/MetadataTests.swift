import Foundation
import Testing

@testable import Swarm

@Suite struct MetadataTests {
    @Test func isDeterministic() async throws {
        let scratch = try Scratch()
        let source = try scratch.release("source", files: 5, of: 40_000)
        let copy = scratch.path + "/another name"
        try FileManager.default.copyItem(atPath: source, toPath: copy)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(copy)/\(shard(2))")
        let a = try await TorrentMetadata.make(directory: source)
        let b = try await TorrentMetadata.make(directory: copy)
        #expect(a.encoded == b.encoded)
        #expect(a.files.map(\.path) == (0..<5).map(shard))
        #expect(a.totalSize == 200_000)
        #expect(try TorrentMetadata(parsing: a.encoded).infoHash == a.infoHash)
    }

    @Test func refusesLinksAndSingleFiles() async throws {
        let scratch = try Scratch()
        let source = try scratch.release("source", files: 1, of: 100)
        await expectCode(.badMetadata) { _ = try await TorrentMetadata.make(directory: source) }
        try FileManager.default.createSymbolicLink(atPath: source + "/link", withDestinationPath: "/etc/passwd")
        await expectCode(.disk) { _ = try await TorrentMetadata.make(directory: source) }
        await expectCode(.disk) { _ = try await TorrentMetadata.make(directory: source + "/none") }
    }

    /// Metadata of two files of 5 octets, one with the given key and value.
    static func hostile(
        key: String = "1:b", entry: String? = nil, name: String = "7:release", version: String = "i2e",
        piece: String = "i16384e", extra: String = "", layers: String = "de"
    ) -> [UInt8] {
        let root = "32:" + String(repeating: "r", count: 32)
        let file = entry ?? "d0:d6:lengthi5e11:pieces root\(root)ee"
        let good = "1:ad0:d6:lengthi5e11:pieces root\(root)ee"
        // Keys are in order if `key` comes after "a".
        let tree = "d\(good)\(key)\(file)e"
        let info = "d9:file tree\(tree)12:meta version\(version)4:name\(name)12:piece length\(piece)\(extra)e"
        return Array("d4:info\(info)12:piece layers\(layers)e".utf8)
    }

    @Test func theHarmlessFormIsAccepted() throws {
        #expect(try TorrentMetadata(parsing: Self.hostile()).files.map(\.path) == ["a", "b"])
    }

    @Test(arguments: [
        // Not bencoded, truncated, ambiguous
        [], Array("hello".utf8), Array("i1e".utf8), Array("d4:info".utf8), Array("9999999999999999999:x".utf8),
        Array("-1:x".utf8), Array("i-0e".utf8), Array("i01e".utf8), Array("d1:bi1e1:ai1ee".utf8),
        Array(repeating: UInt8(ascii: "l"), count: 100_000), Array(hostile().dropLast()), hostile() + [0],
        // Names
        hostile(key: "2:.."), hostile(key: "3:../"), hostile(key: "4:/etc"), hostile(key: "3:b/c"),
        hostile(key: "3:b\\c"), hostile(key: "2:b\u{0}"), hostile(key: "2:b\n"), hostile(key: "1:A"), hostile(key: "0:"),
        hostile(key: "2:é"), hostile(key: "300:" + String(repeating: "b", count: 300)),
        // Types and values
        hostile(entry: "i5e"), hostile(entry: "de"), hostile(entry: "d0:i5ee"), hostile(entry: "d0:d6:lengthi-1eee"),
        hostile(entry: "d0:d6:length1:5ee"), hostile(entry: "d0:d6:lengthi5eee"),
        hostile(entry: "d0:d6:lengthi5e11:pieces root3:abcee"),
        hostile(entry: "d0:d4:attr1:l6:lengthi0e12:symlink pathl1:aeee"), hostile(entry: "d0:d4:attr1:p6:lengthi5eee"),
        hostile(name: "2:.."), hostile(name: "5:/root"), hostile(name: "i1e"), hostile(version: "i1e"),
        hostile(piece: "i0e"), hostile(piece: "i1048576e"), hostile(extra: "6:pieces0:"),
        hostile(extra: "7:similarl20:aaaaaaaaaaaaaaaaaaaae"),
        hostile(layers: "i1e"), hostile(layers: "d32:\(String(repeating: "r", count: 32))0:e"),
        // A layer is missing
        hostile(entry: "d0:d6:lengthi99999e11:pieces root32:\(String(repeating: "r", count: 32))ee"),
    ])
    func hostileMetadataIsRefused(_ bytes: [UInt8]) {
        let error = #expect(throws: SwarmError.self) { try TorrentMetadata(parsing: bytes) }
        #expect(error?.code == .badMetadata)
    }

    @Test func hugeMetadataIsRefused() throws {
        let huge = [UInt8](repeating: UInt8(ascii: "l"), count: TorrentMetadata.largestEncoding + 1)
        let length = Self.hostile(
            entry: "d0:d6:lengthi9223372036854775807e11:pieces root32:\(String(repeating: "r", count: 32))ee")
        for bytes in [huge, length] {
            #expect(#expect(throws: SwarmError.self) { try TorrentMetadata(parsing: bytes) }?.code == .tooLarge)
        }
    }

    /// Whatever octet is changed: refused or read, never a trap.
    @Test func damagedMetadataNeverTraps() async throws {
        let scratch = try Scratch()
        let bytes = try await TorrentMetadata.make(directory: scratch.release("source", files: 3, of: 20_000)).encoded
        var random = SplitMix(state: 3)
        for _ in 0..<3000 {
            var damaged = bytes
            for _ in 0...Int(random.next() % 3) {
                damaged[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            _ = try? TorrentMetadata(parsing: damaged)
        }
    }

    @Test func addressesAreReadStrictly() throws {
        #expect(try PeerAddress("127.0.0.2:6881").description == "127.0.0.2:6881")
        #expect(try PeerAddress("[::1]:6881") == PeerAddress(host: "0:0::1", port: 6881))
        #expect(try PeerAddress("[::1]:6881").description == "[::1]:6881")
        for text in ["", "localhost:1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:+1", "127.0.0.1:65536", "::1:80", "[127.0.0.1]:1"] {
            #expect(throws: SwarmError.self) { try PeerAddress(text) }
        }
    }
}
