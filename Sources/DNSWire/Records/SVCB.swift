/// Where and how a service is reached (RFC 9460); HTTPS records have the same form.
public struct SVCB: RDataValue {
    public static let type = RRType.svcb

    /// Lower comes first; 0 is alias mode (RFC 9460 §2.4.1).
    public var priority: UInt16
    /// The root stands for the owner itself, or in alias mode for no service at all
    /// (RFC 9460 §2.5).
    public var target: Name
    /// Values as they are on the wire. ``RData/init(wire:type:)`` checks their form.
    public var parameters: [SvcParamKey: [UInt8]]

    /// By default for the owner itself, without parameters. ``rdata`` puts them in the order of
    /// their keys.
    public init(priority: UInt16, target: Name = .root, parameters: [SvcParamKey: [UInt8]] = [:]) {
        self.priority = priority
        self.target = target
        self.parameters = parameters
    }

    public init(_ rdata: RData) throws(RDataError) {
        var fields = try CheckedReader(rdata, .svcb)
        priority = fields.u16()
        target = fields.name()
        let rest = fields.rest()
        parameters = [:]
        for parameter in SvcParam.all(rest, rest.indices) { parameters[parameter.key] = Array(rest[parameter.value]) }
    }

    public var rdata: RData {
        var wire = priority.octets + target.wire
        for (key, value) in parameters.sorted(by: { $0.key < $1.key }) {
            wire.append(network: key.rawValue)
            wire.append(network: UInt16(clamping: value.count))
            wire.append(contentsOf: value.prefix(65_535))
        }
        return RData(opaque: wire)
    }

    /// Whether this record only names another (RFC 9460 §2.4.2); parameters are then ignored.
    public var isAlias: Bool { priority == 0 }

    /// Application protocols of 1 to 255 octets each (RFC 9460 §7.1); empty for none.
    public var alpn: [[UInt8]] {
        get {
            let value = parameters[.alpn] ?? []
            var list: [[UInt8]] = []
            var at = 0
            while at < value.count {
                let end = at + 1 + Int(value[at])
                list.append(Array(value[min(at + 1, value.count)..<min(end, value.count)]))
                at = end
            }
            return list
        }
        set {
            var value: [UInt8] = []
            for item in newValue { value.append(counted: item) }
            parameters[.alpn] = newValue.isEmpty ? nil : value
        }
    }

    /// The port, if it is not the scheme's own (RFC 9460 §7.2).
    public var port: UInt16? {
        get { parameters[.port].flatMap { $0.count == 2 ? UInt16($0.network(at: 0, width: 2)) : nil } }
        set { parameters[.port] = newValue?.octets }
    }

    /// Keys that a client must know to use this record (RFC 9460 §8); empty for none.
    public var mandatory: [SvcParamKey] {
        get {
            let value = parameters[.mandatory] ?? []
            return stride(from: 0, to: value.count - 1, by: 2).map {
                SvcParamKey(rawValue: UInt16(value.network(at: $0, width: 2)))
            }
        }
        set { parameters[.mandatory] = newValue.isEmpty ? nil : Set(newValue).sorted().flatMap(\.rawValue.octets) }
    }

    /// Addresses of four octets each that the target probably has (RFC 9460 §7.3).
    public var ipv4Hints: [[UInt8]] {
        get { hints(.ipv4Hint, width: 4) }
        set { parameters[.ipv4Hint] = newValue.isEmpty ? nil : Array(newValue.joined()) }
    }

    /// Addresses of sixteen octets each that the target probably has (RFC 9460 §7.3).
    public var ipv6Hints: [[UInt8]] {
        get { hints(.ipv6Hint, width: 16) }
        set { parameters[.ipv6Hint] = newValue.isEmpty ? nil : Array(newValue.joined()) }
    }

    private func hints(_ key: SvcParamKey, width: Int) -> [[UInt8]] {
        let value = parameters[key] ?? []
        return stride(from: 0, to: value.count - width + 1, by: width).map { Array(value[$0..<$0 + width]) }
    }

    /// Whether all that other parameters need is there (RFC 9460 §2.4.3): clients
    /// ignore a record in which it is not.
    public var isConsistent: Bool {
        if parameters[.noDefaultALPN] != nil, parameters[.alpn] == nil { return false }
        return mandatory.allSatisfy { parameters[$0] != nil }
    }
}
