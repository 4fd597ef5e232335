internal import DNSWire

/// The names of a presentation as a tree that changes: owners, names above owners, and
/// names that records refer to, with who refers to each.
struct NameGraph: Sendable {
    typealias ID = UInt32
    static let none = ID.max, root: ID = 0

    struct Node: Sendable {
        var parent: ID
        /// Where its label is in `labels`.
        var label: UInt32
        var firstChild = none, next = none, previous = none
        /// The next node in the same bucket.
        var chain = none
        /// Its child `*`, if there is a node.
        var wildcard = none
        /// How many owners stand at or below it: with none it is known as a target only.
        var owners: UInt32 = 0
        /// Of the RRsets that are in an index.
        var types: TypeSet = []
        /// Has RRsets, served or not.
        var isOwner = false
        var isLocated = false
        /// Heads of lists: who refers to it, to what it refers, what is wrong with it.
        var referrers = none, references = none, marks = none
    }

    private(set) var nodes = [Node(parent: none, label: 0)]
    private var labels: [UInt8] = [0]
    private var buckets = [ID](repeating: none, count: 64)
    private var freeNodes: [ID] = []
    /// Places of labels that are not used any more, by their length.
    private var freeLabels = [[UInt32]](repeating: [], count: 64)
    var references = ReferenceLists()

    var count: Int { nodes.count - freeNodes.count }

    subscript(id: ID) -> Node {
        _read { yield nodes[Int(id)] }
        _modify { yield &nodes[Int(id)] }
    }

    // MARK: Names

    /// The name at `at` in these well-formed octets, made if it is not there.
    mutating func insert(_ wire: [UInt8], _ at: Int = 0) -> ID {
        if wire[at] == 0 { return Self.root }
        let parent = insert(wire, at + 1 + Int(wire[at]))
        let bucket = bucket(of: parent, wire, at)
        if let known = node(in: bucket, parent, wire, at) { return known }
        let id = freeNodes.popLast() ?? ID(nodes.count)
        var node = Node(parent: parent, label: store(wire, at))
        node.chain = buckets[bucket]
        node.next = self[parent].firstChild
        if id == nodes.count { nodes.append(node) } else { self[id] = node }
        if node.next != Self.none { self[node.next].previous = id }
        self[parent].firstChild = id
        buckets[bucket] = id
        if wire[at] == 1, wire[at + 1] == UInt8(ascii: "*") { self[parent].wildcard = id }
        if nodes.count > buckets.count { grow() }
        return id
    }

    func find(_ wire: [UInt8], _ at: Int = 0) -> ID? {
        if wire[at] == 0 { return Self.root }
        guard let parent = find(wire, at + 1 + Int(wire[at])) else { return nil }
        return node(in: bucket(of: parent, wire, at), parent, wire, at)
    }

    /// Octets in lower case.
    func wire(_ id: ID) -> [UInt8] {
        var wire: [UInt8] = []
        var at = id
        while at != Self.root {
            let label = Int(self[at].label)
            wire.append(contentsOf: labels[label...label + Int(labels[label])])
            at = self[at].parent
        }
        wire.append(0)
        return wire
    }

    func name(_ id: ID) -> Name { (try? Name(wire: wire(id))) ?? .root }

    func isWildcard(_ id: ID) -> Bool { id != Self.root && self[self[id].parent].wildcard == id }

    /// Whether the first label is `text`, in lower case.
    func isLabelled(_ id: ID, _ text: StaticString) -> Bool {
        let label = Int(self[id].label)
        guard Int(labels[label]) == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { $0.elementsEqual(labels[label + 1..<label + 1 + $0.count]) }
    }

    /// Canonical order of two names with one parent.
    func sibling(_ a: ID, precedes b: ID) -> Bool {
        let (x, y) = (Int(self[a].label), Int(self[b].label))
        let (m, n) = (Int(labels[x]), Int(labels[y]))
        for i in 1..<1 + min(m, n) where labels[x + i] != labels[y + i] { return labels[x + i] < labels[y + i] }
        return m < n
    }

    /// Whether there is such a name: it has RRsets, or one below it has.
    func isThere(_ id: ID) -> Bool { self[id].owners > 0 }

