import DNSWire
import Pipeline
import Presenter
import TestSupport
import Testing

@Suite struct EmergencyTests {
    private static let rule = set("www.a.", .a, "192.0.2.1")
    private static let day: Int64 = 86_400_000

    private func edit(_ action: Edit.Action = .set, _ values: String..., expires: Int64? = 2000, starts: Int64? = nil) -> Edit {
        Edit(
            action: action, key: key("www.a.", .a), ttl: action.makesValues ? 20 : nil, rdata: values.map { try! RData($0, type: .a) },
            origin: Origin(source: Origin.emergency, person: "somebody", reason: "fire"),
            starts: starts.map { Instant(milliseconds: $0) }, expires: expires.map { Instant(milliseconds: $0) })
    }

    private func values(_ emergencies: [Emergency], _ edits: [Edit] = [], at now: Int64 = 1500, previous: Shard = Shard()) -> [String] {
        var sources = ShardSources([Self.rule], edits: edits)
        sources.emergencies = emergencies
        return reconcile(sources, policy: .owner, at: Instant(milliseconds: now), previous: previous).records
            .flatMap { record in record.rdata.map { $0.text(type: record.key.type) } }
    }

    @Test func goesOverEverything() {
        let pin = wish(.pin, "www.a.", .a, "192.0.2.50")
        let one = Emergency(edit(.set, "192.0.2.7"), at: Instant(milliseconds: 1000))
        #expect(values([one]) == ["192.0.2.7"])
        #expect(values([one], [pin]) == ["192.0.2.7"])
        // The later has the last word, in whatever order they are stored.
        let two = Emergency(edit(.add, "192.0.2.8"), at: Instant(milliseconds: 1001)), three = Emergency(edit(.remove), at: Instant(milliseconds: 1002))
        #expect(values([two, one]) == ["192.0.2.7", "192.0.2.8"])
        #expect(values([three, two, one]).isEmpty)
        #expect(values([Emergency(edit(.set, "192.0.2.7"), at: Instant(milliseconds: 1000), fault: "no")]) == ["192.0.2.1"])
    }

    /// A review replaces what was signed before it went live, and not what is signed in the next incident.
    @Test func reviewReplaces() {
        let review = wish(.set, "www.a.", .a, "192.0.2.9", overrides: Origin.emergency)
        let before = Emergency(edit(.set, "192.0.2.7"), at: Instant(milliseconds: 1000))
        let after = Emergency(edit(.set, "192.0.2.8"), at: Instant(milliseconds: 1400))
        let live = reconcile(ShardSources([Self.rule], edits: [review]), policy: .owner, at: Instant(milliseconds: 1200))
        #expect(values([before], [review], previous: live) == ["192.0.2.9"])
        #expect(values([before, after], [review], previous: live) == ["192.0.2.8"])
        // Reviewed again, with other values: that is newer than both.
        let again = wish(.set, "www.a.", .a, "192.0.2.10", overrides: Origin.emergency)
        #expect(values([before, after], [again], previous: live) == ["192.0.2.10"])
        // An edit that says nothing of the emergency does not end it.
        #expect(values([before], [wish(.set, "www.a.", .a, "192.0.2.9", overrides: "pack/A")]) == ["192.0.2.7"])
    }

    @Test func signatures() throws {
        let key = SigningKey.generate(name: "eve"), thief = SigningKey.generate(name: "eve")
        let people = [try key.publicKey], at = Instant(milliseconds: 1000)
        func fault(_ edit: Edit, by signer: SigningKey? = nil, people: [VerifyingKey]? = nil, pipeline: String = "p", now: Int64 = 1500) throws -> String? {
            let signed = try EmergencyEdit(signing: edit, at: at, for: "p", with: signer ?? key)
            // As it is read back from the store.
            let read = try #require(try EmergencyEdit.decode(EmergencyEdit.encode([signed])).first)
            #expect(read == signed)
            #expect(read.edit.origin.person == "eve")
            return try read.fault(people: people ?? [key.publicKey], pipeline: pipeline, at: Instant(milliseconds: now))
        }
        let good = edit(.set, "192.0.2.7")
        #expect(try fault(good) == nil)
        #expect(try fault(edit(.remove)) == nil)
        for (reason, what) in [
            ("not by the key", try fault(good, by: thief)), ("not in policy.people", try fault(good, people: [])),
            ("another pipeline", try fault(good, pipeline: "q")), ("expired", try fault(good, now: 2000)),
            ("in the future", try fault(edit(.set, "192.0.2.7", expires: 9000), now: 999 - EmergencyEdit.skew)),
            ("within a week", try fault(edit(.set, "192.0.2.7", expires: nil))),
            ("within a week", try fault(edit(.set, "192.0.2.7", expires: 1001 + 7 * Self.day))),
            ("no values", try fault(edit(.set))), ("needs a review", try fault(edit(.pin, "192.0.2.7"))),
            ("needs a review", try fault(edit(.external))), ("at once", try fault(edit(.set, "192.0.2.7", starts: 1200))),
        ] { #expect(what?.contains(reason) ?? false, "\(reason): \(what ?? "in force")") }
        #expect(people.count == 1)

        // Any octet that is changed is noticed, and none traps.
        let octets = EmergencyEdit.encode([try EmergencyEdit(signing: good, at: at, for: "p", with: key)])
        for index in octets.indices {
            var changed = octets
            changed[index] ^= 0x21
            guard let read = try? EmergencyEdit.decode(changed).first else { continue }
            let inForce = read.fault(people: people, pipeline: "p", at: Instant(milliseconds: 1500)) == nil
            if inForce {
                let signed = try EmergencyEdit(signing: good, at: at, for: "p", with: key)
                #expect(read.edit == signed.edit, "octet \(index)")
            }
        }
    }
}
