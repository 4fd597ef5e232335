internal import DNSWire

/// RDATA as the values of octoDNS, where it takes them and gives the same octets back.
enum OctoDNSText {
    /// One scalar, or the lines of a mapping with its keys in order.
    static func lines(_ rdata: RData, _ type: RRType) throws(ValueFault) -> [String] {
        do {
            switch type {
            case .a, .aaaa:
                let text = rdata.text(type: type)
                guard !text.hasPrefix("\\#") else { throw unwritable("it is malformed") }
                return ["'\(text)'"]
            case .cname, .dname, .ns, .ptr: return [try target(Name(wire: rdata.wire), type)]
            case .txt, .spf: return [try text(rdata)]
            case .mx:
                let mx = try MX(rdata)
                return ["exchange: \(try target(mx.exchange, type))", "preference: \(mx.preference)"]
            case .srv:
                let srv = try SRV(rdata)
                return [
                    "port: \(srv.port)", "priority: \(srv.priority)", "target: \(try target(srv.target, type))", "weight: \(srv.weight)",
                ]
            case .caa:
                let caa = try CAA(rdata)
                return ["flags: \(caa.flags)", "tag: \(try plain(caa.tag))", "value: \(try plain(caa.value))"]
            case .uri:
                let uri = try URI(rdata)
                guard !uri.target.isEmpty, !uri.target.contains(where: { $0 >= 0x41 && $0 <= 0x5A }) else {
                    throw unwritable("octoDNS writes the whole URI in lower case")
                }
                return ["priority: \(uri.priority)", "target: \(try plain(uri.target))", "weight: \(uri.weight)"]
            case .naptr:
                let naptr = try NAPTR(rdata)
                guard naptr.flags.count == 1, "SAUP".utf8.contains(naptr.flags[0]) else {
                    throw unwritable("octoDNS takes the flags S, A, U and P only, in capitals")
                }
                return [
                    "flags: \(try plain(naptr.flags))", "order: \(naptr.order)", "preference: \(naptr.preference)",
                    "regexp: \(try plain(naptr.regularExpression))", "replacement: \(try replacement(naptr.replacement))",
                    "service: \(try plain(naptr.services))",
                ]
            case .loc: return try location(rdata)
            case .svcb, .https: return try OctoDNSServiceText.lines(rdata, type)
            default: return try digest(rdata, type)
            }
        } catch let fault as ValueFault {
            throw fault
        } catch {
            throw unwritable("\(error)")
        }
    }

    static func unwritable(_ message: String) -> ValueFault { ValueFault(.unwritable, message) }

    /// A name as octoDNS checks targets: letters, digits, `-`, `_`, two labels or more; the root for some types.
    static func target(_ name: Name, _ type: RRType) throws(ValueFault) -> String {
        if name.isRoot, [.mx, .srv, .svcb, .https].contains(type) { return "." }
        let isValid = name.wire.count <= 254 && name.labels.count >= 2 && name.labels.allSatisfy { label in
            label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-") && label.allSatisfy { OctoDNSWriter.isPlain($0) && $0 != UInt8(ascii: ".") }
        }
        guard isValid else { throw unwritable("octoDNS does not take the target \(name)") }
        return YAMLText.scalar(name.description)
    }

    private static func replacement(_ name: Name) throws(ValueFault) -> String {
        let text = name.description
        guard text.utf8.allSatisfy({ OctoDNSWriter.isPlain($0) }) else { throw unwritable("octoDNS does not escape names") }
        return YAMLText.scalar(text)
    }

