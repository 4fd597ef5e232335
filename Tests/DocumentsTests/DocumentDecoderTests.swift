import Testing

@testable import Documents

@Suite struct DocumentDecoderTests {
    struct Server: Decodable, Equatable {
        var name: String
        var ttl: Int?
        var weight: Double?
        var on: Bool?
    }

    private func decode<T: Decodable>(_ format: DocumentFormat, _ text: String, _ type: T.Type = T.self) throws -> T {
        try DocumentDecoder.decode(T.self, from: try format.read(Array(text.utf8)))
    }

    private func faults(_ format: DocumentFormat, _ text: String) -> [String] {
        do {
            _ = try decode(format, text, [Server].self)
            return []
        } catch let faults as DocumentFaults {
            return faults.texts(file: "f")
        } catch {
            return ["?"]
        }
    }

    @Test func sameFromAllFormats() throws {
        let wanted = [Server(name: "5", ttl: 60, weight: 1.5, on: true), Server(name: "a,\"b\"\nc", ttl: nil, weight: nil, on: nil)]
        #expect(try decode(.json, #"[{"name":"5","ttl":60,"weight":1.5,"on":true},{"name":"a,\"b\"\nc","ttl":null}]"#) == wanted)
        #expect(try decode(.yaml, "- {name: 5, ttl: 60, weight: 1.5, on: true}\n- name: \"a,\\\"b\\\"\\nc\"\n  ttl:\n") == wanted)
        #expect(try decode(.csv, "\u{FEFF}name,ttl,weight,on\r\n5,60,1.5,true\r\n\r\n\"a,\"\"b\"\"\nc\",,,") == wanted)
    }

    @Test func everyFaultWithItsLine() {
        #expect(
            faults(.csv, "name,ttl,on\na,1,true\nb,x,true\n\"c\nd\",2,maybe\ne,300000000000000000000,false\n") == [
                "f:3: /1/ttl: expected a number, found 'x'", "f:5: /2/on: expected true or false, found text",
                "f:6: /3/ttl: expected a whole number from -9223372036854775808 to 9223372036854775807, found 300000000000000000000",
            ])
        #expect(
            faults(.yaml, "- name: a\n- ttl: 5\n- name: [x]\n- 7\n") == [
                "f:2: /1: 'name' is missing", "f:3: /2/name: expected text, found a list", "f:4: /3: expected an object, found a number",
            ])
        #expect(faults(.json, "[{\"name\": \"a\"},\n {\"name\": 5}]") == ["f:2: /1/name: expected text, found a number"])
        #expect(faults(.csv, "name,ttl\na,1,2\nb\n").map { $0.prefix(4) } == ["f:2:", "f:3:"])
    }

    @Test(arguments: [
        "{", "[1,]", "{\"a\":1,\"a\":2}", "NaN", "[Infinity]", "01", "1.", "-", "1e", "\"\\x\"", "\"\u{1}\"", "\"\\ud800\"", "[1] 2",
        "tru", "{a:1}", "\"", "", "[\"\\udc00\"]", "+1", ".5", "'a'",
    ])
    func badJSON(_ text: String) { #expect(throws: DocumentFaults.self) { try JSONReader.read(Array(text.utf8)) } }

    @Test func deep() {
        let text = Array(repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: DocumentFaults.self) { try JSONReader.read(text) }
        #expect(throws: DocumentFaults.self) { try JSONReader.read([0x22, 0xFF, 0x22]) }
    }

    @Test func escapes() throws {
        #expect(try JSONReader.read(Array(#""\ud83d\ude00\u00e9\/\n""#.utf8)).content == .string("\u{1F600}\u{E9}/\n"))
    }

    @Test(arguments: ["", "a,a\n", "a,\n", "a\n\"x", "a\n\"x\"y\n", "a\nx\"y\n", "a,b\n1\n"])
    func badCSV(_ text: String) { #expect(throws: DocumentFaults.self) { try CSVReader.read(Array(text.utf8)) } }

    @Test(arguments: ["a: 1\na: 2\n", "a: *x\n", "[", "<<: {a: 1}\n", "? [a]\n: 1\n"])
    func badYAML(_ text: String) { #expect(throws: DocumentFaults.self) { try YAMLReader.read(text) } }
}
