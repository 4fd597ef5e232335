/// The fields of a line behind its first character, one after another; when there are
/// no more they are empty, as tinydns-data has it.
struct FieldReader {
    private let line: Octets
    private var at = 1

    init(_ line: Octets) { self.line = line }

    @inline(__always)
    mutating func next() -> Octets {
        let start = at
        guard start < line.count else { return Octets(start: nil, count: 0) }
        var end = start
        while end < line.count, line[end] != UInt8(ascii: ":") { end += 1 }
        at = end + 1
        return Octets(rebasing: line[start..<end])
    }

    /// What no field has taken.
    var rest: Octets { at < line.count ? Octets(rebasing: line[at...]) : Octets(start: nil, count: 0) }
}

extension Octets {
    /// The number at `start`, without its upper bits if it has more than 64, and where its digits end.
    @inline(__always)
    func number(from start: Int = 0) -> (value: UInt64, end: Int) {
        var value: UInt64 = 0
        var end = start
        while end < count, self[end] &- 48 < 10 {
            value = value &* 10 &+ UInt64(self[end] &- 48)
            end += 1
        }
        return (value, end)
    }

    /// The octet behind a backslash at `at - 1`: up to three octal digits, or any other
    /// octet itself; `nil` if there is none.
    func escaped(_ at: inout Int) -> (octet: UInt8, isTooLarge: Bool)? {
        guard at < count else { return nil }
        guard self[at] & 0xF8 == 0x30 else {
            at += 1
            return (self[at - 1], false)
        }
        var value = 0
        let end = Swift.min(at + 3, count)
        while at < end, self[at] & 0xF8 == 0x30 {
            value = value << 3 + Int(self[at] & 7)
            at += 1
        }
        return (UInt8(truncatingIfNeeded: value), value > 255)
    }

    var text: String { String(decoding: self, as: UTF8.self) }
}

/// What is odd in a name or text as it was written.
struct Oddities: OptionSet {
    let rawValue: UInt8
    static let labelTooLong = Oddities(rawValue: 1)
    static let nameTooLong = Oddities(rawValue: 2)
    static let emptyLabel = Oddities(rawValue: 4)
    static let badEscape = Oddities(rawValue: 8)
    static let faults: Oddities = [.labelTooLong, .nameTooLong]
}

extension OctetBuffer {
    /// Takes a name in dots as wire octets, in place of what was there: empty labels are
    /// left out, a backslash makes the next octet part of a label, or stands for up to
    /// three octal digits.
    mutating func readName(_ text: Octets) -> Oddities {
        clear()
        reserve(256)
        var oddities: Oddities = []
        var lengthAt = 0
        add(0)
        var at = 0
        while at < text.count {
            var octet = text[at]
            at += 1
            if octet == UInt8(ascii: ".") {
                let length = count - lengthAt - 1
                if length > 0 {
                    set(lengthAt, UInt8(length))
                    lengthAt = count
                    add(0)
                } else if text.count > 1 {
                    oddities.insert(.emptyLabel)
                }
                continue
            }
            if octet == UInt8(ascii: "\\") {
                guard let escaped = text.escaped(&at) else {
                    oddities.insert(.badEscape)
                    break
                }
                if escaped.isTooLarge { oddities.insert(.badEscape) }
                octet = escaped.octet
            }
            if count - lengthAt > 63 { return oddities.union(.labelTooLong) }
            // This octet and the root's zero.
            if count > 253 { return oddities.union(.nameTooLong) }
            add(octet)
        }
        if count - lengthAt > 1 {
            set(lengthAt, UInt8(count - lengthAt - 1))
            add(0)
        }
        return oddities
    }

    /// Appends text without its escapes.
    mutating func appendText(_ text: Octets) -> Oddities {
        reserve(text.count)
        var oddities: Oddities = []
        var at = 0
        while at < text.count {
            let octet = text[at]
            at += 1
            guard octet == UInt8(ascii: "\\") else {
                add(octet)
                continue
            }
            guard let escaped = text.escaped(&at) else { return oddities.union(.badEscape) }
            if escaped.isTooLarge { oddities.insert(.badEscape) }
            add(escaped.octet)
        }
        return oddities
    }
}
