/// What the entries of a zone file mean, one after the other: records and directives.
struct ZoneEntryParser {
    /// What completes relative names.
    var origin: Name
    /// Of the last record; blank owner fields stand for it.
    var owner: Name?
    /// From `$TTL`, or from the caller.
    private var defaultTTL: UInt32?
    /// Of the last record that named one (RFC 1035 §5.1).
    private var lastTTL: UInt32?
    private let rrClass: RRClass
    private var scratch: [UInt8] = []

    init(origin: Name, ttl: UInt32?, rrClass: RRClass) {
        self.origin = origin
        defaultTTL = ttl
        self.rrClass = rrClass
    }

    enum Outcome {
        case nothing
        case record(ResourceRecord)
        case generate(ZoneGeneration)
        /// `at`: where the path stands in the text.
        case include(path: String, origin: Name, at: Int)
    }

    struct Failure: Error {
        var code: ZoneFault.Code
        var message: String
        /// In the text that was parsed; `nil`: the entry as a whole.
        var offset: Int?

        init(_ code: ZoneFault.Code, _ message: String = "", at offset: Int?) {
            self.code = code
            self.message = message
            self.offset = offset
        }
    }

    /// - Parameter fields: those of the entry, at least one.
    mutating func parse(
        _ text: Span<UInt8>, _ entry: ZoneInput.Entry, _ fields: ArraySlice<TextField>
    ) throws(Failure) -> Outcome {
        let first = fields.first!
        // An owner stands in the first column: a blank, or a parenthesis before it, means none.
        let hasOwner = first.start - (first.isQuoted ? 1 : 0) == entry.start
        if hasOwner, !first.isQuoted, first.count > 1, text[first.start] == UInt8(ascii: "$") {
            return try directive(text, fields)
        }
        var rest = fields
        if hasOwner {
            rest.removeFirst()
            try setOwner(text, first)
        }
        guard let owner else { throw Failure(.noOwner, at: first.start) }
        return .record(try record(text, rest, owner: owner, end: entry.end))
    }

    private mutating func setOwner(_ text: Span<UInt8>, _ field: TextField) throws(Failure) {
        scratch.removeAll(keepingCapacity: true)
        do throws(NameError) {
            try Name.append(text, field, origin: origin, to: &scratch)
        } catch {
            // Records that go on with this owner must not land on the one before.
            owner = nil
            throw Failure(.badOwner, "\(error)", at: field.start)
        }
        if owner?.wire != scratch { owner = Name(unchecked: Array(scratch)) }
    }

    /// The fields behind the owner: TTL and class in either order, type, data.
    ///
    /// - Parameter end: where the entry ends, to point at what is missing.
    mutating func record(
        _ text: Span<UInt8>, _ fields: ArraySlice<TextField>, owner: Name, end: Int
    ) throws(Failure) -> ResourceRecord {
        var rest = fields
        var explicitTTL: UInt32?
        var seenClass = false
        while let field = rest.first, !field.isQuoted {
            if explicitTTL == nil, field.count > 0, text[field.start] >= 0x30, text[field.start] <= 0x39 {
                guard let ttl = TTLText.parse(text, field) else { throw Failure(.badTTL, "'\(text.string(field))'", at: field.start) }
                explicitTTL = ttl
            } else if !seenClass, let found = RRClass(text, field) {
                guard found == rrClass else { throw Failure(.badClass, "\(found) in a zone of \(rrClass)", at: field.start) }
                seenClass = true
            } else {
                break
            }
            rest.removeFirst()
        }
        guard let typeField = rest.popFirst() else { throw Failure(.missingType, at: fields.last?.end ?? end - 1) }
        guard !typeField.isQuoted, let type = RRType(text, typeField) else {
            throw Failure(.unknownType, "'\(text.string(typeField))'", at: typeField.start)
        }
        guard !type.isMeta else { throw Failure(.metaType, "\(type)", at: typeField.start) }
        scratch.removeAll(keepingCapacity: true)
        do throws(RDataError) {
            try RDataText.append(text, rest, type: type, rrClass, origin: origin, to: &scratch)
        } catch {
            throw Failure(.badData, "\(error)", at: error.offset ?? rest.last?.end ?? typeField.end)
        }
        let rdata = RData(opaque: Array(scratch))
        let ttl = try self.ttl(explicitTTL, type, rdata, at: typeField.start)
        return ResourceRecord(owner: owner, type: type, rrClass: rrClass, ttl: ttl, rdata: rdata)
    }

