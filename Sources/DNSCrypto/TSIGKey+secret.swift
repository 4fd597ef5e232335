internal import Crypto
public import DNSWire
internal import FoundationEssentials

extension TSIGKey {
    /// A key from its secret (RFC 8945 §8: as many random octets as the hash has, or more).
    public init(name: Name, algorithm: TSIGAlgorithm, secret: [UInt8], shortestMAC: Int? = nil) {
        let key = SymmetricKey(data: secret)
        switch algorithm {
        case .hmacSHA1: self.init(name, algorithm, HMAC<Insecure.SHA1>(key: key), shortestMAC)
        case .hmacSHA256: self.init(name, algorithm, HMAC<SHA256>(key: key), shortestMAC)
        case .hmacSHA384: self.init(name, algorithm, HMAC<SHA384>(key: key), shortestMAC)
        case .hmacSHA512: self.init(name, algorithm, HMAC<SHA512>(key: key), shortestMAC)
        }
    }

    /// A key from its secret in base64, as key files and servers' configurations have it;
    /// `nil` if it is none, or empty.
    public init?(name: Name, algorithm: TSIGAlgorithm, base64: String, shortestMAC: Int? = nil) {
        guard let secret = Data(base64Encoded: base64), !secret.isEmpty else { return nil }
        self.init(name: name, algorithm: algorithm, secret: Array(secret), shortestMAC: shortestMAC)
    }

    private init<Hash: HashFunction>(
        _ name: Name, _ algorithm: TSIGAlgorithm, _ fresh: HMAC<Hash>, _ shortestMAC: Int?
    ) {
        // The secret is mixed in once; each message starts from a copy.
        self.init(name: name, algorithm: algorithm, shortestMAC: shortestMAC) { KeyedHash(hmac: fresh) }
    }
}

private struct KeyedHash<Hash: HashFunction>: TSIGHash {
    var hmac: HMAC<Hash>

    mutating func update(_ octets: ArraySlice<UInt8>) { hmac.update(data: octets) }
    func finish() -> [UInt8] { Array(hmac.finalize()) }
}
