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
        _ = try await git("fetch", "--quiet", "--prune", "--no-tags", "--end-of-options", remote, "+refs/heads/*:refs/heads/*")
    }

    /// The branch's commits after `previous`, oldest first; the newest alone if that is it
    /// already, if there is no way from one to the other, or if there are more than `limit`.
    public func commits(after previous: Commit?, limit: Int = 50) async throws -> [Commit] {
        // One more than the limit tells that there are more. Starting git is what takes the time.
        let range = previous.map { "\($0.id)..\(reference)" } ?? reference
        guard let previous, let listed = try? await log(range, "--first-parent", "--reverse", "--max-count=\(limit + 1)"),
            let oldest = listed.first, listed.count <= limit
        else { return [try await head()] }
        if oldest.parents.first == previous.id { return listed.map(\.commit) }
        // It came by a merge, or there is no way.
        let isOnTheWay = try await isAncestor(previous, of: listed[listed.count - 1].commit)
        return isOnTheWay ? listed.map(\.commit) : [listed[listed.count - 1].commit]
    }

    /// The branch's newest commit.
    public func head() async throws -> Commit { try await commit(reference) }

    /// The branch, and not a tag of its name.
    private var reference: String { "refs/heads/\(branch)" }

    /// The commit that `revision` names.
    public func commit(_ revision: String) async throws -> Commit {
        guard let only = try await log("\(revision)^{commit}", "--max-count=1").first else {
            throw ConfiguratorError(.git, "\(path): cannot read commit \(revision)")
        }
        return only.commit
    }

    private func log(_ revisions: String, _ options: String...) async throws -> [(commit: Commit, parents: [String])] {
        let text = try await Self.run(
            "git", ["-C", path, "log", "-z", "--format=%H%n%P%n%an <%ae>%n%s"] + options + ["--end-of-options", revisions, "--"])
        return text.split(separator: "\0").compactMap { entry in
            let lines = entry.split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
            guard lines.count >= 3 else { return nil }
            let commit = Commit(id: lines[0], author: lines[2], subject: lines.count > 3 ? lines[3] : "")
            return (commit, lines[1].split(separator: " ").map(String.init))
        }
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
                // Whoever finds it after a power loss takes it for whole.
                try Files.synchronizeFileSystem(of: partial)
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
