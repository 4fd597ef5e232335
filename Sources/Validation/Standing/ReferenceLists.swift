/// Which names refer to which: lists through one array, whose free entries are used again.
struct ReferenceLists: Sendable {
    typealias ID = NameGraph.ID

    /// What of a name the referrer is judged by.
    struct Kinds: OptionSet, Sendable {
        let rawValue: UInt8
        /// A CNAME: also by where that leads.
        static let alias = Kinds(rawValue: 1)
        /// SPF: also by its texts, and where they lead.
        static let spf = Kinds(rawValue: 2)
        /// PTR, SVCB and HTTPS: also by its addresses.
        static let addresses = Kinds(rawValue: 4)
        /// By its being there, and which types it has.
        static let presence = Kinds(rawValue: 8)
        static let all = Kinds(rawValue: 15)
    }

    struct Reference: Sendable {
        var owner, target: ID
        var kinds: Kinds
        fileprivate(set) var nextOfTarget = NameGraph.none, previousOfTarget = NameGraph.none
        /// Of a free entry: the next that is free.
        fileprivate(set) var nextOfOwner = NameGraph.none
    }

    fileprivate var all: [Reference] = []
    fileprivate var free = NameGraph.none
}

extension NameGraph {
    mutating func addReference(from owner: ID, to target: ID, _ kinds: ReferenceLists.Kinds) {
        var reference = ReferenceLists.Reference(owner: owner, target: target, kinds: kinds)
        reference.nextOfTarget = self[target].referrers
        reference.nextOfOwner = self[owner].references
        let place: UInt32
        if references.free == Self.none {
            place = UInt32(references.all.count)
            references.all.append(reference)
        } else {
            place = references.free
            references.free = references.all[Int(place)].nextOfOwner
            references.all[Int(place)] = reference
        }
        if reference.nextOfTarget != Self.none { references.all[Int(reference.nextOfTarget)].previousOfTarget = place }
        self[target].referrers = place
        self[owner].references = place
    }

    /// Removes all that a name refers to; says what that was.
    mutating func removeReferences(of owner: ID) -> [ID] {
        var targets: [ID] = []
        var place = self[owner].references
        while place != Self.none {
            let reference = references.all[Int(place)]
            let (previous, next) = (reference.previousOfTarget, reference.nextOfTarget)
            if previous == Self.none { self[reference.target].referrers = next } else { references.all[Int(previous)].nextOfTarget = next }
            if next != Self.none { references.all[Int(next)].previousOfTarget = previous }
            targets.append(reference.target)
            references.all[Int(place)].nextOfOwner = references.free
            references.free = place
            place = reference.nextOfOwner
        }
        self[owner].references = Self.none
        return targets
    }

    func forEachReferrer(of target: ID, _ body: (ID, ReferenceLists.Kinds) -> Void) {
        var place = self[target].referrers
        while place != Self.none {
            let reference = references.all[Int(place)]
            body(reference.owner, reference.kinds)
            place = reference.nextOfTarget
        }
    }

    func forEachReference(of owner: ID, _ body: (ID, ReferenceLists.Kinds) -> Void) {
        var place = self[owner].references
        while place != Self.none {
            let reference = references.all[Int(place)]
            body(reference.target, reference.kinds)
            place = reference.nextOfOwner
        }
    }
}
