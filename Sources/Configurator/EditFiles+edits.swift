internal import DNSWire
internal import Documents
internal import Pipeline
internal import Yams

/// One file of edits.
struct EditReading {
    let file: String
    private(set) var edits: [Edit] = []
    private(set) var faults: [String] = []

    init(file: String) { self.file = file }

    private static let fields: Set<String> = [
        "action", "name", "type", "location", "ttl", "values", "owner", "reason", "overrides", "starts", "expires",
    ]

    /// Octets of a file at most: of each a node is made, and those are a hundred times as large.
    private static let largest = 16 << 20
    /// Edits nest four deep.
    private static let deepest = 32

    mutating func read(_ text: String) {
        guard text.utf8.count <= Self.largest else {
            faults.append("\(file): \(text.utf8.count) octets, and a file of edits has at most \(Self.largest); whole zones go in zone files")
            return
        }
        // Aliases multiply ("billion laughs"), also while the parser compares keys; edits
        // need none.
        if let place = Aliases.first(in: text) {
            faults.append("\(file):\(place.line):\(place.column): aliases (&x … *x) are not allowed: write it out")
            return
        }
        if let line = YAMLReader.line(in: text, nestedDeeperThan: Self.deepest) {
            faults.append("\(file):\(line): nested deeper than \(Self.deepest)")
            return
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            // It quotes the line, however long that is.
            faults.append("\(file): \(String("\(error)".prefix(500)))")
            return
        }
        guard let root else { return }
        guard case .mapping(let top) = root, let list = top["edits"]?.sequence else {
            return fault("expected 'edits:' with a list", root)
        }
        for (key, _) in top where key.string != "edits" {
            fault("unknown field '\(key.string ?? "?")'; a file has 'edits' alone", key)
        }
        for node in list {
            guard let mapping = node.mapping else {
                fault("an edit is a mapping with action, name, type, …", node)
                continue
            }
            read(mapping, node)
        }
    }

    private mutating func read(_ mapping: Node.Mapping, _ node: Node) {
        let before = faults.count
        for (key, _) in mapping where !Self.fields.contains(key.string ?? "") {
            fault("unknown field '\(key.string ?? "?")'; known are \(Self.fields.sorted().joined(separator: ", "))", key)
        }
        func text(_ field: String) -> String? { mapping[field]?.scalar?.string }
        var action: Edit.Action?
        if let word = text("action") {
            action = Edit.Action(rawValue: word)
            if action == nil { fault("action '\(word)' is none of set, add, remove, pin, external", mapping["action"]!) }
        } else {
            fault("'action' is missing: set, add, remove, pin or external", node)
        }
        let name = parse("name", mapping, node) { try Name($0) }
        // Another writer's is a whole name, unless a type is given.
        let type =
            action == .external && mapping["type"] == nil
            ? Edit.everyType
            : parse("type", mapping, node) { word in
                guard let type = RRType(word) else { throw Fault("unknown type '\(word)'") }
                return type
            }
        for field in ["owner", "reason"] where text(field)?.isEmpty ?? true {
            fault("'\(field)' is missing: who wants this, and why", node)
        }
        let location = optional("location", mapping) { word in
            guard let location = Location(word) else { throw Fault("location '\(word)' is not one or two characters") }
            return location
        }
        let ttl = optional("ttl", mapping) { word in
            guard let ttl = UInt32(word), ttl <= 0x7FFF_FFFF else { throw Fault("ttl '\(word)' is not 0 to 2147483647 seconds") }
            return ttl
        }
        let starts = optional("starts", mapping, instant)
        let expires = optional("expires", mapping, instant)
        let overrides = optional("overrides", mapping) { word in
            guard !word.isEmpty else { throw Fault("name a source") }
            return word
        }
        if let starts, let expires, expires <= starts { fault("it expires before it starts", mapping["expires"]!) }
        let rdata = type.map { values(mapping, $0) } ?? []
        if action == .external {
            for field in ["values", "ttl", "overrides"] where mapping[field] != nil {
                fault("'\(field)' is for another action: what is external is neither made nor removed", mapping[field]!)
            }
        }
        if let action, action.makesValues, rdata.isEmpty, mapping["values"] == nil {
            fault("'values' is missing: what to \(action.rawValue)", node)
        }
        if (mapping["values"]?.sequence?.count).map({ $0 == 0 }) ?? false { fault("'values' is empty", mapping["values"]!) }
        guard faults.count == before, let action, let name, let type else { return }
        let edit = Edit(
            action: action, key: RecordKey(owner: name, type: type, location: location),
            ttl: action.makesValues ? ttl ?? 3600 : nil, rdata: rdata,
            origin: Origin(
                source: Origin.edits, file: file, line: node.mark?.line ?? 0, person: text("owner") ?? "",
                reason: text("reason") ?? ""),
            overrides: overrides, starts: starts, expires: expires)
        if action.makesValues {
            let record = RecordSet(key: edit.key, ttl: edit.ttl ?? 0, rdata: rdata, origin: edit.origin)
            for message in RecordLint.messages(on: record) { fault("\(record.key): \(message)", node) }
        }
        edits.append(edit)
    }

    private mutating func values(_ mapping: Node.Mapping, _ type: RRType) -> [RData] {
        guard let node = mapping["values"] else { return [] }
        let list = node.sequence.map(Array.init) ?? [node]
        var rdata: [RData] = []
        for value in list {
            guard let text = value.scalar?.string else {
                fault("a value is text", value)
                continue
            }
            do {
                rdata.append(try RData(text, type: type))
            } catch {
                fault("\(error)", value)
            }
        }
        return rdata
    }

    private struct Fault: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private func instant(_ word: String) throws -> Instant {
        guard let instant = Instant(iso8601: word) else { throw Fault("'\(word)' is not a time as in 2026-12-01T00:00:00Z") }
        return instant
    }

    private mutating func parse<T>(_ field: String, _ mapping: Node.Mapping, _ node: Node, _ parse: (String) throws -> T) -> T? {
        guard mapping[field] != nil else {
            fault("'\(field)' is missing", node)
            return nil
        }
        return optional(field, mapping, parse)
    }

    private mutating func optional<T>(_ field: String, _ mapping: Node.Mapping, _ parse: (String) throws -> T) -> T? {
        guard let node = mapping[field] else { return nil }
        guard let word = node.scalar?.string else {
            fault("'\(field)' is text", node)
            return nil
        }
        do {
            return try parse(word)
        } catch {
            fault("\(field): \(error)", node)
            return nil
        }
    }

    private mutating func fault(_ message: String, _ node: Node) {
        let place = node.mark.map { ":\($0.line):\($0.column)" } ?? ""
        faults.append("\(file)\(place): \(message)")
    }
}
