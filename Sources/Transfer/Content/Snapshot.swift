internal import DNSWire
internal import Pipeline

/// All zones of all views at one presentation.
///
/// Presentations share what they have in common: one is made from another at the cost of
/// the shards that differ, forwards and backwards, and costs the memory of these.
struct Snapshot: Sendable {
    /// The zones of one view.
    struct Zones: Sendable {
        var apexes = Apexes()
        var zones: [Name: ZoneContent] = [:]
        /// Which zones have records in a shard.
        var members: [Int: Set<Name>] = [:]
        /// Records in a shard that are in none.
        var orphans: [Int: Int] = [:]
    }

    let views: [View]
    /// The presentation's.
    private(set) var number: UInt64 = 0
    private(set) var digests: [Int: Digest] = [:]
    private(set) var zones: [String: Zones]
    /// Octets that are here and not in what this was made from.
    private(set) var renewed = 0
    /// Records that no message can hold, by shard.
    private(set) var oversized: [Int: Int] = [:]
    private var starts: [Int: ShardStarts] = [:]
    /// All that is at the names of child zones' servers that lie within them.
    private var glue: [Name: [RecordSet]] = [:]

    /// Nothing.
    init(views: [View]) {
        self.views = views
        zones = Dictionary(uniqueKeysWithValues: views.map { ($0.name, Zones()) })
    }

    func zone(_ key: ZoneView) -> ZoneContent? { zones[key.view]?.zones[key.zone] }

    /// The NS records at the apex of every zone that a view has.
    func nameServers(in view: View) -> [Name: Set<Name>] {
        var servers: [Name: Set<Name>] = [:]
        for starts in starts.values {
            for (apex, sets) in starts.visible(in: view) {
                servers[apex] = Set(sets.filter { $0.key.type == .ns }.flatMap { $0.rdata.compactMap { $0.target(type: .ns) } })
            }
        }
        return servers
    }

    /// About the octets that this takes beside what it was made from.
    var weight: Int { renewed + zones.values.reduce(0) { $0 + 256 * $1.zones.count } }

    /// Octets of all zones' records; what several views share counts for each.
    var size: Int { zones.values.reduce(0) { $0 + $1.zones.values.reduce(0) { $0 + $1.size } } }

    /// The same views at another presentation. Of `manifest` only number, sharding and digests matter.
    func updated(to manifest: Manifest, in blobs: any Blobs) async throws -> Snapshot {
        var new = self
        new.number = manifest.number
        new.renewed = 0
        new.digests = manifest.shards.mapValues(\.digest)
        let changed = Set(new.digests.keys).union(digests.keys).filter { new.digests[$0] != digests[$0] }
        let isMoved = try await new.readStarts(changed, in: blobs) || number == 0
        let moved = isMoved ? new.setApexes() : []
        try await new.rebuild(changed.union(moved).sorted(), in: blobs)
        if isMoved || glue.keys.contains(where: { changed.contains(manifest.sharding.index(of: $0)) }) {
            try await new.setCuts(changed, manifest.sharding, in: blobs)
        }
        if isMoved { new.setCatalogs() }
        return new
    }

    // MARK: Steps

    /// Returns whether a zone's SOA or delegation is another, or there are others.
    private mutating func readStarts(_ changed: Set<Int>, in blobs: any Blobs) async throws -> Bool {
        let read = try await concurrentMap(changed.sorted().map { ($0, digests[$0]) }, limit: 4) { index, digest in
            guard let digest else { return (index, ShardStarts()) }
            return (index, ShardStarts(try Shard(decoding: try await blobs.require(digest), types: ShardStarts.types).records))
        }
        var isMoved = false
        for (index, starts) in read {
            if starts.sets != self.starts[index]?.sets ?? [] { isMoved = true }
            self.starts[index] = starts.sets.isEmpty ? nil : starts
        }
        return isMoved
    }

