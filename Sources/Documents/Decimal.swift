/// A decimal number as written, exactly: what schemas compare, without rounding.
///
/// The value is `digits` × 10^`exponent`, digits without zeros at either end.
struct Decimal: Hashable, Comparable, Sendable {
    private let isNegative: Bool
    private let digits: [UInt8]
    private let exponent: Int

    /// Numbers as JSON writes them (RFC 8259 §6), and YAML's with a sign, or a bare point;
    /// `nil` for any other text, and for exponents over six digits.
    init?(_ text: String) {
        var octets = Array(text.utf8)[...]
        func digits() -> ArraySlice<UInt8> {
            let run = octets.prefix { $0 >= 0x30 && $0 <= 0x39 }
            octets = octets.dropFirst(run.count)
            return run
        }
        var isNegative = false
        if let sign = octets.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            octets = octets.dropFirst()
        }
        let whole = digits()
        var fraction: ArraySlice<UInt8> = []
        if octets.first == UInt8(ascii: ".") {
            octets = octets.dropFirst()
            fraction = digits()
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        var exponent = 0
        if let e = octets.first, e | 0x20 == UInt8(ascii: "e") {
            octets = octets.dropFirst()
            var sign = 1
            if let mark = octets.first, mark == UInt8(ascii: "-") || mark == UInt8(ascii: "+") {
                sign = mark == UInt8(ascii: "-") ? -1 : 1
                octets = octets.dropFirst()
            }
            let power = digits()
            guard (1...6).contains(power.count) else { return nil }
            exponent = sign * power.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        guard octets.isEmpty else { return nil }
        var all = (Array(whole) + Array(fraction)).map { $0 - 0x30 }
        exponent -= fraction.count
        while all.last == 0 {
            all.removeLast()
            exponent += 1
        }
        let significant = all.drop { $0 == 0 }
        self.digits = Array(significant)
        self.exponent = significant.isEmpty ? 0 : exponent
        self.isNegative = isNegative && !significant.isEmpty
    }

    /// Whether it has no fraction: 1.0 has none.
    var isInteger: Bool { exponent >= 0 }

    static func < (a: Decimal, b: Decimal) -> Bool {
        if a.isNegative != b.isNegative { return a.isNegative }
        let (small, large) = a.isNegative ? (b, a) : (a, b)
        if small.digits.isEmpty || large.digits.isEmpty { return small.digits.isEmpty && !large.digits.isEmpty }
        let magnitudes = (small.digits.count + small.exponent, large.digits.count + large.exponent)
        if magnitudes.0 != magnitudes.1 { return magnitudes.0 < magnitudes.1 }
        return small.digits.lexicographicallyPrecedes(large.digits)
    }
}
