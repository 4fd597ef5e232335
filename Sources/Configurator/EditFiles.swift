internal import Exchange
internal import Foundation
public import Pipeline

/// Reads the files of `edits/`, by person and as whole zones: all edits, or all faults.
///
/// A `*.yaml` with `edits:` holds edits (see `schemas/edits.schema.json`); any other
/// `*.yaml` is a zone of octoDNS, a `*.zone` a zone file (RFC 1035), a `*.data` what tinydns-data compiles.
public enum EditFiles {
    /// What all files have.
    public struct Content: Sendable {
        public var edits: [Edit]
        /// Which clients are at which location: of files that say it. No edit can.
        public var map: [MapEntry]
    }

    /// Files below a directory: people's edits, and whole zones.
    struct Files {
        let directory: String
        private(set) var people: [String] = []
        private(set) var zones: [(name: String, format: ExchangeFormat)] = []

        init(in directory: String) throws {
            self.directory = directory
            for file in try SiteFiles.list(directory) {
                if file.hasSuffix(".zone") {
                    zones.append((file, .zone))
                } else if file.hasSuffix(".data") {
                    zones.append((file, .tinydns))
                } else if file.hasSuffix(".yaml") || file.hasSuffix(".yml") {
                    let text = String(decoding: try Data(contentsOf: URL(filePath: "\(directory)/\(file)")), as: UTF8.self)
                    if EditedZones.isZone(text, file: file) { zones.append((file, .octodns)) } else { people.append(file) }
                }
            }
        }

        /// Of the names and contents of one kind's files, and of files that they may include.
        func digest(ofZones isOfZones: Bool) throws -> Digest {
            // A zone file includes files of any name.
            let names = isOfZones ? Set(try SiteFiles.list(directory)).subtracting(people).sorted() : people
            var octets: [UInt8] = []
            for name in names { octets += Array(name.utf8) + [0] + (try FileDigest.of("\(directory)/\(name)").bytes) }
            return Digest(of: octets)
        }
    }

    /// What is in all files below `directory`; `relativeTo` is left out of the names of files.
    public static func read(_ directory: String, relativeTo root: String) throws -> Content {
        let files = try Files(in: directory)
        let people = Result { try read(people: files, relativeTo: root) }, zones = Result { try read(zones: files, relativeTo: root) }
        try throwFaults(of: [people.map { _ in }, zones.map { _ in }])
        return Content(edits: try people.get() + zones.get().edits, map: try zones.get().map)
    }

    /// Throws what is wrong with any of them, all at once.
    static func throwFaults(of results: [Result<Void, any Error>]) throws {
        var faults: [String] = []
        for case .failure(let error) in results {
            guard let known = error as? ConfiguratorError, known.code == .edits else { throw error }
            faults += known.faults
        }
        guard faults.isEmpty else { throw ConfiguratorError(.edits, faults) }
    }

    private static func prefix(_ directory: String, relativeTo root: String) -> String {
        directory.hasPrefix(root + "/") ? String(directory.dropFirst(root.count + 1)) : directory
    }

    /// People's edits.
    static func read(people files: Files, relativeTo root: String) throws -> [Edit] {
        let prefix = prefix(files.directory, relativeTo: root)
        var edits: [Edit] = []
        var faults: [String] = []
        for file in files.people {
            var reading = EditReading(file: "\(prefix)/\(file)")
            reading.read(String(decoding: try Data(contentsOf: URL(filePath: "\(files.directory)/\(file)")), as: UTF8.self))
            edits += reading.edits
            faults += reading.faults
        }
        guard faults.isEmpty else { throw ConfiguratorError(.edits, faults) }
        return edits
    }

    /// Whole zones, as edits that set what they hold.
    static func read(zones files: Files, relativeTo root: String) throws -> Content {
        var zones = EditedZones(directory: files.directory, prefix: prefix(files.directory, relativeTo: root))
        for (file, format) in files.zones { zones.read(file, format) }
        let faults = zones.faults
        guard faults.isEmpty else { throw ConfiguratorError(.edits, faults) }
        var edits: [Edit] = []
        zones.append(to: &edits)
        return Content(edits: edits, map: zones.map)
    }

    /// Parses one file's text; throws every fault with its line.
    public static func parse(_ text: String, file: String) throws -> [Edit] {
        var reading = EditReading(file: file)
        reading.read(text)
        guard reading.faults.isEmpty else { throw ConfiguratorError(.edits, reading.faults) }
        return reading.edits
    }
}
