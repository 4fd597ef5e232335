internal import DNSWire
internal import Documents
internal import Pipeline

/// The JSON-lines protocol of packs in other languages (`docs/packs.md`), from octets to replies.
struct PackLines: Sendable {
    /// Longest line, in octets: all of an RRset's values fit.
    static let longestLine = 4 << 20
    /// An answer is flat.
    private static let depth = 8

    private var buffer: [UInt8] = []
    /// The buffer's start, up to here, holds no line's end.
    private var searched = 0
    /// Lines taken so far.
    private var line = 0
    /// Line by line, which RRsets were there: no line may add to one.
    private var known: [RecordKey: Int] = [:]

    /// Whether all that was fed ended with a line's end.
    var isEmpty: Bool { buffer.isEmpty }

    /// Hands over the replies of all lines that are now whole.
    mutating func feed(_ chunk: [UInt8], _ take: (PackReply) throws(PackFault) -> Void) throws(PackFault) {
        buffer += chunk
        var start = 0
        while let end = buffer[max(start, searched)...].firstIndex(of: 0x0A) {
            line += 1
            searched = 0
            guard end - start <= Self.longestLine else { throw tooLong }
            do throws(PackFault) {
                try take(try reply(start..<end))
            } catch {
                throw PackFault("line \(line) of the pack's output: \(error)")
            }
            start = end + 1
        }
        buffer.removeFirst(start)
        searched = buffer.count
        guard buffer.count <= Self.longestLine else {
            line += 1
            throw tooLong
        }
    }

    private var tooLong: PackFault {
        PackFault("line \(line) of the pack's output: longer than \(Self.longestLine) octets")
    }

    private mutating func reply(_ range: Range<Int>) throws(PackFault) -> PackReply {
        let document: Document
        do throws(DocumentFaults) {
            document = try JSONReader.read(buffer, in: range, depth: Self.depth)
        } catch {
            throw PackFault("\(error.faults.first?.message ?? "not JSON"): \(Self.excerpt(buffer[range]))")
        }
        guard case .object(let members) = document.content, members.count == 1, let member = members.first else {
            throw PackFault("expected an object with one of record, map, fault, done, rules: \(Self.excerpt(buffer[range]))")
        }
        switch member.name {
        case "record":
            let record = try record(Fields(member, known: ["owner", "type", "ttl", "values", "location", "file", "line"]))
            if let first = known.updateValue(line, forKey: record.key) {
                throw PackFault("\(record.key) is there already, at line \(first): all values of an RRset go on one line")
            }
            return .records([record], map: [])
        case "map": return .records([], map: [try entry(Fields(member, known: ["prefix", "location", "file", "line"]))])
        case "fault":
            let fields = try Fields(member, known: ["message", "file", "line"])
            return .fault(
                message: try fields.required("message", fields.text("message")), file: try fields.text("file") ?? "",
                line: try fields.integer("line") ?? 0)
        case "done":
            let fields = try Fields(member, known: ["records", "map"])
            return .done(
                records: try fields.required("records", fields.integer("records")), map: try fields.integer("map") ?? 0)
        case "rules": return .description(try rules(member.value), policies: 0)
        default: throw PackFault("'\(member.name)' is none of record, map, fault, done, rules")
        }
    }

    private func record(_ fields: Fields) throws(PackFault) -> RecordSet {
        let ownerText = try fields.required("owner", fields.text("owner"))
        let typeText = try fields.required("type", fields.text("type"))
        let ttl = try fields.required("ttl", fields.integer("ttl"))
        let values = try fields.required("values", fields.texts("values"))
        guard let type = RRType(typeText) else { throw PackFault("unknown type '\(typeText)'") }
        guard ttl <= 0x7FFF_FFFF else { throw PackFault("ttl \(ttl) is not 0 to 2147483647 seconds") }
        guard !values.isEmpty else { throw PackFault("'values' is empty") }
        let location = try fields.location()
        do {
            let owner = try Name(ownerText)
            var rdata: [RData] = []
            rdata.reserveCapacity(values.count)
            for value in values { rdata.append(try RData(value, type: type)) }
            return RecordSet(
                key: RecordKey(owner: owner, type: type, location: location), ttl: UInt32(ttl), rdata: rdata,
                origin: try fields.origin())
        } catch let fault as PackFault {
            throw fault
        } catch {
            throw PackFault("\(ownerText) \(typeText): \(error)")
        }
    }

