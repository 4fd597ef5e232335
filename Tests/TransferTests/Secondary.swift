import DNSClient
import DNSWire
import Foundation
import TestSupport
import Testing

/// A name server of others' that takes zones from a primary on loopback.
final class Secondary: Sendable {
    enum Kind: String, CaseIterable, Sendable { case bind, nsd, knot, powerdns }

    let kind: Kind
    let port: Int
    private let directory: TemporaryDirectory
    private let process: ChildProcess

    /// - Parameters:
    ///   - port: on 127.0.0.1, free.
    ///   - primary: where zones come from.
    ///   - key: signs all (hmac-sha256); `nil`: nothing is signed.
    ///   - catalog: lists further zones; not read by NSD, of which version 4.6 knows none.
    init(_ kind: Kind, port: Int, primary: Int, zones: [String], key: String? = nil, catalog: String? = nil) async throws {
        self.kind = kind
        self.port = port
        directory = try TemporaryDirectory(kind.rawValue)
        let home = directory.path
        switch kind {
        case .bind:
            let keyClause = key.map { " key \"\($0)\"" } ?? ""
            var text = """
                options {
                    directory "\(home)"; pid-file none; session-keyfile "\(home)/session.key"; listen-on-v6 { none; };
                    listen-on port \(port) { 127.0.0.1; }; recursion no; notify no; empty-zones-enable no; dnssec-validation no;
                    managed-keys-directory "\(home)"; try-tcp-refresh no; min-refresh-time 1; allow-new-zones yes;
                    \(catalog.map { "catalog-zones { zone \"\($0)\" default-primaries { 127.0.0.1 port \(primary)\(keyClause); } min-update-interval 0; };" } ?? "")
                };
                controls { };

                """
            if let key { text += "key \"\(key)\" { algorithm hmac-sha256; secret \"\(Primary.secret)\"; };\n" }
            for (i, zone) in (zones + [catalog].compactMap(\.self)).enumerated() {
                text += "zone \"\(zone)\" { type secondary; file \"zone\(i)\"; primaries { 127.0.0.1 port \(primary)\(keyClause); }; };\n"
            }
            try write(text, to: "\(home)/named.conf")
            _ = try Program("named", hint: "apt-get install bind9")
            process = try ChildProcess(["/usr/sbin/named", "-g", "-n", "1", "-c", "\(home)/named.conf"], directory: home, log: "\(home)/log")
        case .nsd:
            var text = """
                server:
                    ip-address: 127.0.0.1@\(port)
                    username: ""
                    zonesdir: "\(home)"
                    database: ""
                    pidfile: "\(home)/nsd.pid"
                    xfrdfile: "\(home)/xfrd.state"
                    xfrdir: "\(home)"
                    zonelistfile: "\(home)/zone.list"
                    logfile: "\(home)/log"
                    verbosity: 3
                    server-count: 1
                    xfrd-reload-timeout: 0
                remote-control:
                    control-enable: no

                """
            if let key { text += "key:\n    name: \"\(key)\"\n    algorithm: hmac-sha256\n    secret: \"\(Primary.secret)\"\n" }
            for zone in zones {
                text += "zone:\n    name: \"\(zone)\"\n    zonefile: \"\(zone)zone\"\n"
                text += "    request-xfr: 127.0.0.1@\(primary) \(key ?? "NOKEY")\n    allow-notify: 127.0.0.1 \(key ?? "NOKEY")\n"
            }
            try write(text, to: "\(home)/nsd.conf")
            _ = try Program("nsd", hint: "apt-get install nsd")
            process = try ChildProcess(["/usr/sbin/nsd", "-d", "-c", "\(home)/nsd.conf"], directory: home, log: "\(home)/errors")
        case .knot:
            let keyLine = key.map { "    key: \($0)\n" } ?? ""
            var text = """
                server:
                    rundir: "\(home)"
                    listen: 127.0.0.1@\(port)
                    automatic-acl: off
                log:
                  - target: stderr
                    any: debug
                database:
                    storage: "\(home)"

                """
            if let key { text += "key:\n  - id: \(key)\n    algorithm: hmac-sha256\n    secret: \(Primary.secret)\n" }
            text += "remote:\n  - id: primary\n    address: 127.0.0.1@\(primary)\n\(keyLine)"
            text += "acl:\n  - id: told\n    address: 127.0.0.1\n    action: notify\n\(keyLine)"
            text += "template:\n  - id: default\n    storage: \"\(home)\"\n    master: primary\n    acl: told\n"
            text += "  - id: member\n    storage: \"\(home)\"\n    master: primary\n    acl: told\nzone:\n"
            for zone in zones { text += "  - domain: \(zone)\n" }
            if let catalog { text += "  - domain: \(catalog)\n    catalog-role: interpret\n    catalog-template: member\n" }
            try write(text, to: "\(home)/knot.conf")
            _ = try Program("knotd", hint: "apt-get install knot")
            process = try ChildProcess(["/usr/sbin/knotd", "-c", "\(home)/knot.conf"], directory: home, log: "\(home)/log")
        case .powerdns:
            try write(
                """
                launch=gsqlite3
                gsqlite3-database=\(home)/pdns.sqlite3
                gsqlite3-dnssec=no
                local-address=127.0.0.1
                local-port=\(port)
                socket-dir=\(home)
                secondary=yes
                autosecondary=no
                xfr-cycle-interval=1
                daemon=no
                guardian=no
                allow-notify-from=127.0.0.1
                cache-ttl=0
                query-cache-ttl=0
                negquery-cache-ttl=0
                zone-cache-refresh-interval=0
                zone-metadata-cache-ttl=0
                loglevel=6
                """, to: "\(home)/pdns.conf")
            let sqlite = try Program("sqlite3", hint: "apt-get install sqlite3")
            let schema = try contents("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")
            let made = try await sqlite.run(["\(home)/pdns.sqlite3"], input: schema)
            guard made.succeeded else { throw TestFailure("sqlite3: \(made.errors)") }
            let util = try Program("pdnsutil", hint: "apt-get install pdns-server pdns-backend-sqlite3")
            func run(_ arguments: String...) async throws {
                let outcome = try await util.run(["--config-dir=\(home)"] + arguments)
                guard outcome.succeeded else { throw TestFailure("pdnsutil \(arguments): \(outcome.text) \(outcome.errors)") }
            }
            if let key { try await run("import-tsig-key", key, "hmac-sha256", Primary.secret) }
            for zone in zones + [catalog].compactMap(\.self) {
                try await run("create-secondary-zone", zone, "127.0.0.1:\(primary)")
                if zone != catalog { try await run("set-meta", zone, "IXFR", "1") }
                if let key { try await run("activate-tsig-key", zone, key, "secondary") }
            }
            if let catalog { try await run("set-kind", catalog, "consumer") }
            process = try ChildProcess(["/usr/sbin/pdns_server", "--config-dir=\(home)"], directory: home, log: "\(home)/log")
        }
    }

