import ArgumentParser

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs all stages in one process: Configurator, Presenter, Publisher and one proxy.")
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let wiring = try Wiring(try common.load())
        try await wiring.run(
            [wiring.configurator(), try wiring.presenter(), try wiring.publisher(), try wiring.proxy()]
                + [try wiring.registrar(), try wiring.transfer()].compactMap { $0 }, sweeps: true)
    }
}

struct ConfiguratorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configurator", abstract: "Follows the site's branch, runs the rules, stores what they make.")
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let wiring = try Wiring(try common.load())
        try await wiring.run([wiring.configurator()], sweeps: true)
    }
}

struct RegistrarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registrar", abstract: "Takes registrations from servers over HTTP (docs/registration.md).")
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let wiring = try Wiring(try common.load())
        guard let registrar = try wiring.registrar() else {
            throw UserError("say where to listen: registration.listen in the configuration, or --set registration.listen=127.0.0.1:8053")
        }
        try await wiring.run([registrar])
    }
}

struct PresenterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "presenter", abstract: "Reconciles generated records with edits and registrations.")
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let wiring = try Wiring(try common.load())
        try await wiring.run([try wiring.presenter()])
    }
}

struct PublisherCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publisher", abstract: "Compiles, proves, signs and seeds releases.")
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let wiring = try Wiring(try common.load())
        try await wiring.run([try wiring.publisher()])
    }
}

struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy", abstract: "Keeps this server's tinydns and unbound at the newest release.",
        discussion: """
            Runs tinydns and unbound itself, on proxy.tinydns.address (port 53, so it needs root or \
            CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_SETUID and CAP_SETGID) and on \
            proxy.unbound.address. Without the store it goes on serving what is on its disk.
            """)
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let wiring = try Wiring(try common.load())
        try await wiring.run([try wiring.proxy()])
    }
}
