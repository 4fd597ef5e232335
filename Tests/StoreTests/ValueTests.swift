import Pipeline
import TestSupport
import Testing

@Suite struct ValueTests {
    @Test(arguments: Backend.allCases)
    func valuesAreSharedAndVersioned(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let name = key("site/main")
            #expect(try await a.read(name) == nil)
            let first = try await a.write(bytes("one"), at: name, expecting: nil)
            #expect(try await b.read(name) == VersionedValue(value: bytes("one"), version: first))
            let second = try await b.write(bytes("two"), at: name, expecting: first)
            #expect(second != first)
            #expect(try await a.read(name) == VersionedValue(value: bytes("two"), version: second))
            #expect(try await code { try await a.write(bytes("three"), at: name, expecting: first) } == .conflict)
            #expect(try await code { try await a.write(bytes("three"), at: name, expecting: nil) } == .conflict)
            #expect(try await code { try await a.remove(name, expecting: first) } == .conflict)
            try await a.remove(name, expecting: second)
            #expect(try await b.read(name) == nil)
            #expect(try await code { try await b.remove(name, expecting: second) } == .conflict)
        }
    }

    @Test(arguments: Backend.allCases)
    func emptyAndLargestValues(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let empty = try await a.write([], at: key("empty"), expecting: nil)
            #expect(try await b.read(key("empty")) == VersionedValue(value: [], version: empty))
            #expect(try await code { try await a.write([], at: key("empty"), expecting: nil) } == .conflict)
            let large = noise(512 * 1024)
            try await a.write(large, at: key("large"), expecting: nil)
            #expect(try await b.read(key("large"))?.value == large)
            #expect(try await code { try await a.write(large + [0], at: key("larger"), expecting: nil) } == .tooLarge)
            #expect(try await b.read(key("larger")) == nil)
        }
    }

    @Test(arguments: Backend.allCases)
    func aVersionNeverComesBack(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let name = key("phoenix")
            var seen: [StoreVersion] = []
            for _ in 0..<5 {
                let version = try await a.write(bytes("same"), at: name, expecting: nil)
                for old in seen {
                    #expect(try await code { try await b.write(bytes("late"), at: name, expecting: old) } == .conflict)
                    #expect(try await code { try await b.remove(name, expecting: old) } == .conflict)
                }
                #expect(!seen.contains(version))
                seen.append(version)
                try await a.remove(name, expecting: version)
                #expect(try await code { try await b.write(bytes("late"), at: name, expecting: version) } == .conflict)
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func contendedIncrementsAddUp(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let (writers, rounds) = (6, 15)
            try await within(.seconds(50), "increments") {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<writers {
                        let store = writer.isMultiple(of: 2) ? a : b
                        group.addTask { for _ in 0..<rounds { try await increment(store) } }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(try await a.read(key("counter"))?.value == bytes("\(writers * rounds)"))
        }
    }

    @Test(arguments: Backend.allCases)
    func exactlyOneCreatorWins(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            for round in 0..<5 {
                let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for i in 0..<8 {
                        group.addTask {
                            let store = i < 4 ? a : b
                            return try await code {
                                try await store.write(bytes("\(i)"), at: key("deep/er/\(round)"), expecting: nil)
                            } == nil
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(wins == 1)
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func listNamesValuesAndNotTheirParents(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, b in
            let top = key("zones")
            #expect(try await a.list(top) == [])
            try await a.write(bytes("x"), at: key("zones/b"), expecting: nil)
            let version = try await a.write(bytes("x"), at: key("zones/a"), expecting: nil)
            try await a.write(bytes("x"), at: key("zones/only-a-parent/child"), expecting: nil)
            try await a.write(bytes("x"), at: key("zones/a/below"), expecting: nil)
            let lease = try await b.lease(key("zones/c"), value: [])
            #expect(try await b.list(top) == [key("zones/a"), key("zones/b"), key("zones/c")])
            #expect(try await b.read(key("zones/only-a-parent")) == nil)
            #expect(try await b.read(top) == nil)
            try await a.remove(key("zones/a"), expecting: version)
            await lease.release()
            #expect(try await b.list(top) == [key("zones/b")])
            #expect(try await b.list(key("zones/a")) == [key("zones/a/below")])
        }
    }

    @Test(arguments: Backend.allCases)
    func aClosedStoreSaysSo(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, _ in
            try await a.write([], at: key("x"), expecting: nil)
            let stream = a.watch([key("x")])
            await a.close()
            try await within(.seconds(5), "the watch ends") { for await _ in stream {} }
            #expect(try await code { _ = try await a.read(key("x")) } == .closed)
            #expect(try await code { try await a.put([[1]]) } == .closed)
            #expect(try await code { _ = try await a.lead(key("y"), value: []) } == .closed)
        }
    }

    /// Prints what a look at a value costs that is not there, as `halt` and `candidate` are on most days.
    @Test(arguments: Backend.allCases)
    func whatIsNotThereIsReadQuickly(_ backend: Backend) async throws {
        try await withStores(backend) { _, a, _ in
            try await a.write([], at: key("there"), expecting: nil)
            var times: [Duration] = []
            for _ in 0..<300 {
                let start = ContinuousClock.now
                #expect(try await a.read(key("absent")) == nil)
                times.append(ContinuousClock.now - start)
            }
            times.sort()
            print("a value that is not there, \(backend): median \(times[150]), p90 \(times[270]), worst \(times[299])")
        }
    }
}

private func increment(_ store: any Store) async throws {
    while true {
        let old = try await store.read(key("counter"))
        let count = old.flatMap { Int(String(decoding: $0.value, as: UTF8.self)) } ?? 0
        do {
            try await store.write(bytes("\(count + 1)"), at: key("counter"), expecting: old?.version)
            return
        } catch let error as StoreError where error.code == .conflict {}
    }
}
