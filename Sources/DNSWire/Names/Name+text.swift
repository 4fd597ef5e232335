extension Name {
    /// Parses presentation format (RFC 1035 §5.1): `\.`, `\\` and `\DDD` escape octets.
    ///
    /// A name that does not end in a dot is completed by `origin`; `@` stands for
    /// `origin` itself.
    public init(_ text: String, relativeTo origin: Name = .root) throws(NameError) {
        let octets = Array(text.utf8)
        var wire: [UInt8] = []
        wire.reserveCapacity(min(octets.count + 1 + origin.wire.count, 256))
        try Self.append(
            octets.span, TextField(start: 0, end: octets.count, isQuoted: false), origin: origin, to: &wire)
        self.init(unchecked: wire)
    }

    /// Appends the wire octets of a name in presentation format.
    ///
    /// - Throws: and then leaves an unfinished name behind in `wire`.
    static func append(
        _ text: Span<UInt8>, _ field: TextField, origin: Name, to wire: inout [UInt8]
    ) throws(NameError) {
        if field.count == 1, !field.isQuoted {
            if text[field.start] == UInt8(ascii: "@") {
                wire.append(contentsOf: origin.wire)
                return
            }
            if text[field.start] == UInt8(ascii: ".") {
                wire.append(0)
                return
            }
        }
        let first = wire.count
        var lengthAt = first
        var at = field.start
        wire.append(0)
        while at < field.end {
            var octet = text[at]
            at += 1
            if octet == UInt8(ascii: ".") {
                let length = wire.count - lengthAt - 1
                guard length > 0 else { throw NameError(.emptyLabel, text.string(field)) }
                guard length <= 63 else { throw NameError(.labelTooLong, text.string(field)) }
                wire[lengthAt] = UInt8(length)
                lengthAt = wire.count
                wire.append(0)
                continue
            }
            if octet == UInt8(ascii: "\\") {
                guard let escaped = Escape.next(text, &at, field.end) else { throw NameError(.badEscape, text.string(field)) }
                octet = escaped
            }
            wire.append(octet)
        }
        let length = wire.count - lengthAt - 1
        if length == 0 {
            // The dot that ended the last label left the root's zero behind it.
            guard lengthAt > first else { throw NameError(.emptyLabel, text.string(field)) }
        } else {
            guard length <= 63 else { throw NameError(.labelTooLong, text.string(field)) }
            wire[lengthAt] = UInt8(length)
            wire.append(contentsOf: origin.wire)
        }
        guard wire.count - first <= 255 else { throw NameError(.nameTooLong, text.string(field)) }
    }
}

extension Name: CustomStringConvertible {
    /// Absolute presentation format, escaped so that parsing gives the same octets.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(wire.count + 8)
        appendText(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    func appendText(to text: inout [UInt8]) { Self.appendText(wire, 0, to: &text) }

    /// Appends the absolute presentation format of the uncompressed name at `start`
    /// and returns where it ends; the caller vouches for its form.
    @discardableResult
    static func appendText(_ wire: [UInt8], _ start: Int, to text: inout [UInt8]) -> Int {
        var at = start
        if wire[at] == 0 {
            text.append(UInt8(ascii: "."))
            return at + 1
        }
        while wire[at] != 0 {
            let end = at + 1 + Int(wire[at])
            for i in at + 1..<end { Escape.append(wire[i], to: &text, special: Escape.inName) }
            text.append(UInt8(ascii: "."))
            at = end
        }
        return at + 1
    }
}
