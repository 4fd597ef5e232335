internal import DNSWire

/// Who may send mail in the name of a domain (RFC 7208), terms in the order they are tried.
///
/// ```swift
/// SPF("@", .mx(), .ip4("192.0.2.0/24"), .include("_spf.example.org"), .all(.fail))
/// ```
///
/// Domains are absolute, with or without the final dot. Faults: more than ten terms that
/// need a look-up (§4.6.4; those behind an `include` are not counted here, validation
/// counts them as far as they are managed), two `all`, terms that cannot count because an
/// `all` comes before them, networks that are none.
public func SPF(
    _ owner: String, _ terms: SPFTerm..., ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    SPF(owner, terms, ttl: ttl, location: location, file: file, line: line)
}

/// As above, for terms in a list.
public func SPF(
    _ owner: String, _ terms: [SPFTerm], ttl: UInt32? = nil, location: String? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    let faults = SPFTerm.faults(terms)
    guard faults.isEmpty else { return Records(faults: faults.map { "\(owner) SPF: \($0)" }, file, line) }
    let text = (["v=spf1"] + terms.map(\.text)).joined(separator: " ")
    return TXT(owner, text, ttl: ttl, location: location, file: file, line: line)
}

/// One term of an SPF record.
public struct SPFTerm: Hashable, Sendable {
    /// What a match means (RFC 7208 §4.6.2).
    public enum Qualifier: String, Sendable {
        case pass = "", fail = "-", softFail = "~", neutral = "?"
    }

    private enum Kind { case all, redirect, modifier, lookUp, network }

    var text: String
    private var kind: Kind
    private var fault: String?

    private init(_ kind: Kind, _ text: String, fault: String? = nil) {
        self.kind = kind
        self.text = text
        self.fault = fault
    }

    /// Everybody else: the last term.
    public static func all(_ qualifier: Qualifier) -> SPFTerm { SPFTerm(.all, "\(qualifier.rawValue)all") }

    /// Whoever another domain's record lets pass.
    public static func include(_ domain: String, _ qualifier: Qualifier = .pass) -> SPFTerm {
        lookUp("include", domain, qualifier)
    }

    /// The addresses of a domain, by default of this one.
    public static func a(_ domain: String? = nil, _ qualifier: Qualifier = .pass) -> SPFTerm {
        lookUp("a", domain, qualifier)
    }

    /// The mail exchanges of a domain, by default of this one.
    public static func mx(_ domain: String? = nil, _ qualifier: Qualifier = .pass) -> SPFTerm {
        lookUp("mx", domain, qualifier)
    }

    /// Whether a domain, often made with macros (RFC 7208 §7), has an address.
    public static func exists(_ domain: String, _ qualifier: Qualifier = .pass) -> SPFTerm {
        lookUp("exists", domain, qualifier)
    }

    /// An IPv4 address or network, `192.0.2.0/24`.
    public static func ip4(_ network: String, _ qualifier: Qualifier = .pass) -> SPFTerm {
        let isNetwork = Self.isNetwork(network, longest: 32) { IPv4Text.parse($0) != nil }
        return SPFTerm(
            .network, "\(qualifier.rawValue)ip4:\(network)",
            fault: isNetwork ? nil : "'\(network)' is not an IPv4 address or network")
    }

    /// An IPv6 address or network, `2001:db8::/32`.
    public static func ip6(_ network: String, _ qualifier: Qualifier = .pass) -> SPFTerm {
        let isNetwork = Self.isNetwork(network, longest: 128) { IPv6Text.parse($0) != nil }
        return SPFTerm(
            .network, "\(qualifier.rawValue)ip6:\(network)",
            fault: isNetwork ? nil : "'\(network)' is not an IPv6 address or network")
    }

    /// If nothing matches, the record of another domain counts, in place of an `all`.
    public static func redirect(_ domain: String) -> SPFTerm {
        SPFTerm(.redirect, "redirect=\(trimmed(domain))", fault: domainFault(domain))
    }

    /// Where a TXT has words for whoever is refused.
    public static func explanation(_ domain: String) -> SPFTerm {
        SPFTerm(.modifier, "exp=\(trimmed(domain))", fault: domainFault(domain))
    }

    private static func lookUp(_ name: String, _ domain: String?, _ qualifier: Qualifier) -> SPFTerm {
        SPFTerm(
            .lookUp, qualifier.rawValue + name + (domain.map { ":" + trimmed($0) } ?? ""),
            fault: domain.flatMap(domainFault))
    }

    private static func trimmed(_ domain: String) -> String {
        domain.hasSuffix(".") ? String(domain.dropLast()) : domain
    }

    /// A domain has a dot inside (RFC 7208 §7.1), and nothing that would start another term.
    private static func domainFault(_ domain: String) -> String? {
        let octets = trimmed(domain).utf8
        guard octets.contains(UInt8(ascii: ".")), octets.count <= 253, octets.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return "'\(domain)' is not a whole domain name" }
        // What has macros is no name until the receiver has filled them in.
        guard domain.contains("%") || (try? Name(domain)) != nil else { return "'\(domain)' is not a domain name" }
        return nil
    }

    private static func isNetwork(_ text: String, longest: Int, _ isAddress: (Substring) -> Bool) -> Bool {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard isAddress(parts[0]) else { return false }
        guard parts.count > 1 else { return true }
        // Digits alone, without a leading zero (RFC 7208 §12).
        return Int(parts[1]).map { (0...longest).contains($0) && String($0) == parts[1] } ?? false
    }

    /// All that is wrong with a record of these terms.
    static func faults(_ terms: [SPFTerm]) -> [String] {
        var faults = terms.compactMap(\.fault)
        func count(_ kind: Kind) -> Int { terms.count { $0.kind == kind } }
        // A redirect is a look-up too (RFC 7208 §4.6.4).
        let lookUps = count(.lookUp) + count(.redirect)
        if lookUps > 10 { faults.append("\(lookUps) terms need a look-up; receivers give up after 10") }
        if count(.all) > 1 { faults.append("\(count(.all)) times all") }
        if count(.redirect) > 1 { faults.append("\(count(.redirect)) times redirect") }
        if count(.all) > 0, count(.redirect) > 0 { faults.append("a redirect beside all is never followed") }
        if terms.count(where: { $0.text.hasPrefix("exp=") }) > 1 { faults.append("exp is there twice") }
        if let first = terms.firstIndex(where: { $0.kind == .all }) {
            for term in terms[(first + 1)...] where term.kind == .lookUp || term.kind == .network {
                faults.append("'\(term.text)' comes after all and never counts")
            }
        }
        return faults
    }
}
