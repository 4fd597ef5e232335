import Foundation
import TestSupport

@testable import Rules

/// Public keys that openssl made, and private ones that have the form of its, around
/// octets that are no key.
enum Keys {
    static let all: [(kind: DKIMKind, publicKey: String, privateKeys: [String])] = [
        (.rsa, rsaPublic, [rsaPKCS8, rsaPKCS1]), (.rsa, rsaBare, [rsaPKCS1]), (.ed25519, edPublic, [edPKCS8, edPKCS8v1]),
    ]

    private static let rsaPublic = """
        -----BEGIN PUBLIC KEY-----
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC+2wIqbpZ+QCxAObklOUVovbp4
        RKwG/vh+DB0FJBCjVPdHDSLS12sCmHdwnyMVjRSThuwdMXjnAWVr2CpHT1kXtaM1
        S9gHhdTu9Y3uZaOI0ibteavpmBDyjd7GFCZOPN8cZG9esXPXXgVjlIdO0vXsjskx
        o53H+HT6bwcWsvssbwIDAQAB
        -----END PUBLIC KEY-----
        """

    private static let rsaBare = """
        -----BEGIN RSA PUBLIC KEY-----
        MIGJAoGBAL7bAipuln5ALEA5uSU5RWi9unhErAb++H4MHQUkEKNU90cNItLXawKY
        d3CfIxWNFJOG7B0xeOcBZWvYKkdPWRe1ozVL2AeF1O71je5lo4jSJu15q+mYEPKN
        3sYUJk483xxkb16xc9deBWOUh07S9eyOyTGjncf4dPpvBxay+yxvAgMBAAE=
        -----END RSA PUBLIC KEY-----
        """

    private static let edPublic = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAsbQywOpmZVqboECg/b/OiT2yqIRTCpvsq5R1fFs7roA=
        -----END PUBLIC KEY-----
        """

    private static let rsaPKCS1 = pem("RSA PRIVATE KEY", sequence([version(0)] + [128, 3, 128, 64, 64, 64, 64, 64].map(number)))
    private static let rsaPKCS8 = pem(
        "PRIVATE KEY",
        sequence([version(0), sequence([element(0x06, [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1]), [5, 0]]), element(0x04, number(300))]))
    private static let edPKCS8 = pem(
        "PRIVATE KEY", sequence([version(0), sequence([element(0x06, [0x2B, 0x65, 0x70])]), element(0x04, element(0x04, noise(32)))]))
    /// With its public key behind it, version 1 (RFC 5958 §2).
    private static let edPKCS8v1 = pem(
        "PRIVATE KEY",
        sequence([
            version(1), sequence([element(0x06, [0x2B, 0x65, 0x70])]), element(0x04, element(0x04, noise(32))),
            element(0x81, [0] + noise(32)),
        ]))

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let length = content.count
        return [tag] + (length < 128 ? [UInt8(length)] : [0x82, UInt8(length >> 8), UInt8(length & 0xFF)]) + content
    }

    private static func sequence(_ parts: [[UInt8]]) -> [UInt8] { element(0x30, Array(parts.joined())) }
    private static func version(_ number: UInt8) -> [UInt8] { element(0x02, [number]) }
    private static func number(_ octets: Int) -> [UInt8] { element(0x02, [1] + noise(octets)) }

    private static func noise(_ count: Int) -> [UInt8] {
        var random = Seeded(UInt64(count))
        return random.octets(count)
    }

    private static func pem(_ label: String, _ der: [UInt8]) -> String {
        let text = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN \(label)-----\n\(text)\n-----END \(label)-----\n"
    }
}
