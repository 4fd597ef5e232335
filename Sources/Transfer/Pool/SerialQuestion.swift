internal import DNSClient
internal import DNSWire
internal import Pipeline

/// One question to one name server: how far it has come with a zone.
struct SerialQuestion: Sendable {
    var zone: Name
    var change: PoolChange
    var server: DNSClient.Server
    /// Signs the questions; `nil`: unsigned.
    var key: TSIGKey?
    /// Zones that the server should have: if it says that the zone is gone it is asked for these, until it serves one.
    var others: [Name]
    var timeout: Duration

    /// - Throws: `CancellationError`.
    func ask(_ client: DNSClient) async throws -> SerialAnswer {
        let answer = try await ask(client, for: zone)
        guard change == .absent, case .disowns = answer else { return answer }
        for other in others where other != zone {
            let confirmed = answer.confirmed(by: [try await ask(client, for: other)])
            if confirmed == .absent { return confirmed }
        }
        return answer
    }

    private func ask(_ client: DNSClient, for zone: Name) async throws -> SerialAnswer {
        var options = DNSClient.Options()
        (options.timeout, options.tries, options.key) = (timeout, 1, key)
        do {
            return SerialAnswer(try await client.ask(.query(zone, .soa, id: 0, recursionDesired: false), at: [server], options), of: zone)
        } catch is DNSClientError {
            return .unanswered
        }
    }
}
