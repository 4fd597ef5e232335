public import DNSWire

/// Why text holds no key.
public struct TSIGKeyFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Never any part of the secret.
    public let description: String
}

extension TSIGKey {
    /// The key of a file as BIND's `tsig-keygen` writes it and `dig -k` and `nsupdate -k` read it:
    /// `key "NAME" { algorithm hmac-sha256; secret "BASE64"; };`, with comments of all three kinds.
    ///
    /// - Throws: ``TSIGKeyFault``, also where there is more than one key.
    public init(file text: String) throws(TSIGKeyFault) {
        func fault(_ message: String) -> TSIGKeyFault { TSIGKeyFault(description: message) }
        var words = try Self.words(text)[...]
        func next(_ expected: String) throws(TSIGKeyFault) {
            guard words.popFirst() == Word(expected) else { throw fault("expected '\(expected)' of a key statement: key NAME { algorithm …; secret …; };") }
        }
        func value(_ what: String) throws(TSIGKeyFault) -> String {
            guard let word = words.popFirst(), word.isQuoted || !"{};".contains(word.text) else { throw fault("\(what) is missing") }
            return word.text
        }
        try next("key")
        let name = try value("the key's name")
        var algorithm: String?, secret: String?
        try next("{")
        while words.first != Word("}") {
            switch try value("algorithm or secret") {
            case "algorithm" where algorithm == nil: algorithm = try value("the algorithm")
            case "secret" where secret == nil: secret = try value("the secret")
            default: throw fault("in a key statement there is one 'algorithm' and one 'secret', and nothing else")
            }
            try next(";")
        }
        try next("}")
        try next(";")
        guard words.isEmpty else { throw fault("there is more than one key in it") }
        guard let owner = try? Name(name) else { throw fault("'\(name)' is no name of a key") }
        guard let algorithm, let secret else { throw fault("the \(algorithm == nil ? "algorithm" : "secret") is missing") }
        guard let known = TSIGAlgorithm(rawValue: algorithm.lowercased()) else {
            throw fault("the algorithm '\(algorithm)' is none of \(TSIGAlgorithm.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let key = TSIGKey(name: owner, algorithm: known, base64: secret) else { throw fault("the secret is no Base64") }
        self = key
    }

    private struct Word: Equatable {
        var text: String
        var isQuoted = false
        init(_ text: String, isQuoted: Bool = false) { (self.text, self.isQuoted) = (text, isQuoted) }
    }

    /// Braces, semicolons, and what stands between them or in quotes.
    private static func words(_ text: String) throws(TSIGKeyFault) -> [Word] {
        var words: [Word] = []
        var rest = text.unicodeScalars[...]
        while let first = rest.first {
            if first.properties.isWhitespace {
                rest.removeFirst()
            } else if first == "#" || rest.starts(with: "//".unicodeScalars) {
                rest = rest.drop { $0 != "\n" }
            } else if rest.starts(with: "/*".unicodeScalars) {
                rest = rest.dropFirst(2)
                while !rest.isEmpty, !rest.starts(with: "*/".unicodeScalars) { rest.removeFirst() }
                rest = rest.dropFirst(2)
            } else if first == "\"" {
                let word = rest.dropFirst().prefix { $0 != "\"" && $0 != "\n" }
                rest = rest[word.endIndex...]
                guard rest.first == "\"" else { throw TSIGKeyFault(description: "a quote has no end") }
                rest.removeFirst()
                words.append(Word(String(word), isQuoted: true))
            } else if "{};".unicodeScalars.contains(first) {
                words.append(Word(String(first)))
                rest.removeFirst()
            } else {
                let word = rest.prefix { !$0.properties.isWhitespace && !"{};\"".unicodeScalars.contains($0) }
                words.append(Word(String(word)))
                rest = rest[word.endIndex...]
            }
        }
        return words
    }
}
