import Configurator
import Console
import Foundation
import LocalProxy
import Logging
import Pipeline
import Presenter
import Publisher
import Review
import ServiceLifecycle
import Swarm
import Transfer
import UnixSignals
import ZooKeeper

/// The only place that knows both stages and adapters.
struct Wiring {
    let settings: PipelineSettings
    let store: any Store

    init(_ settings: PipelineSettings) throws {
        self.settings = settings
        store = try Self.open(settings.store)
    }

    /// `zookeeper://…` or a directory: the location decides, nothing else changes.
    static func open(_ location: String) throws -> any Store {
        if location.hasPrefix("zookeeper://") {
            return try ZooKeeperStore(location, credentials: SecretVariable.take("FRESHET_ZOOKEEPER_AUTH"), sessionTimeout: .seconds(10))
        }
        return try EmbeddedStore(directory: location)
    }

    func packBuild() -> PackBuild { Self.packBuild(settings) }

    /// Needs no store.
    static func packBuild(_ settings: PipelineSettings) -> PackBuild {
        let beside = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map {
            URL(filePath: $0).deletingLastPathComponent()
        }
        let kit = ProcessInfo.processInfo.environment["FRESHET_KIT"] ?? (own ?? beside).appending(path: "kit").path
        return PackBuild(kit: kit, cache: "\(settings.configuratorDirectory)/packs")
    }

    var repository: SiteRepository { repository(checkouts: "\(settings.configuratorDirectory)/checkouts") }

    func repository(checkouts: String) -> SiteRepository {
        SiteRepository(
            location: settings.repository, copy: "\(settings.configuratorDirectory)/site.git", branch: settings.branch, checkouts: checkouts)
    }

    func assembly(_ blobs: any Blobs) -> Assembly {
        Assembly(store: blobs, settings: settings.assembly, packBuild: packBuild(), logger: Logger(label: "configurator"))
    }

    func configurator() -> Stage {
        let stage = ConfiguratorStage(
            store: store, repository: repository, assembly: assembly(store), poll: settings.poll,
            logger: Logger(label: "configurator"))
        return Stage(.configurator, status: { await stage.health() }) { try await stage.run(instance: settings.instance) }
    }

    func presenter() throws -> Stage {
        let people = PresenterStage.People(keys: try settings.people.map { try Keys.readPublic($0) }, pipeline: settings.pipeline)
        let stage = PresenterStage(
            store: store, policy: settings.policy, gate: Gate(mode: settings.review, radius: settings.radius), people: people,
            profile: settings.profile, logger: Logger(label: "presenter"))
        return Stage(.presenter, status: { await stage.health() }) { try await stage.run(instance: settings.instance) }
    }

    func publisher() throws -> Stage {
        let part = settings.publisher
        let keys = try part.keys.map { try Keys.readPrivate($0) }
        let status = StatusSource()
        return Stage(.publisher, status: status) {
            let swarm = try await Swarm(listen: PeerAddress(listening: part.swarm), logger: Logger(label: "swarm"))
            let stage = try PublisherStage(
                settings: .init(pipeline: settings.pipeline, directory: part.directory, keys: keys, heartbeat: part.heartbeat, rings: part.rings),
                store: store, distribution: .over(swarm), logger: Logger(label: "publisher"))
            status.set { await stage.health() }
            do {
                try await stage.run(instance: settings.instance)
            } catch {
                await swarm.close()
                throw error
            }
            await swarm.close()
        }
    }

