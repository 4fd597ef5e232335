/// What to do with mail that claims to be of a domain and is not (RFC 7489), at `_dmarc` below it.
///
/// - Parameters:
///   - subdomains: another policy for names below; by default the same.
///   - percent: of the mail that the policy is for, 0 to 100.
///   - reports: where to send totals: mail addresses, or URIs. A domain other than this
///     one must agree by a TXT of its own (RFC 7489 §7.1).
///   - failures: where to send reports of single mails, as `reports`.
///   - dkim: how near the domain that signed must be to this one.
///   - spf: how near the domain of the envelope must be to this one.
public func DMARC(
    _ owner: String, policy: DMARCPolicy, subdomains: DMARCPolicy? = nil, percent: Int = 100,
    reports: [String] = [], failures: [String] = [], dkim: DMARCAlignment = .relaxed, spf: DMARCAlignment = .relaxed,
    ttl: UInt32? = nil, file: String = #fileID, line: Int = #line
) -> Records {
    var faults: [String] = []
    var tags = ["v=DMARC1", "p=\(policy.rawValue)"]
    if let subdomains { tags.append("sp=\(subdomains.rawValue)") }
    if !(0...100).contains(percent) { faults.append("\(percent) is not a percentage, 0 to 100") }
    if percent != 100 { tags.append("pct=\(percent)") }
    if dkim == .strict { tags.append("adkim=s") }
    if spf == .strict { tags.append("aspf=s") }
    if !reports.isEmpty { tags.append("rua=" + ReportURI.list(reports, &faults)) }
    if !failures.isEmpty { tags.append("ruf=" + ReportURI.list(failures, &faults)) }
    guard faults.isEmpty else { return Records(faults: faults.map { "\(owner) DMARC: \($0)" }, file, line) }
    return TXT(below("_dmarc", owner), tags.joined(separator: "; "), ttl: ttl, file: file, line: line)
}

/// What a receiver is asked to do with mail that fails (RFC 7489 §6.3).
public enum DMARCPolicy: String, Sendable {
    case none, quarantine, reject
}

/// How near two domains must be (RFC 7489 §3.1): of one organisation, or the same.
public enum DMARCAlignment: Sendable {
    case relaxed, strict
}

/// Says that a domain has an MTA-STS policy (RFC 8461 §3.1), at `_mta-sts` below it.
///
/// This is the TXT alone. The policy itself is a file that a web server must give out at
/// `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`, so that `mta-sts` needs an address
/// and a certificate; see also ``TLSRPT(_:reports:ttl:file:line:)``.
///
/// - Parameter id: 1 to 32 letters and digits, another with each change of the policy.
public func MTASTS(
    _ owner: String, id: String, ttl: UInt32? = nil, file: String = #fileID, line: Int = #line
) -> Records {
    let isGood = (1...32).contains(id.utf8.count) && id.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
    }
    guard isGood else {
        return Records(faults: ["\(owner) MTASTS: id '\(id)' is not 1 to 32 letters and digits"], file, line)
    }
    return TXT(below("_mta-sts", owner), "v=STSv1; id=\(id);", ttl: ttl, file: file, line: line)
}

/// Where senders report on TLS to a domain's exchanges (RFC 8460 §3), at `_smtp._tls` below it.
///
/// - Parameter reports: mail addresses, or URIs of `mailto:` or `https:`.
public func TLSRPT(
    _ owner: String, reports: [String], ttl: UInt32? = nil, file: String = #fileID, line: Int = #line
) -> Records {
    var faults = reports.isEmpty ? ["nowhere to send reports"] : []
    let list = ReportURI.list(reports, schemes: ["mailto:", "https:"], &faults)
    guard faults.isEmpty else { return Records(faults: faults.map { "\(owner) TLSRPT: \($0)" }, file, line) }
    return TXT(below("_smtp._tls", owner), "v=TLSRPTv1; rua=\(list)", ttl: ttl, file: file, line: line)
}

/// A domain that takes no mail (RFC 7505).
public func NullMX(_ owner: String, ttl: UInt32? = nil, file: String = #fileID, line: Int = #line) -> Records {
    MX(owner, 0, ".", ttl: ttl, file: file, line: line)
}

/// The name of `labels` below an owner, both in presentation format.
func below(_ labels: String, _ owner: String) -> String {
    switch owner {
    case "@": labels
    case ".": labels + "."
    default: "\(labels).\(owner)"
    }
}

/// Where reports go.
private enum ReportURI {
    static func list(_ addresses: [String], schemes: [String]? = nil, _ faults: inout [String]) -> String {
        addresses.map { address in
            let uri = address.contains(":") ? address : "mailto:\(address)"
            let scheme = uri.prefix { $0 != ":" } + ":"
            if let schemes, !schemes.contains(String(scheme)) {
                faults.append("'\(address)' is neither mailto: nor https:")
            }
            // A comma and a semicolon would end it, an exclamation mark start a size (RFC 7489 §6.4).
            let isPlain = uri.utf8.allSatisfy { (0x21...0x7E).contains($0) && !",;!".utf8.contains($0) }
            if !isPlain || uri.hasPrefix("mailto:") && !uri.contains("@") {
                faults.append("'\(address)' is no mail address or URI (write %2C for a comma, %21 for !, %3B for ;)")
            }
            return uri
        }.joined(separator: ",")
    }
}
