import DNSWire
import Pipeline
import Testing
import Validation

@Suite struct ProfileTests {
    @Test func levelsAndSwitches() throws {
        var profile = Profile()
        profile.levels[.fault(.ttlZero)] = .error
        #expect(try findings("www 0 A 45.0.0.1", profile: profile).of(.ttlZero).map(\.level) == [.error])
        profile.off.insert(.fault(.ttlZero))
        #expect(try findings("www 0 A 45.0.0.1", profile: profile).of(.ttlZero).isEmpty)
        #expect(try findings("zone 0.45.in-addr.arpa.").of(.ptrMissing).isEmpty)
    }

    @Test func whatCannotBeServedStaysAnError() throws {
        var profile = Profile()
        profile.off.insert(.fault(.outsideZones))
        profile.levels[.fault(.outsideZones)] = .advice
        #expect(try findings("www.x.org. A 45.0.0.1", profile: profile).of(.outsideZones).map(\.level) == [.error])
    }

    @Test func privateZones() throws {
        var profile = Profile()
        profile.privateZones = [try Name("NET.")]
        #expect(try findings("www A 10.0.0.1", profile: profile).of(.privateAddress).isEmpty)
        profile.privateZones = [try Name("www.site.net.")]
        #expect(try findings("www A 10.0.0.1", profile: profile).of(.privateAddress).count == 1)
    }

    private struct NoTXT: Validator {
        func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
            for name in index.names(of: zone) {
                for set in index.sets(.txt, at: name, for: nil) {
                    report.add(policy: "no-txt", index[set], level: .error, "TXT at \(index.name(name))")
                }
            }
        }
    }

    @Test func policiesOfTheSite() throws {
        let records = try Presentation("a TXT x\nb A 45.0.0.1").records
        let waiver = Waiver(
            code: Code("site/no-txt")!, scope: .zone(Presentation.zone), reason: "proof of ownership", person: "ada")
        let found = Validation(records: records, waivers: [waiver], policies: [NoTXT()], now: now).findings()
            .filter { $0.code == .site("no-txt") }
        #expect(found.map(\.message) == ["TXT at a.site.net."])
        #expect(found.first?.waiver == waiver)
    }
}
