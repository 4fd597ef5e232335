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
            #expect(splice.removed <= old.count && splice.inserted.count <= new.count)
            #expect(splice.inserted.isEmpty || old != new)
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
        #expect(Splice(path: "a", from: old, to: new, digest: Digest(of: new)).inserted.count <= 5)
    }

    @Test(arguments: [(-1, 0), (0, -1), (4, 0), (2, 2), (.max, 1), (1, .max)])
    func rangesThatLeaveTheFile(_ offset: Int, _ removed: Int) {
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
