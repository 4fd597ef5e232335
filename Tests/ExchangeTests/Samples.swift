import DNSWire
import Pipeline
import TestSupport
import Testing

@testable import Exchange

/// Values that zones hold in life, beside the odd ones of `Seeded.rdata`.
enum Samples {
    static let zone = try! Name("example.test.")

    static let types: [RRType] = [
        .a, .aaaa, .caa, .cname, .dname, .ds, .https, .loc, .mx, .naptr, .ns, .openpgpkey, .ptr, .spf, .srv, .sshfp, .svcb, .tlsa, .txt, .uri,
    ]

    static func host(_ random: inout Seeded) -> Name {
        let label = random.pick(["www", "a-b", "x_1", "mail10", "mail9", "n", "n-2", "_x", "yes", "null", "7"])
        return try! Name("\(label).\(random.pick(["example.test.", "example.net.", "0.example.", "h\(random.below(99)).example."]))")
    }

    static func word(_ random: inout Seeded) -> String {
        random.pick([
            "v=spf1 -all", "k=rsa; p=MIG/abc+==; t=s", "12345", "true", "null", "# not a comment", "a: b", "'quoted'", "it's", "\"all quoted\"",
            "\"half", "half\"", "back\\slash", "", " blanks ", "-", "@", "%", "tab\there", "line\nbreak", "\u{1}\u{7F}", "[a, b]", "{x}",
            "&a *a", "!tag", "2001-01-01", "~", "1.10", "a;b", "; ;", "=", "|", ">", String(repeating: "long text; ", count: 40),
        ])
    }

