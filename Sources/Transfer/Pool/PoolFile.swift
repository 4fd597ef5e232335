internal import DNSWire
public import Documents
internal import Pipeline

/// Reads pools (`schemas/pools.schema.json`): all of them, or every fault with its line.
public enum PoolFile {
    public static func parse(_ text: String) throws(DocumentFaults) -> [Pool] {
        var reading = PoolReading()
        reading.read(try YAMLReader.read(text))
        guard reading.faults.isEmpty else { throw DocumentFaults(reading.faults) }
        return reading.pools
    }
}

private struct PoolReading {
    var pools: [Pool] = []
    var faults: [DocumentFaults.Fault] = []

    private static let fields: Set<String> = [
        "name", "description", "view", "zones", "catalog", "ns_records", "nameservers", "targets", "also_notifies", "threshold_percentage",
        "poll_timeout", "poll_retry_interval", "poll_max_retries", "poll_delay", "recovery_interval",
    ]
    /// Of a change every server's answer is kept.
    private static let mostServers = 64

    mutating func read(_ root: Document) {
        guard let top = members(root, "a file of pools", ["pools"]), let items = top["pools"] else {
            if faults.isEmpty { fault("'pools' is missing", root) }
            return
        }
        for item in list(of: items, "pools") {
            guard let pool = pool(item) else { continue }
            if pools.contains(where: { $0.name == pool.name }) { fault("there are two pools '\(pool.name)'", item) }
            pools.append(pool)
        }
    }

    private mutating func pool(_ document: Document) -> Pool? {
        guard let fields = members(document, "a pool", Self.fields) else { return nil }
        let name = required(text(fields["name"], "name"), fields["name"] == nil ? "a pool has a name" : nil, document)
        if let name, !Self.isPlain(name) { fault("name '\(name)': use letters, digits, '.', '_' and '-', at most 64", fields["name"] ?? document) }
        if fields["nameservers"] == nil { fault("'nameservers' is missing: who is asked", document) }
        let nameservers = servers(fields["nameservers"], "nameservers")
        if let list = fields["nameservers"], list.content == .list([]) { fault("'nameservers' is empty", list) }
        _ = text(fields["description"], "description")
        var pool = Pool(name: name ?? "", nameservers: nameservers)
        if let targets = fields["targets"] { pool.targets = servers(targets, "targets") }
        pool.alsoNotifies = servers(fields["also_notifies"], "also_notifies")
        pool.view = text(fields["view"], "view") ?? pool.view
        pool.catalog = fields["catalog"].flatMap { self.name($0, "catalog") }
        pool.zones = list(of: fields["zones"], "zones").compactMap { item in
            guard let text = text(item, "a zone") else { return nil }
            do { return try ZonePattern(text) } catch {
                fault("'\(text)' is not a zone: \(error)", item)
                return nil
            }
        }
        pool.nsRecords = list(of: fields["ns_records"], "ns_records").compactMap { nsRecord($0) }
        pool.threshold = integer(fields["threshold_percentage"], "threshold_percentage", 1...100) ?? pool.threshold
        pool.poll.timeout = duration(fields["poll_timeout"], "poll_timeout", .milliseconds(1)) ?? pool.poll.timeout
        pool.poll.interval = duration(fields["poll_retry_interval"], "poll_retry_interval", .milliseconds(1)) ?? pool.poll.interval
        pool.poll.retries = integer(fields["poll_max_retries"], "poll_max_retries", 0...1000) ?? pool.poll.retries
        pool.poll.delay = duration(fields["poll_delay"], "poll_delay", .zero) ?? pool.poll.delay
        pool.recovery = duration(fields["recovery_interval"], "recovery_interval", .seconds(1)) ?? pool.recovery
        return pool
    }

    // MARK: Parts

