internal import Crypto
internal import Foundation

/// A release's octets with their Ed25519 signatures (RFC 8032).
public struct SignedRelease: Hashable, Sendable {
    public struct Signature: Hashable, Sendable {
        /// Name of the public key, as proxies pin it.
        public var key: String
        public var value: [UInt8]

        public init(key: String, value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }

    /// The encoded ``Release``, exactly as signed.
    public var body: [UInt8]
    public var signatures: [Signature]

    public init(body: [UInt8], signatures: [Signature]) {
        self.body = body
        self.signatures = signatures
    }

    public init(_ release: Release, signedBy keys: [SigningKey]) throws {
        body = release.encoded
        signatures = try keys.map { [body] in Signature(key: $0.name, value: try $0.sign(body, as: .release)) }
    }

    public init(_ release: Release, signedBy key: SigningKey) throws { try self.init(release, signedBy: [key]) }

    /// The release, if one of `keys` signed it for `pipeline`.
    public func verified(by keys: [VerifyingKey], pipeline: String) throws -> Release {
        let trusted = signatures.contains { signature in
            keys.contains { $0.name == signature.key && $0.accepts(signature.value, over: body, as: .release) }
        }
        guard trusted else { throw TrustError.notSigned(by: keys.map(\.name)) }
        let release = try Release(decoding: body)
        guard release.pipeline == pipeline else { throw TrustError.otherPipeline(release.pipeline) }
        return release
    }
}

/// Why a release is not to be believed. No retry helps.
public enum TrustError: Error, CustomStringConvertible, Equatable {
    case notSigned(by: [String])
    case otherPipeline(String)
    case badKey(String)

    public var description: String {
        switch self {
        case .notSigned(let keys): "not signed by any pinned key (\(keys.joined(separator: ", ")))"
        case .otherPipeline(let name): "belongs to another pipeline, '\(name)'"
        case .badKey(let why): why
        }
    }
}

/// What is signed, in front of its octets: a signature of one kind is none of another.
enum SignatureContext: String {
    case release = "freshet release v1\0"
    case emergencyEdit = "freshet emergency edit v1\0"

    var octets: [UInt8] { Array(rawValue.utf8) }
}

/// A private Ed25519 key. Its octets never leave this type but to its file.
public struct SigningKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public let name: String
    private let seed: [UInt8]

    public static func generate(name: String) -> SigningKey {
        SigningKey(name: name, seed: Array(Curve25519.Signing.PrivateKey().rawRepresentation))
    }

    private init(name: String, seed: [UInt8]) {
        self.name = name
        self.seed = seed
    }

    /// Parses `freshet-private-ed25519 NAME BASE64`.
    public init(parsing text: String) throws(TrustError) {
        let (name, octets) = try KeyText.parse(text, kind: KeyText.secret)
        guard (try? Curve25519.Signing.PrivateKey(rawRepresentation: octets)) != nil else {
            throw .badKey("not an Ed25519 private key")
        }
        self.init(name: name, seed: octets)
    }

    /// For the key's file only.
    public var fileText: String { KeyText.format(KeyText.secret, name, seed) }
    public var description: String { "signing key '\(name)'" }
    public var debugDescription: String { description }
    /// Empty: `dump` shows no more than the description.
    public var customMirror: Mirror { Mirror(self, children: [:]) }

    public var publicKey: VerifyingKey {
        get throws {
            VerifyingKey(
                name: name, octets: Array(try Curve25519.Signing.PrivateKey(rawRepresentation: seed).publicKey.rawRepresentation))
        }
    }

    func sign(_ body: [UInt8], as context: SignatureContext) throws -> [UInt8] {
        Array(try Curve25519.Signing.PrivateKey(rawRepresentation: seed).signature(for: context.octets + body))
    }
}

/// A public Ed25519 key that proxies pin.
public struct VerifyingKey: Hashable, Sendable {
    public let name: String
    private let octets: [UInt8]

    init(name: String, octets: [UInt8]) {
        self.name = name
        self.octets = octets
    }

    /// Parses `freshet-public-ed25519 NAME BASE64`.
    public init(parsing text: String) throws(TrustError) {
        let (name, octets) = try KeyText.parse(text, kind: KeyText.open)
        guard (try? Curve25519.Signing.PublicKey(rawRepresentation: octets)) != nil else {
            throw .badKey("not an Ed25519 public key")
        }
        self.init(name: name, octets: octets)
    }

    public var fileText: String { KeyText.format(KeyText.open, name, octets) }

    /// Tells keys of one name apart: 16 hexadecimal digits of the SHA-256 of its octets.
    public var fingerprint: String { String(Digest(of: octets).hex.prefix(16)) }

    func accepts(_ signature: [UInt8], over body: [UInt8], as context: SignatureContext) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: octets) else { return false }
        return key.isValidSignature(Data(signature), for: context.octets + body)
    }
}

private enum KeyText {
    static let secret = "freshet-private-ed25519"
    static let open = "freshet-public-ed25519"

    static func format(_ kind: String, _ name: String, _ octets: [UInt8]) -> String {
        "\(kind) \(name) \(Data(octets).base64EncodedString())\n"
    }

    /// Never quotes what it read: the text may be a secret in the wrong place.
    static func parse(_ text: String, kind: String) throws(TrustError) -> (String, [UInt8]) {
        let parts = text.split(whereSeparator: \.isWhitespace)
        guard parts.count == 3, parts[0] == kind, let data = Data(base64Encoded: String(parts[2])) else {
            throw .badKey("expected one line '\(kind) NAME BASE64'")
        }
        return (String(parts[1]), Array(data))
    }
}
