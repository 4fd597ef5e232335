internal import DNSWire
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
        // Aliases are for the reader of edits to refuse. Nothing is parsed here: a large file is parsed once.
        guard Import.isNamedForZone(file), Aliases.first(in: text) == nil else { return false }
        var text = text
        return text.withUTF8 { octets in
            var isAtStart = true
            for (place, octet) in octets.enumerated() {
                if isAtStart, mayBeEdits(octets[place...]) { return false }
                isAtStart = octet == 0x0A || octet == 0x0D
            }
            return true
        }
    }

    /// Whether a line that begins so may be the first of a file of edits.
    private static func mayBeEdits(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        switch text.first {
        case UInt8(ascii: "e"): text.starts(with: "edits:".utf8)
        case UInt8(ascii: "\""): text.starts(with: "\"edits\"".utf8)
        default: text.first == UInt8(ascii: "{")
        }
    }

    mutating func read(_ file: String, _ format: ExchangeFormat) {
        do {
            var files = Import(format: format)
            // What git lays out has the time of its checkout.
            files.isRepeatable = true
            holding.merge(try files.read(file, in: directory, name: "\(prefix)/\(file)"))
        } catch {
            unreadable.append("\(error)")
        }
    }

    /// Appends what the zones have.
    func append(to edits: inout [Edit]) {
        edits.reserveCapacity(edits.count + holding.records.count)
        for record in holding.records {
            edits.append(Edit(action: .set, key: record.key, ttl: record.ttl, rdata: record.rdata, origin: record.origin))
        }
    }

    var map: [MapEntry] { holding.map }

    /// Which record of a delegation stays is settled; all else that is refused must be mended.
    var faults: [String] {
        unreadable + holding.refusals.filter { $0.reason != .delegation }.map(\.description) + RecordLint.faults(in: holding.records)
    }
}
