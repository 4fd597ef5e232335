public import DNSWire

/// What the fleet serves, as promised and signed by the Publisher.
///
/// It names a content by its digest, and the two ways to it: deltas from the contents
/// before, for those who follow, and a checkpoint in the swarm, for newcomers.
public struct Release: Hashable, Sendable {
    /// A release of another pipeline is refused.
    public var pipeline: String
    /// Never goes back; a rollback republishes old content under a new number.
    public var number: UInt64
    public var published: Instant
    /// Digest over all that is served, the stamp apart (``Listing/content``).
    public var content: Digest
    public var presentation: UInt64
    public var trace: Trace
    /// At most this many milliseconds pass before the next release.
    public var heartbeat: Int64
    public var checkpoint: Checkpoint
    /// Blobs with ``Delta``s, oldest first: from the checkpoint to where ``deltas`` begin.
    public var log: [Digest]
    /// The newest, oldest first; the last one leads to this content.
    public var deltas: [Delta]
    /// Whose proxies take it; empty: all of the fleet.
    public var audience: [Ring]

    public init(
        pipeline: String, number: UInt64, published: Instant, content: Digest, presentation: UInt64, trace: Trace,
        heartbeat: Int64, checkpoint: Checkpoint, log: [Digest] = [], deltas: [Delta] = [], audience: [Ring] = []
    ) {
        self.pipeline = pipeline
        self.number = number
        self.published = published
        self.content = content
        self.presentation = presentation
        self.trace = trace
        self.heartbeat = heartbeat
        self.checkpoint = checkpoint
        self.log = log
        self.deltas = deltas
        self.audience = audience
    }

    /// Whether a proxy is among those who take it.
    public func isFor(host: String, labels: [String: String]) -> Bool {
        audience.isEmpty || audience.contains { $0.contains(host: host, labels: labels) }
    }

    public var stamp: Stamp { Stamp(pipeline: pipeline, release: number, published: published, content: content) }
}

/// A content that is whole in the swarm.
public struct Checkpoint: Hashable, Sendable {
    public var content: Digest
    /// The blob with its ``Listing``.
    public var listing: Digest
    /// The blob with the torrent's bencoded metadata (BEP 52).
    public var torrent: Digest
    /// SHA-256 of the info dictionary: the v2 info-hash, 32 octets.
    public var infoHash: [UInt8]

    public init(content: Digest, listing: Digest, torrent: Digest, infoHash: [UInt8]) {
        self.content = content
        self.listing = listing
        self.torrent = torrent
        self.infoHash = infoHash
    }
}

/// The timestamp TXT record: how monitoring, and a person with `dig`, see freshness.
public struct Stamp: Hashable, Sendable, CustomStringConvertible {
    public var pipeline: String
    public var release: UInt64
    public var published: Instant
    public var content: Digest

    public init(pipeline: String, release: UInt64, published: Instant, content: Digest) {
        self.pipeline = pipeline
        self.release = release
        self.published = published
        self.content = content
    }

    public static let label = "_freshet"

    /// `_freshet` below a zone's apex.
    public static func owner(in zone: Name) throws(NameError) -> Name { try Name(label, relativeTo: zone) }

    /// One for each zone but the reverse ones, which nobody asks for freshness, and those
    /// whose name leaves no room for the label.
    public static func owners(in zones: [Name]) -> [Name] {
        zones.filter { zone in !reverse.contains(where: zone.isWithin) }.compactMap { try? owner(in: $0) }
    }

    private static let reverse: [Name] = ["in-addr.arpa.", "ip6.arpa."].compactMap { try? Name($0) }

    /// Whether a stamp may stand at this name, or it is below one that may.
    public static func isStampName(_ owner: Name) -> Bool {
        let wire = owner.wire
        var at = 0
        while wire[at] != 0 {
            let end = at + 1 + Int(wire[at])
            if wire[at] == UInt8(label.utf8.count), zip(wire[at + 1..<end], label.utf8).allSatisfy({ $0 == $1 || 0x41...0x5A ~= $0 && $0 | 0x20 == $1 }) { return true }
            at = end
        }
        return false
    }

    /// `v=freshet1 p=PIPELINE r=RELEASE t=MILLISECONDS d=DIGEST` (first 16 hexadecimal digits).
    public var description: String {
        "v=freshet1 p=\(pipeline) r=\(release) t=\(published.milliseconds) d=\(content.hex.prefix(16))"
    }

