/// The text of a zone file, and what it is called in messages.
///
/// DNSWire does no I/O: the caller hands the octets over, all at once or in pieces.
public struct ZoneText {
    /// A path below the root of the zone files, or anything for a text that includes nothing.
    public let name: String
    let read: () throws -> [UInt8]?

    /// A text in pieces.
    ///
    /// - Parameters:
    ///   - name: what it is called, see ``name``.
    ///   - read: gives the next octets, as many as it likes; `nil` or none at the end.
    public init(name: String, read: @escaping () throws -> [UInt8]?) {
        self.name = name
        self.read = read
    }

    /// A text that is there as a whole.
    public init(name: String, octets: [UInt8]) {
        var rest: [UInt8]? = octets
        self.init(name: name) {
            defer { rest = nil }
            return rest
        }
    }

    /// A text that is there as a whole, as UTF-8.
    public init(name: String = "text", _ text: String) {
        self.init(name: name, octets: Array(text.utf8))
    }
}

/// A place in a zone file.
public struct ZonePosition: Hashable, Sendable, CustomStringConvertible {
    /// The ``ZoneText/name`` of the text it is in.
    public var file: String
    /// From 1.
    public var line: Int
    /// In octets, from 1.
    public var column: Int

    /// Line and column count from 1.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    public var description: String { "\(file):\(line):\(column)" }
}

/// What is wrong at a place in a zone file. Reading goes on behind it.
public struct ZoneFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: String, Sendable {
        /// Quotes or parentheses that do not match, or a backslash at a line's end.
        case syntax = "syntax"
        /// See ``NameError`` for what a name can have wrong. Records without an owner of their own
        /// are faults too until there is a good one.
        case badOwner = "bad owner name"
        /// The first column is blank, and there is nothing to repeat.
        case noOwner = "no owner name before this record"
        /// The entry ends before a type.
        case missingType = "no record type"
        /// Neither a mnemonic nor `TYPE12345`.
        case unknownType = "not a record type"
        /// Types of messages and questions, see ``RRType/isMeta``.
        case metaType = "a type that no zone can hold"
        /// Not that of ``ZoneFileReader/Options/rrClass``.
        case badClass = "another class than the zone's"
        /// There is no `$TTL` either, none in the options, and no SOA whose minimum could do.
        case missingTTL = "no TTL here, and none before it"
        /// Not seconds or a time with units (`1h30m`), or over 2³¹ − 1 seconds (RFC 2181 §8).
        case badTTL = "not a TTL"
        /// The data is not of its type; the message says what ``RDataError`` does.
        case badData = "bad data"
        /// An unknown one, or one with arguments that it cannot have.
        case badDirective = "bad directive"
        /// A file that cannot be opened, is outside the root, includes itself, or is too deep.
        case include = "cannot include"
        /// Over ``ZoneFileReader/Options/entryLimit``, often for a parenthesis that is not closed.
        case tooLong = "entry too long"
        /// The text's closure has thrown: the file ends here.
        case unreadable = "cannot be read"
    }

    /// What kind of fault it is.
    public let code: Code
    /// Where the field at fault begins, or the entry if no field is to blame.
    public let position: ZonePosition
    /// For people; names the field at fault.
    public let message: String

    public var description: String {
        message.isEmpty ? "\(position): \(code.rawValue)" : "\(position): \(code.rawValue): \(message)"
    }
}

/// What a zone file holds at one place.
public enum ZoneItem: Sendable {
    /// A record, of a type that zones can hold.
    case record(ResourceRecord)
    /// An entry that is left out, and why.
    case fault(ZoneFault)
}
