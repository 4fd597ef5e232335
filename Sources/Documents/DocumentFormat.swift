/// How a file is written, by its name.
public enum DocumentFormat: Sendable, Hashable {
    case json, yaml, csv

    /// By the name's ending; YAML where it has none of `json`, `csv`.
    public init(name: String) {
        if name.hasSuffix(".json") {
            self = .json
        } else if name.hasSuffix(".csv") {
            self = .csv
        } else {
            self = .yaml
        }
    }

    public func read(_ octets: [UInt8]) throws(DocumentFaults) -> Document {
        switch self {
        case .json: return try JSONReader.read(octets)
        case .csv: return try CSVReader.read(octets)
        case .yaml:
            guard let text = String(validating: octets, as: UTF8.self) else { throw DocumentFaults("not UTF-8", line: 0) }
            return try YAMLReader.read(text)
        }
    }
}
