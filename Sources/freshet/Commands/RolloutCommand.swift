import ArgumentParser
import Foundation
import Pipeline
import Publisher

struct RolloutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout", abstract: "How far a change has come through the rings; and a person's word over it.",
        discussion: """
            With rings in the configuration (rollout.rings) a change reaches the first ring, and goes on when all of \
            its proxies were good for the soak time: deployed, fresh through both name servers, changed names answered \
            rightly. Else it is taken back, and nothing but emergency edits goes live until 'freshet thaw'.
            """,
        subcommands: [Status.self, Pause.self, Resume.self, Promote.self, Abort.self], defaultSubcommand: Status.self)

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "What is on its way, and what happened lately.")
        @OptionGroup var common: CommonOptions
        @Flag(help: "For machines.") var json = false
        @Option(help: "So many of the last events.") var events = 10

        struct Report: Encodable {
            struct Flight: Encodable {
                var presentation, replaces: UInt64
                var ring, since, trouble: String
                var goodSince: String?
                var paused: Bool
            }
            struct Event: Encodable { var at, text, person: String }
            struct Halt: Encodable {
                var kind, person, reason, since: String
                var presentation: UInt64?
            }
            var flight: Flight?
            var halt: Halt?
            var events: [Event]
        }

        func run() async throws {
            let report = try await common.withStore { settings, store in
                let rollout = try await store.decoded(WellKnown.rollout, Rollout.init(decoding:))?.value ?? Rollout()
                let halt = try await store.decoded(WellKnown.halt, Pipeline.Halt.init(decoding:))?.value
                let stops = settings.publisher.rings.stops
                return Report(
                    flight: rollout.flight.map { flight in
                        .init(
                            presentation: flight.presentation, replaces: flight.stable,
                            ring: stops.indices.contains(flight.ring) ? stops[flight.ring].ring.name : "\(flight.ring)",
                            since: "\(flight.since)", trouble: flight.trouble, goodSince: flight.goodSince.map { "\($0)" },
                            paused: flight.isPaused)
                    },
                    halt: halt.map {
                        .init(kind: $0.kind.rawValue, person: $0.person, reason: $0.reason, since: "\($0.since)", presentation: $0.presentation)
                    },
                    events: rollout.events.suffix(max(0, events)).map { .init(at: "\($0.at)", text: $0.text, person: $0.person) })
            }
            if json { return try printJSON(report) }
            if let halt = report.halt { print(Paint.red(Self.words(halt))) }
            if let flight = report.flight {
                print("presentation \(flight.presentation) is in ring '\(flight.ring)' since \(flight.since)\(flight.paused ? ", paused" : "")")
                print(flight.goodSince.map { "  all of it good since \($0)" } ?? "  \(flight.trouble)")
            } else {
                print("nothing is on its way through the rings")
            }
            for event in report.events { print("  \(event.at) \(event.text)\(event.person.isEmpty ? "" : " by \(event.person)")") }
        }

        private static func words(_ halt: Report.Halt) -> String {
            let shown = halt.presentation.map { "presentation \($0)" } ?? "what was live"
            let who = halt.person.isEmpty ? "" : " by \(halt.person)"
            return "halted (\(halt.kind))\(who) since \(halt.since): \(halt.reason)\n  \(shown) is shown, with emergency edits; end it with 'freshet thaw'"
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "It stays in the rings where it is, whatever happens.")
        @OptionGroup var common: CommonOptions
        @OptionGroup var word: PersonsWord
        func run() async throws { try await word.order(.pause, common) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "It goes on by itself again.")
        @OptionGroup var common: CommonOptions
        @OptionGroup var word: PersonsWord
        func run() async throws { try await word.order(.resume, common) }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "To the next ring now, after the last to the whole fleet.")
        @OptionGroup var common: CommonOptions
        @OptionGroup var word: PersonsWord
        func run() async throws { try await word.order(.promote, common) }
    }

    struct Abort: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The rings return to what the fleet has; halted until 'freshet thaw'.")
        @OptionGroup var common: CommonOptions
        @OptionGroup var word: PersonsWord
        func run() async throws { try await word.order(.abort, common) }
    }
}

struct FreezeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze", abstract: "What is live stays; nothing but emergency edits goes live until 'freshet thaw'.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var word: PersonsWord

    func run() async throws {
        try await common.withStore { _, store in
            try await store.putUp(Halt(.freeze, person: word.person, reason: word.reason, since: .now()))
        }
        print("frozen: end it with 'freshet thaw'")
    }
}

struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Serves what release N served, under a new number, until 'freshet thaw'.",
        discussion: """
            Only presentations that history keeps can come back ('freshet history'). It goes to the whole fleet at \
            once, without rings. Revert the change in the site's repository before you thaw.
            """)
    @OptionGroup var common: CommonOptions
    @Argument(help: "The number of a release ('freshet history', 'freshet status').") var release: UInt64?
    @Option(help: "The number of a presentation, instead.") var presentation: UInt64?
    @OptionGroup var word: PersonsWord

    func run() async throws {
        let shown = try await common.withStore { settings, store in
            let number: UInt64
            switch (release, presentation) {
            case (let release?, nil):
                let log = try await store.decoded(WellKnown.releases, ReleaseLog.init(decoding:))?.value ?? ReleaseLog()
                guard let carried = log.presentation(of: release) else { throw UserError("nothing is known of release \(release)") }
                number = carried
            case (nil, let presentation?): number = presentation
            default: throw ValidationError("a release, or --presentation N")
            }
            guard try await store.history(settings).presentation(number) != nil else {
                throw UserError("presentation \(number) is not kept: 'freshet history' lists those that are")
            }
            try await store.putUp(Halt(.rollback, presentation: number, person: word.person, reason: word.reason, since: .now()))
            return number
        }
        print("presentation \(shown) comes back: end it with 'freshet thaw'")
    }
}

struct ThawCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thaw", abstract: "Ends a freeze, a rollback, or the halt after a rollout that failed.")
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let halt = try await common.withStore { _, store -> Halt? in
            guard let known = try await store.decoded(WellKnown.halt, Halt.init(decoding:)) else { return nil }
            try await store.remove(WellKnown.halt, expecting: known.version)
            return known.value
        }
        guard let halt else { throw UserError("nothing is halted") }
        print("thawed: what waited goes its way (it was: \(halt.reason))")
    }
}

/// Who says so, and why: both are recorded.
struct PersonsWord: ParsableArguments {
    @Option(help: "Who.") var person = NSUserName()
    @Option(help: "Why.") var reason: String

    func order(_ kind: Rollout.Order.Kind, _ common: CommonOptions) async throws {
        try await common.withStore { _, store in
            while true {
                let known = try await store.decoded(WellKnown.rollout, Rollout.init(decoding:))
                guard var rollout = known?.value, rollout.flight != nil else { throw UserError("nothing is on its way through the rings") }
                rollout.order = Rollout.Order(kind, person: person, reason: reason, at: .now())
                do {
                    try await store.write(rollout.encoded, at: WellKnown.rollout, expecting: known?.version)
                    return
                } catch let error as StoreError where error.code == .conflict {}
            }
        }
        print("\(kind.rawValue): see 'freshet rollout status'")
    }
}

extension Store {
    /// Puts up a halt in place of any that came by itself or of the same person's making.
    fileprivate func putUp(_ halt: Halt) async throws {
        while true {
            let known = try await decoded(WellKnown.halt, Halt.init(decoding:))
            do {
                try await write(halt.encoded, at: WellKnown.halt, expecting: known?.version)
                return
            } catch let error as StoreError where error.code == .conflict {}
        }
    }
}
