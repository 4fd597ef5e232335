import DNSWire
import Pipeline

/// A pipeline's inputs of some size, in a store: rules' records, people's edits, and what servers registered.
struct Site {
    let store: EmbeddedStore
    let sharding: Sharding
    let records: Int
    private(set) var configuration = Configuration(number: 0, commit: nil, trace: Trace(cause: ""), sources: [])
    private var edits: [Int: [Edit]] = [:]
    private var manifest: Manifest
    private var registrations: [Int: [Edit]] = [:]
    private var registered: Manifest
    private var version: StoreVersion?
    private var registeredVersion: StoreVersion?

    init(_ store: EmbeddedStore, records: Int, shards: Int) {
        self.store = store
        self.records = records
        sharding = Sharding(count: shards)
        manifest = Manifest(source: Origin.edits, number: 0, sharding: sharding)
        registered = Manifest(source: Origin.registrations, number: 0, sharding: sharding)
    }

    static let zones = 200

    private static func owner(_ host: Int) -> Name { try! Name("h\(host).z\(host % zones).example.net.") }
    private static func address(_ number: Int) -> RData {
        .a((10, UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)))
    }

    /// Three rules: addresses, texts, and the zones' apexes.
    mutating func fill(edits count: Int) async throws {
        var sets: [[RecordSet]] = [[], [], []]
        func add(_ rule: Int, _ owner: Name, _ type: RRType, _ rdata: [RData]) {
            let names = ["site/Hosts", "site/Texts", "site/Zones"]
            sets[rule].append(RecordSet(key: RecordKey(owner: owner, type: type), ttl: 300, rdata: rdata, origin: Self.origin(names[rule])))
        }
        for zone in 0..<Self.zones {
            let apex = try Name("z\(zone).example.net."), ns = try Name("ns.example.net.")
            add(2, apex, .soa, [.soa(primary: ns, mailbox: ns, serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5)])
            add(2, apex, .ns, [.name(ns)])
        }
        for host in 0..<records {
            if host % 4 == 3 { add(1, Self.owner(host - 3), .txt, [try RData("\"rack \(host % 97)\"", type: .txt)]) } else { add(0, Self.owner(host), .a, [Self.address(host)]) }
        }
        var sources: [Configuration.Source] = []
        for (rule, name) in ["site/Hosts", "site/Texts", "site/Zones"].enumerated() {
            var manifest = Manifest(source: name, number: 1, sharding: sharding)
            try await put(sharding.spread(records: sets[rule], map: []).mapValues { ($0.encoded, $0.count) }, into: &manifest)
            sets[rule] = []
            let digest = try await store.put([manifest.encoded])[0]
            sources.append(.init(name: name, kind: .generation, manifest: digest, basis: digest))
        }
        for edit in 0..<count { write(edit) }
        try await put(edits.mapValues { (Edit.encode($0), $0.count) }, into: &manifest)
        let digest = try await store.put([manifest.encoded])[0]
        sources.append(.init(name: Origin.edits, kind: .edits, manifest: digest, basis: digest))
        configuration = Configuration(number: 1, commit: nil, trace: Trace(cause: "fill"), sources: sources)
        version = try await store.write(configuration.encoded, at: WellKnown.configuration, expecting: nil)
        registeredVersion = try await store.write(registered.encoded, at: WellKnown.registrations, expecting: nil)
    }

    private static let shared = Dictionary(uniqueKeysWithValues: ["site/Hosts", "site/Texts", "site/Zones"].map { ($0, Origin(source: $0, file: "rules/Site.swift", line: 7)) })
    private static func origin(_ rule: String) -> Origin { shared[rule]! }

    private func put(_ shards: [Int: (blob: [UInt8], count: Int)], into manifest: inout Manifest) async throws {
        let shards = Array(shards)
        let digests = try await store.put(shards.map(\.value.blob))
        for (shard, digest) in zip(shards, digests) {
            manifest.shards[shard.key] = ShardReference(
                digest: digest, size: shard.value.blob.count, count: shard.value.count, basis: digest)
        }
    }

    /// One host's address by an edit of the number `edit`; every third says whose it takes.
    @discardableResult
    private mutating func write(_ edit: Int) -> Int {
        let host = (edit * 7_919) % records / 4 * 4
        let owner = edit % 3 == 2 ? try! Name("new\(edit).z\(edit % Self.zones).example.net.") : Self.owner(host)
        let index = sharding.index(of: owner)
        edits[index, default: []].append(
            Edit(
                action: .set, key: RecordKey(owner: owner, type: .a), ttl: 60, rdata: [Self.address(edit)],
                origin: Origin(source: Origin.edits, file: "edits/a.yaml", line: edit + 1, person: "ada", reason: "moved"),
                overrides: "site/Hosts"))
        return index
    }

    /// Writes one more edit, as the Configurator would, and goes live with it.
    mutating func change(_ edit: Int) async throws {
        let index = write(edit)
        try await put([index: (Edit.encode(edits[index]!), edits[index]!.count)], into: &manifest)
        let digest = try await store.put([manifest.encoded])[0]
        var sources = configuration.sources.filter { $0.kind != .edits }
        sources.append(.init(name: Origin.edits, kind: .edits, manifest: digest, basis: digest))
        configuration = Configuration(number: configuration.number + 1, commit: nil, trace: Trace(cause: "\(edit)"), sources: sources)
        version = try await store.write(configuration.encoded, at: WellKnown.configuration, expecting: version)
    }

    /// Registers several names at once, as the registration API does under load.
    mutating func register(_ numbers: Range<Int>) async throws {
        var touched: Set<Int> = []
        for number in numbers {
            let owner = try Name("web\(number % 5000).z\(number % Self.zones).example.net.")
            let index = sharding.index(of: owner)
            var shard = (registrations[index] ?? []).filter { $0.key.owner != owner }
            shard.append(
                Edit(action: .set, key: RecordKey(owner: owner, type: .a), ttl: 30, rdata: [Self.address(number)],
                    origin: Origin(source: Origin.registrations, person: "web\(number % 5000)")))
            registrations[index] = shard
            touched.insert(index)
        }
        let shards = touched.map { ($0, (Edit.encode(registrations[$0]!), registrations[$0]!.count)) }
        try await put(Dictionary(uniqueKeysWithValues: shards), into: &registered)
        registered.number += 1
        registeredVersion = try await store.write(registered.encoded, at: WellKnown.registrations, expecting: registeredVersion)
    }
}
