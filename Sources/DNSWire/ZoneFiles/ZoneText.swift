/// The text of a zone file, and what it is called in messages.
///
/// DNSWire does no I/O: the caller hands the octets over, all at once or in pieces.
public struct ZoneText {
    /// A path below the root of the zone files, or anything for a text that includes nothing.
    public let name: String
    let read: () throws -> [UInt8]?

    /// - Parameter read: gives the next octets, as many as it likes; `nil` or none at the end.
    public init(name: String, read: @escaping () throws -> [UInt8]?) {
        self.name = name
        self.read = read
    }

    public init(name: String, octets: [UInt8]) {
        var rest: [UInt8]? = octets
        self.init(name: name) {
            defer { rest = nil }
            return rest
        }
    }

    public init(name: String = "text", _ text: String) {
        self.init(name: name, octets: Array(text.utf8))
    }
}

/// A place in a zone file.
public struct ZonePosition: Hashable, Sendable, CustomStringConvertible {
    public var file: String
    /// From 1.
    public var line: Int
    /// In octets, from 1.
    public var column: Int

    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    public var description: String { "\(file):\(line):\(column)" }
}

/// What is wrong at a place in a zone file. Reading goes on behind it.
public struct ZoneFault: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case syntax = "syntax"
        case badOwner = "bad owner name"
        case noOwner = "no owner name before this record"
        case missingType = "no record type"
        case unknownType = "not a record type"
        case metaType = "a type that no zone can hold"
        case badClass = "another class than the zone's"
        case missingTTL = "no TTL here, and none before it"
        case badTTL = "not a TTL"
        case badData = "bad data"
        case badDirective = "bad directive"
        case include = "cannot include"
        case tooLong = "entry too long"
        case unreadable = "cannot be read"
    }

    public let code: Code
    public let position: ZonePosition
    /// For people; names the field at fault.
    public let message: String

    public var description: String {
        message.isEmpty ? "\(position): \(code.rawValue)" : "\(position): \(code.rawValue): \(message)"
    }
}

/// What a zone file holds at one place.
public enum ZoneItem: Sendable {
    case record(ResourceRecord)
    case fault(ZoneFault)
}
