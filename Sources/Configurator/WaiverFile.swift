internal import DNSWire
internal import Foundation
internal import Pipeline
public import Validation
internal import Documents
internal import Yams

/// Reads `waivers.yaml` of a site (`schemas/waivers.schema.json`): all waivers, or all faults.
public enum WaiverFile {
    public static let name = "waivers.yaml"

    /// The waivers of a tree; none if it has no such file.
    public static func read(in tree: SiteTree) throws -> [Waiver] {
        let path = "\(tree.directory)/\(name)"
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try parse(String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self), file: name)
    }

    /// Parses one file's text; throws every fault with its line.
    public static func parse(_ text: String, file: String) throws -> [Waiver] {
        var reading = WaiverReading(file: file)
        reading.read(text)
        guard reading.faults.isEmpty else { throw ConfiguratorError(.edits, reading.faults) }
        return reading.waivers
    }
}

private struct WaiverReading {
    let file: String
    var waivers: [Waiver] = []
    var faults: [String] = []

    private static let fields: Set<String> = ["code", "name", "type", "zone", "subtree", "reason", "owner", "expires"]

    mutating func read(_ text: String) {
        if let place = Aliases.first(in: text) {
            faults.append("\(file):\(place.line):\(place.column): aliases (&x … *x) are not allowed: write it out")
            return
        }
        if let line = YAMLReader.line(in: text, nestedDeeperThan: 32) {
            faults.append("\(file):\(line): nested deeper than 32")
            return
        }
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            faults.append("\(file): \(error)")
            return
        }
        guard let root else { return }
        guard case .mapping(let top) = root, let list = top["waivers"]?.sequence, top.count == 1 else {
            return fault("expected 'waivers:' with a list, and nothing else", root)
        }
        for node in list {
            if let mapping = node.mapping {
                read(mapping, node)
            } else {
                fault("a waiver is a mapping with code, zone (or name and type, or subtree), reason, owner", node)
            }
        }
    }

    private mutating func read(_ mapping: Node.Mapping, _ node: Node) {
        let before = faults.count
        for (key, _) in mapping where !Self.fields.contains(key.string ?? "") {
            fault("unknown field '\(key.string ?? "?")'; known are \(Self.fields.sorted().joined(separator: ", "))", key)
        }
        func text(_ field: String) -> String { mapping[field]?.scalar?.string ?? "" }
        for field in ["code", "reason", "owner"] where text(field).isEmpty { fault("'\(field)' is missing", node) }
        let code = Code(text("code"))
        if code == nil, !text("code").isEmpty {
            fault("'\(text("code"))' is no code: 'freshet validate --explain all' lists them", mapping["code"]!)
        }
        func name(_ field: String) -> Name? {
            do { return try Name(text(field)) } catch {
                fault("\(field): \(error)", mapping[field] ?? node)
                return nil
            }
        }
        var scope: Waiver.Scope?
        switch (mapping["name"] != nil, mapping["zone"] != nil, mapping["subtree"] != nil) {
        case (true, false, false):
            guard let type = RRType(text("type")) else { return fault("'name' goes with the 'type' of its records", node) }
            scope = name("name").map { .records(owner: $0, type: type) }
        case (false, true, false): scope = name("zone").map { .zone($0) }
        case (false, false, true): scope = name("subtree").map { .subtree($0) }
        default: fault("say where: one of zone, subtree, or name with type", node)
        }
        var expires: Instant?
        if mapping["expires"] != nil {
            expires = Instant(iso8601: text("expires"))
            if expires == nil { fault("expires: '\(text("expires"))' is not a time as in 2026-12-01T00:00:00Z", mapping["expires"]!) }
        }
        guard faults.count == before, let code, let scope else { return }
        waivers.append(
            Waiver(
                code: code, scope: scope, reason: text("reason"), expires: expires, person: text("owner"), file: file,
                line: node.mark?.line ?? 0))
    }

    private mutating func fault(_ message: String, _ node: Node) {
        let place = node.mark.map { ":\($0.line):\($0.column)" } ?? ""
        faults.append("\(file)\(place): \(message)")
    }
}
