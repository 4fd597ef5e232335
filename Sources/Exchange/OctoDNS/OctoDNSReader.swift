internal import Documents
internal import DNSWire
internal import Pipeline

/// Reads octoDNS' zone files: what its YamlProvider takes, and nothing that only a provider could serve.
struct OctoDNSReader {
    /// octoDNS' own default, in seconds.
    static let defaultTTL: UInt32 = 3600
    private let zone: Name
    private var gathering: Gathering

    static func read(_ octets: [UInt8], file: String, zone: Name) throws(ImportFault) -> Holding {
        let document: Document
        do throws(DocumentFaults) {
            document = try DocumentFormat.yaml.read(octets)
        } catch {
            let fault = error.faults.first
            throw ImportFault(file: file, line: fault?.line ?? 0, message: fault?.message ?? "no YAML")
        }
        return try read(document, file: file, zone: zone)
    }

    /// As ``read(_:file:zone:)``, for what has been parsed already.
    static func read(_ document: Document, file: String, zone: Name) throws(ImportFault) -> Holding {
        var reader = OctoDNSReader(zone: zone, gathering: Gathering(file: file))
        switch document.content {
        case .null: break
        case .object(let members): for member in members { reader.node(member) }
        default: throw ImportFault(file: file, line: document.line, message: "expected names with their records, found \(document.kind)")
        }
        return reader.gathering.finish(zone: zone)
    }

    private init(zone: Name, gathering: Gathering) {
        self.zone = zone
        self.gathering = gathering
    }

    private mutating func node(_ member: Document.Member) {
        let line = member.line > 0 ? member.line : member.value.line
        let entries: [Document]
        if case .list(let list) = member.value.content { entries = list } else { entries = [member.value] }
        let owner: Name
        do throws(ValueFault) {
            owner = try self.owner(member)
        } catch {
            let records = entries.reduce(0) { $0 + Self.values($1).count }
            return gathering.refuse(error.reason, "'\(member.name)'", error.message, line: line, records: max(records, 1))
        }
        if entries.isEmpty { gathering.refuse(.value, "\(owner)", "a name without records", line: line) }
        for entry in entries { read(entry, of: owner) }
    }

    /// octoDNS completes names that are relative, without a dot at the end; none stands for the apex.
    private func owner(_ member: Document.Member) throws(ValueFault) -> Name {
        let text = member.name
        if member.isPlain, YAML11.isOther(text) {
            throw ValueFault(.name, "octoDNS' YAML takes this for something else than text: put it in quotes")
        }
        guard !text.isEmpty else { return zone }
        guard text != "@" else { throw ValueFault(.name, "the apex is written '' in octoDNS") }
        guard text.utf8.last != UInt8(ascii: "."), !text.utf8.contains(where: { $0 == 0x20 || $0 == 0x09 }) else {
            throw ValueFault(.name, "names are relative to the zone, without a dot at the end and without blanks")
        }
        do {
            return try InternationalName.name(text, relativeTo: zone)
        } catch let failure as InternationalName.Failure {
            throw ValueFault(.name, failure.message)
        } catch {
            throw ValueFault(.name, "\(error)")
        }
    }

    private static func values(_ entry: Document) -> [Document] {
        for name in ["values", "value"] {
            guard let value = entry[name] else { continue }
            if case .list(let list) = value.content { return list }
            return [value]
        }
        return []
    }

    private mutating func read(_ entry: Document, of owner: Name) {
        let values = Self.values(entry)
        let word = entry["type"]?.word ?? ""
        do throws(ValueFault) {
            let (type, ttl) = try head(entry, word)
            let key = RecordKey(owner: owner, type: type)
            if let known = gathering.line(of: key) {
                throw ValueFault(.duplicate, "it is in this file already, at line \(known)")
            }
            guard !values.isEmpty else { throw ValueFault(.value, "without values") }
            if type == .cname || type == .dname, entry["values"] != nil {
                throw ValueFault(.value, "a \(type) has one 'value', not 'values'")
            }
            var rdata: [RData] = []
            for value in values { rdata.append(try OctoDNSValue.rdata(value, type)) }
            settings(entry, key)
            for data in rdata {
                gathering.add(owner, type, ttl: ttl, data, file: gathering.file, line: entry.line)
            }
        } catch {
            let subject = "\(owner)" + (word.isEmpty ? "" : " \(word)")
            gathering.refuse(
                error.reason, subject, error.message, line: error.line ?? entry.line, records: max(values.count, 1))
        }
    }

    /// All but the values.
    private func head(_ entry: Document, _ word: String) throws(ValueFault) -> (RRType, UInt32) {
        var fields = try Fields(entry)
        guard fields.has("type") else { throw ValueFault(.type, "'type' is missing") }
        guard let type = OctoDNSValue.types[word] else {
            let known = RRType(word) != nil
            throw ValueFault(
                known ? .type : .provider,
                known ? "octoDNS has no type \(word)" : "\(word) is not in DNS: it is for a provider to make something of")
        }
        for name in ["geo", "dynamic"] where fields.has(name) {
            throw ValueFault(.provider, "'\(name)': different answers for different clients, by a provider's means")
        }
        let hasValue = fields.has("value"), hasValues = fields.has("values")
        if hasValue, hasValues { throw ValueFault(.value, "both 'value' and 'values'") }
        let ttl = try fields.number("ttl", limit: 0x7FFF_FFFF, otherwise: UInt64(Self.defaultTTL))
        if let settings = fields.document("octodns") {
            for name in ["excluded", "included", "ignored"] {
                guard let setting = settings[name], setting.resolved != .bool(false), setting.content != .list([]) else { continue }
                throw ValueFault(.setting, "'octodns: \(name)': octoDNS does not send it to every provider", line: setting.line)
            }
        }
        try fields.finish()
        return (type, UInt32(ttl))
    }

    private mutating func settings(_ entry: Document, _ key: RecordKey) {
        guard case .object(let members)? = entry["octodns"]?.content else { return }
        for member in members where !["excluded", "included", "ignored", "lenient"].contains(member.name) {
            gathering.note(.setting, "\(key)", "'octodns: \(member.name)' is left out", line: member.line)
        }
    }
}

