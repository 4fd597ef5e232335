internal import Foundation
public import Pipeline
internal import Subprocess

/// The site's git repository and the branch that is deployed.
public struct SiteRepository: Sendable {
    private let path: String
    private let branch: String
    /// Where commits are laid out, one directory each.
    private let checkouts: String

    public init(path: String, branch: String, checkouts: String) {
        self.path = path
        self.branch = branch
        self.checkouts = checkouts
    }

    /// The branch's newest commit.
    public func head() async throws -> Commit {
        let id = try await git("rev-parse", "--verify", "--end-of-options", "\(branch)^{commit}")
        return try await commit(id)
    }

    /// The commit that `revision` names.
    public func commit(_ revision: String) async throws -> Commit {
        let text = try await git("log", "-1", "--format=%H%n%an <%ae>%n%s", "--end-of-options", revision)
        let lines = text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard lines.count >= 2 else { throw ConfiguratorError(.git, "\(path): cannot read commit \(revision)") }
        return Commit(id: lines[0], author: lines[1], subject: lines.count > 2 ? lines[2] : "")
    }

    /// Whether one commit is in the history of another.
    public func isAncestor(_ commit: Commit, of other: Commit) async throws -> Bool {
        let result = try await Subprocess.run(
            .name("git"), arguments: ["-C", path, "merge-base", "--is-ancestor", commit.id, other.id], output: .discarded,
            error: .discarded)
        return result.terminationStatus.isSuccess
    }

    /// Lays out the files of a commit, once; the directory is never changed after.
    public func tree(of commit: Commit) async throws -> SiteTree {
        let target = "\(checkouts)/\(commit.id)"
        let files = FileManager.default
        if !files.fileExists(atPath: target) {
            let partial = "\(checkouts)/partial-\(UUID().uuidString)"
            try files.createDirectory(atPath: partial, withIntermediateDirectories: true)
            do {
                let archive = partial + ".tar"
                defer { try? files.removeItem(atPath: archive) }
                _ = try await git("archive", "--format=tar", "-o", archive, commit.id)
                try await Self.run("tar", ["-xf", archive, "-C", partial])
                try files.moveItem(atPath: partial, toPath: target)
            } catch {
                try? files.removeItem(atPath: partial)
                throw error
            }
        }
        return SiteTree(directory: target, commit: commit)
    }

    /// Removes the checkouts of all commits but `kept`.
    func forget(except kept: Set<String>) {
        let files = FileManager.default
        for name in (try? files.contentsOfDirectory(atPath: checkouts)) ?? [] where !kept.contains(name) {
            try? files.removeItem(atPath: "\(checkouts)/\(name)")
        }
    }

    /// The files that git replaces when the branch moves.
    func references() async throws -> [String] {
        let common = try await git("rev-parse", "--path-format=absolute", "--git-common-dir")
        return ["\(common)/refs/heads/\(branch)", "\(common)/packed-refs"]
    }

    private func git(_ arguments: String...) async throws -> String {
        try await Self.run("git", ["-C", path] + arguments)
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: [String]) async throws -> String {
        let result = try await Subprocess.run(
            .name(program), arguments: Arguments(arguments), output: .string(limit: 1 << 20), error: .string(limit: 64 << 10))
        guard result.terminationStatus.isSuccess else {
            throw ConfiguratorError(
                .git, "\(program) \(arguments.joined(separator: " ")): \(result.standardError.trimmingCharacters(in: .whitespacesAndNewlines))")
        }
        return result.standardOutput.trimmingCharacters(in: .newlines)
    }
}
