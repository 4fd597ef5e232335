import DNSWire
import Pipeline
import TestSupport
import Validation

/// Presentations written as lines: `owner [@location] [ttl] TYPE data`, names relative to
/// `site.net.`; lines of one key are one RRset. `zone NAME` is a SOA and two NS;
/// `other OWNER …` is an RRset by itself, as of another source.
struct Presentation {
    static let zone = try! Name("site.net.")
    static let base = """
        zone @
        ns1 A 45.0.0.1
        ns2 A 45.0.0.2

        """

    private(set) var records: [RecordSet] = []

    init(_ text: String, onBase: Bool = true) throws {
        var sets: [RecordKey: RecordSet] = [:]
        for (i, line) in ((onBase ? Self.base : "") + text).split(separator: "\n").enumerated() {
            var words = line.split(separator: " ", omittingEmptySubsequences: true)[...]
            guard let first = words.first else { continue }
            if first == "zone" {
                let apex = try Name(String(words.last!), relativeTo: Self.zone)
                add(&sets, apex, .soa, try RData("ns1.site.net. host.site.net. 1 7200 900 1209600 3600", type: .soa), i)
                for server in ["ns1", "ns2"] { add(&sets, apex, .ns, try RData(server, type: .ns, origin: Self.zone), i) }
                continue
            }
            let other = first == "other"
            if other { words.removeFirst() }
            let owner = try Name(String(words.removeFirst()), relativeTo: Self.zone)
            var location: Location?
            var ttl: UInt32 = 3600
            if words.first!.hasPrefix("@"), words.first!.count > 1 { location = Location(String(words.removeFirst().dropFirst())) }
            if let seconds = UInt32(words.first!) {
                ttl = seconds
                words.removeFirst()
            }
            let type = RRType(String(words.removeFirst()))!
            let data = try RData(words.joined(separator: " "), type: type, origin: Self.zone)
            if other {
                let key = RecordKey(owner: owner, type: type, location: location)
                let origin = Origin(source: "pack/B", file: "rules/B.swift", line: i)
                records.append(RecordSet(key: key, ttl: ttl, rdata: [data], origin: origin))
            } else {
                add(&sets, owner, type, data, i, location, ttl)
            }
        }
        records += sets.values
    }

    private func add(
        _ sets: inout [RecordKey: RecordSet], _ owner: Name, _ type: RRType, _ data: RData, _ line: Int,
        _ location: Location? = nil, _ ttl: UInt32 = 3600
    ) {
        let key = RecordKey(owner: owner, type: type, location: location)
        let origin = Origin(source: "pack/A", file: "rules/A.swift", line: line)
        var set = sets[key] ?? RecordSet(key: key, ttl: ttl, rdata: [], origin: origin)
        set.setRData(set.rdata + [data])
        sets[key] = set
    }
}

let now = Instant(milliseconds: 1_000_000)

func findings(_ text: String, onBase: Bool = true, profile: Profile = Profile(), waivers: [Waiver] = []) throws -> [Finding] {
    Validation(records: try Presentation(text, onBase: onBase).records, waivers: waivers, profile: profile, now: now).findings()
}

extension [Finding] {
    func of(_ fault: Fault) -> [Finding] { filter { $0.code == .fault(fault) } }
}
