import DNSClient
import DNSWire
import Foundation
import Pipeline
import TestSupport
import Testing

extension PipelineTests {
    /// Servers that register themselves over HTTP, with tokens and with certificates.
    @Suite(.serialized) struct RegistrationTests {
        @Test func tokensAndCertificates() async throws {
            try await withFleet(.embedded) { fleet in
                let path = fleet.directory.path
                try fleet.startProxy(0)
                let made = try await fleet.freshet("keys", "token", path + "/token")
                #expect(made.status == 0 && made.output.contains("sha256:"))
                #expect(try await fleet.freshet("keys", "token", path + "/token").status != 0)
                try fleet.write(
                    "identities.yaml",
                    """
                    identities:
                      - name: web7
                        \(made.output.trimmingCharacters(in: .whitespacesAndNewlines))
                        names: [web7.mirrors.test]
                      - {name: web8, certificates: [web8.mirrors.test], names: [web8.mirrors.test], permanent: true}
                    """)
                try await certificates(in: path)
                let tls = [
                    "registration.listen": "127.0.0.1:0", "registration.tls.certificate": "tls/server.pem",
                    "registration.tls.key": "tls/server.key", "registration.tls.clients": "tls/authority.pem",
                ]
                try fleet.start("registrar", tls)
                let api = "https://localhost:\(try await port(fleet))"
                try await fleet.waitForHead(1)

                // A token.
                let register = ["register", "--api", api, "--authority", path + "/tls/authority.pem"]
                let first = try await fleet.freshet(register + ["--token-file", path + "/token", "web7.mirrors.test", "A", "192.0.2.77", "--lease", "1h"])
                #expect(first.status == 0, "\(first.errors)")
                try await eventually("the registered address is served") {
                    try await fleet.ask("web7.mirrors.test.", .a, at: fleet.unbound(0)) == ["192.0.2.77"]
                }
                let again = try await fleet.freshet(register + ["--token-file", path + "/token", "web7.mirrors.test", "A", "192.0.2.77", "--lease", "1h"])
                #expect(again.output == first.output)
                let other = try await fleet.freshet(register + ["--token-file", path + "/token", "web8.mirrors.test", "A", "192.0.2.78"])
                #expect(other.status != 0 && other.errors.contains("web7 may not hold web8.mirrors.test."))
                // A certificate; one by another authority ends in the handshake.
                let curl = try Program("curl", hint: "apt-get install curl")
                func post(_ name: String) async throws -> String {
                    try await curl.run([
                        "-s", "-o", "-", "-w", " %{http_code}", "--cacert", path + "/tls/authority.pem", "--cert", path + "/tls/\(name).pem", "--key",
                        path + "/tls/\(name).key", "-d", #"{"registrations":[{"name":"web8.mirrors.test","type":"A","values":["192.0.2.78"]}]}"#,
                        "\(api)/v1/registrations",
                    ]).text
                }
                #expect(try await post("web8").hasSuffix(" 200"))
                #expect(try await !post("stranger").hasSuffix(" 200"))
                try await eventually("the second is served") {
                    try await fleet.ask("web8.mirrors.test.", .a, at: fleet.tinydns(0)) == ["192.0.2.78"]
                }
                let back = try await fleet.freshet(["deregister"] + register.dropFirst() + ["--token-file", path + "/token", "web7.mirrors.test", "A"])
                #expect(back.status == 0, "\(back.errors)")
                try await eventually("it is gone") { try await fleet.ask("web7.mirrors.test.", .a, at: fleet.unbound(0)).isEmpty }

                let explained = try await fleet.freshet("explain", "web8.mirrors.test", "A")
                #expect(explained.output.contains("registrations by web8"))
                let log = try String(contentsOfFile: path + "/state/registrar/audit.jsonl", encoding: .utf8)
                #expect(log.contains(#""identity":"web8""#) && log.contains(#""status":403"#) && log.contains(#""action":"deregister""#))
                let token = try String(contentsOfFile: path + "/token", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
                #expect(!log.contains(token) && !fleet.logs.contains(token))
            }
        }

        /// Who asks too often is told when to come back; `freshet register` does.
        @Test func tooOften() async throws {
            try await withFleet(.embedded) { fleet in
                let path = fleet.directory.path
                let made = try await fleet.freshet("keys", "token", path + "/token")
                try fleet.write(
                    "identities.yaml",
                    """
                    identities:
                      - name: web7
                        \(made.output.trimmingCharacters(in: .whitespacesAndNewlines))
                        names: [web7.mirrors.test]
                    """)
                try fleet.start(
                    "registrar",
                    [
                        "registration.listen": "127.0.0.1:0", "registration.limits.identities.rate": "1/s", "registration.limits.identities.burst": "2",
                        "registration.limits.strangers.rate": "1/h", "registration.limits.strangers.burst": "2",
                    ])
                let api = "http://127.0.0.1:\(try await port(fleet))"
                let curl = try Program("curl", hint: "apt-get install curl")
                func guess(_ token: String) async throws -> String {
                    try await curl.run(["-s", "-i", "-H", "Authorization: Bearer \(token)", "-d", "{}", "\(api)/v1/registrations"]).text
                }
                for token in ["one", "two"] { #expect(try await guess(token).hasPrefix("HTTP/1.1 401 ")) }
                let refused = try await guess("three")
                #expect(refused.hasPrefix("HTTP/1.1 429 ") && refused.contains(#/retry-after: 3[56]\d\d\b/#.ignoresCase()), "\(refused)")
                // Who is known is none of them, and waits when told to.
                let start = ContinuousClock.now
                for value in ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"] {
                    let outcome = try await fleet.freshet(
                        "register", "--api", api, "--token-file", path + "/token", "web7.mirrors.test", "A", value)
                    #expect(outcome.status == 0, "\(outcome.errors)")
                }
                #expect(ContinuousClock.now - start > .seconds(2), "two at once, and three more a second each")
                let log = try String(contentsOfFile: path + "/state/registrar/audit.jsonl", encoding: .utf8)
                #expect(log.components(separatedBy: #""status":401"#).count == 3 && !log.contains(#""status":429"#))
            }
        }

        /// Beyond loopback tokens need TLS.
        @Test func refusesToListenInTheClear() async throws {
            try await withFleet(.embedded) { fleet in
                let outcome = try await fleet.freshet("registrar", "--set", "registration.listen=0.0.0.0:8053")
                #expect(outcome.status != 0 && outcome.errors.contains("registration.tls.certificate"))
                let name = try await fleet.freshet("registrar", "--set", "registration.listen=127.0.0.1.example.net:8053")
                #expect(name.status != 0 && name.errors.contains("registration.tls.certificate"))
            }
        }

        private func port(_ fleet: Fleet) async throws -> Int {
            let log = fleet.directory.path + "/registrar.log"
            try await eventually("the registrar listens") { (try? String(contentsOfFile: log, encoding: .utf8))?.contains("registrations are taken") ?? false }
            let text = try String(contentsOfFile: log, encoding: .utf8)
            let match = try #require(text.firstMatch(of: #/address=127\.0\.0\.1:(\d+)/#), "\(text)")
            return try #require(Int(match.1))
        }

        /// An authority, a server's certificate, a client's, and one of a stranger's own making.
        private func certificates(in path: String) async throws {
            let openssl = try Program("openssl", hint: "apt-get install openssl")
            try FileManager.default.createDirectory(atPath: path + "/tls", withIntermediateDirectories: true)
            func run(_ arguments: String...) async throws {
                let outcome = try await openssl.run(arguments, in: path + "/tls")
                guard outcome.succeeded else { throw TestFailure(outcome.errors) }
            }
            let fresh = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
            for (name, names) in [("authority", nil), ("stranger", "DNS:web8.mirrors.test")] as [(String, String?)] {
                let outcome = try await openssl.run(
                    fresh + ["-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).pem"]
                        + (names.map { ["-addext", "subjectAltName=\($0)"] } ?? []), in: path + "/tls")
                guard outcome.succeeded else { throw TestFailure(outcome.errors) }
            }
            for (name, alternative) in [("server", "DNS:localhost"), ("web8", "DNS:web8.mirrors.test")] {
                try await run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).csr")
                try fleetFile(path + "/tls/\(name).ext", "subjectAltName=\(alternative)\n")
                try await run(
                    "x509", "-req", "-in", "\(name).csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-days", "2", "-extfile",
                    "\(name).ext", "-out", "\(name).pem")
            }
        }

        private func fleetFile(_ path: String, _ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }
    }
}
