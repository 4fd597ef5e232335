internal import DNSWire
internal import Foundation
internal import Logging
internal import Pipeline

/// The highest serials that this machine saw, on its disk: they never go back, even if the
/// store is lost or put back from a copy.
struct SerialFiles {
    private let directory: String
    private let spread: Sharding
    private(set) var highest: [ZoneView: Serial] = [:]

    /// - Throws: if the directory cannot be made. A file that cannot be read is as if it were not there.
    init(directory: String, spread: Sharding, logger: Logger) throws {
        self.directory = directory
        self.spread = spread
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) where name.hasPrefix(Self.prefix) && !name.contains("partial") {
            do {
                let octets = Array(try Data(contentsOf: URL(filePath: "\(directory)/\(name)")))
                for (zone, serials) in try ZoneSerials.decode(octets) { highest[zone] = serials.serial }
            } catch {
                logger.error("a file of serials cannot be read", metadata: ["file": "\(directory)/\(name)", "error": "\(error)"])
            }
        }
    }

    private static let prefix = "serials-"

    /// Takes up those that are newer; durable on return.
    mutating func note(_ serials: [ZoneView: ZoneSerials], in indices: Set<Int>) throws {
        var changed: Set<Int> = []
        for (zone, known) in serials {
            let index = spread.index(of: zone.zone)
            guard indices.contains(index) else { continue }
            if let old = highest[zone], !known.serial.isNewer(than: old) { continue }
            highest[zone] = known.serial
            changed.insert(index)
        }
        if changed.isEmpty { return }
        let grouped = Dictionary(grouping: highest) { spread.index(of: $0.key.zone) }
        for index in changed {
            let zones = (grouped[index] ?? []).map { ($0.key, ZoneSerials(steps: [.init(serial: $0.value, presentation: 0)])) }
            try Files.replace(
                "\(directory)/\(Self.prefix)\(index)", with: ZoneSerials.encode(Dictionary(uniqueKeysWithValues: zones)), durable: true)
        }
    }
}