    /// Data of a type, mostly such as octoDNS takes too.
    static func rdata(_ type: RRType, _ random: inout Seeded) -> RData {
        func n(_ limit: Int) -> UInt16 { UInt16(random.below(limit)) }
        switch type {
        case _ where random.chance(4): return random.rdata(type)
        case .cname, .dname, .ns, .ptr: return .name(host(&random))
        case .txt, .spf: return .txt(word(&random))
        case .mx: return MX(preference: n(65_536), exchange: random.chance(5) ? .root : host(&random)).rdata
        case .srv: return SRV(priority: n(10), weight: n(65_536), port: n(65_536), target: host(&random)).rdata
        case .caa:
            let value = random.pick(["ca.example; policy=ev", "mailto:x@example.net", "", ";", "a: b # c"])
            return CAA(flags: random.pick([0, 128, 7]), tag: Array(random.pick(["issue", "iodef", "1", "true"]).utf8), value: Array(value.utf8)).rdata
        case .uri: return URI(priority: n(9), weight: n(9), target: Array("https://\(random.pick(["x/y?z=1", "'q'/#f", "a:8443"]))".utf8)).rdata
        case .naptr:
            return NAPTR(
                order: n(100), preference: n(100), flags: Array(random.pick(["S", "A", "U", "P"]).utf8),
                services: Array(random.pick(["E2U+sip", "", "x-y:z"]).utf8), regularExpression: Array(random.pick(["", "!^.*$!sip:i@example.net!"]).utf8),
                replacement: random.chance(2) ? .root : host(&random)
            ).rdata
        case .sshfp:
            let kind = UInt8(1 + random.below(2))
            return SSHFP(algorithm: UInt8(1 + random.below(4)), fingerprintType: kind, fingerprint: random.octets(kind == 1 ? 20 : 32)).rdata
        case .tlsa:
            return TLSA(usage: UInt8(random.below(4)), selector: UInt8(random.below(2)), matchingType: UInt8(random.below(3)), data: random.octets(32)).rdata
        case .svcb, .https:
            if random.chance(4) { return SVCB(priority: 0, target: host(&random)).rdata }
            var parameters: [SvcParamKey: [UInt8]] = [.port: [1, UInt8(random.below(256))]]
            if random.chance(2) { parameters[.alpn] = Array("\u{2}h2\u{2}h3".utf8) }
            if parameters[.alpn] != nil, random.chance(2) { parameters[.noDefaultALPN] = [] }
            if random.chance(2) { parameters[.ipv4Hint] = random.octets(8) }
            if random.chance(2) { parameters[.ipv6Hint] = random.ipv6() }
            if random.chance(3) { parameters[.mandatory] = [0, 3] }
            if random.chance(3) { parameters[SvcParamKey(rawValue: 65_000)] = Array("word".utf8) }
            return SVCB(priority: 1 + n(9), target: random.chance(2) ? .root : host(&random), parameters: parameters).rdata
        default: return random.rdata(type)
        }
    }

    static func owner(_ type: RRType, _ index: Int, _ random: inout Seeded) -> Name {
        if type == .srv || type == .uri, !random.chance(6) { return try! Name("_s\(index)._tcp.example.test.") }
        if random.chance(30) { return zone }
        if random.chance(12) { return random.name(below: zone) }
        let text = random.pick(["h\(index)", "h-\(index)", "\(index)", "*.w\(index)", "on\(index)", "\(index).\(index)", "A\(index)", "_x\(index)", "0\(index)", "1e\(index)", "no"])
        return try! Name(text, relativeTo: zone)
    }

    /// RRsets of one zone, no key twice.
    static func records(_ count: Int, _ types: [RRType], seed: UInt64) -> [RecordSet] {
        var random = Seeded(seed)
        var known: Set<RecordKey> = []
        var records: [RecordSet] = []
        for index in 0..<count {
            let type = random.pick(types)
            let key = RecordKey(owner: owner(type, index, &random), type: type)
            guard known.insert(key).inserted else { continue }
            let isSingle = type == .cname || type == .dname
            records.append(
                RecordSet(
                    key: key, ttl: random.chance(3) ? 3600 : UInt32(random.below(100_000)),
                    rdata: (0...(isSingle ? 0 : random.below(3))).map { _ in rdata(type, &random) },
                    origin: Origin(source: Origin.edits, file: "generated", line: index)))
        }
        return records
    }
}

/// One record in a form in which others' can be compared: names in lower case.
struct Line: Hashable, Comparable, CustomStringConvertible {
    var description: String

    init(_ owner: String, _ ttl: String, _ type: String, _ wire: String) { description = "\(owner) \(ttl) \(type) \(wire)" }

    init(_ owner: Name, _ ttl: UInt32, _ type: RRType, _ rdata: RData) {
        self.init(owner.description.lowercased(), "\(ttl)", "\(type)", hex(folded(rdata.wire, type)))
    }

    static func < (a: Line, b: Line) -> Bool { a.description < b.description }
}

private func hex(_ octets: [UInt8]) -> String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Names in data without regard to case; that of other octets counts.
private func folded(_ wire: [UInt8], _ type: RRType) -> [UInt8] {
    func lower(_ octets: some Sequence<UInt8>) -> [UInt8] { octets.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 0x20 : $0 } }
    switch type {
    case .ns, .cname, .ptr, .dname: return lower(wire)
    case .mx: return wire.prefix(2) + lower(wire.dropFirst(2))
    case .srv: return wire.prefix(6) + lower(wire.dropFirst(6))
    case .svcb, .https:
        guard let target = try? SVCB(RData(opaque: wire)).target else { return wire }
        return wire.prefix(2) + lower(target.wire) + wire.dropFirst(2 + target.wire.count)
    default: return wire
    }
}

extension Sequence<RecordSet> {
    var lines: [Line] { flatMap { set in set.rdata.map { Line(set.key.owner, set.ttl, set.key.type, $0) } }.sorted() }
}

func expectSame(_ a: [Line], _ b: [Line], _ who: String) {
    let ours = Set(a), theirs = Set(b)
    #expect(a.count == b.count, "\(who)")
    for line in ours.subtracting(theirs).sorted().prefix(5) { Issue.record("\(who) lacks \(line)") }
    for line in theirs.subtracting(ours).sorted().prefix(5) { Issue.record("\(who) has \(line)") }
}
