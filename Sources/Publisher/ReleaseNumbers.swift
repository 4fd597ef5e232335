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

    /// Goes on above the release in the store, and all that this disk and the fleet know
    /// of: a store may have been put back from a copy.
    mutating func takeUp(_ release: Release?, fleet: UInt64) {
        let noted = (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { UInt64($0) } ?? 0
        // Whoever may write a lease could end all numbers with the largest.
        last = max(last, release?.number ?? 0, noted, fleet <= Self.largest ? fleet : 0)
        reserved = max(reserved, noted)
    }

    /// No fleet gets there at a thousand a second in a thousand years.
    private static let largest: UInt64 = 1 << 48

    mutating func next() throws -> UInt64 {
        // Only who has the signing key can bring this about.
        guard last < .max - Self.reserve else { throw PublisherError(.overtaken, "no number is left after release \(last)") }
        if last >= reserved {
            try Files.replace(path, with: Array(String(last + Self.reserve).utf8), durable: true)
            reserved = last + Self.reserve
        }
        last += 1
        return last
    }
}