    /// What a stamp's text says; the digest is cut, so it is kept as text.
    public struct Reading: Hashable, Sendable {
        public var pipeline: String
        public var release: UInt64
        public var published: Instant
        public var digestPrefix: String

        /// Parses the text of a TXT record; `nil` if it is not a stamp.
        public init?(_ text: String) {
            var fields: [Substring: Substring] = [:]
            for part in text.split(separator: " ") {
                guard let equals = part.firstIndex(of: "=") else { return nil }
                fields[part[..<equals]] = part[part.index(after: equals)...]
            }
            guard fields["v"] == "freshet1", let pipeline = fields["p"], let release = fields["r"].flatMap({ UInt64($0) }),
                let time = fields["t"].flatMap({ Int64($0) }), let digest = fields["d"], digest.count == 16
            else { return nil }
            self.pipeline = String(pipeline)
            self.release = release
            published = Instant(milliseconds: time)
            digestPrefix = String(digest)
        }

        public func agrees(with stamp: Stamp) -> Bool {
            pipeline == stamp.pipeline && release == stamp.release && published == stamp.published
                && stamp.content.hex.hasPrefix(digestPrefix)
        }
    }
}

/// What a proxy reports: its lease in the store.
public struct Deployment: Hashable, Sendable {
    /// What was read back by DNS.
    public struct Seen: Hashable, Sendable {
        public var at: Instant
        public var release: UInt64
        public var published: Instant
        /// What was wrong with the answer; `nil` if it was the deployed stamp.
        public var fault: String?

        public init(at: Instant, release: UInt64, published: Instant, fault: String? = nil) {
            self.at = at
            self.release = release
            self.published = published
            self.fault = fault
        }
    }

    /// Names that changed, asked through the name servers after a deployment.
    public struct Probes: Hashable, Sendable {
        public var asked: Int
        public var wrong: Int
        /// Of one that was wrong.
        public var example: String

        public init(asked: Int = 0, wrong: Int = 0, example: String = "") {
            self.asked = asked
            self.wrong = wrong
            self.example = example
        }
    }

    /// What the resolver's clients got since the probe before.
    public struct Load: Hashable, Sendable {
        public var queries: UInt64
        /// Answered SERVFAIL.
        public var failures: UInt64
        /// Mean of the answers that were not in its cache, microseconds.
        public var latency: Int

        public init(queries: UInt64, failures: UInt64, latency: Int) {
            self.queries = queries
            self.failures = failures
            self.latency = latency
        }
    }

    public var host: String
    /// 0: none yet.
    public var release: UInt64
    /// What it holds; `nil`: none yet.
    public var content: Digest?
    /// Of the last release that came by a ring.
    public var probes: Probes?
    public var load: Load?
    /// Fingerprints of the keys it believes: one may go when everybody has its successor.
    public var keys: [String] = []
    /// The way of the last release that changed content: heartbeats do not replace it.
    public var trace: Trace
    public var tracedRelease: UInt64
    public var tinydns: Seen?
    public var unbound: Seen?
    public var swarmAddress: String
    public var tinydnsAddress: String
    public var unboundAddress: String
    /// Why the newest release is not deployed, or what is wrong with a daemon.
    public var fault: String?
    /// Octets that came from the swarm for this release.
    public var downloaded: UInt64
    public var keptFiles: Int
    public var movedFiles: Int
    public var labels: [String: String]

    public init(
        host: String, release: UInt64 = 0, trace: Trace = Trace(cause: ""), tracedRelease: UInt64 = 0, tinydns: Seen? = nil, unbound: Seen? = nil,
        swarmAddress: String, tinydnsAddress: String, unboundAddress: String, fault: String? = nil,
        downloaded: UInt64 = 0, keptFiles: Int = 0, movedFiles: Int = 0, labels: [String: String] = [:]
    ) {
        self.host = host
        self.release = release
        self.trace = trace
        self.tracedRelease = tracedRelease
        self.tinydns = tinydns
        self.unbound = unbound
        self.swarmAddress = swarmAddress
        self.tinydnsAddress = tinydnsAddress
        self.unboundAddress = unboundAddress
        self.fault = fault
        self.downloaded = downloaded
        self.keptFiles = keptFiles
        self.movedFiles = movedFiles
        self.labels = labels
    }
}
