internal import Foundation
internal import Yams

/// A file that a rule reads: declared, so that it is digested and watched, and the
/// rule runs when it changes.
///
/// The name is a path in the site's tree, or a name that the pipeline's
/// configuration maps to a file elsewhere (`inputs:`).
@propertyWrapper
public struct Input<Value: Sendable>: Sendable {
    let name: String
    private let decode: @Sendable (InputFile) throws -> Value

    /// YAML (JSON is YAML too), decoded as `Value` says.
    public init(_ name: String) where Value: Decodable {
        self.init(name) { file in try YAMLDecoder().decode(Value.self, from: file.octets) }
    }

    /// Any format: `parse` gets the file.
    public init(_ name: String, _ parse: @escaping @Sendable (InputFile) throws -> Value) {
        self.name = name
        decode = parse
    }

    /// The parsed input. Only there while the rule runs: elsewhere it traps.
    public var wrappedValue: Value {
        guard let any = InputValues.current[name] else {
            preconditionFailure("input '\(name)' is read outside a run of its rule")
        }
        guard let value = any as? Value else {
            preconditionFailure("input '\(name)' is declared twice with different types")
        }
        return value
    }
}

/// The octets of an input, with the means to name a faulty line.
public struct InputFile: Sendable {
    public var name: String
    var octets: Data

    /// As UTF-8, line by line, without the line ends.
    public var lines: [Substring] {
        String(decoding: octets, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }

    public var bytes: [UInt8] { Array(octets) }

    /// A fault at a line (1-based) of this file.
    public func fault(_ message: String, line: Int) -> any Error {
        RuleFault(message: message, source: SourceLine(file: name, line: line))
    }
}

/// Inputs as the runner sees them, whatever their type.
protocol AnyInput {
    var name: String { get }
    func load(_ file: InputFile) throws -> any Sendable
}

extension Input: AnyInput {
    func load(_ file: InputFile) throws -> any Sendable { try decode(file) }
}

/// The parsed inputs of the rule that runs now.
enum InputValues {
    @TaskLocal static var current: [String: any Sendable] = [:]
}

extension Rule {
    /// The inputs that the rule's stored properties declare.
    var inputs: [any AnyInput] {
        Mirror(reflecting: self).children.compactMap { $0.value as? any AnyInput }
    }

    /// Runs the rule on inputs read from `paths` (by input name).
    ///
    /// Throws ``RuleFault`` for an input that is missing or malformed, or what the
    /// rule's body throws.
    public func evaluate(inputs paths: [String: String]) throws -> Evaluation {
        var values: [String: any Sendable] = [:]
        for input in inputs {
            let whole = SourceLine(file: input.name, line: 0)
            guard let path = paths[input.name] else {
                throw RuleFault(message: "no file is given for this input", source: whole)
            }
            let octets: Data
            do {
                octets = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
            } catch {
                throw RuleFault(message: "cannot be read: \(error.localizedDescription)", source: whole)
            }
            do {
                values[input.name] = try input.load(InputFile(name: input.name, octets: octets))
            } catch let fault as RuleFault {
                throw fault
            } catch {
                throw RuleFault(message: "\(error)", source: whole)
            }
        }
        return try InputValues.$current.withValue(values) { Evaluation(try records, source: Self.name) }
    }
}
