internal import SwiftProtobuf

extension VIPSite {
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_VIPSite.with {
                $0.host = host
                $0.prefixes = prefixes
                $0.state = state.rawValue
                $0.reason = reason
                $0.publishedMs = published?.milliseconds ?? 0
                $0.sinceMs = since.milliseconds
                $0.address = address
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_VIPSite.self, octets)
        guard let state = State(rawValue: proto.state) else { throw DecodingFault("a site in no known state") }
        self.init(
            host: proto.host, prefixes: proto.prefixes, state: state, reason: proto.reason,
            published: proto.publishedMs == 0 ? nil : Instant(milliseconds: proto.publishedMs),
            since: Instant(milliseconds: proto.sinceMs), address: proto.address)
    }
}

extension VIPClaims {
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_VIPClaims.with {
                $0.claims = hosts.sorted { $0.key < $1.key }.map { host, at in
                    .with {
                        $0.host = host
                        $0.atMs = at.milliseconds
                    }
                }
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try decode(Freshet_V1_VIPClaims.self, octets)
        self.init(Dictionary(proto.claims.map { ($0.host, Instant(milliseconds: $0.atMs)) }) { $1 })
    }
}
