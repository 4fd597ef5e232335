import DNSWire
import Pipeline
import TestSupport
import Testing
import Validation

@Suite struct PropertyTests {
    /// Records of all types over a few names that meet, some in zones, some data malformed.
    private func presentation(_ random: inout Seeded) -> [RecordSet] {
        let zones = ["a.net.", "b.a.net.", "c.org.", "0.45.in-addr.arpa."].map { try! Name($0) }
        let labels = ["www", "*", "a", "_dmarc", "k._domainkey", "x.*", "a.b", "@", "d", "1.0", "A", "a.net"]
        func name(_ random: inout Seeded) -> Name {
            random.chance(12) ? random.name() : try! Name(random.pick(labels), relativeTo: random.pick(zones))
        }
        var records: [RecordSet] = []
        for zone in zones where !random.chance(5) {
            for type in [RRType.soa, .ns] where !random.chance(6) {
                records.append(set(zone, type, [random.rdata(type)], &random))
            }
        }
        for _ in 0..<random.below(60) {
            let owner = name(&random)
            if random.chance(2) {
                let type = random.pick([RRType.cname, .cname, .ns, .ptr, .dname, .mx, .srv])
                let target = name(&random)
                let data: RData =
                    switch type {
                    case .mx: .mx(preference: 0, exchange: target)
                    case .srv: .srv(priority: 0, weight: 0, port: 1, target: target)
                    default: .name(target)
                    }
                records.append(set(owner, type, [data], &random))
            } else if random.chance(4) {
                let texts = ["v=spf1 include:a.net a:www.c.org -all", "v=spf1 redirect=a.net", "v=DMARC1; p=", "v=DKIM1;;p=A"]
                records.append(set(owner, .txt, [.txt(random.pick(texts))], &random))
            } else {
                let type = random.pick(Seeded.knownTypes + Seeded.textlessTypes + [.apl, .opt, RRType(rawValue: 0)])
                let data = (0..<random.below(4)).map { _ in
                    random.chance(8) ? RData(opaque: random.mutate(random.rdata(type).wire)) : random.rdata(type)
                }
                records.append(set(owner, type, data, &random))
            }
        }
        return records
    }

    private func set(_ owner: Name, _ type: RRType, _ data: [RData], _ random: inout Seeded) -> RecordSet {
        let ttl: UInt32 = random.pick([0, 5, 300, 3600, 1_000_000, .max])
        let spelled = random.chance(3) ? try! Name(wire: owner.wire.map { (0x61...0x7A).contains($0) ? $0 - 32 : $0 }) : owner
        let key = RecordKey(owner: spelled, type: type, location: random.chance(4) ? random.location() : nil)
        return RecordSet(key: key, ttl: ttl, rdata: data, origin: random.origin())
    }

    private func waivers(_ random: inout Seeded) throws -> [Waiver] {
        try (0..<random.below(6)).map { _ in
            let fault = random.pick(Fault.allCases)
            let zone = try Name(random.pick(["a.net.", "b.a.net.", "c.org."]))
            let scope: Waiver.Scope = random.chance(2) ? .zone(zone) : .records(owner: zone, type: random.pick([.ns, .soa, .a]))
            let reason = random.chance(5) ? "" : "agreed"
            let expires = random.chance(3) ? Instant(milliseconds: random.pick([0, 2_000_000])) : nil
            return Waiver(code: .fault(fault), scope: scope, reason: reason, expires: expires, person: random.word())
        }
    }

    @Test(arguments: 0..<300 as Range<UInt64>) func allZonesAreTheUnionOfEach(_ seed: UInt64) throws {
        var random = Seeded(seed)
        var profile = Profile()
        profile.off = []
        profile.locations = random.chance(2) ? [random.location()] : nil
        let records = presentation(&random)
        let validation = Validation(records: records, waivers: try waivers(&random), profile: profile, now: now)
        let all = validation.findings()
        let index = validation.index
        let inZones = all.filter { index.zone(holding: $0.key.owner) != nil }
        let each = index.zones.flatMap { validation.findings(in: [$0.name]) }
        let apart = Set(each).symmetricDifference(inZones)
        #expect(apart.isEmpty)
        #expect(each.count == inZones.count)
        let together = validation.findings(in: index.zones.map(\.name).reversed())
        #expect(zip(together, inZones).allSatisfy(==) && together.count == inZones.count)
    }

    @Test(arguments: 0..<300 as Range<UInt64>) func theOrderOfTheInputDoesNotShow(_ seed: UInt64) throws {
        var random = Seeded(seed)
        var profile = Profile()
        profile.off = []
        let records = presentation(&random)
        let waivers = try waivers(&random)
        let found = Validation(records: records, waivers: waivers, profile: profile, now: now).findings()
        let shuffled = Validation(
            records: records.shuffled(using: &random), waivers: waivers.shuffled(using: &random), profile: profile, now: now)
        // As people see them: equality of findings would ignore the case of names.
        let changed = zip(shuffled.findings(), found).first { $0.description != $1.description }
        #expect(changed == nil)
        #expect(shuffled.findings().count == found.count)
    }

    @Test(arguments: 0..<200 as Range<UInt64>) func nothingTraps(_ seed: UInt64) {
        var random = Seeded(seed)
        var records = (0..<random.below(80)).map { _ in random.recordSet() }
        records.append(set(.root, .soa, [random.rdata(.soa)], &random))
        if random.chance(2) { records.append(set(.root, .ns, [random.rdata(.ns)], &random)) }
        let validation = Validation(records: records, now: now)
        // Everything lies in the root's zone, so each name is judged.
        #expect(validation.findings().of(.outsideZones).isEmpty)
    }
}
