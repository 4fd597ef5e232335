internal import DNSWire
internal import Pipeline

/// Finds names that may have more addresses than tinydns answers with.
///
/// It counts hashes in little room, and is cheap enough for each record. Few names share
/// a count, and those are counted one by one in a second reading.
struct AddressCount {
    /// What tinydns puts into an answer.
    static let most = 8

    private var counts = [UInt8](repeating: 0, count: 1 << 20)
    private(set) var isSuspicious = false

    @inline(__always)
    mutating func add(_ hash: UInt32) {
        let place = Self.place(hash)
        guard counts[place] <= Self.most else { return }
        counts[place] += 1
        if counts[place] > Self.most { isSuspicious = true }
    }

    func isSuspicious(_ hash: UInt32) -> Bool { counts[Self.place(hash)] > Self.most }

    private static func place(_ hash: UInt32) -> Int { Int((hash &* 0x9E37_79B1) >> 12) }
}

/// The second reading: counts addresses by name and location.
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

    let suspicious: AddressCount
    private var counts: [Owner: Count] = [:]

    init(_ suspicious: AddressCount) { self.suspicious = suspicious }

    mutating func take(_ record: DataRecord, _ report: inout DataReport) {
        guard record.type == .a else { return }
        let name = record.keyName.map { $0 &- 65 < 26 ? $0 | 0x20 : $0 }
        guard suspicious.isSuspicious(Cdb.hash(name)) else { return }
        let location = UInt16(record.location.0) << 8 | UInt16(record.location.1)
        counts[Owner(name: name, isWildcard: record.isWildcard), default: Count(line: record.line)].byLocation[location, default: 0] += 1
    }

    mutating func take(prefix: Octets, location: (UInt8, UInt8), line: Int, _ report: inout DataReport) {}

    /// One for each name with too many, at its first address.
    var problems: [DataProblem] {
        counts.compactMap { owner, count in
            guard count.most > AddressCount.most, let name = try? Name(wire: owner.name) else { return nil }
            return DataProblem(
                .manyAddresses, line: count.line,
                "\(owner.isWildcard ? "*." : "")\(name) has \(count.most) addresses; tinydns answers with \(AddressCount.most) of them, at random"
            )
        }
    }
}
