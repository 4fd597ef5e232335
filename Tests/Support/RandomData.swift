/// Random lines of tinydns data: most as people write them, some as they should not.
extension Seeded {
    /// - Parameter refusable: whether tinydns-data may refuse it.
    public mutating func dataLine(refusable: Bool = false) -> [UInt8] {
        if refusable, chance(6) {
            return pick(refusals)
        }
        let kind = pick(Array("+=.&@S'^CZ:%#-".utf8))
        var fields: [[UInt8]]
        switch kind {
        case UInt8(ascii: "+"), UInt8(ascii: "="): fields = [dataName(), address()] + tail()
        case UInt8(ascii: "."), UInt8(ascii: "&"): fields = [dataName(), address(), server()] + tail()
        case UInt8(ascii: "@"): fields = [dataName(), address(), server(), number(65_535)] + tail()
        case UInt8(ascii: "S"):
            fields = [dataName(), address(), server(), text("\(below(70_000))"), number(65_535), number(65_535)] + tail()
        case UInt8(ascii: "'"): fields = [dataName(), dataText()] + tail()
        case UInt8(ascii: "^"), UInt8(ascii: "C"): fields = [dataName(), dataName()] + tail()
        case UInt8(ascii: "Z"):
            fields = [dataName(), dataName(), dataName()] + (0..<5).map { _ in number(Int(UInt32.max)) } + tail()
        case UInt8(ascii: ":"): fields = [dataName(), text("\(pick([1, 16, 28, 33, 257, 65_280, 65_537, 4_294_967_324]))"), dataText()] + tail()
        case UInt8(ascii: "%"): fields = [place(), prefix()]
        default: fields = [octets(below(20)).filter { $0 != 10 }]
        }
        if chance(12) { fields += (0..<below(12)).map { _ in number(99) } }
        // Fields may be left out from the end; but a service needs its port, and a `:` line its type.
        if chance(6) {
            let least = kind == UInt8(ascii: "S") ? 4 : kind == UInt8(ascii: ":") ? 2 : 0
            if fields.count > least { fields.removeLast(below(fields.count - least)) }
        }
        var line = [kind] + Array(fields.joined(separator: [UInt8(ascii: ":")]))
        if chance(10) { line += text(pick([" ", "\t", " \t ", ":", "::", "\r", ": "])) }
        return line
    }

    /// Lines that tinydns-data refuses.
    private var refusals: [[UInt8]] {
        [
            text("xa:1.2.3.4"), text(" +a:1.2.3.4"), text("\t"), text("3a:20010db8000000000000000000000001"), text("6a:1"), [0xE9, 0x2B],
            text("\r"), text("+" + String(repeating: "a", count: 64) + ":1.2.3.4"), text("Ca:" + String(repeating: "b", count: 64)),
            text("+" + String(repeating: "abcdefg.", count: 32) + ":1.2.3.4"), text("+" + String(repeating: "a.", count: 127) + ":1.2.3.4"),
            text("+" + String(repeating: "a.", count: 126) + "bb:1.2.3.4"), text("&a::" + String(repeating: "a", count: 64)),
            text("@" + String(repeating: "a.", count: 125) + "::b"), text("Za:b:" + String(repeating: "c.", count: 130)),
            text(":a:0:x"), text(":a::x"), text(":a:x:x"), text(":a:6:x"), text(":a:2:x"), text(":a:5:x"), text(":a:12:x"), text(":a:15:x"),
            text(":a:252:x"), text(":a:65538:x"), text(":a:65536:x"), text(":a"), text("Sa:1.2.3.4:b"), text("Sa::b:x"), text("S"),
            text("Sa:::"), text("."), text("Z"), text("'"), text("%"), text("#"), text("C:\\"), text("+a\\777:1.2.3.4"),
        ]
    }

