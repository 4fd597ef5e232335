internal import DNSWire
internal import Documents
internal import Foundation
public import Pipeline

/// Who may register which names: `identities.yaml` (`schemas/identities.schema.json`).
public struct Identities: Sendable {
    /// One server, or many that do the same.
    public struct Identity: Sendable {
        public let name: String
        let tokens: Set<Digest>
        /// DNS names in client certificates.
        let certificates: Set<String>
        let names: [NamePattern]
        /// `nil`: all but SOA, NS and DS.
        let types: Set<RRType>?
        /// The longest lease, in milliseconds.
        let longestLease: Int64
        /// Whether it may register without a lease.
        let isPermanent: Bool

        /// Why it may not hold this RRset; `nil` if it may.
        public func refusal(of key: RecordKey) -> String? {
            guard names.contains(where: { $0.matches(key.owner) }) else { return "\(name) may not hold \(key.owner)" }
            let isAllowed = types.map { $0.contains(key.type) } ?? ![.soa, .ns, .ds].contains(key.type)
            return isAllowed ? nil : "\(name) may not hold \(key.type) records"
        }
    }

    /// A name, or all below one.
    enum NamePattern: Hashable, Sendable {
        case exactly(Name)
        case below(Name)

        /// `web7.example.net`, or `*.web7.example.net` for every name below.
        init(_ text: String) throws {
            if text.hasPrefix("*.") {
                self = .below(try Name(String(text.dropFirst(2))))
            } else {
                self = .exactly(try Name(text))
            }
        }

        func matches(_ name: Name) -> Bool {
            switch self {
            case .exactly(let own): name == own
            case .below(let parent): name != parent && name.isWithin(parent)
            }
        }
    }

    public let all: [Identity]
    private let byToken: [Digest: Int]
    private let byCertificate: [String: Int]

    /// Reads the file; throws every fault with its line.
    public init(file: String) throws {
        let text: String
        do {
            text = try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw ConfiguratorError(.input, "\(file): cannot be read: \(error.localizedDescription)")
        }
        try self.init(parsing: text, file: file)
    }

    public init(parsing text: String, file: String) throws {
        do throws(DocumentFaults) {
            let document = try YAMLReader.read(text)
            let rows = try DocumentDecoder.decode(Rows.self, from: document)
            var items: [Document] = []
            if case .list(let list) = document["identities"]?.content { items = list }
            let unknown = document.unknown(Rows.fields) + items.flatMap { $0.unknown(Row.fields) }
            try self.init(rows.identities, lines: items.map(\.line), faults: unknown)
        } catch {
            throw ConfiguratorError(.input, error.texts(file: file))
        }
    }

    private struct Rows: Decodable {
        static let fields = ["identities"]
        var identities: [Row]
    }

    private struct Row: Decodable {
        static let fields = ["name", "tokens", "certificates", "names", "types", "lease", "permanent"]
        var name: String
        var tokens: [String]?
        var certificates: [String]?
        var names: [String]
        var types: [String]?
        var lease: String?
        var permanent: Bool?
    }

    private init(_ rows: [Row], lines: [Int], faults unknown: [DocumentFaults.Fault]) throws(DocumentFaults) {
        var faults = unknown
        var all: [Identity] = []
        var byToken: [Digest: Int] = [:], byCertificate: [String: Int] = [:]
        for (index, row) in rows.enumerated() {
            func fault(_ message: String) {
                faults.append(.init("\(row.name): \(message)", line: index < lines.count ? lines[index] : 0))
            }
            func each<T>(_ list: [String]?, _ parse: (String) throws -> T?, _ why: String) -> [T] {
                (list ?? []).compactMap { text in
                    if let value = try? parse(text) { return value }
                    fault("'\(text)' \(why)")
                    return nil
                }
            }
            let tokens = each(
                row.tokens, { text in text.hasPrefix("sha256:") ? Digest(hex: text.dropFirst(7)) : nil },
                "is not sha256: and 64 hexadecimal digits; 'freshet keys token' makes one (never write the token itself here)")
            let certificates = (row.certificates ?? []).map { $0.lowercased() }
            let names = each(row.names, { try NamePattern($0) }, "is neither a name nor *. and a name")
            let types = row.types.map { each($0, { RRType($0) }, "is no type") }
            let lease = row.lease.flatMap { Leases.milliseconds($0) }
            if let text = row.lease, lease == nil { fault("lease '\(text)' is not a time such as 90s, 10m, 2h or 1d") }
            if row.name.isEmpty || row.name.contains("\n") { fault("an identity has a name") }
            if all.contains(where: { $0.name == row.name }) { fault("is there twice") }
            if tokens.isEmpty, certificates.isEmpty { fault("needs a token or a certificate to be known by") }
            for token in tokens where byToken.updateValue(index, forKey: token) != nil { fault("a token that is another's too") }
            for certificate in certificates where byCertificate.updateValue(index, forKey: certificate) != nil {
                fault("certificate name \(certificate) is another's too")
            }
            all.append(
                Identity(
                    name: row.name, tokens: Set(tokens), certificates: Set(certificates), names: names, types: types.map { Set($0) },
                    longestLease: lease ?? Leases.day, isPermanent: row.permanent ?? false))
        }
        guard faults.isEmpty else { throw DocumentFaults(faults) }
        (self.all, self.byToken, self.byCertificate) = (all, byToken, byCertificate)
    }

    /// Who shows this token. Tokens are looked up by their SHA-256, so that the time it takes says nothing of them.
    public func identity(token: some Sequence<UInt8>) -> Identity? { byToken[Digest(of: token)].map { all[$0] } }

    /// Who shows a certificate with one of these DNS names, the certificate itself proven before.
    public func identity(certificateNames: [String]) -> Identity? {
        certificateNames.lazy.compactMap { byCertificate[$0.lowercased()] }.first.map { all[$0] }
    }
}

extension Document {
    /// Members that nobody reads: one that is misspelt would silently leave a default.
    fileprivate func unknown(_ known: [String]) -> [DocumentFaults.Fault] {
        guard case .object(let members) = content else { return [] }
        return members.filter { !known.contains($0.name) }.map {
            .init("unknown field '\($0.name)'; known are \(known.joined(separator: ", "))", line: $0.line)
        }
    }
}

/// Times of leases in text.
enum Leases {
    static let day: Int64 = 86_400_000

    /// `90s`, `10m`, `2h`, `1d`; at most ten years.
    static func milliseconds(_ text: String) -> Int64? {
        let units: [(Character, Int64)] = [("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", day)]
        guard let unit = units.first(where: { $0.0 == text.last }), let number = Int64(text.dropLast()), number > 0,
            number <= 3650 * day / unit.1
        else { return nil }
        return number * unit.1
    }
}