    /// Takes up the zones that there are; returns the shards that have records which change zones.
    private mutating func setApexes() -> Set<Int> {
        var moved: Set<Int> = []
        for view in views {
            var part = zones[view.name] ?? Zones()
            var apexes: [Name] = []
            for starts in starts.values {
                for (apex, sets) in starts.visible(in: view) {
                    guard let set = sets.first(where: { $0.key.type == .soa }), let soa = try? SOA(set.rdata[0]) else { continue }
                    // A catalog's name is taken.
                    if apex == view.catalog { continue }
                    apexes.append(apex)
                    var content = part.zones[apex] ?? ZoneContent(apex: apex, start: soa, ttl: set.ttl)
                    (content.start, content.ttl) = (soa, set.ttl)
                    part.zones[apex] = content
                }
            }
            let new = Apexes(apexes), old = part.apexes
            part.apexes = new
            for zone in new.subtracting(old) {
                guard let above = old.zone(of: zone, isProper: true) else {
                    moved.formUnion(part.orphans.keys)
                    continue
                }
                moved.formUnion(part.zones[above]?.shards(within: zone) ?? [])
            }
            for zone in old.subtracting(new) {
                moved.formUnion(part.zones[zone]?.segments.keys.filter { $0 >= 0 } ?? [])
                part.zones[zone] = nil
                for index in part.members.keys { part.members[index]?.remove(zone) }
            }
            zones[view.name] = part
        }
        return moved
    }

    /// Reads shards and puts what they have into the zones.
    private mutating func rebuild(_ indices: [Int], in blobs: any Blobs) async throws {
        let views = views, digests = digests, apexes = views.map { zones[$0.name]?.apexes ?? Apexes() }
        // A few at a time: decoded, records take many times their octets.
        for some in stride(from: 0, to: indices.count, by: 8).map({ indices[$0..<min($0 + 8, indices.count)] }) {
            let built = try await concurrentMap(Array(some), limit: 2) { index -> (Int, [ShardContent]) in
                let records = try await digests[index].asyncMap { try Shard(decoding: try await blobs.require($0)).records } ?? []
                return (index, Self.contents(records, views, apexes))
            }
            for (index, contents) in built {
                for (view, content) in zip(views, contents) { put(content, of: view, at: index) }
                oversized[index] = contents.first.flatMap { $0.oversized > 0 ? $0.oversized : nil }
            }
        }
    }

    /// Views that see the same share it.
    private static func contents(_ records: [RecordSet], _ views: [View], _ apexes: [Apexes]) -> [ShardContent] {
        let isLocated = records.contains { $0.key.location != nil }
        var contents: [ShardContent] = []
        for (view, place) in zip(views, apexes.indices) {
            if !isLocated, place > 0, apexes[place] == apexes[0] {
                contents.append(contents[0])
            } else {
                contents.append(ShardContent(records, view: view, apexes: apexes[place]))
            }
        }
        return contents
    }

    private mutating func put(_ content: ShardContent, of view: View, at index: Int) {
        var part = zones[view.name] ?? Zones()
        // Changed in place: nobody else may hold it meanwhile.
        zones[view.name] = nil
        let now = Set(content.segments.keys)
        for zone in (part.members[index] ?? []).union(now) {
            guard part.zones[zone] != nil else { continue }
            let before = part.zones[zone]?.segments[index]
            part.zones[zone]?.set(content.segments[zone], at: index)
            if let after = part.zones[zone]?.segments[index], after !== before { renewed += after.octets.count }
        }
        part.members[index] = now.isEmpty ? nil : now
        part.orphans[index] = content.orphans > 0 ? content.orphans : nil
        zones[view.name] = part
    }

    private mutating func setCatalogs() {
        for view in views {
            guard let apex = view.catalog, var part = zones[view.name] else { continue }
            part.zones[apex] = Catalog.content(apex: apex, members: part.apexes.all, after: part.zones[apex])
            zones[view.name] = part
        }
    }
}

// MARK: - Child zones

extension Snapshot {
    /// A delegation from one presented zone to another.
    private struct Cut {
        var parent: Name
        var child: Name
        /// NS and DS.
        var sets: [RecordSet]
        /// Servers within the parent zone whose addresses are not.
        var servers: [Name]
    }

