/// What a file holds, whatever its format, with the line of each value.
///
/// JSON, YAML and CSV all come to this, so that decoding, schemas and messages know
/// one model and always a line.
public struct Document: Sendable, Hashable {
    public enum Content: Sendable, Hashable {
        case null
        case bool(Bool)
        /// A JSON number, as written.
        case number(String)
        case string(String)
        /// A bare word of YAML, with a type that its text decides.
        case plain(String)
        /// A field of CSV: who reads it decides its type.
        case field(String)
        case list([Document])
        /// In the order of the file, no name twice.
        case object([Member])
    }

    public struct Member: Sendable, Hashable {
        public var name: String
        public var value: Document
        /// Of the name; 1-based, 0 if unknown.
        public var line: Int
        /// Whether the name is a bare word of YAML, which other readers may take for a number or a truth value.
        public var isPlain: Bool

        public init(name: String, value: Document, line: Int = 0, isPlain: Bool = false) {
            self.name = name
            self.value = value
            self.line = line
            self.isPlain = isPlain
        }
    }

    public var content: Content
    /// 1-based.
    public var line: Int

    public init(_ content: Content, line: Int) {
        self.content = content
        self.line = line
    }

    /// A member of an object; `nil` if there is none.
    public subscript(_ name: String) -> Document? {
        guard case .object(let members) = content else { return nil }
        return members.firstIndex { $0.name == name }.map { members[$0].value }
    }

    /// The content with bare words resolved as YAML's core schema does (YAML 1.2 §10.3.2).
    public var resolved: Content {
        let text: String
        switch content {
        case .plain(let word), .field(let word): text = word
        default: return content
        }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: return Decimal(text) == nil ? .string(text) : .number(text)
        }
    }

    /// What it is, for messages.
    public var kind: String {
        switch resolved {
        case .null: "null"
        case .bool: "a truth value"
        case .number: "a number"
        case .string, .plain, .field: "text"
        case .list: "a list"
        case .object: "an object"
        }
    }
}

/// What is wrong with a document: every fault found.
public struct DocumentFaults: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Fault: Sendable, Hashable {
        public var message: String
        /// 1-based; 0: the whole file.
        public var line: Int
        /// Where in the document: names and list positions.
        public var path: [Step]

        public init(_ message: String, line: Int, path: [Step] = []) {
            self.message = message
            self.line = line
            self.path = path
        }

        /// A JSON pointer (RFC 6901).
        public var pointer: String { path.map { "/\($0.pointer)" }.joined() }
    }

    public enum Step: Sendable, Hashable {
        case name(String)
        case index(Int)

        var pointer: String {
            switch self {
            case .index(let index): String(index)
            case .name(let name): name.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
                .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
            }
        }
    }

    public var faults: [Fault]

    public init(_ faults: [Fault]) { self.faults = faults }
    public init(_ message: String, line: Int, path: [Step] = []) { faults = [Fault(message, line: line, path: path)] }

    /// `FILE:LINE: POINTER: message`, a line each.
    public func texts(file: String) -> [String] {
        faults.map { fault in
            "\(file)\(fault.line > 0 ? ":\(fault.line)" : ""): \(fault.path.isEmpty ? "" : "\(fault.pointer): ")\(fault.message)"
        }
    }

    public var description: String { texts(file: "document").joined(separator: "\n") }
}
