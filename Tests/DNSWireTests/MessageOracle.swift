import TestSupport

@testable import DNSWire

/// dnspython on whole messages: `Tests/Oracles/message_oracle.py`.
enum MessageOracle {
    struct Options: Codable, Equatable {
        var size: UInt16
        var version: UInt8
        var flags: UInt16
        var options: [CodeAndData]
    }

    struct CodeAndData: Codable, Equatable {
        var code: UInt16
        var data: String

        init(_ option: EDNS.Option) {
            var wire: [UInt8] = []
            option.append(to: &wire)
            code = option.code
            data = Hex.encode(Array(wire[4...]))
        }
        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            code = try list.decode(UInt16.self)
            data = try list.decode(String.self)
        }
        func encode(to encoder: any Encoder) throws {
            var list = encoder.unkeyedContainer()
            try list.encode(code)
            try list.encode(data)
        }
    }

    /// `[section, owner, type, class, ttl, rdata]`, or without section, TTL and data a question.
    struct Row: Codable, Equatable {
        var question: Question?
        var record: ResourceRecord?
        var section = 0

        init(_ question: Question) { self.question = question }
        init(_ section: Message.Section, _ record: ResourceRecord) {
            self.record = record
            self.section = section.rawValue
        }
        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            let isQuestion = list.count == 3
            if !isQuestion { section = try list.decode(Int.self) }
            let owner = try Name(wire: Hex.decode(list.decode(String.self)) ?? [])
            let type = RRType(rawValue: try list.decode(UInt16.self)), rrClass = RRClass(rawValue: try list.decode(UInt16.self))
            if isQuestion {
                question = Question(name: owner, type: type, rrClass: rrClass)
            } else {
                let ttl = try list.decode(UInt32.self)
                let rdata = RData(opaque: Hex.decode(try list.decode(String.self)) ?? [])
                record = ResourceRecord(owner: owner, type: type, rrClass: rrClass, ttl: ttl, rdata: rdata)
            }
        }
        func encode(to encoder: any Encoder) throws {
            var list = encoder.unkeyedContainer()
            if let question {
                try list.encode(Hex.encode(question.name.wire))
                try list.encode(question.type.rawValue)
                try list.encode(question.rrClass.rawValue)
            } else if let record {
                try list.encode(section)
                try list.encode(Hex.encode(record.owner.wire))
                try list.encode(record.type.rawValue)
                try list.encode(record.rrClass.rawValue)
                try list.encode(record.ttl)
                try list.encode(Hex.encode(record.rdata.wire))
            }
        }
        /// In all octets, case included.
        static func == (a: Row, b: Row) -> Bool {
            a.question == b.question && a.section == b.section && a.record == b.record
                && a.record?.owner.wire == b.record?.owner.wire && a.question?.name.wire == b.question?.name.wire
        }
    }

    struct Key: Encodable {
        var name: String
        var algorithm: String
        var secret: String
    }

    struct Ask: Encodable {
        var op: String
        var wire: String?
        var id: UInt16?
        var flags: UInt16?
        var code: UInt16?
        var questions: [Row]?
        var records: [Row]?
        var edns: Options?
        var wires: [String]?
        var key: Key?
        var time: UInt64?
        var mac: String?
        var plain: [Int]?
    }

    struct Answer: Decodable {
        var error: String?
        var wire: String?
        var wires: [String]?
        var id: UInt16?
        var flags: UInt16?
        var code: UInt16?
        var questions: [Row]?
        var records: [Row]?
        var edns: Options?
        var length: Int?

        /// The messages of an answer that has several.
        func octets() throws -> [[UInt8]] {
            guard let wires else { throw TestFailure(error ?? "no octets") }
            return wires.compactMap(Hex.decode)
        }
    }

    static func ask(_ lines: [Ask]) async throws -> [Answer] {
        try await Program.oracle("message_oracle.py", lines: lines, answers: Answer.self)
    }
}

extension Message {
    var rows: [MessageOracle.Row] {
        answers.map { .init(.answer, $0) } + authority.map { .init(.authority, $0) } + additional.map { .init(.additional, $0) }
    }

    var oracleOptions: MessageOracle.Options? {
        edns.map {
            MessageOracle.Options(
                size: $0.udpSize, version: $0.version, flags: $0.flags.rawValue, options: $0.options.map { .init($0) })
        }
    }
}
