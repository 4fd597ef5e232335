import DNSWire
import Pipeline
import TestSupport
import Testing
import TinyDNSData

/// The programs that define the format: djb's `tinydns-data` and tinycdb's `cdb`.
@Suite struct TinydnsDataTests {
    /// Our octets, and those of tinydns-data from our text of the same shards.
    static func both(_ shards: [Shard]) async throws -> (ours: [UInt8], theirs: [UInt8]) {
        let directory = try TemporaryDirectory("tinydns-data")
        try write(shards.flatMap(DataText.lines).map { $0 + "\n" }.joined(), to: "\(directory.path)/data")
        let outcome = try await Program("tinydns-data", hint: "install the package tinydns").run([], in: directory.path)
        guard outcome.succeeded else { throw TestFailure(outcome.errors) }
        return (try Cdb.assemble(shards.map { CdbFragment($0).octets }), try contents("\(directory.path)/data.cdb"))
    }

    @Test(arguments: 0..<12)
    func randomShards(_ seed: Int) async throws {
        var random = Seeded(UInt64(100 + seed))
        let shards = (0...random.below(3)).map { _ in
            var shard = Shard(
                records: (0..<random.below(seed < 2 ? 3 : 80)).map { _ in random.recordSet() },
                map: (0..<random.below(20)).map { _ in random.mapEntry() })
            shard.sort()
            return shard
        }
        let (ours, theirs) = try await Self.both(shards)
        #expect(ours == theirs, "\(shards.flatMap(DataText.lines))")
    }

    /// Each kind of line on its own, so that a failure names its type.
    @Test(arguments: Seeded.knownTypes + [RRType(rawValue: 65_280)])
    func eachType(_ type: RRType) async throws {
        var random = Seeded(UInt64(type.rawValue))
        let owners = [try Name("Host.Example.net."), try Name("*.example.net."), .root, try Name("*."), random.name(), random.name()]
        var shard = Shard(
            records: owners.flatMap { owner in
                [nil, random.location()].map { location in
                    RecordSet(
                        key: RecordKey(owner: owner, type: type, location: location), ttl: random.pick([0, 1, 3600, 2_147_483_647]),
                        rdata: (0..<4).map { _ in random.rdata(type) }, origin: Origin(source: "t"))
                }
            })
        shard.sort()
        let (ours, theirs) = try await Self.both([shard])
        #expect(ours == theirs, "\(DataText.lines(of: shard))")
    }

    @Test func nothing() async throws {
        let (ours, theirs) = try await Self.both([])
        #expect(ours == theirs)
        #expect(ours.count == 2048)
    }

    /// Many records under one key: their slots collide and wrap.
    @Test func oneKey() async throws {
        let set = RecordSet(
            key: RecordKey(owner: try Name("a."), type: .a), ttl: 1, rdata: (0..<500).map { .a((10, 0, UInt8($0 / 256), UInt8($0 % 256))) },
            origin: Origin(source: "t"))
        let (ours, theirs) = try await Self.both([Shard(records: [set])])
        #expect(ours == theirs)
    }

    @Test(arguments: 0..<4)
    func plainRecords(_ seed: Int) async throws {
        var random = Seeded(UInt64(200 + seed))
        let pairs = (0..<400).map { _ in (key: random.octets(random.below(12)), data: random.octets(random.below(60))) }
        let directory = try TemporaryDirectory("cdb")
        var input: [UInt8] = []
        var fragment = CdbFragment()
        for (key, data) in pairs {
            input += Array("+\(key.count),\(data.count):".utf8) + key + Array("->".utf8) + data + [10]
            fragment.append(key: key, data: data)
        }
        let outcome = try await Program("cdb", hint: "install the package tinycdb")
            .run(["-c", "\(directory.path)/x.cdb"], input: input + [10], in: directory.path)
        #expect(outcome.succeeded, "\(outcome.errors)")
        #expect(try Cdb.assemble([fragment.octets]) == contents("\(directory.path)/x.cdb"))
    }
}