    private func entry(_ fields: Fields) throws(PackFault) -> MapEntry {
        let text = try fields.required("prefix", fields.text("prefix"))
        var prefix: [UInt8] = []
        if text != "*" {
            let octets = text.split(separator: ".", omittingEmptySubsequences: false)
            for octet in octets {
                guard let number = UInt8(octet), String(number) == octet, octets.count <= 4 else {
                    throw PackFault("prefix '\(text)' is not one to four octets such as 10.1, or *")
                }
                prefix.append(number)
            }
        }
        return MapEntry(
            prefix: prefix, location: try fields.required("location", fields.location()), origin: try fields.origin())
    }

    private func rules(_ document: Document) throws(PackFault) -> [RuleDescription] {
        guard case .list(let list) = document.content else { throw PackFault("'rules' is a list") }
        var rules: [RuleDescription] = []
        for item in list {
            let fields = try Fields(.init(name: "rules", value: item), known: ["name", "inputs", "file", "line"])
            let name = try fields.required("name", fields.text("name"))
            guard !name.isEmpty, !name.contains("/"), !rules.contains(where: { $0.name == name }) else {
                throw PackFault("rule '\(name)': a name is not empty, has no '/', and is there once")
            }
            rules.append(
                RuleDescription(
                    name: name, inputs: try fields.texts("inputs") ?? [], file: try fields.text("file") ?? "",
                    line: try fields.integer("line") ?? 0))
        }
        return rules
    }

    static func excerpt(_ octets: ArraySlice<UInt8>) -> String {
        let start = String(decoding: octets.prefix(60), as: UTF8.self)
        return String(start.unicodeScalars.map { $0.properties.generalCategory == .control ? "." : Character($0) })
            + (octets.count > 60 ? "…" : "")
    }
}

/// The members of one answer.
private struct Fields {
    let document: Document

    init(_ member: Document.Member, known: [String]) throws(PackFault) {
        guard case .object(let members) = member.value.content else { throw PackFault("'\(member.name)' is an object") }
        for field in members where !known.contains(field.name) {
            throw PackFault("unknown field '\(field.name)' in '\(member.name)'; known are \(known.joined(separator: ", "))")
        }
        document = member.value
    }

    func required<Value>(_ name: String, _ value: Value?) throws(PackFault) -> Value {
        guard let value else { throw PackFault("'\(name)' is missing") }
        return value
    }

    func text(_ name: String) throws(PackFault) -> String? {
        switch document[name]?.content {
        case nil, .null: return nil
        case .string(let text): return text
        default: throw PackFault("'\(name)' is text")
        }
    }

    func integer(_ name: String) throws(PackFault) -> Int? {
        switch document[name]?.content {
        case nil, .null: return nil
        case .number(let text):
            guard let number = Int(text), number >= 0 else { break }
            return number
        default: break
        }
        throw PackFault("'\(name)' is a whole number, not negative")
    }

    func texts(_ name: String) throws(PackFault) -> [String]? {
        guard let value = document[name] else { return nil }
        guard case .list(let list) = value.content else { throw PackFault("'\(name)' is a list of text") }
        var texts: [String] = []
        texts.reserveCapacity(list.count)
        for item in list {
            guard case .string(let text) = item.content else { throw PackFault("'\(name)' is a list of text") }
            texts.append(text)
        }
        return texts
    }

    func location() throws(PackFault) -> Location? {
        guard let text = try text("location") else { return nil }
        guard let location = Location(text) else { throw PackFault("location '\(text)' is not one or two letters or digits") }
        return location
    }

    /// The rule's name is put in by whoever ran it.
    func origin() throws(PackFault) -> Origin {
        Origin(source: "", file: try text("file") ?? "", line: try integer("line") ?? 0)
    }
}
