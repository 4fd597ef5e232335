internal import DNSWire
public import Pipeline

/// What a rule's records come to: RRsets with their source lines, or every fault at once.
public struct Evaluation: Sendable {
    public private(set) var records: [RecordSet] = []
    public private(set) var map: [MapEntry] = []
    public private(set) var faults: [RuleFault] = []

    private let source: String
    private var indices: [RecordKey: Int] = [:]
    private var reverseZones = ReverseZoneSet()
    /// The last record's: the next is often made by the same line.
    private var lastOrigin: (line: SourceLine, origin: Origin)?

    /// Seconds, where neither record nor zone says otherwise.
    public static let defaultTTL: UInt32 = 3600

    /// Seconds (RFC 2181 §8).
    public static let largestTTL: UInt32 = 0x7FFF_FFFF

    /// Evaluates a rule's records; `source` is what their origins name.
    public init(_ records: Records, source: String) {
        self.source = source
        // First, for a zone may be declared after the hosts in it.
        findReverseZones(records, zone: .root)
        walk(records, Scope())
    }

    /// What surrounds a record.
    private struct Scope {
        var zone = Name.root
        var ttl = Evaluation.defaultTTL
        var location: Location?
    }

    private mutating func walk(_ records: Records, _ scope: Scope) {
        if records.elements.count > self.records.count {
            self.records.reserveCapacity(self.records.count + records.elements.count)
            indices.reserveCapacity(self.records.count + records.elements.count)
        }
        for element in records.elements {
            let source = element.source
            var scope = scope
            switch element.kind {
            case .zone(let name, let ttl, let inner):
                guard let zone = resolve(name, scope.zone, source) else { continue }
                scope.zone = zone
                scope.ttl = ttl ?? scope.ttl
                walk(inner, scope)
            case .ttl(let seconds, let inner):
                scope.ttl = seconds
                walk(inner, scope)
            case .location(let place, let inner):
                guard let location = location(place, source) else { continue }
                scope.location = location
                walk(inner, scope)
            case .record(let owner, let type, let values, let ttl, let place):
                guard let name = resolve(owner, scope.zone, source) else { continue }
                scope.location = place.map { location($0, source) } ?? scope.location
                scope.ttl = ttl ?? scope.ttl
                add(name, type, values, scope, source)
            case .host(let owner, let addresses, let ttl, let place, let pointers):
                guard let name = resolve(owner, scope.zone, source) else { continue }
                scope.location = place.map { location($0, source) } ?? scope.location
                scope.ttl = ttl ?? scope.ttl
                for address in addresses { addHost(name, address, pointers: pointers, scope, source) }
            case .delegation(let delegated, let ttl):
                scope.ttl = ttl ?? scope.ttl
                add(delegated, scope, source)
            case .map(let lines):
                let origin = self.origin(source)
                map.reserveCapacity(map.count + lines.count)
                for line in lines {
                    map.append(MapEntry(prefix: line.prefix, location: line.location, demand: line.demand, origin: origin))
                }
            case .fault(let message): fault(message, source)
            case .reverseZones: continue
            }
        }
    }

    /// Faults in names of scopes are found by the walk.
    private mutating func findReverseZones(_ records: Records, zone: Name) {
        for element in records.elements {
            switch element.kind {
            case .zone(let name, _, let inner):
                if let zone = try? Name(name, relativeTo: zone) { findReverseZones(inner, zone: zone) }
            case .ttl(_, let inner), .location(_, let inner): findReverseZones(inner, zone: zone)
            case .record(let owner, .soa, _, _, _):
                // An SOA elsewhere is no reverse zone, and need not be one.
                if let zone = try? Name(owner, relativeTo: zone) { try? reverseZones.insert(zone) }
            case .reverseZones(let names):
                for name in names {
                    guard let zone = resolve(name, .root, element.source) else { continue }
                    do {
                        try reverseZones.insert(zone)
                    } catch {
                        fault(error.message, element.source)
                    }
                }
            default: continue
            }
        }
    }

