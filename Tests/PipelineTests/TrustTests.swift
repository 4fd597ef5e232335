import DNSWire
import TestSupport
import Testing

@testable import Pipeline

@Suite struct TrustTests {
    private let key = SigningKey.generate(name: "site")
    private let release: Release = {
        var random = Seeded(12)
        return random.release()
    }()

    private func refusal(_ signed: SignedRelease, _ keys: [VerifyingKey], pipeline: String = "p") -> TrustError? {
        do { _ = try signed.verified(by: keys, pipeline: pipeline) } catch let error as TrustError { return error } catch {}
        return nil
    }

    @Test func rightKey() throws {
        let signed = try SignedRelease(release, signedBy: key)
        #expect(try signed.verified(by: [key.publicKey], pipeline: "p") == release)
        // Of several pinned keys and several signatures one pair is enough.
        let other = SigningKey.generate(name: "next")
        var both = signed
        both.signatures.insert(contentsOf: try SignedRelease(release, signedBy: other).signatures, at: 0)
        #expect(try both.verified(by: [key.publicKey], pipeline: "p") == release)
        #expect(try signed.verified(by: [other.publicKey, key.publicKey], pipeline: "p") == release)
    }

    @Test func wrongKey() throws {
        let signed = try SignedRelease(release, signedBy: key)
        #expect(try refusal(signed, [SigningKey.generate(name: "site").publicKey]) == .notSigned(by: ["site"]))
        #expect(refusal(signed, []) == .notSigned(by: []))
        #expect(try refusal(SignedRelease(body: signed.body, signatures: []), [key.publicKey]) == .notSigned(by: ["site"]))
        var renamed = signed
        renamed.signatures[0].key = "other"
        #expect(try refusal(renamed, [key.publicKey]) == .notSigned(by: ["site"]))
    }

    @Test func otherPipeline() throws {
        let signed = try SignedRelease(release, signedBy: key)
        #expect(try refusal(signed, [key.publicKey], pipeline: "q") == .otherPipeline("p"))
    }

    /// Every bit of the signature, and every bit of the body.
    @Test func flippedBits() throws {
        let signed = try SignedRelease(release, signedBy: key)
        let keys = [try key.publicKey]
        for at in 0..<(8 * signed.body.count) {
            var other = signed
            other.body[at / 8] ^= 1 << UInt8(at % 8)
            if refusal(other, keys) != .notSigned(by: ["site"]) { Issue.record("bit \(at) of the body") }
        }
        for at in 0..<(8 * 64) {
            var other = signed
            other.signatures[0].value[at / 8] ^= 1 << UInt8(at % 8)
            if refusal(other, keys) != .notSigned(by: ["site"]) { Issue.record("bit \(at) of the signature") }
        }
    }

    @Test func keyFiles() throws {
        let again = try SigningKey(parsing: key.fileText)
        #expect(try again.publicKey == key.publicKey)
        #expect(try VerifyingKey(parsing: key.publicKey.fileText) == key.publicKey)
        let text = key.fileText
        for broken in ["", "x y", text.split(separator: "private").joined(separator: "public"), text + " more", String(text.dropLast(10))] {
            let error = #expect(throws: TrustError.self) { try SigningKey(parsing: broken) }
            if let secret = secret, "\(error!)".contains(secret.prefix(12)) { Issue.record("the error quotes the secret") }
        }
        #expect(throws: TrustError.self) { try VerifyingKey(parsing: text) }
    }

    private var secret: Substring? { key.fileText.split(whereSeparator: \.isWhitespace).last }

    /// Neither as text nor as a list of octets.
    @Test func secretStaysInside() throws {
        struct Holder { var key: SigningKey }
        let secret = String(try #require(secret))
        let seed = Mirror(reflecting: key).children.map { "\($0.value)" }
        #expect(seed.isEmpty)
        var dumped = ""
        dump(Holder(key: key), to: &dumped)
        for text in ["\(key)", String(reflecting: key), "\(Holder(key: key))", String(reflecting: [key]), dumped] {
            #expect(!text.contains(secret))
            #expect(text.contains("site"))
            #expect(!text.contains("seed"))
        }
    }
}

@Suite struct StampTests {
    private let stamp = Stamp(pipeline: "p", release: 7, published: Instant(milliseconds: 1_700_000_000_000), content: Digest(of: [1]))

    @Test func roundTrip() throws {
        let reading = try #require(Stamp.Reading(stamp.description))
        #expect(reading.pipeline == "p")
        #expect(reading.release == 7)
        #expect(reading.published == stamp.published)
        #expect(stamp.content.hex.hasPrefix(reading.digestPrefix))
        #expect(try Stamp.owner(in: Name("example.net.")) == Name("_freshet.example.net."))
    }

    @Test(arguments: [
        "", "v=freshet1", "v=freshet2 p=p r=7 t=1 d=0123456789abcdef", "v=freshet1 p=p r=-7 t=1 d=0123456789abcdef",
        "v=freshet1 p=p r=7 t=x d=0123456789abcdef", "v=freshet1 p=p r=7 t=1 d=0123", "v=freshet1 p r=7 t=1 d=0123456789abcdef",
        "v=freshet1 p=p r=18446744073709551616 t=1 d=0123456789abcdef", "v=spf1 -all", "p=p r=7 t=1 d=0123456789abcdef",
    ])
    func noStamp(_ text: String) { #expect(Stamp.Reading(text) == nil) }

    @Test(arguments: [
        ("2026-12-01", 1_796_083_200_000), ("2026-12-01T00:00:00Z", 1_796_083_200_000), ("2026-12-01T01:00:00+01:00", 1_796_083_200_000),
        ("2026-12-01T00:00:00.250Z", 1_796_083_200_250),
    ])
    func instants(_ text: String, _ milliseconds: Int64) {
        #expect(Instant(iso8601: text) == Instant(milliseconds: milliseconds))
    }

    @Test(arguments: [
        "", "tomorrow", "2026-13-01", "2026-12-01T24:00:00Z", "2026-12-01T00:60:00Z", "2026-02-30", "2026-00-01",
        "2026-04-31T00:00:00Z", "2025-02-29", "1796083200",
    ])
    func noInstant(_ text: String) { #expect(Instant(iso8601: text) == nil) }
}
