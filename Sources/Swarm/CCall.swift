internal import CTorrent

/// Makes a call of the C library and throws what it reports.
func call(_ body: (inout ct_error) -> Bool) throws(SwarmError) {
    var error = ct_error()
    if !body(&error) { throw SwarmError(error) }
}

extension SwarmError {
    init(_ error: ct_error) {
        let code: Code =
            switch error.code {
            case CT_BAD_METADATA: .badMetadata
            case CT_TOO_LARGE: .tooLarge
            case CT_LISTEN: .listen
            case CT_DISK: .disk
            case CT_UNKNOWN_TORRENT: .unknownTorrent
            case CT_DUPLICATE: .duplicate
            case CT_BAD_ADDRESS: .badAddress
            default: .internal
            }
        self.init(code, text(of: error.message))
    }
}

/// A C string in an array of fixed size, which Swift sees as a tuple.
func text<Tuple>(of tuple: Tuple) -> String {
    withUnsafeBytes(of: tuple) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

/// Runs `body` with `strings` as an array of C strings, valid only inside.
func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) throws -> Result
) rethrows -> Result {
    // One buffer for all, so that no string is allocated by itself.
    var offsets: [Int] = []
    var characters: [CChar] = []
    for string in strings {
        offsets.append(characters.count)
        characters += string.utf8CString
    }
    return try characters.withUnsafeBufferPointer { all in
        let pointers = offsets.map { offset in all.baseAddress.map { $0 + offset } }
        return try pointers.withUnsafeBufferPointer { buffer in
            // An empty array has no address; the callee reads nothing of it then.
            guard let base = buffer.baseAddress else {
                var nothing: UnsafePointer<CChar>?
                return try body(&nothing)
            }
            return try body(base)
        }
    }
}
