/// What a MAC is made over (RFC 8945 §4.3): parts in an order, nothing copied but a header.
struct TSIGDigest: Sendable {
    private var hash: any TSIGHash

    /// - Parameter prior: the MAC, as it was sent, of the request or of the message before.
    init(_ key: TSIGKey, prior: [UInt8]?) {
        hash = key.begin()
        if let prior {
            hash.update(UInt16(truncatingIfNeeded: prior.count).octets[...])
            hash.update(prior[...])
        }
    }

    /// Adds a message that has no TSIG record.
    mutating func add(_ message: [UInt8]) { hash.update(message[...]) }

    /// Adds a message as it was before its TSIG record was put to it.
    mutating func add(_ message: MessageView, signedBy tsig: TSIG, at start: Int) {
        var header = Array(message.octets[..<MessageHeader.length])
        header.replaceSubrange(0..<2, with: tsig.originalID.octets)
        header.replaceSubrange(10..<12, with: (message.octets.u16(at: 10) - 1).octets)
        hash.update(header[...])
        hash.update(message.octets[MessageHeader.length..<start])
    }

    /// Adds what the record itself says: all of it, or later in a stream its times alone.
    mutating func add(_ tsig: TSIG, timersOnly: Bool) {
        guard !timersOnly else { return hash.update(tsig.timers[...]) }
        var octets = tsig.keyName.canonicalWire
        octets.append(network: RRClass.any.rawValue)
        octets.append(network: 0 as UInt32)
        octets.append(contentsOf: tsig.algorithm.canonicalWire)
        octets.append(contentsOf: tsig.timers)
        octets.append(network: tsig.error.rawValue)
        octets.append(network: UInt16(truncatingIfNeeded: tsig.other.count))
        octets.append(contentsOf: tsig.other)
        hash.update(octets[...])
    }

    var mac: [UInt8] { hash.finish() }
}

extension TSIGKey {
    /// A record of this key without its MAC yet.
    func record(at time: UInt64, fudge: UInt16, id: UInt16) -> TSIG {
        TSIG(keyName: name, algorithm: algorithm.name, time: time, fudge: fudge, mac: [], originalID: id)
    }

    /// Completes a record with the MAC over `digest` and itself, and puts it to the message.
    ///
    /// - Returns: the MAC.
    func sign(
        _ message: inout [UInt8], _ record: TSIG, _ digest: TSIGDigest, timersOnly: Bool = false
    ) throws(TSIGError) -> [UInt8] {
        var digest = digest, record = record
        digest.add(message)
        digest.add(record, timersOnly: timersOnly)
        record.mac = digest.mac
        try record.put(to: &message)
        return record.mac
    }

    /// The checks of RFC 8945 §5.2, in its order.
    func check(_ tsig: TSIG, _ digest: TSIGDigest, at now: UInt64) throws(TSIGError) {
        guard tsig.keyName == name, tsig.algorithm == algorithm.name else { throw .badKey }
        guard (algorithm.leastLength...algorithm.length).contains(tsig.mac.count) else { throw .malformed }
        // Takes as long wherever the first difference is.
        var difference: UInt8 = 0
        for (a, b) in zip(tsig.mac, digest.mac) { difference |= a ^ b }
        guard difference == 0 else { throw .badSignature }
        guard max(now, tsig.time) - min(now, tsig.time) <= UInt64(tsig.fudge) else { throw .badTime }
        guard tsig.mac.count >= shortestMAC else { throw .badTruncation }
    }
}

extension TSIG {
    /// Appends the record to a whole message that has none.
    func put(to message: inout [UInt8]) throws(TSIGError) {
        guard message.count >= MessageHeader.length, message.u16(at: 10) < .max, message.count + length <= 65_535 else {
            throw .unsignable
        }
        append(to: &message)
        message.replaceSubrange(10..<12, with: (message.u16(at: 10) + 1).octets)
    }
}
