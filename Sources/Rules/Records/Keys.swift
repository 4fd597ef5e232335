internal import DNSWire

/// The digest of a child zone's key (RFC 4034 §5), `digest` in hexadecimal.
public func DS(
    _ owner: String, keyTag: UInt16, algorithm: UInt8, digestType: UInt8, digest: String, ttl: UInt32? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    Record(owner, .ds, ["\(keyTag) \(algorithm) \(digestType) \(digest)"], ttl: ttl, file: file, line: line)
}

/// The DS that a child zone wants its parent to have (RFC 7344), `digest` in hexadecimal.
public func CDS(
    _ owner: String, keyTag: UInt16, algorithm: UInt8, digestType: UInt8, digest: String, ttl: UInt32? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    Record(owner, .cds, ["\(keyTag) \(algorithm) \(digestType) \(digest)"], ttl: ttl, file: file, line: line)
}

/// A zone's public key (RFC 4034 §2) in base64; flags are 256 for a zone's key, 257 for one
/// that is an entry point.
public func DNSKEY(
    _ owner: String, flags: UInt16, algorithm: UInt8, key: String, ttl: UInt32? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    Record(owner, .dnskey, ["\(flags) 3 \(algorithm) \(key)"], ttl: ttl, file: file, line: line)
}

/// The key whose DS a child zone wants its parent to have (RFC 7344), in base64.
public func CDNSKEY(
    _ owner: String, flags: UInt16, algorithm: UInt8, key: String, ttl: UInt32? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    Record(owner, .cdnskey, ["\(flags) 3 \(algorithm) \(key)"], ttl: ttl, file: file, line: line)
}

/// What a parent should copy from this zone (RFC 7477).
///
/// - Parameters:
///   - serial: of the SOA that this was made for.
///   - immediate: the parent need not ask its operator.
///   - soaMinimum: only once the SOA has this serial or a newer one.
///   - types: mnemonics, such as `NS`, `A` and `AAAA`.
public func CSYNC(
    _ owner: String, serial: UInt32, immediate: Bool = false, soaMinimum: Bool = false, types: [String],
    ttl: UInt32? = nil, file: String = #fileID, line: Int = #line
) -> Records {
    let flags = (immediate ? 1 : 0) + (soaMinimum ? 2 : 0)
    let text = "\(serial) \(flags) \(types.joined(separator: " "))"
    return Record(owner, .csync, [text], ttl: ttl, file: file, line: line)
}

/// The fingerprint of an SSH host key (RFC 4255) in hexadecimal.
public func SSHFP(
    _ owner: String, algorithm: UInt8, type: UInt8, fingerprint: String, ttl: UInt32? = nil, file: String = #fileID,
    line: Int = #line
) -> Records {
    Record(owner, .sshfp, ["\(algorithm) \(type) \(fingerprint)"], ttl: ttl, file: file, line: line)
}

/// The certificate of a TLS server (RFC 6698), owner `_port._protocol.host`, data in hexadecimal.
///
/// By default DANE-EE, of the public key, as SHA-256: `3 1 1`, what RFC 7671 §5.1 advises.
public func TLSA(
    _ owner: String, usage: UInt8 = 3, selector: UInt8 = 1, matching: UInt8 = 1, data: String, ttl: UInt32? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    Record(owner, .tlsa, ["\(usage) \(selector) \(matching) \(data)"], ttl: ttl, file: file, line: line)
}

/// The certificate of a mail user (RFC 8162), data in hexadecimal.
public func SMIMEA(
    _ owner: String, usage: UInt8 = 3, selector: UInt8 = 1, matching: UInt8 = 1, data: String, ttl: UInt32? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    Record(owner, .smimea, ["\(usage) \(selector) \(matching) \(data)"], ttl: ttl, file: file, line: line)
}

/// A public key of OpenPGP (RFC 7929) in base64. A secret key is refused.
public func OPENPGPKEY(
    _ owner: String, key: String, ttl: UInt32? = nil, file: String = #fileID, line: Int = #line
) -> Records {
    let value = Element.Value.relative { _ in
        guard let data = try? RData(key, type: .openpgpkey) else { throw ValueFault("the key is not base64") }
        // Tag 5 of a packet, in the old and in the new format (RFC 9580 §4.2, §5.5.1.3).
        if let first = data.wire.first, first & 0xFC == 0x94 || first == 0xC5 {
            throw ValueFault("this is a secret key: never publish it; export the public one")
        }
        return data
    }
    return Records(.record(owner: owner, .openpgpkey, [value], ttl: ttl, location: nil), file, line)
}

/// Who may issue certificates (RFC 8659): `tag` is `issue`, `issuewild`, `iodef` or another.
///
/// - Parameter critical: an issuer that does not know the tag must not issue.
public func CAA(
    _ owner: String, _ tag: String, _ value: String, critical: Bool = false, ttl: UInt32? = nil,
    file: String = #fileID, line: Int = #line
) -> Records {
    record(owner, .caa, ttl: ttl, location: nil, file, line) { _ in
        DNSWire.CAA(flags: critical ? 0x80 : 0, tag: try Element.Value.string(tag), value: Array(value.utf8))
    }
}
