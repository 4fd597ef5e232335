internal import DNSWire
internal import Pipeline
internal import TinyDNSData

/// Reads what `tinydns-data` compiles: many zones in one file, locations and the map of clients too.
enum TinyDNSImport {
    /// - Parameters:
    ///   - only: of all zones this one; the map stays whole.
    ///   - datesSerials: whether the time of the file may stand for serials that are not written.
    static func read(_ data: DataFile, file: String, only: Name?, datesSerials: Bool) throws(ImportFault) -> Holding {
        let values = data.records(file: file)
        var holding = Holding()
        // What the scanner gave, and what it could not even give.
        holding.read = values.report.records
        for problem in values.report.problems {
            let isRefused = problem.lost > 0 || problem.level != .warning || (problem.code == .dated && !datesSerials)
            if problem.level == .fault || problem.code == .noAddress { holding.read += problem.lost }
            let isDated = problem.code == .dated && isRefused
            let remark = Remark(
                file: file, line: problem.line, subject: "", reason: reason(of: problem.code),
                message: isDated ? "an SOA without a serial, for which the time of the file would stand: write one" : problem.message,
                records: isDated ? 1 : problem.lost)
            if isRefused { holding.refusals.append(remark) } else { holding.notes.append(remark) }
        }
        var records = values.records
        if !datesSerials {
            let dated = Set(values.report.problems.filter { $0.code == .dated }.map(\.line))
            if !dated.isEmpty { records.removeAll { $0.key.type == .soa && dated.contains($0.origin.line) } }
        }
        var zones: [Name] = []
        var known: Set<Name> = []
        for record in values.records where record.key.type == .soa && known.insert(record.key.owner).inserted {
            zones.append(record.key.owner)
        }
        let apexes = Apexes(zones)
        if let only {
            guard known.contains(only) else { throw ImportFault(file: file, message: "the zone \(only) is not in it: there is no SOA of it") }
            zones = [only]
            records.removeAll { apexes.zone(of: $0.key.owner) != only }
            holding.read = records.reduce(0) { $0 + $1.rdata.count } + holding.refusals.reduce(0) { $0 + $1.records }
        } else if let first = records.first(where: { apexes.zone(of: $0.key.owner) == nil }) {
            let count = records.count { apexes.zone(of: $0.key.owner) == nil }
            holding.notes.append(
                Remark(
                    file: file, line: first.origin.line, subject: "\(first.key)", reason: .outOfZone,
                    message: "in none of the zones, which are where there is an SOA\(count > 1 ? "; so are \(count - 1) RRsets more" : "")",
                    records: 0))
        }
        holding.start(records, map: values.map, zones: zones)
        return holding
    }

    private static func reason(of code: DataProblem.Code) -> Remark.Reason {
        switch code {
        case .unknownLine, .badEscape, .carriageReturn: .syntax
        case .labelTooLong, .nameTooLong, .emptyName, .emptyLabel: .name
        case .prohibitedType, .metaType: .type
        case .missingPort, .noAddress, .addressOutOfRange, .badNumber, .numberOutOfRange, .badPrefix, .prefix, .malformedData: .value
        case .timestamp, .badTimestamp, .expired: .timestamp
        case .location, .longLocation: .location
        case .extraField: .field
        case .cutText: .strings
        case .ttlDiffers: .ttl
        case .duplicate, .shadowed: .duplicate
        case .dated: .missing
        case .tooLarge, .unservable, .manyAddresses: .unwritable
        }
    }
}
