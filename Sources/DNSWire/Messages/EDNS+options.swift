extension EDNS {
    /// An option (IANA registry "DNS EDNS0 Option Codes"): typed where the format is known here.
    public enum Option: Hashable, Sendable {
        /// Which server answers (RFC 5001); empty in queries.
        case nsid([UInt8])
        /// On whose behalf is asked (RFC 7871).
        case clientSubnet(ClientSubnet)
        /// Seconds until a secondary's zone expires (RFC 7314); `nil` in queries.
        case expire(UInt32?)
        /// A proof against forged senders (RFC 7873).
        case cookie(Cookie)
        /// How long an idle connection lives, in units of 100 ms (RFC 7828); `nil` in queries.
        case keepalive(UInt16?)
        /// This many octets (RFC 7830). They are sent as zeros; whatever comes is taken.
        case padding(Int)
        /// Why an answer is as it is (RFC 8914).
        case extendedError(ExtendedError)
        /// Any other, with its code. Not for the codes above: a receiver would take octets
        /// that break their format for a malformed message.
        case other(UInt16, [UInt8])
    }
}

extension EDNS.Option {
    private enum Code {
        static let nsid: UInt16 = 3
        static let clientSubnet: UInt16 = 8
        static let expire: UInt16 = 9
        static let cookie: UInt16 = 10
        static let keepalive: UInt16 = 11
        static let padding: UInt16 = 12
        static let extendedError: UInt16 = 15
    }

    /// The option's number in the registry.
    public var code: UInt16 {
        switch self {
        case .nsid: Code.nsid
        case .clientSubnet: Code.clientSubnet
        case .expire: Code.expire
        case .cookie: Code.cookie
        case .keepalive: Code.keepalive
        case .padding: Code.padding
        case .extendedError: Code.extendedError
        case .other(let code, _): code
        }
    }

    /// Octets with code and length.
    var length: Int { 4 + dataLength }

    private var dataLength: Int {
        switch self {
        case .nsid(let octets), .other(_, let octets): octets.count
        case .clientSubnet(let subnet): 4 + subnet.address.count
        case .expire(let seconds): seconds == nil ? 0 : 4
        case .cookie(let cookie): cookie.client.count + cookie.server.count
        case .keepalive(let timeout): timeout == nil ? 0 : 2
        case .padding(let count): min(max(0, count), 0x1_0000)
        case .extendedError(let error): 2 + error.text.count
        }
    }

    /// Whether octets are data that an option of this code may have. Codes not known here take any.
    static func isValid(_ code: UInt16, _ data: ArraySlice<UInt8>) -> Bool {
        switch code {
        case Code.clientSubnet: EDNS.ClientSubnet.isValid(data)
        case Code.expire: data.isEmpty || data.count == 4
        case Code.cookie: data.count == 8 || (16...40).contains(data.count)
        case Code.keepalive: data.isEmpty || data.count == 2
        case Code.extendedError: data.count >= 2
        default: true
        }
    }

    /// Reads data that is valid.
    init(_ code: UInt16, _ data: ArraySlice<UInt8>) {
        let octets = Array(data)
        self =
            switch code {
            case Code.nsid: .nsid(octets)
            case Code.clientSubnet: .clientSubnet(EDNS.ClientSubnet(unchecked: octets))
            case Code.expire: .expire(octets.isEmpty ? nil : octets.u32(at: 0))
            case Code.cookie: .cookie(EDNS.Cookie(unchecked: octets))
            case Code.keepalive: .keepalive(octets.isEmpty ? nil : octets.u16(at: 0))
            case Code.padding: .padding(octets.count)
            case Code.extendedError: .extendedError(.init(code: octets.u16(at: 0), text: Array(octets.dropFirst(2))))
            default: .other(code, octets)
            }
    }

    /// Appends the option; the caller has seen that its length fits.
    func append(to wire: inout [UInt8]) {
        wire.append(network: code)
        wire.append(network: UInt16(dataLength))
        switch self {
        case .nsid(let octets), .other(_, let octets): wire.append(contentsOf: octets)
        case .clientSubnet(let subnet):
            wire.append(network: subnet.family)
            wire.append(subnet.sourceLength)
            wire.append(subnet.scopeLength)
            wire.append(contentsOf: subnet.address)
        case .expire(let seconds): if let seconds { wire.append(network: seconds) }
        case .cookie(let cookie): wire.append(contentsOf: cookie.client + cookie.server)
        case .keepalive(let timeout): if let timeout { wire.append(network: timeout) }
        case .padding: wire.append(contentsOf: repeatElement(0, count: dataLength))
        case .extendedError(let error):
            wire.append(network: error.code)
            wire.append(contentsOf: error.text)
        }
    }
}
