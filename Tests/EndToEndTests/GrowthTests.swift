import DNSWire
import Foundation
import Pipeline
import TestSupport
import Testing

extension PipelineTests {
    /// A pipeline that grows.
    @Suite(.serialized) struct GrowthTests {
        /// More shards, while it serves: nothing is lost, and what is new is live as before.
        @Test(arguments: Fleet.Backend.allCases) func moreShards(_ backend: Fleet.Backend) async throws {
            try await withFleet(backend) { fleet in
                try fleet.startProxy(0)
                try await fleet.waitForHead(1)
                func register(_ host: String, _ address: String) async throws {
                    let made = try await fleet.freshet("register", host, "A", address, "--person", "growth")
                    #expect(made.status == 0, "\(made.errors)")
                    try await eventually("\(host) is served") {
                        try await fleet.ask(host + ".", .a, at: fleet.unbound(0)) == [address]
                    }
                }
                try await register("before.mirrors.test", "192.0.2.201")
                let served = try await fleet.freshet("show")
                let file = fleet.directory.path + "/pipeline.yaml"
                let text = try String(contentsOfFile: file, encoding: .utf8)
                for count in [64, 8] {
                    try fleet.write("pipeline.yaml", text.replacing("shards: 16", with: "shards: \(count)"))
                    for stage in ["publisher", "presenter", "configurator"] { await fleet.kill(stage) }
                    for stage in ["publisher", "presenter", "configurator"] { try fleet.start(stage) }
                    try fleet.write(
                        "site/edits/growth.yaml",
                        "edits: [{action: set, name: grown\(count).mirrors.test, type: A, values: [192.0.2.\(count)], owner: ada, reason: grown}]")
                    try await fleet.commit("grown to \(count)")
                    try await fleet.waitForHead(1)
                    #expect(try await fleet.ask("grown\(count).mirrors.test.", .a, at: fleet.unbound(0)) == ["192.0.2.\(count)"])
                    #expect(try await fleet.ask("before.mirrors.test.", .a, at: fleet.tinydns(0)) == ["192.0.2.201"])
                    try await register("after\(count).mirrors.test", "192.0.2.202")
                }
                // All that was there before is there, the edits and registrations since beside it.
                let now = try await fleet.freshet("show")
                let lines = Set(now.output.split(separator: "\n"))
                #expect(served.status == 0 && served.output.split(separator: "\n").count > 10)
                #expect(served.output.split(separator: "\n").filter { !lines.contains($0) } == [])
            }
        }
    }
}
