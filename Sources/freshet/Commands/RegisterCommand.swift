import ArgumentParser
import Configurator
import DNSWire
import Foundation
import Pipeline

/// What both commands need to name an RRset.
struct RegistrationOptions: ParsableArguments {
    @Argument(help: "The owner name, absolute: web7.example.net") var name: String
    @Argument(help: "The type: A, AAAA, CNAME, TXT, …") var type: String
    @Option(help: "Who registers: the server's own name by default.") var person = ProcessInfo.processInfo.hostName

    func key() throws -> RecordKey {
        guard let type = RRType(type) else { throw UserError("unknown type '\(self.type)'") }
        do {
            return RecordKey(owner: try Name(name), type: type)
        } catch {
            throw UserError("\(error)")
        }
    }
}

struct RegisterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register", abstract: "Registers an RRset of this server; rules and reviewed edits go before it.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var registration: RegistrationOptions
    @Argument(help: "Values in presentation format.") var values: [String]
    @Option(help: "Seconds.") var ttl: UInt32 = 300
    @Flag(help: "Shares the name with other servers' values.") var add = false
    @Option(help: "Why.") var reason = "registered"

    func run() async throws {
        let key = try registration.key()
        var rdata: [RData] = []
        for value in values {
            do { rdata.append(try RData(value, type: key.type)) } catch { throw UserError("\(error)") }
        }
        guard !rdata.isEmpty else { throw ValidationError("give at least one value") }
        let origin = Origin(source: Origin.registrations, person: registration.person, reason: reason)
        let edit = Edit(action: add ? .add : .set, key: key, ttl: ttl, rdata: rdata, origin: origin)
        let number = try await common.withStore { settings, store in
            try await Registrar(store: store, sharding: settings.sharding).register([edit])
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
        let origin = Origin(source: Origin.registrations, person: registration.person)
        let number = try await common.withStore { settings, store in
            try await Registrar(store: store, sharding: settings.sharding)
                .register([Edit(action: .remove, key: key, origin: origin)])
        }
        print("registration \(number): without \(key)")
    }
}
