import DNSWire
import Pipeline
import Testing
import Validation

@Suite struct FaultTests {
    private static var profile: Profile {
        var profile = Profile()
        profile.off = []
        return profile
    }

    @Test(arguments: FaultCase.all) func isFound(_ example: FaultCase) throws {
        let found = try findings(example.has, onBase: example.onBase, profile: Self.profile)
        #expect(!found.of(example.fault).isEmpty, "\(found)")
        let near = try findings(example.near, onBase: example.onBase, profile: Self.profile)
        #expect(near.of(example.fault).isEmpty, "\(near.of(example.fault))")
    }

    /// Codes whose cases need more than lines of records; each has a test of its own.
    private static let elsewhere: Set<Fault> = [
        .malformedData, .emptySet, .locationUnmapped, .waiverInvalid, .waiverExpired, .waiverUnused,
    ]

    @Test func eachCodeHasACaseAndAnExplanation() {
        let tested = Set(FaultCase.all.map(\.fault)).union(Self.elsewhere)
        #expect(Set(Fault.allCases).subtracting(tested).isEmpty)
        #expect(Explanation.all.map(\.fault).count == Fault.allCases.count)
        #expect(Set(Explanation.all.map(\.fault)) == Set(Fault.allCases))
        for explanation in Explanation.all {
            let texts = [explanation.title, explanation.why, explanation.source, explanation.mend]
            #expect(texts.allSatisfy { !$0.isEmpty })
        }
        for fault in Fault.allCases { #expect(Code(fault.rawValue) == .fault(fault)) }
    }

    @Test func malformedAndEmptySets() throws {
        let base = try Presentation("").records
        func judge(_ type: RRType, _ data: [RData]) throws -> [Finding] {
            let key = RecordKey(owner: try Name("www.site.net."), type: type)
            let set = RecordSet(key: key, ttl: 300, rdata: data, origin: Origin(source: "pack/A"))
            return Validation(records: base + [set], now: now).findings()
        }
        #expect(try judge(.a, [RData(opaque: [1, 2, 3])]).of(.malformedData).count == 1)
        #expect(try judge(.a, [RData(opaque: [45, 2, 3, 4])]).of(.malformedData).isEmpty)
        #expect(try judge(.mx, [RData(opaque: [0, 1, 9])]).of(.malformedData).count == 1)
        #expect(try judge(.txt, []).of(.emptySet).count == 1)
        #expect(try judge(.txt, [.txt("a")]).of(.emptySet).isEmpty)
    }

    @Test func locationsOfTheMap() throws {
        var profile = Profile()
        profile.locations = [Location("aa")!]
        let found = try findings("www @aa A 45.0.0.1\nwww @bb A 45.0.0.2", profile: profile).of(.locationUnmapped)
        #expect(found.map(\.key.location) == [Location("bb")])
    }

    @Test func aFindingSaysWhatAndWhere() throws {
        let found = try findings("www CNAME web").of(.danglingTarget)
        #expect(found.count == 1)
        #expect(found.first?.key == RecordKey(owner: try Name("www.site.net."), type: .cname))
        #expect(found.first?.message.contains("web.site.net.") == true)
        #expect(found.first?.origin == Origin(source: "pack/A", file: "rules/A.swift", line: 3))
        #expect(found.first?.level == .error)
    }

    @Test func documentationAddressesInExamplesAreAdvice() throws {
        let text = "zone a.test.\nw.a.test. A 192.0.2.1\nw A 192.0.2.1"
        #expect(try findings(text).of(.documentationAddress).map(\.level) == [.warning, .advice])
    }

    @Test func anEmptyNonTerminalNamesTheFirstBelow() throws {
        let found = try findings("x.b A 45.0.0.1\na.b A 45.0.0.1\n0.m.b A 45.0.0.1").of(.emptyNonTerminal)
        #expect(found.map { "\($0.key)" } == ["b.site.net. ANY", "m.b.site.net. ANY"])
        #expect(found.first?.message.contains(" a.b.site.net.") == true)
    }

    @Test func aChainIsFollowedForEachLocation() throws {
        let found = try findings("a CNAME b\nb @aa CNAME c\nb A 45.0.0.1\nc A 45.0.0.1").of(.cnameChain)
        #expect(found.map { "\($0.key)" } == ["a.site.net. CNAME"])
    }
}