    /// Gives parent zones the delegations of their children, and the addresses that need them.
    private mutating func setCuts(_ changed: Set<Int>, _ sharding: Sharding, in blobs: any Blobs) async throws {
        var cuts: [String: [Cut]] = [:]
        for view in views { cuts[view.name] = self.cuts(in: view) }
        try await readGlue(Set(cuts.values.flatMap { $0.flatMap(\.servers) }), changed, sharding, in: blobs)
        for view in views {
            var part = zones[view.name] ?? Zones()
            let byParent = Dictionary(grouping: cuts[view.name] ?? [], by: \.parent)
            for parent in Set(byParent.keys).union(part.zones.filter { $0.value.segments[ZoneContent.cuts] != nil }.keys) {
                part.zones[parent]?.set(segment(byParent[parent] ?? [], in: view), at: ZoneContent.cuts)
            }
            zones[view.name] = part
        }
    }

    private func cuts(in view: View) -> [Cut] {
        guard let apexes = zones[view.name]?.apexes else { return [] }
        return starts.values.flatMap { $0.visible(in: view) }.compactMap { child, sets in
            guard apexes.contains(child), let parent = apexes.zone(of: child, isProper: true) else { return nil }
            let servers = sets.filter { $0.key.type == .ns }.flatMap { $0.rdata.compactMap { $0.target(type: .ns) } }
                .filter { $0.isWithin(parent) && apexes.zone(of: $0) != parent }
            return Cut(parent: parent, child: child, sets: sets.filter { $0.key.type != .soa }, servers: servers)
        }
    }

    private mutating func readGlue(_ wanted: Set<Name>, _ changed: Set<Int>, _ sharding: Sharding, in blobs: any Blobs) async throws {
        let missing = wanted.filter { glue[$0] == nil || changed.contains(sharding.index(of: $0)) }
        glue = glue.filter { wanted.contains($0.key) && !missing.contains($0.key) }
        let digests = digests
        let read = try await concurrentMap(Array(Dictionary(grouping: missing, by: sharding.index(of:))), limit: 4) { index, owners in
            let records = try await digests[index].asyncMap { digest in
                try Shard(decoding: try await blobs.require(digest), of: Set(owners)).records
            }
            return (owners, records ?? [])
        }
        for (owners, records) in read {
            for owner in owners { glue[owner] = records.filter { $0.key.owner == owner } }
        }
    }

    private func segment(_ cuts: [Cut], in view: View) -> Segment? {
        if cuts.isEmpty { return nil }
        var octets: [UInt8] = []
        var count = 0
        func append(_ sets: [RecordSet]) {
            for set in sets {
                for rdata in set.rdata {
                    octets.append(owner: set.key.owner, type: set.key.type, ttl: set.ttl, rdata: rdata)
                    count += 1
                }
            }
        }
        let cuts = cuts.sorted { $0.child.precedes($1.child) }
        for cut in cuts { append(cut.sets) }
        for server in Set(cuts.flatMap(\.servers)).sorted(by: { $0.precedes($1) }) { 
            append(view.visible((glue[server] ?? [])[...]).filter { $0.key.type == .a || $0.key.type == .aaaa })
        }
        return Segment(octets: octets, count: count)
    }
}

extension ZoneContent {
    /// Shards with records at or below a name.
    fileprivate func shards(within name: Name) -> [Int] {
        let suffix = name.canonicalWire
        return segments.filter { index, segment in index >= 0 && segment.hasRecord(within: suffix) }.map(\.key)
    }
}

extension Segment {
    fileprivate func hasRecord(within suffix: [UInt8]) -> Bool {
        var at = 0
        while at < octets.count {
            let record = RecordSpan(octets, at: at)
            // Every label's start is tried: another place could look alike.
            var label = at
            while record.fixed - label > suffix.count { label += 1 + Int(octets[label]) }
            if record.fixed - label == suffix.count {
                // Length octets are below the letters, so that they have no case.
                let isEqual = zip(octets[label..<record.fixed], suffix).allSatisfy { $0 == $1 || (65...90).contains($0) && $0 | 0x20 == $1 }
                if isEqual { return true }
            }
            at = record.end
        }
        return false
    }
}

extension Optional {
    func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
