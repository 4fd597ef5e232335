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

    /// What is in all files below `directory`; `relativeTo` is left out of the names of files.
    public static func read(_ directory: String, relativeTo root: String) throws -> Content {
        let prefix = directory.hasPrefix(root + "/") ? String(directory.dropFirst(root.count + 1)) : directory
        var edits: [Edit] = []
        var faults: [String] = []
        var zones = EditedZones(directory: directory, prefix: prefix)
        for file in try SiteFiles.list(directory) {
            if file.hasSuffix(".zone") {
                zones.read(file, .zone)
            } else if file.hasSuffix(".data") {
                zones.read(file, .tinydns)
            } else if file.hasSuffix(".yaml") || file.hasSuffix(".yml") {
                let text = String(decoding: try Data(contentsOf: URL(filePath: "\(directory)/\(file)")), as: UTF8.self)
                if EditedZones.isZone(text, file: file) {
                    zones.read(file, .octodns)
                    continue
                }
                var reading = EditReading(file: "\(prefix)/\(file)")
                reading.read(text)
                edits += reading.edits
                faults += reading.faults
            }
        }
        faults += zones.faults
        guard faults.isEmpty else { throw ConfiguratorError(.edits, faults) }
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
