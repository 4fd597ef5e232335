import DNSWire
import Pipeline
import Testing
import Validation

@Suite struct WaiverTests {
    private func waiver(
        _ fault: Fault, _ scope: Waiver.Scope, reason: String = "agreed", expires: Instant? = nil
    ) -> Waiver {
        Waiver(code: .fault(fault), scope: scope, reason: reason, expires: expires, person: "ada", file: "waivers.yaml", line: 4)
    }

    private let text = "zone sub\nwww 0 A 45.0.0.1\nwww.sub 0 A 45.0.0.1"
    private func name(_ text: String) throws -> Name { try Name(text, relativeTo: Presentation.zone) }

    /// Owners whose TTL of 0 is waived.
    private func waived(_ scope: Waiver.Scope) throws -> [String] {
        try findings(text, waivers: [waiver(.ttlZero, scope)]).of(.ttlZero).filter(\.isWaived).map { "\($0.key.owner)" }
    }

    @Test func scopes() throws {
        #expect(try waived(.records(owner: name("WWW"), type: .a)) == ["www.site.net."])
        #expect(try waived(.records(owner: name("www"), type: .aaaa)) == [])
        #expect(try waived(.zone(name("@"))) == ["www.site.net."])
        #expect(try waived(.zone(name("www"))) == [])
        #expect(try waived(.subtree(name("@"))) == ["www.sub.site.net.", "www.site.net."])
        #expect(try waived(.subtree(name("sub"))) == ["www.sub.site.net."])
    }

    @Test func aWaivedFindingIsStillListed() throws {
        let waiver = waiver(.ttlZero, .subtree(Presentation.zone))
        let (with, without) = (try findings(text, waivers: [waiver]), try findings(text))
        #expect(with.of(.ttlZero).count == without.of(.ttlZero).count)
        #expect(with.of(.ttlZero).allSatisfy { $0.waiver == waiver })
        #expect(with.of(.waiverUnused).isEmpty)
    }

    @Test func expiredUnusedInvalid() throws {
        let scope = Waiver.Scope.records(owner: try name("www"), type: .a)
        let expired = try findings(text, waivers: [waiver(.ttlZero, scope, expires: now)])
        #expect(expired.of(.waiverExpired).map(\.level) == [.warning])
        #expect(expired.of(.waiverExpired).first?.origin.file == "waivers.yaml")
        #expect(expired.of(.ttlZero).allSatisfy { !$0.isWaived })
        let inForce = try findings(text, waivers: [waiver(.ttlZero, scope, expires: now.advanced(byMilliseconds: 1))])
        #expect(inForce.of(.waiverExpired).isEmpty)
        #expect(inForce.of(.ttlZero).contains { $0.isWaived })
        let unused = try findings(text, waivers: [waiver(.ttlHuge, scope)])
        #expect(unused.of(.waiverUnused).map(\.level) == [.warning])
        let silent = try findings(text, waivers: [waiver(.ttlZero, scope, reason: " ")])
        #expect(silent.of(.waiverInvalid).count == 1)
        #expect(silent.of(.ttlZero).allSatisfy { !$0.isWaived })
    }

    @Test func whatCannotBeServedCannotBeWaived() throws {
        let found = try findings("www.x.org. A 45.0.0.1", waivers: [waiver(.outsideZones, .subtree(.root))])
        #expect(found.of(.outsideZones).allSatisfy { !$0.isWaived })
        #expect(found.of(.waiverInvalid).count == 1)
    }

    /// Whether a waiver is used is known only when all that it reaches is judged.
    @Test func subtreesOverZones() throws {
        let records = try Presentation("zone sub\nwww.sub 0 A 45.0.0.1").records
        let waiver = waiver(.ttlZero, .subtree(Presentation.zone))
        let validation = Validation(records: records, waivers: [waiver], now: now)
        #expect(validation.findings(in: [Presentation.zone]).of(.waiverUnused).isEmpty)
        #expect(validation.findings(in: [try name("sub")]).of(.ttlZero).map(\.isWaived) == [true])
        #expect(validation.findings().of(.waiverUnused).isEmpty)
    }
}
