internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
public import Logging
internal import NIOCore
internal import NIOSSL

/// Takes registrations over HTTP: who may what is for the handler to say.
public struct RegistrationServer: Sendable {
    public struct Request: Sendable {
        /// `POST`, `DELETE` or `GET`.
        public var method: String
        /// What follows `Bearer`.
        public var token: [UInt8]?
        /// DNS names of the client's certificate, if TLS proved one.
        public var certificateNames: [String]
        public var body: [UInt8]
        public var peer: String
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
    private let respond: @Sendable (Request) async -> (status: Int, json: [UInt8])

    public init(
        address: String, port: Int, tls: TLS?, logger: Logger,
        respond: @escaping @Sendable (Request) async -> (status: Int, json: [UInt8])
    ) {
        self.address = address
        self.port = port
        self.tls = tls
        self.logger = logger
        self.respond = respond
    }

    /// Runs until the task is cancelled; `listening` is told the port once it accepts.
    public func run(listening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let router = Router(context: ClientContext.self)
        let respond = respond
        for method in [HTTPRequest.Method.post, .delete, .get] {
            router.on("/v1/registrations", method: method) { request, context in
                let body = try await request.body.collect(upTo: Self.largestBody)
                let (status, json) = await respond(
                    Request(
                        method: method.rawValue, token: Self.token(request.headers), certificateNames: try await context.certificateNames(),
                        body: Array(body.readableBytesView), peer: context.peer))
                var headers: HTTPFields = [.contentType: "application/json"]
                if status == 401 { headers[.wwwAuthenticate] = "Bearer" }
                return Response(status: .init(code: status), headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: json)))
            }
        }
        router.get("/healthz") { _, _ in "ok\n" }
        var quiet = logger
        quiet.logLevel = .warning
        let http = HTTPServerBuilder.http1(configuration: .init(idleTimeout: .seconds(30)))
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

/// A request with what is known of the connection it came over.
private struct ClientContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    var peer: String { channel.remoteAddress.map { "\($0)" } ?? "" }

    func certificateNames() async throws -> [String] {
        // Without TLS there is no such handler, and nobody is proven.
        guard let certificate = try? await channel.nioSSL_peerCertificate().get() else { return [] }
        return certificate._subjectAlternativeNames().compactMap { name in
            name.nameType == .dnsName ? String(decoding: name.contents, as: UTF8.self) : nil
        }
    }
}
