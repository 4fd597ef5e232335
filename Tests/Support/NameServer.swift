internal import Foundation

/// BIND's `named` on loopback with zones of the test's own; it ends with its owner.
public final class NameServer: Sendable {
    /// On 127.0.0.1, UDP and TCP.
    public let port: UInt16
    private let directory: TemporaryDirectory
    private let process: ChildProcess

    /// Starts it and returns when it says that it runs.
    ///
    /// - Parameters:
    ///   - zones: text in master format by name; each must have its SOA and NS.
    ///   - options: more lines for `options`.
    ///   - statements: more statements, such as keys.
    ///   - zoneOptions: more lines for each zone.
    /// - Throws: ``TestFailure`` if `named` is missing or does not come up.
    public init(
        zones: [String: String], options: String = "", statements: String = "", zoneOptions: String = ""
    ) async throws {
        _ = try Program("named", hint: "apt-get install bind9")
        directory = try TemporaryDirectory("named")
        let home = directory.path
        port = try freePorts(1)[0]
        var configuration = """
            options {
                directory "\(home)"; pid-file none; session-keyfile "\(home)/session.key"; listen-on-v6 { none; };
                listen-on port \(port) { 127.0.0.1; }; recursion no; notify no; empty-zones-enable no; dnssec-validation no;
                managed-keys-directory "\(home)"; check-names primary ignore; \(options)
            };
            controls { };
            \(statements)

            """
        for (index, zone) in zones.sorted(by: { $0.key < $1.key }).enumerated() {
            try write(zone.value, to: "\(home)/zone\(index)")
            configuration += "zone \"\(zone.key)\" { type primary; file \"zone\(index)\"; check-integrity no; \(zoneOptions) };\n"
        }
        try write(configuration, to: "\(home)/named.conf")
        let log = "\(home)/log"
        let process = try ChildProcess(["/usr/sbin/named", "-g", "-n", "1", "-c", "\(home)/named.conf"], directory: home, log: log)
        self.process = process
        try await eventually("named runs") {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            guard process.isRunning else { throw TestFailure("named did not start: \(text.suffix(800))") }
            return text.contains(": running\n") || text.contains(" running\n")
        }
    }
}
