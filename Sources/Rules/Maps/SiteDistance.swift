public import Pipeline

/// How far some clients are from a site.
public struct SiteDistance: Hashable, Sendable {
    public var prefix: IPv4Prefix
    public var site: Location
    /// Milliseconds.
    public var roundTrip: Double
    /// How many measurements this is the outcome of.
    public var samples: Int
    /// What the clients of this network ask for, in the unit of the sites' capacities;
    /// the same in each row of a network, or the largest counts.
    public var demand: Double

    public init(prefix: IPv4Prefix, site: Location, roundTrip: Double, samples: Int, demand: Double) {
        self.prefix = prefix
        self.site = site
        self.roundTrip = roundTrip
        self.samples = samples
        self.demand = demand
    }

    /// A file of `PREFIX,SITE,MILLISECONDS,SAMPLES,DEMAND`, one row a line; empty lines and
    /// those that begin in `#` or `prefix` (a heading) do not count.
    ///
    /// Throws ``RuleFault`` at the first line that is none.
    @Sendable public static func rows(_ file: InputFile) throws -> [SiteDistance] {
        var rows: [SiteDistance] = []
        for (index, line) in file.lines.enumerated() {
            guard let start = line.first(where: { !$0.isWhitespace }), start != "#", !line.hasPrefix("prefix") else {
                continue
            }
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map { field in
                String(field.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
            }
            guard fields.count == 5, let prefix = IPv4Prefix(fields[0]), let site = Location(fields[1]),
                let roundTrip = Double(fields[2]), let samples = Int(fields[3]), let demand = Double(fields[4])
            else { throw file.fault("expected PREFIX,SITE,MILLISECONDS,SAMPLES,DEMAND: '\(line)'", line: index + 1) }
            rows.append(
                SiteDistance(prefix: prefix, site: site, roundTrip: roundTrip, samples: samples, demand: demand))
        }
        return rows
    }
}

/// A row of measurements that had no say, and why.
public struct IgnoredDistance: Hashable, Sendable {
    public enum Reason: String, Sendable {
        /// A time, number of samples or demand that is negative or no number.
        case notANumber = "a number that is negative or none"
        case fewSamples = "too few samples"
        /// Nobody said what the site can take.
        case unknownSite = "a site without a capacity"
        /// Another row of the same network and site has more samples, or as many and a shorter time.
        case repeated = "another row of the same network and site"
    }

    public var row: SiteDistance
    public var reason: Reason
}