    private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    private mutating func dataName() -> [UInt8] {
        switch below(16) {
        case 0: return []
        case 1: return text(".")
        case 2: return text(pick(["a..b", ".a", "..", "a.b.", "a\\056b", "\\052.x", "*", "*.", "*.*.x", "**.a", "\\", "a\\", "a.b\\", "\\8", "\\1.a", "\\12", "A.B", "\\101", "\\777.x"]))
        case 3: return label(63) + [UInt8(ascii: ".")] + label(63) + [UInt8(ascii: ".")] + label(20)
        case 4: return text("*.") + text(pick(["example.net", "Example.ORG", "x"]))
        case 5: return octets(1 + below(8)).filter { $0 != 10 && $0 != UInt8(ascii: ":") }
        default:
            return Array((0...below(4)).map { _ in label(8) }.joined(separator: [UInt8(ascii: ".")]))
        }
    }

    private mutating func label(_ most: Int) -> [UInt8] { (0...below(most)).map { _ in pick(Array("abcXYZ019-_".utf8)) } }

    private mutating func server() -> [UInt8] { chance(2) ? chance(4) ? text(pick(["", "a\\", "\\056"])) : label(4) : dataName() }

    private mutating func address() -> [UInt8] {
        if chance(6) {
            return text(
                pick([
                    "", "1.2.3", "1.2.3.", "1.2.3.x", "999.2.3.4", "1.2.3.4.5", "1.2.3.4x", "::1", "x", "1..2.3", "256.256.256.256",
                    "18446744073709551617.2.3.4", "01.002.3.4", "1.2.3.4 ", " 1.2.3.4",
                ]))
        }
        return text("\(below(256)).\(below(256)).\(below(256)).\(below(256))")
    }

    private mutating func number(_ most: Int) -> [UInt8] {
        switch below(6) {
        case 0: return []
        case 1: return text(pick(["0", "-1", "x", "12x", "4294967296", "65536", "4294967295", "18446744073709551616", "99999999999999999999999", " 5", "+5", "007"]))
        default: return text("\(below(most))")
        }
    }

    private mutating func tail() -> [[UInt8]] {
        var fields = [number(100_000)]
        if chance(2) { fields.append(stamp()) }
        if fields.count == 2, chance(2) { fields.append(place()) }
        return fields
    }

    private mutating func stamp() -> [UInt8] {
        switch below(6) {
        case 0: return text(pick(["4000000038af1379", "400000003", "4000000038af1379ff", "4000000038AF1379", "zzzz", "4", "0000000000000000", "40 0"]))
        case 1: return octets(16).filter { $0 != 10 && $0 != UInt8(ascii: ":") }
        case 2: return (0..<16).map { _ in pick(Array("0123456789abcdef".utf8)) }
        default: return []
        }
    }

    private mutating func place() -> [UInt8] {
        text(pick(["", "", "aa", "b", "in", "ex", "abc", "\\1", "-", "\u{0}", "\u{0}a", "é"]))
    }

    private mutating func prefix() -> [UInt8] {
        text(pick(["", "1", "10.1", "10.1.2", "10.1.2.3", "10.1.2.3.4", "1..2", ".1", "1.", "300", "x", "1.x.2", "1/8", "10.0.0.0/8", "999999999999999999999"]))
    }

    private mutating func dataText() -> [UInt8] {
        var text: [UInt8] = []
        let count = chance(5) ? pick([126, 127, 128, 254, 255, 381, 600]) : below(30)
        while text.count < count {
            switch below(12) {
            case 0: text += Array("\\".utf8) + Array(String(below(512), radix: 8).utf8)
            case 1: text += Array(pick(["\\\\", "\\072", "\\8", "\\x", "\\0", "\\07x", " ", "\\1234"]).utf8)
            case 2: text += octets(2).filter { $0 != 10 && $0 != UInt8(ascii: ":") }
            default: text.append(pick(Array("abcdefgh 0123456789".utf8)))
            }
        }
        if chance(20) { text.append(UInt8(ascii: "\\")) }
        return text
    }
}
