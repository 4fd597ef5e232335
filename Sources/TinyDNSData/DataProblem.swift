/// What is wrong with a line of tinydns data.
public struct DataProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// How bad it is.
    public enum Level: String, Sendable {
        /// tinydns-data refuses the file.
        case fault
        /// tinydns serves it, and Freshet's values cannot say it.
        case refusal
        /// It does not do what it seems to say.
        case warning
    }

    /// What is wrong: for programs.
    public enum Code: String, Sendable, CaseIterable {
        // Faults
        case unknownLine, labelTooLong, nameTooLong, prohibitedType, missingPort, tooLarge
        // Refusals
        case timestamp, location, prefix, malformedData, metaType
        // Warnings
        case noAddress, addressOutOfRange, badNumber, numberOutOfRange, badTimestamp, longLocation, extraField, emptyName
        case emptyLabel, badEscape, badPrefix, carriageReturn, cutText, manyAddresses, unservable, expired, ttlDiffers
        case duplicate, shadowed, dated

        /// How bad it is by itself; data of a known type that is malformed is refused only by a conversion.
        public var level: Level {
            switch self {
            case .unknownLine, .labelTooLong, .nameTooLong, .prohibitedType, .missingPort, .tooLarge: .fault
            case .timestamp, .location, .prefix, .metaType: .refusal
            default: .warning
            }
        }
    }

    public let code: Code
    public let level: Level
    /// From 1.
    public let line: Int
    /// How many records are not made, or not kept, for it; of a line that is not read at all 1.
    public let lost: Int
    public let message: String

    init(_ code: Code, line: Int, _ message: String, level: Level? = nil, lost: Int = 0) {
        self.code = code
        self.level = level ?? code.level
        self.line = line
        self.lost = lost
        self.message = message
    }

    public var description: String { "line \(line): \(message)" }
}

/// All that is wrong with a text, and how much was read.
public struct DataReport: Sendable {
    /// By line. Of a text that is compiled at most ``most``; the counts are of all.
    public internal(set) var problems: [DataProblem] = []
    public internal(set) var faults = 0
    public internal(set) var refusals = 0
    public internal(set) var warnings = 0
    /// Comments and empty ones too.
    public internal(set) var lines = 0
    /// In the database; a line may make up to three.
    public internal(set) var records = 0
    public internal(set) var mapEntries = 0
    /// Octets of the database; 0 if there is none.
    public internal(set) var size = 0

    /// How many problems are kept of a text that is compiled.
    public static let most = 10_000
    /// How many are kept here.
    var most = Self.most

    /// Takes over what was found in another part of the text.
    mutating func add(_ other: DataReport) {
        faults += other.faults
        refusals += other.refusals
        warnings += other.warnings
        lines += other.lines
        records += other.records
        mapEntries += other.mapEntries
        problems += other.problems
    }

    mutating func add(_ problem: DataProblem) {
        switch problem.level {
        case .fault: faults += 1
        case .refusal: refusals += 1
        case .warning: warnings += 1
        }
        // Faults have room of their own: warnings must not hide them.
        if problems.count < (problem.level == .warning ? most / 2 : most) { problems.append(problem) }
    }
}

/// Why there is no database.
public struct DataFaults: Error, Sendable, CustomStringConvertible {
    public let report: DataReport

    public var description: String {
        report.problems.filter { $0.level == .fault }.map(\.description).joined(separator: "\n")
    }
}
