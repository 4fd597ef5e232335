internal import DNSWire

/// Judges one document by a schema.
struct SchemaValidator {
    typealias Fault = DocumentFaults.Fault
    typealias Step = DocumentFaults.Step

    let schema: JSONSchema
    private var steps = 0
    private var patterns: [String: Regex<AnyRegexOutput>] = [:]

    /// Schemas that refer to each other may multiply the work: this ends it.
    private static let stepLimit = 200_000_000
    private static let depthLimit = 500

    init(schema: JSONSchema) { self.schema = schema }

    mutating func faults(in instance: Document, _ node: SchemaNode, _ path: [Step], depth: Int) -> [Fault] {
        steps += 1
        guard steps <= Self.stepLimit, depth <= Self.depthLimit else {
            return [Fault("the schema leads on and on here", line: instance.line, path: path)]
        }
        switch node {
        case .always(true): return []
        case .always(false): return [Fault("nothing may be here", line: instance.line, path: path)]
        case .keywords(let keywords):
            // A field of CSV is right if it is so as what it looks like, or as text.
            if case .field(let text) = instance.content {
                let typed = Document(instance.resolved, line: instance.line)
                let faults = keywords.flatMap { self.faults(in: typed, $0, path, depth: depth) }
                if faults.isEmpty { return [] }
                let plain = Document(.string(text), line: instance.line)
                let others = keywords.flatMap { self.faults(in: plain, $0, path, depth: depth) }
                return others.count < faults.count || others.isEmpty ? others : faults
            }
            return keywords.flatMap { faults(in: instance, $0, path, depth: depth) }
        }
    }

    private mutating func faults(
        in instance: Document, _ keyword: SchemaNode.Keyword, _ path: [Step], depth: Int
    ) -> [Fault] {
        func fault(_ message: String) -> [Fault] { [Fault(message, line: instance.line, path: path)] }
        switch keyword {
        case .type(let kinds):
            guard !kinds.contains(where: { $0.holds(instance) }) else { return [] }
            return fault("expected \(kinds.map(\.rawValue).joined(separator: " or ")), found \(instance.kind)")
        case .among(let values, let text): return values.contains(Canonical(instance)) ? [] : fault(text)
        case .properties(let known, let others):
            guard case .object(let members) = instance.content else { return [] }
            return members.flatMap { member -> [Fault] in
                let inner = path + [.name(member.name)]
                if let node = known[member.name] { return faults(in: member.value, node, inner, depth: depth + 1) }
                guard let others else { return [] }
                if case .always(false) = others {
                    return [Fault("unknown member '\(member.name)'", line: member.value.line, path: inner)]
                }
                return faults(in: member.value, others, inner, depth: depth + 1)
            }
        case .required(let names):
            guard case .object = instance.content else { return [] }
            return names.filter { instance[$0] == nil }.flatMap { fault("'\($0)' is missing") }
        case .propertyCount(let range):
            guard case .object(let members) = instance.content else { return [] }
            return range.contains(members.count) ? [] : fault("\(members.count) members, \(text(range))")
        case .items(let prefix, let others):
            guard case .list(let list) = instance.content else { return [] }
            return list.enumerated().flatMap { index, item -> [Fault] in
                guard let node = index < prefix.count ? prefix[index] : others else { return [] }
                return faults(in: item, node, path + [.index(index)], depth: depth + 1)
            }
        case .itemCount(let range):
            guard case .list(let list) = instance.content else { return [] }
            return range.contains(list.count) ? [] : fault("\(list.count) elements, \(text(range))")
        case .uniqueItems:
            guard case .list(let list) = instance.content else { return [] }
            var seen: Set<Canonical> = []
            return list.enumerated().flatMap { index, item -> [Fault] in
                if seen.insert(Canonical(item)).inserted { return [] }
                return [Fault("there already: elements are to differ", line: item.line, path: path + [.index(index)])]
            }
        case .length(let range):
            guard case .string(let string) = instance.resolved else { return [] }
            let count = string.unicodeScalars.count
            return range.contains(count) ? [] : fault("\(count) characters, \(text(range))")
        case .pattern(let pattern):
            guard case .string(let string) = instance.resolved else { return [] }
            return matches(string, pattern) ? [] : fault("'\(string)' does not match \(pattern.text)")
        case .format(let format):
            guard case .string(let string) = instance.resolved else { return [] }
            return format.holds(string) ? [] : fault("'\(string)' is no \(format.rawValue)")
        case .minimum(let bound, let text): return compare(instance) { $0 >= bound } ? [] : fault("less than \(text)")
        case .maximum(let bound, let text): return compare(instance) { $0 <= bound } ? [] : fault("more than \(text)")
        case .exclusiveMinimum(let bound, let text): return compare(instance) { $0 > bound } ? [] : fault("not more than \(text)")
        case .exclusiveMaximum(let bound, let text): return compare(instance) { $0 < bound } ? [] : fault("not less than \(text)")
        case .all(let nodes): return nodes.flatMap { faults(in: instance, $0, path, depth: depth + 1) }
        case .any(let nodes):
            for node in nodes where faults(in: instance, node, path, depth: depth + 1).isEmpty { return [] }
            return fault("none of the \(nodes.count) choices of 'anyOf' fits")
        case .one(let nodes):
            let fitting = nodes.count { faults(in: instance, $0, path, depth: depth + 1).isEmpty }
            return fitting == 1 ? [] : fault("\(fitting) of the \(nodes.count) choices of 'oneOf' fit, not one")
        case .not(let node):
            return faults(in: instance, node, path, depth: depth + 1).isEmpty ? fault("what 'not' forbids") : []
        case .reference(let name):
            let node = name.map { schema.definitions[$0] ?? .always(true) } ?? schema.root
            return faults(in: instance, node, path, depth: depth + 1)
        }
    }

    private func text(_ range: ClosedRange<Int>) -> String {
        range.upperBound == Int.max ? "at least \(range.lowerBound) wanted" : "at most \(range.upperBound) allowed"
    }

    private func compare(_ instance: Document, _ holds: (Decimal) -> Bool) -> Bool {
        guard case .number(let text) = instance.resolved else { return true }
        return Decimal(text).map(holds) ?? false
    }

    private mutating func matches(_ string: String, _ pattern: SchemaNode.Pattern) -> Bool {
        if patterns[pattern.text] == nil { patterns[pattern.text] = pattern.regex }
        return (try? patterns[pattern.text]?.firstMatch(in: string)) != nil
    }
}

extension SchemaNode.Kind {
    func holds(_ instance: Document) -> Bool {
        switch (self, instance.resolved) {
        case (.null, .null), (.boolean, .bool), (.number, .number), (.string, .string), (.array, .list), (.object, .object): true
        case (.integer, .number(let text)): Decimal(text)?.isInteger ?? false
        default: false
        }
    }
}

extension SchemaNode.Format {
    func holds(_ text: String) -> Bool {
        switch self {
        case .ipv4: IPv4Text.parse(text) != nil
        case .ipv6: IPv6Text.parse(text) != nil
        case .hostname: isHostname(text)
        }
    }

    /// Letters, digits and inner hyphens, labels of 1 to 63 octets (RFC 1123 §2.1).
    private func isHostname(_ text: String) -> Bool {
        let octets = Array(text.utf8)
        guard (1...253).contains(octets.count) else { return false }
        return octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.count) && label.first != 0x2D && label.last != 0x2D
                && label.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D }
        }
    }
}