    private mutating func ttl(_ explicit: UInt32?, _ type: RRType, _ rdata: RData, at offset: Int) throws(Failure) -> UInt32 {
        if let explicit {
            lastTTL = explicit
            return explicit
        }
        if let known = defaultTTL ?? lastTTL { return known }
        // A zone of RFC 1035's time: the SOA's last field is the default TTL.
        guard type == .soa, rdata.wire.count >= 4 else { throw Failure(.missingTTL, at: offset) }
        let minimum = rdata.wire.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
        guard UInt64(minimum) <= TTLText.limit else { throw Failure(.badTTL, "the SOA's minimum, \(minimum)", at: offset) }
        defaultTTL = minimum
        return minimum
    }

    // MARK: Directives

    private mutating func directive(_ text: Span<UInt8>, _ fields: ArraySlice<TextField>) throws(Failure) -> Outcome {
        let word = fields.first!
        let arguments = fields.dropFirst()
        func expect(_ counts: ClosedRange<Int>, _ form: String) throws(Failure) {
            guard counts.contains(arguments.count) else {
                let at = arguments.count > counts.upperBound ? arguments.dropFirst(counts.upperBound).first!.start : word.start
                throw Failure(.badDirective, "it is written \(form)", at: at)
            }
        }
        if text.matches(word, "$ORIGIN") {
            try expect(1...1, "$ORIGIN NAME")
            origin = try name(text, arguments.first!)
        } else if text.matches(word, "$TTL") {
            try expect(1...1, "$TTL TIME")
            guard let ttl = TTLText.parse(text, arguments.first!) else {
                throw Failure(.badTTL, "'\(text.string(arguments.first!))'", at: arguments.first!.start)
            }
            defaultTTL = ttl
        } else if text.matches(word, "$INCLUDE") {
            try expect(1...2, "$INCLUDE FILE [ORIGIN]")
            let file = arguments.first!
            var path: [UInt8] = []
            guard Escape.decode(text, file, to: &path), let path = String(validating: path, as: UTF8.self) else {
                throw Failure(.include, "'\(text.string(file))' is no path", at: file.start)
            }
            let origin = arguments.count == 2 ? try name(text, arguments.last!) : self.origin
            return .include(path: path, origin: origin, at: file.start)
        } else if text.matches(word, "$GENERATE") {
            guard arguments.count >= 4 else {
                throw Failure(.badDirective, "it is written $GENERATE START-STOP[/STEP] OWNER [TTL] [CLASS] TYPE DATA", at: word.start)
            }
            return .generate(try ZoneGeneration(text, arguments))
        } else {
            throw Failure(
                .badDirective, "'\(text.string(word))' is none of $ORIGIN, $TTL, $INCLUDE, $GENERATE", at: word.start)
        }
        return .nothing
    }

    private func name(_ text: Span<UInt8>, _ field: TextField) throws(Failure) -> Name {
        var wire: [UInt8] = []
        do throws(NameError) {
            try Name.append(text, field, origin: origin, to: &wire)
        } catch {
            throw Failure(.badDirective, "\(error)", at: field.start)
        }
        return Name(unchecked: wire)
    }
}

extension RRClass {
    /// The class that a field names.
    init?(_ text: Span<UInt8>, _ field: TextField) {
        // Nearly always, and before anything slower is tried.
        if text.matches(field, "IN") {
            self = .in
            return
        }
        guard field.count >= 2, field.count <= 10 else { return nil }
        switch ASCII.upper(text[field.start]) {
        case UInt8(ascii: "C"), UInt8(ascii: "H"): self.init(text.string(field))
        default: return nil
        }
        // In records NONE and ANY are no classes, and ANY would be taken for a type.
    }
}
