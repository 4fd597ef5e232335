public import DNSClient
public import Pipeline

/// What one server's proxy is told.
public struct ProxySettings: Sendable {
    public struct Daemon: Sendable {
        public var server: DNSClient.Server
        /// Whose rights it runs with; `nil` if it keeps the proxy's (unbound only).
        public var user: String?

        public init(server: DNSClient.Server, user: String?) {
            self.server = server
            self.user = user
        }
    }

    /// Unique in the fleet: `[a-z0-9._-]`.
    public var host: String
    public var pipeline: String
    /// Public keys of which one must have signed a release.
    public var keys: [VerifyingKey]
    /// Absolute; readable for the daemons' users.
    public var directory: String
    /// Port 53 always: tinydns knows no other.
    public var tinydns: Daemon
    public var unbound: Daemon
    /// Networks that may ask unbound, beside this host: `192.0.2.0/24`.
    public var clients: [String]
    public var labels: [String: String]
    /// How often the stamp is read back between releases.
    public var probeInterval: Duration
    /// A stamp older than this is stale.
    public var freshness: Duration
    /// A release published longer ago is not taken up: who holds back newer ones cannot
    /// pass off an old one as the newest. What is deployed stays, however old.
    public var expiry: Duration
    /// How often all of the database is compared with the release.
    public var scrub: Duration

    public init(
        host: String, pipeline: String, keys: [VerifyingKey], directory: String, tinydns: Daemon, unbound: Daemon,
        clients: [String] = [], labels: [String: String] = [:], probeInterval: Duration = .seconds(5), freshness: Duration = .seconds(180),
        expiry: Duration = .seconds(30 * 86_400), scrub: Duration = .seconds(600)
    ) {
        self.host = host
        self.pipeline = pipeline
        self.keys = keys
        self.directory = directory
        self.tinydns = tinydns
        self.unbound = unbound
        self.clients = clients
        self.labels = labels
        self.probeInterval = probeInterval
        self.freshness = freshness
        self.expiry = expiry
        self.scrub = scrub
    }

    var database: String { "\(tinydnsRoot)/data.cdb" }
    var tinydnsRoot: String { "\(directory)/tinydns" }
    var unboundDirectory: String { "\(directory)/unbound" }
}

/// Why a release is not deployed. The one before stays.
public struct ProxyError: Retriable, CustomStringConvertible, Sendable {
    public enum Code: String, Sendable {
        case replayed, expired, misdirected, damaged, unproven, daemon, disk
        /// A newer release came that needs nothing of this one.
        case overtaken
    }

    public let code: Code
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether trying the same release again may help.
    public var isRetriable: Bool {
        switch code {
        case .damaged, .daemon, .disk, .overtaken: true
        case .replayed, .expired, .misdirected, .unproven: false
        }
    }

    public var description: String { "\(message) (\(code.rawValue))" }
}
