/// Where a value comes from: rule and source line, or edit and person.
///
/// Of a million RRsets most share all but the line: that is held once, and copied as one reference.
public struct Origin: Sendable {
    private final class Fields: Hashable, Sendable {
        let source, file: String
        let person, reason: String

        init(_ source: String, _ file: String, _ person: String, _ reason: String) {
            (self.source, self.file, self.person, self.reason) = (source, file, person, reason)
        }

        static func == (a: Fields, b: Fields) -> Bool {
            a === b || a.file == b.file && a.source == b.source && a.person == b.person && a.reason == b.reason
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(source)
            hasher.combine(file)
            hasher.combine(person)
            hasher.combine(reason)
        }
    }

    private var fields: Fields
    /// 1-based; 0 if unknown.
    public var line: Int

    public static let edits = "edits"
    /// The source of whole zones among the edits; what it holds is of ``edits``.
    public static let editedZones = "edits/zones"
    public static let registrations = "registrations"
    /// Edits that a person signed and nobody reviewed.
    public static let emergency = "emergency"

    public init(source: String, file: String = "", line: Int = 0, person: String = "", reason: String = "") {
        fields = Fields(source, file, person, reason)
        self.line = line
    }

    /// `pack/Rule`, ``edits``, ``registrations`` or ``emergency``.
    public var source: String {
        get { fields.source }
        set { fields = Fields(newValue, file, person, reason) }
    }

    /// Relative to the site's tree; empty if unknown.
    public var file: String {
        get { fields.file }
        set { fields = Fields(source, newValue, person, reason) }
    }

    /// Who answers for an edit or a registration; empty for a rule.
    public var person: String {
        get { fields.person }
        set { fields = Fields(source, file, newValue, reason) }
    }

    public var reason: String {
        get { fields.reason }
        set { fields = Fields(source, file, person, newValue) }
    }

    /// Whether a rule made it.
    public var isRule: Bool { ![Self.edits, Self.registrations, Self.emergency].contains(source) }

    /// Whether both are one reference: then they are equal, and no text need be compared.
    func isIdentical(to other: Origin) -> Bool { fields === other.fields && line == other.line }
}

extension Origin: Hashable, CustomStringConvertible {
    public static func == (a: Origin, b: Origin) -> Bool { a.line == b.line && a.fields == b.fields }
    public func hash(into hasher: inout Hasher) {
        hasher.combine(line)
        hasher.combine(fields)
    }

    public var description: String {
        var text = source
        if !file.isEmpty { text += " \(file):\(line)" }
        if !person.isEmpty { text += " by \(person)" }
        return text
    }
}
