/// A name inside a message that was checked, perhaps compressed.
///
/// Equal and hashed as ``Name`` is, case aside (RFC 4343), without allocating.
public struct NameView: Sendable {
    private let octets: [UInt8]
    private let start: Int

    /// The caller vouches that a name starts here whose pointers were checked.
    init(octets: [UInt8], start: Int) {
        self.octets = octets
        self.start = start
    }

    /// The offset behind the name, or behind its first pointer.
    var end: Int {
        var at = start
        while true {
            let octet = Int(octets[at])
            if octet == 0 { return at + 1 }
            if octet >= 0xC0 { return at + 2 }
            at += 1 + octet
        }
    }

    /// Whether it is the root, which has no labels.
    public var isRoot: Bool { octets[label(at: start)] == 0 }

    /// An owned copy.
    public var name: Name {
        // Put together on the stack first: one allocation, of the right size.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { wire in
            octets.withUnsafeBufferPointer { octets in
                var length = 0
                var at = start
                while true {
                    let octet = Int(octets[at])
                    if octet >= 0xC0 {
                        at = (octet & 0x3F) << 8 | Int(octets[at + 1])
                        continue
                    }
                    // The message was checked: labels end within it, and make at most 255 octets.
                    (wire.baseAddress! + length).update(from: octets.baseAddress! + at, count: octet + 1)
                    length += octet + 1
                    if octet == 0 { break }
                    at += octet + 1
                }
                return Name(unchecked: Array(UnsafeBufferPointer(start: wire.baseAddress, count: length)))
            }
        }
    }

    /// The offset that the name leads to if it is nothing but a pointer.
    var pointer: Int? { octets[start] >= 0xC0 ? Int(octets.u16(at: start) & 0x3FFF) : nil }

    /// Where the label really is that is due at an offset: pointers followed.
    @inline(__always)
    private func label(at offset: Int) -> Int {
        var at = offset
        while octets[at] >= 0xC0 { at = Int(octets.u16(at: at) & 0x3FFF) }
        return at
    }

    /// Whether a label here equals one elsewhere, case aside.
    @inline(__always)
    private func equals(_ at: Int, _ other: [UInt8], _ otherAt: Int) -> Bool {
        let length = octets[at]
        guard other[otherAt] == length else { return false }
        for i in 1..<1 + Int(length) where ASCII.lower(octets[at + i]) != ASCII.lower(other[otherAt + i]) {
            return false
        }
        return true
    }
}

extension NameView: Hashable {
    public static func == (a: NameView, b: NameView) -> Bool {
        var i = a.label(at: a.start), j = b.label(at: b.start)
        while a.equals(i, b.octets, j) {
            let length = Int(a.octets[i])
            if length == 0 { return true }
            i = a.label(at: i + 1 + length)
            j = b.label(at: j + 1 + length)
        }
        return false
    }

    public static func == (view: NameView, name: Name) -> Bool {
        var i = view.label(at: view.start), j = 0
        while view.equals(i, name.wire, j) {
            let length = Int(view.octets[i])
            if length == 0 { return true }
            i = view.label(at: i + 1 + length)
            j += 1 + length
        }
        return false
    }

    public static func == (name: Name, view: NameView) -> Bool { view == name }
    /// Whether they differ by more than case.
    public static func != (view: NameView, name: Name) -> Bool { !(view == name) }
    /// Whether they differ by more than case.
    public static func != (name: Name, view: NameView) -> Bool { !(view == name) }

    public func hash(into hasher: inout Hasher) {
        var at = label(at: start)
        while octets[at] != 0 {
            let next = at + 1 + Int(octets[at])
            for octet in octets[at..<next] { hasher.combine(ASCII.lower(octet)) }
            at = label(at: next)
        }
        hasher.combine(0 as UInt8)
    }
}

extension NameView: CustomStringConvertible {
    public var description: String { name.description }
}
