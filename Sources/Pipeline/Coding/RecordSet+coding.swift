internal import DNSWire

/// Origins of one message, each held once.
struct OriginTable {
    private(set) var list: [Origin] = []
    private var indices: [Origin: UInt32] = [:]
    private var last: (origin: Origin, index: UInt32)?

    mutating func index(of origin: Origin) -> UInt32 {
        // Neighbours often have one, and then it is the same reference.
        if let last, last.origin.isIdentical(to: origin) { return last.index }
        let index = indices[origin] ?? UInt32(list.count)
        if index == list.count {
            list.append(origin)
            indices[origin] = index
        }
        last = (origin, index)
        return index
    }
}

func lookup(_ origins: [Origin], _ index: UInt32) throws(DecodingFault) -> Origin {
    guard index < origins.count else { throw DecodingFault("an origin's index is out of range") }
    return origins[Int(index)]
}

func makeKey(owner: some Sequence<UInt8>, type: UInt32, location: some Collection<UInt8>) throws(DecodingFault) -> RecordKey {
    let name: Name
    do { name = try Name(wire: Array(owner)) } catch { throw DecodingFault("an owner is not a name: \(error)") }
    guard let number = UInt16(exactly: type) else { throw DecodingFault("a type is over 65535") }
    if location.isEmpty { return RecordKey(owner: name, type: RRType(rawValue: number)) }
    guard let location = Location(octets: location) else { throw DecodingFault("a location is not two octets") }
    return RecordKey(owner: name, type: RRType(rawValue: number), location: location)
}

extension RecordSet {
    /// Appends a field that holds it (`content.proto`, `RecordSet`).
    func write(_ number: UInt64, to writer: inout ProtobufWriter, _ origins: inout OriginTable) {
        let index = origins.index(of: origin)
        var over = ProtobufWriter()
        for origin in overrode { over.varint(UInt64(origins.index(of: origin))) }
        var size = ProtobufWriter.size(octets: key.owner.wire.count)
        size += ProtobufWriter.size(UInt32(key.type.rawValue)) + ProtobufWriter.size(ttl) + ProtobufWriter.size(index)
        if key.location != nil { size += ProtobufWriter.size(octets: 2) }
        for data in rdata { size += ProtobufWriter.size(octets: data.wire.count) }
        if !over.octets.isEmpty { size += ProtobufWriter.size(octets: over.octets.count) }

        writer.header(number, count: size)
        writer.field(1, key.owner.wire)
        writer.field(2, UInt32(key.type.rawValue))
        writer.field(3, ttl)
        if let location = key.location { writer.field(4, location.bytes) }
        for data in rdata { writer.field(5, data.wire) }
        writer.field(6, index)
        if !over.octets.isEmpty { writer.field(7, over.octets) }
    }

    /// The owner's octets alone: most often the first field.
    static func owner(_ reader: ProtobufReader) throws(DecodingFault) -> ProtobufReader? {
        var reader = reader
        while let (number, value) = try reader.next() {
            if number == 1, case .octets(let octets) = value { return octets }
        }
        return nil
    }

    /// The type alone; zero if there is none.
    static func type(_ reader: ProtobufReader) throws(DecodingFault) -> RRType {
        var reader = reader
        while let (number, value) = try reader.next() {
            if number == 2, case .varint(let type) = value { return RRType(rawValue: UInt16(truncatingIfNeeded: type)) }
        }
        return RRType(rawValue: 0)
    }

    /// Reads it; fields of a later version are passed over.
    init(_ reader: ProtobufReader, _ origins: [Origin]) throws(DecodingFault) {
        var reader = reader
        var owner: [UInt8] = [], location: [UInt8] = []
        var type: UInt32 = 0, ttl: UInt32 = 0, origin: UInt32 = 0
        var rdata: [[UInt8]] = []
        var overrode: [Origin] = []
        while let (number, value) = try reader.next() {
            switch (number, value) {
            case (1, .octets(let octets)): owner = octets.octets
            case (2, .varint(let number)): type = UInt32(truncatingIfNeeded: number)
            case (3, .varint(let number)): ttl = UInt32(truncatingIfNeeded: number)
            case (4, .octets(let octets)): location = octets.octets
            case (5, .octets(let octets)): rdata.append(octets.octets)
            case (6, .varint(let number)): origin = UInt32(truncatingIfNeeded: number)
            case (7, .varint(let number)): overrode.append(try lookup(origins, UInt32(truncatingIfNeeded: number)))
            case (7, .octets(var list)):
                while !list.isAtEnd { overrode.append(try lookup(origins, UInt32(truncatingIfNeeded: try list.varint()))) }
            default: break
            }
        }
        let key = try makeKey(owner: owner, type: type, location: location)
        var values: [RData] = []
        values.reserveCapacity(rdata.count)
        for octets in rdata {
            do {
                values.append(try RData(wire: octets, type: key.type))
            } catch {
                throw DecodingFault("\(key): \(error)")
            }
        }
        self.init(key: key, ttl: ttl, rdata: values, origin: try lookup(origins, origin), overrode: overrode)
    }
}

