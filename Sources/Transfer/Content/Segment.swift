internal import DNSWire

/// Some records of a zone as they go on the wire, uncompressed, one after another: owner,
/// type, class, TTL, length, data. Nothing else is kept of a record.
///
/// Immutable and shared: a transfer holds what it is about to send, whatever comes meanwhile.
final class Segment: Sendable {
    let octets: [UInt8]
    /// Records.
    let count: Int

    init(octets: [UInt8], count: Int) {
        self.octets = octets
        self.count = count
    }

    static let empty = Segment(octets: [], count: 0)
}

extension [UInt8] {
    mutating func append(network number: UInt16) {
        append(UInt8(number >> 8))
        append(UInt8(number & 0xFF))
    }

    mutating func append(network number: UInt32) {
        append(network: UInt16(number >> 16))
        append(network: UInt16(number & 0xFFFF))
    }

    /// Appends a record of class IN.
    mutating func append(owner: Name, type: RRType, ttl: UInt32, rdata: RData) {
        append(contentsOf: owner.wire)
        append(network: type.rawValue)
        append(network: RRClass.in.rawValue)
        append(network: ttl)
        append(network: UInt16(truncatingIfNeeded: rdata.wire.count))
        append(contentsOf: rdata.wire)
    }
}

/// Where the parts of one record are.
struct RecordSpan {
    var start: Int
    /// Behind the owner: where the type is.
    var fixed: Int
    var end: Int

    /// The record that starts at an offset of octets that are records.
    init(_ octets: [UInt8], at start: Int) {
        self.start = start
        var at = start
        while octets[at] != 0 { at += 1 + Int(octets[at]) }
        fixed = at + 1
        end = fixed + 10 + Int(octets[fixed + 8]) << 8 + Int(octets[fixed + 9])
    }

    var rdata: Int { fixed + 10 }
}

/// What leads from some records to others.
struct RecordChanges: Sendable {
    var removed: [UInt8] = []
    var added: [UInt8] = []

    var size: Int { removed.count + added.count }

    /// Adds what differs. Both are in one order, and mostly the same: only what lies between
    /// equal beginnings and equal ends is looked at record by record.
    mutating func compare(_ old: [UInt8], _ new: [UInt8]) {
        let (from, before) = Self.records(old), (to, after) = Self.records(new)
        var start = 0
        while start < min(before, after), Self.equal(old, from, start, new, to, start) { start += 1 }
        var i = before, j = after
        while i > start, j > start, Self.equal(old, from, i - 1, new, to, j - 1) { (i, j) = (i - 1, j - 1) }
        let gone = Set((start..<i).map { old[from[$0]..<from[$0 + 1]] })
        var kept: Set<ArraySlice<UInt8>> = []
        for record in start..<j {
            let octets = new[to[record]..<to[record + 1]]
            if gone.contains(octets) { kept.insert(octets) } else { added += octets }
        }
        for record in start..<i where !kept.contains(old[from[record]..<from[record + 1]]) {
            removed += old[from[record]..<from[record + 1]]
        }
    }

    /// Where each record starts, and where the last one ends; and how many there are.
    private static func records(_ octets: [UInt8]) -> ([Int], Int) {
        var starts: [Int] = []
        var at = 0
        while at < octets.count {
            starts.append(at)
            at = RecordSpan(octets, at: at).end
        }
        return (starts + [at], starts.count)
    }

    private static func equal(_ a: [UInt8], _ x: [Int], _ i: Int, _ b: [UInt8], _ y: [Int], _ j: Int) -> Bool {
        let length = x[i + 1] - x[i]
        guard y[j + 1] - y[j] == length else { return false }
        for k in 0..<length where a[x[i] + k] != b[y[j] + k] { return false }
        return true
    }
}
