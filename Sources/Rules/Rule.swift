/// A rule: declared inputs in, records out, nothing else.
///
/// ```swift
/// struct Servers: Rule {
///     @Input("inventory/servers.yaml") var inventory: Inventory
///
///     var records: Records {
///         Zone("example.net.", ttl: 3600) {
///             for server in inventory.servers {
///                 Host(server.name, server.address)
///             }
///         }
///     }
/// }
/// ```
///
/// The same inputs must give the same records: no clock, no network, no random
/// numbers, no file that is not an ``Input``.
public protocol Rule: Sendable {
    /// What the rule's records are said to come from; the type's name by default.
    static var name: String { get }

    @RecordBuilder var records: Records { get throws }
}

extension Rule {
    public static var name: String { String(describing: Self.self) }
}

/// Collects records; `for`, `if`, `switch` and other rules' parts work inside.
@resultBuilder
public enum RecordBuilder {
    public static func buildExpression(_ records: Records) -> Records { records }
    public static func buildBlock(_ parts: Records...) -> Records { Records(joining: parts) }
    public static func buildArray(_ parts: [Records]) -> Records { Records(joining: parts) }
    public static func buildOptional(_ part: Records?) -> Records { part ?? Records() }
    public static func buildEither(first part: Records) -> Records { part }
    public static func buildEither(second part: Records) -> Records { part }
    public static func buildLimitedAvailability(_ part: Records) -> Records { part }
}

/// What a rule's body yields: records and map entries, not yet checked.
public struct Records: Sendable {
    var elements: [Element] = []

    public init() {}
    init(_ element: Element) { elements = [element] }
    init(joining parts: [Records]) {
        elements.reserveCapacity(parts.reduce(0) { $0 + $1.elements.count })
        for part in parts { elements.append(contentsOf: part.elements) }
    }
}

/// Where in the rule's source something was written.
public struct SourceLine: Hashable, Sendable {
    /// `Module/File.swift`.
    public var file: String
    public var line: Int
}
