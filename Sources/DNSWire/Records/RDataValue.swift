/// A value that the data of a record stands for: `SOA(record.rdata)`, or
/// `record.rdata.as(SOA.self)`.
///
/// Values are for programs; records are kept and moved as ``RData``. A value that came
/// from data gives the same octets back. One made by hand is taken at its word:
/// ``RData/init(wire:type:)`` checks its form and that it has at most 65,535 octets.
public protocol RDataValue: Hashable, Sendable {
    /// The type whose data this is; others may share its form.
    static var type: RRType { get }

    /// - Throws: ``RDataError/Code/malformed`` if the data has not the form.
    init(_ rdata: RData) throws(RDataError)

    /// The data that stands for this value, names uncompressed.
    var rdata: RData { get }
}

extension RData {
    /// The value that this data stands for.
    public func `as`<Value: RDataValue>(_: Value.Type = Value.self) throws(RDataError) -> Value { try Value(self) }
}

/// Reads the fields of data whose form has been checked, so that no read can fail.
struct CheckedReader {
    private let wire: [UInt8]
    private var at = 0

    /// - Throws: if the data is not well-formed for `type`.
    init(_ rdata: RData, _ type: RRType) throws(RDataError) {
        wire = try RData(wire: rdata.wire, type: type).wire
    }

    private mutating func number(_ width: Int) -> UInt64 {
        defer { at += width }
        return wire.network(at: at, width: width)
    }

    mutating func u8() -> UInt8 { UInt8(number(1)) }
    mutating func u16() -> UInt16 { UInt16(number(2)) }
    mutating func u32() -> UInt32 { UInt32(number(4)) }

    mutating func name() -> Name {
        var end = at
        while wire[end] != 0 { end += 1 + Int(wire[end]) }
        defer { at = end + 1 }
        return Name(unchecked: Array(wire[at...end]))
    }

    /// Octets behind a length octet.
    mutating func counted() -> [UInt8] {
        let length = Int(u8())
        defer { at += length }
        return Array(wire[at..<at + length])
    }

    mutating func rest() -> [UInt8] {
        defer { at = wire.count }
        return Array(wire[at...])
    }

    var isAtEnd: Bool { at == wire.count }
}

extension [UInt8] {
    /// Appends a length octet and as many of `octets` as it can count.
    mutating func append(counted octets: [UInt8]) {
        let part = octets.prefix(255)
        append(UInt8(part.count))
        append(contentsOf: part)
    }
}
