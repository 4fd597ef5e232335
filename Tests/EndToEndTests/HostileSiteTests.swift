import DNSWire
import Foundation
import Glibc
import TestSupport
import Testing

/// Files of a site that nobody should have committed.
@Suite(.serialized)
struct HostileSiteTests {
    private struct Variant {
        var kind: String
        var name: String
        /// What the log says of it, beside the file's name.
        var said: String
        var write: (_ path: String) throws -> Void
    }

    private func text(_ kind: String, _ name: String, said: String = "", _ text: String) -> Variant {
        Variant(kind: kind, name: name, said: said) { try Data(text.utf8).write(to: URL(filePath: $0)) }
    }

    private func edit(_ name: String, _ type: String, _ value: String, reason: String = "r") -> String {
        "edits:\n  - {action: set, name: \"\(name)\", type: \(type), ttl: 60, values: [\"\(value)\"], owner: o, reason: \"\(reason)\"}\n"
    }

    private func link(_ name: String, to target: String) -> Variant {
        Variant(kind: "link out of the tree", name: name, said: "a link that leads to no file inside") { path in
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        }
    }

    private func variants() -> [Variant] {
        var random = Seeded(53)
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<10 { bomb += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n" }
        let deep = 100_000
        var all = [
            text("YAML bomb", "bomb.yaml", said: ":2:10: aliases", bomb),
            text("50 MB of edits", "large.yaml", said: "octets", String(repeating: edit("a.mirrors.test", "A", "192.0.2.1"), count: (50 << 20) / 120)),
            text("50 MB of one line", "line.yaml", said: "octets", String(repeating: "a", count: 50 << 20)),
            text("nested deeply", "flow.yaml", said: "", String(repeating: "[", count: deep)),
            text("nested deeply", "map.yaml", said: "", String(repeating: "{a: ", count: deep)),
            text("nested deeply", "block.yaml", said: "", String(repeating: "- ", count: deep) + "a\n"),
            text("nested deeply", "question.yaml", said: "", String(repeating: "? ", count: deep) + "a\n"),
            text("nested deeply", "below.yaml", said: "", "# a\nedits:\n  - " + String(repeating: "[", count: 2_000) + "\n"),
            link("passwd.yaml", to: "/etc/passwd"), link("zero.yaml", to: "/dev/zero"), link("up.zone", to: "../../../../etc/passwd"),
            link("self.yaml", to: "self.yaml"), link("directory.yaml", to: "/etc"), link("git.data", to: "../.git/config"),
        ]
        for name in ["a..mirrors.test", ".a.mirrors.test", "a\\\\999.mirrors.test", String(repeating: "a", count: 64) + ".test", String(repeating: "a.", count: 200)] {
            all.append(text("hostile name", "name\(all.count).yaml", said: ":2:", edit(name, "A", "192.0.2.1")))
        }
        for (type, value) in [("A", "\\u001b[31m"), ("A", "1.2.3"), ("MX", "a"), ("TYPE99999", "x"), ("TXT", "\\\"open"), ("\"\\u001b]0;x\\a\"", "x")] {
            all.append(text("hostile value", "value\(all.count).yaml", said: ":2:", edit("v.mirrors.test", type, value)))
        }
        for index in 0..<6 {
            let octets = random.octets(3_000)
            all.append(Variant(kind: "binary", name: "binary\(index).yaml", said: "") { try Data(octets).write(to: URL(filePath: $0)) })
        }
        for (name, octets) in [("binary.zone", random.octets(3_000)), ("binary.data", random.octets(3_000))] {
            all.append(Variant(kind: "binary", name: name, said: ":") { try Data(octets).write(to: URL(filePath: $0)) })
        }
        return all
    }

    @Test func commitsAreRefused() async throws {
        try await withFleet(.embedded) { fleet in
            try fleet.startProxy(0)
            try await fleet.waitForHead(1)
            var counts: [String: (tried: Int, refused: Int)] = [:], order: [String] = []
            func log() throws -> String {
                String(decoding: try Data(contentsOf: URL(filePath: fleet.directory.path + "/configurator.log")), as: UTF8.self)
            }
            for variant in variants() {
                let path = "edits/\(variant.name)"
                try variant.write(fleet.site + "/" + path)
                try await fleet.commit("\u{1B}[2J \(variant.name)")
                var line: Substring?
                try? await eventually("\(variant.kind), \(path): refused", within: .seconds(15)) {
                    let log = try log()
                    line = log.split(separator: "\n").first { $0.contains("failed") && $0.contains(variant.name) && (variant.said.isEmpty || $0.contains(variant.said)) }
                    return line != nil
                }
                let answers = [
                    try await fleet.ask("web1.mirrors.test", .a, at: fleet.tinydns(0)), try await fleet.ask("web1.mirrors.test", .a, at: fleet.unbound(0)),
                ]
                // A line of a log is for people, whatever the file is like.
                #expect((line?.utf8.count ?? 0) < 5_000, "\(variant.kind)")
                let isRefused = line != nil && answers == [["192.0.2.10"], ["192.0.2.10"]]
                if counts[variant.kind] == nil { order.append(variant.kind) }
                counts[variant.kind, default: (0, 0)].tried += 1
                counts[variant.kind]!.refused += isRefused ? 1 : 0
                #expect(isRefused, "\(variant.kind), \(variant.name): \(line ?? "")")
                #expect(unlink(fleet.site + "/" + path) == 0)
            }
            // What is odd and allowed goes through, and is shown as text.
            try fleet.write("site/edits/odd.yaml", edit("\\e[2J.mirrors.test", "A", "192.0.2.1") )
            try fleet.write("site/edits/good.yaml", edit("good.mirrors.test", "TXT", "\\\"a\\\\027[2Jb\\\"", reason: "x\\e[2J\\a\\u202ey"))
            let plan = try await fleet.freshet("plan")
            #expect(plan.output.contains("good.mirrors.test"), "\(plan.output) \(plan.errors)")
            #expect(!(plan.output + plan.errors).utf8.contains { $0 < 0x20 && $0 != 0x0A && $0 != 0x09 })
            try await fleet.commit("good \u{1B}[2J")
            try await eventually("a good commit goes through", within: .seconds(60)) {
                try await !fleet.ask("good.mirrors.test", .txt, at: fleet.unbound(0)).isEmpty
            }
            for stage in ["configurator", "presenter", "publisher", "p0"] {
                let octets = try Data(contentsOf: URL(filePath: "\(fleet.directory.path)/\(stage).log"))
                #expect(!octets.contains { $0 < 0x20 && $0 != 0x0A && $0 != 0x09 }, "\(stage)'s log")
                #expect(octets.range(of: Data("root:x:0".utf8)) == nil, "\(stage)'s log has what a link led to")
            }
            for kind in order { print("corpus: commits: \(kind): \(counts[kind]!.tried) tried, \(counts[kind]!.refused) refused") }
            let all = counts.values.reduce((0, 0)) { ($0.0 + $1.tried, $0.1 + $1.refused) }
            print("corpus: commits: all: \(all.0) tried, \(all.1) refused")
            #expect(all.0 == all.1)
        }
    }
}
