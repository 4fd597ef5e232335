public import Pipeline

/// Turns address ranges into tinydns' octet prefixes, with the fewest lines.
///
/// tinydns knows prefixes of whole octets only, and the longest wins. So a line for
/// the most common location of a network with exceptions below it beats a line for
/// each part: the method of ORTC (Draves, King, Venkatachary, Zill: "Constructing
/// Optimal IP Routing Tables", 1999), with 256 branches at a node in place of two.
public enum OctetPrefixes {
    /// Addresses `first...last` are at `location`.
    public struct Range: Hashable, Sendable {
        public var first: UInt32
        public var last: UInt32
        public var location: Location

        public init(first: UInt32, last: UInt32, location: Location) {
            self.first = first
            self.last = last
            self.location = location
        }
    }

    /// Addresses `first...last` that no line of the length allowed puts where they should be.
    public struct Exception: Hashable, Sendable {
        public var first: UInt32
        public var last: UInt32
        /// Where their range says they are, and where the lines say.
        public var wanted: Location
        public var served: Location

        public var count: Int { Int(last) - Int(first) + 1 }
    }

    /// Lines, and the addresses they put elsewhere than their range says, in order.
    public struct Cover: Sendable {
        public var lines: [MapLine]
        public var exceptions: [Exception]
        /// How many addresses are elsewhere.
        public var misplaced: Int { exceptions.reduce(0) { $0 + $1.count } }
    }

    /// The fewest lines that give every address the location of its range, and
    /// addresses outside all ranges `otherwise`.
    ///
    /// Where ranges overlap, the later one in the list wins.
    ///
    /// - Parameter longest: the longest prefix, in octets (1 to 4). A network of that
    ///   length with several locations goes to the one that has most of it.
    public static func cover(_ ranges: [Range], otherwise: Location, longest: Int = 3) -> Cover {
        precondition((1...4).contains(longest), "an IPv4 prefix has 1 to 4 octets")
        let flat = flatten(ranges, otherwise: otherwise)
        var exceptions: [Exception] = []
        let root = node(flat[...], first: 0, depth: 0, longest: longest, &exceptions)
        var lines: [MapLine] = []
        emit(root, prefix: [], inherited: nil, into: &lines)
        return Cover(lines: lines, exceptions: exceptions)
    }

    /// Disjoint runs over the whole address space, in order, equal neighbours joined.
    private static func flatten(_ ranges: [Range], otherwise: Location) -> [Run] {
        var starts: [(at: UInt64, order: Int, opens: Bool)] = []
        for (order, range) in ranges.enumerated() where range.first <= range.last {
            starts.append((UInt64(range.first), order, true))
            starts.append((UInt64(range.last) + 1, order, false))
        }
        starts.sort { $0.at < $1.at }
        var open: [Int] = []  // few at a time: ranges seldom overlap
        var runs: [Run] = []
        func add(_ first: UInt64) {
            guard first <= UInt64(UInt32.max) else { return }
            let location = open.max().map { ranges[$0].location } ?? otherwise
            if let last = runs.last, last.first == UInt32(first) { runs.removeLast() }
            if runs.last?.location != location { runs.append(Run(first: UInt32(first), location: location)) }
        }
        add(0)
        for edge in starts {
            if edge.opens { open.append(edge.order) } else { open.removeAll { $0 == edge.order } }
            add(edge.at)
        }
        return runs
    }

    /// `location` from `first` to the next run's first.
    private struct Run {
        var first: UInt32
        var location: Location
    }

    /// A prefix of the tree: the locations it may carry at the same least cost.
    private struct Node {
        /// Sorted; a network of one location has just that.
        var best: [Location]
        /// Empty where the whole network is at `best[0]`.
        var children: [Node] = []
    }

    /// `runs` cover this network: the first starts at or before `first`.
    private static func node(
        _ runs: ArraySlice<Run>, first: UInt32, depth: Int, longest: Int, _ exceptions: inout [Exception]
    ) -> Node {
        if runs.count == 1 { return Node(best: [runs.first!.location]) }
        if depth == longest {
            return Node(best: [majority(runs, first: first, size: 1 << UInt64(32 - 8 * depth), &exceptions)])
        }
        let shift = UInt32(24 - 8 * depth)
        var children: [Node] = []
        children.reserveCapacity(256)
        var low = runs.startIndex
        for octet in 0..<UInt32(256) {
            let start = first + octet << shift
            let end = start | (shift == 0 ? 0 : UInt32.max >> (32 - shift))
            while low + 1 < runs.endIndex, runs[low + 1].first <= start { low += 1 }
            var high = low
            while high + 1 < runs.endIndex, runs[high + 1].first <= end { high += 1 }
            children.append(
                node(runs[low...high], first: start, depth: depth + 1, longest: longest, &exceptions))
        }
        var votes: [Location: Int] = [:]
        for child in children {
            for location in child.best { votes[location, default: 0] += 1 }
        }
        let most = votes.values.max()!
        return Node(best: votes.filter { $0.value == most }.keys.sorted(), children: children)
    }

    /// The location with most addresses of a network; those with another are exceptions.
    private static func majority(
        _ runs: ArraySlice<Run>, first: UInt32, size: UInt64, _ exceptions: inout [Exception]
    ) -> Location {
        let last = UInt32(UInt64(first) + size - 1)
        func part(_ i: Int) -> ClosedRange<UInt32> {
            max(runs[i].first, first)...(i + 1 < runs.endIndex ? runs[i + 1].first - 1 : last)
        }
        var sizes: [Location: Int] = [:]
        for i in runs.indices { sizes[runs[i].location, default: 0] += part(i).count }
        // Of equals the first in order, so that the lines do not change from run to run.
        let winner = sizes.max { ($0.value, $1.key) < ($1.value, $0.key) }!.key
        for i in runs.indices where runs[i].location != winner {
            let part = part(i)
            exceptions.append(
                Exception(first: part.lowerBound, last: part.upperBound, wanted: runs[i].location, served: winner))
        }
        return winner
    }

    private static func emit(_ node: Node, prefix: [UInt8], inherited: Location?, into lines: inout [MapLine]) {
        var current = inherited
        if inherited.map({ !node.best.contains($0) }) ?? true {
            current = node.best[0]
            lines.append(MapLine(prefix: prefix, location: node.best[0]))
        }
        for (octet, child) in node.children.enumerated() {
            emit(child, prefix: prefix + [UInt8(octet)], inherited: current, into: &lines)
        }
    }
}
