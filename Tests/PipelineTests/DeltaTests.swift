import TestSupport
import Testing

@testable import Pipeline

@Suite struct DeltaTests {
    /// A file as fragments are: runs of octets that repeat, some of which change.
    private func octets(_ random: inout Seeded) -> [UInt8] { (0..<random.below(60)).map { _ in UInt8(random.below(3)) } }

    @Test func splicesMakeWhatTheyWereMadeFrom() throws {
        var random = Seeded(90)
        for _ in 0..<2000 {
            let old = octets(&random)
            var new = old
            for _ in 0..<random.below(3) {
                let at = random.below(new.count + 1)
                new.replaceSubrange(at..<min(new.count, at + random.below(5)), with: octets(&random).prefix(4))
            }
            let splice = Splice(path: "a", from: old, to: new, digest: Digest(of: new))
            #expect(try splice.applied(to: old) == new)
            #expect(splice.hunks.isEmpty == (old == new))
            #expect(splice.hunks.allSatisfy { $0.removed <= old.count && $0.inserted.count <= new.count })
            // Applied to anything else it makes nothing, or the same by chance.
            let other = octets(&random)
            if let made = try? splice.applied(to: other) { #expect(made == new) }
        }
        let gone = Splice(path: "a", from: [1, 2], to: nil, digest: nil)
        #expect(try gone.applied(to: [1, 2]) == nil)
    }

    @Test func onlyTheChangeTravels() {
        let old = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 * $0) }
        var new = old
        new.replaceSubrange(9000..<9004, with: [1, 2, 3, 4, 5])
        #expect(Splice(path: "a", from: old, to: new, digest: Digest(of: new)).hunks.map(\.inserted.count) == [5])
    }

    /// Of fragments only the records that differ travel, wherever they are; and whatever the order of both is.
    @Test(arguments: [true, false]) func recordsThatDiffer(_ isSorted: Bool) throws {
        var random = Seeded(isSorted ? 93 : 94)
        func fragment(_ records: [(key: Int, data: UInt8)]) -> [UInt8] {
            records.reduce(into: []) { octets, record in
                func word(_ value: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(value).littleEndian, Array.init) }
                octets += word(4) + word(3) + word(record.key) + [1, record.data, 2]
            }
        }
        for _ in 0..<300 {
            let keys = 2 + random.below(60)
            let old = (0..<keys).filter { _ in random.chance(2) }.map { (key: $0, data: UInt8(random.below(2))) }
            let changes = random.below(12)
            var model = Dictionary(old.map { ($0.key, $0.data) }) { a, _ in a }
            for _ in 0..<changes { model[random.below(keys)] = random.chance(2) ? UInt8(random.below(2)) : nil }
            var new = model.map { (key: $0.key, data: $0.value) }
            if isSorted { new.sort { $0.key < $1.key } }
            let before = fragment(old), after = fragment(new)
            let splice = Splice(path: Listing.Path.fragment(0), from: before, to: after, digest: Digest(of: after))
            #expect(try splice.applied(to: before) == after)
            let runs = try CdbFragment.differences(before, after)
            #expect(runs.allSatisfy { $0.old.lowerBound % 15 == 0 && $0.old.upperBound % 15 == 0 && $0.new.lowerBound % 15 == 0 })
            // What is passed over is the same on both sides.
            var kept: [[UInt8]] = [[], []], at = (0, 0)
            for run in runs + [(before.count..<before.count, after.count..<after.count)] {
                kept[0] += before[at.0..<run.old.lowerBound]
                kept[1] += after[at.1..<run.new.lowerBound]
                at = (run.old.upperBound, run.new.upperBound)
            }
            #expect(kept[0] == kept[1])
            if isSorted {
                #expect(splice.hunks.count <= changes && splice.hunks.reduce(0) { $0 + $1.inserted.count } <= 15 * changes)
                let differing = Set(old.map { "\($0)" }).symmetricDifference(new.map { "\($0)" }).count
                #expect(runs.reduce(0) { $0 + $1.old.count + $1.new.count } == 15 * differing)
            }
        }
        // What is no fragment is told as one place.
        #expect(Splice(path: Listing.Path.fragment(0), from: [1, 2, 3], to: [1, 9, 3], digest: Digest(of: [1, 9, 3])).hunks == [.init(kept: 1, removed: 1, inserted: [9])])
    }

    @Test(arguments: [(-1, 0), (0, -1), (4, 0), (2, 2), (.max, 1), (1, .max)])
    func rangesThatLeaveTheFile(_ offset: Int, _ removed: Int) {
        let outcome = Listing.File(path: "a", digest: Digest(of: []), size: 0)
        for before in [Splice.Hunk(kept: 0, removed: 1, inserted: []), .init(kept: 1, removed: 0, inserted: [])] {
            let later = Splice(path: "a", hunks: [before, .init(kept: offset, removed: removed, inserted: [])], outcome: outcome)
            #expect(throws: SpliceError.self) { try later.applied(to: [1, 2, 3]) }
        }
        let splice = Splice(
            path: "a", offset: offset, removed: removed, inserted: [], outcome: Listing.File(path: "a", digest: Digest(of: []), size: 0))
        #expect(throws: SpliceError.self) { try splice.applied(to: [1, 2, 3]) }
    }

    @Test func listingsAsADictionary() {
        var random = Seeded(91)
        var listing = Listing(), model: [String: Listing.File] = [:]
        for _ in 0..<500 {
            let path = Listing.Path.fragment(random.below(40))
            if random.chance(3) {
                listing.remove(path)
                model[path] = nil
            } else {
                let file = Listing.File(path: path, digest: random.digest(), size: random.below(9))
                listing.set(file)
                model[path] = file
            }
            #expect(listing[path] == model[path])
            #expect(listing.files == model.values.sorted { $0.path < $1.path })
            #expect(listing == Listing(model.values.shuffled(using: &random)))
        }
        let other = Listing(listing.files.dropLast())
        #expect(other.content != listing.content)
    }

    /// From each content that the deltas lead on from, and from no other.
    @Test func routes() {
        var random = Seeded(92)
        for _ in 0..<300 {
            // Few contents, so that they come back.
            let pool = (0..<4).map { _ in random.digest() }
            var contents = [random.pick(pool)]
            for _ in 0..<random.below(8) { contents.append(random.pick(pool.filter { $0 != contents.last })) }
            let deltas = zip(contents, contents.dropFirst()).map { Delta(from: $0, to: $1, splices: []) }
            let split = random.below(deltas.count + 1)
            var release = random.release()
            release.content = contents.last!
            release.deltas = Array(deltas[split...])
            for start in pool {
                let route = release.route(from: start, earlier: Array(deltas[..<split]))
                #expect((route != nil) == contents.contains(start))
                guard let route else { continue }
                var at = start
                for delta in route {
                    #expect(delta.from == at)
                    at = delta.to
                }
                #expect(at == release.content)
            }
            // A chain that is broken leads nowhere.
            if deltas.count > 2, Set(contents).count == contents.count {
                release.deltas = [deltas[0]] + deltas[2...]
                #expect(release.route(from: contents[0]) == nil)
            }
        }
    }
}
