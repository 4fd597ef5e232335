public import DNSWire
public import Pipeline

/// Who keeps an RRset that two sources want without one saying so: a default, and
/// exceptions for some names and types.
public struct ConflictPolicy: Hashable, Sendable {
    public enum Settlement: String, Sendable, CaseIterable {
        /// Who has it keeps it: a rule before a registration before an edit. An edit takes
        /// an RRset over only if it names what it `overrides`.
        case owner
        /// The reviewed edit, whatever it names.
        case human
        /// The rule, even over an edit that names it.
        case rule
        /// Neither: what was presented before stays; if there was nothing, nothing.
        case refuse
        /// Both: all values, the lowest TTL. Of a type that has one value only: as `owner`.
        case merge
    }

    public enum Scope: Hashable, Sendable {
        case name(Name)
        /// All below, without the name itself.
        case below(Name)
        /// The name and all below.
        case zone(Name)

        func contains(_ owner: Name) -> Bool {
            switch self {
            case .name(let name): owner == name
            case .below(let name): owner != name && owner.isWithin(name)
            case .zone(let name): owner.isWithin(name)
            }
        }

        /// More labels are more specific; of as many a name before what is below it before a zone.
        fileprivate var specificity: (Int, Int) {
            switch self {
            case .name(let name): (name.labels.count, 2)
            case .below(let name): (name.labels.count, 1)
            case .zone(let name): (name.labels.count, 0)
            }
        }
    }

    public struct Exception: Hashable, Sendable {
        public var scope: Scope
        /// Empty: every type.
        public var types: Set<RRType>
        /// `nil`: as the default.
        public var settlement: Settlement?
        /// `nil`: as the default.
        public var blocks: Bool?

        public init(_ scope: Scope, types: Set<RRType> = [], settlement: Settlement? = nil, blocks: Bool? = nil) {
            self.scope = scope
            self.types = types
            self.settlement = settlement
            self.blocks = blocks
        }

        /// Names count before types.
        fileprivate var specificity: (Int, Int, Int) { (scope.specificity.0, scope.specificity.1, types.isEmpty ? 0 : 1) }
    }

    public var settlement: Settlement
    /// A new conflict holds the presentation.
    public var blocks: Bool
    /// The most specific first; of those that are as specific, as they were given.
    public let exceptions: [Exception]

    public init(_ settlement: Settlement = .owner, blocks: Bool = false, exceptions: [Exception] = []) {
        self.settlement = settlement
        self.blocks = blocks
        self.exceptions = exceptions.enumerated().sorted { a, b in
            let (x, y) = (a.element.specificity, b.element.specificity)
            return x == y ? a.offset < b.offset : x > y
        }.map(\.element)
    }

    public func settlement(of key: RecordKey) -> Settlement { exception(for: key)?.settlement ?? settlement }
    public func blocks(_ key: RecordKey) -> Bool { exception(for: key)?.blocks ?? blocks }

    /// Those of `conflicts`, new ones, that hold what brings them.
    public func blocking(_ conflicts: [Conflict]) -> [Conflict] { conflicts.filter { !$0.isNotice && blocks($0.key) } }

    private func exception(for key: RecordKey) -> Exception? {
        exceptions.first { ($0.types.isEmpty || $0.types.contains(key.type)) && $0.scope.contains(key.owner) }
    }

    /// Whether what was presented before may decide what is presented next.
    var looksBack: Bool { settlement == .refuse || exceptions.contains { $0.settlement == .refuse } }

    /// All of it that decides what is presented, for digests.
    var text: String {
        ([settlement.rawValue] + exceptions.map { exception in
            let types = exception.types.map(\.rawValue).sorted().map(String.init).joined(separator: ",")
            return "\(exception.scope) \(types) \(exception.settlement?.rawValue ?? "-")"
        }).joined(separator: "\n")
    }
}
