/// What one site tells of the anycast prefixes that it serves: its lease in the store.
public struct VIPSite: Hashable, Sendable {
    public enum State: String, Sendable, CaseIterable {
        /// It has just started, and what the router knows is not known.
        case unknown
        case announced
        /// Announced with a raised MED: for those who have no better.
        case raised
        case withdrawn
    }

    public var host: String
    /// In canonical text: `192.0.2.53/32`.
    public var prefixes: [String]
    public var state: State
    /// Why, for people.
    public var reason: String
    /// Of the stamp that its tinydns serves; `nil` if that serves none.
    public var published: Instant?
    /// When the state was taken.
    public var since: Instant
    /// Where its tinydns can be asked.
    public var address: String

    public init(
        host: String, prefixes: [String], state: State, reason: String = "", published: Instant?, since: Instant, address: String = ""
    ) {
        self.host = host
        self.prefixes = prefixes
        self.state = state
        self.reason = reason
        self.published = published
        self.since = since
        self.address = address
    }
}

/// Who has the right to be withdrawn for staleness, and since when.
///
/// Taken by compare-and-set, so that two of the last sites never both have it. A claim
/// that was left behind only makes others more careful.
public struct VIPClaims: Hashable, Sendable {
    public var hosts: [String: Instant]

    public init(_ hosts: [String: Instant] = [:]) { self.hosts = hosts }
}
