import ArgumentParser
import DNSWire
import Foundation
import Pipeline

struct EmergencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emergency", abstract: "Edits that skip the review, signed by a person, for as long as an incident lasts.",
        discussion: """
            An emergency edit goes over rules and reviewed edits at once, also while something is held. It ends by \
            itself (--expires), or when a reviewed edit of the RRset says 'overrides: emergency'; until then \
            'freshet status' and 'freshet conflicts' show it. Keys that may sign are in policy.people.

              freshet emergency set www.example.net A 192.0.2.7 --expires 4h --reason "rack 7 burns" --key ada.private
              freshet emergency withdraw www.example.net A
            """,
        subcommands: [Set.self, Add.self, Remove.self, List.self, Withdraw.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The RRset is exactly these values.")
        @OptionGroup var common: CommonOptions
        @OptionGroup var place: EmergencyPlace
        @Argument(help: "Values in presentation format.") var values: [String]
        @OptionGroup var signing: EmergencySigning
        func run() async throws { try await signing.sign(.set, place, values, common) }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "These values too.")
        @OptionGroup var common: CommonOptions
        @OptionGroup var place: EmergencyPlace
        @Argument(help: "Values in presentation format.") var values: [String]
        @OptionGroup var signing: EmergencySigning
        func run() async throws { try await signing.sign(.add, place, values, common) }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "These values not; without values, the RRset not at all.")
        @OptionGroup var common: CommonOptions
        @OptionGroup var place: EmergencyPlace
        @Argument(help: "Values in presentation format.") var values: [String] = []
        @OptionGroup var signing: EmergencySigning
        func run() async throws { try await signing.sign(.remove, place, values, common) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All emergency edits, those that are over too.")
        @OptionGroup var common: CommonOptions
        @Flag(help: "For machines.") var json = false

        struct Row: Encodable {
            var name, type: String
            var location: String?
            var action: String
            var values: [String]
            var ttl: UInt32?
            var key, reason, signed: String
            var expires: String?
            var fault: String?
        }

        func run() async throws {
            let rows = try await common.withStore { settings, store in
                let people = try settings.people.map { try Keys.readPublic($0) }, now = Instant.now()
                return try await (store.decoded(WellKnown.emergency, EmergencyEdit.decode)?.value ?? []).map { emergency in
                    let edit = emergency.edit
                    return Row(
                        name: "\(edit.key.owner)", type: "\(edit.key.type)", location: edit.key.location.map { "\($0)" },
                        action: edit.action.rawValue, values: edit.rdata.map { $0.text(type: edit.key.type) }, ttl: edit.ttl,
                        key: emergency.key, reason: edit.origin.reason, signed: "\(emergency.at)", expires: edit.expires.map { "\($0)" },
                        fault: emergency.fault(people: people, pipeline: settings.pipeline, at: now))
                }
            }
            if json { return try printJSON(rows) }
            if rows.isEmpty { return print("no emergency edits") }
            for row in rows {
                let place = "\(row.name) \(row.type)\(row.location.map { " @\($0)" } ?? "")"
                print(Paint.bold(place) + " \(row.action) \(row.values.joined(separator: ", "))")
                print("  by \(row.key) at \(row.signed), until \(row.expires ?? "-"): \(row.reason)")
                if let fault = row.fault { print("  " + Paint.red("not in force: ") + fault) }
            }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Takes every emergency edit of an RRset back; what was reviewed is there again.")
        @OptionGroup var common: CommonOptions
        @OptionGroup var place: EmergencyPlace

        func run() async throws {
            let key = try place.key()
            let count = try await common.withStore { _, store in
                var count = 0
                try await store.changeEmergencies { edits in
                    let left = edits.filter { $0.edit.key != key }
                    count = edits.count - left.count
                    edits = left
                }
                return count
            }
            guard count > 0 else { throw UserError("there is no emergency edit of \(key)") }
            print("withdrawn: \(count) of \(key)")
        }
    }
}

/// The RRset that it is about.
struct EmergencyPlace: ParsableArguments {
    @Argument(help: "The owner name, absolute: www.example.net") var name: String
    @Argument(help: "The type: A, AAAA, CNAME, TXT, …") var type: String
    @Option(help: "Only clients at this location of the map.") var location: String?

    func key() throws -> RecordKey {
        guard let type = RRType(type) else { throw UserError("unknown type '\(self.type)'") }
        let place = try location.map { text in
            guard let location = Location(text) else { throw UserError("location '\(text)' is not one or two characters") }
            return location
        }
        do { return RecordKey(owner: try Name(name), type: type, location: place) } catch { throw UserError("\(error)") }
    }
}

/// Who signs, why, and for how long.
struct EmergencySigning: ParsableArguments {
    @Option(help: "Seconds.") var ttl: UInt32 = 60
    @Option(help: "How long, 30m or 4h; a week (168h) at most.") var expires: String
    @Option(help: "Why.") var reason: String
    @Option(help: "Your private key file ('freshet keys generate --name YOU'); its public half is in policy.people.") var key: String

    func sign(_ action: Edit.Action, _ place: EmergencyPlace, _ values: [String], _ common: CommonOptions) async throws {
        let target = try place.key()
        guard let duration = SettingsReader.duration(expires) else {
            throw ValidationError("--expires \(expires): expected a time such as 30m or 4h")
        }
        let rdata = try values.map { text in
            do { return try RData(text, type: target.type) } catch { throw UserError("\(error)") }
        }
        let signer = try Keys.readPrivate(key), now = Instant.now()
        let edit = Edit(
            action: action, key: target, ttl: action.makesValues ? ttl : nil, rdata: rdata,
            origin: Origin(source: Origin.emergency, person: signer.name, reason: reason),
            expires: now.advanced(byMilliseconds: Int64(duration / .milliseconds(1))))
        try await common.withStore { settings, store in
            let signed = try EmergencyEdit(signing: edit, at: now, for: settings.pipeline, with: signer)
            let people = try settings.people.map { try Keys.readPublic($0) }
            // The Presenter judges again: this is for whoever types.
            if let fault = signed.fault(people: people, pipeline: settings.pipeline, at: now) { throw UserError(fault) }
            try await store.changeEmergencies { edits in
                edits.removeAll { $0.edit.expires.map { $0 <= now } ?? false }
                edits.append(signed)
            }
        }
        print("in force once it is presented, until \(edit.expires.map(\.description) ?? ""): \(action) \(target)")
        print("make it last with a reviewed edit that says 'overrides: emergency'")
    }
}

extension Store {
    /// Changes the emergency edits; again from the start if somebody else did meanwhile.
    fileprivate func changeEmergencies(_ change: (inout [EmergencyEdit]) -> Void) async throws {
        while true {
            let known = try await decoded(WellKnown.emergency, EmergencyEdit.decode)
            var edits = known?.value ?? []
            change(&edits)
            do {
                try await write(EmergencyEdit.encode(edits), at: WellKnown.emergency, expecting: known?.version)
                return
            } catch let error as StoreError where error.code == .conflict {}
        }
    }
}
