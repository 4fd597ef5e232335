import Foundation
import Rules

/// `Debian.mirrors` as python-apt ships it: `#LOC:CC`, then one URL a line.
struct MirrorList: Sendable {
    struct Country: Sendable {
        /// Two lower-case letters.
        var code: String
        /// Hosts in the order of the list, each once.
        var hosts: [String]
    }

    var countries: [Country]

    @Sendable init(_ file: InputFile) throws {
        countries = []
        for (index, line) in file.lines.enumerated() where !line.isEmpty {
            if line.hasPrefix("#LOC:") {
                countries.append(Country(code: line.dropFirst(5).lowercased(), hosts: []))
            } else if let scheme = line.range(of: "://") {
                guard !countries.isEmpty else { throw file.fault("a mirror before the first #LOC line", line: index + 1) }
                let host = String(line[scheme.upperBound...].prefix { $0 != "/" && $0 != ":" })
                let last = countries.count - 1
                if !countries[last].hosts.contains(host) { countries[last].hosts.append(host) }
            } else {
                throw file.fault("neither a #LOC line nor a URL: '\(line)'", line: index + 1)
            }
        }
        countries.removeAll { $0.hosts.isEmpty }
    }
}

/// A name for each country's first mirror (`se`), and one for every mirror
/// (`ftp-acc-umu-se.se`).
struct MirrorNames: Rule {
    @Input("debian-mirrors", MirrorList.init) var mirrors: MirrorList

    var records: Records {
        Zone(Site.zone, ttl: Site.ttl) {
            for country in mirrors.countries {
                CNAME(country.code, preferred(country) + ".")
                Zone(country.code) {
                    for host in country.hosts { CNAME(label(host), host + ".") }
                }
            }
        }
    }

    private func label(_ host: String) -> String {
        String(host.replacingOccurrences(of: ".", with: "-").prefix(63))
    }
}

/// The project's own name for a country's mirror, where the list has it.
func preferred(_ country: MirrorList.Country) -> String {
    country.hosts.first { $0 == "ftp.\(country.code).debian.org" } ?? country.hosts[0]
}
