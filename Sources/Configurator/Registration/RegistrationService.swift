internal import DNSWire
internal import Foundation
public import Logging
public import Pipeline
internal import Synchronization

/// What the registration API does (`docs/registration.md`), apart from HTTP.
public final class RegistrationService: Sendable {
    public enum Action: String, Sendable { case register, deregister, list }

    /// One call, as it came in.
    public struct Call: Sendable {
        public var action: Action
        public var token: [UInt8]?
        /// DNS names of a client certificate that was proven.
        public var certificateNames: [String]
        /// `nil`: it is too large, or does not come. Asked for once it is known who calls.
        public var body: @Sendable () async -> [UInt8]?
        /// For the log.
        public var peer: String
        /// Whose limits count.
        public var network: PeerNetwork

        public init(
            action: Action, token: [UInt8]?, certificateNames: [String], body: @escaping @Sendable () async -> [UInt8]?,
            peer: String, network: PeerNetwork
        ) {
            self.action = action
            self.token = token
            self.certificateNames = certificateNames
            self.body = body
            self.peer = peer
            self.network = network
        }
    }

    public struct Reply: Sendable {
        /// Of HTTP.
        public var status: Int
        /// JSON.
        public var body: [UInt8]
        /// Seconds after which it may be tried again.
        public var retryAfter: Int?
    }

    private let registrar: Registrar
    private let intake: RegistrationIntake
    private let audit: AuditLog
    private let allowance: RegistrationAllowance
    private let identities: Mutex<Identities>
    private let file: String
    private let logger: Logger
    private let now: @Sendable () -> Instant

    /// - Throws: every fault of the identities' file, or why the audit log cannot be written.
    public init(
        registrar: Registrar, identities file: String, audit: String, limits: RegistrationLimits = .init(), logger: Logger,
        now: @escaping @Sendable () -> Instant = Instant.now,
        clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) throws {
        self.registrar = registrar
        self.file = file
        self.logger = logger
        self.now = now
        intake = RegistrationIntake(registrar)
        identities = Mutex(try Identities(file: file))
        self.audit = try AuditLog(audit)
        allowance = RegistrationAllowance(limits, now: clock)
    }

