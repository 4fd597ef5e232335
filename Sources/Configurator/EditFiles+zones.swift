internal import DNSWire
internal import Documents
internal import Exchange
internal import Pipeline

/// Whole zones among the edits: each RRset is set as it is in the file, which stands for who wants it and why.
struct EditedZones {
    private let directory: String
    private let prefix: String
    private var holding = Holding()
    private var unreadable: [String] = []

    init(directory: String, prefix: String) {
        self.directory = directory
        self.prefix = prefix
    }

    /// Whether a YAML file holds names with their records, and is named for a zone.
    static func isZone(_ text: String, file: String) -> Bool {
        // Aliases and what is no YAML are for the reader of edits to refuse.
        guard Aliases.first(in: text) == nil, let document = try? YAMLReader.read(text), case .object(let members) = document.content else {
            return false
        }
        return !members.isEmpty && document["edits"] == nil && Import.isNamedForZone(file)
    }

    mutating func read(_ file: String, _ format: ExchangeFormat) {
        do {
            holding.merge(try Import(format: format).read(file, in: directory, name: "\(prefix)/\(file)"))
        } catch {
            unreadable.append("\(error)")
        }
    }

    var edits: [Edit] {
        holding.records.map { Edit(action: .set, key: $0.key, ttl: $0.ttl, rdata: $0.rdata, origin: $0.origin) }
    }

    /// Which record of a delegation stays is settled; all else that is refused must be mended.
    var faults: [String] {
        unreadable + holding.refusals.filter { $0.reason != .delegation }.map(\.description) + RecordLint.faults(in: holding.records)
    }
}
