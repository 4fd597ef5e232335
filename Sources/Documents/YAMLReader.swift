internal import Yams

/// Reads YAML by way of Yams, keeping lines.
public enum YAMLReader {
    /// Most values of a file, aliases written out: those multiply ("billion laughs").
    static let valueLimit = 20_000_000

    public static func read(_ text: String) throws(DocumentFaults) -> Document {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw DocumentFaults(message(error), line: line(error))
        } catch {
            throw DocumentFaults("\(error)", line: 0)
        }
        guard let root else { return Document(.null, line: 1) }
        var count = 0
        return try document(root, depth: 0, &count)
    }

    private static func document(_ node: Node, depth: Int, _ count: inout Int) throws(DocumentFaults) -> Document {
        let line = node.mark?.line ?? 0
        count += 1
        guard count <= valueLimit else { throw DocumentFaults("more than \(valueLimit) values (aliases count each time)", line: line) }
        guard depth <= 128 else { throw DocumentFaults("nested deeper than 128", line: line) }
        switch node {
        case .scalar(let scalar):
            // What a tag of some program stands for (`!include x`) is not its text.
            let tag = scalar.tag.description
            guard !tag.hasPrefix("!") || tag == "!" else { throw DocumentFaults("the tag \(tag) is not known", line: line) }
            guard scalar.style == .plain || scalar.style == .any else { return Document(.string(scalar.string), line: line) }
            switch scalar.string {
            case "", "~", "null", "Null", "NULL": return Document(.null, line: line)
            default: return Document(.plain(scalar.string), line: line)
            }
        case .sequence(let sequence):
            var list: [Document] = []
            list.reserveCapacity(sequence.count)
            for node in sequence { list.append(try document(node, depth: depth + 1, &count)) }
            return Document(.list(list), line: line)
        case .mapping(let mapping):
            var members: [Document.Member] = []
            members.reserveCapacity(mapping.count)
            for (key, value) in mapping {
                guard let scalar = key.scalar else {
                    throw DocumentFaults("a name that is a list or an object", line: key.mark?.line ?? line)
                }
                let name = scalar.string
                if name == "<<" { throw DocumentFaults("merge keys (<<) are not read: write it out", line: key.mark?.line ?? line) }
                members.append(
                    Document.Member(
                        name: name, value: try document(value, depth: depth + 1, &count), line: key.mark?.line ?? line,
                        isPlain: scalar.style == .plain || scalar.style == .any))
            }
            return Document(.object(members), line: line)
        case .alias(let alias):
            throw DocumentFaults("an alias (*\(alias.anchor)) without its anchor", line: line)
        }
    }

    private static func line(_ error: YamlError) -> Int {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        default: 0
        }
    }

    private static func message(_ error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _): problem
        case .duplicatedKeysInMapping(let keys, _): "a name twice: \(keys.joined(separator: ", "))"
        default: "\(error)"
        }
    }
}
