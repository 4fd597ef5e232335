import DNSWire
import Pipeline
import TestSupport
import Testing

@testable import Validation

/// Findings that are kept up to date, beside those of the whole presentation.
@Suite struct StandingTests {
    /// A presentation that changes, over few names that meet.
    private struct World {
        var records: [RecordSet] = []
        var map: [MapEntry] = []
        let sharding: Sharding
        private var shown: [Int: Shard] = [:]

        /// Few names that mostly lead to each other.
        private let isTight: Bool

        init(shards: Int, isTight: Bool) {
            sharding = Sharding(count: shards)
            self.isTight = isTight
        }

        static let zones = ["a.net.", "b.a.net.", "y.x.b.a.net.", "c.org.", "0.45.in-addr.arpa.", "."].map { try! Name($0) }
        static let labels = [
            "www", "*", "a", "d", "e.d", "f.e.d", "*.d", "ns.d", "x", "y.x", "*.x", "_dmarc", "x.*", "a.b", "@", "@", "1.0", "2.0", "a.net", "h1", "h2", "h3",
        ]
        static let locations = ["ex", "in"].map { Location($0)! }

        static func name(_ random: inout Seeded) -> Name {
            try! Name(random.pick(labels), relativeTo: random.pick(Array(zones.dropLast(random.chance(15) ? 0 : 1))))
        }

        /// Names and types where chains form.
        func tightSet(_ random: inout Seeded) -> RecordSet {
            let names = ["a.net.", "h1.a.net.", "h2.a.net.", "*.a.net.", "x.a.net.", "*.x.a.net.", "h1.x.a.net.", "h3.c.org."].map { try! Name($0) }
            let target = random.pick(names)
            let type = random.pick([RRType.cname, .cname, .cname, .txt, .txt, .a, .mx])
            let data: RData =
                switch type {
                case .a: Self.address(&random)
                case .mx: .mx(preference: 0, exchange: target)
                case .txt: .txt(random.pick(["v=spf1 include:\(target) -all", "v=spf1 redirect=\(target)", "v=spf1 a:\(target) include:\(random.pick(names)) -all"]))
                default: .name(target)
                }
            return RecordSet(
                key: RecordKey(owner: random.pick(names), type: type), ttl: 300, rdata: [data],
                origin: Origin(source: "pack/A", file: "R.swift", line: random.below(9)))
        }

        static func address(_ random: inout Seeded) -> RData { .a((45, 0, UInt8(random.below(2)), UInt8(random.below(3)))) }

        static func set(_ random: inout Seeded, _ owner: Name? = nil, _ wanted: RRType? = nil) -> RecordSet {
            let type = wanted ?? random.pick([.a, .a, .aaaa, .cname, .cname, .ns, .ns, .ptr, .mx, .srv, .dname, .txt, .txt, .svcb, .caa, .soa, .tlsa])
            let owner = owner ?? name(&random)
            let data: [RData] = (0..<(1 + random.below(type == .cname || type == .dname ? 1 : 2))).map { _ in
                let target = name(&random)
                return switch type {
                case .a: address(&random)
                case .mx: .mx(preference: 0, exchange: target)
                case .srv: .srv(priority: 0, weight: 0, port: 1, target: target)
                case .cname, .ns, .ptr, .dname: .name(target)
                case .soa: .soa(primary: target, mailbox: target, serial: 1, refresh: 7200, retry: 900, expire: 1_209_600, minimum: 5)
                case .svcb: try! RData("1 \(random.chance(3) ? "." : target.description) ipv4hint=45.0.0.\(random.below(3))", type: .svcb)
                case .txt:
                    .txt(
                        random.pick([
                            "v=spf1 include:\(target) -all", "v=spf1 redirect=\(target)", "v=spf1 a mx a:\(target) -all",
                            "v=spf1 exists:\(target) include:\(name(&random)) include:www.a.net ~all", "v=DMARC1; p=", "text",
                        ]))
                case .caa: try! RData("0 issue \"ca.example.net\"", type: .caa)
                default: random.rdata(type)
                }
            }
            let spelled = random.chance(8) ? try! Name(wire: owner.wire.map { (0x61...0x7A).contains($0) ? $0 - 32 : $0 }) : owner
            let key = RecordKey(owner: spelled, type: type, location: random.chance(7) ? random.pick(locations) : nil)
            let broken = random.chance(25) ? [RData(opaque: [1])] : data
            return RecordSet(
                key: key, ttl: random.pick([0, 300, 300, 3600]), rdata: broken,
                origin: Origin(source: random.pick(["pack/A", "pack/B"]), file: "R.swift", line: random.below(9)))
        }

