import DNSWire
import Pipeline
import Testing

@testable import freshet

/// Judgements of the monitoring plugins.
@Suite struct CheckTests {
    private let now = Instant(milliseconds: 1_000_000)

    // MARK: Ranges

    /// The examples of the Monitoring Plugins Development Guidelines.
    @Test func ranges() throws {
        let table: [(String, alerts: [Double], not: [Double])] = [
            ("10", [-1, 10.1, 11], [0, 10]), ("10:", [-1, 9.9], [10, 1e9]), ("~:10", [10.5], [-1e9, 10]), ("10:20", [9, 21], [10, 20]),
            ("@10:20", [10, 15, 20], [9.9, 20.1]), ("0", [0.5, -1], [0]), ("1.5", [1.6], [1.5]), (":10", [-1, 11], [0]), ("@5", [0, 5], [6]),
        ]
        for (text, alerts, not) in table {
            let range = try #require(AlertRange(argument: text), "\(text)")
            for value in alerts { #expect(range.alerts(value), "\(text) at \(value)") }
            for value in not { #expect(!range.alerts(value), "\(text) at \(value)") }
            // What is said of it means the same.
            let again = try #require(AlertRange(argument: "\(range)"), "\(range)")
            #expect(again == range)
        }
        for text in ["", "a", "10:a", "20:10", "1:2:3", "@", "nan", "inf", "~", "~:x"] {
            #expect(AlertRange(argument: text) == nil, "\(text)")
        }
        #expect("\(AlertRange(upTo: 120)) \(AlertRange(from: 3))" == "120 3:")
        let numbers: [(Double, String)] = [(0, "0"), (-0.0, "0"), (1.5, "1.5"), (-1.05, "-1.05"), (0.000001, "0.000001"), (1e-9, "0"), (12_000, "12000"), (0.1 + 0.2, "0.3")]
        for (value, text) in numbers { #expect(AlertRange.number(value) == text) }
    }

    // MARK: The line

    @Test func outputIsOneLineThenLines() {
        var result = PluginResult()
        result.allIsWell = "fine | really"
        result.measure("age", 1.25, unit: "s", Limits(warning: AlertRange(upTo: 2), critical: AlertRange(upTo: 3)))
        result.measure("count", 4)
        #expect(result.text == "OK - fine ¦ really | age=1.25s;2;3;0 count=4;;;0" && result.state == .ok)
        result.add(.warning, "one\nwith | more")
        #expect(result.text == "WARNING - one with ¦ more | age=1.25s;2;3;0 count=4;;;0" && result.state == .warning)
        result.add(.critical, "two")
        result.add(.unknown, "three")
        #expect(result.state == .critical)
        #expect(
            result.text == """
                CRITICAL - two, and 2 more | age=1.25s;2;3;0 count=4;;;0
                CRITICAL: two
                UNKNOWN: three
                WARNING: one with ¦ more
                """)
        for index in 0..<200 { result.add(.warning, "\(index)") }
        #expect(result.text.split(separator: "\n").count == 52 && result.text.hasSuffix("\n153 more"))
    }

    // MARK: The fleet

    private func proxy(_ host: String, _ release: UInt64, age: Int64 = 1_000) -> Deployment {
        let seen = Deployment.Seen(at: now, release: release, published: now.advanced(byMilliseconds: -age))
        return Deployment(
            host: host, release: release, tinydns: release == 0 ? nil : seen, unbound: release == 0 ? nil : seen, swarmAddress: "",
            tinydnsAddress: "", unboundAddress: "")
    }

    private func fleet(_ proxies: [Deployment], newest: UInt64? = 9, expected: Int? = nil, releases: Limits = Limits()) -> PluginResult {
        FleetCheck(seconds: Limits(warning: AlertRange(upTo: 120), critical: AlertRange(upTo: 300)), releases: releases, expected: expected)
            .judge(newest: newest.map { ($0, now.advanced(byMilliseconds: -1_000)) }, proxies: proxies, at: now)
    }

    @Test func aFleetThatIsWell() {
        let result = fleet([proxy("a", 9), proxy("b", 9, age: 1_500)], expected: 2)
        #expect(
            result.text
                == "OK - 2 proxies at release 9, stamps at most 1.5 s old | proxies=2;;2:;0 age_tinydns=1.5s;120;300;0 age_unbound=1.5s;120;300;0 lag=0s;120;300;0 lag_releases=0;;;0")
        // One of a ring is ahead.
        #expect(fleet([proxy("a", 9), proxy("b", 12)]).state == .ok)
    }

    @Test func aFleetThatIsNot() {
        #expect(fleet([]).text.hasPrefix("CRITICAL - no proxy reports"))
        #expect(fleet([proxy("a", 9)], newest: nil).text.hasPrefix("CRITICAL - nothing is released yet"))
        #expect(fleet([proxy("a", 9)], expected: 3).text.hasPrefix("CRITICAL - 2 of 3 proxies do not report"))
        #expect(fleet([proxy("a", 9), proxy("b", 0)]).text.contains("b: has no release yet"))
        var one = proxy("a", 9)
        one.fault = "the disk is full"
        #expect(fleet([one]).text.hasPrefix("CRITICAL - a: the disk is full"))
        for path in [\Deployment.tinydns, \Deployment.unbound] {
            var one = proxy("a", 9)
            one[keyPath: path]?.fault = "no answer"
            #expect(fleet([proxy("b", 9), one]).state == .critical)
            one = proxy("a", 9)
            one[keyPath: path] = nil
            #expect(fleet([proxy("b", 9), one]).state == .critical)
            one = proxy("a", 9)
            one[keyPath: path]?.published = now.advanced(byMilliseconds: -200_000)
            #expect(fleet([proxy("b", 9), one]).state == .warning)
            one[keyPath: path]?.published = now.advanced(byMilliseconds: -300_001)
            #expect(fleet([proxy("b", 9), one]).state == .critical)
        }
    }

    @Test func behind() {
        // In releases that come often only time matters, unless somebody says otherwise.
        let result = fleet([proxy("a", 9), proxy("b", 4, age: 90_000)])
        #expect(result.state == .ok && result.text.contains(" lag=89s;120;300;0 lag_releases=5;;;0"))
        let limits = Limits(warning: AlertRange(upTo: 4), critical: AlertRange(upTo: 6))
        #expect(fleet([proxy("a", 9), proxy("b", 4)], releases: limits).state == .warning)
        #expect(fleet([proxy("a", 9), proxy("b", 2)], releases: limits).state == .critical)
        #expect(fleet([proxy("a", 9), proxy("b", 5)], releases: limits).state == .ok)
        #expect(fleet([proxy("a", 9), proxy("b", 4, age: 150_000)]).text.contains("b: at release 4, 149 s and 5 releases behind"))
    }

    // MARK: Conflicts

    @Test func conflicts() throws {
        func conflict(_ name: String, _ policy: String) throws -> Conflict {
            Conflict(
                key: RecordKey(owner: try Name(name), type: .a), parties: [.init(origin: Origin(source: "edits"))], winner: 0, policy: policy, explanation: "")
        }
        func edit(_ name: String, endsIn seconds: Int64?) throws -> Edit {
            Edit(
                action: .set, key: RecordKey(owner: try Name(name), type: .a), ttl: 300, rdata: [],
                origin: Origin(source: Origin.edits, person: "ada"), expires: seconds.map { now.advanced(byMilliseconds: $0 * 1000) })
        }
        func judge(_ conflicts: [Conflict], _ edits: [Edit] = []) -> PluginResult {
            ConflictsCheck(limits: Limits(warning: AlertRange(upTo: 0), critical: AlertRange(upTo: 1)), soon: 60_000)
                .judge(conflicts: conflicts, edits: edits, at: now)
        }
        #expect(judge([]).text == "OK - no conflicts | conflicts=0;0;1;0 emergencies=0;;;0 expiring=0;0;;0")
        let notices = [try conflict("a.test", Conflict.pin), try conflict("b.test", Conflict.emergency)]
        #expect(judge(notices).state == .ok && judge(notices).text.contains("emergencies=1"))
        #expect(judge([try conflict("a.test", "owner")]).text.hasPrefix("WARNING - 1 conflict: a.test. A (owner)"))
        let many = try (1...5).map { try conflict("h\($0).test", "owner") }
        #expect(judge(many).text.hasPrefix("CRITICAL - 5 conflicts: h1.test. A (owner), h2.test. A (owner), h3.test. A (owner), …"))
        let edits = [try edit("a.test", endsIn: 30), try edit("b.test", endsIn: 61), try edit("c.test", endsIn: nil), try edit("d.test", endsIn: -1)]
        #expect(judge([], edits).state == .warning && judge([], edits).text.contains("set a.test. A by ada ends at") && judge([], edits).text.contains("expiring=1"))
    }

    // MARK: The rollout

    @Test func rollout() {
        func judge(_ flight: Rollout.Flight? = nil, _ halt: Halt? = nil, _ held: Held? = nil) -> PluginResult {
            RolloutCheck(limits: Limits(warning: AlertRange(upTo: 60), critical: AlertRange(upTo: 600)), rings: ["canary"])
                .judge(Rollout(flight: flight), halt: halt, held: held, at: now)
        }
        func flight(_ seconds: Int64, isPaused: Bool = false, ring: Int = 0) -> Rollout.Flight {
            var flight = Rollout.Flight(
                content: Digest(of: []), presentation: 4, stable: 3, ring: ring, since: now.advanced(byMilliseconds: -seconds * 1000), trouble: "p1: slow")
            flight.isPaused = isPaused
            return flight
        }
        #expect(judge().text == "OK - nothing is on its way through the rings | in_ring=0s;60;600;0 halted=0;;0;0 held=0;0;;0")
        #expect(judge(flight(60)).state == .ok && judge(flight(60)).text.contains("in ring 'canary'") && judge(flight(60)).text.contains("in_ring=60s"))
        #expect(judge(flight(61)).text.hasPrefix("WARNING - presentation 4 is in ring 'canary'") && judge(flight(61)).text.contains("p1: slow"))
        #expect(judge(flight(601)).state == .critical && judge(flight(1, ring: 7)).text.contains("in ring '7'"))
        #expect(judge(flight(1, isPaused: true)).state == .warning && judge(flight(601, isPaused: true)).state == .critical)
        for kind in Halt.Kind.allCases {
            let result = judge(nil, Halt(kind, person: "ada", reason: "rack 7", since: now))
            #expect(result.state == (kind == .emergency ? .warning : .critical))
            #expect(result.text.contains("halted (\(kind)) by ada") && result.text.contains("rack 7") && result.text.contains("halted=1"))
        }
        let held = judge(nil, nil, Held(plan: Digest(of: []), cause: "c0ffee", since: now, summary: "9 removed", reasons: ["too many removals"]))
        #expect(held.text.hasPrefix("WARNING - held since") && held.text.contains("too many removals") && held.text.contains("held=1"))
    }

    // MARK: Where metrics are served

    @Test func onePlaceForEachAddress() {
        let stages = [PipelineSettings.StageName.configurator, .proxy, .publisher].map { Stage($0) {} }
        let here = PipelineSettings.Endpoint(address: "127.0.0.1", port: 9153), there = PipelineSettings.Endpoint(address: "127.0.0.1", port: 9154)
        #expect(StatusService.all(stages, at: [:]).isEmpty)
        #expect(StatusService.all(stages, at: [.presenter: here]).isEmpty)
        let one = StatusService.all(stages, at: [.proxy: here, .publisher: here])
        #expect(one.map(\.endpoint) == [here] && one.first?.stages.count == 3)
        #expect(Set(StatusService.all(stages, at: [.proxy: here, .configurator: there]).map(\.endpoint)) == [here, there])
    }
}
