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

    /// The message's octets, at most `limit` of them: for UDP 512, or what the other
    /// side's EDNS says.
    ///
    /// OPT and TSIG keep their room. If a question, an answer or a set of authority
    /// records does not fit, the rest is left out and the TC flag set (RFC 2181 §9).
    /// Additional records are left out without a sign, from the first set on that does
    /// not fit. Sets are records of one owner, type and class that follow each other.
    ///
    /// - Parameters:
    ///   - limit: 512 is the least that all can take; 12 to 65,535.
    ///   - block: pad to a multiple of this many octets, if there is ``edns`` (RFC 8467).
    public func wire(limit: Int, paddedTo block: Int? = nil) -> [UInt8] {
        var builder = MessageBuilder(id: id, opcode: opcode, flags: flags, responseCode: responseCode, limit: limit)
        let tsigLength = tsig?.length ?? 0
        builder.reserved = (edns?.length ?? 0) + tsigLength
        if questions.allSatisfy({ builder.append($0) }), builder.append(sets: answers, to: .answer),
            builder.append(sets: authority, to: .authority)
        {
            _ = builder.append(sets: additional, to: .additional)
        } else {
            builder.flags.insert(.truncated)
        }
        builder.reserved = tsigLength
        if let edns { _ = builder.append(edns, paddedTo: block) }
        builder.reserved = 0
        if let tsig { _ = builder.append(tsig) }
        return builder.take()
    }
}

extension MessageBuilder {
    /// Appends set after set; `false` from the first on that does not fit.
    mutating func append(sets records: [ResourceRecord], to section: Message.Section) -> Bool {
        var rest = records[...]
        while let first = rest.first {
            let set = rest.prefix { $0.owner == first.owner && $0.type == first.type && $0.rrClass == first.rrClass }
            guard append(set: set, to: section) else { return false }
            rest = rest.dropFirst(set.count)
        }
        return true
    }
}
