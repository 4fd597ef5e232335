/// Turns a schema's document into ``SchemaNode``s, collecting faults.
struct SchemaCompiler {
    private(set) var definitions: [String: SchemaNode] = [:]
    private(set) var faults: [DocumentFaults.Fault] = []
    private(set) var references: [(String, Document, [DocumentFaults.Step])] = []

    private static let dialect = "https://json-schema.org/draft/2020-12/schema"
    private static let annotations: Set<String> = ["$comment", "title", "description", "default", "examples"]

    mutating func fault(_ message: String, _ document: Document, _ path: [DocumentFaults.Step]) {
        faults.append(.init(message, line: document.line, path: path))
    }

    mutating func node(_ document: Document, _ path: [DocumentFaults.Step], isRoot: Bool = false) -> SchemaNode {
        switch document.resolved {
        case .bool(let value): return .always(value)
        case .object(let members):
            var keywords: [SchemaNode.Keyword] = []
            for member in members {
                let path = path + [.name(member.name)]
                if let keyword = keyword(member, in: document, path, isRoot: isRoot) { keywords.append(keyword) }
            }
            return .keywords(keywords)
        default:
            fault("a schema is an object, true or false", document, path)
            return .always(true)
        }
    }

    private mutating func keyword(
        _ member: Document.Member, in schema: Document, _ path: [DocumentFaults.Step], isRoot: Bool
    ) -> SchemaNode.Keyword? {
        let value = member.value
        switch member.name {
        case "type": return .type(kinds(value, path))
        case "enum": return .among(list(value, path).map(Canonical.init), text: "none of the values in 'enum'")
        case "const": return .among([Canonical(value)], text: "not the value of 'const'")
        case "properties":
            return .properties(nodes(value, path), others: schema["additionalProperties"].map { node($0, path) })
        case "additionalProperties":
            // Beside `properties` that takes it along.
            return schema["properties"] == nil ? .properties([:], others: node(value, path)) : nil
        case "required": return .required(list(value, path).compactMap { text($0, path) })
        case "minProperties": return .propertyCount(count(value, path)...Int.max)
        case "maxProperties": return .propertyCount(0...count(value, path))
        case "prefixItems":
            return .items(prefix: nodeList(value, path), others: schema["items"].map { node($0, path) })
        case "items": return schema["prefixItems"] == nil ? .items(prefix: [], others: node(value, path)) : nil
        case "minItems": return .itemCount(count(value, path)...Int.max)
        case "maxItems": return .itemCount(0...count(value, path))
        case "uniqueItems":
            guard case .bool(let isUnique) = value.resolved else { break }
            return isUnique ? .uniqueItems : nil
        case "minLength": return .length(count(value, path)...Int.max)
        case "maxLength": return .length(0...count(value, path))
        case "pattern":
            guard let text = text(value, path) else { return nil }
            guard let pattern = SchemaNode.Pattern(text) else {
                fault("'\(text)' is not a regular expression", value, path)
                return nil
            }
            return .pattern(pattern)
        case "format":
            guard let text = text(value, path) else { return nil }
            guard let format = SchemaNode.Format(rawValue: text) else {
                let known = SchemaNode.Format.allCases.map(\.rawValue).joined(separator: ", ")
                fault("format '\(text)' is not checked; known are \(known)", value, path)
                return nil
            }
            return .format(format)
        case "minimum": return bound(value, path).map { .minimum($0, $1) }
        case "maximum": return bound(value, path).map { .maximum($0, $1) }
        case "exclusiveMinimum": return bound(value, path).map { .exclusiveMinimum($0, $1) }
        case "exclusiveMaximum": return bound(value, path).map { .exclusiveMaximum($0, $1) }
        case "allOf": return .all(nodeList(value, path, isFilled: true))
        case "anyOf": return .any(nodeList(value, path, isFilled: true))
        case "oneOf": return .one(nodeList(value, path, isFilled: true))
        case "not": return .not(node(value, path))
        case "$ref": return reference(value, path)
        case "$defs" where isRoot:
            definitions = nodes(value, path)
            return nil
        case "$id" where isRoot: return nil
        case "$schema" where isRoot:
            guard let text = text(value, path), text != Self.dialect, text != Self.dialect + "#" else { return nil }
            fault("'\(text)' is not \(Self.dialect)", value, path)
            return nil
        default:
            if !Self.annotations.contains(member.name) {
                let place = ["$defs", "$id", "$schema"].contains(member.name) ? " below the top" : ""
                fault("keyword '\(member.name)'\(place) is not supported", value, path)
            }
            return nil
        }
        fault("'\(member.name)' cannot be \(value.kind)", value, path)
        return nil
    }

    private mutating func reference(_ value: Document, _ path: [DocumentFaults.Step]) -> SchemaNode.Keyword? {
        guard let text = text(value, path) else { return nil }
        if text == "#" { return .reference(nil) }
        let prefix = "#/$defs/"
        guard text.hasPrefix(prefix), case let name = text.dropFirst(prefix.count), !name.contains("/"), !name.contains("%"),
            !name.contains("~")
        else {
            fault("$ref '\(text)' is neither '#' nor '#/$defs/NAME'", value, path)
            return nil
        }
        references.append((String(name), value, path))
        return .reference(String(name))
    }

    private mutating func kinds(_ value: Document, _ path: [DocumentFaults.Step]) -> [SchemaNode.Kind] {
        let items: [Document] = if case .list(let list) = value.content { list } else { [value] }
        return items.compactMap { item in
            guard case .string(let text) = asText(item), let kind = SchemaNode.Kind(rawValue: text) else {
                let known = SchemaNode.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                fault("'type' is one of \(known), or a list of them", item, path)
                return nil
            }
            return kind
        }
    }

    private mutating func nodes(_ value: Document, _ path: [DocumentFaults.Step]) -> [String: SchemaNode] {
        guard case .object(let members) = value.content else {
            fault("expected an object of schemas, found \(value.kind)", value, path)
            return [:]
        }
        var nodes: [String: SchemaNode] = [:]
        for member in members { nodes[member.name] = node(member.value, path + [.name(member.name)]) }
        return nodes
    }

    private mutating func nodeList(
        _ value: Document, _ path: [DocumentFaults.Step], isFilled: Bool = false
    ) -> [SchemaNode] {
        let items = list(value, path)
        if isFilled, items.isEmpty { fault("a list of schemas is not empty", value, path) }
        return items.enumerated().map { node($1, path + [.index($0)]) }
    }

    private mutating func list(_ value: Document, _ path: [DocumentFaults.Step]) -> [Document] {
        if case .list(let list) = value.content { return list }
        fault("expected a list, found \(value.kind)", value, path)
        return []
    }

    private mutating func text(_ value: Document, _ path: [DocumentFaults.Step]) -> String? {
        if case .string(let text) = asText(value) { return text }
        fault("expected text, found \(value.kind)", value, path)
        return nil
    }

    private func asText(_ value: Document) -> Document.Content { value.resolved }

    private mutating func count(_ value: Document, _ path: [DocumentFaults.Step]) -> Int {
        if case .number(let text) = value.resolved, let number = Int(text), number >= 0 { return number }
        fault("expected a whole number, not negative", value, path)
        return 0
    }

    private mutating func bound(_ value: Document, _ path: [DocumentFaults.Step]) -> (Decimal, String)? {
        if case .number(let text) = value.resolved, let number = Decimal(text) { return (number, text) }
        fault("expected a number", value, path)
        return nil
    }
}
