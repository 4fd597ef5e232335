/// A keyed hash under way. The hash functions are not in this library, which depends
/// on no other; `DNSCrypto` has them.
public protocol TSIGHash: Sendable {
    /// Takes the octets that come next.
    mutating func update(_ octets: ArraySlice<UInt8>)
    /// The MAC of all that was given, in full length.
    func finish() -> [UInt8]
}

/// The hashes that sign, of the list of RFC 8945 §6: without MD5, GSS-TSIG, SHA-224, and the
/// names for MACs of half the length.
public enum TSIGAlgorithm: String, CaseIterable, Sendable {
    /// A MAC of 20 octets, for old peers: RFC 8945 §6 advises against its use.
    case hmacSHA1 = "hmac-sha1"
    /// A MAC of 32 octets; the one to use if nothing speaks for another.
    case hmacSHA256 = "hmac-sha256"
    /// A MAC of 48 octets.
    case hmacSHA384 = "hmac-sha384"
    /// A MAC of 64 octets.
    case hmacSHA512 = "hmac-sha512"

    /// The algorithm that a record names.
    public init?(_ name: Name) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// What records call it.
    public var name: Name { Name(unchecked: [UInt8(rawValue.utf8.count)] + Array(rawValue.utf8) + [0]) }

    /// Octets of a full MAC.
    public var length: Int {
        switch self {
        case .hmacSHA1: 20
        case .hmacSHA256: 32
        case .hmacSHA384: 48
        case .hmacSHA512: 64
        }
    }

    /// The least octets of a MAC that may be sent at all (RFC 8945 §5.2.2.1).
    var leastLength: Int { max(10, length / 2) }
}

/// A secret that two sides share, with the name that both have for it.
public struct TSIGKey: Sendable {
    /// What both sides call it; the owner of the records that it signs.
    public let name: Name
    /// The hash that it signs with: a key is for one alone.
    public let algorithm: TSIGAlgorithm
    /// The least octets of a MAC that are accepted.
    public let shortestMAC: Int
    let begin: @Sendable () -> any TSIGHash

    /// - Parameters:
    ///   - name: what both sides call the key.
    ///   - algorithm: the hash that `begin` starts.
    ///   - shortestMAC: accept MACs cut to this many octets, at least half of the whole
    ///     and 10; by default they must be whole (RFC 8945 §5.2.2.1).
    ///   - begin: starts a hash that holds the secret.
    public init(
        name: Name, algorithm: TSIGAlgorithm, shortestMAC: Int? = nil, begin: @escaping @Sendable () -> any TSIGHash
    ) {
        self.name = name
        self.algorithm = algorithm
        self.shortestMAC = min(max(shortestMAC ?? algorithm.length, algorithm.leastLength), algorithm.length)
        self.begin = begin
    }

    /// Octets of a record signed with this key, to keep free in a message.
    public var recordLength: Int {
        TSIG.fixedLength + name.wire.count + algorithm.name.wire.count + algorithm.length
    }
}

extension TSIGKey: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(name) (\(algorithm.rawValue))" }
    /// Name and algorithm: nothing that leads to the secret.
    public var customMirror: Mirror { Mirror(self, children: ["name": name, "algorithm": algorithm]) }
}

/// Why a message is not taken for authentic, or cannot be signed.
public enum TSIGError: Error, Hashable, Sendable {
    /// There is no signature where one must be.
    case unsigned
    /// The MAC is longer than its algorithm makes it, or shorter than any may be.
    case malformed
    /// Another key, or one that is not known.
    case badKey
    /// The MAC is not what the key makes of the message.
    case badSignature
    /// The signature is good, and from another time.
    case badTime
    /// The signature is good as far as it goes, and shorter than the key allows.
    case badTruncation
    /// Over 99 messages in a row without a signature (RFC 8945 §5.3.1).
    case tooManyUnsigned
    /// The server answers that it did not accept the request. Anyone can say so if
    /// it is not authentic: over UDP, wait for a better answer (RFC 8945 §5.4.1).
    case refused(ResponseCode, isAuthentic: Bool, serverTime: UInt64?)
    /// Not a message, or one that has no room for the signature; as a request, also one
    /// that is signed already.
    case unsignable

    /// What the error field of a record says of it; `nil` for what servers do not report.
    public var code: ResponseCode? {
        switch self {
        case .badKey: .badKey
        case .badSignature: .badSignature
        case .badTime: .badTime
        case .badTruncation: .badTruncation
        default: nil
        }
    }
}
