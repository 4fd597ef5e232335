public import Pipeline

/// A site's files (rules, inventory, edits) as of a commit, or a working tree.
public struct SiteTree: Sendable {
    /// Absolute path.
    public var directory: String
    /// `nil`: a working tree, not yet committed.
    public var commit: Commit?

    public init(directory: String, commit: Commit? = nil) {
        self.directory = directory
        self.commit = commit
    }

    /// Whether there is such a pack in the tree; where one is missing that need not be there, all is well.
    func has(_ pack: PackSettings) -> Bool {
        guard pack.isOptional, let sources = pack.sourceDirectory else { return true }
        return FileDigest.exists("\(directory)/\(sources)")
    }
}

/// Why a configuration cannot be made, with every fault found.
public struct ConfiguratorError: Retriable, CustomStringConvertible, Sendable {
    public enum Code: String, Sendable {
        case git, packBuild, pack, edits, input
        /// Somebody killed a pack at work, or the system did for want of memory: this says nothing of its inputs.
        case interrupted
    }

    public let code: Code
    public let faults: [String]

    init(_ code: Code, _ faults: [String]) {
        self.code = code
        self.faults = faults
    }

    init(_ code: Code, _ fault: String) { self.init(code, [fault]) }

    /// Only the site's files or its repository can mend the others.
    public var isRetriable: Bool { code == .interrupted }

    public var description: String { faults.joined(separator: "\n") }
}
