import Configurator
import Pipeline

/// The registration API; there only if it is told where to listen.
struct RegistrationPart {
    var listen: PipelineSettings.Endpoint
    var identities: String
    var audit: String
    var tls: (certificate: String, key: String, clients: String?)?
    var limits: RegistrationLimits
    var connections: Int

    init?(_ read: inout SettingsReader) {
        identities = read.path("registration.identities", default: "identities.yaml")
        audit = read.path("registration.audit", default: "state/registrar/audit.jsonl")
        let certificate = read.string("registration.tls.certificate"), key = read.string("registration.tls.key")
        let clients = read.string("registration.tls.clients")
        limits = RegistrationLimits()
        limits.peers = Self.limit("peers", "1000/s", limits.peers, &read)
        limits.identities = Self.limit("identities", "200/s", limits.identities, &read)
        limits.strangers = Self.limit("strangers", "30/m", limits.strangers, &read)
        connections = read.integer("registration.limits.connections", in: 2...65_536, default: 8192)
        guard let listen = PipelineSettings.endpoint("registration.listen", &read) else { return nil }
        self.listen = listen
        switch (certificate, key) {
        case (let certificate?, let key?):
            tls = (read.absolute(certificate), read.absolute(key), clients.map { read.absolute($0) })
        case (nil, nil):
            // Tokens in the clear are for this host's ears only.
            if !Self.isLoopback(listen.address) {
                read.fault(
                    "registration.listen: beyond loopback it needs registration.tls.certificate and .key", at: "registration.listen")
            }
        default: read.fault("registration.tls: certificate and key go together", at: "registration.tls")
        }
    }

    private static func limit(_ name: String, _ rate: String, _ fallback: RateLimit, _ read: inout SettingsReader) -> RateLimit {
        let key = "registration.limits.\(name)"
        let rate = read.string(key + ".rate", default: rate)
        let burst = read.integer(key + ".burst", in: 1...1_000_000, default: fallback.burst)
        if let limit = RateLimit(rate: rate, burst: burst) { return limit }
        read.fault("\(key).rate: '\(rate)' is not a number of calls in a time, such as 1000/s, 60/m or 5/h", at: key + ".rate")
        return fallback
    }

    /// By its address: a name that only looks like one leads anywhere.
    private static func isLoopback(_ address: String) -> Bool {
        if ["::1", "localhost"].contains(address) { return true }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
