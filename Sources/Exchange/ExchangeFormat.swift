/// The formats that zones come in.
public enum ExchangeFormat: String, Sendable, CaseIterable {
    /// Zone files (RFC 1035 §5).
    case zone
    /// octoDNS' YAML.
    case octodns
    /// What `dnscontrol print-ir` prints; for reading only.
    case dnscontrol

    /// Whether we write it too.
    public var isWritable: Bool { self != .dnscontrol }

    /// By a file's name, and where that says nothing by its first octets.
    public init(path: String, start: some Sequence<UInt8>) {
        let name = ZoneNaming.last(path)
        if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            self = .octodns
        } else if name.hasSuffix(".json") {
            self = .dnscontrol
        } else {
            self = start.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{") ? .dnscontrol : .zone
        }
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
