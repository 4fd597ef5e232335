internal import Foundation

/// The public key that a domain's mail is signed with (RFC 6376 §3.6.1), at
/// `SELECTOR._domainkey` below it.
///
/// Whatever a key is copied from, this takes public keys only: a private one is refused
/// and never repeated in a message. (The 32 octets of a bare Ed25519 key do not tell
/// which it is.)
///
/// - Parameters:
///   - key: as PEM (`-----BEGIN PUBLIC KEY-----`), or base64 of what that holds; for
///     Ed25519 also base64 of the 32 octets of the key. Line breaks do not count.
///   - testing: receivers treat mail as if it were unsigned (`t=y`).
public func DKIM(
    _ owner: String, selector: String, key: String, kind: DKIMKind = .rsa, testing: Bool = false, ttl: UInt32? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    do throws(ValueFault) {
        let octets = try DKIMKey.publicKey(key, kind)
        let text = "v=DKIM1; k=\(kind.rawValue); \(testing ? "t=y; " : "")p=\(Data(octets).base64EncodedString())"
        return TXT(below("\(selector)._domainkey", owner), text, ttl: ttl, file: file, line: line)
    } catch {
        return Records(faults: ["\(owner) DKIM \(selector): \(error)"], file, line)
    }
}

/// Kinds of keys (RFC 6376 §3.3, RFC 8463).
public enum DKIMKind: String, Sendable {
    case rsa, ed25519
}

/// Tells public keys from private ones by the first fields of their DER.
enum DKIMKey {
    private static let refusal = ValueFault(
        "this is a private key: never publish it, and make a new one if it was committed; give the public key")

    /// The octets to publish. No message has any of the key in it.
    static func publicKey(_ text: String, _ kind: DKIMKind) throws(ValueFault) -> [UInt8] {
        guard !text.uppercased().contains("PRIVATE") else { throw refusal }
        var digits = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }.joined()
        digits.removeAll(where: \.isWhitespace)
        guard !digits.isEmpty else { throw ValueFault("there is no key") }
        guard let data = Data(base64Encoded: digits) else { throw ValueFault("the key is not base64 or PEM") }
        let octets = Array(data)
        if kind == .ed25519, octets.count == 32 { return octets }
        // Private keys begin with a version: RFC 5958 §2, RFC 8017 §A.1.2, RFC 5915 §3.
        guard let (outer, rest) = element(octets[...]), outer.tag == 0x30, rest.isEmpty,
            let (first, following) = element(outer.content)
        else { throw ValueFault("the key is base64 of something else than a public key") }
        if first.tag == 0x02, first.content.count <= 1 { throw refusal }
        switch kind {
        case .rsa:
            if first.tag == 0x02 {
                // A bare RSAPublicKey: the modulus and the exponent.
                guard let (second, rest) = element(following), second.tag == 0x02, rest.isEmpty else {
                    throw ValueFault("the key is base64 of something else than an RSA public key")
                }
                return octets
            }
            guard let bits = bitString(following), algorithm(first, is: [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1]),
                bits.first == 0x30
            else { throw ValueFault("the key is base64 of something else than an RSA public key") }
            return octets
        case .ed25519:
            guard let bits = bitString(following), algorithm(first, is: [0x2B, 0x65, 0x70]), bits.count == 32 else {
                throw ValueFault("the key is base64 of something else than an Ed25519 public key")
            }
            return bits
        }
    }

    private typealias Element = (tag: UInt8, content: ArraySlice<UInt8>)

    /// The first element of DER, and what follows it.
    private static func element(_ octets: ArraySlice<UInt8>) -> (Element, ArraySlice<UInt8>)? {
        var rest = octets
        guard let tag = rest.popFirst(), let short = rest.popFirst() else { return nil }
        var length = Int(short)
        if short >= 0x80 {
            let width = Int(short & 0x7F)
            guard (1...3).contains(width), rest.count >= width else { return nil }
            length = rest.prefix(width).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(width)
        }
        guard rest.count >= length else { return nil }
        return ((tag, rest.prefix(length)), rest.dropFirst(length))
    }

    private static func algorithm(_ sequence: Element, is identifier: [UInt8]) -> Bool {
        guard sequence.tag == 0x30, let (oid, _) = element(sequence.content) else { return false }
        return oid.tag == 0x06 && Array(oid.content) == identifier
    }

    /// Of whole octets, and alone.
    private static func bitString(_ octets: ArraySlice<UInt8>) -> [UInt8]? {
        guard let (bits, rest) = element(octets), bits.tag == 0x03, bits.content.first == 0, rest.isEmpty else {
            return nil
        }
        return Array(bits.content.dropFirst())
    }
}
