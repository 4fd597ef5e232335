import DNSWire
import Foundation
import Pipeline
import TestSupport
import Testing

@testable import Transfer

/// Zones put together from shards, step by step, beside a model that takes all records at once.
@Suite struct SnapshotTests {
    static let views = [
        View(name: View.everyone), View(name: "in", location: Location("in"), catalog: try! Name("catalog.test.")),
        View(name: "ex", location: Location("ex")),
    ]

    /// Records of a segment as text.
    static func lines(_ octets: [UInt8]) -> [String] {
        var lines: [String] = []
        var at = 0
        while at < octets.count {
            let record = RecordSpan(octets, at: at)
            let owner = try! Name(wire: Array(octets[at..<record.fixed])), type = RRType(rawValue: UInt16(octets[record.fixed]) << 8 | UInt16(octets[record.fixed + 1]))
            let ttl = octets[record.fixed + 4..<record.fixed + 8].reduce(0) { $0 << 8 | UInt32($1) }
            lines.append("\(owner) \(ttl) \(type) \(RData(opaque: Array(octets[record.rdata..<record.end])).text(type: type))".lowercased())
            at = record.end
        }
        return lines
    }

    static func lines(_ zone: ZoneContent) -> [String] {
        (zone.ordered.flatMap { lines($0.octets) } + ["start \(zone.ttl) \(zone.start)"]).sorted()
    }

    /// What a view's zones are, by looking at every record for each.
    static func model(_ records: [RecordSet], _ view: View) -> [Name: [String]] {
        let seen = records.filter { $0.key.location == nil || $0.key.location == view.location }
        var byOwner: [Name: [RRType: [RecordSet]]] = [:]
        for set in seen { byOwner[set.key.owner, default: [:]][set.key.type, default: []].append(set) }
        for (owner, types) in byOwner {
            if types[.soa] != nil {
                byOwner[owner]![.cname] = nil
                continue
            }
            let located = types.values.joined().filter { $0.key.location != nil }
            // What is for a location wins where an alias and something else meet.
            if !located.isEmpty, types[.cname] != nil {
                let own = located.contains { $0.key.type == .cname }, common = types[.cname]!.contains { $0.key.location == nil }
                if own != common { byOwner[owner] = Dictionary(grouping: located, by: \.key.type) }
            }
            if byOwner[owner]!.count > 1 { byOwner[owner]![.cname] = nil }
        }
        var flat: [(owner: Name, type: RRType, ttl: UInt32, rdata: [RData])] = []
        for (owner, types) in byOwner {
            for (type, sets) in types {
                let one = [.soa, .cname].contains(type) ? sets.first { $0.key.location != nil } : nil
                let used = one.map { [$0] } ?? sets
                flat.append((owner, type, used.map(\.ttl).min()!, Array(Set(used.flatMap(\.rdata)))))
            }
        }
        let apexes = Set(flat.filter { $0.type == .soa }.map(\.owner))
        func zone(_ owner: Name, proper: Bool = false) -> Name? {
            apexes.filter { owner.isWithin($0) && !(proper && owner == $0) }.max { $0.wire.count < $1.wire.count }
        }
        var zones: [Name: [String]] = [:]
        func add(_ apex: Name, _ item: (owner: Name, type: RRType, ttl: UInt32, rdata: [RData])) {
            for rdata in item.rdata {
                let line = "\(item.owner) \(item.ttl) \(item.type) \(rdata.text(type: item.type))".lowercased()
                if !zones[apex, default: []].contains(line) { zones[apex, default: []].append(line) }
            }
        }
        for item in flat {
            let apex = zone(item.owner)
            if item.type == .soa {
                zones[item.owner, default: []].append("start \(item.ttl) \(try! SOA(item.rdata[0]))")
                continue
            }
            guard let apex else { continue }
            if !(item.owner == apex && item.type == .ds) { add(apex, item) }
            if item.owner == apex, [.ns, .ds].contains(item.type), let parent = zone(apex, proper: true) {
                add(parent, item)
                for server in item.rdata.compactMap({ $0.target(type: item.type) }) where server.isWithin(parent) && zone(server) != parent {
                    for address in flat where address.owner == server && [.a, .aaaa].contains(address.type) { add(parent, address) }
                }
            }
        }
        return zones.mapValues { $0.sorted() }
    }

    static func records(_ random: inout Seeded) -> [RecordSet] {
        var sets: [RecordKey: RecordSet] = [:]
        let apexes = ["test.", "a.test.", "b.a.test.", "c.test.", "other."]
        let labels = ["", "x.", "y.", "ns.", "*.", "b.", "z.b."]
        for apex in apexes where !random.chance(3) {
            let owner = try! Name(apex), location = random.chance(8) ? Location("in") : nil
            let soa = RData.soa(primary: owner, mailbox: owner, serial: UInt32(random.below(3)), refresh: 1, retry: 1, expire: 1, minimum: UInt32(random.below(2)))
            let key = RecordKey(owner: owner, type: .soa, location: location)
            sets[key] = RecordSet(key: key, ttl: 10, rdata: [soa], origin: Origin(source: "t"))
        }
        for _ in 0..<random.below(60) {
            let owner = try! Name(random.pick(labels) + random.pick(apexes))
            let type = random.pick([RRType.a, .a, .aaaa, .ns, .ns, .ds, .txt, .cname])
            let location = random.pick([nil, nil, nil, Location("in"), Location("ex")])
            let data = (0...random.below(2)).map { _ -> RData in
                switch type {
                case .ns, .cname: .name(try! Name(random.pick(labels) + random.pick(apexes)))
                case .ds: RData(opaque: [0, 1, 8, 2] + random.octets(4))
                case .txt: .txt(String(random.below(4)))
                case .aaaa: RData(opaque: random.octets(16))
                default: RData(opaque: [10, 0, 0, UInt8(random.below(9))])
                }
            }
            let key = RecordKey(owner: owner, type: type, location: location)
            sets[key] = RecordSet(key: key, ttl: UInt32(60 + random.below(2)), rdata: type == .cname ? [data[0]] : data, origin: Origin(source: "t"))
        }
        return Array(sets.values)
    }

