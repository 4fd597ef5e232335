import DNSWire
import Foundation
import Glibc
import Pipeline
import TestSupport
import Testing

/// A key is replaced, and nobody misses a release.
@Suite(.serialized)
struct KeysTests {
    private func publisherSigns(with keys: [String], _ fleet: Fleet) async throws {
        let path = fleet.directory.path + "/pipeline.yaml"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
            line.hasPrefix("publisher:") ? "publisher: {heartbeat: 2s, key: [\(keys.joined(separator: ", "))]}" : String(line)
        }
        try fleet.write("pipeline.yaml", lines.joined(separator: "\n") + "\n")
        await fleet.kill("publisher")
        try fleet.start("publisher")
    }

    private func change(_ fleet: Fleet, _ address: String, reaches index: Int) async throws {
        try fleet.write(
            "site/edits/key.yaml",
            "edits:\n  - {action: set, name: key.mirrors.test, type: A, ttl: 60, values: [\(address)], owner: o, reason: r}\n")
        try await fleet.commit("key at \(address)")
        try await eventually("p\(index) serves \(address)", within: .seconds(60)) {
            try await fleet.ask("key.mirrors.test", .a, at: fleet.unbound(index)) == [address]
        }
    }

    @Test func rotationByOverlap() async throws {
        try await withFleet(.embedded) { fleet in
            try fleet.startProxy(0)
            try await fleet.waitForHead(1)
            let first = try await fleet.freshet("keys", "rotate", "--name", "next")
            #expect(first.status == 0 && first.output.contains("next: publisher.key"), "\(first.output) \(first.errors)")
            let secret = fleet.directory.path + "/keys/next.private"
            let mode = try FileManager.default.attributesOfItem(atPath: secret)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)

            // One proxy believes the old key, one the new: both follow.
            try await publisherSigns(with: ["keys/release.private", "keys/next.private"], fleet)
            try fleet.startProxy(1, ["proxy.keys": fleet.directory.path + "/keys/next.public"])
            try await change(fleet, "192.0.2.1", reaches: 0)
            try await change(fleet, "192.0.2.2", reaches: 1)
            let second = try await fleet.freshet("keys", "rotate", "--name", "next")
            #expect(second.output.contains("signs: yes; believed by 1 of 2 proxies") && second.output.contains("proxy.keys"))
            let list = try await fleet.freshet("keys", "list", "--json")
            let text = try String(contentsOfFile: secret, encoding: .utf8)
            #expect(list.output.contains("\"next\"") && !list.output.contains(text.split(separator: " ")[2]))

            // The old one is gone: whoever believes it alone stays where it is, and says so.
            try await publisherSigns(with: ["keys/next.private"], fleet)
            try await change(fleet, "192.0.2.3", reaches: 1)
            #expect(try await fleet.ask("key.mirrors.test", .a, at: fleet.unbound(0)) == ["192.0.2.2"])
            try await eventually("p0 says why", within: .seconds(30)) {
                try await fleet.freshet("status").output.contains("not signed by any pinned key")
            }
            // Given the new one it catches up.
            await fleet.kill("p0")
            await fleet.kill("p0")
            try fleet.startProxy(0, ["proxy.keys": fleet.directory.path + "/keys/next.public"])
            try await eventually("p0 catches up", within: .seconds(60)) {
                try await fleet.ask("key.mirrors.test", .a, at: fleet.unbound(0)) == ["192.0.2.3"]
            }
            #expect(try await fleet.freshet("keys", "rotate", "--name", "next").output.contains("done"))
        }
    }

    /// The highest number that there is, signed by who stole the key: with the key it goes.
    @Test func whatAThiefSignedEndsWithTheKey() async throws {
        try await withFleet(.embedded) { fleet in
            try fleet.startProxy(0)
            try await fleet.waitForHead(1)
            await fleet.kill("publisher")
            let key = try SigningKey(parsing: try String(contentsOfFile: fleet.directory.path + "/keys/release.private", encoding: .utf8))
            let store = try EmbeddedStore(directory: fleet.store)
            let stored = try #require(try await store.read(WellKnown.release))
            var stolen = try Release(decoding: try SignedRelease(decoding: stored.value).body)
            (stolen.number, stolen.published) = (.max, .now())
            try await store.write(try SignedRelease(stolen, signedBy: key).encoded, at: WellKnown.release, expecting: stored.version)
            await store.close()
            try await eventually("the proxy believes it") { try await fleet.freshet("status", "--json").output.contains("\(UInt64.max)") }

            #expect(try await fleet.freshet("keys", "rotate", "--name", "next").status == 0)
            try await publisherSigns(with: ["keys/next.private"], fleet)
            await fleet.kill("p0")
            try fleet.startProxy(0, ["proxy.keys": fleet.directory.path + "/keys/next.public"])
            try await change(fleet, "192.0.2.7", reaches: 0)
        }
    }

    /// A key in the environment, and no file of it.
    @Test func fromTheEnvironment() async throws {
        try await withFleet(.embedded) { fleet in
            try fleet.startProxy(0)
            try await fleet.waitForHead(1)
            let file = fleet.directory.path + "/keys/release.private"
            let line = try String(contentsOfFile: file, encoding: .utf8)
            await fleet.kill("publisher")
            // A file that others may read is no place for it.
            for mode in [0o640, 0o604] {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
                let refused = try await fleet.freshet("publisher")
                #expect(refused.status != 0 && refused.errors.contains("others may read this private key"), "\(refused.errors)")
            }
            try FileManager.default.removeItem(atPath: file)
            setenv("FRESHET_TEST_RELEASE_KEY", line, 1)
            defer { unsetenv("FRESHET_TEST_RELEASE_KEY") }
            try fleet.start("publisher", ["publisher.key": "env:FRESHET_TEST_RELEASE_KEY"])
            try await change(fleet, "192.0.2.4", reaches: 0)
            let log = try String(contentsOfFile: fleet.directory.path + "/publisher.log", encoding: .utf8)
            let secret = line.split(separator: " ")[2].prefix(20)
            #expect(!log.contains(secret))
            let given = environment(ofPublisherOf: fleet)
            let surroundings = try #require(given)
            #expect(surroundings.range(of: Data("FRESHET_TEST_RELEASE_KEY=".utf8)) != nil && surroundings.range(of: Data(secret.utf8)) == nil)
        }
    }

    /// The environment that it was started with, as the kernel shows it now (proc(5)).
    private func environment(ofPublisherOf fleet: Fleet) -> Data? {
        let files = FileManager.default
        let pid = ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).first { pid in
            let words = (files.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return words.count > 1 && words[1] == "publisher" && words.contains(fleet.directory.path + "/pipeline.yaml")
        }
        return pid.flatMap { files.contents(atPath: "/proc/\($0)/environ") }
    }
}
