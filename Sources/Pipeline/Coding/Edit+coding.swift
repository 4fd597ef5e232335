internal import DNSWire

extension Edit {
    /// The blob of one shard's edits.
    public static func encode(_ edits: [Edit]) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.reserve(edits.count * 96)
        for edit in edits { edit.write(1, to: &writer) }
        return writer.octets
    }

    public static func decode(_ octets: [UInt8]) throws(DecodingFault) -> [Edit] {
        var reader = ProtobufReader(octets)
        var edits: [Edit] = []
        while let (number, value) = try reader.next() {
            if case (1, .octets(let edit)) = (number, value) { edits.append(try Edit(edit, from: edits.last?.origin)) }
        }
        return edits
    }

    /// As a field (`content.proto`, `Edit`).
    func write(_ number: UInt64, to writer: inout ProtobufWriter) {
        var size = ProtobufWriter.size(action.number) + ProtobufWriter.size(octets: key.owner.wire.count)
        size += ProtobufWriter.size(UInt32(key.type.rawValue)) + ProtobufWriter.size(ttl ?? 0)
        if key.location != nil { size += ProtobufWriter.size(octets: 2) }
        for data in rdata { size += ProtobufWriter.size(octets: data.wire.count) }
        size += ProtobufWriter.size(octets: origin.wireSize)
        size += ProtobufWriter.size(overrides ?? "") + ProtobufWriter.size(starts.wire) + ProtobufWriter.size(expires.wire)

        writer.header(number, count: size)
        writer.field(1, action.number)
        writer.field(2, key.owner.wire)
        writer.field(3, UInt32(key.type.rawValue))
        if let location = key.location { writer.field(4, location.bytes) }
        writer.field(5, ttl ?? 0)
        for data in rdata { writer.field(6, data.wire) }
        origin.write(7, to: &writer)
        writer.field(8, overrides ?? "")
        writer.field(9, starts.wire)
        writer.field(10, expires.wire)
    }

    /// Reads it; fields of a later version are passed over.
    ///
    /// - Parameter known: an origin that its own may be the same as, but for the line.
    init(_ reader: ProtobufReader, from known: Origin? = nil) throws(DecodingFault) {
        var reader = reader
        var action: UInt64 = 0, type: UInt32 = 0, ttl: UInt32 = 0
        var owner: [UInt8] = [], location: [UInt8] = []
        var rdata: [[UInt8]] = []
        var origin = Origin(source: ""), overrides = ""
        var starts: UInt64 = 0, expires: UInt64 = 0
        while let (number, value) = try reader.next() {
            switch (number, value) {
            case (1, .varint(let number)): action = number
            case (2, .octets(let octets)): owner = octets.octets
            case (3, .varint(let number)): type = UInt32(truncatingIfNeeded: number)
            case (4, .octets(let octets)): location = octets.octets
            case (5, .varint(let number)): ttl = UInt32(truncatingIfNeeded: number)
            case (6, .octets(let octets)): rdata.append(octets.octets)
            case (7, .octets(let octets)): origin = try Origin(octets, like: known)
            case (8, .octets(let octets)): overrides = try octets.text()
            case (9, .varint(let number)): starts = number
            case (10, .varint(let number)): expires = number
            default: break
            }
        }
        guard let action = Action(number: action) else { throw DecodingFault("an edit's action is unknown") }
        let key = try makeKey(owner: owner, type: type, location: location)
        var values: [RData] = []
        values.reserveCapacity(rdata.count)
        for octets in rdata {
            do { values.append(try RData(wire: octets, type: key.type)) } catch { throw DecodingFault("\(error)") }
        }
        self.init(
            action: action, key: key, ttl: action.makesValues ? ttl : nil, rdata: values, origin: origin,
            overrides: overrides.isEmpty ? nil : overrides, starts: Instant(wire: starts), expires: Instant(wire: expires))
    }
}

extension Edit.Action {
    private static let numbered: [Edit.Action] = [.set, .add, .remove, .pin, .external]

    /// Its number in `content.proto`, from 1.
    fileprivate var number: UInt32 {
        switch self {
        case .set: 1
        case .add: 2
        case .remove: 3
        case .pin: 4
        case .external: 5
        }
    }

    fileprivate init?(number: UInt64) {
        guard (1...UInt64(Self.numbered.count)).contains(number) else { return nil }
        self = Self.numbered[Int(number) - 1]
    }
}

extension Instant {
    /// An `int64`, which is written as its 64 bits; 0 for none.
    fileprivate init?(wire: UInt64) {
        if wire == 0 { return nil }
        self.init(milliseconds: Int64(bitPattern: wire))
    }
}

extension Instant? {
    fileprivate var wire: UInt64 { UInt64(bitPattern: self?.milliseconds ?? 0) }
}