    @Test(arguments: 0..<40) func likeModel(_ seed: Int) async throws {
        var random = Seeded(UInt64(seed))
        let directory = try TemporaryDirectory("snapshot")
        let pipe = try Pipe("\(directory.path)/store", shards: 1 + random.below(9))
        var snapshot = Snapshot(views: Self.views)
        var all: [(Snapshot, Manifest)] = []
        for _ in 0..<8 {
            // Mostly near the one before.
            var records = Self.records(&random)
            if let last = all.last, random.chance(2) {
                let old = try await Self.read(last.1, pipe.store)
                records = Array(Dictionary((records.prefix(4) + old.dropFirst(3)).map { ($0.key, $0) }) { a, _ in a }.values)
            }
            let manifest = try await pipe.present(records, isWritten: false)
            snapshot = try await snapshot.updated(to: manifest, in: pipe.store)
            for view in Self.views {
                let model = Self.model(records, view)
                let zones = snapshot.zones[view.name]!.zones.filter { $0.key != view.catalog }
                #expect(Set(zones.keys) == Set(model.keys), "seed \(seed) view \(view.name)")
                for (apex, zone) in zones { expectSame(Self.lines(zone), model[apex] ?? [], "seed \(seed) \(apex) in \(view.name)") }
                if let catalog = view.catalog {
                    let listed = Self.lines(snapshot.zones[view.name]!.zones[catalog]!).filter { $0.contains(" ptr ") }.map { $0.split(separator: " ")[3] }
                    #expect(Set(listed) == Set(model.keys.map { Substring("\($0)") }))
                }
            }
            all.append((snapshot, manifest))
        }
        // Backwards: what is made of what comes after is what it was; and changes lead there.
        for (old, manifest) in all.dropLast() {
            let back = try await snapshot.updated(to: manifest, in: pipe.store)
            for view in Self.views {
                let (a, b) = (old.zones[view.name]!.zones, back.zones[view.name]!.zones)
                #expect(Set(a.keys) == Set(b.keys))
                for (apex, zone) in a {
                    #expect(b[apex].map { !zone.differs(from: $0) } ?? false, "seed \(seed) \(apex)")
                    guard let now = snapshot.zones[view.name]!.zones[apex], let changes = now.changes(since: zone) else { continue }
                    var lines = zone.ordered.flatMap { Self.lines($0.octets) }
                    for line in Self.lines(changes.removed) {
                        let place = lines.firstIndex(of: line)
                        #expect(place != nil, "seed \(seed): \(line) is removed and was not there")
                        if let place { lines.remove(at: place) }
                    }
                    lines += Self.lines(changes.added)
                    expectSame(lines.sorted(), now.ordered.flatMap { Self.lines($0.octets) }.sorted(), "seed \(seed) \(apex) from \(old.number)")
                }
            }
        }
    }

    static func read(_ manifest: Manifest, _ store: any Store) async throws -> [RecordSet] {
        var records: [RecordSet] = []
        for reference in manifest.shards.values { records += try Shard(decoding: try await store.require(reference.digest)).records }
        return records
    }

    /// What did not change is the same memory.
    @Test func shares() async throws {
        let directory = try TemporaryDirectory("snapshot")
        let pipe = try Pipe("\(directory.path)/store")
        var text = zone("example.test.")
        for i in 0..<500 { text += "h\(i).example.test. 60 IN A 10.0.\(i / 256).\(i % 256)\n" }
        let first = try await Snapshot(views: Self.views).updated(to: try await pipe.present(parsed(text)), in: pipe.store)
        let second = try await first.updated(to: try await pipe.present(parsed(text + "new.example.test. 60 IN A 10.9.9.9\n")), in: pipe.store)
        let apex = try Name("example.test.")
        let a = try #require(first.zones[View.everyone]?.zones[apex]), b = try #require(second.zones[View.everyone]?.zones[apex])
        #expect(a.segments.count == 16)
        #expect(b.segments.filter { a.segments[$0.key] !== $0.value }.count == 1)
        // Views that see the same share it too.
        #expect(second.zones["in"]?.zones[apex]?.segments.allSatisfy { b.segments[$0.key] === $0.value } ?? false)
        #expect(second.renewed < first.renewed / 4)
    }
}

private func parsed(_ text: String) throws -> [RecordSet] { try records(text) }
