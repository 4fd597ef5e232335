public import DNSWire
public import Pipeline

/// Somebody's word that a fault is meant, with a reason.
public struct Waiver: Hashable, Sendable {
    /// What a waiver reaches.
    public enum Scope: Hashable, Sendable {
        /// All RRsets of this owner and type, whatever the location.
        case records(owner: Name, type: RRType)
        /// All of one zone, and nothing of the zones below it.
        case zone(Name)
        /// A name and all below it, over zones.
        case subtree(Name)
    }

    public var code: Code
    public var scope: Scope
    /// Never empty: a waiver without a reason covers nothing and is reported.
    public var reason: String
    /// From then on it covers nothing and is reported.
    public var expires: Instant?
    /// Who answers for it.
    public var person: String
    /// Where it is written; empty if unknown.
    public var file: String
    /// 1-based; 0 if unknown.
    public var line: Int

    public init(
        code: Code, scope: Scope, reason: String, expires: Instant? = nil, person: String, file: String = "",
        line: Int = 0
    ) {
        self.code = code
        self.scope = scope
        self.reason = reason
        self.expires = expires
        self.person = person
        self.file = file
        self.line = line
    }

    public static let source = "waivers"

    var origin: Origin { Origin(source: Self.source, file: file, line: line, person: person, reason: reason) }

    /// The place its own findings are reported at.
    var key: RecordKey {
        switch scope {
        case .records(let owner, let type): RecordKey(owner: owner, type: type)
        case .zone(let name), .subtree(let name): RecordKey(owner: name, type: .any)
        }
    }

    func hasExpired(at now: Instant) -> Bool { expires.map { $0 <= now } ?? false }

    /// Why it can cover nothing at any time; `nil` if it can.
    var defect: String? {
        if reason.allSatisfy(\.isWhitespace) { return "the waiver of \(code) gives no reason" }
        if case .fault(let fault) = code, !fault.explanation.isWaivable {
            return "\(code) cannot be waived: tinydns could not serve the records"
        }
        return nil
    }

    /// Any total order, for choosing among waivers that cover the same finding.
    func precedes(_ other: Waiver) -> Bool {
        if origin != other.origin { return origin.precedes(other.origin) }
        return "\(code) \(scope) \(expires?.milliseconds ?? .max)"
            < "\(other.code) \(other.scope) \(other.expires?.milliseconds ?? .max)"
    }
}
