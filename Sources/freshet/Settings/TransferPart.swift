import DNSClient
import DNSCrypto
import DNSWire
import Documents
import Foundation
import Pipeline
import Transfer

/// The hidden primary; there only if it is told where to listen.
struct TransferPart {
    private var settings: TransferSettings
    /// Files, or `env:NAME`.
    private var keys: [String]
    /// Where the calls of pools are taken, and the tokens that may; `nil`: nowhere.
    let api: (endpoint: PipelineSettings.Endpoint, tokens: Set<Digest>)?
    /// Names of keys by peer.
    private var signed: [String: Name] = [:]

    init?(_ read: inout SettingsReader) {
        let listen = read.list("transfer.listen").compactMap { Self.endpoint($0, &read) }
        var views = read.table("transfer.views").sorted { $0.key < $1.key }.compactMap { name, text -> View? in
            if let location = Location(text), name != View.everyone { return View(name: name, location: location) }
            read.fault("transfer.views: '\(name): \(text)' is not NAME: LOCATION, a location one or two letters or digits", at: "transfer.views")
            return nil
        }
        views.append(View(name: View.everyone))
        for (name, text) in read.table("transfer.catalogs") {
            guard let place = views.firstIndex(where: { $0.name == name }) else {
                read.fault("transfer.catalogs: there is no view '\(name)'", at: "transfer.catalogs")
                continue
            }
            views[place].catalog = Self.attempt("transfer.catalogs", &read) { try Name(text) }
        }
        keys = read.list("transfer.keys").map { $0.hasPrefix(Keys.environment) ? $0 : read.absolute($0) }
        var peers: [Peer] = []
        let fields: Set<String> = ["name", "addresses", "key", "view", "zones", "notify"]
        for record in read.records("transfer.peers", fields: fields) {
            guard let peer = Self.attempt("transfer.peers", &read, { try Self.peer(record) }) else { continue }
            if let text = record["key"] { signed[peer.name] = Self.attempt("transfer.peers", &read) { try Name(text) } }
            peers.append(peer)
        }
        if Set(peers.map(\.name)).count < peers.count { read.fault("transfer.peers: two peers have one name", at: "transfer.peers") }
        settings = TransferSettings(
            listen: listen, directory: read.path("transfer.directory", default: "state/transfer"), views: views, peers: peers)
        settings.notifying.timeout = read.duration("transfer.notify.timeout", default: settings.notifying.timeout)
        settings.notifying.interval = read.duration("transfer.notify.interval", default: settings.notifying.interval)
        settings.notifying.retries = read.integer("transfer.notify.retries", in: 0...1000, default: settings.notifying.retries)
        settings.notifying.source = read.string("transfer.notify.source")
        settings.idle = read.duration("transfer.idle", default: settings.idle)
        settings.connections = (
            read.integer("transfer.connections", in: 1...100_000, default: settings.connections.most),
            read.integer("transfer.connections-of-one", in: 1...100_000, default: settings.connections.ofOne)
        )
        settings.pools = Self.pools(&read)
        api = Self.api(&read)
        if listen.isEmpty { return nil }
    }

    /// With the keys, which are read only where they are needed.
    func opened() throws -> TransferSettings {
        let keys = try self.keys.map(Keys.readTSIG)
        var settings = settings
        for place in settings.peers.indices {
            guard let name = signed[settings.peers[place].name] else { continue }
            guard let key = keys.first(where: { $0.name == name }) else {
                throw UserError("transfer.peers: peer '\(settings.peers[place].name)': none of transfer.keys is named \(name)")
            }
            settings.peers[place].key = key
        }
        for place in settings.pools.indices { settings.pools[place].keys = Dictionary(keys.map { ($0.name, $0) }) { first, _ in first } }
        if Set(keys.map(\.name)).count < keys.count { throw UserError("transfer.keys: two keys have one name") }
        if let fault = settings.faults.first { throw UserError("transfer: \(fault)") }
        return settings
    }

