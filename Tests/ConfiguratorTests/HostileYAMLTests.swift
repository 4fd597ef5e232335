import TestSupport
import Testing

@testable import Configurator

/// Text that means harm ends in a fault, soon.
@Suite struct HostileYAMLTests {
    private static func bomb(_ last: String) -> String {
        var text = "l0: &l0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<12 {
            text += "l\(level): &l\(level) [" + Array(repeating: "*l\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
        }
        return text + last
    }

    private static let texts: [String] = [
        bomb("edits: *l11\n"), bomb("? *l11\n: 1\nedits: []\n"), bomb("edits: [{name: *l11}]\n"),
        "a: &a {action: set}\nedits: [" + String(repeating: "*a,", count: 100_000) + "]\n",
        "edits: " + String(repeating: "[", count: 100_000), "edits: " + String(repeating: "{a: ", count: 100_000),
        String(repeating: "- ", count: 50_000), "edits: \"" + String(repeating: "\\u0000", count: 50_000),
        "\u{0}", "%YAML 9.9\n---\nedits: []\n", "edits: !!binary x\n", "\t", "edits: &a\n  - *a\n",
    ]

    @Test(arguments: texts.indices)
    func soon(_ index: Int) async throws {
        let took = try await within(.seconds(10), "parsing hostile text \(index)") {
            ContinuousClock().measure {
                #expect(throws: ConfiguratorError.self) { try EditFiles.parse(Self.texts[index], file: "a.yaml") }
            }
        }
        #expect(took < .seconds(3))
    }

    @Test func wildcardsAndAmpersandsAreNoAliases() throws {
        let text = "edits:\n  - {action: remove, name: '*.a.', type: A, owner: 'R&D', reason: 'a * b & *c'}\n"
        #expect(try EditFiles.parse(text, file: "a.yaml").count == 1)
    }

    @Test func mutationsNeverTrap() {
        let text = "edits:\n  - action: set\n    name: a.b\n    type: MX\n    ttl: 5\n    values: ['10 mx.', \"20 b.\"]\n    owner: o\n    reason: r\n"
        var random = Seeded(1)
        var good = 0
        for _ in 0..<2000 {
            let mutated = String(decoding: random.mutate(Array(text.utf8)), as: UTF8.self)
            if (try? EditFiles.parse(mutated, file: "a.yaml")) != nil { good += 1 }
        }
        #expect((1..<2000).contains(good))
    }
}
