/// What PyYAML, which octoDNS reads with, takes a bare word for (YAML 1.1).
enum YAML11 {
    private static let words: Set<String> = Set(
        ["null", "yes", "no", "true", "false", "on", "off"].flatMap { [$0, $0.uppercased(), $0.prefix(1).uppercased() + $0.dropFirst()] } + ["~"])

    /// Whether a bare word comes out as other text than it is: a truth value, nothing, a date, a number in an
    /// unusual form. Whole numbers come back as they are.
    static func isOther(_ word: String) -> Bool {
        if word.utf8.count <= 5, words.contains(word) { return true }
        guard let first = word.utf8.first, first >= 0x30 && first <= 0x39 || "+-.".utf8.contains(first), word.utf8.count < 256 else {
            return false
        }
        if word.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) && (first != 0x30 || word == "0") { return false }
        return isInteger(word) || isReal(word) || word.wholeMatch(of: /[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?([Tt \t].*)?/) != nil
    }

    /// <https://yaml.org/type/int.html>
    private static func isInteger(_ word: String) -> Bool {
        word.wholeMatch(of: /[-+]?(0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*(:[0-5]?[0-9])*|0x[0-9a-fA-F_]+)/) != nil
    }

    /// <https://yaml.org/type/float.html>, with a point always, as PyYAML wants it.
    private static func isReal(_ word: String) -> Bool {
        word.wholeMatch(of: /[-+]?[0-9][0-9_]*(:[0-5]?[0-9])*\.[0-9_]*([eE][-+][0-9]+)?/) != nil
            || word.wholeMatch(of: /[-+]?\.[0-9][0-9_]*([eE][-+][0-9]+)?/) != nil
            || word.wholeMatch(of: /[-+]?\.(inf|Inf|INF|nan|NaN|NAN)/) != nil
    }
}
