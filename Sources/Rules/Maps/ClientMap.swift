public import Pipeline

/// Which clients are at which site: networks, of which the longest that holds a client
/// counts, whatever their order.
///
/// ```swift
/// LocationMap(ClientMap(["198.51.100.0/24": "de", "198.51.100.64/26": "at"], otherwise: "zz"))
/// ```
///
/// IPv4 alone, as tinydns' map. See ``ClientMap/placing(_:capacities:otherwise:minimumSamples:former:hysteresis:)``
/// for one that is computed from measurements.
public struct ClientMap: Sendable {
    /// The site of each network.
    public internal(set) var sites: [IPv4Prefix: Location]
    /// The site of clients in none of them.
    public let otherwise: Location
    /// What was wrong with its text: ``LocationMap(_:longest:file:line:)`` makes these the rule's.
    let faults: [RuleFault]

    public init(_ sites: [IPv4Prefix: Location], otherwise: Location) {
        self.sites = sites
        self.otherwise = otherwise
        faults = []
    }

    /// Networks (``IPv4Prefix/init(_:)``) and sites in text, as a rule's source has them.
    ///
    /// What is wrong is a fault of the rule, at this line, once the map is used.
    public init(
        _ sites: KeyValuePairs<String, String>, otherwise: String, file: String = #fileID, line: Int = #line
    ) {
        let source = SourceLine(file: file, line: line)
        var faults: [RuleFault] = []
        var parsed: [IPv4Prefix: Location] = [:]
        for (network, site) in sites {
            do throws(RuleFault) {
                try Self.add(network, site, to: &parsed, source)
            } catch {
                faults.append(error)
            }
        }
        if Location(otherwise) == nil { faults.append(Self.badSite(otherwise, source)) }
        self.sites = parsed
        self.otherwise = Location(otherwise) ?? Self.nowhere
        self.faults = faults
    }

    /// A file with a network and its site in each line, between them blanks or a comma; `#`
    /// starts a comment.
    ///
    /// Throws ``RuleFault`` at the first line that is none.
    public init(_ file: InputFile, otherwise: String) throws {
        var parsed: [IPv4Prefix: Location] = [:]
        for (index, line) in file.lines.enumerated() {
            let text = line.prefix { $0 != "#" }
            let fields = text.split { $0 == "," || $0.isWhitespace }
            if fields.isEmpty { continue }
            guard fields.count == 2 else { throw file.fault("expected NETWORK SITE: '\(line)'", line: index + 1) }
            let source = SourceLine(file: file.name, line: index + 1)
            try Self.add(String(fields[0]), String(fields[1]), to: &parsed, source)
        }
        guard let site = Location(otherwise) else { throw Self.badSite(otherwise, SourceLine(file: file.name, line: 0)) }
        self.init(parsed, otherwise: site)
    }

    /// The site of an address: that of the longest network that holds it.
    public func site(of address: UInt32) -> Location {
        for length in stride(from: 32, through: 0, by: -1) {
            if let site = sites[IPv4Prefix(holding: address, length: length)] { return site }
        }
        return otherwise
    }

    /// Stands where a map has a fault and is never used.
    private static let nowhere = Location(octets: [0x7A, 0x7A])!

    private static func add(
        _ network: String, _ site: String, to sites: inout [IPv4Prefix: Location], _ source: SourceLine
    ) throws(RuleFault) {
        guard let prefix = IPv4Prefix(network) else {
            let why = network.contains(":") ? "tinydns' map is of IPv4 alone" : "write its first address: 192.0.2.0/24"
            throw RuleFault(message: "'\(network)' is no IPv4 network; \(why)", source: source)
        }
        guard let location = Location(site) else { throw badSite(site, source) }
        if let other = sites.updateValue(location, forKey: prefix) {
            throw RuleFault(message: "\(prefix) is at \(location), and was at \(other) before", source: source)
        }
    }

    private static func badSite(_ site: String, _ source: SourceLine) -> RuleFault {
        RuleFault(message: "site '\(site)' is not one or two letters or digits", source: source)
    }
}

/// A map of networks, as the fewest lines that tinydns needs for it.
///
/// - Parameter longest: the longest prefix of a line, in octets (1 to 4); see ``ClientMap/expanded(longest:demand:)``
///   for what that puts elsewhere.
/// - Parameter demand: of networks, so that a plan can tell how much of it a change moves.
public func LocationMap(
    _ map: ClientMap, longest: Int = 3, demand: [IPv4Prefix: Double] = [:], file: String = #fileID, line: Int = #line
) -> Records {
    guard map.faults.isEmpty else {
        return Records(joining: map.faults.map { Records(Element(kind: .fault($0.message), source: $0.source)) })
    }
    guard (1...4).contains(longest) else {
        return Records(faults: ["a line of the map has 1 to 4 octets, not \(longest)"], file, line)
    }
    return LocationMap(map.expanded(longest: longest, demand: demand).lines, file: file, line: line)
}

/// The map of a placement, each line with its demand.
public func LocationMap(_ placement: Placement, longest: Int = 3, file: String = #fileID, line: Int = #line) -> Records {
    LocationMap(placement.map, longest: longest, demand: placement.demand, file: file, line: line)
}
