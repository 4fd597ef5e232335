internal import DNSWire

/// What must hold for any octets: run by the fuzzers on what they make up
/// (`scripts/fuzz.sh`), and by the tests on the corpus that they left.
public enum FuzzTarget: String, CaseIterable, Sendable {
    case message, name, rdata, zone

    /// - Returns: what does not hold, or `nil`. That nothing traps goes without saying.
    public func fault(_ octets: [UInt8]) -> String? {
        switch self {
        case .message: Self.message(octets)
        case .name: Self.name(octets)
        case .rdata: Self.rdata(octets)
        case .zone: Self.zone(octets)
        }
    }

    /// A message that can be read can be built, and reads as the same.
    private static func message(_ octets: [UInt8]) -> String? {
        guard let message = try? Message(wire: octets) else {
            return (try? MessageView(octets)) == nil ? nil : "a view accepts what a message refuses"
        }
        let built = message.wire
        guard let again = try? Message(wire: built) else { return "what was built cannot be read" }
        if message.wholeWire == nil {
            guard octets.count > 400 else { return "a small message does not fit" }
        } else if again != message || owners(again) != owners(message) {
            return "it reads as another: \(again) for \(message)"
        }
        if again.wire != built { return "building it twice gives other octets" }
        for limit in [12, 100, 512] where message.tsig == nil && message.edns == nil {
            let cut = message.wire(limit: limit)
            if cut.count > max(limit, 12) { return "\(cut.count) octets, at most \(limit)" }
            if (try? Message(wire: cut)) == nil { return "cut to \(limit) it cannot be read" }
        }
        for record in message.answers { if let fault = textFault(record) { return fault } }
        return nil
    }

    /// With their case, which `==` overlooks.
    private static func owners(_ message: Message) -> [[UInt8]] {
        message.questions.map(\.name.wire) + (message.answers + message.authority + message.additional).map(\.owner.wire)
    }

    private static func textFault(_ record: ResourceRecord) -> String? {
        let text = record.rdata.text(type: record.type, rrClass: record.rrClass)
        guard let again = try? RData(text, type: record.type, rrClass: record.rrClass) else {
            return "\(record.rrClass) \(record.type) \(text) cannot be read"
        }
        return again == record.rdata ? nil : "\(record.type) \(text) reads as other data"
    }

    /// As octets and as text.
    private static func name(_ octets: [UInt8]) -> String? {
        if let name = try? Name(wire: octets) {
            guard let again = try? Name(name.description), again.wire == name.wire else { return "\(name) reads as another" }
            if name.wire.count > 255 || name.precedes(name) || !name.isWithin(name) || name != again { return "\(name) is not itself" }
            if let parent = name.parent, !name.isWithin(parent) || !parent.precedes(name) { return "\(name) and its parent" }
        }
        if let name = try? Name(String(decoding: octets, as: UTF8.self), relativeTo: try! Name("origin.test.")) {
            guard (try? Name(wire: name.wire)) != nil else { return "\(name) is not well-formed" }
            guard let again = try? Name(name.description), again.wire == name.wire else { return "\(name) reads as another" }
        }
        return nil
    }

    /// The first two octets say the type, the others are data, and text.
    private static func rdata(_ octets: [UInt8]) -> String? {
        guard octets.count >= 2 else { return nil }
        let type = RRType(rawValue: UInt16(octets[0]) << 8 | UInt16(octets[1]))
        let rest = Array(octets.dropFirst(2))
        if let data = try? RData(wire: rest, type: type) {
            if let fault = textFault(ResourceRecord(owner: .root, type: type, ttl: 0, rdata: data)) { return fault }
            if data.canonicalWire(type: type).count != data.wire.count { return "canonical form of \(type) has another length" }
        }
        if let data = try? RData(String(decoding: rest, as: UTF8.self), type: type) {
            guard (try? RData(wire: data.wire, type: type)) != nil else { return "\(type): text gives malformed data" }
            if let fault = textFault(ResourceRecord(owner: .root, type: type, ttl: 0, rdata: data)) { return fault }
        }
        return nil
    }

    /// What is read can be written, and reads as the same; faults lie in the text.
    private static func zone(_ octets: [UInt8]) -> String? {
        var options = ZoneFileReader.Options(origin: try! Name("zone.test."))
        options.generateLimit = 100
        var records: [ResourceRecord] = []
        let lines = octets.split(separator: 0x0A, omittingEmptySubsequences: false).count
        var items = 0
        let included = ZoneText(name: "other", "x 5 A 192.0.2.1\n$INCLUDE zone\n")
        for item in ZoneFileReader(ZoneText(name: "zone", octets: octets), options: options, include: { _ in included }) {
            items += 1
            switch item {
            case .record(let record): records.append(record)
            case .fault(let fault):
                if fault.position.line < 1 || fault.position.line > max(lines, 3) || fault.position.column < 1 {
                    return "a fault at \(fault.position), in \(lines) lines"
                }
            }
            if items > 101 * (lines + 1) + 2 { return "more items than the text can have" }
        }
        var writer = ZoneFileWriter(origin: options.origin)
        for record in records { writer.write(record) }
        let again = ZoneFileReader(ZoneText(name: "again", octets: writer.take())).compactMap { item -> ResourceRecord? in
            if case .record(let record) = item { record } else { nil }
        }
        return again == records && again.map(\.owner.wire) == records.map(\.owner.wire) ? nil : "what was written reads as something else"
    }
}
