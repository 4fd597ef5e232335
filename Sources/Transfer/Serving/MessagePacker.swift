internal import DNSWire

/// Packs records into messages one after another, without making values of them.
///
/// Owners are compressed against the question's name, which is the zone's, and against the
/// owner before; so is the data of types whose data is a name. That is most of what there is
/// to gain, at the cost of a comparison.
struct MessagePacker {
    private var wire: [UInt8] = []
    private let limit: Int
    private let header: [UInt8]
    /// Of the question's name.
    private let apex: [UInt8]
    private var count = 0
    /// Where in the message the last owner is.
    private var lastOwner = 0
    private var lastLength = 0

    /// - Parameters:
    ///   - limit: octets of a message at most.
    ///   - code: NOERROR in what has records.
    init(id: UInt16, flags: Message.Flags, opcode: Opcode = .query, question: Question, limit: Int) {
        var builder = MessageBuilder(id: id, opcode: opcode, flags: flags)
        // Alone in the message it has room.
        _ = builder.append(question)
        header = builder.take()
        apex = question.name.wire
        self.limit = limit
        start()
    }

    private mutating func start() {
        wire = []
        wire.reserveCapacity(limit)
        wire += header
        (count, lastOwner, lastLength) = (0, 0, 0)
    }

    var isEmpty: Bool { count == 0 }

    /// Appends the record at an offset of some octets, if it fits; returns where it ends, or `nil`.
    mutating func append(_ octets: [UInt8], at offset: Int, reserving reserved: Int) -> Int? {
        let record = RecordSpan(octets, at: offset)
        let start = wire.count
        let owner = record.fixed - offset
        if lastLength == owner, lastOwner != 0, lastOwner < 0x4000, isLast(octets, offset, owner) {
            wire.append(network: 0xC000 | UInt16(lastOwner))
        } else {
            lastLength = owner
            // Of an owner that is but a pointer the next one would be no shorter.
            lastOwner = owner == apex.count ? 0 : start
            append(name: octets, offset, record.fixed)
            last = (octets, offset)
        }
        wire += octets[record.fixed..<record.fixed + 8]
        let type = RRType(rawValue: UInt16(octets[record.fixed]) << 8 | UInt16(octets[record.fixed + 1]))
        let before: Int? =
            switch type {
            case .ns, .cname, .ptr: 0
            case .mx: 2
            default: nil
            }
        if let before, isName(octets, record.rdata + before, record.end) {
            let lengthAt = wire.count
            wire.append(network: 0 as UInt16)
            wire += octets[record.rdata..<record.rdata + before]
            append(name: octets, record.rdata + before, record.end)
            let length = wire.count - lengthAt - 2
            (wire[lengthAt], wire[lengthAt + 1]) = (UInt8(length >> 8), UInt8(length & 0xFF))
        } else {
            wire += octets[record.fixed + 8..<record.end]
        }
        guard wire.count + reserved <= limit else {
            wire.removeLast(wire.count - start)
            (lastOwner, lastLength) = (0, 0)
            return nil
        }
        count += 1
        return record.end
    }

    private var last: (octets: [UInt8], offset: Int) = ([], 0)

    private func isLast(_ octets: [UInt8], _ offset: Int, _ length: Int) -> Bool {
        for i in 0..<length where octets[offset + i] != last.octets[last.offset + i] { return false }
        return true
    }

    /// Whether a name takes up all of a range.
    private func isName(_ octets: [UInt8], _ start: Int, _ end: Int) -> Bool {
        var at = start
        while at < end, octets[at] != 0 { at += 1 + Int(octets[at]) }
        return at == end - 1
    }

    private mutating func append(name octets: [UInt8], _ start: Int, _ end: Int) {
        var at = start
        while end - at > apex.count { at += 1 + Int(octets[at]) }
        var isBelow = end - at == apex.count && apex.count > 1
        if isBelow {
            for i in 0..<apex.count where octets[at + i] != apex[i] {
                isBelow = false
                break
            }
        }
        guard isBelow else {
            wire += octets[start..<end]
            return
        }
        wire += octets[start..<at]
        // Right behind the header.
        wire.append(network: 0xC000 | UInt16(MessageHeader.length))
    }

    /// The message; what comes next starts another.
    mutating func take(edns: EDNS? = nil) -> [UInt8] {
        wire[6] = UInt8(count >> 8)
        wire[7] = UInt8(count & 0xFF)
        if let edns { append(edns) }
        let message = wire
        start()
        return message
    }

    private mutating func append(_ edns: EDNS) {
        wire.append(0)
        wire.append(network: RRType.opt.rawValue)
        wire.append(network: edns.udpSize)
        wire.append(network: 0 as UInt32)
        wire.append(network: UInt16(0))
        let lengthAt = wire.count - 2
        for option in edns.options {
            guard case .expire(let seconds?) = option else { continue }
            wire.append(network: option.code)
            wire.append(network: UInt16(4))
            wire.append(network: seconds)
        }
        wire[lengthAt + 1] = UInt8(wire.count - lengthAt - 2)
        wire[11] = 1
    }

    /// Octets that an OPT record takes as it is written here.
    static func length(of edns: EDNS?) -> Int { edns.map { 11 + 8 * $0.options.count } ?? 0 }
}
