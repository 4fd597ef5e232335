/// Writes records as a zone file (RFC 1035 §5), one a line.
///
/// Give it records and take ``octets`` away from time to time: memory stays with
/// what has not been taken.
public struct ZoneFileWriter {
    /// What has been written and not yet taken.
    public private(set) var octets: [UInt8] = []
    private let origin: Name?
    private var lastOwner: Name?

    /// - Parameter origin: owner names within it are written relative to it, after
    ///   a line `$ORIGIN`, and left out where they repeat. Without it every line
    ///   stands for itself, all names absolute. Names in data are always absolute.
    public init(origin: Name? = nil) {
        self.origin = origin
        if let origin { octets.append(contentsOf: "$ORIGIN \(origin)\n".utf8) }
    }

    /// Appends one record. A TTL over 2³¹ − 1 stands for 0 (RFC 2181 §8), and is written so.
    public mutating func write(_ record: ResourceRecord) {
        if origin == nil {
            record.owner.appendText(to: &octets)
        } else if lastOwner?.wire != record.owner.wire {
            appendRelative(record.owner)
            lastOwner = record.owner
        }
        octets.append(UInt8(ascii: "\t"))
        octets.append(decimal: UInt64(record.ttl) > TTLText.limit ? 0 : UInt(record.ttl))
        octets.append(UInt8(ascii: "\t"))
        // As words these two stand for other things in a file.
        let isMeta = record.rrClass == .any || record.rrClass == .none
        octets.append(contentsOf: (isMeta ? "CLASS\(record.rrClass.rawValue)" : record.rrClass.description).utf8)
        octets.append(UInt8(ascii: "\t"))
        record.type.appendText(to: &octets)
        octets.append(UInt8(ascii: "\t"))
        record.rdata.appendText(type: record.type, record.rrClass, to: &octets)
        octets.append(UInt8(ascii: "\n"))
    }

    /// A line of comment; line breaks in it become blanks.
    public mutating func comment(_ text: String) {
        octets.append(contentsOf: "; ".utf8)
        for octet in text.utf8 { octets.append(octet == 0x0A || octet == 0x0D ? 0x20 : octet) }
        octets.append(UInt8(ascii: "\n"))
    }

    /// Hands over what has been written since the last time.
    public mutating func take() -> [UInt8] {
        let taken = octets
        octets.removeAll(keepingCapacity: true)
        return taken
    }

    private mutating func appendRelative(_ owner: Name) {
        guard let origin, !origin.isRoot, owner.wire.suffix(origin.wire.count) == origin.wire[...], owner.isWithin(origin) else { return owner.appendText(to: &octets) }
        guard owner.wire.count > origin.wire.count else { return octets.append(UInt8(ascii: "@")) }
        // The labels above the origin, as an absolute name, without its dot.
        let labels = owner.wire.prefix(owner.wire.count - origin.wire.count) + [0]
        Name.appendText(Array(labels), 0, to: &octets)
        octets.removeLast()
    }
}
