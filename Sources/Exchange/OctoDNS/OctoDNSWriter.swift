internal import DNSWire
internal import Pipeline

/// Writes zone files that octoDNS reads, with its strict validation and its order of keys.
enum OctoDNSWriter {
    /// - Parameter records: of one zone.
    static func write(_ records: [RecordSet], zone: Name, _ remarks: inout Export.Remarks) -> [UInt8] {
        var nodes: [(key: NaturalKey, name: String, records: [RecordSet])] = []
        var places: [Name: Int] = [:]
        for record in records {
            if let place = places[record.key.owner] {
                nodes[place].records.append(record)
                continue
            }
            guard let name = relative(record.key.owner, zone) else {
                remarks.refuse(record, .name, "octoDNS has no way to write this name")
                continue
            }
            places[record.key.owner] = nodes.count
            nodes.append((NaturalKey(name), name, [record]))
        }
        nodes.sort { $0.key < $1.key }
        var text = "---\n"
        for node in nodes {
            var entries: [[String]] = []
            for record in node.records {
                do throws(ValueFault) {
                    entries.append(try entry(record, node.name, &remarks))
                } catch {
                    remarks.refuse(record, error.reason, error.message)
                }
            }
            guard !entries.isEmpty else { continue }
            text += "\(YAMLText.scalar(node.name)):\n"
            for entry in entries {
                for (index, line) in entry.enumerated() {
                    text += (entries.count == 1 ? "  " : index == 0 ? "  - " : "    ") + line + "\n"
                }
            }
        }
        if text == "---\n" { text += "{}\n" }
        return Array(text.utf8)
    }

    static func isPlain(_ octet: UInt8) -> Bool {
        octet >= 0x30 && octet <= 0x39 || octet | 0x20 >= 0x61 && octet | 0x20 <= 0x7A || "-_.".utf8.contains(octet)
    }

    /// The owner as octoDNS writes it; `nil` if it has characters that it would not take, or is too long for it.
    private static func relative(_ owner: Name, _ zone: Name) -> String? {
        let full = owner.description.lowercased()
        guard full.utf8.count <= 253, full.utf8.allSatisfy({ isPlain($0) || "*/".utf8.contains($0) }) else { return nil }
        // A dot within a label would have been escaped, and a backslash is not plain.
        let name = owner.wire.count == zone.wire.count ? "" : String(full.dropLast(zone.description.utf8.count + 1))
        return name
    }

    /// One record's lines, its keys in order.
    private static func entry(_ record: RecordSet, _ name: String, _ remarks: inout Export.Remarks) throws(ValueFault) -> [String] {
        let type = record.key.type
        guard OctoDNSValue.types["\(type)"] != nil else {
            throw ValueFault(.type, type == .soa ? "octoDNS leaves the SOA to its providers" : "octoDNS has no type \(type)")
        }
        if type == .cname, name.isEmpty { throw ValueFault(.name, "octoDNS takes no CNAME at the apex") }
        if type == .srv || type == .uri {
            let labels = name.split(separator: ".")
            guard labels.count > 1, labels[0] == "*" || labels[0].hasPrefix("_") && labels[0].count > 1 else {
                throw ValueFault(.name, "octoDNS takes a \(type) at names such as _service._tcp only")
            }
        }
        guard type != .cname && type != .dname || record.rdata.count == 1 else { throw ValueFault(.value, "a \(type) has one value only") }
        var values: [[String]] = []
        for rdata in record.rdata { values.append(try OctoDNSText.lines(rdata, type)) }
        if type == .txt || type == .spf {
            let isCut = record.rdata.contains { $0.joinedStrings.map { RData.txt(octets: $0) } != $0 }
            if isCut { remarks.note(record, .strings, "octoDNS cuts texts into character-strings of 255 octets, this one is cut otherwise") }
            guard Set(values).count == values.count else { throw ValueFault(.unwritable, "two values that octoDNS cannot tell apart") }
        }
        var lines: [String] = []
        if record.ttl != OctoDNSReader.defaultTTL { lines.append("ttl: \(record.ttl)") }
        lines.append("type: \(type)")
        if values.count == 1, let value = values.first {
            if value.count == 1, !value[0].contains(": ") || type.isText {
                lines.append("value: \(value[0])")
            } else {
                lines += ["value:"] + value.map { "  " + $0 }
            }
        } else {
            lines.append("values:")
            for value in values { for (index, line) in value.enumerated() { lines.append((index == 0 ? "  - " : "    ") + line) } }
        }
        return lines
    }
}

extension RRType {
    /// Whether octoDNS writes a value as one text.
    fileprivate var isText: Bool {
        switch self {
        case .a, .aaaa, .cname, .dname, .ns, .ptr, .txt, .spf, .openpgpkey: true
        default: false
        }
    }
}
