import TestSupport
import Testing

@testable import Documents

/// Our subset of JSON Schema agrees with Python's jsonschema, and refuses the rest.
@Suite struct JSONSchemaTests {
    struct Question: Encodable { var schema, instance: String }
    struct Answer: Decodable { var valid: Bool }

    private func schema(_ text: String) throws -> JSONSchema { try JSONSchema(try JSONReader.read(Array(text.utf8))) }
    private func faults(_ schema: String, _ instance: String) throws -> [DocumentFaults.Fault] {
        try self.schema(schema).faults(in: try JSONReader.read(Array(instance.utf8)))
    }

    @Test(arguments: 0..<6) func agreesWithPython(_ seed: Int) async throws {
        var random = Seeded(UInt64(seed))
        var questions: [Question] = []
        for _ in 0..<600 {
            var maker = RandomSchema(random: random)
            questions.append(Question(schema: maker.root(), instance: maker.instance(3)))
            random = maker.random
        }
        let answers = try await Program.oracle("json_schema_oracle.py", lines: questions, answers: Answer.self)
        var valid = 0
        for (question, answer) in zip(questions, answers) {
            let faults = try self.faults(question.schema, question.instance)
            #expect(faults.isEmpty == answer.valid, "\(question.schema) on \(question.instance): \(faults)")
            valid += answer.valid ? 1 : 0
        }
        // Neither verdict by habit.
        #expect((60...540).contains(valid))
    }

