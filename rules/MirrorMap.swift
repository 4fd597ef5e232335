import Pipeline
import Rules

/// Country ranges as tor-geoipdb ships them: `FIRST,LAST,CC` as decimal numbers.
struct CountryRanges: Sendable {
    struct Range: Sendable {
        var first: UInt32
        var last: UInt32
        /// Two lower-case letters.
        var country: String
    }

    var ranges: [Range] = []

    @Sendable init(_ file: InputFile) throws {
        for (index, line) in file.lines.enumerated() where !line.isEmpty && line.first != "#" {
            let fields = line.split(separator: ",")
            guard fields.count == 3, let first = UInt32(fields[0]), let last = UInt32(fields[1]), first <= last,
                fields[2].utf8.count == 2
            else { throw file.fault("expected FIRST,LAST,COUNTRY: '\(line)'", line: index + 1) }
            ranges.append(Range(first: first, last: last, country: fields[2].lowercased()))
        }
    }
}

/// `mirror`: every client is sent to a mirror of its own country where there is
/// one, and to the network's common name elsewhere.
struct MirrorMap: Rule {
    @Input("debian-mirrors", MirrorList.init) var mirrors: MirrorList
    @Input("geoip", CountryRanges.init) var geoip: CountryRanges
    @Input("inventory/test-clients.yaml") var testClients: [TestClients]

    var records: Records {
        Zone(Site.zone, ttl: 300) {
            for country in mirrors.countries {
                CNAME("mirror", preferred(country) + ".", location: country.code)
            }
            CNAME("mirror", "deb.debian.org.", location: Site.elsewhere)
        }
        LocationMap(lines)
    }

    private var lines: [MapLine] {
        var sites: [String: Location] = [:]
        for country in mirrors.countries { sites[country.code] = Location(country.code) }
        guard let elsewhere = Location(Site.elsewhere) else { return [] }
        var ranges: [OctetPrefixes.Range] = []
        ranges.reserveCapacity(geoip.ranges.count)
        for range in geoip.ranges {
            guard let site = sites[range.country] else { continue }
            ranges.append(OctetPrefixes.Range(first: range.first, last: range.last, location: site))
        }
        // Prefixes that stand in for a country, so that the map can be tried from
        // addresses that one has.
        for clients in testClients {
            let octets = clients.prefix.split(separator: ".").compactMap { UInt32($0) }
            guard let site = sites[clients.country], (1...4).contains(octets.count) else { continue }
            let shift = UInt32(8 * (4 - octets.count))
            let first = octets.reduce(0) { $0 << 8 | $1 } << shift
            let last = first | (shift == 0 ? 0 : UInt32.max >> (32 - shift))
            ranges.append(OctetPrefixes.Range(first: first, last: last, location: site))
        }
        return OctetPrefixes.cover(ranges, otherwise: elsewhere).lines
    }
}
