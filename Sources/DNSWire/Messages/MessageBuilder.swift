/// Builds a message in one buffer, with compressed names, up to a size.
///
/// What does not fit is not there: every `append` takes a whole question, record or
/// set of records, or returns `false` and leaves the message as it was. So a zone
/// transfer appends until `false`, sends ``take()``, and goes on with the same record.
///
/// A name is compressed against one of the same octets, not one that differs in
/// case: a pointer gives a name the spelling of what it points at, and what is built
/// here says exactly what was put in (also the random case that resolvers compare).
public struct MessageBuilder: Sendable {
    /// The header's fields, which may change until the message is taken.
    public var id: UInt16
    /// 0 to 15; of a greater number its lower four bits are written.
    public var opcode: Opcode
    /// The header's bits, without opcode and response code.
    public var flags: Message.Flags
    /// A code that does not fit, over 15 without EDNS or over 4095, becomes SERVFAIL.
    public var responseCode: ResponseCode

    /// The most octets that the message may have, 12 to 65,535.
    public let limit: Int
    /// Octets of these to keep free, for the OPT and TSIG records that come last.
    public var reserved = 0

    private(set) var wire: [UInt8]
    private var names = CompressionTable()
    /// Questions, answers, authority, additional.
    private var counts = SIMD4<UInt16>.zero
    private var optAt: Int?

    /// An empty message. A limit below 12 octets means 12, one over 65,535 means 65,535.
    public init(
        id: UInt16, opcode: Opcode = .query, flags: Message.Flags = [], responseCode: ResponseCode = .noError,
        limit: Int = 65_535
    ) {
        self.id = id
        self.opcode = opcode
        self.flags = flags
        self.responseCode = responseCode
        self.limit = min(max(limit, MessageHeader.length), 65_535)
        wire = Array(repeating: 0, count: MessageHeader.length)
    }

    /// Octets so far.
    public var count: Int { wire.count }
    /// Whether nothing was appended yet.
    public var isEmpty: Bool { wire.count == MessageHeader.length }

    /// The message; the builder is then empty again, with the same header.
    public mutating func take() -> [UInt8] {
        var code = responseCode
        if code.rawValue > (optAt == nil ? 0xF : 0xFFF) { code = .serverFailure }
        put(id, at: 0)
        put(MessageHeader.bits(opcode, flags, code), at: 2)
        for i in 0..<4 { put(counts[i], at: 4 + 2 * i) }
        if let optAt { wire[optAt + EDNS.codeOffset] = UInt8(code.rawValue >> 4) }
        defer {
            wire = Array(repeating: 0, count: MessageHeader.length)
            names = CompressionTable()
            counts = .zero
            optAt = nil
        }
        return wire
    }

    private mutating func put(_ number: UInt16, at offset: Int) {
        wire[offset] = UInt8(number >> 8)
        wire[offset + 1] = UInt8(number & 0xFF)
    }

    /// Appends what `body` writes, or nothing: `false` if it gives up, or wrote too much.
    private mutating func attempt(_ section: Int, _ body: (inout MessageBuilder) -> Bool) -> Bool {
        for later in section + 1..<4 { precondition(counts[later] == 0, "a section cannot follow a later one") }
        let start = wire.count, before = counts
        if body(&self), wire.count <= limit - reserved { return true }
        wire.removeLast(wire.count - start)
        names.remove(from: start)
        counts = before
        return false
    }

    /// Counts one more question or record; `false` if there are 65,535 already.
    private mutating func count(_ section: Int) -> Bool {
        guard counts[section] < .max else { return false }
        counts[section] += 1
        return true
    }
}

extension MessageBuilder {
    /// Appends a question, before any record.
    public mutating func append(_ question: Question) -> Bool {
        attempt(0) { builder in
            builder.append(name: question.name.wire, from: 0)
            builder.wire.append(network: question.type.rawValue)
            builder.wire.append(network: question.rrClass.rawValue)
            return builder.count(0)
        }
    }

    /// Appends a record. Sections come in their order.
    public mutating func append(_ record: ResourceRecord, to section: Message.Section) -> Bool {
        append(set: CollectionOfOne(record), to: section)
    }

    /// Appends all of these records or none of them.
    public mutating func append(set: some Sequence<ResourceRecord>, to section: Message.Section) -> Bool {
        attempt(section.rawValue) { builder in
            for record in set {
                guard builder.count(section.rawValue), builder.write(record) else { return false }
            }
            return true
        }
    }

