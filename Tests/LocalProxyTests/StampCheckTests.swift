import DNSWire
import Pipeline
import Testing

@testable import LocalProxy

/// Fresh, stale, future, missing and invalid are five things.
@Suite struct StampCheckTests {
    private static let published = Instant(milliseconds: 1_000_000)

    private func answer(_ texts: [String], code: ResponseCode = .noError) throws -> Message {
        var message = Message(id: 1, flags: .response, responseCode: code)
        let owner = try Name("_freshet.example.")
        message.answers = texts.map { ResourceRecord(owner: owner, type: .txt, ttl: 0, rdata: .txt($0)) }
        return message
    }

    private func check(_ texts: [String], after milliseconds: Int64, code: ResponseCode = .noError) throws -> StampCheck {
        StampCheck(
            try answer(texts, code: code), pipeline: "p", bound: .seconds(10),
            now: Self.published.advanced(byMilliseconds: milliseconds))
    }

    private var stamp: String {
        Stamp(pipeline: "p", release: 7, published: Self.published, content: Digest(of: [1])).description
    }

    @Test func ages() throws {
        guard case .fresh(let reading, 10_000) = try check([stamp], after: 10_000) else { return #expect(Bool(false), "fresh at the bound") }
        #expect(reading.release == 7)
        guard case .stale(_, 10_001) = try check([stamp], after: 10_001) else { return #expect(Bool(false), "stale above it") }
        // Clocks differ a little: not a fault, and no negative age.
        guard case .fresh(_, 0) = try check([stamp], after: -StampCheck.tolerance) else { return #expect(Bool(false), "tolerated") }
        guard case .future(_, StampCheck.tolerance + 1) = try check([stamp], after: -StampCheck.tolerance - 1) else {
            return #expect(Bool(false), "future")
        }
    }

    @Test func missing() throws {
        #expect(try check([], after: 0) == .missing(.noError))
        #expect(try check([], after: 0, code: .nameError) == .missing(.nameError))
        #expect(try check([], after: 0).fault?.contains("NXDOMAIN") == false)
    }

    @Test(arguments: ["", "hello", "v=freshet1 p=p r=x t=1 d=0011223344556677", "v=freshet2 p=p r=1 t=1 d=0011223344556677", "v=freshet1 p=p r=1 t=1 d=00"])
    func invalid(_ text: String) throws {
        guard case .invalid = try check([text], after: 0) else { return #expect(Bool(false), "\(text)") }
    }

    @Test func otherPipelinesAndCompanyAreInvalid() throws {
        let other = stamp.replacing("p=p", with: "p=q")
        guard case .invalid = try check([other], after: 0) else { return #expect(Bool(false), "another pipeline's") }
        guard case .invalid = try check([stamp, "x"], after: 0) else { return #expect(Bool(false), "two records") }
    }
}
