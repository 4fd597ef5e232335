/// A rule pack: where it comes from, how it talks, and how far it may go.
public struct PackSettings: Sendable, Hashable {
    public enum Program: Sendable, Hashable {
        /// A directory of Swift files in the site's tree, built against the rules kit.
        case sources(String)
        /// A program that is there already.
        case executable(String)
        /// A program inside a directory of the site's tree, which is digested whole.
        case script(directory: String, executable: String)
    }

    /// How a pack is told what to do, and how it answers.
    public enum Wire: String, Sendable, Hashable, CaseIterable {
        /// Length-delimited messages of `schemas/freshet/v1/pack.proto`.
        case protobuf
        /// A JSON value a line (`docs/packs.md`).
        case json
    }

    /// What ends a run that would not end, or would not stop talking.
    public struct Limits: Sendable, Hashable {
        /// Longest run of one rule.
        public var deadline: Duration
        /// Most RRsets and map entries of one rule.
        public var records: Int
        /// Most octets that one run may answer.
        public var octets: Int

        public init(deadline: Duration = .seconds(120), records: Int = 20_000_000, octets: Int = 8 << 30) {
            self.deadline = deadline
            self.records = records
            self.octets = octets
        }
    }

    public var name: String
    public var program: Program
    public var wire: Wire
    public var limits: Limits
    /// Whether a site may do without: where the tree has no such directory there is no such pack.
    public var isOptional = false

    public init(name: String, program: Program, wire: Wire = .protobuf, limits: Limits = Limits()) {
        self.name = name
        self.program = program
        self.wire = wire
        self.limits = limits
    }
}
