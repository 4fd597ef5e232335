internal import DNSWire

/// Reads lines as tinydns-data does, and gives a sink what they make, in its order.
struct DataScanner<Sink: DataSink & ~Copyable>: ~Copyable {
    var sink: Sink
    var report = DataReport()
    /// Of SOA records whose line has none.
    private let serial: UInt32
    /// TAI64.
    let now: UInt64?

    var line = 0
    var faultyLine = 0
    var owner = OctetBuffer()
    var target = OctetBuffer()
    private var rdata = OctetBuffer()
    var text = OctetBuffer()

    /// - Parameter line: how many come before what is read.
    init(_ sink: consuming Sink, serial: UInt32, now: UInt64?, line: Int = 0) {
        self.sink = sink
        self.serial = serial
        self.now = now
        self.line = line
    }

    consuming func finish() -> Sink { sink }

    mutating func read(_ octets: Octets) throws {
        let before = line
        var start = 0
        while start < octets.count {
            let end = octets.lineEnd(from: start)
            line += 1
            try read(line: Octets(rebasing: octets[start..<end]))
            start = end + 1
        }
        report.lines = line - before
    }

    @inline(__always)
    private mutating func read(line octets: Octets) throws {
        var end = octets.count
        while end > 0, octets[end - 1] == 0x20 || octets[end - 1] == 0x09 { end -= 1 }
        guard end > 0 else { return }
        let octets = Octets(rebasing: octets[..<end])
        var fields = FieldReader(octets)
        switch octets[0] {
        case UInt8(ascii: "#"), UInt8(ascii: "-"): return
        case UInt8(ascii: "+"): try address(&fields, reverse: false)
        case UInt8(ascii: "="): try address(&fields, reverse: true)
        case UInt8(ascii: "%"): try mapEntry(&fields)
        case UInt8(ascii: "Z"): try soa(&fields)
        case UInt8(ascii: "."): try nameServer(&fields, soa: true)
        case UInt8(ascii: "&"): try nameServer(&fields, soa: false)
        case UInt8(ascii: "@"): try mailExchange(&fields)
        case UInt8(ascii: "S"): try service(&fields)
        case UInt8(ascii: "C"): try alias(&fields, .cname)
        case UInt8(ascii: "^"): try alias(&fields, .ptr)
        case UInt8(ascii: "'"): try textRecord(&fields)
        case UInt8(ascii: ":"): try generic(&fields)
        default: note(.unknownLine, "a line cannot begin with \(DataProblem.described(octets[0]))")
        }
        if octets[end - 1] == 0x0D {
            note(.carriageReturn, "a carriage return ends the line, and belongs to its last field")
        }
    }

    // MARK: Lines

    private mutating func address(_ fields: inout FieldReader, reverse: Bool) throws {
        let name = fields.next(), address = fields.next()
        let common = self.common(&fields, ttl: 86_400)
        guard readOwner(name) else { return }
        guard let octets = self.address(address) else {
            return note(.noAddress, "'\(address.text)' is no IPv4 address: the line makes no record", lost: reverse ? 2 : 1)
        }
        try emitAddress(octets, of: owner.octets, common)
        guard reverse else { return }
        target.clear()
        for shift: UInt32 in [0, 8, 16, 24] {
            let octet = UInt8(truncatingIfNeeded: octets >> shift)
            target.append(octet >= 100 ? 3 : octet >= 10 ? 2 : 1)
            target.append(decimal: octet)
        }
        target.append("\u{7}in-addr\u{4}arpa\u{0}")
        try emit(.ptr, of: target.octets, owner.octets, common)
    }