    mutating func setOwner(_ id: ID, _ isOwner: Bool) {
        guard self[id].isOwner != isOwner else { return }
        self[id].isOwner = isOwner
        var at = id
        while at != Self.none {
            if isOwner { self[at].owners += 1 } else { self[at].owners -= 1 }
            at = self[at].parent
        }
    }

    /// Each name above, from below.
    func forEachAbove(_ id: ID, _ body: (ID) -> Bool) {
        var at = self[id].parent
        while at != Self.none, body(at) { at = self[at].parent }
    }

    /// The name and all below, each before those below it.
    ///
    /// - Parameter body: whether to go on below this one.
    func forEachWithin(_ top: ID, _ body: (ID) -> Bool) {
        var open = [top]
        while let id = open.popLast() {
            guard body(id) else { continue }
            var child = self[id].firstChild
            while child != Self.none {
                open.append(child)
                child = self[child].next
            }
        }
    }

    /// Forgets a name that nothing needs any more, and those above it that only it needed.
    mutating func prune(_ id: ID) {
        var at = id
        while at != Self.root, self[at].owners == 0, self[at].firstChild == Self.none, self[at].referrers == Self.none,
            self[at].references == Self.none, self[at].marks == Self.none, self[at].parent != Self.none
        {
            let node = self[at]
            if node.previous == Self.none { self[node.parent].firstChild = node.next } else { self[node.previous].next = node.next }
            if node.next != Self.none { self[node.next].previous = node.previous }
            if self[node.parent].wildcard == at { self[node.parent].wildcard = Self.none }
            unchain(at)
            freeLabels[Int(labels[Int(node.label)])].append(node.label)
            self[at] = Node(parent: Self.none, label: 0)
            freeNodes.append(at)
            at = node.parent
        }
    }

    // MARK: Places

    private mutating func store(_ wire: [UInt8], _ at: Int) -> UInt32 {
        let length = Int(wire[at])
        if let place = freeLabels[length].popLast() {
            for i in 1...length { labels[Int(place) + i] = lower(wire[at + i]) }
            return place
        }
        let place = UInt32(labels.count)
        labels.append(wire[at])
        for i in 1...length { labels.append(lower(wire[at + i])) }
        return place
    }

    private func bucket(of parent: ID, _ wire: [UInt8], _ at: Int) -> Int {
        var hash = UInt64(parent) &* 0x9E37_79B9_7F4A_7C15 ^ 0xCBF2_9CE4_8422_2325
        for i in at...at + Int(wire[at]) { hash = (hash ^ UInt64(lower(wire[i]))) &* 0x100_0000_01B3 }
        hash = (hash ^ hash >> 29) &* 0xBF58_476D_1CE4_E5B9
        return Int(truncatingIfNeeded: hash >> 20) & (buckets.count - 1)
    }

    private func node(in bucket: Int, _ parent: ID, _ wire: [UInt8], _ at: Int) -> ID? {
        var id = buckets[bucket]
        while id != Self.none {
            if self[id].parent == parent, isLabelled(Int(self[id].label), wire, at) { return id }
            id = self[id].chain
        }
        return nil
    }

    private func isLabelled(_ label: Int, _ wire: [UInt8], _ at: Int) -> Bool {
        guard labels[label] == wire[at] else { return false }
        for i in 1...Int(wire[at]) where labels[label + i] != lower(wire[at + i]) { return false }
        return true
    }

    private mutating func unchain(_ id: ID) {
        let bucket = bucket(of: self[id].parent, labels, Int(self[id].label))
        if buckets[bucket] == id {
            buckets[bucket] = self[id].chain
            return
        }
        var at = buckets[bucket]
        while self[at].chain != id { at = self[at].chain }
        self[at].chain = self[id].chain
    }

    private mutating func grow() {
        buckets = Array(repeating: Self.none, count: buckets.count * 2)
        for i in nodes.indices.dropFirst() where nodes[i].parent != Self.none {
            let bucket = bucket(of: nodes[i].parent, labels, Int(nodes[i].label))
            nodes[i].chain = buckets[bucket]
            buckets[bucket] = ID(i)
        }
    }
}
