/// A JSON Schema (2020-12), of the keywords that people use: others are refused, never ignored.
///
/// `format` asserts `ipv4`, `ipv6` and `hostname`; `$ref` leads to `#` or `#/$defs/NAME`.
public struct JSONSchema: Sendable {
    let root: SchemaNode
    let definitions: [String: SchemaNode]

    /// Compiles a schema; throws every fault of it, with lines.
    public init(_ document: Document) throws(DocumentFaults) {
        var compiler = SchemaCompiler()
        root = compiler.node(document, [], isRoot: true)
        definitions = compiler.definitions
        for (name, document, path) in compiler.references where definitions[name] == nil {
            compiler.fault("$ref leads to '#/$defs/\(name)', which is not there", document, path)
        }
        guard compiler.faults.isEmpty else { throw DocumentFaults(compiler.faults) }
    }

    /// What is wrong with `instance`: every fault, with line and path.
    public func faults(in instance: Document) -> [DocumentFaults.Fault] {
        var validator = SchemaValidator(schema: self)
        return validator.faults(in: instance, root, [], depth: 0)
    }
}

/// One schema, compiled.
indirect enum SchemaNode: Sendable {
    /// `true`, `false`.
    case always(Bool)
    case keywords([Keyword])

    enum Keyword: Sendable {
        case type([Kind])
        case among([Canonical], text: String)
        case properties([String: SchemaNode], others: SchemaNode?)
        case required([String])
        case propertyCount(ClosedRange<Int>)
        case items(prefix: [SchemaNode], others: SchemaNode?)
        case itemCount(ClosedRange<Int>)
        case uniqueItems
        case length(ClosedRange<Int>)
        case pattern(Pattern)
        case format(Format)
        case minimum(Decimal, String)
        case maximum(Decimal, String)
        case exclusiveMinimum(Decimal, String)
        case exclusiveMaximum(Decimal, String)
        case all([SchemaNode])
        case any([SchemaNode])
        case one([SchemaNode])
        case not(SchemaNode)
        /// `nil`: the root.
        case reference(String?)
    }

    enum Kind: String, Sendable, CaseIterable { case null, boolean, integer, number, string, array, object }
    enum Format: String, Sendable, CaseIterable { case ipv4, ipv6, hostname }

    /// A regular expression, compiled anew for each use: `Regex` cannot cross tasks.
    struct Pattern: Sendable {
        let text: String

        init?(_ text: String) {
            self.text = text
            guard regex != nil else { return nil }
        }

        /// As ECMA-262 with its `u` flag: scalars, `\d` and `\w` of ASCII.
        var regex: Regex<AnyRegexOutput>? {
            (try? Regex(text))?.matchingSemantics(.unicodeScalar).asciiOnlyDigits().asciiOnlyWordCharacters()
                .asciiOnlyWhitespace()
        }
    }
}

/// A value that is equal to another exactly when JSON Schema says so (2020-12 core §4.2.2):
/// 1 and 1.0 are, 1 and true are not, members have no order.
enum Canonical: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Decimal)
    /// A number that is too large to compare, as written.
    case huge(String)
    case string(String)
    case list([Canonical])
    case object([String: Canonical])

    init(_ document: Document) {
        switch document.resolved {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let text): self = Decimal(text).map(Canonical.number) ?? .huge(text)
        case .string(let text), .plain(let text), .field(let text): self = .string(text)
        case .list(let list): self = .list(list.map(Canonical.init))
        case .object(let members):
            self = .object(Dictionary(members.map { ($0.name, Canonical($0.value)) }) { first, _ in first })
        }
    }
}
