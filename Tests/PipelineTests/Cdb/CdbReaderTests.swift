import DNSWire
import TestSupport
import Testing

@testable import Pipeline

@Suite struct CdbReaderTests {
    private static func sample(_ random: inout Seeded) -> (file: [UInt8], fragment: [UInt8], pairs: [(key: [UInt8], data: [UInt8])]) {
        var fragment = CdbFragment()
        let pairs = (0..<random.below(40)).map { _ in (key: random.octets(random.below(3)), data: random.octets(random.below(20))) }
        for (key, data) in pairs { fragment.append(key: key, data: data) }
        return (try! Cdb.assemble([fragment.octets]), fragment.octets, pairs)
    }

    @Test func findsAllInOrder() throws {
        var random = Seeded(400)
        for _ in 0..<40 {
            let (file, fragment, pairs) = Self.sample(&random)
            let reader = try CdbReader(file)
            for (key, _) in pairs {
                #expect(try reader.values(of: key).map(Array.init) == pairs.filter { $0.key == key }.map(\.data))
            }
            #expect(try reader.values(of: [1, 2, 3, 4]).isEmpty)
            var walked: [[UInt8]] = []
            try CdbFragment.walk(fragment) { _, key, data in walked.append(Array(key) + [0] + Array(data)) }
            #expect(walked == pairs.map { $0.key + [0] + $0.data })
        }
    }

    @Test func splitAnywhere() throws {
        var random = Seeded(401)
        var fragments: [[UInt8]] = []
        for _ in 0..<5 { fragments.append(Self.sample(&random).fragment) }
        #expect(try Cdb.assemble(fragments) == Cdb.assemble([fragments.flatMap { $0 }]))
        #expect(try Cdb.assemble([[]] + fragments) == Cdb.assemble(fragments))
    }

    @Test func mutatedFilesNeverTrap() {
        var random = Seeded(402)
        var refused = 0
        for _ in 0..<200 {
            let (file, _, pairs) = Self.sample(&random)
            for _ in 0..<20 {
                do {
                    var octets = random.mutate(file)
                    // The header steers the reader: hit it more often than chance would.
                    if octets.count > 2048 { octets[random.below(2048)] = 0xFF }
                    let reader = try CdbReader(octets)
                    for (key, _) in pairs { _ = try reader.values(of: key) }
                } catch {
                    refused += 1
                }
            }
        }
        #expect(refused > 100)
    }

    @Test func mutatedFragmentsNeverTrap() {
        var random = Seeded(403)
        var refused = 0
        for _ in 0..<3000 {
            let (_, fragment, _) = Self.sample(&random)
            do { _ = try Cdb.assemble([random.mutate(fragment)]) } catch { refused += 1 }
        }
        #expect(refused > 500)
        #expect(throws: CdbError.malformed(offset: 0)) { try Cdb.assemble([[1, 0, 0, 0, 0, 0, 0]]) }
        #expect(throws: CdbError.malformed(offset: 0)) { try Cdb.assemble([[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0]]) }
        #expect(throws: CdbError.malformed(offset: 0)) { try CdbReader([0]) }
    }
}