    @Test func allFaultsAtOnce() throws {
        let faults = try faults(
            """
            {"type": "array", "items": {"type": "object", "required": ["name"], "additionalProperties": false,
              "properties": {"name": {"type": "string"}, "ttl": {"maximum": 5}, "a/b~c": {"type": "null"}}}}
            """, "[{\n\"name\": 1,\n\"ttl\": 6, \"a/b~c\": 1},\n{\"x\": 1}]")
        #expect(
            faults.map { "\($0.line) \($0.pointer) \($0.message)" } == [
                "2 /0/name expected string, found a number", "3 /0/ttl more than 5", "3 /0/a~1b~0c expected null, found a number",
                "4 /1 'name' is missing", "4 /1/x unknown member 'x'",
            ])
    }

    @Test(arguments: [
        #"{"multipleOf": 2}"#, #"{"patternProperties": {}}"#, #"{"format": "email"}"#, #"{"type": "strin"}"#,
        #"{"$ref": "other.json"}"#, ##"{"$ref": "#/$defs/x"}"##, #"{"items": {"$defs": {}}}"#, #"{"pattern": "("}"#,
        #"{"if": true}"#, #"{"minItems": -1}"#, #"{"properties": {"a": 5}}"#, #"{"allOf": []}"#, #"{"required": "a"}"#,
        #"{"properties": {"a": {"unevaluatedProperties": false}}}"#, #"{"$schema": "http://json-schema.org/draft-07/schema#"}"#,
        #"{"uniqueItems": 1}"#, #"{"minimum": "1"}"#, "[]",
    ])
    func refused(_ text: String) { #expect(throws: DocumentFaults.self) { try schema(text) } }

    @Test func referencesWithoutEnd() throws {
        #expect(try faults(##"{"$ref": "#"}"##, "1").count == 1)
        #expect(try faults(##"{"$ref": "#/$defs/a", "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}}"##, "1").count == 1)
        #expect(try faults(##"{"properties": {"next": {"$ref": "#"}}, "required": ["v"]}"##, #"{"v":1,"next":{"next":{"v":2}}}"#).count == 1)
    }

    @Test func hostnames() throws {
        let long = String(repeating: "a", count: 63)
        for good in ["a", "a-b.c9", "9.x", long, "xn--bcher-kva.example"] {
            #expect(try faults(#"{"format": "hostname"}"#, "\"\(good)\"").isEmpty, "\(good)")
        }
        for bad in ["", "-a", "a-", "a..b", "a.", "a_b", "ü", long + "a", "a b"] {
            #expect(try !faults(#"{"format": "hostname"}"#, "\"\(bad)\"").isEmpty, "\(bad)")
        }
    }

    /// A CSV field may be meant as text or as number.
    @Test func fields() throws {
        let rows = try CSVReader.read(Array("name,ttl\n12,300\nx,abc\n".utf8))
        let schema = try schema(
            #"{"items": {"properties": {"name": {"type": "string"}, "ttl": {"type": "integer", "minimum": 1}}}}"#)
        #expect(schema.faults(in: rows).map { "\($0.line) \($0.pointer)" } == ["3 /1/ttl"])
    }
}

/// Small schemas and instances of few values, so that they often meet.
private struct RandomSchema {
    var random: Seeded

    mutating func root() -> String {
        let inner = schema(3).dropFirst().dropLast()
        return "{\"$defs\":{\"a\":\(schema(0)),\"b\":\(schema(0))}\(inner.isEmpty ? "" : ",")\(inner)}"
    }

    mutating func schema(_ depth: Int) -> String {
        var keywords: [String: String] = [:]
        for _ in 0...random.below(3) {
            let word = random.pick(depth > 0 ? Self.words : Array(Self.words.prefix(17)))
            keywords[word] = value(word, depth - 1)
        }
        return "{" + keywords.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    private static let words = [
        "type", "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
        "pattern", "minItems", "maxItems", "uniqueItems", "required", "format", "maxProperties", "minProperties", "properties",
        "additionalProperties", "items", "prefixItems", "allOf", "anyOf", "oneOf", "not", "$ref", "properties", "items",
    ]

    private mutating func value(_ word: String, _ depth: Int) -> String {
        switch word {
        case "type":
            let types = ["null", "boolean", "integer", "number", "string", "array", "object"].map { "\"\($0)\"" }
            return random.chance(2) ? random.pick(types) : "[\(random.pick(types)),\"object\",\"array\"]"
        case "enum": return "[\(instance(1)),\(instance(1)),\(instance(0))]"
        case "const": return instance(1)
        case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum": return random.pick(Self.numbers)
        case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties": return "\(random.below(4))"
        case "pattern": return random.pick(["\"^a\"", "\"b$\"", "\"[0-9]+\"", "\"^$\"", "\"^(a|bc)*$\"", "\"^.{2}$\""])
        case "uniqueItems": return random.pick(["true", "false"])
        case "required": return random.pick(["[]", "[\"a\"]", "[\"a\",\"b\"]"])
        case "format": return random.pick(["\"ipv4\"", "\"ipv6\""])
        case "properties": return "{\"a\":\(schemaOrBool(depth)),\"b\":\(schemaOrBool(depth))}"
        case "items", "additionalProperties", "not": return schemaOrBool(depth)
        case "$ref": return random.pick(["\"#/$defs/a\"", "\"#/$defs/b\""])
        default: return "[\(schemaOrBool(depth)),\(schemaOrBool(depth))]"
        }
    }

    /// Definitions are flat: a loop of references is more than Python survives.
    private mutating func schemaOrBool(_ depth: Int) -> String {
        random.chance(6) ? random.pick(["true", "false"]) : schema(max(0, depth))
    }

    private static let numbers = ["0", "1", "1.0", "-1", "2", "1.5", "1e0", "10", "0.1e1", "-0", "100000000000000000000"]
    private static let strings = ["", "a", "ab", "abc", "b", "5", "192.0.2.1", "192.0.2.01", "::1", "1::2::3", "\u{1F600}b", "bca"]

    mutating func instance(_ depth: Int) -> String {
        switch random.below(depth > 0 ? 7 : 4) {
        case 0: return random.pick(["null", "true", "false"])
        case 1: return random.pick(Self.numbers)
        case 2, 3: return "\"\(random.pick(Self.strings))\""
        case 4, 5:
            let names = ["a", "b", "c"].filter { _ in random.chance(2) }
            return "{" + names.map { "\"\($0)\":\(instance(depth - 1))" }.joined(separator: ",") + "}"
        default: return "[" + (0..<random.below(4)).map { _ in instance(depth - 1) }.joined(separator: ",") + "]"
        }
    }
}
