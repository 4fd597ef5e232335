import Foundation
import Yams

/// Reads a configuration file with the environment and flags over it; collects every fault.
///
/// A scalar `a.b` is taken from `--set a.b=VALUE`, else from `FRESHET_A_B`, else from the file.
struct SettingsReader {
    let file: String
    private let root: Node
    private let overrides: [String: String]
    private let environment: [String: String]
    private var known: Set<String> = []
    private(set) var faults: [String] = []

    init(file: String, overrides: [String], environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        self.file = file
        self.environment = environment
        let text: String
        do {
            text = try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw UserError("\(file): cannot be read: \(error.localizedDescription)")
        }
        do {
            root = try Yams.compose(yaml: text) ?? Node([(Node, Node)]())
        } catch {
            throw UserError("\(file): \(error)")
        }
        guard root.mapping != nil else { throw UserError("\(file): expected 'key: value' lines (schemas/pipeline.schema.json)") }
        var table: [String: String] = [:]
        for item in overrides {
            guard let equals = item.firstIndex(of: "=") else { throw UserError("--set \(item): expected KEY=VALUE") }
            table[String(item[..<equals])] = String(item[item.index(after: equals)...])
        }
        self.overrides = table
    }

    /// Relative paths start at the file's directory.
    func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : URL(filePath: file).deletingLastPathComponent().appending(path: path).standardizedFileURL.path
    }

    mutating func string(_ key: String) -> String? {
        known.insert(key)
        if let value = overrides[key] { return value }
        if let value = environment["FRESHET_" + key.replacingOccurrences(of: ".", with: "_").uppercased()] { return value }
        guard let node = node(key), node != Node("") else { return nil }
        guard let scalar = node.scalar else {
            fault("\(key) is one value", node)
            return nil
        }
        return scalar.string
    }

    mutating func string(_ key: String, default value: String) -> String { string(key) ?? value }

    mutating func required(_ key: String, _ why: String) -> String {
        guard let value = string(key) else {
            faults.append("\(file): '\(key)' is missing: \(why)")
            return ""
        }
        return value
    }

    mutating func path(_ key: String, default value: String) -> String { absolute(string(key) ?? value) }

    mutating func integer(_ key: String, in range: ClosedRange<Int>, default value: Int) -> Int {
        guard let text = string(key) else { return value }
        guard let number = Int(text), range.contains(number) else {
            fault("\(key): '\(text)' is not a number from \(range.lowerBound) to \(range.upperBound)", node(key))
            return value
        }
        return number
    }

    /// `500ms`, `30s`, `5m`, `2h`, `30d`.
    mutating func duration(_ key: String, default value: Duration) -> Duration {
        guard let text = string(key) else { return value }
        if let duration = Self.duration(text) { return duration }
        fault("\(key): '\(text)' is not a time such as 500ms, 30s, 5m, 2h or 30d", node(key))
        return value
    }

    static func duration(_ text: String) -> Duration? {
        let units: [(String, Int64)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]
        for (unit, milliseconds) in units where text.hasSuffix(unit) {
            if let number = Int64(text.dropLast(unit.count)), number > 0, number < 1_000_000_000 {
                return .milliseconds(number * milliseconds)
            }
        }
        return nil
    }

    mutating func choice<T: RawRepresentable & CaseIterable>(_ key: String, default value: T) -> T where T.RawValue == String {
        guard let text = string(key) else { return value }
        guard let choice = T(rawValue: text) else {
            fault("\(key): '\(text)' is none of \(T.allCases.map(\.rawValue).joined(separator: ", "))", node(key))
            return value
        }
        return choice
    }

    /// A list of text, or one text (in a flag or the environment: separated by commas).
    mutating func list(_ key: String) -> [String] {
        known.insert(key)
        if let text = overrides[key] ?? environment["FRESHET_" + key.replacingOccurrences(of: ".", with: "_").uppercased()] {
            return text.split(separator: ",").map(String.init)
        }
        guard let node = node(key) else { return [] }
        if let scalar = node.scalar { return [scalar.string] }
        return node.sequence?.compactMap { $0.scalar?.string } ?? []
    }

    /// A mapping of text to text.
    mutating func table(_ key: String) -> [String: String] {
        known.insert(key + ".*")
        var table: [String: String] = [:]
        for (name, value) in node(key)?.mapping ?? [:] {
            guard let name = name.scalar?.string, let value = value.scalar?.string else {
                fault("\(key) is a list of NAME: VALUE", node(key))
                continue
            }
            table[name] = value
        }
        for (name, value) in overrides where name.hasPrefix(key + ".") { table[String(name.dropFirst(key.count + 1))] = value }
        return table
    }

    /// A list of mappings, each with some of `fields`.
    mutating func records(_ key: String, fields: Set<String>) -> [[String: String]] {
        known.insert(key)
        guard let node = node(key) else { return [] }
        guard let list = node.sequence else {
            fault("\(key) is a list", node)
            return []
        }
        return list.map { item in
            var record: [String: String] = [:]
            for (name, value) in item.mapping ?? [:] {
                guard let name = name.scalar?.string, fields.contains(name), let value = value.scalar?.string else {
                    fault("\(key): expected \(fields.sorted().joined(separator: ", "))", item)
                    continue
                }
                record[name] = value
            }
            return record
        }
    }

    mutating func fault(_ message: String, at key: String) { fault(message, node(key)) }

    /// Throws all faults; keys that nothing asked for are faults too.
    mutating func finish() throws {
        checkUnknown(root, prefix: "")
        for key in overrides.keys where !isKnown(key) { faults.append("--set \(key): unknown key") }
        guard faults.isEmpty else { throw UserError(faults.joined(separator: "\n")) }
    }

    private mutating func checkUnknown(_ node: Node, prefix: String) {
        for (name, value) in node.mapping ?? [:] {
            let key = prefix + (name.scalar?.string ?? "?")
            if isKnown(key) { continue }
            if value.mapping != nil, known.contains(where: { $0.hasPrefix(key + ".") }) {
                if !known.contains(key + ".*") { checkUnknown(value, prefix: key + ".") }
            } else {
                fault("unknown key '\(key)' (schemas/pipeline.schema.json has them all)", name)
            }
        }
    }

    private func isKnown(_ key: String) -> Bool {
        known.contains(key) || known.contains(key.split(separator: ".").dropLast().joined(separator: ".") + ".*")
    }

    private func node(_ key: String) -> Node? {
        key.split(separator: ".").reduce(root as Node?) { $0?.mapping?[Node(String($1))] }
    }

    private mutating func fault(_ message: String, _ node: Node?) {
        faults.append("\(file)\(node?.mark.map { ":\($0.line)" } ?? ""): \(message)")
    }
}

/// A mistake of the user's, told in full: what, where, and how to mend it.
struct UserError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
