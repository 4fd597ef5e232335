internal import Documents
internal import Foundation

/// The octets of an input, with the means to name a faulty line.
public struct InputFile: Sendable {
    /// As the rule declares it; for a file of a directory, with its path below that.
    public var name: String
    /// Where it is read: it may have an ending that the name has not.
    let path: String
    /// Below the directory; empty for a file that is an input itself.
    var relative = ""
    var octets: Data

    /// As UTF-8, line by line, without the line ends.
    public var lines: [Substring] {
        // To Swift the two octets of a CRLF are one character, and not equal to a line feed.
        String(decoding: octets, as: UTF8.self).split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }

    public var bytes: [UInt8] { Array(octets) }

    /// A fault at a line (1-based) of this file.
    public func fault(_ message: String, line: Int) -> any Error {
        RuleFault(message: message, source: SourceLine(file: name, line: line))
    }

    /// The file as JSON, YAML or CSV by its ending; throws every fault with its line.
    func decoded<Value: Decodable>(_ type: Value.Type, format: DocumentFormat? = nil) throws -> Value {
        let format = format ?? DocumentFormat(name: name.contains(".") ? name : path)
        do throws(DocumentFaults) {
            return try DocumentDecoder.decode(type, from: try format.read(bytes))
        } catch {
            try RuleFaults.throwing(
                error.faults.map { fault in
                    RuleFault(message: message(fault, format), source: SourceLine(file: name, line: fault.line))
                })
            throw error
        }
    }

    private func message(_ fault: DocumentFaults.Fault, _ format: DocumentFormat) -> String {
        guard let last = fault.path.last else { return fault.message }
        if format == .csv, case .name(let column) = last { return "column '\(column)': \(fault.message)" }
        return "\(fault.pointer): \(fault.message)"
    }

    /// The path below the directory without the last ending.
    var stem: String {
        let slash = relative.lastIndex(of: "/") ?? relative.startIndex
        guard let dot = relative.lastIndex(of: "."), dot > slash else { return relative }
        return String(relative[..<dot])
    }
}

/// Where an input is: a file, or a directory.
struct InputPlace: Sendable {
    var name: String
    var path: String

    var file: InputFile {
        get throws { try read(name, path, relative: "") }
    }

    /// Reads every file of a directory, in the order of their names; throws all faults.
    ///
    /// Schemas (`*.schema.json`) are no data.
    func each<Value>(_ body: (InputFile) throws -> Value) throws -> [(file: InputFile, value: Value)] {
        var values: [(InputFile, Value)] = []
        var faults: [RuleFault] = []
        let directory = name.hasSuffix("/") ? String(name.dropLast()) : name
        let files: [String]
        do {
            files = try DirectoryFiles.list(path)
        } catch {
            throw RuleFault(
                message: error.faults.map(\.message).joined(separator: "; "), source: SourceLine(file: name, line: 0))
        }
        for relative in files where !relative.hasSuffix(".schema.json") {
            do {
                let file = try read("\(directory)/\(relative)", "\(path)/\(relative)", relative: relative)
                values.append((file, try body(file)))
            } catch let fault as RuleFault {
                faults.append(fault)
            } catch let several as RuleFaults {
                faults += several.faults
            } catch {
                faults.append(RuleFault(message: "\(error)", source: SourceLine(file: "\(directory)/\(relative)", line: 0)))
            }
        }
        try RuleFaults.throwing(faults)
        return values
    }

    private func read(_ name: String, _ path: String, relative: String) throws -> InputFile {
        do {
            let octets = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
            return InputFile(name: name, path: path, relative: relative, octets: octets)
        } catch {
            throw RuleFault(
                message: "cannot be read: \(error.localizedDescription)", source: SourceLine(file: name, line: 0))
        }
    }
}
