internal import DNSWire
internal import Pipeline

/// One thing a rule asked for: names still relative, values perhaps still text.
struct Element: Sendable {
    enum Kind: Sendable {
        case record(owner: String, RRType, [Value], ttl: UInt32?, location: String?)
        case host(owner: String, addresses: [String], ttl: UInt32?, location: String?, pointers: Bool)
        case delegation(Delegated, ttl: UInt32?)
        case map([MapLine])
        case reverseZones([String])
        case zone(String, ttl: UInt32?, Records)
        case ttl(UInt32, Records)
        case location(String, Records)
        /// What a builder found wrong with its arguments.
        case fault(String)
    }

    /// The data of one record.
    enum Value: Sendable {
        /// Presentation format, names relative to the zone.
        case text(String)
        /// Data with names in it, made once the zone is known.
        case relative(@Sendable (_ zone: Name) throws -> RData)
    }

    var kind: Kind
    var source: SourceLine
}

/// What is wrong with an argument, said after the record's name and type.
struct ValueFault: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

extension Records {
    init(_ kind: Element.Kind, _ file: String, _ line: Int) {
        self.init(Element(kind: kind, source: SourceLine(file: file, line: line)))
    }

    init(faults: [String], _ file: String, _ line: Int) {
        self.init(joining: faults.map { Records(.fault($0), file, line) })
    }
}

extension Element.Value {
    /// Of a value of DNSWire, made once the zone is known and checked for its form.
    static func typed(_ type: RRType, _ make: @escaping @Sendable (_ zone: Name) throws -> any RDataValue) -> Self {
        .relative { zone in try RData(wire: make(zone).rdata.wire, type: type) }
    }

    /// A character-string: what is over 255 octets cannot be stored.
    static func string(_ text: String) throws -> [UInt8] {
        let octets = Array(text.utf8)
        guard octets.count <= 255 else { throw ValueFault("a string of \(octets.count) octets; 255 are the most") }
        return octets
    }
}
