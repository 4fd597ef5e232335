import DNSClient
import DNSWire
import LocalProxy

/// The anycast prefixes of a server; there only if there are some.
struct VIPPart {
    var speaker: VIPSpeaker.Settings

    private enum Flag: String, CaseIterable { case `true`, `false` }

    init?(_ read: inout SettingsReader, proxy: PipelineSettings.ProxyPart) {
        var prefixes: [RoutePrefix] = []
        for text in read.list("vip.prefixes") {
            do { prefixes.append(try RoutePrefix(text)) } catch { read.fault("vip.prefixes: \(error)", at: "vip.prefixes") }
        }
        if Set(prefixes).count < prefixes.count { read.fault("vip.prefixes: one is there twice", at: "vip.prefixes") }
        var nextHop = NextHop.own
        if let text = read.string("vip.next-hop") {
            do { nextHop = try NextHop(text) } catch { read.fault("vip.next-hop: \(error)", at: "vip.next-hop") }
        }
        let zone = read.string("vip.zone").flatMap { Self.name($0, "vip.zone", &read) }
        let names = read.list("vip.names").compactMap { Self.name($0, "vip.names", &read) }
        let med = UInt32(read.integer("vip.med", in: 1...Int(UInt32.max), default: 1000))
        let rules = VIPMachine.Rules(
            bad: read.integer("vip.bad", in: 1...1000, default: 2), good: read.integer("vip.good", in: 1...10_000, default: 10),
            whenStale: read.choice("vip.stale", default: .withdraw))
        let floor = VIPFloor(
            count: read.integer("vip.floor", in: 0...1000, default: 1), share: read.integer("vip.share", in: 0...100, default: 50))
        let asksUnbound = read.choice("vip.unbound", default: Flag.false) == .true
        let bound = read.duration("vip.bound", default: proxy.freshness)
        let interval = read.duration("vip.interval", default: .milliseconds(100))
        let timeout = read.duration("vip.timeout", default: .milliseconds(250))
        guard !prefixes.isEmpty else { return nil }
        do {
            speaker = VIPSpeaker.Settings(
                host: proxy.host, pipeline: read.string("pipeline", default: ""),
                commands: try RouteCommands(prefixes: prefixes, nextHop: nextHop, raisedMED: med), zone: zone, names: names,
                tinydns: proxy.tinydns.server, unbound: asksUnbound ? proxy.unbound.server : nil, bound: bound, interval: interval,
                timeout: timeout, rules: rules, floor: floor)
        } catch {
            read.fault("vip: \(error)", at: "vip.next-hop")
            return nil
        }
    }

    private static func name(_ text: String, _ key: String, _ read: inout SettingsReader) -> Name? {
        do { return try Name(text) } catch {
            read.fault("\(key): '\(text)' is not a domain name", at: key)
            return nil
        }
    }
}
