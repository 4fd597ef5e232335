/// Text of others, for a terminal.
enum Visible {
    /// Control characters but newlines and tabs as `\u{1B}`, and those that turn the direction of text.
    static func text(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHidden) else { return text }
        var visible = ""
        for scalar in text.unicodeScalars {
            if isHidden(scalar) { visible += scalar.escaped(asASCII: true) } else { visible.unicodeScalars.append(scalar) }
        }
        return visible
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
