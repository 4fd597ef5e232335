internal import Glibc

extension CdbFragment {
    /// Where two fragments differ: runs of records of one, and what the other has in their
    /// place, as ranges of octets, in order.
    ///
    /// Records that both have in another order are told as gone and come. Costs one look at
    /// each record of both.
    public static func differences(_ old: [UInt8], _ new: [UInt8]) throws(CdbError) -> [(old: Range<Int>, new: Range<Int>)] {
        let before = try places(old), after = try places(new)
        return old.withUnsafeBytes { a in
            new.withUnsafeBytes { b in Pairing(old: a, new: b, before: before, after: after).runs }
        }
    }

    /// Where each record starts, and the last ends.
    private static func places(_ octets: [UInt8]) throws(CdbError) -> [Int] {
        var places: [Int] = []
        places.reserveCapacity(octets.count / 40 + 1)
        try scan(octets) { offset, _, _ in places.append(offset) }
        return places + [octets.count]
    }

    private struct Pairing {
        let old: UnsafeRawBufferPointer
        let new: UnsafeRawBufferPointer
        let before: [Int]
        let after: [Int]

        var runs: [(old: Range<Int>, new: Range<Int>)] {
            var runs: [(old: Range<Int>, new: Range<Int>)] = []
            var index: [UInt64: Int]?
            let (n, m) = (before.count - 1, after.count - 1)
            var i = 0, j = 0
            while i < n || j < m {
                if i < n, j < m, isEqual(i, j) {
                    (i, j) = (i + 1, j + 1)
                    continue
                }
                let (a, b) = i < n && j < m ? next(i, j, &index) : (n, m)
                runs.append((before[i]..<before[a], after[j]..<after[b]))
                (i, j) = (a, b)
            }
            return runs
        }

        /// The first records from `i` and `j` on that are the same.
        private func next(_ i: Int, _ j: Int, _ index: inout [UInt64: Int]?) -> (Int, Int) {
            let (n, m) = (before.count - 1, after.count - 1)
            // Most that changes is one record.
            if i + 1 < n, j + 1 < m, isEqual(i + 1, j + 1) { return (i + 1, j + 1) }
            if j + 1 < m, isEqual(i, j + 1) { return (i, j + 1) }
            if i + 1 < n, isEqual(i + 1, j) { return (i + 1, j) }
            let places = index ?? Dictionary((0..<m).map { (hash(new, after[$0]..<after[$0 + 1]), $0) }) { $1 }
            index = places
            // Both are in one order: what is passed over on either side is not on the other.
            for a in i..<n {
                if let b = places[hash(old, before[a]..<before[a + 1])], b >= j, isEqual(a, b) { return (a, b) }
            }
            return (n, m)
        }

        private func isEqual(_ i: Int, _ j: Int) -> Bool {
            let count = before[i + 1] - before[i]
            return count == after[j + 1] - after[j] && memcmp(old.baseAddress! + before[i], new.baseAddress! + after[j], count) == 0
        }

        /// FNV-1a.
        private func hash(_ octets: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64 {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for octet in octets[range] { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01B3 }
            return hash
        }
    }
}
