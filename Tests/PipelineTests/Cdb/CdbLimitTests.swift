import Testing

@testable import Pipeline

/// A cdb holds places of 32 bits: what would not fit is refused before it is written.
@Suite struct CdbLimitTests {
    private static let large = [UInt8](repeating: 7, count: 64 << 20)

    /// Adds a record whose data has `size` octets; false if it is refused.
    private static func append(_ size: Int, to writer: inout CdbWriter) throws -> Bool {
        try large.withUnsafeBytes { large in
            do {
                let key = UnsafeRawBufferPointer(rebasing: large[..<1])
                try writer.append(key: key, hash: Cdb.hash(key), data: UnsafeRawBufferPointer(rebasing: large[..<size]))
                return true
            } catch CdbError.tooLarge {
                return false
            }
        }
    }

    /// Records of 64 MiB that nobody keeps, and a last one that fills the file to its last octet.
    @Test func fourGigabytes() throws {
        var end = 0
        var writer = CdbWriter { octets, offset in end = max(end, offset + octets.count) }
        var taken: [Bool] = []
        for _ in 0..<64 { taken.append(try Self.append(64 << 20, to: &writer)) }
        let left = Cdb.largestFile - writer.position - 9 - 16 * 64
        for size in [left + 1, left, 0] { taken.append(try Self.append(size, to: &writer)) }
        #expect(taken == [Bool](repeating: true, count: 63) + [false, false, true, false])
        let size = try writer.finish().size
        #expect(size == Cdb.largestFile && end == size)
    }

    @Test func fragments() throws {
        let data = (256 << 20) - 9
        let fragment = [1, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: data >> (8 * $0)) } + [7] + [UInt8](repeating: 0, count: data)
        #expect(fragment.count == 256 << 20)
        #expect(throws: CdbError.tooLarge) { try Cdb.assemble([[UInt8]](repeating: fragment, count: 16)) }
    }
}