    private mutating func nameServer(_ fields: inout FieldReader, soa: Bool) throws {
        let name = fields.next(), address = fields.next(), server = fields.next()
        let common = self.common(&fields, ttl: 259_200)
        guard readOwner(name) && readTarget(server, completedBy: ".ns.", name) else { return }
        if soa {
            rdata.clear()
            rdata.append(target.octets)
            rdata.append("\u{A}hostmaster")
            rdata.append(owner.octets)
            rdata.append(network: serial)
            for time in Self.times { rdata.append(network: time) }
            var negative = common
            negative.ttl = common.ttl == 0 ? 0 : UInt64(Self.negativeTTL)
            try emit(.soa, of: owner.octets, rdata.octets, negative, isDated: true)
        }
        try emit(.ns, of: owner.octets, target.octets, common)
        try glue(address, common)
    }

    private mutating func mailExchange(_ fields: inout FieldReader) throws {
        let name = fields.next(), address = fields.next(), exchange = fields.next(), distance = fields.next()
        let common = self.common(&fields, ttl: 86_400)
        guard readOwner(name) && readTarget(exchange, completedBy: ".mx.", name) else { return }
        rdata.clear()
        rdata.append(network: UInt16(truncatingIfNeeded: number(distance, 0, most: 65_535, "distance")))
        rdata.append(target.octets)
        try emit(.mx, of: owner.octets, rdata.octets, common)
        try glue(address, common)
    }

    private mutating func service(_ fields: inout FieldReader) throws {
        let name = fields.next(), address = fields.next(), server = fields.next(), port = fields.next()
        let priority = fields.next(), weight = fields.next()
        let common = self.common(&fields, ttl: 86_400)
        let isGood = readOwner(name) && readTarget(server, completedBy: ".srv.", name)
        guard port.number().end > 0 else { return note(.missingPort, "a service needs a port, and '\(port.text)' is none") }
        guard isGood else { return }
        rdata.clear()
        rdata.append(network: UInt16(truncatingIfNeeded: number(priority, 0, most: 65_535, "priority")))
        rdata.append(network: UInt16(truncatingIfNeeded: number(weight, 0, most: 65_535, "weight")))
        rdata.append(network: UInt16(truncatingIfNeeded: number(port, 0, most: 65_535, "port")))
        rdata.append(target.octets)
        try emit(.srv, of: owner.octets, rdata.octets, common)
        try glue(address, common)
    }

    private mutating func soa(_ fields: inout FieldReader) throws {
        let name = fields.next(), primary = fields.next(), mailbox = fields.next()
        let numbers = (fields.next(), fields.next(), fields.next(), fields.next(), fields.next())
        let common = self.common(&fields, ttl: UInt64(Self.negativeTTL))
        let ownerIsGood = readOwner(name)
        let primaryIsGood = readTarget(primary, "primary server")
        rdata.clear()
        rdata.append(target.octets)
        let mailboxIsGood = readTarget(mailbox, "mailbox")
        guard ownerIsGood && primaryIsGood && mailboxIsGood else { return }
        rdata.append(target.octets)
        let (refresh, retry, expire, minimum) = (Self.times[0], Self.times[1], Self.times[2], Self.times[3])
        for (field, value, what) in [
            (numbers.0, serial, "serial" as StaticString), (numbers.1, refresh, "refresh"), (numbers.2, retry, "retry"),
            (numbers.3, expire, "expire"), (numbers.4, minimum, "minimum"),
        ] {
            rdata.append(network: UInt32(truncatingIfNeeded: number(field, UInt64(value), most: 0xFFFF_FFFF, what)))
        }
        try emit(.soa, of: owner.octets, rdata.octets, common, isDated: numbers.0.number().end == 0)
    }

    private mutating func alias(_ fields: inout FieldReader, _ type: RRType) throws {
        let name = fields.next(), aim = fields.next()
        let common = self.common(&fields, ttl: 86_400)
        let ownerIsGood = readOwner(name)
        guard readTarget(aim, "target") && ownerIsGood else { return }
        try emit(type, of: owner.octets, target.octets, common)
    }

