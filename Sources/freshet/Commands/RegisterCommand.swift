import ArgumentParser
import Configurator
import DNSWire
import Foundation
import Pipeline

/// What both commands need: an RRset, and where to say it.
struct RegistrationOptions: ParsableArguments {
    @Argument(help: "The owner name, absolute: web7.example.net") var name: String
    @Argument(help: "The type: A, AAAA, CNAME, TXT, …") var type: String
    @Option(help: "The registration API, https://dns.example.net:8053 (FRESHET_REGISTRATION_API); by default the store itself, for who may write there.")
    var api: String?
    @Option(help: "A file with the token for the API; FRESHET_REGISTRATION_TOKEN has the token itself.") var tokenFile: String?
    @Option(help: "PEM of the authority of the API's certificate; the system's by default.") var authority: String?
    @Option(help: "PEM of a client certificate, instead of a token.") var certificate: String?
    @Option(help: "PEM of its key.") var certificateKey: String?
    @Option(help: "Without the API: who registers; the server's own name by default.") var person = ProcessInfo.processInfo.hostName

    func key() throws -> RecordKey {
        guard let type = RRType(type) else { throw UserError("unknown type '\(self.type)'") }
        do {
            return RecordKey(owner: try Name(name), type: type)
        } catch {
            throw UserError("\(error)")
        }
    }

    /// `nil`: the store itself.
    func client() throws -> RegistrationClient? {
        guard let api = api ?? ProcessInfo.processInfo.environment["FRESHET_REGISTRATION_API"] else { return nil }
        var token = ProcessInfo.processInfo.environment["FRESHET_REGISTRATION_TOKEN"]
        if let tokenFile {
            guard let text = try? String(contentsOfFile: tokenFile, encoding: .utf8) else { throw UserError("\(tokenFile): no such token") }
            token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        guard (certificate == nil) == (certificateKey == nil) else { throw ValidationError("--certificate and --certificate-key go together") }
        if token == nil, certificate == nil {
            throw ValidationError("give --token-file, FRESHET_REGISTRATION_TOKEN or --certificate: who are you?")
        }
        return RegistrationClient(
            api: api, token: token, authority: authority,
            certificate: certificate.flatMap { certificate in certificateKey.map { (certificate, $0) } })
    }
}

struct RegisterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register", abstract: "Registers an RRset of this server; rules and reviewed edits go before it.",
        discussion: """
            A registration is leased: run this again before the lease ends (a timer at a third of it), \
            or it goes by itself. Registering what is there already changes nothing.

              freshet register web7.example.net A 192.0.2.7 --api https://dns.example.net:8053 \\
                  --token-file /etc/freshet/token --lease 1h

            Exit status: 0 it is in the store, 1 refused or not reached.
            """)
    @OptionGroup var common: CommonOptions
    @OptionGroup var registration: RegistrationOptions
    @Argument(help: "Values in presentation format.") var values: [String]
    @Option(help: "Seconds.") var ttl: UInt32 = 300
    @Flag(help: "Shares the name with other servers' values.") var add = false
    @Option(help: "Why.") var reason = "registered"
    @Option(help: "How long it stays without being renewed: 90s, 10m, 2h, 1d, or 'permanent'.") var lease: String?

    func run() async throws {
        let key = try registration.key()
        var rdata: [RData] = []
        for value in values {
            do { rdata.append(try RData(value, type: key.type)) } catch { throw UserError("\(error)") }
        }
        guard !rdata.isEmpty else { throw ValidationError("give at least one value") }
        if let client = try registration.client() {
            let generation = try await client.send(
                "POST",
                .init(
                    name: "\(key.owner)", type: "\(key.type)", values: values, ttl: ttl, mode: add ? "add" : "set", lease: lease,
                    reason: reason))
            return print("registration \(generation): \(key)")
        }
        var expires: Instant?
        if let lease, lease != "permanent" {
            guard let seconds = SettingsReader.duration(lease)?.components.seconds, seconds > 0 else {
                throw ValidationError("--lease \(lease): not a time such as 90s, 10m or 2h")
            }
            expires = Instant.now().advanced(byMilliseconds: seconds * 1000)
        }
        let origin = Origin(source: Origin.registrations, person: registration.person, reason: reason)
        let edit = Edit(action: add ? .add : .set, key: key, ttl: ttl, rdata: rdata, origin: origin, expires: expires)
        let number = try await common.withStore { settings, store in
            try await Registrar(store: store, sharding: settings.sharding).register([edit]).number
        }
        print("registration \(number): \(key)")
    }
}

struct DeregisterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "deregister", abstract: "Takes a registration back.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var registration: RegistrationOptions

    func run() async throws {
        let key = try registration.key()
        if let client = try registration.client() {
            let generation = try await client.send("DELETE", .init(name: "\(key.owner)", type: "\(key.type)"))
            return print("registration \(generation): without \(key)")
        }
        let origin = Origin(source: Origin.registrations, person: registration.person)
        let number = try await common.withStore { settings, store in
            try await Registrar(store: store, sharding: settings.sharding)
                .register([Edit(action: .remove, key: key, origin: origin)]).number
        }
        print("registration \(number): without \(key)")
    }
}
