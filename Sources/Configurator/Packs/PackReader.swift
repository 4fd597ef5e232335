internal import Pipeline

/// What a pack's answer comes to, taken in piece by piece.
///
/// It is fed by the task that reads the pipe, so that a pack cannot run ahead of it:
/// what is not yet judged stays in the pipe, which is small.
struct PackReader: Sendable {
    /// The rule that runs, for messages; empty for `describe`.
    let rule: String
    let limits: PackSettings.Limits
    private(set) var records: [RecordSet] = []
    private(set) var map: [MapEntry] = []
    private(set) var faults: [String] = []
    private(set) var rules: [RuleDescription]?
    private(set) var policies = 0
    private(set) var findings: [PolicyFinding] = []
    private var counts: (records: Int, map: Int)?
    private var octets = 0
    private var decoder: Decoder

    private enum Decoder: Sendable {
        case messages(Delimited)
        case lines(PackLines)
    }

    /// A pack that finds more faults than this has made its point.
    private static let faultLimit = 1000

    init(rule: String, wire: PackSettings.Wire, limits: PackSettings.Limits) {
        self.rule = rule
        self.limits = limits
        switch wire {
        case .protobuf: decoder = .messages(Delimited())
        case .json: decoder = .lines(PackLines())
        }
    }

    private var who: String { rule.isEmpty ? "describe" : rule }

    mutating func feed(_ chunk: [UInt8]) throws(ConfiguratorError) {
        octets += chunk.count
        guard octets <= limits.octets else { throw ConfiguratorError(.pack, "\(who): more than \(limits.octets) octets") }
        do throws(PackFault) {
            switch decoder {
            case .messages(var stream):
                decoder = .messages(Delimited())  // so that the buffer is ours alone
                stream.feed(chunk)
                while let reply = try Self.next(&stream) { try take(reply) }
                decoder = .messages(stream)
            case .lines(var lines):
                decoder = .lines(PackLines())
                try lines.feed(chunk) { (reply) throws(PackFault) in try take(reply) }
                decoder = .lines(lines)
            }
        } catch {
            throw ConfiguratorError(.pack, "\(who): \(error)")
        }
    }

    private static func next(_ stream: inout Delimited) throws(PackFault) -> PackReply? {
        do throws(DecodingFault) {
            guard let message = try stream.next() else { return nil }
            return try PackReply(decoding: message)
        } catch {
            throw PackFault("\(error)")
        }
    }

    private mutating func take(_ reply: PackReply) throws(PackFault) {
        guard counts == nil else { throw PackFault("more after 'done'") }
        switch reply {
        case .records(let newRecords, let newMap):
            records += newRecords
            map += newMap
            if records.count + map.count > limits.records { throw PackFault("more than \(limits.records) records") }
        case .done(let r, let m): counts = (r, m)
        case .fault(let message, let file, let line):
            faults.append(file.isEmpty ? message : line > 0 ? "\(file):\(line): \(message)" : "\(file): \(message)")
            if faults.count > Self.faultLimit { throw PackFault("more than \(Self.faultLimit) faults, the first: \(faults[0])") }
        case .finding(let finding):
            findings.append(finding)
            if findings.count > limits.records { throw PackFault("more than \(limits.records) findings") }
        case .description(let list, let count):
            guard rules == nil else { throw PackFault("described twice") }
            rules = list
            policies = count
        }
    }

    /// The stream has ended; `failure` says how the program did, if not well.
    mutating func finish(failure: String?) throws(ConfiguratorError) {
        if !faults.isEmpty { throw ConfiguratorError(.pack, faults) }
        if let failure { throw ConfiguratorError(.pack, "\(who): \(failure)") }
        let isCut =
            switch decoder {
            case .messages(let stream): !stream.isEmpty
            case .lines(let lines): !lines.isEmpty
            }
        if isCut { throw ConfiguratorError(.pack, "\(who): the pack's stream ended too soon: in the middle of a reply") }
        if rule.isEmpty { return }
        guard let counts else { throw ConfiguratorError(.pack, "\(who): the pack's stream ended too soon: without 'done'") }
        guard counts == (records.count, map.count) else {
            throw ConfiguratorError(
                .pack,
                "\(who): the pack's stream ended too soon: \(counts.records) records and \(counts.map) map entries are said to be there, \(records.count) and \(map.count) are"
            )
        }
    }
}

/// What is wrong with a pack's answer.
struct PackFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