    private mutating func servers(_ document: Document?, _ what: String) -> [Pool.NameServer] {
        let items = list(of: document, what)
        if items.count > Self.mostServers, let document { fault("'\(what)' has more than \(Self.mostServers) servers", document) }
        var servers: [Pool.NameServer] = []
        for item in items.prefix(Self.mostServers) {
            guard let fields = members(item, "one of \(what)", ["host", "port", "key", "description"]) else { continue }
            let host = required(text(fields["host"], "host"), fields["host"] == nil ? "'host' is missing" : nil, item)
            if let host, AddressPrefix(host) == nil || host.contains("/") { fault("host '\(host)' is not an IPv4 or IPv6 address", fields["host"] ?? item) }
            let port = integer(fields["port"], "port", 1...65_535) ?? 53
            let server = Pool.NameServer(.init(host: host ?? "", port: port), key: fields["key"].flatMap { name($0, "key") })
            if host != nil, servers.contains(where: { $0.address == server.address }) { fault("\(server.address) is there twice", item) }
            servers.append(server)
        }
        return servers
    }

    /// A name, or a name with a priority, which is nothing to us.
    private mutating func nsRecord(_ document: Document) -> Name? {
        guard case .object = document.content else { return name(document, "an NS record") }
        guard let fields = members(document, "one of ns_records", ["hostname", "priority"]) else { return nil }
        _ = integer(fields["priority"], "priority", 0...65_535)
        guard let host = fields["hostname"] else {
            fault("'hostname' is missing", document)
            return nil
        }
        return name(host, "hostname")
    }

    private mutating func name(_ document: Document, _ what: String) -> Name? {
        guard let text = text(document, what) else { return nil }
        do { return try Name(text) } catch {
            fault("\(what) '\(text)': \(error)", document)
            return nil
        }
    }

    private static func isPlain(_ name: String) -> Bool {
        1...64 ~= name.utf8.count && name.utf8.allSatisfy { $0 < 128 && (Character(Unicode.Scalar($0)).isLetter || Character(Unicode.Scalar($0)).isNumber) || [0x2D, 0x2E, 0x5F].contains($0) }
    }

    // MARK: Values

    private mutating func members(_ document: Document, _ what: String, _ known: Set<String>) -> [String: Document]? {
        guard case .object(let members) = document.content else {
            fault("expected \(what), found \(document.kind)", document)
            return nil
        }
        for member in members where !known.contains(member.name) {
            faults.append(.init("unknown field '\(member.name)'; known are \(known.sorted().joined(separator: ", "))", line: member.line))
        }
        return Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
    }

    private mutating func list(of document: Document?, _ what: String) -> [Document] {
        guard let document else { return [] }
        guard case .list(let items) = document.content else {
            fault("'\(what)' is a list, found \(document.kind)", document)
            return []
        }
        return items
    }

    private mutating func text(_ document: Document?, _ what: String) -> String? {
        guard let document else { return nil }
        if case .string(let text) = document.resolved, !text.isEmpty { return text }
        fault("\(what): expected text, found \(document.kind == "text" ? "none" : document.kind)", document)
        return nil
    }

    private mutating func integer(_ document: Document?, _ what: String, _ range: ClosedRange<Int>) -> Int? {
        guard let document else { return nil }
        if case .number(let text) = document.resolved, let number = Int(text), range.contains(number) { return number }
        fault("\(what): expected a whole number from \(range.lowerBound) to \(range.upperBound)", document)
        return nil
    }

    private mutating func duration(_ document: Document?, _ what: String, _ least: Duration) -> Duration? {
        guard let document else { return nil }
        let duration: Duration? =
            switch document.resolved {
            case .number(let text): Int(text).flatMap { 0...86_400 ~= $0 ? .seconds($0) : nil }
            case .string(let text): Self.duration(text)
            default: nil
            }
        if let duration, duration >= least, duration <= .seconds(86_400) { return duration }
        fault("\(what): expected a time such as 500ms, 3s or 2m, or a number of seconds, from \(least) to a day", document)
        return nil
    }

    private static func duration(_ text: String) -> Duration? {
        let units: [(String, Int64)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
        guard let unit = units.first(where: { text.hasSuffix($0.0) }), let number = Int64(text.dropLast(unit.0.count)), 0...86_400_000 ~= number
        else { return nil }
        return .milliseconds(number * unit.1)
    }

    private mutating func required(_ value: String?, _ message: String?, _ document: Document) -> String? {
        if let message { fault(message, document) }
        return value
    }

    private mutating func fault(_ message: String, _ document: Document) { faults.append(.init(message, line: document.line)) }
}
