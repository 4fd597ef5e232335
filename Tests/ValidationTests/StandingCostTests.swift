import DNSWire
import Pipeline
import Testing

@testable import Validation

/// What a change costs: how many names are judged, and how many of the records are looked at.
@Suite struct StandingCostTests {
    private static let sharding = Sharding(count: 16)

    private func set(_ owner: String, _ type: RRType, _ rdata: RData) throws -> RecordSet {
        RecordSet(key: RecordKey(owner: try Name(owner), type: type), ttl: 300, rdata: [rdata], origin: Origin(source: "pack/A"))
    }

    private func shards(_ records: [RecordSet]) -> [Int: Shard] { Self.sharding.spread(records: records, map: []) }

    /// A zone of 3000 hosts and as many aliases of the first.
    private func zone() throws -> [RecordSet] {
        let apex = try Name("a.net."), server = try Name("h0.a.net.")
        var records = [
            try set("a.net.", .soa, .soa(primary: server, mailbox: server, serial: 1, refresh: 7200, retry: 900, expire: 1_209_600, minimum: 5)),
            RecordSet(
                key: RecordKey(owner: apex, type: .ns), ttl: 300, rdata: [.name(server), .name(try Name("h1.a.net."))], origin: Origin(source: "pack/A")),
        ]
        for i in 0..<3000 {
            records.append(try set("h\(i).a.net.", .a, .a((45, 0, UInt8(i >> 8), UInt8(i & 255)))))
            records.append(try set("c\(i).a.net.", .cname, .name(server)))
        }
        return records
    }

    @Test func costFollowsTheChange() throws {
        var records = try zone()
        var standing = StandingValidation(sharding: Self.sharding)
        #expect(standing.update(shards(records)).judged > 0)
        func change(_ place: Int, _ record: RecordSet?) -> StandingValidation.Update {
            let index = Self.sharding.index(of: records[place].key.owner)
            if let record { records[place] = record } else { records.remove(at: place) }
            return standing.update([index: shards(records)[index] ?? Shard()])
        }
        let host = try #require(records.firstIndex { $0.key.owner == (try? Name("h7.a.net.")) })
        // Another address: nobody who refers to the name sees that.
        #expect(change(host, try set("h7.a.net.", .a, .a((45, 1, 1, 1)))).judged == 1)
        let hub = try #require(records.firstIndex { $0.key.owner == (try? Name("h0.a.net.")) })
        #expect(change(hub, try set("h0.a.net.", .a, .a((45, 1, 1, 2)))).judged == 1)
        // It goes: its aliases, and the zone whose server it is, lead nowhere.
        let gone = change(hub, nil)
        #expect(gone.judged >= 3001 && gone.judged < 3010 && !gone.isWhole)
        #expect(gone.appearedCount == 3001 && standing.findings.values.reduce(0, +) >= 3001)
        #expect(standing.update([:]).judged == 0)
    }

    /// No name is left behind, and no room.
    @Test func namesThatComeAndGo() throws {
        let whole = shards(try zone())
        var standing = StandingValidation(sharding: Self.sharding)
        _ = standing.update(whole)
        let (count, room) = (standing.graph.count, standing.graph.nodes.count)
        for i in 0..<40 {
            let guest = try set("guest\(i % 7).x\(i % 3).a.net.", .cname, .name(try Name("nowhere\(i % 5).org.")))
            let index = Self.sharding.index(of: guest.key.owner)
            let before = whole[index] ?? Shard()
            var after = before
            after.records.append(guest)
            after.sort()
            _ = standing.update([index: after])
            #expect(standing.graph.count > count)
            _ = standing.update([index: before])
        }
        #expect(standing.graph.count == count && standing.graph.nodes.count <= room + 16)
    }
}
