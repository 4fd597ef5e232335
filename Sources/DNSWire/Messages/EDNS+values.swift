extension EDNS {
    /// A network on whose behalf is asked (RFC 7871 §6).
    public struct ClientSubnet: Hashable, Sendable {
        /// 1 for IPv4, 2 for IPv6 (IANA registry "Address Family Numbers").
        public let family: UInt16
        /// Bits of the address that are given.
        public let sourceLength: UInt8
        /// Bits that the answer covers; 0 in queries.
        public let scopeLength: UInt8
        /// As many octets as `sourceLength` bits fill, bits beyond it zero.
        public let address: [UInt8]

        /// The first `sourceLength` bits of an address of 4 or 16 octets; `nil` for any
        /// other address, or lengths beyond its bits.
        public init?(_ address: [UInt8], sourceLength: UInt8, scopeLength: UInt8 = 0) {
            guard address.count == 4 || address.count == 16, max(sourceLength, scopeLength) <= address.count * 8 else {
                return nil
            }
            family = address.count == 4 ? 1 : 2
            self.sourceLength = sourceLength
            self.scopeLength = scopeLength
            var prefix = Array(address.prefix((Int(sourceLength) + 7) / 8))
            if sourceLength % 8 != 0 { prefix[prefix.count - 1] &= ~(0xFF >> (sourceLength % 8)) }
            self.address = prefix
        }

        init(unchecked data: [UInt8]) {
            family = data.u16(at: 0)
            sourceLength = data[2]
            scopeLength = data[3]
            address = Array(data.dropFirst(4))
        }

        /// A family not known here may have lengths of up to 255 bits.
        static func isValid(_ data: ArraySlice<UInt8>) -> Bool {
            guard data.count >= 4 else { return false }
            let at = data.startIndex
            let family = UInt16(data[at]) << 8 | UInt16(data[at + 1]), source = data[at + 2], scope = data[at + 3]
            let most: UInt8 = family == 1 ? 32 : family == 2 ? 128 : 255
            guard max(source, scope) <= most, data.count == 4 + (Int(source) + 7) / 8 else { return false }
            return source % 8 == 0 || data[data.endIndex - 1] & (0xFF >> (source % 8)) == 0
        }
    }

    /// A weak proof of who asks and who answers (RFC 7873 §4).
    public struct Cookie: Hashable, Sendable {
        /// 8 octets.
        public let client: [UInt8]
        /// 8 to 32 octets, or none if the server's is not known yet.
        public let server: [UInt8]

        /// `nil` for lengths that no cookie has.
        public init?(client: [UInt8], server: [UInt8] = []) {
            guard client.count == 8, server.isEmpty || (8...32).contains(server.count) else { return nil }
            self.client = client
            self.server = server
        }

        init(unchecked data: [UInt8]) {
            client = Array(data.prefix(8))
            server = Array(data.dropFirst(8))
        }
    }

    /// Why an answer is as it is (RFC 8914 §2).
    public struct ExtendedError: Hashable, Sendable {
        /// IANA registry "Extended DNS Error Codes".
        public var code: UInt16
        /// Text for people in UTF-8, as it came; may be empty.
        public var text: [UInt8]

        /// By default without text; takes the fields as they are.
        public init(code: UInt16, text: [UInt8] = []) {
            self.code = code
            self.text = text
        }
    }
}
