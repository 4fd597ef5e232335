import DNSWire
import Pipeline
import Testing

@testable import LocalProxy

/// What unbound has to forget after a change of the database.
@Suite struct StaleNamesTests {
    private let zone: Name
    private let owner: Name

    init() throws {
        zone = try Name("example.")
        owner = try Name("www.example.")
    }

    private func data(_ text: String, _ type: RRType, wildcard: Bool = false) throws -> [UInt8] {
        TinydnsRecord.data(try RData(text, type: type), type: type, ttl: 60, location: nil, wildcard: wildcard)
    }

    @Test func onlyTheTypesThatDiffer() throws {
        var stale = StaleNames()
        let kept = try data("192.0.2.1", .a)
        stale.add(
            changed: [TinydnsRecord.key(of: owner): .init(before: [kept, try data("\"old\"", .txt)], after: [kept, try data("\"new\"", .txt)])],
            in: [zone])
        #expect(stale.names == [owner: [.txt]])
        #expect(stale.zones.isEmpty)
    }

    @Test func aWildcardSpoilsAllBelowIt() throws {
        var stale = StaleNames()
        let wildcard = try Name("*.www.example.")
        stale.add(
            changed: [TinydnsRecord.key(of: wildcard): .init(before: [], after: [try data("192.0.2.1", .a, wildcard: true)])], in: [zone])
        #expect(stale.zones == [owner])
        #expect(stale.names.isEmpty)
    }

    @Test func aMapLineSpoilsAllZones() throws {
        var stale = StaleNames()
        stale.add(changed: [TinydnsRecord.key(ofPrefix: [127]): .init(before: [[97, 97]], after: [[98, 98]])], in: [zone])
        #expect(stale.zones == [zone])
    }

    @Test func manyNamesAreFlushedByZone() throws {
        var stale = StaleNames()
        var changes: [[UInt8]: ReleaseContents.KeyChange] = [:]
        for i in 0...2000 {
            changes[TinydnsRecord.key(of: try Name("h\(i).example."))] = .init(before: [], after: [try data("192.0.2.1", .a)])
        }
        stale.add(changed: changes, in: [zone])
        #expect(stale.zones == [zone] && stale.names.isEmpty)
    }

    @Test func whatFailedJoinsWhatIsNew() throws {
        var stale = StaleNames()
        stale.add(owner, .a)
        var failed = StaleNames()
        failed.add(owner, .txt)
        failed.add(zones: [zone])
        stale.formUnion(failed)
        #expect(stale.names == [owner: [.a, .txt]] && stale.zones == [zone])
    }
}
