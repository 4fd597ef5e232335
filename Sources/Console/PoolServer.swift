internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore

/// Takes the calls of pools over HTTP: who may what is for the handler to say.
public struct PoolServer: Sendable {
    public struct Request: Sendable {
        /// What follows `/v1/`.
        public var call: String
        public var query: [String: String]
        /// What follows `Bearer`.
        public var token: [UInt8]?
        public var body: [UInt8]
    }

    private static let largestBody = 16 << 10
    /// What changes something, by the names that OpenStack Designate has for it.
    private static let calls = ["notify_zone_changed", "poll_for_serial_number", "update_status"]

    /// A poll may take ten minutes by what its caller asks for.
    private static let limits = ConnectionGuard.Limits(connections: 256, exchange: .seconds(660))

    private let address: String
    private let port: Int
    private let logger: Logger
    private let respond: @Sendable (Request) async -> (status: Int, json: [UInt8])

    public init(
        address: String, port: Int, logger: Logger, respond: @escaping @Sendable (Request) async -> (status: Int, json: [UInt8])
    ) {
        self.address = address
        self.port = port
        self.logger = logger
        self.respond = respond
    }

    /// Runs until the task is cancelled; `listening` is told the port once it accepts.
    public func run(listening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let router = Router()
        let respond = respond
        for call in Self.calls {
            router.post(RouterPath("/v1/\(call)")) { request, _ in
                let body = try await request.body.collect(upTo: Self.largestBody)
                return Self.response(
                    await respond(.init(call: call, query: [:], token: Self.token(request.headers), body: Array(body.readableBytesView))))
            }
        }
        router.get("/v1/status") { request, _ in
            let query = Dictionary(request.uri.queryParameters.map { (String($0.key), String($0.value)) }) { first, _ in first }
            return Self.response(await respond(.init(call: "status", query: query, token: nil, body: [])))
        }
        router.get("/healthz") { _, _ in "ok\n" }
        var quiet = logger
        quiet.logLevel = .warning
        let application = Application(
            router: router, server: ConnectionGuard(Self.limits).server,
            configuration: .init(address: .hostname(address, port: port), serverName: nil),
            onServerRunning: { await listening($0.localAddress?.port ?? 0) }, logger: quiet)
        try await application.run()
    }

    private static func response(_ reply: (status: Int, json: [UInt8])) -> Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        if reply.status == 401 { headers[.wwwAuthenticate] = "Bearer" }
        return Response(status: .init(code: reply.status), headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: reply.json)))
    }

    private static func token(_ headers: HTTPFields) -> [UInt8]? {
        guard let value = headers[.authorization], value.lowercased().hasPrefix("bearer ") else { return nil }
        return Array(value.utf8.dropFirst(7))
    }
}
