internal import Documents
internal import DNSWire

/// Reads DNSControl's intermediate representation, as `dnscontrol print-ir` prints it.
struct DNSControlReader {
    /// What DNSControl sets where nothing else does, in seconds.
    static let defaultTTL: UInt32 = 300
    private let zone: Name
    private var gathering: Gathering

    /// - Parameter only: of all domains this one.
    static func read(_ octets: [UInt8], file: String, only: Name?) throws(ImportFault) -> Holding {
        let document: Document
        do throws(DocumentFaults) {
            document = try DocumentFormat.json.read(octets)
        } catch {
            let fault = error.faults.first
            throw ImportFault(file: file, line: fault?.line ?? 0, message: fault?.message ?? "no JSON")
        }
        guard case .list(let domains)? = document["domains"]?.content else {
            throw ImportFault(file: file, line: document.line, message: "expected an object with 'domains', as 'dnscontrol print-ir' prints it")
        }
        var holding = Holding()
        for domain in domains {
            guard let text = domain["name"]?.word, let zone = try? InternationalName.name(String(text.prefix { $0 != "!" }) + "."), !zone.isRoot else {
                throw ImportFault(file: file, line: domain.line, message: "a domain without a name, or whose name is none")
            }
            guard only == nil || zone == only else { continue }
            var reader = DNSControlReader(zone: zone, gathering: Gathering(file: file))
            try reader.read(domain, text)
            holding.merge(reader.gathering.finish(zone: zone))
        }
        if let only, holding.zones.isEmpty { throw ImportFault(file: file, message: "the domain \(only) is not in it") }
        return holding
    }

    private init(zone: Name, gathering: Gathering) {
        self.zone = zone
        self.gathering = gathering
    }

    private mutating func read(_ domain: Document, _ name: String) throws(ImportFault) {
        let records = try Self.list(domain, "records", gathering.file)
        if let tag = Self.tag(domain, name) {
            for record in records {
                gathering.refuse(
                    .view, Self.subject(record, zone), "of the view '\(tag)' of \(zone): which clients it is for, DNSControl does not say",
                    line: record.line)
            }
            return
        }
        for record in records { read(record) }
        for server in try Self.list(domain, "nameservers", gathering.file) {
            let name = server["name"]?.word ?? server.shown
            gathering.refuse(
                .provider, "\(zone) NAMESERVER", "\(name): DNSControl makes NS records of it as it pushes; write them as NS of the apex",
                line: server.line)
        }
        for name in ["rawrecords", "recordsabsent"] {
            for record in try Self.list(domain, name, gathering.file) {
                gathering.refuse(.provider, Self.subject(record, zone), "in '\(name)', which is for DNSControl to work out", line: record.line)
            }
        }
        for (name, what) in [("keepunknown", "NO_PURGE"), ("unmanaged", "IGNORE"), ("auto_dnssec", "AUTODNSSEC")] {
            guard let value = domain[name], !value.isNull, value.content != .bool(false), value.content != .list([]) else { continue }
            gathering.note(.setting, "\(zone) \(what)", "'\(name)' is left out: it steers DNSControl", line: value.line)
        }
    }

    private static func list(_ domain: Document, _ name: String, _ file: String) throws(ImportFault) -> [Document] {
        switch domain[name]?.content {
        case nil, .null?: return []
        case .list(let list)?: return list
        default: throw ImportFault(file: file, line: domain[name]?.line ?? 0, message: "'\(name)': expected a list")
        }
    }

    /// Of `example.net!internal`; `nil` for a domain without views.
    private static func tag(_ domain: Document, _ name: String) -> String? {
        for text in [name, domain["uniquename"]?.word ?? "", domain["meta"]?["dnscontrol_uniquename"]?.word ?? ""] {
            if let mark = text.firstIndex(of: "!") { return String(text[text.index(after: mark)...]) }
        }
        return domain["meta"]?["dnscontrol_tag"]?.word.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func subject(_ record: Document, _ zone: Name) -> String {
        "\(record["name"]?.word ?? "?") \(record["type"]?.word ?? "?") in \(zone)"
    }

    private mutating func read(_ record: Document) {
        do throws(ValueFault) {
            var fields = try Fields(record)
            let word = try fields.text("type")
            guard let type = RRType(word), !type.isMeta else {
                throw ValueFault(.provider, "\(word) is not in DNS: it is for DNSControl or a provider to make something of")
            }
            let owner = try self.owner(try fields.text("name"))
            let ttl = try fields.number("ttl", limit: 0x7FFF_FFFF, otherwise: UInt64(Self.defaultTTL))
            let rdata = try DNSControlValue.rdata(&fields, type)
            // About the record, or the same again.
            for name in DNSControlValue.beside { _ = fields.has(name) }
            if case .object(let meta)? = fields.document("meta")?.content, !meta.isEmpty {
                let names = meta.map(\.name).joined(separator: ", ")
                gathering.note(.setting, "\(owner) \(type)", "'meta' is left out: \(names)", line: record.line)
            }
            try fields.finish()
            // DNSControl takes 0 for not given.
            gathering.add(
                owner, type, ttl: ttl == 0 ? Self.defaultTTL : UInt32(ttl), rdata, file: gathering.file, line: record.line)
        } catch {
            gathering.refuse(error.reason, Self.subject(record, zone), error.message, line: record.line)
        }
    }

    /// Relative to the domain, also where `subdomain` says that it was written below one.
    private func owner(_ text: String) throws(ValueFault) -> Name {
        if text.isEmpty || text == "@" { return zone }
        guard !text.hasSuffix(".") else { throw ValueFault(.name, "'\(text)': expected a name relative to the domain") }
        do {
            return try InternationalName.name(text, relativeTo: zone)
        } catch let failure as InternationalName.Failure {
            throw ValueFault(.name, failure.message)
        } catch {
            throw ValueFault(.name, "\(error)")
        }
    }
}
