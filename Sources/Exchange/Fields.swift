internal import Documents
internal import DNSWire

/// Why a value makes no RDATA.
struct ValueFault: Error {
    var reason: Remark.Reason
    var message: String
    /// `nil`: that of the value as a whole.
    var line: Int?

    init(_ reason: Remark.Reason, _ message: String, line: Int? = nil) {
        self.reason = reason
        self.message = message
        self.line = line
    }
}

/// An object whose members make up RDATA. Members that nobody asked for are a fault: they may mean something.
struct Fields {
    let document: Document
    private let members: [Document.Member]
    /// A bit for each of the first 64 members: nobody asks for so many, so that one of them is left over if there are more.
    private var asked: UInt64 = 0

    init(_ document: Document) throws(ValueFault) {
        guard case .object(let members) = document.content else {
            throw ValueFault(.value, "expected an object with the value's fields, found \(document.kind)", line: document.line)
        }
        self.document = document
        self.members = members
    }

    /// What the first of these names that there is holds.
    private mutating func optional(_ names: [String]) -> Document? {
        var first: Document?
        for name in names {
            if let value = document(name), first == nil { first = value }
        }
        return first
    }

    private mutating func value(_ names: [String]) throws(ValueFault) -> Document {
        guard let value = optional(names) else { throw ValueFault(.value, "'\(names[0])' is missing", line: document.line) }
        return value
    }

    mutating func has(_ name: String) -> Bool { place(name) != nil }

    mutating func document(_ name: String) -> Document? { place(name).map { members[$0].value } }

    /// The member that is asked for, if there is one and it is not null.
    private mutating func place(_ name: String) -> Int? {
        guard let place = members.firstIndex(where: { $0.name == name }) else { return nil }
        asked |= 1 << UInt64(place)
        return members[place].value.isNull ? nil : place
    }

    /// A whole number; of several names the first that there is.
    mutating func number(_ names: String..., limit: UInt64 = 0xFFFF, otherwise: UInt64? = nil) throws(ValueFault) -> UInt64 {
        if let otherwise, optional(names) == nil { return otherwise }
        let value = try value(names)
        guard let number = value.number, number <= limit else {
            throw ValueFault(.value, "'\(names[0])': expected a number up to \(limit)", line: value.line)
        }
        return number
    }

    mutating func u16(_ names: String..., otherwise: UInt16? = nil) throws(ValueFault) -> UInt16 {
        if let otherwise, optional(names) == nil { return otherwise }
        let value = try value(names)
        guard let number = value.number.flatMap(UInt16.init(exactly:)) else {
            throw ValueFault(.value, "'\(names[0])': expected a number up to 65535", line: value.line)
        }
        return number
    }

    mutating func u8(_ names: String..., otherwise: UInt8? = nil) throws(ValueFault) -> UInt8 {
        if let otherwise, optional(names) == nil { return otherwise }
        let value = try value(names)
        guard let number = value.number.flatMap(UInt8.init(exactly:)) else {
            throw ValueFault(.value, "'\(names[0])': expected a number up to 255", line: value.line)
        }
        return number
    }

    /// Text, or a bare word as it is written.
    mutating func text(_ names: String..., otherwise: String? = nil) throws(ValueFault) -> String {
        if let otherwise, optional(names) == nil { return otherwise }
        let value = try value(names)
        guard let text = value.word else { throw ValueFault(.value, "'\(names[0])': expected text, found \(value.kind)", line: value.line) }
        return text
    }

    /// Text that has no escapes in it, whichever way the tool's providers would take them.
    mutating func plainText(_ names: String..., otherwise: String? = nil) throws(ValueFault) -> [UInt8] {
        if let otherwise, optional(names) == nil { return Array(otherwise.utf8) }
        let value = try value(names)
        guard let text = value.word else { throw ValueFault(.value, "'\(names[0])': expected text, found \(value.kind)", line: value.line) }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\"") }) else {
            throw ValueFault(
                .value, "'\(names[0])': with backslashes, quotes or other than ASCII, what is meant depends on who reads it", line: value.line)
        }
        return Array(text.utf8)
    }

    /// Hexadecimal digits or Base64, as a field of presentation format.
    mutating func octets(_ names: String...) throws(ValueFault) -> String {
        let value = try value(names)
        guard let text = value.word?.filter({ $0 != " " && $0 != "\n" }), !text.isEmpty,
            text.utf8.allSatisfy({ ASCIISet.base64.contains($0) })
        else { throw ValueFault(.value, "'\(names[0])': expected octets in text", line: value.line) }
        return text
    }

    /// A name that ends in a dot.
    mutating func target(_ names: String...) throws(ValueFault) -> Name { try value(names).target() }

    /// After the last field: what was not asked for.
    func finish() throws(ValueFault) {
        guard let place = members.indices.first(where: { $0 >= 64 || asked >> UInt64($0) & 1 == 0 }) else { return }
        let member = members[place]
        throw ValueFault(.field, "the field '\(member.name)' is not known", line: member.value.line)
    }
}

enum ASCIISet {
    static let base64 = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=".utf8)
}

extension Document {
    var isNull: Bool { if case .null = content { true } else { false } }

    /// A decimal number without sign, as such or in quotes; with zeros in front it would be octal to some.
    var number: UInt64? {
        let text: String
        switch content {
        case .number(let word), .plain(let word): text = word
        case .string(let word): return word.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? UInt64(word) : nil
        default: return nil
        }
        guard text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), text == "0" || !text.hasPrefix("0") else { return nil }
        return UInt64(text)
    }

    /// Text, or a bare word as it is written.
    var word: String? {
        switch content {
        case .string(let text), .plain(let text), .number(let text): text
        default: nil
        }
    }

    /// A name that ends in a dot, perhaps in Unicode.
    func target() throws(ValueFault) -> Name {
        guard let text = word else { throw ValueFault(.value, "expected a name, found \(kind)", line: line) }
        guard !text.contains("{") else { throw ValueFault(.provider, "'\(text)': templates are filled in by octoDNS", line: line) }
        guard text.hasSuffix("."), !text.hasSuffix("\\.") else {
            throw ValueFault(.relative, "'\(text)' does not end in a dot", line: line)
        }
        do {
            return try InternationalName.name(text)
        } catch let failure as InternationalName.Failure {
            throw ValueFault(.value, failure.message, line: line)
        } catch {
            throw ValueFault(.value, "\(error)", line: line)
        }
    }
}

extension RData {
    /// RDATA of fields in presentation format that have been checked one by one.
    init(checked text: String, _ type: RRType) throws(ValueFault) {
        do {
            try self.init(text, type: type)
        } catch {
            throw ValueFault(.value, "\(error)")
        }
    }
}
