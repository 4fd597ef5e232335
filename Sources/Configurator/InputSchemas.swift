internal import Documents
internal import Foundation
internal import Pipeline

/// The JSON Schemas of a rule's inputs: named by the configuration, or lying beside them.
struct InputSchemas: Sendable {
    let tree: SiteTree
    /// Input names, or globs of them, to schema files in the tree; the longest that fits counts.
    let named: [String: String]

    /// The schema file of an input, relative to the tree; `nil` if it has none.
    func file(of input: String) -> String? {
        if let pattern = named.keys.filter({ Glob.matches($0, input) }).max(by: { ($0.count, $1) < ($1.count, $0) }) {
            return named[pattern]
        }
        let beside = Self.stem(input) + ".schema.json"
        return FileManager.default.fileExists(atPath: "\(tree.directory)/\(beside)") ? beside : nil
    }

    /// `inventory/servers` for `inventory/servers.csv`, `inventory/hosts` for `inventory/hosts/`.
    private static func stem(_ input: String) -> String {
        if input.hasSuffix("/") { return String(input.dropLast()) }
        let name = input[(input.lastIndex(of: "/").map { input.index(after: $0) } ?? input.startIndex)...]
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return input }
        return String(input[..<dot])
    }

    /// What is wrong with an input (a file, or every file of a directory) by its schema.
    func faults(of input: String, at path: String) throws(ConfiguratorError) -> [String] {
        guard let schemaFile = file(of: input) else { return [] }
        let schema: JSONSchema
        do throws(DocumentFaults) {
            schema = try JSONSchema(try JSONReader.read(try octets("\(tree.directory)/\(schemaFile)")))
        } catch {
            throw ConfiguratorError(.input, error.texts(file: schemaFile))
        }
        var isDirectory: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        guard isDirectory.boolValue else { return faults(schema, input, path) }
        let base = input.hasSuffix("/") ? String(input.dropLast()) : input
        let files: [String]
        do throws(DocumentFaults) {
            files = try DirectoryFiles.list(path)
        } catch {
            throw ConfiguratorError(.input, error.texts(file: input))
        }
        return files.filter { !$0.hasSuffix(".schema.json") }.flatMap { faults(schema, "\(base)/\($0)", "\(path)/\($0)") }
    }

    private func faults(_ schema: JSONSchema, _ name: String, _ path: String) -> [String] {
        do throws(DocumentFaults) {
            let octets = try octets(path)
            let format = DocumentFormat(name: name.contains(".") ? name : path)
            if format == .yaml, let place = Aliases.first(in: String(decoding: octets, as: UTF8.self)) {
                // They multiply, here in a process that must not hang.
                throw DocumentFaults("aliases (&x … *x) are not allowed in an input with a schema", line: place.line)
            }
            return DocumentFaults(schema.faults(in: try format.read(octets))).texts(file: name)
        } catch {
            return error.texts(file: name)
        }
    }

    private func octets(_ path: String) throws(DocumentFaults) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe))
        } catch {
            throw DocumentFaults("cannot be read: \(error.localizedDescription)", line: 0)
        }
    }
}

/// Patterns of paths: `*` and `?` within a part.
enum Glob {
    static func matches(_ pattern: String, _ text: String) -> Bool {
        let pattern = Array(pattern.utf8), text = Array(text.utf8)
        var p = 0, t = 0
        // Where to go on after the last star, one octet further each time: no recursion.
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == text[t] || pattern[p] == UInt8(ascii: "?") && text[t] != UInt8(ascii: "/") {
                p += 1
                t += 1
            } else if let (after, at) = star, text[at] != UInt8(ascii: "/") {
                star = (after, at + 1)
                p = after + 1
                t = at + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
