/// Aliases of YAML (`&x` here, `*x` there), found before any parser sees the text.
enum Aliases {
    /// Where an alias may stand (1-based): a `*x` whose `&x` is in the text too.
    ///
    /// Looks at octets alone, so that prose with both would be taken for one, but no
    /// alias is overlooked: it needs its anchor's name, of letters, digits, `-` and `_`.
    static func first(in text: String) -> (line: Int, column: Int)? {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return nil }
        let anchors = Set(marks(UInt8(ascii: "&"), in: text).map(\.name))
        return marks(UInt8(ascii: "*"), in: text).first { anchors.contains($0.name) }.map { ($0.line, $0.column) }
    }

    private static func marks(_ sign: UInt8, in text: String) -> [(name: [UInt8], line: Int, column: Int)] {
        var marks: [(name: [UInt8], line: Int, column: Int)] = []
        var open = false
        var line = 1
        var column = 0
        for c in text.utf8 {
            column += 1
            if open, isName(c) {
                marks[marks.count - 1].name.append(c)
                continue
            }
            open = c == sign
            if open { marks.append(([], line, column)) }
            if c == 0x0A { (line, column) = (line + 1, 0) }
        }
        return marks.filter { !$0.name.isEmpty }
    }

    private static func isName(_ c: UInt8) -> Bool {
        switch c {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
