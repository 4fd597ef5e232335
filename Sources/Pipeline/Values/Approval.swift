/// A person's word that a plan may go live.
public struct Approval: Hashable, Sendable {
    /// The plan that was reviewed.
    public var plan: Digest
    public var person: String
    public var reason: String
    public var at: Instant

    public init(plan: Digest, person: String, reason: String, at: Instant) {
        self.plan = plan
        self.person = person
        self.reason = reason
        self.at = at
    }

    /// How long an approval waits for its plan: a week, in milliseconds.
    public static let lifetime: Int64 = 7 * 86_400_000

    /// Whether it may still be used.
    public func isValid(at instant: Instant) -> Bool { instant - at < Self.lifetime }
}

/// A presentation that is ready and waits for an approval, while the one before it stays live.
public struct Held: Hashable, Sendable {
    public var plan: Digest
    /// As in ``Trace``.
    public var cause: String
    public var since: Instant
    public var summary: String
    /// Why it waits.
    public var reasons: [String]

    public init(plan: Digest, cause: String, since: Instant, summary: String, reasons: [String]) {
        self.plan = plan
        self.cause = cause
        self.since = since
        self.summary = summary
        self.reasons = reasons
    }
}
