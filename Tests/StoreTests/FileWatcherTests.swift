import Foundation
import Pipeline
import TestSupport
import Testing

@Suite struct FileWatcherTests {
    @Test func filesDirectoriesLinksAndWhatIsNotThereYet() async throws {
        let directory = try TemporaryDirectory("watch")
        let files = FileManager.default
        let root = directory.path
        try files.createDirectory(atPath: root + "/v1", withIntermediateDirectories: true)
        try files.createDirectory(atPath: root + "/v2", withIntermediateDirectories: true)
        try write("1", root + "/v1/zone")
        try write("2", root + "/v2/zone")
        try files.createSymbolicLink(atPath: root + "/current", withDestinationPath: "v1")
        let ticks = Ticks(FileWatcher.changes(of: [root + "/current/zone", root + "/later/deep/file", root + "/v2"]))
        defer { ticks.stop() }
        try await ticks.next("at once")
        try await ticks.after("written in place") { try write("1b", root + "/v1/zone") }
        try await ticks.after("an entry of a directory") { try write("x", root + "/v2/other") }
        try await ticks.after("replaced by rename") {
            try write("1c", root + "/v1/.tmp")
            _ = rename(root + "/v1/.tmp", root + "/v1/zone")
        }
        try await ticks.after("link switched") {
            try files.createSymbolicLink(atPath: root + "/next", withDestinationPath: "v2")
            _ = rename(root + "/next", root + "/current")
        }
        try await ticks.after("written behind the new link") { try write("2b", root + "/v2/zone") }
        try await ticks.after("the way to a file appears") {
            try files.createDirectory(atPath: root + "/later/deep", withIntermediateDirectories: true)
        }
        try await ticks.after("the file appears") { try write("y", root + "/later/deep/file") }
        try await ticks.after("removed with all above it") { try files.removeItem(atPath: root + "/later") }
        try await ticks.after("all again, at once") {
            try files.createDirectory(atPath: root + "/later/deep", withIntermediateDirectories: true)
            try write("z", root + "/later/deep/file")
        }
        try await ticks.after("a directory above is moved away") { _ = rename(root + "/later", root + "/gone") }
    }

    private func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}

@Suite struct EmbeddedStoreTests {
    @Test func everythingIsPrivateAndNothingIsLeftBehind() async throws {
        let place = try await Place(.embedded)
        let store = try place.open()
        try await store.put([noise(10)])
        try await store.write(bytes("x"), at: key("a/b"), expecting: nil)
        for name in ["", "/blobs", "/values", "/values/a", "/tmp"] {
            let mode = try FileManager.default.attributesOfItem(atPath: place.location + name)[.posixPermissions]
            #expect(mode as? Int == 0o700, "\(name)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.location + "/tmp").isEmpty)
        await store.close()
    }

    @Test func aFailingDiskIsNamed() async throws {
        let place = try await Place(.embedded)
        let store = try place.open()
        // A file where a directory has to be.
        try Data().write(to: URL(fileURLWithPath: place.location + "/values/a"))
        do {
            try await store.write([], at: key("a/b"), expecting: nil)
            Issue.record("written below a file")
        } catch let error as StoreError {
            #expect(error.code == .storage)
            #expect(error.message.contains(place.location) && error.message.contains("Not a directory"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.location + "/tmp").isEmpty)
        await store.close()
    }

    @Test func aTruncatedValueIsCorrupt() async throws {
        let place = try await Place(.embedded)
        let store = try place.open()
        try Data([1, 2]).write(to: URL(fileURLWithPath: place.location + "/values/short="))
        #expect(try await code { _ = try await store.read(key("short")) } == .corrupt)
        await store.close()
    }
}
