internal import DNSWire
public import Pipeline

/// What a rule's records come to: RRsets with their source lines, or every fault at once.
public struct Evaluation: Sendable {
    public private(set) var records: [RecordSet] = []
    public private(set) var map: [MapEntry] = []
    public private(set) var faults: [RuleFault] = []

    private let source: String
    private var indices: [RecordKey: Int] = [:]

    /// Seconds, where neither record nor zone says otherwise.
    public static let defaultTTL: UInt32 = 3600

    /// Evaluates a rule's records; `source` is what their origins name.
    public init(_ records: Records, source: String) {
        self.source = source
        walk(records, origin: .root, ttl: Self.defaultTTL)
    }

    private mutating func walk(_ records: Records, origin: Name, ttl: UInt32) {
        for element in records.elements {
            switch element.kind {
            case .zone(let name, let zoneTTL, let inner):
                guard let zone = resolve(name, origin, element.source) else { continue }
                walk(inner, origin: zone, ttl: zoneTTL ?? ttl)
            case .map(let lines):
                let origin = self.origin(element.source)
                map.reserveCapacity(map.count + lines.count)
                for line in lines {
                    map.append(MapEntry(prefix: line.prefix, location: line.location, origin: origin))
                }
            case .record(let owner, let type, let values, let own, let place):
                guard let name = resolve(owner, origin, element.source) else { continue }
                var location: Location?
                if let place {
                    location = Location(place)
                    if location == nil { fault("location '\(place)' is not one or two letters or digits", element.source) }
                }
                var rdata: [RData] = []
                for value in values {
                    do {
                        rdata.append(try RData(value, type: type, origin: origin))
                    } catch {
                        fault("\(name) \(error)", element.source)
                    }
                }
                add(RecordKey(owner: name, type: type, location: location), own ?? ttl, rdata, element.source)
            case .host(let owner, let addresses, let own):
                guard let name = resolve(owner, origin, element.source) else { continue }
                for address in addresses { addHost(name, address, own ?? ttl, element.source) }
            }
        }
    }

    private mutating func addHost(_ name: Name, _ address: String, _ ttl: UInt32, _ source: SourceLine) {
        let type: RRType = address.contains(":") ? .aaaa : .a
        guard let octets = type == .a ? IPv4Text.parse(address) : IPv6Text.parse(address) else {
            return fault("\(name) \(type): '\(address)' is not an address", source)
        }
        add(RecordKey(owner: name, type: type), ttl, [RData(opaque: octets)], source)
        guard let reverse = ReverseName.of(address: octets) else { return }
        add(RecordKey(owner: reverse, type: .ptr), ttl, [.name(name)], source)
    }

    /// Joins values of one RRset; its TTL is one (RFC 2181 §5.2), so two are a fault.
    private mutating func add(_ key: RecordKey, _ ttl: UInt32, _ rdata: [RData], _ source: SourceLine) {
        guard !rdata.isEmpty else { return }
        guard let index = indices[key] else {
            let record = RecordSet(key: key, ttl: ttl, rdata: rdata, origin: origin(source))
            if record.rdata.count > 1, key.type == .cname || key.type == .soa {
                fault("\(key) may have one value and was given \(record.rdata.count)", source)
            }
            indices[key] = records.count
            records.append(record)
            return
        }
        if records[index].ttl != ttl {
            fault("\(key) has TTL \(records[index].ttl) at line \(records[index].origin.line) and \(ttl) here", source)
        }
        if key.type == .cname || key.type == .soa {
            fault("\(key) may have one value and was given another at line \(records[index].origin.line)", source)
        }
        records[index].setRData(records[index].rdata + rdata)
    }

    private mutating func resolve(_ text: String, _ origin: Name, _ source: SourceLine) -> Name? {
        do {
            return try Name(text, relativeTo: origin)
        } catch {
            fault("\(error)", source)
            return nil
        }
    }

    private func origin(_ line: SourceLine) -> Origin { Origin(source: source, file: line.file, line: line.line) }

    private mutating func fault(_ message: String, _ source: SourceLine) {
        faults.append(RuleFault(message: message, source: source))
    }
}

/// A fault in what a rule yields, with the line that yielded it.
public struct RuleFault: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String
    public var source: SourceLine
    public var description: String { "\(source.file):\(source.line): \(message)" }
}

/// Names of reverse mapping.
public enum ReverseName {
    /// `4.3.2.1.in-addr.arpa.` or 32 nibbles under `ip6.arpa.`; `nil` unless 4 or 16 octets.
    static func of(address octets: [UInt8]) -> Name? {
        switch octets.count {
        case 4: return try? Name(octets.reversed().map(String.init).joined(separator: ".") + ".in-addr.arpa.")
        case 16:
            let nibbles = octets.reversed().flatMap { [$0 & 15, $0 >> 4] }
            return try? Name(nibbles.map { String($0, radix: 16) }.joined(separator: ".") + ".ip6.arpa.")
        default: return nil
        }
    }
}