        mutating func change(_ random: inout Seeded) {
            switch random.below(12) {
            case 0 where !isTight || random.chance(4):
                // A zone comes, whole or not.
                let zone = random.pick(Self.zones)
                records.append(Self.set(&random, zone, .soa))
                if !random.chance(4) { records.append(Self.set(&random, zone, .ns)) }
            case 1 where !isTight || random.chance(4):
                let zone = random.pick(Self.zones)
                if random.chance(4) { records.removeAll { $0.key.owner.isWithin(zone) } } else { records.removeAll { $0.key.owner == zone } }
            case 2 where !records.isEmpty, 3 where !records.isEmpty, 4 where !records.isEmpty:
                records.remove(at: random.below(records.count))
            case 5 where !records.isEmpty && !isTight:
                let place = random.below(records.count)
                let old = records[place]
                var new = Self.set(&random, old.key.owner, old.key.type)
                new.key.location = old.key.location
                records[place] = new
            case 6 where random.chance(2):
                map.append(MapEntry(prefix: [UInt8(random.below(200))], location: random.pick(Self.locations), origin: Origin(source: "pack/A")))
            case 6 where !map.isEmpty: map.remove(at: random.below(map.count))
            default: records.append(isTight ? tightSet(&random) : Self.set(&random))
            }
        }

        /// Shards that are not as they were when this was asked before.
        mutating func changed() -> [Int: Shard] {
            let now = sharding.spread(records: records, map: map)
            var changed: [Int: Shard] = [:]
            for index in 0..<sharding.count where now[index] != shown[index] || spelling(now[index]) != spelling(shown[index]) {
                changed[index] = now[index] ?? Shard()
            }
            shown = now
            return changed
        }

        private func spelling(_ shard: Shard?) -> [[UInt8]] { shard?.records.map(\.key.owner.wire) ?? [] }
    }

    private func waivers(_ random: inout Seeded) -> [Waiver] {
        (0..<random.below(6)).map { _ in
            let scope: Waiver.Scope =
                switch random.below(3) {
                case 0: .zone(random.pick(World.zones))
                case 1: .subtree(World.name(&random))
                default: .records(owner: World.name(&random), type: random.pick([.a, .cname, .ns]))
                }
            let fault = random.pick([Fault.danglingTarget, .cnameBesideData, .belowDelegation, .outsideZones, .targetWithoutAddress, .emptyNonTerminal])
            return Waiver(
                code: .fault(fault), scope: scope, reason: random.chance(6) ? "" : "agreed",
                expires: random.chance(4) ? Instant(milliseconds: 0) : nil, person: random.word())
        }
    }

    private func fingerprints(_ findings: [Finding], _ waiving: inout Waiving) -> [Name: [UInt64]] {
        var all: [Name: [UInt64]] = [:]
        for finding in findings where finding.origin.source != Waiver.source {
            var mark = Mark(finding)!
            mark.waived = finding.isWaived ? 1 : 0
            all[finding.key.owner, default: []].append(mark.fingerprint)
        }
        return all.mapValues { $0.sorted() }
    }

    @Test(arguments: 0..<100 as Range<UInt64>) func aChangeFindsWhatTheWholeFinds(_ seed: UInt64) throws {
        var random = Seeded(seed), world = World(shards: 1 + random.below(5), isTight: seed % 2 == 1)
        var profile = Profile()
        profile.off = random.chance(2) ? [] : profile.off
        let waivers = waivers(&random)
        var standing = StandingValidation(sharding: world.sharding, profile: profile, waivers: waivers, now: now, mostNames: random.chance(5) ? 6 : 10_000)
        for zone in World.zones[..<4] where !random.chance(4) { world.records.append(World.set(&random, zone, .soa)) }
        for _ in 0..<random.below(40) { world.change(&random) }
        for step in 0..<40 {
            for _ in 0..<1 + random.below(random.chance(6) ? 12 : 3) { world.change(&random) }
            let update = standing.update(world.changed())
            profile.locations = Set(world.map.map(\.location))
            let whole = Validation(records: world.records, waivers: waivers, profile: profile, now: now).findings()
            var waiving = Waiving(waivers, at: now)
            let expected = fingerprints(whole, &waiving), found = standing.fingerprints
            if expected != found {
                let names = Set(expected.keys).union(found.keys).filter { expected[$0] != found[$0] }.sorted { $0.precedes($1) }
                let texts = whole.filter { names.contains($0.key.owner) }.map(\.description).joined(separator: "\n")
                let faults = names.map { name in "\(name): " + (found[name] ?? []).map { Fault.allCases[Int($0 >> 8 & 255)].rawValue }.joined(separator: " ") }
                Issue.record("seed \(seed), step \(step), \(update.judged) judged:\n\(texts)\nbut\n\(faults.joined(separator: "\n"))")
                return
            }
            let ofWaivers = whole.filter { $0.origin.source == Waiver.source }.map(\.description)
            #expect(ofWaivers.sorted() == standing.waiverFindings.map(\.description).sorted())
            let sum = standing.findings.values.reduce(0, +)
            #expect(sum == whole.count)
        }
        world.records = []
        _ = standing.update(world.changed())
        #expect(standing.graph.count == 1, "names that nobody needs are forgotten")
    }
}