    private mutating func add(
        _ name: Name, _ type: RRType, _ values: [Element.Value], _ scope: Scope, _ source: SourceLine
    ) {
        var rdata: [RData] = []
        rdata.reserveCapacity(values.count)
        for value in values {
            do {
                switch value {
                case .text(let text): rdata.append(try RData(text, type: type, origin: scope.zone))
                case .relative(let make): rdata.append(try make(scope.zone))
                }
            } catch let error as RDataError {
                fault("\(name) \(error)", source)
            } catch {
                fault("\(name) \(type): \(error)", source)
            }
        }
        add(RecordKey(owner: name, type: type, location: scope.location), scope.ttl, rdata, source)
    }

    private mutating func addHost(
        _ name: Name, _ address: String, pointers: Bool, _ scope: Scope, _ source: SourceLine
    ) {
        let type: RRType = address.contains(":") ? .aaaa : .a
        guard let octets = type == .a ? IPv4Text.parse(address) : IPv6Text.parse(address) else {
            return fault("\(name) \(type): '\(address)' is not an address", source)
        }
        add(RecordKey(owner: name, type: type, location: scope.location), scope.ttl, [RData(opaque: octets)], source)
        guard pointers else { return }
        let reverse = reverseZones.isEmpty ? ReverseName.of(address: octets) : reverseZones.owner(of: octets)
        if let reverse { add(RecordKey(owner: reverse, type: .ptr), scope.ttl, [.name(name)], source) }
    }

    private mutating func add(_ delegated: Delegated, _ scope: Scope, _ source: SourceLine) {
        guard let child = resolve(delegated.child, scope.zone, source) else { return }
        let servers = delegated.servers.compactMap { resolve($0, scope.zone, source) }
        let glue = delegated.glue.compactMap { resolve($0.server, scope.zone, source) }
        guard servers.count == delegated.servers.count, glue.count == delegated.glue.count else { return }
        for message in delegated.faults(child: child, servers: servers, glue: glue) { fault(message, source) }
        add(RecordKey(owner: child, type: .ns, location: scope.location), scope.ttl, servers.map(RData.name), source)
        add(child, .ds, delegated.ds.map { .text($0) }, scope, source)
        for (name, list) in zip(glue, delegated.glue) {
            for address in list.addresses { addHost(name, address, pointers: false, scope, source) }
        }
    }

    /// Joins values of one RRset; its TTL is one (RFC 2181 §5.2), so two are a fault.
    private mutating func add(_ key: RecordKey, _ ttl: UInt32, _ rdata: [RData], _ source: SourceLine) {
        guard !rdata.isEmpty else { return }
        if ttl > Self.largestTTL { fault("\(key) has TTL \(ttl); \(Self.largestTTL) is the most", source) }
        let isSingle = key.type == .cname || key.type == .soa || key.type == .dname
        guard let index = indices[key] else {
            let record = RecordSet(key: key, ttl: ttl, rdata: rdata, origin: origin(source))
            if record.rdata.count > 1, isSingle {
                fault("\(key) may have one value and was given \(record.rdata.count)", source)
            }
            indices[key] = records.count
            records.append(record)
            return
        }
        if records[index].ttl != ttl {
            fault("\(key) has TTL \(records[index].ttl) at line \(records[index].origin.line) and \(ttl) here", source)
        }
        if isSingle {
            fault("\(key) may have one value and was given another at line \(records[index].origin.line)", source)
        }
        records[index].setRData(records[index].rdata + rdata)
    }

    private mutating func resolve(_ text: String, _ zone: Name, _ source: SourceLine) -> Name? {
        do {
            return try Name(text, relativeTo: zone)
        } catch {
            fault("\(error)", source)
            return nil
        }
    }

    private mutating func location(_ text: String, _ source: SourceLine) -> Location? {
        let location = Location(text)
        if location == nil { fault("location '\(text)' is not one or two letters or digits", source) }
        return location
    }

    private mutating func origin(_ line: SourceLine) -> Origin {
        if let lastOrigin, lastOrigin.line == line { return lastOrigin.origin }
        let origin = Origin(source: source, file: line.file, line: line.line)
        lastOrigin = (line, origin)
        return origin
    }

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
