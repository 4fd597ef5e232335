internal import DNSWire
internal import Foundation
public import Logging
public import Pipeline
internal import Synchronization

/// The calls of pools as JSON (`docs/transfer.md`), apart from HTTP.
public final class PoolAPI: Sendable {
    private let service: PoolService
    private let tokens: Set<Digest>
    private let logger: Logger
    private let running = Mutex(0)

    /// Calls may wait for servers: so many at a time.
    static let most = 32

    /// - Parameter tokens: SHA-256 of those that may call what changes something; none: nobody may.
    public init(pools: [Pool], store: any Store, tokens: Set<Digest>, logger: Logger) {
        service = PoolService(pools: pools, store: store)
        self.tokens = tokens
        self.logger = logger
    }

    /// - Parameters:
    ///   - call: what follows `/v1/`.
    ///   - query: what follows `?`, decoded.
    /// - Returns: an HTTP status and JSON.
    public func respond(to call: String, query: [String: String] = [:], token: [UInt8]?, body: [UInt8]) async -> (status: Int, json: [UInt8]) {
        do {
            if call == "status" { return Self.reply(200, try await status(query)) }
            // Looked up by its digest, so that the time it takes says nothing of a token.
            guard let token, tokens.contains(Digest(of: token)) else { return Self.failure(401, "show a token that is known here (Authorization: Bearer …)") }
            let isFree = running.withLock { count in
                if count < Self.most { count += 1 } else { return false }
                return true
            }
            guard isFree else { return Self.failure(503, "too many calls at a time") }
            defer { running.withLock { $0 -= 1 } }
            return try await run(call, try JSONDecoder().decode(Request.self, from: Data(body)))
        } catch let refusal as PoolService.Refusal {
            let isUnknown = switch refusal { case .unknownZone, .unknownPool: true; default: false }
            return Self.failure(isUnknown ? 404 : 422, "\(refusal)")
        } catch let fault as Fault {
            return Self.failure(422, fault.message)
        } catch is DecodingError {
            return Self.failure(422, "the body is not what this call takes (docs/transfer.md)")
        } catch {
            logger.error("a call of pools failed", metadata: ["call": "\(call)", "error": "\(error)"])
            return Self.failure(503, "the store does not take it now; try again")
        }
    }

    // MARK: Calls

    private struct Fault: Error { var message: String }

    struct Server: Codable, Hashable {
        var host: String
        var port: Int?
    }

    private struct Request: Decodable {
        var zone: String
        var pool: String?
        var host: String?
        var port: Int?
        var nameserver: Server?
        var timeout, retry_interval, delay: Double?
        var max_retries: Int?
        var serial: UInt32?
        var status: String?
        var actual_serial: UInt32?

        var server: PoolRecord.Server? {
            nameserver.map { .init(host: $0.host, port: $0.port ?? 53) } ?? host.map { .init(host: $0, port: port ?? 53) }
        }

        func patience(_ fallback: SerialPoll.Patience) throws -> SerialPoll.Patience {
            func seconds(_ value: Double?, _ fallback: Duration) throws -> Duration {
                guard let value else { return fallback }
                guard value >= 0, value <= 3600 else { throw Fault(message: "times are seconds, from 0 to 3600") }
                return .milliseconds(Int64(value * 1000))
            }
            return .init(
                delay: try seconds(delay, .zero), timeout: try seconds(timeout, fallback.timeout),
                interval: try seconds(retry_interval, fallback.interval), retries: max_retries ?? fallback.retries)
        }
    }

    private func run(_ call: String, _ request: Request) async throws -> (status: Int, json: [UInt8]) {
        guard let zone = try? Name(request.zone) else { throw Fault(message: "'\(request.zone)' is not a zone") }
        let pool = try await service.pool(request.pool, having: zone)
        switch call {
        case "notify_zone_changed":
            let told = try await service.notifyZoneChanged(zone, pool: pool, server: request.server, patience: try request.patience(pool.poll))
            return Self.reply(
                200, Notified(zone: "\(zone)", pool: pool.name, servers: told.map { .init(host: $0.server.host, port: $0.server.port, response: $0.response.map { "\($0)" }, retries: $0.retries) }))
        case "poll_for_serial_number":
            let polled = try await service.pollForSerialNumber(
                zone, pool: pool, server: request.server, serial: request.serial.map { Serial($0) }, patience: try request.patience(pool.poll))
            return Self.reply(200, ZoneStatus(zone: "\(zone)", polled))
        case "update_status":
            guard let server = request.server else { throw Fault(message: "'nameserver' is missing") }
            let record = try await service.updateStatus(zone, pool: pool, server: server, answer: try Self.answer(request))
            return Self.reply(200, ZoneStatus(zone: "\(zone)", pool: pool.name, record))
        default: return Self.failure(404, "there is no such call")
        }
    }

    /// What a status of OpenStack's says.
    private static func answer(_ request: Request) throws -> SerialAnswer {
        switch (request.status, request.actual_serial) {
        case ("SUCCESS", let serial?), ("ERROR", let serial?): return .serves(Serial(serial))
        case ("ERROR", nil): return .unanswered
        case ("NO_ZONE", nil): return .absent
        case ("SUCCESS", nil): throw Fault(message: "a success has an actual_serial")
        default: throw Fault(message: "status is SUCCESS with actual_serial, ERROR, or NO_ZONE without actual_serial")
        }
    }

    /// So many zones of one answer.
    static let mostZones = 1000

    private func status(_ query: [String: String]) async throws -> Statuses {
        if let text = query["zone"] {
            guard let zone = try? Name(text) else { throw Fault(message: "'\(text)' is not a zone") }
            let records = try await service.ledger.records(of: zone)
            if records.isEmpty { throw PoolService.Refusal.unknownZone(zone) }
            return Statuses(records, after: nil, most: Self.mostZones)
        }
        let after = try query["after"].map { text in
            guard let name = try? Name(text) else { throw Fault(message: "'\(text)' is not a zone") }
            return name
        }
        let records = try await service.ledger.read().records.filter { key, record in
            (query["pool"] ?? key.pool) == key.pool && (query["status"] ?? record.status.rawValue) == record.status.rawValue
        }
        return Statuses(records, after: after, most: Self.mostZones)
    }

    // MARK: Replies

    private struct Failure: Encodable { var errors: [String] }

    private struct Notified: Encodable {
        struct Told: Encodable {
            var host: String
            var port: Int
            var response: String?
            var retries: Int
        }
        var zone, pool: String
        var servers: [Told]
    }

    private static func failure(_ status: Int, _ message: String) -> (status: Int, json: [UInt8]) { reply(status, Failure(errors: [message])) }

    private static func reply(_ status: Int, _ value: some Encodable) -> (status: Int, json: [UInt8]) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(value) else { return (500, []) }
        return (status, Array(json))
    }
}
