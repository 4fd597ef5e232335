extension RData {
    /// Parses presentation format (RFC 1035 §5.1), names relative to `origin`;
    /// `\# LENGTH HEX` for any type (RFC 3597 §5).
    public init(_ text: String, type: RRType, origin: Name = .root) throws(RDataError) {
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
        try RDataText.append(span, fields[...], type: type, origin: origin, to: &wire)
        self.init(opaque: wire)
    }

    /// Presentation format; parsing it gives the same octets. Data that is not
    /// well-formed for `type` comes out as `\# LENGTH HEX`.
    public func text(type: RRType) -> String {
        var text: [UInt8] = []
        appendText(type: type, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends what ``text(type:)`` gives.
    func appendText(type: RRType, to text: inout [UInt8]) {
        let start = text.count
        guard let fields = RDataLayout.fields(of: type), appendFields(fields, to: &text) else {
            text.removeSubrange(start...)
            return appendGeneric(to: &text)
        }
    }

    /// Returns whether the data is well-formed; if not, `text` has part of it.
    private func appendFields(_ fields: [RDataField], to text: inout [UInt8]) -> Bool {
        var reader = WireReader(wire)
        for (index, field) in fields.enumerated() {
            if index > 0 { text.append(UInt8(ascii: " ")) }
            let start = reader.offset
            guard (try? reader.check(field, compression: false)) != nil,
                field.appendText(wire, start..<reader.offset, to: &text)
            else { return false }
        }
        return reader.isAtEnd
    }

    private func appendGeneric(to text: inout [UInt8]) {
        text.append(contentsOf: "\\# \(wire.count)".utf8)
        guard !wire.isEmpty else { return }
        text.append(UInt8(ascii: " "))
        Hex.append(wire, wire.indices, to: &text)
    }
}
