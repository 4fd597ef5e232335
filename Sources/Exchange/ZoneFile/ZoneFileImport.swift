internal import DNSWire
internal import ZoneFiles

/// Reads zone files (RFC 1035 §5): one zone each.
enum ZoneFileImport {
    /// Stands for an origin that nobody has named, so that what depends on it can be found and refused.
    private static let nowhere = try! Name("origin-not-known.invalid.")

    /// - Parameters:
    ///   - path: of the file in `directory`.
    ///   - name: what the file is called in remarks; that of included files is made of it.
    ///   - zone: the apex; by default the owner of the SOA, or what the file is named for.
    static func read(_ path: String, in directory: ZoneDirectory, name: String, zone: Name?) throws -> Holding {
        let named = zone ?? ZoneNaming.zone(ofZoneFile: path)
        let options = ZoneFileReader.Options(origin: named ?? nowhere)
        var reader = try directory.reader(path, options: options)
        let folder = name.hasSuffix(path) ? String(name.dropLast(path.count)) : ""
        var gathering = Gathering(file: name)
        var apex = zone
        var lastFile = (short: "", full: "")
        while let item = reader.next() {
            let position = reader.position
            if position.file != lastFile.short { lastFile = (position.file, folder + position.file) }
            switch item {
            case .fault(let fault):
                if fault.code == .unreadable { throw ImportFault(file: folder + fault.position.file, message: fault.message) }
                gathering.refuse(
                    reason(of: fault.code), "", "\(fault.code.rawValue)\(fault.message.isEmpty ? "" : ": \(fault.message)")",
                    file: folder + fault.position.file, line: fault.position.line)
            case .record(let record):
                if named == nil, depends(record) {
                    gathering.refuse(
                        .relative, "\(record.owner) \(record.type)", "a relative name, and neither $ORIGIN nor the file's name says of what zone",
                        file: lastFile.full, line: position.line)
                    continue
                }
                if apex == nil, record.type == .soa { apex = record.owner }
                gathering.add(
                    record.owner, record.type, ttl: record.ttl, record.rdata, file: lastFile.full, line: position.line)
            }
        }
        guard let apex = apex ?? named else {
            throw ImportFault(file: name, message: "which zone is it? There is no SOA, and the file's name is no zone's: give its name")
        }
        return gathering.finish(zone: apex)
    }

    /// Whether a record has a name that was completed by the origin nobody named.
    private static func depends(_ record: ResourceRecord) -> Bool {
        if record.owner.isWithin(nowhere) { return true }
        let mark = nowhere.wire[...], data = record.rdata.wire
        guard data.count >= mark.count else { return false }
        return data.indices.dropLast(mark.count - 1).contains { data[$0..<$0 + mark.count] == mark }
    }

    private static func reason(of code: ZoneFault.Code) -> Remark.Reason {
        switch code {
        case .badOwner, .noOwner: .name
        case .unknownType, .metaType, .missingType: .type
        case .badClass: .class
        case .badTTL, .missingTTL: .ttl
        case .badData: .value
        case .syntax, .tooLong, .badDirective, .include, .unreadable: .syntax
        }
    }
}