    private static func pools(_ read: inout SettingsReader) -> [Pool] {
        guard let path = read.string("transfer.pools").map({ read.absolute($0) }) else { return [] }
        do {
            return try PoolFile.parse(try String(contentsOfFile: path, encoding: .utf8))
        } catch let faults as DocumentFaults {
            for text in faults.texts(file: path) { read.fault(text, at: "transfer.pools") }
        } catch {
            read.fault("transfer.pools: \(path): \(error.localizedDescription)", at: "transfer.pools")
        }
        return []
    }

    private static func api(_ read: inout SettingsReader) -> (endpoint: PipelineSettings.Endpoint, tokens: Set<Digest>)? {
        let endpoint = PipelineSettings.endpoint("transfer.api.listen", &read)
        let tokens = read.list("transfer.api.tokens").compactMap { text -> Digest? in
            if text.hasPrefix("sha256:"), let digest = Digest(hex: text.dropFirst(7)) { return digest }
            read.fault("transfer.api.tokens: '\(text)' is not sha256: and 64 hexadecimal digits; 'freshet keys token' makes one", at: "transfer.api.tokens")
            return nil
        }
        return endpoint.map { ($0, Set(tokens)) }
    }

    private static func peer(_ record: [String: String]) throws -> Peer {
        guard let name = record["name"], !name.isEmpty else { throw UserError("a peer has a name") }
        func words(_ field: String) -> [String] { (record[field] ?? "").split { $0 == " " || $0 == "," }.map(String.init) }
        func fault(_ message: String) -> UserError { UserError("peer '\(name)': \(message)") }
        return Peer(
            name: name,
            addresses: try words("addresses").map { word in
                guard let prefix = AddressPrefix(word) else { throw fault("'\(word)' is not an address or a prefix") }
                return prefix
            },
            view: record["view"] ?? View.everyone,
            zones: try words("zones").map { word in
                do { return try ZonePattern(word) } catch { throw fault("'\(word)' is not a zone: \(error)") }
            },
            notify: try words("notify").map { word in
                guard let server = server(word) else { throw fault("'\(word)' is not ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT") }
                return server
            })
    }

    /// An address alone has port 53.
    static func server(_ text: String) -> DNSClient.Server? {
        if AddressPrefix(text) != nil, !text.contains("/") { return .init(host: text) }
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), 1...65_535 ~= port else { return nil }
        let host = text[..<colon].trimmingCharacters(in: ["[", "]"])
        return AddressPrefix(host) != nil && !host.contains("/") ? .init(host: host, port: port) : nil
    }

    private static func endpoint(_ text: String, _ read: inout SettingsReader) -> TransferSettings.Endpoint? {
        guard let server = server(text) else {
            read.fault("transfer.listen: '\(text)' is not ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT", at: "transfer.listen")
            return nil
        }
        return .init(address: server.host, port: server.port)
    }

    private static func attempt<T>(_ key: String, _ read: inout SettingsReader, _ body: () throws -> T) -> T? {
        do { return try body() } catch {
            read.fault("\(key): \(error)", at: key)
            return nil
        }
    }
}

extension Keys {
    /// A key as `tsig-keygen` writes it.
    static func readTSIG(_ path: String) throws -> TSIGKey {
        let text: String
        if path.hasPrefix(environment) {
            let name = String(path.dropFirst(environment.count))
            guard let value = ProcessInfo.processInfo.environment[name] else { throw UserError("\(path): no such variable") }
            // Not for the eyes of daemons and other children.
            unsetenv(name)
            text = value
        } else {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            if let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue, mode & 0o077 != 0 {
                throw UserError("\(path): others may read this key: chmod 600 \(path)")
            }
            guard let file = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw UserError("\(path): no such key; make one with: tsig-keygen NAME")
            }
            text = file
        }
        do { return try TSIGKey(file: text) } catch { throw UserError("\(path): \(error)") }
    }
}
