import DNSClient
import DNSCrypto
import DNSWire
import Foundation
import Logging
import Pipeline
import TestSupport
import Testing

@testable import Transfer

/// Presents zones as the Presenter does: shards, a manifest, an entry of history.
actor Pipe {
    nonisolated let store: EmbeddedStore
    let sharding: Sharding
    private(set) var manifest: Manifest?
    private var version: StoreVersion?

    init(_ directory: String, shards: Int = 16) throws {
        store = try EmbeddedStore(directory: directory)
        sharding = Sharding(count: shards)
    }

    @discardableResult
    func present(_ records: [RecordSet], isWritten: Bool = true) async throws -> Manifest {
        let shards = sharding.spread(records: records, map: [])
        let indices = shards.keys.sorted()
        let blobs = indices.map { shards[$0]!.encoded }
        let digests = try await store.put(blobs)
        var new = Manifest(source: "presentation", number: (manifest?.number ?? 0) + 1, sharding: sharding, trace: Trace(cause: "test"))
        for (place, index) in indices.enumerated() {
            new.shards[index] = ShardReference(
                digest: digests[place], size: blobs[place].count, count: shards[index]!.count, basis: digests[place],
                zones: shards[index]!.records.filter { $0.key.type == .soa }.map(\.key.owner))
        }
        let entry = HistoryEntry(from: manifest, to: new, among: new.changes(since: manifest), at: .now(), commit: nil, sources: [:])
        new.history = try await store.put([entry.encoded])[0]
        if isWritten { version = try await store.write(new.encoded, at: WellKnown.presentation, expecting: version) }
        manifest = new
        return new
    }

    /// Begins anew, as after the loss of the store.
    func forget() { (manifest, version) = (nil, nil) }
}

/// Zone text as RRsets; `@xx` as the first word of a comment at a line's end gives the location.
func records(_ text: String) throws -> [RecordSet] {
    var sets: [RecordKey: (ttl: UInt32, rdata: [RData])] = [:]
    for line in text.split(separator: "\n") where !line.allSatisfy(\.isWhitespace) {
        let parts = line.components(separatedBy: ";@")
        let location = parts.count > 1 ? Location(parts[1].trimmingCharacters(in: .whitespaces)) : nil
        for item in ZoneFileReader(ZoneText(name: "test", octets: Array((parts[0] + "\n").utf8))) {
            guard case .record(let record) = item else { throw TestFailure("\(line): \(item)") }
            let key = RecordKey(owner: record.owner, type: record.type, location: location)
            sets[key, default: (record.ttl, [])].rdata.append(record.rdata)
        }
    }
    return sets.map { RecordSet(key: $0, ttl: $1.ttl, rdata: $1.rdata, origin: Origin(source: "test")) }
}

/// SOA and NS of a zone, with text after them.
func zone(_ name: String, serial: Int = 1, _ more: String = "") -> String {
    "\(name) 300 IN SOA ns1.\(name) host.\(name) \(serial) 3600 600 86400 60\n\(name) 300 IN NS ns1.\(name)\nns1.\(name) 300 IN A 192.0.2.1\n\(more)\n"
}

/// The stage at work.
final class Primary: Sendable {
    let stage: TransferStage
    let port: Int
    private let task: Task<Void, any Error>
    static let secret = Data("0123456789abcdef0123456789abcdef".utf8).base64EncodedString()

    static func key(_ name: String = "key.") throws -> TSIGKey {
        try #require(TSIGKey(name: try Name(name), algorithm: .hmacSHA256, base64: secret))
    }

    static let anyone = AddressPrefix("127.0.0.0/8")!

    init(
        _ store: any Store, directory: String, views: [View] = [], peers: [Peer] = [Peer(name: "any", addresses: [anyone])],
        port: Int = 0, instance: String = "one", now: (@Sendable () -> UInt64)? = nil, change: (inout TransferSettings) -> Void = { _ in }
    ) async throws {
        var settings = TransferSettings(
            listen: [.init(address: "127.0.0.1", port: port)], directory: "\(directory)/\(instance)", views: views, peers: peers)
        settings.notifying.timeout = .milliseconds(500)
        settings.notifying.interval = .milliseconds(100)
        change(&settings)
        #expect(settings.faults == [])
        let logger = Logger(label: "transfer")
        let stage =
            try now.map { try TransferStage(settings: settings, store: store, logger: logger, now: $0) }
            ?? TransferStage(settings: settings, store: store, logger: logger)
        let (ports, ready) = AsyncStream.makeStream(of: [Int].self)
        let task = Task {
            defer { ready.finish() }
            do { try await stage.run(instance: instance) { ready.yield($0) } } catch {
                logger.error("the primary ended", metadata: ["error": "\(error)"])
                throw error
            }
        }
        self.stage = stage
        self.task = task
        self.port = try await within(.seconds(20), "the primary listens") {
            for await ports in ports { return ports[0] }
            throw TestFailure("the primary did not listen")
        }
    }

    /// Waits until it serves a presentation.
    func serves(_ number: UInt64) async throws {
        try await eventually("presentation \(number) is transferred") { (stage.shown.current?.snapshot.number ?? 0) >= number }
    }

    func serial(_ zone: String, _ view: String = View.everyone) throws -> UInt32? {
        stage.shown.current?.zone(ZoneView(zone: try Name(zone), view: view))?.serial.rawValue
    }

    func serial(_ zone: String, _ view: String = View.everyone, is serial: UInt32) async throws {
        try await eventually("\(zone) has serial \(serial)") { try self.serial(zone, view) == serial }
    }

    func stop() async {
        task.cancel()
        _ = try? await task.value
    }

    deinit { task.cancel() }
}

/// What dnspython gets by transfer.
struct Transferred: Decodable {
    var serial: UInt32
    /// Owner, TTL, type and data as text, sorted.
    var records: [String]
    /// Whether it was given a difference.
    var incremental: Bool
    var messages: Int
    var error: String?
}

struct TransferRequest: Encodable {
    var port: Int
    var zone: String
    var type = "AXFR"
    /// For IXFR: what it has.
    var serial: UInt32 = 0
    var records: [String] = []
    var key: String?
    var udp = false
}

func transfer(_ request: TransferRequest) async throws -> Transferred {
    try await Program.oracle("transfer_oracle.py", lines: [request], answers: Transferred.self)[0]
}

/// Says what differs, and not all there is.
func expectSame(_ found: [String], _ expected: [String], _ comment: String = "", at location: SourceLocation = #_sourceLocation) {
    let missing = Set(expected).subtracting(found).sorted().prefix(5), extra = Set(found).subtracting(expected).sorted().prefix(5)
    #expect(missing.isEmpty && extra.isEmpty && found.count == expected.count, "\(comment) missing \(missing), extra \(extra)", sourceLocation: location)
}
