internal import DNSWire

/// The zones of a view, for finding which one a name is in.
struct Apexes: Equatable, Sendable {
    /// Names in lower case.
    private var names: [ArraySlice<UInt8>: Name] = [:]

    init(_ names: some Sequence<Name> = []) {
        for name in names { self.names[name.canonicalWire[...]] = name }
    }

    var all: some Collection<Name> { names.values }

    /// The deepest zone at or above a name.
    ///
    /// - Parameter isProper: only those above it.
    func zone(of owner: Name, isProper: Bool = false) -> Name? {
        let wire = owner.canonicalWire
        var at = isProper ? next(wire, 0) : 0
        while at < wire.count {
            if let found = names[wire[at...]] { return found }
            at = next(wire, at)
        }
        return nil
    }

    private func next(_ wire: [UInt8], _ at: Int) -> Int { at + 1 + Int(wire[at]) }

    func contains(_ name: Name) -> Bool { names[name.canonicalWire[...]] != nil }

    func subtracting(_ others: Apexes) -> [Name] {
        names.filter { others.names[$0.key] == nil }.map(\.value)
    }
}
