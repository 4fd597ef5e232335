internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
public import Logging
internal import NIOCore
internal import NIOSSL
public import Pipeline

/// Takes registrations over HTTP: who may what is for the handler to say.
public struct RegistrationServer: Sendable {
    public struct Request: Sendable {
        /// `POST`, `DELETE` or `GET`.
        public var method: String
        /// What follows `Bearer`.
        public var token: [UInt8]?
        /// DNS names of the client's certificate, if TLS proved one.
        public var certificateNames: [String]
        /// Reads it; `nil`: it is larger than 1 MiB, or does not come.
        public var body: @Sendable () async -> [UInt8]?
        /// For people.
        public var peer: String
        public var network: PeerNetwork
    }

    public struct Answer: Sendable {
        public var status: Int
        public var json: [UInt8]
        /// Seconds after which to try again.
        public var retryAfter: Int?

        public init(status: Int, json: [UInt8], retryAfter: Int? = nil) {
            self.status = status
            self.json = json
            self.retryAfter = retryAfter
        }
    }

    /// Certificate and key to show, and the authorities of clients that show theirs; PEM files.
    public struct TLS: Sendable {
        public var certificate: String
        public var key: String
        /// `nil`: clients need no certificate.
        public var clients: String?

        public init(certificate: String, key: String, clients: String?) {
            self.certificate = certificate
            self.key = key
            self.clients = clients
        }
    }

    /// A batch of 1,000 registrations is much smaller.
    private static let largestBody = 1 << 20

    private let address: String
    private let port: Int
    private let tls: TLS?
    private let logger: Logger
    private let connections: Int
    /// From a request's first line until its answer is taken.
    var exchange = Duration.seconds(60)
    /// Between two requests.
    var idle = Duration.seconds(30)
    private let respond: @Sendable (Request) async -> Answer

    /// - Parameter connections: open at once, half of them at most of one network; and no more
    ///   than half of the files that the process may open.
    public init(
        address: String, port: Int, tls: TLS?, connections: Int = 8192, logger: Logger,
        respond: @escaping @Sendable (Request) async -> Answer
    ) {
        self.address = address
        self.port = port
        self.tls = tls
        self.connections = connections
        self.logger = logger
        self.respond = respond
    }

    /// Runs until the task is cancelled; `listening` is told the port once it accepts.
    public func run(listening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let router = Router(context: ClientContext.self)
        let respond = respond
        for method in [HTTPRequest.Method.post, .delete, .get] {
            router.on("/v1/registrations", method: method) { request, context in
                let body = request.body
                let answer = await respond(
                    Request(
                        method: method.rawValue, token: Self.token(request.headers), certificateNames: await context.certificateNames(),
                        body: { (try? await body.collect(upTo: Self.largestBody)).map { Array($0.readableBytesView) } },
                        peer: context.peer, network: context.network))
                var headers: HTTPFields = [.contentType: "application/json"]
                if answer.status == 401 { headers[.wwwAuthenticate] = "Bearer" }
                if let seconds = answer.retryAfter { headers[.retryAfter] = "\(seconds)" }
                return Response(status: .init(code: answer.status), headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: answer.json)))
            }
        }
        router.get("/healthz") { _, _ in "ok\n" }
        var quiet = logger
        quiet.logLevel = .warning
        let http = ConnectionGuard(.init(connections: connections, exchange: exchange, idle: idle)).server
        let application = Application(
            router: router, server: try tls.map { try .tls(http, tlsConfiguration: $0.configuration()) } ?? http,
            // Thousands of servers may call at once: whom the kernel turns away tries again a second later, then two.
            configuration: .init(address: .hostname(address, port: port), serverName: nil, backlog: 4096),
            onServerRunning: { await listening($0.localAddress?.port ?? 0) }, logger: quiet)
        try await application.run()
    }

    private static func token(_ headers: HTTPFields) -> [UInt8]? {
        guard let value = headers[.authorization], value.lowercased().hasPrefix("bearer ") else { return nil }
        return Array(value.utf8.dropFirst(7))
    }
}

extension RegistrationServer.TLS {
    fileprivate func configuration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        if let clients {
            configuration.trustRoots = .file(clients)
            // Servers with a token may come without; their names are their own affair.
            configuration.certificateVerification = .optionalVerification
        }
        return configuration
    }
}
