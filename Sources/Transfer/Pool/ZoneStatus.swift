public import DNSWire
public import Pipeline

/// How far a change of a zone has come, for machines.
public struct ZoneStatus: Encodable, Sendable {
    public struct Server: Encodable, Sendable {
        public var host: String
        public var port: Int
        /// `SUCCESS`: it has the change; `NO_ZONE`: it says that it has no such zone; else `ERROR`.
        public var status: String
        /// Why not, where it answered.
        public var response: String?
        /// `nil`: it did not answer, or has no zone.
        public var actual_serial: UInt32?
        /// Questions after the first.
        public var retries: Int
    }

    public var zone, pool: String
    /// `UPDATE` or `DELETE`.
    public var action: String
    /// What servers are to have.
    public var serial: UInt32?
    /// `PENDING`, `ACTIVE`, `ERROR`.
    public var status: String
    public var begun: String?
    public var nameservers: [Server]
    public var warnings: [String]

    public init(zone: String, pool: String, _ record: PoolRecord) {
        self.init(zone: zone, pool: pool, change: record.change, status: record.status, servers: record.servers, record: record)
    }

    public init(zone: String, _ polled: PoolService.Polled) {
        self.init(zone: zone, pool: polled.pool, change: polled.change, status: polled.status, servers: polled.servers, record: nil)
    }

    init(
        zone: String, pool: String, change: PoolChange, status: PoolStatus, servers: [PoolRecord.Server: PoolRecord.Heard], record: PoolRecord?
    ) {
        self.zone = zone
        self.pool = pool
        switch change {
        case .present(let serial): (action, self.serial) = ("UPDATE", serial.rawValue)
        case .absent: action = "DELETE"
        }
        self.status = status.rawValue
        begun = record.map { "\($0.begun)" }
        nameservers = servers.sorted { ($0.key.host, $0.key.port) < ($1.key.host, $1.key.port) }.map { Server($0, $1, of: change) }
        warnings =
            (record?.missing ?? []).map { "\($0) is of the pool and not in the zone's NS records" }
            + (record?.foreign ?? []).map { "\($0) is in the zone's NS records and not of the pool" }
    }
}

extension ZoneStatus.Server {
    init(_ server: PoolRecord.Server, _ heard: PoolRecord.Heard, of change: PoolChange) {
        host = server.host
        port = server.port
        actual_serial = heard.answer.serial?.rawValue
        retries = max(0, heard.attempts - 1)
        switch heard.answer {
        case .disowns(let code): (status, response) = ("NO_ZONE", "\(code)")
        case .absent: status = "NO_ZONE"
        case .unsure(let code): (status, response) = ("ERROR", "\(code)")
        case .serves, .unanswered: status = "ERROR"
        }
        if change.isDone(heard.answer) { status = "SUCCESS" }
    }
}

/// Many of them, by zone and pool.
public struct Statuses: Encodable, Sendable {
    public var zones: [ZoneStatus]
    /// More come after this zone; `nil`: these are all.
    public var next: String?

    /// - Parameters:
    ///   - after: only zones behind it.
    ///   - most: zones of one answer; never less than all that pools have of one zone.
    public init(_ records: [PoolZone: PoolRecord], after: Name?, most: Int) {
        let sorted = records.filter { after?.precedes($0.key.zone) ?? true }.sorted { a, b in
            a.key.zone == b.key.zone ? a.key.pool < b.key.pool : a.key.zone.precedes(b.key.zone)
        }
        var end = min(most, sorted.count)
        while end > 0, end < sorted.count, sorted[end].key.zone == sorted[end - 1].key.zone { end += 1 }
        zones = sorted[..<end].map { ZoneStatus(zone: "\($0.key.zone)", pool: $0.key.pool, $0.value) }
        next = end < sorted.count && end > 0 ? "\(sorted[end - 1].key.zone)" : nil
    }
}
