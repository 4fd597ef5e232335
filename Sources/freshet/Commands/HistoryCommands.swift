import ArgumentParser
import DNSWire
import Foundation
import Pipeline
import Review

extension Store {
    /// The presentations that are kept.
    func history(_ settings: PipelineSettings) async throws -> History {
        guard let head = try await decoded(WellKnown.presentation, Manifest.init(decoding:))?.value else {
            throw UserError("nothing was presented yet")
        }
        return try await History(of: head, retention: settings.history, at: .now(), in: self)
    }
}

extension History {
    func require(_ number: UInt64) throws -> Manifest {
        if let manifest = presentation(number) { return manifest }
        let kept = entries.last.map { "\($0.number) to \(head.number) are kept (history.keep, history.age)" } ?? "none is kept"
        throw UserError("presentation \(number) is not there: \(kept)")
    }

    /// The entry of a presentation's number, or of what was live at a time.
    func entry(_ text: String) throws -> HistoryEntry {
        if let number = UInt64(text) {
            _ = try require(number)
            return entries.first { $0.number == number } ?? entries[0]
        }
        guard let instant = Instant(iso8601: text) else {
            throw ValidationError("'\(text)' is neither a presentation's number nor a time such as 2026-12-01T09:00:00Z")
        }
        guard let entry = entry(at: instant) else {
            throw UserError("what was live at \(instant) is not kept any more\(entries.last.map { ": the oldest is of \($0.at)" } ?? "")")
        }
        return entry
    }
}

extension HistoryEntry {
    /// When, and what set it off.
    fileprivate var headline: String {
        "presentation \(number), \(at), \(commit.map { "\($0.id.prefix(12)) by \($0.author): \($0.subject)" } ?? cause)"
    }
}

extension RecordSet {
    fileprivate var line: String { "\(key) \(ttl) " + rdata.map { $0.text(type: key.type) }.joined(separator: ", ") }
}

func parseName(_ text: String) throws -> Name {
    guard let name = try? Name(text) else { throw UserError("'\(text)' is not a domain name") }
    return name
}

func parseType(_ text: String) throws -> RRType {
    guard let type = RRType(text) else { throw UserError("unknown type '\(text)'") }
    return type
}

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "What was presented when, and why; of a name what became of it.",
        discussion: "How far back is configured: history.keep and history.age (docs/history.md).")
    @OptionGroup var common: CommonOptions
    @Argument(help: "The owner name; without one, all presentations.") var name: String?
    @Argument(help: "Only this type.") var type: String?
    @Flag(help: "For machines.") var json = false

    struct Row: Encodable {
        var presentation: UInt64
        var at, cause: String
        var commit, author, subject: String?
        var shards: Int?
        var key, before, after: String?

        init(_ entry: HistoryEntry) {
            presentation = entry.number
            at = "\(entry.at)"
            cause = entry.cause
            commit = entry.commit?.id
            author = entry.commit?.author
            subject = entry.commit?.subject
        }
    }

    func run() async throws {
        let owner = try name.map(parseName), type = try type.map(parseType)
        try await common.withStore { settings, store in
            let history = try await store.history(settings)
            guard let owner else {
                if json {
                    return try printJSON(
                        history.entries.map { entry in
                            var row = Row(entry)
                            row.shards = entry.changes.count
                            return row
                        })
                }
                for entry in history.entries { print("\(entry.headline) (\(entry.changes.count) shards)") }
                return
            }
            let events = try await history.events(of: owner, type: type, in: store)
            if json {
                return try printJSON(
                    events.map { event in
                        var row = Row(event.entry)
                        row.key = "\(event.change.key)"
                        (row.before, row.after) = (event.change.before?.line, event.change.after?.line)
                        return row
                    })
            }
            for event in events {
                print(Paint.bold(event.entry.headline))
                if let before = event.change.before { print(Paint.red("  - \(before.line)") + "  \(before.origin)") }
                if let after = event.change.after { print(Paint.green("  + \(after.line)") + "  \(after.origin)") }
            }
            if events.isEmpty { print("\(owner) has not changed since presentation \(history.entries.last?.number ?? history.head.number)") }
        }
    }
}

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What differs between two presentations, as a plan would show it.",
        discussion: "Each is a number, or a time: what was live then. Without the second: what is live.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "A presentation's number, or a time.") var from: String
    @Argument(help: "A presentation's number, or a time.") var to: String?
    @Flag(help: "For machines.") var json = false

    func run() async throws {
        let plan = try await common.withStore { settings, store in
            let history = try await store.history(settings)
            let old = try history.require(try history.entry(from).number)
            let new = try to.map { try history.require(try history.entry($0).number) } ?? history.head
            let diff = try await RecordDiff(from: old, to: new, in: store)
            // Of a presentation that is not live the zones' names are not kept: the live ones' will do.
            let apexes = history.head.zones + diff.records.filter { $0.key.type == .soa }.map(\.key.owner)
            return Plan(diff: diff, apexes: apexes, existing: [:])
        }
        if json { return try printJSON(plan.document) }
        print(PlanText.of(plan))
    }
}

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "What was served at a time: of one name, or all of it.")
    @OptionGroup var common: CommonOptions
    @Option(help: "A time, such as 2026-12-01T09:00:00Z, or a presentation's number; by default what is live.") var at: String?
    @Argument(help: "The owner name.") var name: String?
    @Option(help: "What this rule or these edits made (pack/Rule, edits), before anything was settled.") var source: String?

    func run() async throws {
        let owner = try name.map(parseName)
        try await common.withStore { settings, store in
            let history = try await store.history(settings)
            let number = try at.map { try history.entry($0).number } ?? history.head.number
            var manifest = number == history.head.number ? history.head : try history.require(number)
            if let source {
                guard let digest = history.sources(of: number)[source] else {
                    throw UserError("there was no source '\(source)'; there were \(history.sources(of: number).keys.sorted().joined(separator: ", "))")
                }
                manifest = try Manifest(decoding: try await store.require(digest))
            }
            let indices = owner.map { [manifest.sharding.index(of: $0)] } ?? manifest.shards.keys.sorted()
            for index in indices {
                guard let reference = manifest.shards[index] else { continue }
                let blob = try await store.require(reference.digest)
                if source == Origin.edits || source == Origin.editedZones {
                    for edit in try Edit.decode(blob) where owner == nil || edit.key.owner == owner {
                        print("\(edit.action) \(edit.key) " + edit.rdata.map { $0.text(type: edit.key.type) }.joined(separator: ", "), edit.origin)
                    }
                } else {
                    for record in try Shard(decoding: blob).records where owner == nil || record.key.owner == owner {
                        print(record.line, "  ; \(record.origin)")
                    }
                }
            }
        }
    }
}
