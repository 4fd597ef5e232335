public import DNSWire
public import Pipeline

/// Values as tinydns `data` text (tinydns-data(8)): one line a record, so that a person can
/// read what is served and `tinydns-data` can judge it.
public struct DataText: Sendable {
    /// What was appended.
    public private(set) var octets: [UInt8] = []

    public init() {}

    /// The lines of a shard in the order of the database.
    public static func lines(of shard: Shard) -> [String] {
        var text = DataText()
        for set in shard.records { text.append(set) }
        for entry in shard.map { text.append(entry) }
        return text.octets.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Of more addresses tinydns puts so many into an answer, at random.
    public static var mostAddresses: Int { AddressSink.most }

    /// How many octets of data tinydns serves in one record.
    public static func mostRData(isLocated: Bool) -> Int { TinydnsRecord.mostData - (isLocated ? 17 : 15) }

    /// Whether there may be records of the type: questions and what goes along with them are none.
    public static func canSay(_ type: RRType) -> Bool {
        type.rawValue != 0 && type != .opt && !(128...255).contains(type.rawValue)
    }

    /// Appends the line of a map entry.
    public mutating func append(_ entry: MapEntry) {
        octets.append(UInt8(ascii: "%"))
        append(entry.location)
        octets.append(UInt8(ascii: ":"))
        append(dotted: entry.prefix)
        octets.append(0x0A)
    }

    /// Appends the lines of an RRset: what ``canSay(_:)``, and has data of its type.
    public mutating func append(_ set: RecordSet) {
        for rdata in set.rdata {
            append(set, rdata)
            octets.append(0x0A)
        }
    }

    private mutating func append(_ set: RecordSet, _ rdata: RData) {
        let owner = set.key.owner, type = set.key.type
        switch type {
        case .a: start("+", owner, "")
            append(dotted: rdata.wire)
        case .ns: start("&", owner, ":")
            append(target: rdata, type)
        case .cname: start("C", owner, "")
            append(target: rdata, type)
        case .ptr: start("^", owner, "")
            append(target: rdata, type)
        case .mx: start("@", owner, ":")
            append(target: rdata, type)
            octets += ":\(rdata.wire.prefix(2).reduce(0) { $0 << 8 | Int($1) })".utf8
        case .soa:
            start("Z", owner, "")
            if let soa = try? SOA(rdata) {
                append(soa.primary)
                octets.append(UInt8(ascii: ":"))
                append(soa.mailbox)
                octets += ":\(soa.serial.rawValue):\(soa.refresh):\(soa.retry):\(soa.expire):\(soa.minimum)".utf8
            }
        default:
            start(":", owner, "")
            octets += "\(type.rawValue):".utf8
            for octet in rdata.wire { append(escaped: octet) }
        }
        octets += ":\(set.ttl):".utf8
        guard let location = set.key.location else { return }
        octets.append(UInt8(ascii: ":"))
        append(location)
    }

    private mutating func start(_ kind: StaticString, _ owner: Name, _ rest: StaticString) {
        octets.append(kind.utf8Start[0])
        append(owner)
        octets.append(UInt8(ascii: ":"))
        if rest.utf8CodeUnitCount > 0 { octets.append(rest.utf8Start[0]) }
    }

    /// A target with a dot at its end: without any dot, tinydns-data would complete it.
    private mutating func append(target rdata: RData, _ type: RRType) {
        guard let name = rdata.target(type: type) else { return }
        append(name)
        if !name.isRoot { octets.append(UInt8(ascii: ".")) }
    }

    private mutating func append(_ name: Name) {
        if name.isRoot { octets.append(UInt8(ascii: ".")) }
        let wire = name.wire
        var at = 0
        while wire[at] != 0 {
            if at > 0 { octets.append(UInt8(ascii: ".")) }
            let end = at + 1 + Int(wire[at])
            for octet in wire[at + 1..<end] { append(escaped: octet) }
            at = end
        }
    }

    private mutating func append(_ location: Location) { octets += location.bytes.filter { $0 != 0 } }

    private mutating func append(dotted numbers: [UInt8]) {
        for (index, number) in numbers.enumerated() {
            if index > 0 { octets.append(UInt8(ascii: ".")) }
            if number >= 100 { octets.append(48 + number / 100) }
            if number >= 10 { octets.append(48 + number / 10 % 10) }
            octets.append(48 + number % 10)
        }
    }

    /// Letters, digits, `-` and `_` as they are, the rest in octal.
    private mutating func append(escaped octet: UInt8) {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "*"): octets.append(octet)
        default:
            octets.append(UInt8(ascii: "\\"))
            octets.append(48 + octet >> 6)
            octets.append(48 + octet >> 3 & 7)
            octets.append(48 + octet & 7)
        }
    }
}
