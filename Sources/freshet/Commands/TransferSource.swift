import ArgumentParser
import DNSClient
import DNSCrypto
import DNSWire
import Exchange
import Foundation

/// A zone of a server: `axfr://SERVER[:PORT]/ZONE`, SERVER an address, one of IPv6 in brackets.
struct TransferSource {
    let text: String
    private let server: DNSClient.Server
    private let zone: Name

    static func isOne(_ path: String) -> Bool { path.hasPrefix("axfr://") }

    init(_ text: String) throws {
        self.text = text
        func fault(_ message: String) -> ValidationError { ValidationError("\(text): \(message)") }
        let parts = text.dropFirst("axfr://".count).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else { throw fault("expected axfr://SERVER[:PORT]/ZONE") }
        var host = parts[0], port = 53
        let tail = host.hasPrefix("[") ? host.firstIndex(of: "]").map { host[host.index(after: $0)...] } : host[...]
        guard let tail else { throw fault("a bracket has no end") }
        if let colon = tail.firstIndex(of: ":") {
            guard let number = UInt16(host[host.index(after: colon)...]) else { throw fault("no port, or an address of IPv6 without brackets") }
            port = Int(number)
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        server = DNSClient.Server(host: String(host), port: port)
        do { zone = try Name(String(parts[1])) } catch { throw fault("\(error)") }
    }

    /// The key in a file.
    static func key(_ path: String) throws -> TSIGKey {
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch { throw UserError("--key: \(path) cannot be read") }
        do { return try TSIGKey(file: text) } catch { throw UserError("--key: \(path): \(error)") }
    }

    func read(key: TSIGKey?) async throws -> Holding {
        var zone = TransferImport(zone: self.zone, name: text)
        for try await records in DNSClient().transfer(self.zone, from: server, key: key) { zone.take(records) }
        return zone.finish()
    }
}
