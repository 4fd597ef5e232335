internal import DNSWire
internal import Pipeline

/// Finds names with more addresses than tinydns answers with: a second reading, for the
/// few names that the database shows to have many records.
struct AddressSink: DataSink {
    private struct Owner: Hashable {
        var name: [UInt8]
        var isWildcard: Bool
    }
    private struct Count {
        var line: Int
        /// By location, as 16 bits.
        var byLocation: [UInt16: Int] = [:]

        /// How many one client may see.
        var most: Int {
            let all = byLocation[0, default: 0]
            return all + (byLocation.filter { $0.key != 0 }.values.max() ?? 0)
        }
    }

    /// What tinydns puts into an answer.
    static let most = 8

    /// Of their keys.
    private let hashes: Set<UInt32>
    private var counts: [Owner: Count] = [:]

    init(_ hashes: Set<UInt32>) { self.hashes = hashes }

    mutating func take(_ record: DataRecord, _ report: inout DataReport) {
        guard record.type == .a else { return }
        let name = record.keyName.map { $0 &- 65 < 26 ? $0 | 0x20 : $0 }
        guard hashes.contains(Cdb.hash(name)) else { return }
        let location = UInt16(record.location.0) << 8 | UInt16(record.location.1)
        counts[Owner(name: name, isWildcard: record.isWildcard), default: Count(line: record.line)].byLocation[location, default: 0] += 1
    }

    mutating func take(prefix: Octets, location: (UInt8, UInt8), line: Int, _ report: inout DataReport) {}

    /// One for each name with too many, at its first address.
    var problems: [DataProblem] {
        counts.compactMap { owner, count in
            guard count.most > Self.most, let name = try? Name(wire: owner.name) else { return nil }
            return DataProblem(
                .manyAddresses, line: count.line,
                "\(owner.isWildcard ? "*." : "")\(name) has \(count.most) addresses; tinydns answers with \(Self.most) of them, at random"
            )
        }
    }
}