    /// Follows the identities' file, and removes what has ended; until cancelled.
    public func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in FileWatcher.changes(of: [self.file]) {
                    do {
                        let fresh = try Identities(file: self.file)
                        self.identities.withLock { $0 = fresh }
                        self.logger.info("identities read", metadata: ["count": "\(fresh.all.count)"])
                    } catch {
                        self.logger.error("the identities' file is at fault: those before stay", metadata: ["error": "\(error)"])
                    }
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    do {
                        try await Task.sleep(for: .seconds(600))
                        try await self.registrar.sweep()
                    } catch is CancellationError {
                        return
                    } catch {
                        self.logger.warning("ended registrations stay for now", metadata: ["error": "\(error)"])
                    }
                }
            }
        }
    }

    /// Metrics, and whether what is registered gets into the store and the log.
    public func health() async -> StageStatus {
        var text = MetricsText(prefix: "freshet_registrar")
        let record = registrar.record
        record.write(into: &text)
        do {
            text.gauge(
                "registrations", "RRsets that servers hold; those whose lease ended lately may be among them.",
                .init(try await registrar.count()))
            return StageStatus(metrics: text, faults: record.faults)
        } catch {
            return StageStatus(metrics: text, faults: record.faults + ["the store cannot be read: \(error)"])
        }
    }

    public func respond(to call: Call) async -> Reply {
        let begun = ContinuousClock.now
        let reply = await answer(call)
        registrar.record.answered(call.action, status: reply.status, took: ContinuousClock.now - begun)
        return reply
    }

    /// Whether it is on the disk.
    @discardableResult
    private func log(_ entry: AuditLog.Entry) async -> Bool {
        let isWritten = await audit.append(entry)
        registrar.record.logged(isWritten)
        return isWritten
    }

    private func answer(_ call: Call) async -> Reply {
        if let wait = allowance.call(from: call.network) { return tooMany(.peer, wait) }
        guard let identity = identity(of: call) else {
            // Neither the disk nor the log is for strangers to fill.
            if let wait = allowance.failure(from: call.network) { return tooMany(.stranger, wait) }
            await log(entry(call, nil, 401))
            return Self.reply(401, Failure(errors: ["show a token that is known here (Authorization: Bearer …), or a client certificate"]))
        }
        if let wait = allowance.call(of: identity.name) { return tooMany(.identity, wait) }
        do {
            switch call.action {
            case .list:
                let edits = try await registrar.registrations(of: identity.name)
                return Self.reply(200, Registered(registrations: edits.map(Registered.Row.init)))
            case .register, .deregister:
                guard let body = await call.body() else {
                    await log(entry(call, identity, 413))
                    return Self.reply(413, Failure(errors: ["a body is 1 MiB at most"]))
                }
                let request = try RegistrationRequest(
                    body, removes: call.action == .deregister, by: identity, at: now())
                let registration = try await intake.register(request.edits)
                // Accepted is what is in the store and in the log.
                guard await log(entry(call, identity, 200, request.edits, registration.number)) else {
                    return Self.reply(500, Failure(errors: ["registered, but the audit log cannot be written"]))
                }
                return Self.reply(200, Accepted(
                        generation: registration.number,
                        registrations: request.edits.map { Registered.Row(registration.stored($0)) }))
            }
        } catch RegistrationRequest.Refusal.malformed(let faults) {
            await log(entry(call, identity, 422))
            return Self.reply(422, Failure(errors: faults))
        } catch RegistrationRequest.Refusal.forbidden(let faults) {
            await log(entry(call, identity, 403))
            return Self.reply(403, Failure(errors: faults))
        } catch {
            logger.error("a registration failed", metadata: ["identity": "\(identity.name)", "error": "\(error)"])
            return Self.reply(503, Failure(errors: ["the store does not take it now; try again"]))
        }
    }

    private func tooMany(_ limit: RegistrarRecord.Limit, _ wait: Duration) -> Reply {
        registrar.record.limited(by: limit)
        var reply = Self.reply(429, Failure(errors: ["too many calls of one \(limit.rawValue)"]))
        reply.retryAfter = Int((wait / .seconds(1)).rounded(.up))
        return reply
    }

    private func identity(of call: Call) -> Identities.Identity? {
        identities.withLock { known in
            if let token = call.token { return known.identity(token: token) }
            return known.identity(certificateNames: call.certificateNames)
        }
    }

    // MARK: Answers

    private struct Failure: Encodable { var errors: [String] }

    private struct Accepted: Encodable {
        var generation: UInt64
        var registrations: [Registered.Row]
    }

    private struct Registered: Encodable {
        struct Row: Encodable {
            var name, type, mode: String
            var ttl: UInt32?
            var values: [String]
            var location: String?
            var expires: String?
            var reason: String

            init(_ edit: Edit) {
                name = "\(edit.key.owner)"
                type = "\(edit.key.type)"
                mode = edit.action.rawValue
                ttl = edit.ttl
                values = edit.rdata.map { $0.text(type: edit.key.type) }
                location = edit.key.location.map { "\($0)" }
                expires = edit.expires.map { "\($0)" }
                reason = edit.origin.reason
            }
        }

        var registrations: [Row]
    }

    private static func reply(_ status: Int, _ value: some Encodable) -> Reply {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Reply(status: status, body: ((try? encoder.encode(value)).map(Array.init) ?? []) + [0x0A])
    }

    private func entry(
        _ call: Call, _ identity: Identities.Identity?, _ status: Int, _ edits: [Edit] = [], _ generation: UInt64? = nil
    ) -> AuditLog.Entry {
        AuditLog.Entry(
            time: "\(now())", peer: call.peer, identity: identity?.name, action: call.action.rawValue, status: status,
            generation: generation,
            records: edits.map { edit in
                "\(edit.key) \(edit.rdata.map { $0.text(type: edit.key.type) }.joined(separator: ", "))"
            })
    }
}
