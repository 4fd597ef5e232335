internal import DNSWire
internal import Pipeline

/// All that validators look at to judge some names: with these RRsets, and no others, they
/// find what they would find at them in the whole presentation.
struct Neighbourhood {
    private let standing: StandingValidation
    private(set) var records: [RecordSet] = []
    /// Names that are there without RRsets.
    private(set) var empty: [Name] = []
    private var taken: Set<NameGraph.ID> = []
    private var followed: Set<NameGraph.ID> = []
    private let graph: NameGraph

    init(of names: Set<NameGraph.ID>, in standing: StandingValidation) {
        self.standing = standing
        graph = standing.graph
        for id in names where graph.isThere(id) {
            takeSurroundings(of: id)
            let node = graph[id]
            if graph.isWildcard(id), !node.types.isEmpty { takeAll(within: node.parent) }
            if node.types.isEmpty, let first = standing.firstOwner(below: id) { take(first) }
            if node.types.contains(.soa), let www = graph.find([3, 0x77, 0x77, 0x77] + graph.wire(id)) { take(www) }
            follow(id)
        }
    }

    private mutating func take(_ id: NameGraph.ID) {
        guard graph.isThere(id), taken.insert(id).inserted else { return }
        let node = graph[id]
        if node.isOwner { records += standing.sets(at: id) } else { empty.append(graph.name(id)) }
        if node.parent != NameGraph.none { take(node.parent) }
    }

    /// The name, those above it, and wildcards that may answer for it.
    private mutating func takeSurroundings(of id: NameGraph.ID) {
        take(id)
        var at = graph[id].parent
        while at != NameGraph.none {
            take(at)
            if graph[at].wildcard != NameGraph.none { take(graph[at].wildcard) }
            at = graph[at].parent
        }
    }

    private mutating func takeAll(within top: NameGraph.ID) {
        var within: [NameGraph.ID] = []
        graph.forEachWithin(top) { id in
            if graph.isThere(id) { within.append(id) }
            return id == top || !graph[id].types.contains(.soa)
        }
        for id in within { take(id) }
    }

    /// What a name's records refer to, and on over CNAMEs and SPF.
    private mutating func follow(_ id: NameGraph.ID) {
        var open = [id]
        while let id = open.popLast() {
            guard followed.insert(id).inserted else { continue }
            var targets: [NameGraph.ID] = []
            graph.forEachReference(of: id) { target, _ in targets.append(target) }
            for target in targets {
                takeSurroundings(of: target)
                if leadsOn(target) { open.append(target) }
                graph.forEachAbove(target) { above in
                    let wildcard = graph[above].wildcard
                    if wildcard != NameGraph.none, leadsOn(wildcard) { open.append(wildcard) }
                    return true
                }
            }
        }
    }

    private func leadsOn(_ id: NameGraph.ID) -> Bool { !graph[id].types.isDisjoint(with: [.cname, .txt]) }
}
