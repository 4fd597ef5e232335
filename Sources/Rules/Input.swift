internal import Documents
internal import Foundation

/// A file or a directory that a rule reads: declared, so that it is digested and
/// watched, and the rule runs when it changes.
///
/// The name is a path in the site's tree, or a name that the pipeline's
/// configuration maps to a file elsewhere (`inputs:`).
///
/// ```swift
/// @Input("inventory/servers.csv") var servers: [Server]
/// @Input("inventory/hosts/", each: Host.self) var hosts: [String: Host]
/// ```
@propertyWrapper
public struct Input<Value: Sendable>: Sendable {
    let name: String
    private let decode: @Sendable (InputPlace) throws -> Value

    /// JSON, YAML or CSV by the name's ending (`.json`, `.csv`, else YAML), decoded as
    /// `Value` says.
    ///
    /// A CSV file is a list of objects: its first row names their fields, and `Value`
    /// decides what is a number; an empty field is `nil` to an optional.
    public init(_ name: String) where Value: Decodable {
        self.init(name: name) { try $0.file.decoded(Value.self) }
    }

    /// Any format: `parse` gets the file.
    public init(_ name: String, _ parse: @escaping @Sendable (InputFile) throws -> Value) {
        self.init(name: name) { try parse($0.file) }
    }

    /// Every file of a directory, at any depth, in the order of their names.
    public init<Element: Decodable & Sendable>(_ name: String, each: Element.Type) where Value == [Element] {
        self.init(name: name) { try $0.each { try $0.decoded(Element.self) }.map(\.value) }
    }

    /// Every file of a directory; each holds a list, and the lists are joined in the order
    /// of the files' names.
    public init<Element: Decodable & Sendable>(_ name: String, joining: Element.Type) where Value == [Element] {
        self.init(name: name) { try $0.each { try $0.decoded([Element].self) }.flatMap(\.value) }
    }

    /// Every file of a directory, by its path below that without the ending: `eu/alpha`
    /// for `inventory/hosts/eu/alpha.yaml`.
    public init<Element: Decodable & Sendable>(_ name: String, each: Element.Type) where Value == [String: Element] {
        self.init(name: name) { place in
            var values: [String: Element] = [:]
            var faults: [RuleFault] = []
            for (file, value) in try place.each({ try $0.decoded(Element.self) }) {
                if values.updateValue(value, forKey: file.stem) != nil {
                    let message = "another file is called '\(file.stem)' too, but for its ending"
                    faults.append(RuleFault(message: message, source: SourceLine(file: file.name, line: 0)))
                }
            }
            try RuleFaults.throwing(faults)
            return values
        }
    }

    private init(name: String, decode: @escaping @Sendable (InputPlace) throws -> Value) {
        self.name = name
        self.decode = decode
    }

    /// The parsed input. Only there while the rule runs: elsewhere it traps.
    public var wrappedValue: Value { InputValues.value(name) }
}

/// What servers registered in the store, as an input: the rule runs when it changes.
///
/// ```swift
/// @Registrations var hosts
/// ```
@propertyWrapper
public struct Registrations: Sendable {
    /// What the input is called, in descriptions and requests. Its file is a JSON list of
    /// ``Registration``.
    public static let inputName = "@registrations"

    public init() {}

    /// In canonical order of names. Only there while the rule runs: elsewhere it traps.
    public var wrappedValue: [Registration] { InputValues.value(Self.inputName) }
}

/// What a server registered for one RRset.
public struct Registration: Hashable, Sendable, Decodable {
    public enum Action: String, Sendable, Decodable { case set, add, remove }

    public var action: Action
    /// Absolute, in presentation format.
    public var owner: String
    public var type: String
    /// Seconds.
    public var ttl: UInt32?
    /// In presentation format.
    public var values: [String]
    public var location: String?
    /// Who answers for it.
    public var person: String
    public var reason: String
}

/// Inputs as the runner sees them, whatever their type.
protocol AnyInput {
    var name: String { get }
    func load(_ place: InputPlace) throws -> any Sendable
}

extension Input: AnyInput {
    func load(_ place: InputPlace) throws -> any Sendable { try decode(place) }
}

extension Registrations: AnyInput {
    var name: String { Self.inputName }
    func load(_ place: InputPlace) throws -> any Sendable { try place.file.decoded([Registration].self, format: .json) }
}

/// The parsed inputs of the rule that runs now.
enum InputValues {
    @TaskLocal static var current: [String: any Sendable] = [:]

    static func value<Value>(_ name: String) -> Value {
        guard let any = current[name] else {
            preconditionFailure("input '\(name)' is read outside a run of its rule")
        }
        guard let value = any as? Value else {
            preconditionFailure("input '\(name)' is declared twice with different types")
        }
        return value
    }
}

extension Rule {
    /// The inputs that the rule's stored properties declare.
    var inputs: [any AnyInput] {
        Mirror(reflecting: self).children.compactMap { $0.value as? any AnyInput }
    }

    /// Runs the rule on inputs read from `paths` (by input name).
    ///
    /// Throws ``RuleFault`` for an input that is missing or malformed (``RuleFaults`` for
    /// several), or what the rule's body throws.
    public func evaluate(inputs paths: [String: String]) throws -> Evaluation {
        var values: [String: any Sendable] = [:]
        var faults: [RuleFault] = []
        for input in inputs {
            guard let path = paths[input.name] else {
                faults.append(
                    RuleFault(message: "no file is given for this input", source: SourceLine(file: input.name, line: 0)))
                continue
            }
            do {
                values[input.name] = try input.load(InputPlace(name: input.name, path: path))
            } catch let fault as RuleFault {
                faults.append(fault)
            } catch let several as RuleFaults {
                faults += several.faults
            } catch {
                faults.append(RuleFault(message: "\(error)", source: SourceLine(file: input.name, line: 0)))
            }
        }
        try RuleFaults.throwing(faults)
        return try InputValues.$current.withValue(values) { Evaluation(try records, source: Self.name) }
    }
}

/// Several faults at once, of inputs.
public struct RuleFaults: Error, Sendable, CustomStringConvertible {
    public var faults: [RuleFault]
    public var description: String { faults.map(\.description).joined(separator: "\n") }

    /// Throws what is there: nothing, the one, or all.
    static func throwing(_ faults: [RuleFault]) throws {
        if faults.count == 1 { throw faults[0] }
        if !faults.isEmpty { throw RuleFaults(faults: faults) }
    }
}