    /// Octets that mean the same with escapes and without.
    private static func plain(_ octets: [UInt8]) throws(ValueFault) -> String {
        guard octets.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\"") }) else {
            throw unwritable("octoDNS' providers differ on backslashes, quotes and other than ASCII")
        }
        return YAMLText.scalar(String(decoding: octets, as: UTF8.self))
    }

    private static func text(_ rdata: RData) throws(ValueFault) -> String {
        guard let octets = rdata.joinedStrings, octets.allSatisfy({ $0 < 0x80 }) else { throw unwritable("octoDNS writes ASCII only") }
        let text = String(decoding: octets, as: UTF8.self)
        guard !octets.contains(subsequence: Array("\\;".utf8)), !octets.contains(subsequence: Array("\" \"".utf8)) else {
            throw unwritable("octoDNS reads '\\;' and '\" \"' as something else")
        }
        let escaped = text.replacing(";", with: "\\;")
        return YAMLText.scalar(escaped.hasPrefix("\"") ? "\"\(escaped)\"" : escaped)
    }

    /// Types whose text ends in one field of digits.
    private static func digest(_ rdata: RData, _ type: RRType) throws(ValueFault) -> [String] {
        let text = rdata.text(type: type)
        let parts = text.split(separator: " ")
        guard !text.hasPrefix("\\#"), parts.count == (type == .openpgpkey ? 1 : type == .sshfp ? 3 : 4), let digits = parts.last else {
            throw unwritable("octoDNS has no way to write this value")
        }
        let value = "'\(type == .openpgpkey ? String(digits) : digits.lowercased())'"
        switch type {
        case .openpgpkey: return [value]
        case .ds: return ["algorithm: \(rdata.wire[2])", "digest: \(value)", "digest_type: \(rdata.wire[3])", "key_tag: \(parts[0])"]
        case .sshfp:
            guard (1...4).contains(rdata.wire[0]), [1: 22, 2: 34][rdata.wire[1]] == rdata.wire.count else {
                throw unwritable("octoDNS does not know this kind of fingerprint")
            }
            return ["algorithm: \(rdata.wire[0])", "fingerprint: \(value)", "fingerprint_type: \(rdata.wire[1])"]
        case .tlsa:
            guard rdata.wire[0] <= 3, rdata.wire[1] <= 1, rdata.wire[2] <= 2 else { throw unwritable("octoDNS does not know this kind of TLSA") }
            return [
                "certificate_association_data: \(value)", "certificate_usage: \(rdata.wire[0])", "matching_type: \(rdata.wire[2])",
                "selector: \(rdata.wire[1])",
            ]
        default: throw ValueFault(.type, "octoDNS has no type \(type)")
        }
    }

    private static func location(_ rdata: RData) throws(ValueFault) -> [String] {
        let parts = rdata.text(type: .loc).split(separator: " ").map { $0.hasSuffix("m") ? String($0.dropLast()) : String($0) }
        guard parts.count == 12 else { throw unwritable("a LOC of another version, or malformed") }
        return [
            "altitude: \(parts[8])", "lat_degrees: \(parts[0])", "lat_direction: '\(parts[3])'", "lat_minutes: \(parts[1])",
            "lat_seconds: \(parts[2])", "long_degrees: \(parts[4])", "long_direction: '\(parts[7])'", "long_minutes: \(parts[5])",
            "long_seconds: \(parts[6])", "precision_horz: \(parts[10])", "precision_vert: \(parts[11])", "size: \(parts[9])",
        ]
    }
}

/// SVCB and HTTPS for octoDNS.
enum OctoDNSServiceText {
    /// Those that octoDNS knows; it lists `ech` too, but up to 1.22 at least fails on every one.
    private static let known = ["mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ipv6hint"]

    static func lines(_ rdata: RData, _ type: RRType) throws -> [String] {
        let service = try SVCB(rdata)
        let parts = rdata.text(type: type).split(separator: " ").map(String.init)
        guard parts.count == 2 + service.parameters.count else { throw OctoDNSText.unwritable("parameters with blanks") }
        var parameters: [(name: String, lines: [String])] = []
        for part in parts.dropFirst(2) {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(halves[0])
            var value = halves.count > 1 ? halves[1] : ""
            if value.hasPrefix("\""), value.hasSuffix("\""), value.count > 1 { value = value.dropFirst().dropLast() }
            let isList = ["mandatory", "alpn", "ipv4hint", "ipv6hint"].contains(name)
            guard known.contains(name) || name.hasPrefix("key") else { throw OctoDNSText.unwritable("octoDNS does not take the parameter '\(name)'") }
            let words = isList ? value.split(separator: ",", omittingEmptySubsequences: false) : [value]
            guard words.allSatisfy({ $0.utf8.allSatisfy(OctoDNSService.isPlain) && (!isList || !$0.isEmpty) }) else {
                throw OctoDNSText.unwritable("'\(name)' has characters that octoDNS does not escape")
            }
            if halves.count == 1 {
                parameters.append((name, ["\(name):"]))
            } else if isList {
                parameters.append((name, ["\(name):"] + words.map { "  - \(YAMLText.scalar(String($0)))" }))
            } else {
                parameters.append((name, ["\(name): \(name == "port" ? String(value) : YAMLText.scalar(String(value)))"]))
            }
        }
        parameters.sort { NaturalKey($0.name) < NaturalKey($1.name) }
        let target = try OctoDNSText.target(service.target, type)
        let inner = parameters.flatMap(\.lines).map { "  " + $0 }
        return (inner.isEmpty ? [] : ["svcparams:"] + inner) + ["svcpriority: \(service.priority)", "targetname: \(target)"]
    }
}
