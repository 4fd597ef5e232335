import DNSWire
import Foundation
import Pipeline
import TestSupport
import Testing

/// All that is in a database of tinydns.
struct Served {
    struct Record: Hashable, CustomStringConvertible {
        /// Type, marker and location.
        var kind: [UInt8]
        var key: [UInt8]
        var ttl: UInt32
        var timestamp: [UInt8]
        var rdata: [UInt8]

        var type: RRType { RRType(rawValue: UInt16(kind[0]) << 8 | UInt16(kind[1])) }
        var description: String { "\(key) \(kind) \(ttl) \(timestamp) \(rdata)" }

        /// Whether values have it: no timestamp, a location of letters and digits, a TTL that is one (RFC
        /// 2181 §8), data of its type.
        var isSayable: Bool {
            timestamp.allSatisfy { $0 == 0 } && (kind.count == 3 || Location(octets: kind[3...]) != nil) && ttl <= 0x7FFF_FFFF
                && type != .opt && !(128...255).contains(type.rawValue) && (try? RData(wire: rdata, type: type)) != nil
        }
    }

    var records: [Record] = []
    /// Location by prefix: the first of each, which is what tinydns finds.
    var map: [[UInt8]: [UInt8]] = [:]

    init(_ file: [UInt8]) throws {
        // Tables follow the records, and the first begins where they end.
        let end = (0..<4).reduce(0) { $0 | Int(file[$1]) << (8 * $1) }
        var records: [Record] = [], map: [[UInt8]: [UInt8]] = [:]
        try CdbFragment.walk(Array(file[2048..<end])) { _, key, data in
            if key.starts(with: [0, UInt8(ascii: "%")]) {
                let prefix = Array(key.dropFirst(2))
                map[prefix] = map[prefix] ?? Array(data)
                return
            }
            let data = Array(data)
            let isLocated = data[2] == UInt8(ascii: ">") || data[2] == UInt8(ascii: "+")
            let at = isLocated ? 5 : 3
            records.append(
                Record(
                    kind: Array(data[..<at]), key: Array(key), ttl: data[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) },
                    timestamp: Array(data[at + 4..<at + 12]), rdata: Array(data[(at + 12)...])))
        }
        (self.records, self.map) = (records, map)
    }

    /// What tinydns-data makes of a text.
    init(_ text: [UInt8], modified: Int64) async throws { try self.init(try await Self.compile(text, modified: modified)) }

    static func compile(_ text: [UInt8], modified: Int64) async throws -> [UInt8] {
        let directory = try TemporaryDirectory("compile")
        let path = "\(directory.path)/data"
        try write(text, to: path)
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: TimeInterval(modified))], ofItemAtPath: path)
        let outcome = try await Program("tinydns-data", hint: "install the package tinydns").run([], in: directory.path)
        guard outcome.succeeded else { throw TestFailure("tinydns-data: \(outcome.errors)") }
        return try contents("\(path).cdb")
    }

    var sayableMap: Set<[[UInt8]]> {
        Set(map.filter { $0.key.count <= 4 && Location(octets: $0.value) != nil }.map { [$0.key, $0.value] })
    }

    /// Each RRset with the least of its TTLs, each record once.
    static func lowered(_ records: [Record]) -> Set<Record> {
        var least: [[[UInt8]]: UInt32] = [:]
        for record in records { least[[record.key, record.kind], default: .max] = min(least[[record.key, record.kind], default: .max], record.ttl) }
        return Set(
            records.map { record in
                var record = record
                record.ttl = least[[record.key, record.kind]] ?? record.ttl
                return record
            })
    }
}

func expectSame<Element: Hashable>(_ ours: Set<Element>, _ theirs: Set<Element>, _ who: String) {
    for element in ours.subtracting(theirs).prefix(3) { Issue.record("\(who) lacks \(element)") }
    for element in theirs.subtracting(ours).prefix(3) { Issue.record("\(who) has \(element)") }
}
