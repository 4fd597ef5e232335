import Logging
import Pipeline
import Synchronization
import TestSupport
import Testing

@testable import Console

/// The listeners as clients meet them, with clients that mean harm.
@Suite struct ServerTests {
    /// Runs `server` for as long as `body` does, and tells it the port.
    private func serving(
        _ server: @escaping @Sendable (@escaping @Sendable (Int) async -> Void) async throws -> Void, _ body: (Int) async throws -> Void
    ) async throws {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let task = Task { try await server { found.yield($0) } }
        defer { task.cancel() }
        let port = try await within(.seconds(10), "the server listens") { await ports.first { _ in true } }
        try await body(try #require(port))
    }

    private func registrations(
        connections: Int = 100, exchange: Duration = .seconds(60), idle: Duration = .seconds(30), answer: [UInt8] = Array("{}".utf8),
        tls: RegistrationServer.TLS? = nil
    ) -> RegistrationServer {
        var server = RegistrationServer(address: "127.0.0.1", port: 0, tls: tls, connections: connections, logger: Logger(label: "test")) { request in
            guard let token = request.token else { return .init(status: 429, json: Array("no".utf8), retryAfter: 7) }
            if token == Array("list".utf8) { return .init(status: 200, json: answer) }
            guard let body = await request.body() else { return .init(status: 413, json: []) }
            return .init(status: 200, json: body)
        }
        server.exchange = exchange
        server.idle = idle
        return server
    }

    @Test func aLimitIsTold() async throws {
        let server = registrations()
        try await serving({ try await server.run(listening: $0) }) { port in
            let client = try RawClient(port: port)
            let refused = try await client.ask("POST", "/v1/registrations", body: "{}")
            #expect(refused.hasPrefix("HTTP/1.1 429 ") && refused.contains("Retry-After: 7\r\n"), "\(refused)")
            // The connection is as good as before.
            let taken = try await client.ask("POST", "/v1/registrations", "Authorization: Bearer a\r\n", body: "hello")
            #expect(taken.hasPrefix("HTTP/1.1 200 ") && taken.hasSuffix("\r\n\r\nhello"), "\(taken)")
        }
    }

    /// Asks until it is told to wait; waits by the server's clock, and goes on.
    @Test func metricsHaveALimitToo() async throws {
        let start = ContinuousClock.now
        let time = Mutex(Duration.zero), asked = Mutex(0)
        let server = StatusServer(
            address: "127.0.0.1", port: 0, logger: Logger(label: "test"), limit: RateLimit(every: .seconds(10), burst: 3),
            clock: { start + time.withLock { $0 } },
            stages: [
                (
                    "one",
                    {
                        asked.withLock { $0 += 1 }
                        return StageStatus(metrics: MetricsText(prefix: "one"), faults: [])
                    }
                )
            ])
        try await serving({ try await server.run(listening: $0) }) { port in
            let client = try RawClient(port: port)
            for path in ["/metrics", "/healthz", "/metrics"] { #expect(try await client.ask("GET", path).hasPrefix("HTTP/1.1 200 ")) }
            // From another connection, too.
            let other = try RawClient(port: port)
            let refused = try await other.ask("GET", "/metrics")
            #expect(refused.hasPrefix("HTTP/1.1 429 ") && refused.contains("Retry-After: 10\r\n"), "\(refused)")
            #expect(asked.withLock { $0 } == 3, "who is turned away costs no work")
            time.withLock { $0 = .milliseconds(9_500) }
            #expect(try await other.ask("GET", "/healthz").contains("Retry-After: 1\r\n"))
            time.withLock { $0 = .seconds(10) }
            #expect(try await client.ask("GET", "/healthz").hasPrefix("HTTP/1.1 200 "))
            #expect(try await client.ask("GET", "/healthz").hasPrefix("HTTP/1.1 429 "))
        }
    }

    @Test func whatIsTooLarge() async throws {
        let server = registrations()
        try await serving({ try await server.run(listening: $0) }) { port in
            let body = String(repeating: "x", count: 1 << 20), long = String(repeating: "x", count: 9000)
            let requests: [(method: String, headers: [String], body: String, status: String)] = [
                ("POST", [], body, "200"), ("POST", [], body + "x", "413"), ("GET", ["X: \(long)"], "", "400"),
                ("GET", Array(repeating: "X: 1", count: 100), "", "400"), ("GET", ["X: \(long.prefix(4000))"], "", "200"),
            ]
            for (method, headers, body, status) in requests {
                let answer = try await asked(port, method, ["Authorization: Bearer a"] + headers, body: body)
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(method) \(headers.count): \(answer.prefix(100))")
            }
        }
    }

    private func asked(_ port: Int, _ method: String, _ headers: [String], body: String) async throws -> String {
        let curl = try Program("curl", hint: "apt-get install curl")
        let lines = headers.flatMap { ["-H", $0] }
        let input: [String] = method == "POST" ? ["--data-binary", "@-", "-H", "Expect:"] : []
        let outcome = try await curl.run(
            ["-s", "-i", "-X", method] + lines + input + ["http://127.0.0.1:\(port)/v1/registrations"], input: Array(body.utf8))
        return outcome.text
    }

    /// A head that does not come, or drop by drop; a body of which a drop comes now and then; an answer that nobody takes.
    @Test func slowClients() async throws {
        let server = registrations(connections: 20, exchange: .milliseconds(800), idle: .milliseconds(400), answer: Array(repeating: 0x20, count: 64 << 20))
        try await serving({ try await server.run(listening: $0) }) { port in
            let silent = try RawClient(port: port)
            try await silent.waitForClose("nothing was said")
            let dripping = try RawClient(port: port)
            dripping.send("POST /v1/registrations HTTP/1.1\r\n")
            try await eventually("cut in the head") {
                dripping.send("A: b\r\n")
                dripping.receive()
                return dripping.isClosed
            }
            for token in ["Authorization: Bearer a\r\n", ""] {
                let body = try RawClient(port: port)
                body.send("POST /v1/registrations HTTP/1.1\r\nHost: a\r\n\(token)Content-Length: 100000\r\n\r\n")
                try await eventually("cut in the body") {
                    body.send("x")
                    body.receive()
                    return body.isClosed
                }
            }
            // All that one address may have.
            let deaf = try (0..<10).map { _ in try RawClient(port: port) }
            for client in deaf { client.send("GET /v1/registrations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer list\r\nContent-Length: 0\r\n\r\n") }
            try await eventually("there is room again") {
                let client = try RawClient(port: port)
                return try await client.ask("GET", "/healthz").hasPrefix("HTTP/1.1 200 ")
            }
            _ = deaf
        }
    }

    /// Who does not get as far as a request, and who would be one too many, before TLS has begun.
    @Test func slowHandshakes() async throws {
        let directory = try TemporaryDirectory("tls")
        let openssl = try Program("openssl", hint: "apt-get install openssl")
        let made = try await openssl.run(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=a", "-keyout", "key.pem",
                "-out", "certificate.pem",
            ], in: directory.path)
        try #require(made.succeeded, "\(made.errors)")
        let tls = RegistrationServer.TLS(certificate: directory.path + "/certificate.pem", key: directory.path + "/key.pem", clients: nil)
        let narrow = registrations(connections: 2, tls: tls)
        try await serving({ try await narrow.run(listening: $0) }) { port in
            let clients = [try RawClient(port: port), try RawClient(port: port)]
            try await eventually("one of the two is one too many", within: .seconds(15)) {
                for client in clients { client.receive() }
                return clients.contains { $0.isClosed }
            }
        }
        let server = registrations(connections: 6, idle: .milliseconds(500), tls: tls)
        try await serving({ try await server.run(listening: $0) }) { port in
            let silent = try RawClient(port: port), dripping = try RawClient(port: port)
            // The first octets of a handshake record that goes on for long.
            dripping.send("\u{16}\u{3}\u{1}\u{3}\u{7F}\u{1}")
            try await silent.waitForClose("nothing was said")
            try await eventually("cut in the handshake") {
                dripping.send("\u{0}")
                dripping.receive()
                return dripping.isClosed
            }
            let curl = try Program("curl", hint: "apt-get install curl")
            let answer = try await curl.run(["-sk", "-H", "Authorization: Bearer list", "https://127.0.0.1:\(port)/v1/registrations"])
            #expect(answer.text == "{}")
        }
    }

    /// One address has half of all connections at most; what is closed gives its place back.
    @Test func connectionsHaveACeiling() async throws {
        let server = registrations(connections: 10)
        try await serving({ try await server.run(listening: $0) }) { port in
            var clients: [RawClient] = []
            for _ in 0..<5 {
                clients.append(try RawClient(port: port))
                #expect(try await clients[clients.count - 1].ask("GET", "/healthz").hasPrefix("HTTP/1.1 200 "))
            }
            try await RawClient(port: port).waitForClose("one too many")
            for client in clients { #expect(try await client.ask("GET", "/healthz").hasPrefix("HTTP/1.1 200 ")) }
            clients.removeFirst()
            try await eventually("a place is free") {
                try await RawClient(port: port).ask("GET", "/healthz").hasPrefix("HTTP/1.1 200 ")
            }
        }
    }
}
