import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// Asks the registration API for one server.
struct RegistrationClient: Sendable {
    struct Row: Encodable, Sendable {
        var name, type: String
        var values: [String]?
        var ttl: UInt32?
        var mode, lease, reason: String?
    }

    private struct Body: Encodable { var registrations: [Row] }
    private struct Accepted: Decodable { var generation: UInt64 }
    private struct Refused: Decodable { var errors: [String] }

    let api: String
    let token: String?
    let authority: String?
    let certificate: (file: String, key: String)?

    /// Returns the generation that has it. Tries again for half a minute while the API is away.
    func send(_ method: String, _ row: Row) async throws -> UInt64 {
        var configuration = HTTPClient.Configuration(certificateVerification: .fullVerification)
        configuration.redirectConfiguration = .disallow
        var tls = TLSConfiguration.makeClientConfiguration()
        do {
            if let authority { tls.trustRoots = .file(authority) }
            if let certificate {
                tls.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate.file).map { .certificate($0) }
                tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: certificate.key, format: .pem))
            }
        } catch {
            throw UserError("--certificate: \(error)")
        }
        configuration.tlsConfiguration = tls
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<UInt64, any Error>
        do {
            result = .success(try await trying(client, method, row))
        } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        return try result.get()
    }

    private func trying(_ client: HTTPClient, _ method: String, _ row: Row) async throws -> UInt64 {
        var request = HTTPClientRequest(url: api.hasSuffix("/") ? "\(api)v1/registrations" : "\(api)/v1/registrations")
        request.method = .init(rawValue: method)
        request.headers.add(name: "content-type", value: "application/json")
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        request.body = .bytes(Array(try JSONEncoder().encode(Body(registrations: [row]))))
        let deadline = ContinuousClock.now + .seconds(30)
        var pause = Duration.milliseconds(200)
        while true {
            var failure = "", wanted = Duration.zero
            do {
                let response = try await client.execute(request, timeout: .seconds(15))
                let body = Data(try await response.body.collect(upTo: 1 << 20).readableBytesView)
                if response.status == .ok { return try JSONDecoder().decode(Accepted.self, from: body).generation }
                let errors = (try? JSONDecoder().decode(Refused.self, from: body).errors) ?? []
                failure = "\(api) answers \(response.status.code): \(errors.joined(separator: "; "))"
                // Asking again does not help who is refused, unless it was for asking too often.
                guard response.status.code >= 500 || response.status == .tooManyRequests else { throw UserError(failure) }
                if let seconds = response.headers.first(name: "retry-after").flatMap({ Int($0) }), 0...3600 ~= seconds {
                    wanted = .seconds(seconds)
                }
            } catch let error as UserError {
                throw error
            } catch {
                failure = "\(api): \(error)"
            }
            guard ContinuousClock.now + max(pause, wanted) < deadline else { throw UserError(failure) }
            // Servers that start together do not come back together.
            try await Task.sleep(for: wanted + pause * Double.random(in: 0.5...1.5))
            pause = min(pause * 2, .seconds(5))
        }
    }
}