extension MapEntry {
    /// Appends a field that holds it (`content.proto`, `MapEntry`).
    func write(_ number: UInt64, to writer: inout ProtobufWriter, _ origins: inout OriginTable) {
        let index = origins.index(of: origin)
        var size = ProtobufWriter.size(octets: 2) + ProtobufWriter.size(index)
        if !prefix.isEmpty { size += ProtobufWriter.size(octets: prefix.count) }
        if demand.bitPattern != 0 { size += 9 }
        writer.header(number, count: size)
        if !prefix.isEmpty { writer.field(1, prefix) }
        writer.field(2, location.bytes)
        writer.field(3, index)
        writer.field(4, demand)
    }

    init(_ reader: ProtobufReader, _ origins: [Origin]) throws(DecodingFault) {
        var reader = reader
        var prefix: [UInt8] = [], place: [UInt8] = []
        var origin: UInt32 = 0
        var demand = 0.0
        while let (number, value) = try reader.next() {
            switch (number, value) {
            case (1, .octets(let octets)): prefix = octets.octets
            case (2, .octets(let octets)): place = octets.octets
            case (3, .varint(let number)): origin = UInt32(truncatingIfNeeded: number)
            case (4, .fixed(let bits)): demand = Double(bitPattern: bits)
            default: break
            }
        }
        guard prefix.count <= 4, let location = Location(octets: place) else {
            throw DecodingFault("a map entry's prefix or location has the wrong length")
        }
        guard demand.isFinite, demand >= 0 else { throw DecodingFault("a map entry's demand is no amount") }
        self.init(prefix: prefix, location: location, demand: demand, origin: try lookup(origins, origin))
    }
}

extension Origin {
    /// Appends a field that holds it (`content.proto`, `Origin`).
    func write(_ number: UInt64, to writer: inout ProtobufWriter) {
        writer.header(number, count: wireSize)
        writer.field(1, source)
        writer.field(2, file)
        writer.field(3, UInt32(clamping: line))
        writer.field(4, person)
        writer.field(5, reason)
    }

    /// Octets of its fields.
    var wireSize: Int {
        ProtobufWriter.size(source) + ProtobufWriter.size(file) + ProtobufWriter.size(UInt32(clamping: line))
            + ProtobufWriter.size(person) + ProtobufWriter.size(reason)
    }

    /// Reads it; fields of a later version are passed over.
    ///
    /// - Parameter other: one that is likely to be the same but for the line.
    init(_ reader: ProtobufReader, like other: Origin? = nil) throws(DecodingFault) {
        var reader = reader
        var source = "", file = "", person = "", reason = ""
        var line: UInt32 = 0
        while let (number, value) = try reader.next() {
            switch (number, value) {
            case (1, .octets(let octets)): source = try octets.text(like: other?.source)
            case (2, .octets(let octets)): file = try octets.text(like: other?.file)
            case (3, .varint(let number)): line = UInt32(truncatingIfNeeded: number)
            case (4, .octets(let octets)): person = try octets.text(like: other?.person)
            case (5, .octets(let octets)): reason = try octets.text(like: other?.reason)
            default: break
            }
        }
        if var other, other.file == file, other.source == source, other.person == person, other.reason == reason {
            other.line = Int(line)
            self = other
        } else {
            self.init(source: source, file: file, line: Int(line), person: person, reason: reason)
        }
    }
}

/// Records and map entries with the table of their origins: a shard's, and a pack's reply.
struct Contents {
    var records: [RecordSet] = []
    var map: [MapEntry] = []

    /// - Parameter fields: the fields' numbers.
    func write(to writer: inout ProtobufWriter, records: UInt64, map: UInt64, _ origins: inout OriginTable) {
        for record in self.records { record.write(records, to: &writer, &origins) }
        for entry in self.map { entry.write(map, to: &writer, &origins) }
    }

    /// All of a message but what `other` takes: other fields, with the origins.
    ///
    /// - Parameter wanted: whether a record is to be read.
    init(
        _ reader: ProtobufReader, origins: UInt64, records: UInt64, map: UInt64,
        other: (UInt64, ProtobufReader, [Origin]) throws(DecodingFault) -> Void = { _, _, _ in },
        wanted: ((ProtobufReader) throws(DecodingFault) -> Bool)? = nil
    ) throws(DecodingFault) {
        // First the table, which may come last.
        var table: [Origin] = []
        var counting = reader, count = 0
        while let (number, value) = try counting.next() {
            guard case .octets(let octets) = value else { continue }
            if number == origins { table.append(try Origin(octets, like: table.last)) }
            if number == records, wanted == nil { count += 1 }
        }
        self.records.reserveCapacity(count)
        var reader = reader
        while let (number, value) = try reader.next() {
            guard case .octets(let octets) = value else { continue }
            switch number {
            case origins: continue
            case records where try wanted?(octets) ?? true: self.records.append(try RecordSet(octets, table))
            case records: continue
            case map: self.map.append(try MapEntry(octets, table))
            default: try other(number, octets, table)
            }
        }
    }

    init(records: [RecordSet], map: [MapEntry]) {
        self.records = records
        self.map = map
    }
}
