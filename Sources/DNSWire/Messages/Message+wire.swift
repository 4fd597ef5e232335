extension Message {
    /// Reads a whole message; names inside known RDATA come out uncompressed.
    public init(wire: [UInt8]) throws(WireError) { self.init(try MessageView(wire)) }

    /// Owned copies of all that a view shows.
    public init(_ view: MessageView) {
        self.init(id: view.id, opcode: view.opcode, flags: view.flags, responseCode: view.responseCode)
        questions.reserveCapacity(view.questions.count)
        for question in view.questions { questions.append(question.question) }
        // Most answers point at the question.
        var last = PlacedName(place: MessageHeader.length, name: questions.first?.name ?? .root)
        if questions.isEmpty { last.place = -1 }
        answers = view.answers.records(sharing: &last)
        authority = view.authority.records(sharing: &last)
        additional = view.additional.records(sharing: &last)
        edns = view.edns
        tsig = view.tsig
    }

    /// The message's octets, names compressed; cut as in ``wire(limit:paddedTo:)`` if over 65,535.
    public var wire: [UInt8] { wire(limit: 65_535) }

    /// The message's octets with all its parts, names compressed; `nil` if no message
    /// can hold them.
    public var wholeWire: [UInt8]? {
        let (octets, isWhole) = build(limit: 65_535, paddedTo: nil)
        return isWhole ? octets : nil
    }

    /// The message's octets, at most `limit` of them: for UDP 512, or what the other
    /// side's EDNS says.
    ///
    /// OPT and TSIG keep their room. If a question, an answer or a set of authority
    /// records does not fit, the rest is left out and the TC flag set (RFC 2181 §9); so
    /// it is if addresses are left out that a delegation needs (RFC 9471). Other
    /// additional records are left out without a sign, from the first set on that does
    /// not fit. Sets are records of one owner, type and class that follow each other.
    ///
    /// - Parameters:
    ///   - limit: 512 is the least that all can take; 12 to 65,535.
    ///   - block: pad to a multiple of this many octets, if there is ``edns`` (RFC 8467).
    public func wire(limit: Int, paddedTo block: Int? = nil) -> [UInt8] { build(limit: limit, paddedTo: block).octets }

    private func build(limit: Int, paddedTo block: Int?) -> (octets: [UInt8], isWhole: Bool) {
        var builder = MessageBuilder(id: id, opcode: opcode, flags: flags, responseCode: responseCode, limit: limit)
        let tsigLength = tsig?.length ?? 0
        builder.reserved = (edns?.length ?? 0) + tsigLength
        var isWhole = questions.allSatisfy { builder.append($0) }
        for (records, section) in [(answers, Section.answer), (authority, .authority)] where isWhole {
            isWhole = builder.append(sets: records, to: section).isEmpty
        }
        if isWhole {
            let left = builder.append(sets: additional, to: .additional)
            isWhole = left.isEmpty
            if left.contains(where: isGlue) { builder.flags.insert(.truncated) }
        } else {
            builder.flags.insert(.truncated)
        }
        builder.reserved = tsigLength
        if let edns, !builder.append(edns, paddedTo: block) { isWhole = false }
        builder.reserved = 0
        if let tsig, !builder.append(tsig) { isWhole = false }
        return (builder.take(), isWhole)
    }

    /// Whether a record is the address of a name server within the zone that the
    /// authority section delegates to it.
    private func isGlue(_ record: ResourceRecord) -> Bool {
        guard answers.isEmpty, record.type == .a || record.type == .aaaa else { return false }
        return authority.contains { delegation in
            delegation.type == .ns && record.owner.isWithin(delegation.owner)
                && delegation.rdata.target(type: .ns) == record.owner
        }
    }
}

extension MessageBuilder {
    /// Appends set after set, and gives back those from the first on that does not fit.
    mutating func append(sets records: [ResourceRecord], to section: Message.Section) -> ArraySlice<ResourceRecord> {
        var rest = records[...]
        while let first = rest.first {
            let set = rest.prefix { $0.owner == first.owner && $0.type == first.type && $0.rrClass == first.rrClass }
            guard append(set: set, to: section) else { break }
            rest = rest.dropFirst(set.count)
        }
        return rest
    }
}
