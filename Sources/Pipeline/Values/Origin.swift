/// Where a value comes from: rule and source line, or edit and person.
///
/// Of a million RRsets most share their origin: it is held once, and copied as one reference.
public struct Origin: Sendable {
    private final class Fields: Hashable, Sendable {
        let source, file: String
        let line: Int
        let person, reason: String

        init(_ source: String, _ file: String, _ line: Int, _ person: String, _ reason: String) {
            (self.source, self.file, self.line, self.person, self.reason) = (source, file, line, person, reason)
        }

        static func == (a: Fields, b: Fields) -> Bool {
            a === b
                || a.line == b.line && a.file == b.file && a.source == b.source && a.person == b.person && a.reason == b.reason
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(source)
            hasher.combine(file)
            hasher.combine(line)
            hasher.combine(person)
            hasher.combine(reason)
        }
    }

    private var fields: Fields

    public static let edits = "edits"
    public static let registrations = "registrations"
    /// Edits that a person signed and nobody reviewed.
    public static let emergency = "emergency"

    public init(source: String, file: String = "", line: Int = 0, person: String = "", reason: String = "") {
        fields = Fields(source, file, line, person, reason)
    }

    /// `pack/Rule`, ``edits``, ``registrations`` or ``emergency``.
    public var source: String {
        get { fields.source }
        set { fields = Fields(newValue, file, line, person, reason) }
    }

    /// Relative to the site's tree; empty if unknown.
    public var file: String {
        get { fields.file }
        set { fields = Fields(source, newValue, line, person, reason) }
    }

    /// 1-based; 0 if unknown.
    public var line: Int {
        get { fields.line }
        set { fields = Fields(source, file, newValue, person, reason) }
    }

    /// Who answers for an edit or a registration; empty for a rule.
    public var person: String {
        get { fields.person }
        set { fields = Fields(source, file, line, newValue, reason) }
    }

    public var reason: String {
        get { fields.reason }
        set { fields = Fields(source, file, line, person, newValue) }
    }

    /// Whether a rule made it.
    public var isRule: Bool { ![Self.edits, Self.registrations, Self.emergency].contains(source) }

    /// Whether both are one reference: then they are equal, and nothing need be compared.
    func isIdentical(to other: Origin) -> Bool { fields === other.fields }
}

extension Origin: Hashable, CustomStringConvertible {
    public static func == (a: Origin, b: Origin) -> Bool { a.fields == b.fields }
    public func hash(into hasher: inout Hasher) { hasher.combine(fields) }

    public var description: String {
        var text = source
        if !file.isEmpty { text += " \(file):\(line)" }
        if !person.isEmpty { text += " by \(person)" }
        return text
    }
}
