public import DNSWire
internal import Foundation
public import Pipeline
public import Rules

/// What a rule makes of some inputs, to look at in a test.
///
/// ```swift
/// let result = try RuleTest(Servers(), inputs: ["inventory/servers.yaml": "servers: []"], zone: "example.net.")
/// #expect(result.faults.isEmpty)
/// #expect(result.records("www", .a) == ["192.0.2.1"])
/// ```
///
/// The rule runs as the pack runs it: with the declared inputs, read from files.
public struct RuleTest: Sendable {
    public let records: [RecordSet]
    public let map: [MapEntry]
    /// All that is wrong with the inputs or the records, each with its line. With any, a
    /// pack would send nothing.
    public let faults: [RuleFault]

    /// Completes names that do not end in a dot.
    private let zone: Name
    private let sets: [RecordKey: RecordSet]
    private let locations: [[UInt8]: Location]

    /// Runs a rule.
    ///
    /// - Parameters:
    ///   - inputs: by the names that the rule declares. A string is the text of the file.
    ///   - zone: completes names that the test asks for and that do not end in a dot.
    /// - Throws: what the rule's body throws, but for a ``RuleFault``, which is among
    ///   ``faults``; also if the inputs cannot be laid out, or `zone` is no name.
    public init(_ rule: some Rule, inputs: [String: RuleInput] = [:], zone: String = ".") throws {
        self.zone = try Name(zone)
        let directory = FileManager.default.temporaryDirectory.appending(path: "rule-test-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        var paths: [String: String] = [:]
        for (index, (name, input)) in inputs.sorted(by: { $0.key < $1.key }).enumerated() {
            paths[name] = try input.place(in: directory.appending(path: "\(index)"))
        }
        do {
            let evaluation = try rule.evaluate(inputs: paths)
            records = evaluation.records
            map = evaluation.map
            faults = evaluation.faults
        } catch let fault as RuleFault {
            records = []
            map = []
            faults = [fault]
        }
        sets = Dictionary(records.map { ($0.key, $0) }) { first, _ in first }
        locations = Dictionary(map.map { ($0.prefix, $0.location) }) { first, _ in first }
    }

    /// The values of a name in presentation format, in their canonical order (by octets);
    /// none if there is no such record.
    ///
    /// - Parameter location: of records that only clients there see; by default those for all.
    public func records(_ name: String, _ type: RRType, at location: String? = nil) -> [String] {
        set(name, type, location).map { set in set.rdata.map { $0.text(type: type) } } ?? []
    }

    /// Seconds; `nil` if there is no such record.
    public func ttl(_ name: String, _ type: RRType, at location: String? = nil) -> UInt32? {
        set(name, type, location)?.ttl
    }

    /// The text of a TXT, its strings joined; the first in canonical order.
    public func text(_ name: String, at location: String? = nil) -> String? {
        set(name, .txt, location)?.rdata.first?.joinedStrings.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Where a record was written; `nil` if there is none.
    public func origin(_ name: String, _ type: RRType, at location: String? = nil) -> Origin? {
        set(name, type, location)?.origin
    }

    /// Where the rule's map puts a client (an IPv4 address): the longest prefix counts.
    /// `nil` if none holds it, or for text that is no address.
    public func location(of client: String) -> String? { clientLocation(client)?.description }

    /// What tinydns answers to a client from this rule's records of one name and type: those
    /// for everybody and those for the client's location, in canonical order. CNAMEs and
    /// wildcards are not followed.
    public func answers(_ name: String, _ type: RRType, from client: String) -> [String] {
        var answers = set(name, type, nil)?.rdata ?? []
        if let location = clientLocation(client) { answers += set(name, type, location.description)?.rdata ?? [] }
        return answers.sorted { $0.wire.lexicographicallyPrecedes($1.wire) }.map { $0.text(type: type) }
    }

    private func clientLocation(_ client: String) -> Location? {
        guard let octets = IPv4Text.parse(client) else { return nil }
        return (0...4).reversed().lazy.compactMap { locations[Array(octets[..<$0])] }.first
    }

    private func set(_ name: String, _ type: RRType, _ location: String?) -> RecordSet? {
        guard let owner = try? Name(name, relativeTo: zone) else { return nil }
        guard let location else { return sets[RecordKey(owner: owner, type: type)] }
        return Location(location).flatMap { sets[RecordKey(owner: owner, type: type, location: $0)] }
    }
}
