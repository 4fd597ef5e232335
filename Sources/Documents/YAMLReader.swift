internal import CYaml

/// Reads YAML from the events of libyaml (the C half of Yams), so that a file of a hundred
/// thousand records costs neither a tree of Yams' nodes nor their hashing.
public enum YAMLReader {
    /// Most values of a file, aliases written out: those multiply ("billion laughs").
    static let valueLimit = 20_000_000

    public static func read(_ text: String) throws(DocumentFaults) -> Document {
        var text = text
        var parsing = Parsing()
        let result = text.withUTF8 { octets in parsing.parse(octets) }
        return try result.get()
    }
}

/// One file on its way through the parser.
private struct Parsing {
    /// What an anchor names, and how many values that is.
    private var anchors: [String: (document: Document, count: Int)] = [:]
    private var parser = yaml_parser_t()
    private var event = yaml_event_t()
    private var count = 0

    mutating func parse(_ octets: UnsafeBufferPointer<UInt8>) -> Result<Document, DocumentFaults> {
        guard yaml_parser_initialize(&parser) == 1 else { return .failure(DocumentFaults("no memory for a parser", line: 0)) }
        defer {
            yaml_event_delete(&event)
            yaml_parser_delete(&parser)
        }
        // All of it is in memory already: the parser must not guess another encoding.
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(&parser, octets.baseAddress, octets.count)
        do throws(DocumentFaults) {
            return .success(try whole())
        } catch {
            return .failure(error)
        }
    }

    private mutating func whole() throws(DocumentFaults) -> Document {
        try next()  // the stream's start
        try next()
        guard event.type == YAML_DOCUMENT_START_EVENT else { return Document(.null, line: 1) }
        try next()
        let document = try value(depth: 0)
        try next()  // the document's end
        try next()
        guard event.type == YAML_STREAM_END_EVENT else { throw DocumentFaults("a second document: a file has one", line: line) }
        return document
    }

    private mutating func next() throws(DocumentFaults) {
        yaml_event_delete(&event)
        guard yaml_parser_parse(&parser, &event) == 1 else {
            let problem = parser.problem.map { String(cString: $0) } ?? "not YAML"
            // A reader's fault has an offset and no line.
            throw DocumentFaults(problem, line: parser.error == YAML_READER_ERROR ? 0 : Int(parser.problem_mark.line) + 1)
        }
    }

    private var line: Int { Int(event.start_mark.line) + 1 }

    private func text(_ octets: UnsafePointer<yaml_char_t>, _ count: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: octets, count: count), as: UTF8.self)
    }

    /// The value that the event at hand begins; leaves the last event of it at hand.
    private mutating func value(depth: Int) throws(DocumentFaults) -> Document {
        let line = line
        guard depth <= 128 else { throw DocumentFaults("nested deeper than 128", line: line) }
        let before = count
        try counted(1, line)
        let document: Document
        let anchor: UnsafeMutablePointer<yaml_char_t>?
        switch event.type {
        case YAML_ALIAS_EVENT:
            let name = String(cString: event.data.alias.anchor)
            guard let found = anchors[name] else { throw DocumentFaults("an alias (*\(name)) without its anchor", line: line) }
            try counted(found.count, line)
            return found.document
        case YAML_SCALAR_EVENT:
            anchor = event.data.scalar.anchor
            try check(event.data.scalar.tag, line)
            document = Document(scalar(), line: line)
        case YAML_SEQUENCE_START_EVENT:
            anchor = event.data.sequence_start.anchor
            try check(event.data.sequence_start.tag, line)
            let name = anchor.map { String(cString: $0) }
            var list: [Document] = []
            try next()
            while event.type != YAML_SEQUENCE_END_EVENT {
                list.append(try value(depth: depth + 1))
                try next()
            }
            return keep(Document(.list(list), line: line), name, count - before)
        default:
            anchor = event.data.mapping_start.anchor
            try check(event.data.mapping_start.tag, line)
            let name = anchor.map { String(cString: $0) }
            let members = try members(depth: depth)
            return keep(Document(.object(members), line: line), name, count - before)
        }
        return keep(document, anchor.map { String(cString: $0) }, 1)
    }

    private mutating func keep(_ document: Document, _ anchor: String?, _ count: Int) -> Document {
        if let anchor { anchors[anchor] = (document, count) }
        return document
    }

    private mutating func counted(_ more: Int, _ line: Int) throws(DocumentFaults) {
        count += more
        guard count <= YAMLReader.valueLimit else {
            throw DocumentFaults("more than \(YAMLReader.valueLimit) values (aliases count each time)", line: line)
        }
    }

    /// What a tag of some program stands for (`!include x`) is not its text.
    private func check(_ tag: UnsafeMutablePointer<yaml_char_t>?, _ line: Int) throws(DocumentFaults) {
        guard let tag, tag[0] == UInt8(ascii: "!"), tag[1] != 0 else { return }
        throw DocumentFaults("the tag \(String(cString: tag)) is not known", line: line)
    }

    private var isPlain: Bool {
        event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE || event.data.scalar.style == YAML_ANY_SCALAR_STYLE
    }

    private func scalar() -> Document.Content {
        let scalar = event.data.scalar
        let text = text(scalar.value, scalar.length)
        guard isPlain else { return .string(text) }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        default: return .plain(text)
        }
    }

    private mutating func members(depth: Int) throws(DocumentFaults) -> [Document.Member] {
        var members: [Document.Member] = []
        // Of the many objects of a file most have a few.
        members.reserveCapacity(4)
        var names = Names()
        try next()
        while event.type != YAML_MAPPING_END_EVENT {
            let line = line
            guard event.type == YAML_SCALAR_EVENT else { throw DocumentFaults("a name that is a list or an object", line: line) }
            let name = text(event.data.scalar.value, event.data.scalar.length)
            if name == "<<", isPlain {
                throw DocumentFaults("merge keys (<<) are not read: write it out", line: line)
            }
            guard names.insert(name, among: members) else { throw DocumentFaults("a name twice: \(name)", line: line) }
            let isPlain = isPlain
            try next()
            members.append(Document.Member(name: name, value: try value(depth: depth + 1), line: line, isPlain: isPlain))
            try next()
        }
        return members
    }

    /// The names of one object. Most have few, which are looked through without a table.
    private struct Names {
        private var table: Set<String> = []

        mutating func insert(_ name: String, among members: [Document.Member]) -> Bool {
            if members.count < 8 { return !members.contains { $0.name == name } }
            if table.isEmpty { table = Set(members.map(\.name)) }
            return table.insert(name).inserted
        }
    }
}
