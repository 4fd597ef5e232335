internal import Crypto

/// The SHA-256 digest that names a blob (FIPS 180-4): 32 octets.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// In the order of memory. Held inside the value: a manifest has thousands, each of
    /// which would be an allocation of its own.
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// Length of every digest, in octets.
    public static let length = 32

    /// The digest of `content`.
    public init(of content: some Sequence<UInt8>) {
        var hash = SHA256()
        let contiguous: Void? = content.withContiguousStorageIfAvailable { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        if contiguous == nil { hash.update(data: Array(content)) }
        words = hash.finalize().withUnsafeBytes { $0.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self) }
    }

    /// A digest read from elsewhere; `nil` unless it has 32 octets.
    public init?(bytes: [UInt8]) {
        let digest = bytes.withUnsafeBytes { Digest(octets: $0) }
        guard let digest else { return nil }
        self = digest
    }

    init?(octets: UnsafeRawBufferPointer) {
        guard octets.count == Self.length else { return nil }
        words = octets.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
    }

    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    func withUnsafeBytes<T>(_ body: (UnsafeRawBufferPointer) -> T) -> T { Swift.withUnsafeBytes(of: words, body) }

    public static func == (a: Digest, b: Digest) -> Bool { a.words == b.words }

    public func hash(into hasher: inout Hasher) { withUnsafeBytes { hasher.combine(bytes: $0) } }

    /// A digest in hexadecimal, either case; `nil` unless 64 digits.
    public init?(hex: some StringProtocol) {
        let digits = Array(hex.utf8)
        guard digits.count == 2 * Self.length else { return nil }
        func value(_ c: UInt8) -> UInt8? {
            switch c {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): c - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): c - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): c - UInt8(ascii: "A") + 10
            default: nil
            }
        }
        var bytes: [UInt8] = []
        for i in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[i]), let low = value(digits[i + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        self.init(bytes: bytes)
    }

    /// 64 lower-case hexadecimal digits.
    public var hex: String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * Self.length)
        let digits = Array("0123456789abcdef".utf8)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The first 12 hexadecimal digits: for people, never for comparison.
    public var short: String { String(hex.prefix(12)) }

    public var description: String { hex }
}
