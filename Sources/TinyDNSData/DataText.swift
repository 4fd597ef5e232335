internal import DNSWire
public import Pipeline

/// Shards as tinydns `data` text (tinydns-data(8)): one line a record, in the order of
/// the database, so that a person can read what is served and `tinydns-data` can judge it.
public enum DataText {
    public static func lines(of shard: Shard) -> [String] {
        shard.records.flatMap { set in set.rdata.map { line(set, $0) } }
            + shard.map.map { entry in
                "%\(escape(entry.location.bytes.filter { $0 != 0 })):\(entry.prefix.map(String.init).joined(separator: "."))"
            }
    }

    private static func line(_ set: RecordSet, _ rdata: RData) -> String {
        let owner = name(set.key.owner)
        let tail = "\(set.ttl):" + (set.key.location.map { ":\(escape($0.bytes.filter { $0 != 0 }))" } ?? "")
        switch set.key.type {
        case .a: return "+\(owner):\(rdata.text(type: .a)):\(tail)"
        case .ns: return "&\(owner)::\(target(rdata, .ns)):\(tail)"
        case .cname: return "C\(owner):\(target(rdata, .cname)):\(tail)"
        case .ptr: return "^\(owner):\(target(rdata, .ptr)):\(tail)"
        case .mx:
            let preference = Int(rdata.wire[0]) << 8 | Int(rdata.wire[1])
            return "@\(owner)::\(target(rdata, .mx)):\(preference):\(tail)"
        case .soa:
            // Names have no escapes that text() could not write back in octal, so the fields are re-read.
            let fields = rdata.text(type: .soa).split(separator: " ").map(String.init)
            guard fields.count == 7, let primary = try? Name(fields[0]), let mailbox = try? Name(fields[1]) else {
                return ":\(owner):6:\(escape(rdata.wire)):\(tail)"
            }
            return "Z\(owner):\(name(primary)):\(name(mailbox)):\(fields[2...].joined(separator: ":")):\(tail)"
        default: return ":\(owner):\(set.key.type.rawValue):\(escape(rdata.wire)):\(tail)"
        }
    }

    /// A target with a dot at its end: without any dot, tinydns-data would complete it.
    private static func target(_ rdata: RData, _ type: RRType) -> String {
        rdata.target(type: type).map { name($0) + "." } ?? ""
    }

    private static func name(_ name: Name) -> String {
        name.isRoot ? "." : name.labels.map { escape($0) }.joined(separator: ".")
    }

    /// Letters, digits, `-` and `_` as they are, the rest in octal.
    private static func escape(_ octets: some Sequence<UInt8>) -> String {
        octets.map { c in
            switch c {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "*"):
                return String(UnicodeScalar(c))
            default:
                let digits = String(c, radix: 8)
                return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
            }
        }.joined()
    }
}
