/// Presentation format of service parameters (RFC 9460 §2.1 and appendix A).
enum SvcParamText {
    /// Appends the wire octets of parameters in any order.
    ///
    /// A server should not publish what clients must ignore (RFC 9460 §2.4.3), so a
    /// parameter that lacks another is refused here; on the wire it is let through.
    static func append(
        _ text: Span<UInt8>, _ fields: ArraySlice<TextField>, _ type: RRType, to wire: inout [UInt8]
    ) throws(RDataError) {
        let start = wire.count
        var parsed: [(key: SvcParamKey, value: [UInt8], field: TextField)] = []
        for field in fields {
            var value: [UInt8] = []
            let key = try appendParameter(text, field, type, to: &value)
            guard value.count <= 65_535 else { throw RDataError(.tooLong, type, text, field) }
            parsed.append((key, value, field))
        }
        parsed.sort { ($0.key, $0.field.start) < ($1.key, $1.field.start) }
        var last: SvcParamKey?
        for (key, value, field) in parsed {
            guard key != last else { throw RDataError(.repeatedParameter, type, text, field) }
            last = key
            wire.append(network: key.rawValue)
            wire.append(network: UInt16(value.count))
            wire.append(contentsOf: value)
        }
        guard SvcParam.areConsistent(SvcParam.all(wire, start..<wire.count), wire) else {
            throw RDataError(.inconsistentParameters, type, offset: fields.first?.start)
        }
    }

    /// Appends the value of `key`, `key=value` or `key="value"`, and returns the key.
    private static func appendParameter(
        _ text: Span<UInt8>, _ field: TextField, _ type: RRType, to wire: inout [UInt8]
    ) throws(RDataError) -> SvcParamKey {
        let bad = RDataError(.badParameter, type, text, field)
        var split = field.start
        while split < field.end, text[split] != UInt8(ascii: "=") { split += 1 }
        var isNumber = false
        let name = TextField(start: field.start, end: split, isQuoted: false)
        guard !field.isQuoted, let key = SvcParamKey(text, name, isNumber: &isNumber) else { throw bad }

        var value = TextField(start: min(split + 1, field.end), end: field.end, isQuoted: false)
        let opens = value.count > 0 && text[value.start] == UInt8(ascii: "\"")
        if opens { value.start += 1 }
        if let quote = firstQuote(text, value) {
            guard opens, quote == field.end - 1 else { throw bad }
            value.end = quote
        } else if opens {
            throw bad
        }

        do {
            if isNumber {
                guard Escape.decode(text, value, to: &wire) else { throw bad }
            } else {
                guard appendValue(of: key, text, value, to: &wire) else { throw bad }
            }
            var reader = WireReader(wire)
            try reader.checkValue(of: key)
            guard reader.isAtEnd else { throw bad }
        } catch {
            throw bad
        }
        return key
    }

    private static func firstQuote(_ text: Span<UInt8>, _ field: TextField) -> Int? {
        var at = field.start
        while at < field.end {
            switch text[at] {
            case UInt8(ascii: "\""): return at
            case UInt8(ascii: "\\"): at += 2
            default: at += 1
            }
        }
        return nil
    }

    /// Appends a value in the form of its key and returns whether it had that form.
    private static func appendValue(
        of key: SvcParamKey, _ text: Span<UInt8>, _ value: TextField, to wire: inout [UInt8]
    ) -> Bool {
        switch key {
        case .mandatory:
            var keys: [SvcParamKey] = []
            let isList = forEachItem(text, value) {
                var isNumber = false
                guard let key = SvcParamKey(text, $0, isNumber: &isNumber) else { return false }
                keys.append(key)
                return true
            }
            for key in keys.sorted() { wire.append(network: key.rawValue) }
            return isList
        case .alpn:
            var list: [UInt8] = []
            return Escape.decode(text, value, to: &list) && appendList(list, to: &wire)
        case .noDefaultALPN, .ohttp: return value.count == 0
        case .port:
            guard let port = text.decimal(value, limit: 65_535) else { return false }
            wire.append(network: UInt16(port))
            return true
        case .ipv4Hint: return forEachItem(text, value) { IPv4Text.append(text, $0.start..<$0.end, to: &wire) }
        case .ipv6Hint: return forEachItem(text, value) { IPv6Text.append(text, $0.start..<$0.end, to: &wire) }
        case .ech: return (try? Base64.append(text, CollectionOfOne(value), .svcb, to: &wire)) != nil
        default: return Escape.decode(text, value, to: &wire)
        }
    }

