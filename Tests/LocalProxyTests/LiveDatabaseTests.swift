import DNSWire
import Dispatch
import Foundation
import Pipeline
import Synchronization
import TestSupport
import Testing

@testable import LocalProxy

/// Reads two keys again and again, on a thread of its own: they are always alike.
private final class Watcher: Sendable {
    private let state = Mutex((reads: 0, torn: 0, isStopped: false))
    private let end = DispatchSemaphore(value: 0)

    init(_ path: String, _ keys: [[UInt8]]) {
        Thread.detachNewThread { [self] in
            while !state.withLock({ $0.isStopped }) {
                let sets = try? keys.map { key in
                    try Set(CdbReader([UInt8](Data(contentsOf: URL(filePath: path)))).values(of: key).map(Array.init))
                }
                // Each reading opens the file anew, so the second may be of a later release: as
                // in one answer, an RRset is whole.
                let isWhole = sets.map { $0.allSatisfy { $0.count == 2 } } ?? false
                state.withLock {
                    $0.reads += 1
                    $0.torn += isWhole ? 0 : 1
                }
            }
            end.signal()
        }
    }

    func stop() -> (reads: Int, torn: Int) {
        state.withLock { $0.isStopped = true }
        end.wait()
        return state.withLock { ($0.reads, $0.torn) }
    }
}

@Suite struct LiveDatabaseTests {
    private let zone: Name
    private let stampOwner: Name

    init() throws {
        zone = try Name("example.")
        stampOwner = try Stamp.owner(in: zone)
    }

    private func stamps(_ release: UInt64) -> Shard {
        Shard(
            stamps: [stampOwner],
            Stamp(pipeline: "p", release: release, published: Instant(milliseconds: 1_000_000 + Int64(release)), content: Digest(of: [])))
    }

    private func host(_ number: Int) throws -> [UInt8] { TinydnsRecord.key(of: try Name("h\(number).example.")) }
    private func address(_ a: Int, _ b: Int) -> [UInt8] {
        TinydnsRecord.data(.a((10, UInt8(a >> 8 & 255), UInt8(a & 255), UInt8(b & 255))), type: .a, ttl: 60, location: nil, wildcard: false)
    }

    private func fragments(_ model: [[UInt8]: Set<[UInt8]>]) -> [[UInt8]] {
        var fragment = CdbFragment()
        for (key, values) in model { for data in values { fragment.append(key: key, data: data) } }
        return [fragment.octets]
    }

    private func values(_ path: String, _ key: [UInt8]) throws -> Set<[UInt8]> {
        let reader = try CdbReader([UInt8](Data(contentsOf: URL(filePath: path))))
        let values = try reader.values(of: key).map(Array.init)
        #expect(Set(values).count == values.count)
        return Set(values)
    }

    /// Random changes, taken back now and then, settled or not, against a dictionary; and
    /// somebody who reads all the time sees each RRset old or new, and never no file.
    @Test(arguments: [1, 2, 3, 4])
    func asAModel(_ seed: UInt64) async throws {
        var random = Seeded(seed)
        let directory = try TemporaryDirectory("live-database")
        let path = "\(directory.path)/data.cdb"
        var database = LiveDatabase(path: path)
        var model: [[UInt8]: Set<[UInt8]>] = [:]
        for number in 0..<200 { model[try host(number)] = [address(number, 0)] }
        // Two RRsets that always change together in one release, and each as a whole.
        let pair = [try host(1000), try host(1001)]
        for key in pair { model[key] = [address(0, 1), address(0, 2)] }
        try database.replace(fragments: fragments(model), stamps: stamps(1))
        try database.settle()

        let watcher = Watcher(path, pair)
        var inPlace = 0
        for release in 2...150 as ClosedRange<UInt64> {
            var next = model
            for _ in 0..<random.below(6) {
                let key = try host(random.below(260))
                switch random.below(3) {
                case 0: next[key] = nil
                case 1: next[key, default: []].insert(address(random.below(999), random.below(200)))
                default: next[key] = [address(random.below(999), 0)]
                }
            }
            for key in pair { next[key] = [address(Int(release), 1), address(Int(release), 2)] }
            var changes: LiveDatabase.Changes = [:]
            for key in Set(model.keys).union(next.keys) where model[key] != next[key] {
                changes[key] = .init(before: model[key] ?? [], after: next[key] ?? [])
            }
            if database.canApply(changes) {
                do {
                    try database.apply(changes, stamps: stamps(release))
                    inPlace += 1
                } catch CdbError.full {
                    try database.replace(fragments: fragments(next), stamps: stamps(release))
                }
            } else {
                try database.replace(fragments: fragments(next), stamps: stamps(release))
            }
            if random.chance(8) {
                try database.takeBack()
                #expect(!database.canApply([:]))
            } else {
                model = next
                #expect(try values(path, TinydnsRecord.key(of: stampOwner)).count == 1)
            }
            if !random.chance(6) { try database.settle() }
            for (key, data) in model where random.chance(10) { #expect(try values(path, key) == data) }
        }
        let seen = watcher.stop()
        #expect(seen.reads > 0 && seen.torn == 0)
        #expect(inPlace > 60)
        for number in 0..<260 { #expect(try values(path, try host(number)) == model[try host(number)] ?? []) }
    }

    /// tinydns' own lookup on a file that was changed in place.
    @Test func asTinydnsReadsIt() async throws {
        let directory = try TemporaryDirectory("live-database")
        var database = LiveDatabase(path: "\(directory.path)/data.cdb")
        var shard = Shard(records: [
            RecordSet(
                key: RecordKey(owner: zone, type: .soa), ttl: 60,
                rdata: [.soa(primary: zone, mailbox: zone, serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5)], origin: Origin(source: "t")),
            RecordSet(key: RecordKey(owner: zone, type: .ns), ttl: 60, rdata: [.name(zone)], origin: Origin(source: "t")),
        ])
        for i in 0..<500 {
            shard.records.append(
                RecordSet(key: RecordKey(owner: try Name("h\(i).example."), type: .a), ttl: 60, rdata: [.a((10, 0, 0, UInt8(i & 255)))], origin: Origin(source: "t")))
        }
        try database.replace(fragments: [CdbFragment(shard).octets], stamps: stamps(1))
        try database.settle()
        for round in 0..<30 as Range<Int> {
            let key = try host(7)
            try database.apply(
                [
                    key: .init(before: [TinydnsRecord.data(.a((10, 0, UInt8(max(0, round - 1)), 7)), type: .a, ttl: 60, location: nil, wildcard: false)],
                        after: [TinydnsRecord.data(.a((10, 0, UInt8(round), 7)), type: .a, ttl: 60, location: nil, wildcard: false)]),
                    try host(600 + round): .init(before: [], after: [address(round, 9)]),
                    try host(round + 10): .init(before: try values(database.path, try host(round + 10)), after: []),
                ], stamps: stamps(UInt64(2 + round)))
            try database.settle()
        }
        let get = try Program("tinydns-get", hint: "install the package djbdns-utils")
        func answer(_ type: String, _ name: String) async throws -> String { try await get.run([type, name], in: directory.path).text }
        #expect(try await answer("a", "h7.example").contains("A 10.0.29.7\n"))
        #expect(try await answer("a", "h629.example").contains("A 10.0.29.9\n"))
        #expect(try await answer("a", "h20.example").contains("nxdomain"))
        #expect(try await answer("a", "h499.example").contains("A 10.0.0.243\n"))
        #expect(try await answer("txt", "_freshet.example").contains("r=31\\040"))
    }
}
