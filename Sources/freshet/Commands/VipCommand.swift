import ArgumentParser
import Foundation
import LocalProxy
import Logging
import Pipeline
import ServiceLifecycle
import UnixSignals

struct VipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vip", abstract: "Announces this server's anycast prefixes by ExaBGP while its answers are fresh.",
        discussion: """
            A process of ExaBGP's (docs/vip.md): it says on stdout which routes lead here, and reads on stdin what \
            ExaBGP made of it. A server that does not answer is withdrawn; one that is stale only while enough \
            other sites are fresh. Asked to stop, it withdraws first.
            """)
    @OptionGroup var common: CommonOptions
    @ArgumentParser.Flag(name: [.long, .customLong("dry-run")], help: "Only says what it would do, and why.") var explain = false

    func run() async throws {
        let settings = try common.load(quiet: explain)
        guard let part = settings.vip else { throw UserError("there is no prefix to announce: vip.prefixes in the configuration") }
        let logger = Logger(label: "vip.\(part.speaker.host)")
        var store: (any Store)?
        do {
            store = try Wiring.open(settings.store)
        } catch {
            // Without it staleness never withdraws; all else goes on.
            logger.error("without the store", metadata: ["error": "\(error)"])
        }
        let speaker = VIPSpeaker(settings: part.speaker, store: store, logger: logger)
        if explain {
            print(await speaker.explanation())
        } else {
            // A write to an ExaBGP that is gone is to fail, not to kill.
            signal(SIGPIPE, SIG_IGN)
            let service = Speaking(speaker: speaker, router: ExaBGP(logger: logger))
            let group = ServiceGroup(
                configuration: .init(
                    services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "freshet")))
            do {
                try await group.run()
            } catch let error as ExaBGP.Gone {
                logger.notice("\(error)")
            }
        }
        await store?.close()
    }
}

private struct Speaking: Service {
    let speaker: VIPSpeaker
    let router: ExaBGP

    func run() async throws {
        router.listen()
        do {
            try await cancelWhenGracefulShutdown { try await speaker.run { try router.say($0) } }
        } catch is CancellationError {
            // What a process said that has ended is not read any more.
            await router.untilHeard()
        }
    }
}
