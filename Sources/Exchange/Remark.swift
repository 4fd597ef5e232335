/// What happened to something in a file on its way in or out, for people and for programs.
public struct Remark: Hashable, Sendable, CustomStringConvertible {
    /// Why something was refused, or what is worth knowing of something that was not.
    public enum Reason: String, Sendable, CaseIterable {
        /// The text is not of its format, so that there is no record to speak of.
        case syntax
        /// A value is not of its record's type.
        case value
        /// An owner name is none, or one that the format cannot write.
        case name
        /// No type of DNS, or one that the format does not have.
        case type
        /// Something that only the tool or a provider makes into DNS: ALIAS, geo, dynamic, redirects.
        case provider
        /// A class other than IN.
        case `class`
        case ttl
        /// The same RRset again, with other values.
        case duplicate
        /// The parent's copy of what a zone closer to the name has with other values.
        case delegation
        /// Owners that are in none of the zones.
        case outOfZone = "out-of-zone"
        /// A name that would have to be completed, and nothing says by what.
        case relative
        /// A field that is not known, and so may change what the record means.
        case field
        /// An RRset for some clients only, where the format knows one answer for all.
        case location
        /// The data of a type or a text that the format has no way to write.
        case unwritable
        /// One of several views of a zone.
        case view
        /// What steers the tool and is not in DNS: health checks, what to leave alone.
        case setting
        /// Character-strings that come back cut in other places.
        case strings
        /// A record that begins or ends at a time of its own.
        case timestamp
        /// Something that a zone needs and that is not here.
        case missing
    }

    /// As it was given to the reader; empty on export.
    public var file: String
    /// 1-based; 0: the whole file.
    public var line: Int
    /// Owner and type, or whatever it is called.
    public var subject: String
    public var reason: Reason
    public var message: String
    /// How many records it speaks of.
    public var records: Int

    public init(file: String, line: Int, subject: String, reason: Reason, message: String, records: Int = 1) {
        self.file = file
        self.line = line
        self.subject = subject
        self.reason = reason
        self.message = message
        self.records = records
    }

    /// `FILE:LINE: SUBJECT: message [reason]`.
    public var description: String {
        let place = file.isEmpty ? "" : line > 0 ? "\(file):\(line): " : "\(file): "
        return place + (subject.isEmpty ? "" : "\(subject): ") + "\(message) [\(reason.rawValue)]"
    }
}

extension Sequence<Remark> {
    /// The remarks by their reason, the reasons in the order of the alphabet.
    public var byReason: [(reason: Remark.Reason, remarks: [Remark])] {
        Dictionary(grouping: self, by: \.reason).map { ($0.key, $0.value) }.sorted { $0.0.rawValue < $1.0.rawValue }
    }
}
