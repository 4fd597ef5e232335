internal import Foundation
internal import Pipeline

/// The numbers of releases: they never go back, whatever is lost, and may leave some out.
struct ReleaseNumbers {
    /// A file that survives the loss of the store.
    let path: String
    private var last: UInt64 = 0
    /// Up to this the file vouches for.
    private var reserved: UInt64 = 0

    init(path: String) { self.path = path }

    /// So many are reserved at once: waiting for the disk at each would take longer than the rest.
    private static let reserve: UInt64 = 1000

    /// Goes on from the release in the store.
    mutating func takeUp(_ release: Release) {
        last = max(last, release.number)
        reserved = last
    }

    /// Where the store has none of ours: goes on above all that this disk and the fleet know of.
    mutating func takeUp(fleet: UInt64) {
        let noted = (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { UInt64($0) } ?? 0
        last = max(last, noted, fleet)
        reserved = last
    }

    mutating func next() throws -> UInt64 {
        if last >= reserved {
            try Files.replace(path, with: Array(String(last + Self.reserve).utf8), durable: true)
            reserved = last + Self.reserve
        }
        last += 1
        return last
    }
}
