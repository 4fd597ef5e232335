internal import Hummingbird
internal import NIOCore
internal import NIOSSL
internal import Pipeline

/// A request with what is known of the connection it came over.
struct ClientContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    var peer: String { channel.remoteAddress.map { "\($0)" } ?? "" }

    var network: PeerNetwork { PeerNetwork(channel.remoteAddress) }

    func certificateNames() async -> [String] {
        // Without TLS there is no such handler, and nobody is proven.
        guard let certificate = try? await channel.nioSSL_peerCertificate().get() else { return [] }
        return certificate._subjectAlternativeNames().compactMap { name in
            name.nameType == .dnsName ? String(decoding: name.contents, as: UTF8.self) : nil
        }
    }
}
