extension RData {
    /// Parses presentation format (RFC 1035 §5.1), names relative to `origin`;
    /// `\# LENGTH HEX` for any type (RFC 3597 §5).
    ///
    /// - Parameters:
    ///   - text: the fields of one record's data, on one line or in parentheses.
    ///   - type: what the data is of.
    ///   - origin: completes names that do not end in a dot.
    ///   - rrClass: some types have a form in class IN alone, and are opaque elsewhere.
    public init(_ text: String, type: RRType, origin: Name = .root, rrClass: RRClass = .in) throws(RDataError) {
        let octets = Array(text.utf8)
        let span = octets.span
        var fields: [TextField] = []
        do throws(LexicalError) {
            let end = try MasterLexer.scan(span, from: 0, isLast: true, into: &fields)
            guard end == octets.count else { throw LexicalError(.lineBreak, (end ?? 1) - 1) }
        } catch {
            throw RDataError(.badSyntax, type, field: error.code.rawValue, offset: error.offset)
        }
        var wire: [UInt8] = []
        try RDataText.append(span, fields[...], type: type, rrClass, origin: origin, to: &wire)
        self.init(opaque: wire)
    }

    /// Presentation format; parsing it gives the same octets. Data that is not
    /// well-formed for `type` comes out as `\# LENGTH HEX`.
    public func text(type: RRType, rrClass: RRClass = .in) -> String {
        var text: [UInt8] = []
        appendText(type: type, rrClass, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends what ``text(type:)`` gives.
    func appendText(type: RRType, _ rrClass: RRClass, to text: inout [UInt8]) {
        let start = text.count
        guard let fields = RDataLayout.fields(of: type, rrClass, isEmpty: wire.isEmpty), appendFields(fields, to: &text) else {
            text.removeSubrange(start...)
            return appendGeneric(to: &text)
        }
    }

    /// Returns whether the data is well-formed; if not, `text` has part of it.
    private func appendFields(_ fields: [RDataField], to text: inout [UInt8]) -> Bool {
        var reader = WireReader(wire)
        for (index, field) in fields.enumerated() {
            let before = text.count
            if index > 0 { text.append(UInt8(ascii: " ")) }
            let start = reader.offset, behindSpace = text.count
            guard (try? reader.check(field, compression: false)) != nil,
                field.appendText(wire, start..<reader.offset, to: &text)
            else { return false }
            if text.count == behindSpace { text.removeLast(behindSpace - before) }
        }
        return reader.isAtEnd
    }

    private func appendGeneric(to text: inout [UInt8]) {
        text.append(ascii: "\\# ")
        text.append(decimal: UInt(wire.count))
        guard !wire.isEmpty else { return }
        text.append(UInt8(ascii: " "))
        Hex.append(wire, wire.indices, to: &text)
    }
}

/// RDATA from the fields of a text that has been scanned.
enum RDataText {
    /// Appends the wire octets that `fields` stand for.
    ///
    /// - Throws: and then leaves unfinished data behind in `wire`.
    static func append(
        _ text: Span<UInt8>, _ fields: ArraySlice<TextField>, type: RRType, _ rrClass: RRClass, origin: Name,
        to wire: inout [UInt8]
    ) throws(RDataError) {
        let start = wire.count
        if let first = fields.first, !first.isQuoted, text.matches(first, "\\#") {
            try appendGeneric(text, fields.dropFirst(), type, rrClass, to: &wire)
            return
        }
        guard let layout = RDataLayout.fields(of: type, rrClass, isEmpty: false) else { throw RDataError.noText(type, fields.first) }
        var rest = fields
        for field in layout { try field.append(text, &rest, type: type, origin: origin, to: &wire) }
        if let extra = rest.first { throw RDataError(.extraField, type, text, extra) }
        guard wire.count - start <= 65_535 else { throw RDataError(.tooLong, type, offset: fields.first?.start) }
    }

    private static func appendGeneric(
        _ text: Span<UInt8>, _ fields: ArraySlice<TextField>, _ type: RRType, _ rrClass: RRClass, to wire: inout [UInt8]
    ) throws(RDataError) {
        guard let first = fields.first else { throw RDataError(.missingField, type) }
        guard let length = text.decimal(first, limit: 65_535) else { throw RDataError(.badNumber, type, text, first) }
        var octets: [UInt8] = []
        try Hex.append(text, fields.dropFirst(), type, to: &octets)
        guard octets.count == Int(length) else { throw RDataError(.badLength, type, text, first) }
        if RDataLayout.fields(of: type, rrClass, isEmpty: octets.isEmpty) != nil { _ = try RData(wire: octets, type: type) }
        wire.append(contentsOf: octets)
    }
}
