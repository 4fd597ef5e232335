import DNSClient
import DNSCrypto
import DNSWire
import Foundation
import TestSupport
import Testing

extension AskingTests {
    /// Our client with others' servers, and others' clients with what we build.
    @Suite(.serialized) struct RealServerTests {
        static let secret = Data("0123456789abcdef0123456789abcdef".utf8).base64EncodedString()

        static func key(_ algorithm: TSIGAlgorithm, _ name: String = "key.test.", secret: String = secret) throws -> TSIGKey {
            try #require(TSIGKey(name: try Name(name), algorithm: algorithm, base64: secret))
        }

        /// dnspython as a server that signs.
        func dnspython(_ algorithm: TSIGAlgorithm) async throws -> (ChildProcess, DNSClient.Server) {
            let process = try ChildProcess([
                "\(packageRoot)/.venv/bin/python3", "\(packageRoot)/Tests/Oracles/dns_server.py",
                "key.test.:\(algorithm.rawValue):\(Self.secret)",
            ])
            let port = try #require(Int(await process.line() ?? ""), "the server does not start; 'make test-tools' makes its environment")
            return (process, .init(host: "127.0.0.1", port: port))
        }

        @Test(arguments: TSIGAlgorithm.allCases)
        func signed(_ algorithm: TSIGAlgorithm) async throws {
            let (process, server) = try await dnspython(algorithm)
            defer { withExtendedLifetime(process) {} }
            var options = DNSClient.Options()
            options.key = try Self.key(algorithm)
            options.timeout = .seconds(30)
            let client = DNSClient()
            func ask(_ label: String) async throws -> Message {
                try await client.ask(.query(try Name("\(label).test."), .any, id: 0, recursionDesired: false), at: [server], options)
            }
            #expect(try await ask("a3").answers.count == 3)
            #expect(try await ask("refuse").responseCode == .refused)
            // Cut over UDP, so by TCP; signed on both.
            #expect(try await ask("a100").answers.count == 100)
            options.overTCP = true
            #expect(try await ask("a2").answers.count == 2)
            options.overTCP = false
            options.timeout = .milliseconds(400)
            for label in ["badsig", "nosig", "late"] {
                await #expect("\(label)") { try await ask(label) } throws: { ($0 as? DNSClientError)?.code == .malformed }
            }
            options.key = try Self.key(algorithm, secret: Data("another secret of good length...".utf8).base64EncodedString())
            await #expect(throws: DNSClientError.self) { try await ask("a1") }
            options.key = try Self.key(algorithm, "stranger.test.")
            await #expect(throws: DNSClientError.self) { try await ask("a1") }
        }

