import Configurator
import DNSWire
import DNSClient
import Foundation
import LocalProxy
import Logging
import Pipeline
import Presenter
import Publisher
import Review
import Swarm
import Validation

/// The pipeline's configuration file, read whole and checked at once.
struct PipelineSettings {
    var pipeline: String
    var store: String
    var sharding: Sharding
    /// A directory, or what git fetches from.
    var repository: String
    var poll: Duration
    var branch: String
    var assembly: Assembly.Settings
    var policy: ConflictPolicy
    /// Public key files of those who may sign emergency edits.
    var people: [String]
    /// Where Prometheus reads the metrics of each stage; those that are not told have none.
    var metrics: [StageName: Endpoint]
    /// How long presentations can be looked at.
    var history: History.Retention
    var review: Gate.Mode
    var radius: BlastRadius
    var profile: Profile
    var configuratorDirectory: String
    var publisher: PublisherPart
    var registration: RegistrationPart?
    var proxy: ProxyPart
    var vip: VIPPart?
    var transfer: TransferPart?
    var instance: String

    /// Stages by their names in the file.
    enum StageName: String, CaseIterable { case configurator, presenter, publisher, proxy, registration, transfer }

    struct Endpoint: Hashable {
        var address: String
        var port: Int
    }

    struct PublisherPart {
        var directory: String
        /// Files, or `env:NAME`.
        var keys: [String]
        var heartbeat: Duration
        var swarm: String
        /// Who gets a content before the whole fleet does.
        var rings: Rings
    }

    struct ProxyPart {
        var host: String
        var directory: String
        var keyFiles: [String]
        var swarm: String
        var tinydns: ProxySettings.Daemon
        var unbound: ProxySettings.Daemon
        var clients: [String]
        var labels: [String: String]
        var freshness: Duration
        var probe: Duration
        /// A release that is older is not taken up.
        var expiry: Duration
        /// How often all of the database is compared with the release.
        var scrub: Duration
    }

    init(file: String, overrides: [String]) throws {
        var read = try SettingsReader(file: file, overrides: overrides)
        pipeline = read.required("pipeline", "a name, such as the company's")
        let storeText = read.string("store", default: "state/store")
        store = storeText.contains("://") ? storeText : read.absolute(storeText)
        sharding = Sharding(count: read.integer("shards", in: 1...4096, default: 256))
        let location = read.string("site.repository", default: ".")
        repository = SiteRepository.isRemote(location) ? location : read.absolute(location)
        poll = read.duration("site.poll", default: .seconds(30))
        branch = read.string("site.branch", default: "main")
        policy = Self.policy(&read)
        people = read.list("policy.people").map { read.absolute($0) }
        metrics = [:]
        for stage in StageName.allCases { metrics[stage] = Self.endpoint("\(stage.rawValue).metrics", &read) }
        history = History.Retention(
            keep: read.integer("history.keep", in: 1...1_000_000, default: 1000),
            age: Int64(read.duration("history.age", default: .seconds(30 * 86_400)) / .milliseconds(1)))
        review = read.choice("review.hold", default: .radius)
        radius = BlastRadius()
        radius.removals = Double(read.integer("review.removals", in: 0...100, default: 30)) / 100
        radius.updates = Double(read.integer("review.updates", in: 0...100, default: 30)) / 100
        radius.least = read.integer("review.least", in: 1...1_000_000, default: radius.least)
        profile = Self.profile(&read)
        instance = Self.plain(read.string("instance", default: ProcessInfo.processInfo.hostName))

        var packs: [PackSettings] = []
        let packFields: Set<String> = ["name", "sources", "executable", "protocol", "deadline", "records", "bytes"]
        for record in read.records("packs", fields: packFields) {
            if let pack = Self.pack(record, &read) { packs.append(pack) }
        }
        let names = packs.map(\.name)
        if Set(names).count < names.count { read.fault("two packs have one name", at: "packs") }
        if packs.isEmpty {
            packs = [PackSettings(name: "site", program: .sources("rules"))]
            packs[0].isOptional = true
        }
        var inputs: [String: String] = [:]
        for (name, path) in read.table("inputs") { inputs[name] = read.absolute(path) }
        assembly = Assembly.Settings(
            packs: packs, inputs: inputs, schemas: read.table("schemas"), sharding: sharding,
            edits: read.string("site.edits", default: "edits"))
        configuratorDirectory = read.path("configurator.directory", default: "state/configurator")

        publisher = PublisherPart(
            directory: read.path("publisher.directory", default: "state/publisher"),
            keys: Self.privateKeys(&read),
            heartbeat: read.duration("publisher.heartbeat", default: .seconds(60)),
            swarm: read.string("publisher.swarm", default: "127.0.0.1:0"), rings: Self.rings(&read))

        registration = RegistrationPart(&read)

        let host = Self.plain(read.string("proxy.host", default: ProcessInfo.processInfo.hostName))
        let keys = read.list("proxy.keys")
        let tinydns = read.string("proxy.tinydns.address", default: "127.0.0.53")
        let unbound = read.string("proxy.unbound.address", default: "127.0.0.54")
        let unboundUser = read.string("proxy.unbound.user") ?? (geteuid() == 0 ? "unbound" : "")
        proxy = ProxyPart(
            host: host, directory: read.path("proxy.directory", default: "state/proxy-\(host)"),
            keyFiles: (keys.isEmpty ? ["keys/release.public"] : keys).map { read.absolute($0) },
            swarm: read.string("proxy.swarm", default: "127.0.0.1:0"),
            tinydns: .init(
                server: .init(host: tinydns), user: read.string("proxy.tinydns.user", default: "tinydns")),
            unbound: .init(
                server: .init(host: unbound, port: read.integer("proxy.unbound.port", in: 1...65535, default: 53)),
                user: unboundUser.isEmpty ? nil : unboundUser),
            clients: read.list("proxy.unbound.clients"), labels: read.table("proxy.labels"),
            freshness: read.duration("proxy.freshness", default: .seconds(180)),
            probe: read.duration("proxy.probe", default: .seconds(5)),
            expiry: read.duration("proxy.expiry", default: .seconds(30 * 86_400)), scrub: read.duration("proxy.scrub", default: .seconds(600)))
        vip = VIPPart(&read, proxy: proxy)
        transfer = TransferPart(&read)
        try read.finish()
    }

