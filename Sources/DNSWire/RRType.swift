/// A resource record type (RFC 1035 §3.2.2, IANA registry "Resource Record TYPEs").
public struct RRType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let a = RRType(rawValue: 1)
    public static let ns = RRType(rawValue: 2)
    public static let cname = RRType(rawValue: 5)
    public static let soa = RRType(rawValue: 6)
    public static let ptr = RRType(rawValue: 12)
    public static let hinfo = RRType(rawValue: 13)
    public static let mx = RRType(rawValue: 15)
    public static let txt = RRType(rawValue: 16)
    public static let rp = RRType(rawValue: 17)
    public static let afsdb = RRType(rawValue: 18)
    public static let aaaa = RRType(rawValue: 28)
    public static let srv = RRType(rawValue: 33)
    public static let naptr = RRType(rawValue: 35)
    public static let dname = RRType(rawValue: 39)
    public static let opt = RRType(rawValue: 41)
    public static let sshfp = RRType(rawValue: 44)
    public static let tlsa = RRType(rawValue: 52)
    public static let spf = RRType(rawValue: 99)
    public static let any = RRType(rawValue: 255)
    public static let caa = RRType(rawValue: 257)

    private static let mnemonics: [(RRType, String)] = [
        (.a, "A"), (.ns, "NS"), (.cname, "CNAME"), (.soa, "SOA"), (.ptr, "PTR"), (.hinfo, "HINFO"), (.mx, "MX"),
        (.txt, "TXT"), (.rp, "RP"), (.afsdb, "AFSDB"), (.aaaa, "AAAA"), (.srv, "SRV"), (.naptr, "NAPTR"),
        (.dname, "DNAME"), (.opt, "OPT"), (.sshfp, "SSHFP"), (.tlsa, "TLSA"), (.spf, "SPF"), (.any, "ANY"),
        (.caa, "CAA"),
    ]
    private static let byMnemonic = Dictionary(uniqueKeysWithValues: mnemonics.map { ($0.1, $0.0) })
    private static let byType = Dictionary(uniqueKeysWithValues: mnemonics)

    /// Parses a mnemonic in either case, or `TYPE12345` (RFC 3597 §5).
    public init?(_ text: String) {
        let upper = text.uppercased()
        if let known = Self.byMnemonic[upper] {
            self = known
        } else if upper.hasPrefix("TYPE"), let number = UInt16(decimal: upper.dropFirst(4)) {
            self.init(rawValue: number)
        } else {
            return nil
        }
    }
}

extension RRType: CustomStringConvertible {
    public var description: String { Self.byType[self] ?? "TYPE\(rawValue)" }
}

extension RRType: Comparable {
    public static func < (a: RRType, b: RRType) -> Bool { a.rawValue < b.rawValue }
}

extension RRType {
    /// The type that a field names.
    init?(_ text: Span<UInt8>, _ field: TextField) { self.init(text.string(field)) }

    /// Types of questions and of messages, which no zone holds: OPT, and 128 to 255
    /// (RFC 6895 §3.1).
    public var isMeta: Bool { self == .opt || (128...255).contains(rawValue) }
}