        /// Thousands at once, each with its own answer, over few sockets.
        @Test func manyInFlight() async throws {
            let directory = try TemporaryDirectory("unbound")
            let port = try freePorts(1)[0]
            let count = 5000
            var lines = [
                "server:", "  interface: 127.0.0.1", "  port: \(port)", "  do-daemonize: no", "  use-syslog: no", "  username: \"\"",
                "  chroot: \"\"", "  pidfile: \"\"", "  directory: \"\(directory.path)\"", "  so-rcvbuf: 1m", "  local-zone: \"test.\" static",
            ]
            for i in 0..<count { lines.append("  local-data: \"h\(i).test. 60 A 10.1.\(i / 256).\(i % 256)\"") }
            try write(lines.joined(separator: "\n") + "\nremote-control:\n  control-enable: no\n", to: "\(directory.path)/unbound.conf")
            _ = try Program("unbound", hint: "apt-get install unbound")
            let unbound = try ChildProcess(["/usr/sbin/unbound", "-d", "-c", "\(directory.path)/unbound.conf"])
            defer { withExtendedLifetime(unbound) {} }
            let server = DNSClient.Server(host: "127.0.0.1", port: Int(port))
            let client = DNSClient(sockets: 32)
            try await eventually("unbound answers") {
                (try? await client.query(try Name("h1.test."), .a, at: server, timeout: .milliseconds(100)))?.answers.count == 1
            }
            var options = DNSClient.Options()
            options.timeout = .seconds(60)
            options.tries = 12
            options.patience = .milliseconds(500)
            let most = Peak()
            let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
                for i in 0..<count {
                    group.addTask { [options] in
                        let name = try Name("h\(i).test.")
                        let answer = try await client.ask(.query(name, .a, id: 0, recursionDesired: false), at: [server], options)
                        if i % 100 == 0 { most.see(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) }
                        return answer.answers.map(\.rdata) != [.a((10, 1, UInt8(i / 256), UInt8(i % 256)))]
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wrong == 0)
            #expect(most.value < 400, "descriptors while \(count) queries were under way")
        }

        /// What we serve, dig and kdig read; records of all types, compressed, over UDP and TCP.
        @Test(arguments: ["dig", "kdig"])
        func othersRead(_ program: String) async throws {
            var random = Seeded(41)
            // BIND wants NSEC3's owners to be hashes.
            let owner = try Name("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.test.")
            let types: [RRType] = [
                .a, .aaaa, .ns, .soa, .dname, .ptr, .mx, .txt, .spf, .srv, .naptr, .caa, .sshfp, .tlsa, .smimea, .openpgpkey, .ds, .cds,
                .dnskey, .cdnskey, .rrsig, .nsec, .nsec3, .nsec3param, .zonemd, .svcb, .https, .loc, .hinfo, .rp, .afsdb, .uri, .csync,
                .eui48, .eui64, RRType(rawValue: 65_280),
            ]
            let records = types.map { type in
                // BIND judges what these say too, and shows nothing of a message with a bad one.
                let sound: [RRType: String] = [
                    .naptr: #"1 2 "u" "E2U+sip" "!^.*$!sip:a@example.test!" ."#, .nsec: "b.example.test. A MX NSEC TYPE65280",
                    .nsec3: "1 1 10 aabb 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG",
                ]
                var rdata = sound[type].map { try! RData($0, type: type) } ?? random.rdata(type)
                // kdig takes the years from 2038 to 2106 for those before 1970.
                if type == .rrsig { rdata = RData(opaque: rdata.wire.enumerated().map { [8, 12].contains($0) ? $1 & 0x7F : $1 }) }
                return ResourceRecord(owner: owner, type: type, ttl: 300, rdata: rdata)
            }
            let key = try Self.key(.hmacSHA256)
            let responder = try await Responder { query, _, overTCP in
                let asked = Message(query).questions[0].type
                let message = response(to: query, asked == .any ? records : records.filter { $0.type == asked })
                // Over UDP they get the TC bit and come back over TCP.
                var octets = message.wire(limit: overTCP ? 65_535 : 512)
                if case .signed(var tsig) = TSIGServer.receive(query, at: UInt64(Date().timeIntervalSince1970), keys: { _ in key }) {
                    try? tsig.sign(&octets, at: UInt64(Date().timeIntervalSince1970))
                }
                return [octets]
            }
            let tool = try Program(program, hint: "apt-get install bind9-dnsutils knot-dnsutils")
            for type in records.map(\.type) + [.any] {
                let base = ["@127.0.0.1", "-p", "\(responder.port)", "-t", "TYPE\(type.rawValue)", "\(owner)", "+norecurse"]
                let plain = ["+noall", "+answer", "+time=10"]
                for extra in [[], ["-y", "hmac-sha256:key.test.:\(Self.secret)"]] {
                    let outcome = try await tool.run(base + plain + extra)
                    #expect(outcome.succeeded, "\(type) \(outcome.text) \(outcome.errors)")
                    #expect(!outcome.text.lowercased().contains("warning") && !outcome.text.contains("WARNING"), "\(outcome.text)")
                    let read = ZoneFileReader(ZoneText(name: program, octets: outcome.output)).map { item -> ResourceRecord? in
                        if case .record(let record) = item { record } else { nil }
                    }
                    let expected = type == .any ? records : records.filter { $0.type == type }
                    #expect(Set(read) == Set(expected.map { Optional($0) }), "\(type): \(outcome.text)")
                }
            }
        }
    }
}

/// The largest number seen.
final class Peak: @unchecked Sendable {
    // The lock guards the number.
    private let lock = NSLock()
    private var most = 0
    func see(_ number: Int) { lock.withLock { most = max(most, number) } }
    var value: Int { lock.withLock { most } }
}