    static func endpoint(_ key: String, _ read: inout SettingsReader) -> Endpoint? {
        guard let text = read.string(key) else { return nil }
        if let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port) {
            return Endpoint(address: text[..<colon].trimmingCharacters(in: ["[", "]"]), port: port)
        }
        read.fault("\(key): '\(text)' is not ADDRESS:PORT", at: key)
        return nil
    }

    /// Files, or variables of the environment.
    private static func privateKeys(_ read: inout SettingsReader) -> [String] {
        let keys = read.list("publisher.key")
        return (keys.isEmpty ? ["keys/release.private"] : keys).map { $0.hasPrefix(Keys.environment) ? $0 : read.absolute($0) }
    }

    private static func rings(_ read: inout SettingsReader) -> Rings {
        var rings = Rings(grace: read.duration("rollout.grace", default: .seconds(5)))
        for record in read.records("rollout.rings", fields: ["name", "labels", "percent", "soak", "deadline"]) {
            do { rings.stops.append(try stop(record)) } catch {
                read.fault("rollout.rings: ring '\(record["name"] ?? "?")': \(error)", at: "rollout.rings")
            }
        }
        let names = rings.stops.map(\.ring.name)
        if Set(names).count < names.count { read.fault("rollout.rings: two rings have one name", at: "rollout.rings") }
        return rings
    }

    private static func stop(_ record: [String: String]) throws -> Rings.Stop {
        guard let name = record["name"], !name.isEmpty else { throw UserError("a ring has a name") }
        var labels: [String: String] = [:]
        for word in (record["labels"] ?? "").split(whereSeparator: { $0 == " " || $0 == "," }) {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { throw UserError("label '\(word)' is not KEY=VALUE") }
            labels[String(parts[0])] = String(parts[1])
        }
        let percent = try record["percent"].map { text in
            guard let percent = Int(text), 1...100 ~= percent else { throw UserError("percent '\(text)' is not a number from 1 to 100") }
            return percent
        }
        guard !labels.isEmpty || percent != nil else { throw UserError("it needs labels, percent or both: the whole fleet follows the last ring") }
        func duration(_ field: String, default fallback: Duration) throws -> Duration {
            guard let text = record[field] else { return fallback }
            guard let duration = SettingsReader.duration(text) else { throw UserError("\(field) '\(text)' is not a time such as 30s or 5m") }
            return duration
        }
        return Rings.Stop(
            ring: Ring(name: name, labels: labels, percent: percent), soak: try duration("soak", default: .seconds(60)),
            deadline: try duration("deadline", default: .seconds(300)))
    }

    private static func policy(_ read: inout SettingsReader) -> ConflictPolicy {
        let settlement: ConflictPolicy.Settlement = read.choice("policy.conflicts", default: .owner)
        let blocks = read.choice("policy.block", default: Flag.false) == .true
        var exceptions: [ConflictPolicy.Exception] = []
        let fields: Set<String> = ["name", "below", "zone", "types", "conflicts", "block"]
        for record in read.records("policy.exceptions", fields: fields) {
            do { exceptions.append(try exception(record)) } catch { read.fault("policy.exceptions: \(error)", at: "policy.exceptions") }
        }
        return ConflictPolicy(settlement, blocks: blocks, exceptions: exceptions)
    }

    private enum Flag: String, CaseIterable { case `true`, `false` }

    private static func exception(_ record: [String: String]) throws -> ConflictPolicy.Exception {
        let scopes: [(String, (Name) -> ConflictPolicy.Scope)] = [
            ("name", { .name($0) }), ("below", { .below($0) }), ("zone", { .zone($0) }),
        ]
        let given = scopes.filter { record[$0.0] != nil }
        guard given.count == 1 else { throw UserError("each is for one name, or what is below one, or one zone") }
        let words = (record["types"] ?? "").split { $0 == " " || $0 == "," }.map(String.init)
        let types = try words.map { word in
            guard let type = RRType(word) else { throw UserError("unknown type '\(word)'") }
            return type
        }
        if record["types"] != nil, types.isEmpty { throw UserError("'types' names none") }
        func choice<T: RawRepresentable & CaseIterable>(_ field: String, _: T.Type) throws -> T? where T.RawValue == String {
            guard let word = record[field] else { return nil }
            guard let value = T(rawValue: word) else {
                throw UserError("\(field) '\(word)' is none of \(T.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return value
        }
        let settlement = try choice("conflicts", ConflictPolicy.Settlement.self), block = try choice("block", Flag.self)
        guard settlement != nil || block != nil else { throw UserError("it needs 'conflicts' or 'block'") }
        return ConflictPolicy.Exception(
            given[0].1(try Name(record[given[0].0]!)), types: Set(types), settlement: settlement, blocks: block.map { $0 == .true })
    }

    private static func profile(_ read: inout SettingsReader) -> Profile {
        var profile = Profile()
        func code(_ text: String, _ key: String) -> Code? {
            let code = Code(text)
            if code == nil { read.fault("\(key): '\(text)' is no code: 'freshet validate --explain all' lists them", at: key) }
            return code
        }
        for text in read.list("validation.off") { if let code = code(text, "validation.off") { profile.off.insert(code) } }
        for (text, word) in read.table("validation.levels") {
            guard let level = Level(rawValue: word) else {
                read.fault("validation.levels: '\(word)' is none of advice, warning, error", at: "validation.levels")
                continue
            }
            if let code = code(text, "validation.levels") { profile.levels[code] = level }
        }
        for text in read.list("validation.private-zones") {
            do { profile.privateZones.append(try Name(text)) } catch {
                read.fault("validation.private-zones: \(error)", at: "validation.private-zones")
            }
        }
        return profile
    }

    private static func pack(_ record: [String: String], _ read: inout SettingsReader) -> PackSettings? {
        func fault(_ message: String) -> PackSettings? {
            read.fault("pack '\(record["name"] ?? "?")': \(message)", at: "packs")
            return nil
        }
        guard let name = record["name"], !name.isEmpty, !name.contains("/"), name != Origin.edits, name != Origin.registrations, name != Origin.emergency
        else { return fault("a pack has a name, without '/'") }
        var pack: PackSettings
        switch (record["sources"], record["executable"]) {
        case (let sources?, nil): pack = PackSettings(name: name, program: .sources(sources))
        case (nil, let path?): pack = PackSettings(name: name, program: .executable(read.absolute(path)))
        case (let sources?, let path?):
            pack = PackSettings(name: name, program: .script(directory: sources, executable: path))
        case (nil, nil): return fault("it needs sources (a directory of the site), an executable, or both")
        }
        if let text = record["protocol"] {
            guard let wire = PackSettings.Wire(rawValue: text) else {
                return fault("protocol '\(text)' is none of \(PackSettings.Wire.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            pack.wire = wire
        }
        if let text = record["deadline"] {
            guard let deadline = SettingsReader.duration(text) else {
                return fault("deadline '\(text)' is not a time such as 500ms, 30s, 5m, 2h or 30d")
            }
            pack.limits.deadline = deadline
        }
        for (field, limit) in [("records", \PackSettings.Limits.records), ("bytes", \PackSettings.Limits.octets)] {
            guard let text = record[field] else { continue }
            guard let number = Int(text), number > 0 else { return fault("\(field) '\(text)' is not a number from 1") }
            pack.limits[keyPath: limit] = number
        }
        return pack
    }

    /// A name as the store's keys take it.
    private static func plain(_ text: String) -> String {
        String(text.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-" })
    }
}
