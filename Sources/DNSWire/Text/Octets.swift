extension FixedWidthInteger {
    /// Octets in network order.
    var octets: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}

extension [UInt8] {
    /// Appends a number in network order.
    @inline(__always)
    mutating func append(network value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    /// Appends a number in decimal, with zeros before it up to `width` digits.
    mutating func append(decimal value: some UnsignedInteger, width: Int = 1) {
        let value = UInt64(value)
        var power: UInt64 = 1
        for _ in 1..<width { power *= 10 }
        while value / power >= 10 { power *= 10 }
        while power > 0 {
            append(0x30 + UInt8(value / power % 10))
            power /= 10
        }
    }

    mutating func append(ascii text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// Reads a number of `width` octets in network order; the caller vouches for the bounds.
    func network(at offset: Int, width: Int) -> UInt64 {
        var value: UInt64 = 0
        for i in offset..<offset + width { value = value << 8 | UInt64(self[i]) }
        return value
    }
}
