/// The formats that zones come in.
public enum ExchangeFormat: String, Sendable, CaseIterable {
    /// Zone files (RFC 1035 §5).
    case zone
    /// octoDNS' YAML.
    case octodns
    /// What `dnscontrol print-ir` prints; for reading only.
    case dnscontrol
    /// What `tinydns-data` compiles: all zones in one file, for all clients or some, and the map of clients.
    case tinydns

    /// Whether we write it too.
    public var isWritable: Bool { self != .dnscontrol }

    /// By a file's name, and where that says nothing by its first octets.
    public init(path: String, start: some Sequence<UInt8>) {
        let name = ZoneNaming.last(path)
        if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            self = .octodns
        } else if name.hasSuffix(".json") {
            self = .dnscontrol
        } else if Self.tinydns.isNamed(by: name) {
            self = .tinydns
        } else if Self.zone.isNamed(by: name) {
            self = .zone
        } else {
            let start = Array(start)
            if start.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "{") {
                self = .dnscontrol
            } else {
                self = Self.looksLikeData(start) ? .tinydns : .zone
            }
        }
    }

    /// Whether a file of this name is one of the format's in a directory that was named.
    func isNamed(by path: String) -> Bool {
        let name = ZoneNaming.last(path)
        return switch self {
        case .zone: name.hasSuffix(".zone") || name.hasSuffix(".db") || name.hasPrefix("db.")
        case .octodns: name.hasSuffix(".yaml")
        case .dnscontrol: name.hasSuffix(".json")
        case .tinydns: name == "data" || name.hasSuffix(".data")
        }
    }

    /// Whether each line that is whole is a comment or has a character of tinydns and fields behind it.
    private static func looksLikeData(_ start: [UInt8]) -> Bool {
        var lines = start.split(separator: 0x0A, omittingEmptySubsequences: false)
        if lines.count > 1 { lines.removeLast() }
        var isData = false
        for line in lines where !line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) {
            switch line[line.startIndex] {
            case UInt8(ascii: "#"), UInt8(ascii: "-"): continue
            case let kind where ".&=+@S'^CZ:%".utf8.contains(kind):
                // In a zone file a blank or the line's end comes first.
                guard let end = line.dropFirst().first(where: { $0 <= 0x20 || $0 == UInt8(ascii: ":") }), end == UInt8(ascii: ":") else {
                    return false
                }
                isData = true
            default: return false
            }
        }
        return isData
    }
}

/// Why a file cannot be read, or which zone it is of not be told.
public struct ImportFault: Error, Hashable, Sendable, CustomStringConvertible {
    public var file: String
    /// 1-based; 0: the whole file.
    public var line: Int
    public var message: String

    public init(file: String, line: Int = 0, message: String) {
        self.file = file
        self.line = line
        self.message = message
    }

    public var description: String { "\(file)\(line > 0 ? ":\(line)" : ""): \(message)" }
}
