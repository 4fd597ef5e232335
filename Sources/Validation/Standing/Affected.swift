/// The names whose findings a change may alter, as they stand in one state of the graph;
/// asked of the state before and of the one after, the two together are all of them.
struct Affected {
    typealias Kinds = ReferenceLists.Kinds

    private(set) var names: Set<NameGraph.ID> = []
    /// Names whose referrers were followed over CNAMEs and SPF.
    private var followed: Set<NameGraph.ID> = []

    mutating func add(_ id: NameGraph.ID) { names.insert(id) }

    mutating func add(_ change: NameChange, at id: NameGraph.ID, in graph: borrowing NameGraph) {
        names.insert(id)
        if graph.isLabelled(id, "www") { names.insert(graph[id].parent) }
        addAbove(id, change, graph)
        addReferrers(of: id, change.kinds, graph)
        if change.turnsSubtree { addAll(within: id, graph) }
        if change.changesCover {
            graph.forEachWithin(id) { below in
                if graph[below].types.contains(.soa) { names.insert(below) }
                return true
            }
        }
        // What a wildcard answers for, and what gets by it.
        if change.isReshaped, graph.isWildcard(id) { addAll(within: graph[id].parent, graph) }
    }

    /// Empty names above, which are there by this one, and the wildcard that it is in the way of.
    private mutating func addAbove(_ id: NameGraph.ID, _ change: NameChange, _ graph: borrowing NameGraph) {
        var isEmpty = true, seeksWildcard = change.isReshaped
        var at = graph[id].parent
        while at != NameGraph.none {
            let node = graph[at]
            if isEmpty, !node.types.isEmpty { isEmpty = false }
            if isEmpty { names.insert(at) }
            // It came or went with the name.
            if node.owners == 0 { addReferrers(of: at, .all, graph) }
            if seeksWildcard, node.wildcard != NameGraph.none, node.wildcard != id, !graph[node.wildcard].types.isEmpty {
                names.insert(node.wildcard)
                seeksWildcard = false
            }
            at = node.parent
        }
    }

    /// The name, all below it, and all who refer to any of them.
    private mutating func addAll(within top: NameGraph.ID, _ graph: borrowing NameGraph) {
        var within: [NameGraph.ID] = []
        graph.forEachWithin(top) { id in
            within.append(id)
            return true
        }
        for id in within {
            names.insert(id)
            addReferrers(of: id, .all, graph, throughWildcard: false)
        }
    }

    private mutating func addReferrers(
        of id: NameGraph.ID, _ kinds: Kinds, _ graph: borrowing NameGraph, throughWildcard: Bool = true
    ) {
        var open = [(id: id, kinds: kinds, throughWildcard: throughWildcard)]
        while let (id, kinds, throughWildcard) = open.popLast() {
            if kinds.isEmpty { continue }
            func visit(_ owner: NameGraph.ID, _ reference: Kinds) {
                let met = reference.intersection(kinds)
                guard !met.isEmpty else { return }
                names.insert(owner)
                // CNAMEs and SPF lead on, to each other too.
                if !met.isDisjoint(with: [.alias, .spf]), followed.insert(owner).inserted { open.append((owner, [.alias, .spf], true)) }
            }
            graph.forEachReferrer(of: id, visit)
            // A wildcard answers for names below the one that it stands below.
            if throughWildcard, graph.isWildcard(id) {
                graph.forEachWithin(graph[id].parent) { target in
                    if target != id { graph.forEachReferrer(of: target, visit) }
                    return true
                }
            }
        }
    }
}
