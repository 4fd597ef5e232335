internal import Foundation
public import Pipeline
internal import Subprocess

/// The site's git repository, here or elsewhere, and the branch that is deployed.
public struct SiteRepository: Sendable {
    /// Of a repository elsewhere: our copy of it.
    private let path: String
    /// Where to fetch it from; `nil`: it is here.
    private let remote: String?
    private let branch: String
    /// Where commits are laid out, one directory each.
    private let checkouts: String

    /// - Parameters:
    ///   - location: a directory, or what git can fetch from: a URL, or `user@host:path`.
    ///   - copy: where the copy of a repository elsewhere goes.
    public init(location: String, copy: String, branch: String, checkouts: String) {
        remote = Self.isRemote(location) ? location : nil
        path = remote == nil ? location : copy
        self.branch = branch
        self.checkouts = checkouts
    }

    /// Whether git has to fetch from there.
    public static func isRemote(_ location: String) -> Bool {
        location.contains("://") || (!location.hasPrefix("/") && location.contains("@") && location.contains(":"))
    }

    public var isRemote: Bool { remote != nil }

    /// Brings the copy of a repository elsewhere up to date; nothing to do for one that is here.
    ///
    /// Credentials are git's affair (an SSH agent, a credential helper); it never asks.
    public func fetch() async throws {
        guard let remote else { return }
        if !FileManager.default.fileExists(atPath: "\(path)/HEAD") {
            try await Self.run("git", ["init", "--quiet", "--bare", "--end-of-options", path])
        }
        // Also if history was rewritten: the branch there is what is deployed.
        _ = try await git("fetch", "--quiet", "--prune", "--end-of-options", remote, "+refs/heads/*:refs/heads/*")
    }

    /// The branch's commits after `previous`, oldest first; the newest alone if that is it
    /// already, if there is no way from one to the other, or if there are more than `limit`.
    public func commits(after previous: Commit?, limit: Int = 50) async throws -> [Commit] {
        let head = try await head()
        guard let previous, previous.id != head.id, try await isAncestor(previous, of: head) else { return [head] }
        let ids = try await git("rev-list", "--first-parent", "--reverse", "\(previous.id)..\(head.id)").split(separator: "\n")
        guard (1...limit).contains(ids.count) else { return [head] }
        var commits: [Commit] = []
        for id in ids { commits.append(try await commit(String(id))) }
        return commits
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
            .name(program), arguments: Arguments(arguments),
            environment: .inherit.updating(["GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "ssh -oBatchMode=yes"]),
            output: .string(limit: 1 << 20), error: .string(limit: 64 << 10))
        guard result.terminationStatus.isSuccess else {
            throw ConfiguratorError(
                .git, "\(program) \(arguments.joined(separator: " ")): \(result.standardError.trimmingCharacters(in: .whitespacesAndNewlines))")
        }
        return result.standardOutput.trimmingCharacters(in: .newlines)
    }
}