    var log: String {
        ((try? String(contentsOfFile: "\(directory.path)/log", encoding: .utf8)) ?? "")
            + ((try? String(contentsOfFile: "\(directory.path)/errors", encoding: .utf8)) ?? "")
    }

    /// `nil`: it does not answer, or not for itself.
    func ask(_ name: String, _ type: RRType) async throws -> Message? {
        let answer = try? await DNSClient().query(
            try Name(name), type, at: .init(host: "127.0.0.1", port: port), timeout: .seconds(1))
        return answer.flatMap { $0.flags.contains(.authoritative) && $0.responseCode != .serverFailure && $0.responseCode != .refused ? $0 : nil }
    }

    func serial(_ zone: String) async throws -> UInt32? {
        try await ask(zone, .soa)?.answers.first.flatMap { try? SOA($0.rdata).serial.rawValue }
    }

    func waits(for serial: UInt32?, of zone: String) async throws {
        do {
            try await eventually("\(kind.rawValue) has serial \(serial.map(String.init) ?? "none") of \(zone)", within: .seconds(30)) {
                if !process.isRunning { throw TestFailure("\(kind.rawValue) ended: \(log.suffix(1500))") }
                return try await self.serial(zone) == serial
            }
        } catch {
            throw TestFailure("\(error); log: \(log.suffix(2500))")
        }
    }

    func stop() async { await process.kill() }
}
