internal import Documents
public import DNSWire
internal import Foundation
internal import TinyDNSData
internal import ZoneFiles

/// Reads files of other tools, and whole directories of them.
public struct Import: Sendable {
    /// By each file's name and content if `nil`.
    public var format: ExchangeFormat?
    /// The zone that all files are of; by default each file says. Of those with many zones the one to take.
    public var zone: Name?
    /// Whether what is read may depend on the content of files only: then an SOA of tinydns data that
    /// has no serial, for which the time of the file would stand, is refused.
    public var isRepeatable = false

    public init(format: ExchangeFormat? = nil, zone: Name? = nil) {
        self.format = format
        self.zone = zone
    }

    /// All that the files at `paths` hold; of directories, what is in files with the format's endings.
    ///
    /// - Returns: also the files that cannot be read; what they hold is then missing.
    public func read(_ paths: [String]) -> (holding: Holding, faults: [ImportFault]) {
        var holding = Holding()
        var faults: [ImportFault] = []
        for path in paths {
            do {
                for (directory, file) in try files(path) {
                    do {
                        holding.merge(try read(file, in: directory))
                    } catch let fault as ImportFault {
                        faults.append(fault)
                    } catch {
                        faults.append(ImportFault(file: Self.join(directory, file), message: "\(error)"))
                    }
                }
            } catch let error as DocumentFaults {
                faults += error.faults.map { ImportFault(file: path, message: $0.message) }
            } catch let fault as ImportFault {
                faults.append(fault)
            } catch {
                faults.append(ImportFault(file: path, message: "\(error)"))
            }
        }
        return (holding, faults)
    }

    /// What one file holds.
    ///
    /// - Parameters:
    ///   - file: its path in `directory`, which `$INCLUDE` cannot leave.
    ///   - name: what it is called in origins and remarks; by default its path.
    public func read(_ file: String, in directory: String, name: String? = nil) throws -> Holding {
        let name = name ?? Self.join(directory, file)
        let path = Self.join(directory, file)
        switch try format ?? ExchangeFormat(path: file, start: Self.start(of: path)) {
        case .zone:
            let place = try ZoneDirectory(directory.isEmpty ? "." : directory)
            return try ZoneFileImport.read(file, in: place, name: name, zone: zone)
        case .octodns:
            // Which directory it is in counts, even if that is the one that was named.
            guard let zone = zone ?? ZoneNaming.zone(ofOctoDNS: name) else {
                throw ImportFault(file: name, message: "which zone is it? octoDNS names files for their zones, example.net.yaml: give its name")
            }
            return try OctoDNSReader.read(try Self.octets(path), file: name, zone: zone)
        case .dnscontrol:
            return try DNSControlReader.read(try Self.octets(path), file: name, only: zone)
        case .tinydns:
            let modified = isRepeatable ? 0 : try Self.modified(path)
            return try TinyDNSImport.read(
                DataFile(try Self.octets(path), modified: modified), file: name, only: zone, datesSerials: !isRepeatable)
        }
    }

    /// Whether octoDNS would take a file of this path for a zone's.
    public static func isNamedForZone(_ path: String) -> Bool { ZoneNaming.zone(ofOctoDNS: path) != nil }

    /// The files that a path stands for, each with the directory that it may include others of.
    private func files(_ path: String) throws -> [(directory: String, file: String)] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw ImportFault(file: path, message: "no such file")
        }
        guard isDirectory.boolValue else {
            let slash = path.lastIndex(of: "/")
            let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ""
            return [(directory, slash.map { String(path[path.index(after: $0)...]) } ?? path)]
        }
        let directory = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let formats = format.map { [$0] } ?? ExchangeFormat.allCases
        let files = try DirectoryFiles.list(directory).filter { file in formats.contains { $0.isNamed(by: file) } }
        guard !files.isEmpty else { throw ImportFault(file: path, message: "no file here has a name of a zone's") }
        return files.map { (directory, $0) }
    }

    private static func join(_ directory: String, _ file: String) -> String {
        directory.isEmpty ? file : directory.hasSuffix("/") ? directory + file : "\(directory)/\(file)"
    }

    private static func start(of path: String) throws -> [UInt8] {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        return Array(try file.read(upToCount: 4096) ?? Data())
    }

    /// Seconds since 1970.
    private static func modified(_ path: String) throws -> Int64 {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return Int64(((attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0).rounded(.down))
    }

    /// A document as a whole: they are trees, and small beside zone files.
    private static func octets(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }
}