    /// Appends the OPT record, once.
    ///
    /// - Parameters:
    ///   - edns: what the record says; its padding, if any, gives way to that of `block`.
    ///   - block: pad the message, with what is reserved to follow, to a multiple of this
    ///     many octets, or as far as the limit allows (RFC 8467 §4).
    public mutating func append(_ edns: EDNS, paddedTo block: Int? = nil) -> Bool {
        precondition(optAt == nil, "a message has one OPT record")
        var edns = edns
        if let block, block > 0 {
            edns.options.removeAll { if case .padding = $0 { true } else { false } }
            let length = count + edns.length + 4 + reserved
            if length <= limit { edns.options.append(.padding(min((block - length % block) % block, limit - length))) }
        }
        // Known before it is written: the length of the data has 16 bits.
        guard count + edns.length <= limit - reserved else { return false }
        let start = count
        guard attempt(3, { builder in
            edns.append(to: &builder.wire)
            return builder.count(3)
        }) else { return false }
        optAt = start
        return true
    }

    /// Appends a TSIG record as it is, after all else. ``TSIGClient`` and ``TSIGServer`` sign.
    public mutating func append(_ tsig: TSIG) -> Bool {
        guard count + tsig.length <= limit - reserved else { return false }
        return attempt(3) { builder in
            tsig.append(to: &builder.wire)
            return builder.count(3)
        }
    }

    private mutating func write(_ record: ResourceRecord) -> Bool {
        append(name: record.owner.wire, from: 0)
        wire.append(network: record.type.rawValue)
        wire.append(network: record.rrClass.rawValue)
        wire.append(network: record.ttl)
        let lengthAt = count
        wire.append(network: 0 as UInt16)
        // A lone record may be far too long; then there is no sense in copying it.
        guard count <= limit, record.rdata.wire.count <= 65_535 else { return false }
        append(record.rdata.wire, of: record.type, record.rrClass)
        guard count <= limit else { return false }
        put(UInt16(count - lengthAt - 2), at: lengthAt)
        return true
    }

    /// Appends RDATA; only names that RFC 3597 §4 lets be compressed are.
    private mutating func append(_ rdata: [UInt8], of type: RRType, _ rrClass: RRClass) {
        let start = count
        var reader = WireReader(rdata)
        if let fields = RDataLayout.fields(of: type, rrClass, isEmpty: rdata.isEmpty),
            fields.contains(where: \.isCompressible)
        {
            do {
                for field in fields {
                    let from = reader.offset
                    try reader.check(field, compression: false)
                    if field.isCompressible {
                        append(name: rdata, from: from)
                    } else {
                        wire.append(contentsOf: rdata[from..<reader.offset])
                    }
                }
            } catch {
                // Not data of this type: sent as it was put in.
                wire.removeLast(count - start)
                names.remove(from: start)
                wire.append(contentsOf: rdata)
                return
            }
        }
        wire.append(contentsOf: rdata[reader.offset...])
    }
}

extension RDataField {
    fileprivate var isCompressible: Bool { if case .name(.compressible) = self { true } else { false } }
}

extension MessageBuilder {
    /// Appends the uncompressed name that starts at an offset of valid octets, with a
    /// pointer for as much of its end as the message has already.
    private mutating func append(name: [UInt8], from start: Int) {
        // A name has at most 127 labels: where each starts, and the hash from there on.
        withUnsafeTemporaryAllocation(of: (start: Int32, hash: UInt32).self, capacity: 128) { labels in
            var count = 0, at = start
            while name[at] != 0 {
                labels.initializeElement(at: count, to: (Int32(at), 0))
                count += 1
                at += 1 + Int(name[at])
            }
            var hash: UInt32 = 2_166_136_261
            for i in stride(from: count - 1, through: 0, by: -1) {
                let first = Int(labels[i].start)
                for j in first...first + Int(name[first]) { hash = (hash ^ UInt32(name[j])) &* 16_777_619 }
                labels[i].hash = hash
            }
            // The longest end that is there already; all labels before it are new.
            var known = 0, target: Int?
            while known < count {
                target = names.find(Self.short(labels[known].hash)) { matches($0, name, Int(labels[known].start)) }
                if target != nil { break }
                known += 1
            }
            let shift = wire.count - start
            wire.append(contentsOf: name[start..<(known < count ? Int(labels[known].start) : at)])
            if let target { wire.append(network: 0xC000 | UInt16(target)) } else { wire.append(0) }
            // Only now: a name that is not whole yet must not be compared with.
            for i in 0..<known { names.insert(Self.short(labels[i].hash), Int(labels[i].start) + shift) }
        }
    }

    private static func short(_ hash: UInt32) -> UInt16 { UInt16(truncatingIfNeeded: hash ^ hash >> 16) }

    /// Whether the name at an offset of the message has the octets of another from `start` on.
    private func matches(_ offset: Int, _ name: [UInt8], _ start: Int) -> Bool {
        var at = offset, other = start
        while true {
            while wire[at] >= 0xC0 { at = Int(wire.u16(at: at) & 0x3FFF) }
            let length = Int(wire[at])
            for i in 0...length where wire[at + i] != name[other + i] { return false }
            if length == 0 { return true }
            at += 1 + length
            other += 1 + length
        }
    }
}