    private mutating func textRecord(_ fields: inout FieldReader) throws {
        let name = fields.next(), value = fields.next()
        let common = self.common(&fields, ttl: 86_400)
        guard readOwner(name) else { return }
        text.clear()
        noteOddities(text.appendText(value), value, "text")
        let octets = text.octets
        rdata.clear()
        for start in stride(from: 0, to: octets.count, by: 127) {
            let part = Octets(rebasing: octets[start..<min(start + 127, octets.count)])
            rdata.append(UInt8(part.count))
            rdata.append(part)
        }
        if octets.count > 127 {
            note(.cutText, "\(octets.count) octets of text become \((octets.count + 126) / 127) strings, which readers have to join")
        }
        try emit(.txt, of: owner.octets, rdata.octets, common)
    }

    private mutating func generic(_ fields: inout FieldReader) throws {
        let name = fields.next(), number = fields.next(), data = fields.next()
        let common = self.common(&fields, ttl: 86_400)
        let ownerIsGood = readOwner(name)
        let type = RRType(rawValue: UInt16(truncatingIfNeeded: self.number(number, 0, most: 65_535, "type")))
        switch type.rawValue {
        case 0, 2, 5, 6, 12, 15, 252:
            return note(.prohibitedType, "\(type.rawValue == 0 ? "type 0" : "\(type)") cannot be written in this form")
        default: break
        }
        guard ownerIsGood else { return }
        rdata.clear()
        noteOddities(rdata.appendText(data), data, "data")
        try emit(type, of: owner.octets, rdata.octets, common)
    }

    private mutating func mapEntry(_ fields: inout FieldReader) throws {
        let place = location(fields.next()), prefix = fields.next()
        noteRest(fields)
        text.clear()
        var at = 0, isOdd = false
        while at < prefix.count {
            if prefix[at] == UInt8(ascii: ".") {
                isOdd = isOdd || at == 0 || prefix[at - 1] == UInt8(ascii: ".")
                at += 1
                continue
            }
            let (value, end) = prefix.number(from: at)
            isOdd = isOdd || end == at || value > 255
            guard end > at else { break }
            text.append(UInt8(truncatingIfNeeded: value))
            at = end
        }
        if isOdd || text.count > 4 { note(.badPrefix, "'\(prefix.text)' is no IPv4 prefix") }
        report.mapEntries += 1
        try sink.take(prefix: text.octets, location: place, line: line, &report)
    }

    // MARK: Records

    /// What all lines but `%` have at their end.
    struct Common {
        /// All 64 bits that tinydns-data reads; records have 32.
        var ttl: UInt64
        var timestamp: UInt64
        var location: (UInt8, UInt8)
    }

    @inline(__always)
    private mutating func emit(
        _ type: RRType, of owner: Octets, _ rdata: Octets, _ common: Common, isDated: Bool = false
    ) throws {
        report.records += 1
        try sink.take(
            DataRecord(
                line: line, owner: owner, type: type, ttl: UInt32(truncatingIfNeeded: common.ttl), timestamp: common.timestamp,
                location: common.location, rdata: rdata, isDated: isDated), &report)
    }

    @inline(__always)
    private mutating func emitAddress(_ address: UInt32, of owner: Octets, _ common: Common) throws {
        rdata.clear()
        rdata.append(network: address)
        try emit(.a, of: owner, rdata.octets, common)
    }

    /// The address of the server that the line is about, if there is one.
    private mutating func glue(_ address: Octets, _ common: Common) throws {
        guard !address.isEmpty else { return }
        guard let octets = self.address(address) else {
            return note(.noAddress, "'\(address.text)' is no IPv4 address, and is left out", lost: 1)
        }
        try emitAddress(octets, of: target.octets, common)
    }

    /// Refresh, retry, expire and minimum where a line says none.
    private static var times: [UInt32] { [16_384, 2048, 1_048_576, 2560] }
    private static var negativeTTL: UInt32 { 2560 }
}
