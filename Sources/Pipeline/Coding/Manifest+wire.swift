internal import DNSWire

// By hand: a manifest is read and written at each step, and its thousands of shards are
// what a step costs that changes one.

extension Manifest {
    public var encoded: [UInt8] {
        var writer = ProtobufWriter()
        writer.reserve(256 + (shards.count + beneath.count) * 96)
        writer.field(1, source)
        writer.field(2, number)
        writer.field(3, UInt32(sharding.count))
        write(shards, 4, to: &writer)
        for made in basis { writer.element(5, made) }
        writer.field(6, encode(trace.proto))
        writer.field(9, UInt64(bitPattern: next?.milliseconds ?? 0))
        write(beneath, 10, to: &writer)
        if let history { writer.field(11, history) }
        return writer.octets
    }

    private func write(_ references: [Int: ShardReference], _ number: UInt64, to writer: inout ProtobufWriter) {
        if references.isEmpty { return }
        for index in 0..<sharding.count { references[index]?.write(number, index, to: &writer) }
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        self.init(source: "", number: 0, sharding: Sharding(count: 1))
        var count: UInt32 = 0
        var shards: [ProtobufReader] = [], beneath: [ProtobufReader] = [], traces: [UInt8] = []
        var reader = ProtobufReader(octets)
        while let (number, value) = try reader.next() {
            switch (number, value) {
            case (1, .octets(let octets)): source = try octets.text()
            case (2, .varint(let value)): self.number = value
            case (3, .varint(let value)): count = UInt32(truncatingIfNeeded: value)
            case (4, .octets(let octets)): shards.append(octets)
            case (5, .octets(let octets)): basis.append(try octets.text())
            // A message that is there twice is one: its octets can be joined.
            case (6, .octets(let octets)): traces += octets.octets
            case (9, .varint(let value)): next = value == 0 ? nil : Instant(milliseconds: Int64(bitPattern: value))
            case (10, .octets(let octets)): beneath.append(octets)
            case (11, .octets(let octets)): history = octets.isAtEnd ? nil : try octets.digest()
            default: break
            }
        }
        guard (1...4096).contains(count) else { throw DecodingFault("a manifest has 1 to 4096 shards") }
        sharding = Sharding(count: Int(count))
        if !traces.isEmpty { trace = Trace(try decode(Freshet_V1_Trace.self, traces)) }
        self.shards = try Self.references(shards, of: sharding)
        self.beneath = try Self.references(beneath, of: sharding)
    }

    private static func references(
        _ readers: [ProtobufReader], of sharding: Sharding
    ) throws(DecodingFault) -> [Int: ShardReference] {
        var references = [Int: ShardReference](minimumCapacity: readers.count)
        for reader in readers {
            let (index, reference) = try ShardReference.read(reader)
            guard index < sharding.count else { throw DecodingFault("a shard's index is out of range") }
            references[index] = reference
        }
        return references
    }
}

extension ShardReference {
    fileprivate func write(_ number: UInt64, _ index: Int, to writer: inout ProtobufWriter) {
        let count = UInt32(clamping: count), conflicts = UInt32(clamping: conflicts), octets = UInt64(clamping: size)
        var size = ProtobufWriter.size(UInt32(index)) + 2 * ProtobufWriter.size(octets: Digest.length)
        if octets > 0 { size += 1 + ProtobufWriter.size(varint: octets) }
        size += ProtobufWriter.size(count) + ProtobufWriter.size(conflicts)
        for zone in zones { size += ProtobufWriter.size(octets: zone.wire.count) }
        writer.header(number, count: size)
        writer.field(1, UInt32(index))
        writer.field(2, digest)
        writer.field(3, octets)
        writer.field(4, count)
        writer.field(5, basis)
        writer.field(6, conflicts)
        for zone in zones { writer.field(7, zone.wire) }
    }

    fileprivate static func read(_ reader: ProtobufReader) throws(DecodingFault) -> (index: Int, ShardReference) {
        var reader = reader
        var index: UInt32 = 0, count: UInt32 = 0, conflicts: UInt32 = 0
        var octets: UInt64 = 0
        var digest: Digest?, basis: Digest?
        var zones: [Name] = []
        while let (number, value) = try reader.next() {
            switch (number, value) {
            case (1, .varint(let value)): index = UInt32(truncatingIfNeeded: value)
            case (2, .octets(let octets)): digest = try octets.digest()
            case (3, .varint(let value)): octets = value
            case (4, .varint(let value)): count = UInt32(truncatingIfNeeded: value)
            case (5, .octets(let octets)): basis = try octets.digest()
            case (6, .varint(let value)): conflicts = UInt32(truncatingIfNeeded: value)
            case (7, .octets(let octets)):
                guard let zone = try? Name(wire: octets.octets) else { throw DecodingFault("a zone is not a name") }
                zones.append(zone)
            default: break
            }
        }
        guard let digest, let basis, let size = Int(exactly: octets) else {
            throw DecodingFault("a shard has no digest or its size is out of range")
        }
        let reference = ShardReference(
            digest: digest, size: size, count: Int(count), basis: basis, conflicts: Int(conflicts), zones: zones)
        return (Int(index), reference)
    }
}
