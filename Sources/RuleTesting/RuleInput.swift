internal import Foundation

/// An input of a rule under test.
public enum RuleInput: Sendable, ExpressibleByStringLiteral {
    /// The text of the file.
    case text(String)
    /// A file or directory that is there.
    case path(String)
    /// A directory of files: their text by their names.
    case directory([String: String])

    public init(stringLiteral text: String) { self = .text(text) }

    /// Lays the input out at a place of its own, and returns where it is.
    func place(in directory: URL) throws -> String {
        let manager = FileManager.default
        func write(_ text: String, _ place: URL) throws {
            try manager.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: place)
        }
        switch self {
        case .path(let path): return path
        case .text(let text): try write(text, directory)
        case .directory(let files):
            try manager.createDirectory(at: directory, withIntermediateDirectories: true)
            for (name, text) in files { try write(text, directory.appending(path: name)) }
        }
        return directory.path
    }
}