    /// Calls `body` for what stands between commas; these values have no escapes.
    private static func forEachItem(_ text: Span<UInt8>, _ field: TextField, _ body: (TextField) -> Bool) -> Bool {
        var start = field.start
        for at in field.start...field.end where at == field.end || text[at] == UInt8(ascii: ",") {
            guard body(TextField(start: start, end: at, isQuoted: false)) else { return false }
            start = at + 1
        }
        return true
    }

    /// Appends the items of a decoded list, in which `\,` and `\\` stand for themselves,
    /// as character-strings (RFC 9460 appendix A.1).
    private static func appendList(_ list: [UInt8], to wire: inout [UInt8]) -> Bool {
        var item: [UInt8] = []
        func close() -> Bool {
            guard (1...255).contains(item.count) else { return false }
            wire.append(UInt8(item.count))
            wire.append(contentsOf: item)
            item = []
            return true
        }
        var at = 0
        while at < list.count {
            if list[at] == UInt8(ascii: ",") {
                guard close() else { return false }
            } else {
                if list[at] == UInt8(ascii: "\\") {
                    at += 1
                    guard at < list.count, isSpecialInList(list[at]) else { return false }
                }
                item.append(list[at])
            }
            at += 1
        }
        return close()
    }

    private static func isSpecialInList(_ c: UInt8) -> Bool { c == UInt8(ascii: ",") || c == UInt8(ascii: "\\") }

    /// Appends the text of a range that has been checked.
    ///
    /// - Returns: whether parsing it gives the same octets.
    static func appendText(_ wire: [UInt8], _ range: Range<Int>, to text: inout [UInt8]) -> Bool {
        let parameters = SvcParam.all(wire, range)
        for (index, parameter) in parameters.enumerated() {
            if index > 0 { text.append(UInt8(ascii: " ")) }
            parameter.key.appendText(to: &text)
            guard !parameter.value.isEmpty else { continue }
            text.append(UInt8(ascii: "="))
            appendValue(parameter, wire, to: &text)
        }
        return SvcParam.areConsistent(parameters, wire)
    }

    private static func appendValue(_ parameter: SvcParam, _ wire: [UInt8], to text: inout [UInt8]) {
        let value = parameter.value
        func appendItems(_ width: Int, _ item: (Int) -> Void) {
            for at in stride(from: value.lowerBound, to: value.upperBound, by: width) {
                if at > value.lowerBound { text.append(UInt8(ascii: ",")) }
                item(at)
            }
        }
        switch parameter.key {
        case .mandatory:
            appendItems(2) { SvcParamKey(rawValue: UInt16(wire.network(at: $0, width: 2))).appendText(to: &text) }
        case .alpn:
            var list: [UInt8] = []
            var at = value.lowerBound
            while at < value.upperBound {
                let end = at + 1 + Int(wire[at])
                if at > value.lowerBound { list.append(UInt8(ascii: ",")) }
                for i in at + 1..<end {
                    if isSpecialInList(wire[i]) { list.append(UInt8(ascii: "\\")) }
                    list.append(wire[i])
                }
                at = end
            }
            RDataField.appendQuoted(list, list.indices, to: &text)
        case .port: text.append(decimal: wire.network(at: value.lowerBound, width: 2))
        case .ipv4Hint: appendItems(4) { IPv4Text.append(wire, $0, to: &text) }
        case .ipv6Hint: appendItems(16) { IPv6Text.append(wire, $0, to: &text) }
        case .ech: Base64.append(wire, value, to: &text)
        default: RDataField.appendQuoted(wire, value, to: &text)
        }
    }
}