    func proxy() throws -> Stage {
        let part = settings.proxy
        let keys = try part.keyFiles.map { try Keys.readPublic($0) }
        let status = StatusSource()
        return Stage(.proxy, status: status) {
            let swarm = try await Swarm(listen: PeerAddress(listening: part.swarm), logger: Logger(label: "swarm"))
            let stage = try ProxyStage(
                settings: ProxySettings(
                    host: part.host, pipeline: settings.pipeline, keys: keys, directory: part.directory, tinydns: part.tinydns,
                    unbound: part.unbound, clients: part.clients, labels: part.labels, probeInterval: part.probe, freshness: part.freshness,
                    expiry: part.expiry, scrub: part.scrub),
                store: store, distribution: .over(swarm), logger: Logger(label: "proxy.\(part.host)"))
            status.set { await stage.health() }
            let result: Result<Void, any Error>
            do {
                try await stage.run()
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await swarm.close()
            try result.get()
        }
    }

    /// The registration API; `nil` if it is not told where to listen.
    func registrar() throws -> Stage? {
        guard let part = settings.registration else { return nil }
        let logger = Logger(label: "registrar")
        let service = try RegistrationService(
            registrar: Registrar(store: store, sharding: settings.sharding), identities: part.identities, audit: part.audit,
            limits: part.limits, logger: logger)
        let server = RegistrationServer(
            address: part.listen.address, port: part.listen.port,
            tls: part.tls.map { .init(certificate: $0.certificate, key: $0.key, clients: $0.clients) }, connections: part.connections, logger: logger
        ) { request in
            let action: RegistrationService.Action =
                switch request.method {
                case "POST": .register
                case "DELETE": .deregister
                default: .list
                }
            let reply = await service.respond(
                to: .init(
                    action: action, token: request.token, certificateNames: request.certificateNames, body: request.body, peer: request.peer,
                    network: request.network))
            return .init(status: reply.status, json: reply.body, retryAfter: reply.retryAfter)
        }
        return Stage(.registration, status: { await service.health() }) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                group.addTask {
                    try await server.run { port in
                        logger.info("registrations are taken", metadata: ["address": "\(part.listen.address):\(port)"])
                    }
                }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    /// The hidden primary; `nil` if it is not told where to listen.
    func transfer() throws -> Stage? {
        guard let part = settings.transfer else { return nil }
        let logger = Logger(label: "transfer"), opened = try part.opened()
        let stage = try TransferStage(settings: opened, store: store, logger: logger)
        let api = PoolAPI(pools: opened.pools, store: store, tokens: part.api?.tokens ?? [], logger: logger)
        let server = part.api.map { part in
            PoolServer(address: part.endpoint.address, port: part.endpoint.port, logger: logger) { request in
                await api.respond(to: request.call, query: request.query, token: request.token, body: request.body)
            }
        }
        return Stage(.transfer, status: { await stage.health() }) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await stage.run(instance: settings.instance) { ports in
                        for (endpoint, port) in zip(opened.listen, ports) {
                            logger.info("zones are transferred", metadata: ["address": "\(endpoint.address):\(port)"])
                        }
                    }
                }
                if let server {
                    group.addTask { try await server.run { port in logger.info("calls of pools are taken", metadata: ["port": "\(port)"]) } }
                }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    /// Runs stages until SIGTERM or SIGINT, then stops them in reverse order; and serves their metrics.
    ///
    /// - Parameter sweeps: whether this process removes what nothing refers to.
    func run(_ stages: [Stage], sweeps: Bool = false) async throws {
        let sweeper = Sweeper(store: store, retention: settings.history, logger: Logger(label: "store"))
        let group = ServiceGroup(
            configuration: .init(
                services: StatusService.all(stages, at: settings.metrics).map { .init(service: $0, successTerminationBehavior: .ignore) }
                    + stages.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) }
                    + (sweeps ? [.init(service: sweeper, successTerminationBehavior: .ignore)] : []),
                gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "freshet")))
        do {
            try await group.run()
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }
}

/// Removes blobs that nothing refers to, once in a while.
private struct Sweeper: Service {
    let store: any Store
    let retention: History.Retention
    let logger: Logger

    func run() async throws {
        let store = store, retention = retention, logger = logger
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: .seconds(600))
                do {
                    // What is written and not yet referred to is younger than the grace.
                    let count = try await store.sweep(keeping: try await LiveBlobs.digests(in: store, history: retention), grace: .seconds(3600))
                    if count > 0 { logger.info("swept", metadata: ["blobs": "\(count)"]) }
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning("not swept", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}

extension Distribution {
    static func over(_ swarm: Swarm) -> Distribution {
        Distribution(
            address: "\(swarm.address)",
            describe: { directory in
                let metadata = try await TorrentMetadata.make(directory: directory)
                return Torrent(metadata: metadata.encoded, infoHash: metadata.infoHash)
            },
            seed: { torrent, directory in
                try await swarm.seed(try torrent.parsed(), directory: directory, verified: true)
            },
            fetch: { torrent, directory, have, peers, progress in
                // Whoever had it may be gone, and a newer release be there: the caller looks again.
                try await swarm.fetch(
                    try torrent.parsed(), into: directory, have: have, peers: peers.compactMap { try? PeerAddress($0) },
                    stallLimit: .seconds(10), progress: { _ in progress() })
                return (try? await swarm.statistics(of: torrent.infoHash).downloaded) ?? 0
            },
            addPeers: { infoHash, peers in
                try? await swarm.addPeers(peers.compactMap { try? PeerAddress($0) }, to: infoHash)
            },
            drop: { await swarm.drop($0) },
            admit: { addresses in
                let hosts = addresses.compactMap { try? PeerAddress($0).host }
                try? await swarm.allow(only: Set(hosts))
            })
    }
}

extension Distribution.Torrent {
    /// The metadata, whose info-hash must be the one that was signed.
    fileprivate func parsed() throws -> TorrentMetadata {
        let metadata = try TorrentMetadata(parsing: self.metadata)
        guard metadata.infoHash == infoHash else {
            throw SwarmError(.badMetadata, "the torrent's metadata has another info-hash than the one that was signed")
        }
        return metadata
    }
}

extension PeerAddress {
    /// `address:port`; port 0 takes any that is free.
    fileprivate init(listening text: String) throws {
        do {
            try self.init(text)
        } catch {
            throw UserError("swarm address '\(text)' is not ADDRESS:PORT")
        }
    }
}
