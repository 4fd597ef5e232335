extension Plan {
    /// How to let it go live, if it needs that.
    var acknowledgement: String? {
        breaches.isEmpty ? nil : "freshet apply --plan \(digest)"
    }

    /// For a pull request: hostile data can neither break the table nor mention anyone.
    public var markdown: String {
        var lines = ["### DNS plan", "", Escaping.markdown(summary), ""]
        var inTable = false
        var record: (mark: String, text: String)?
        for line in self.lines() {
            switch line.kind {
            case .summary: break
            case .zone:
                lines += ["", "**\(Escaping.markdown(line.text))**", "", "| | record | cause |", "|---|---|---|"]
                inTable = true
            case .added: record = ("+", line.text)
            case .changed: record = ("~", line.text)
            case .removed: record = ("−", line.text)
            case .cause:
                let (mark, text) = record ?? ("", "")
                lines.append("| \(mark) | \(Escaping.markdown(text)) | \(Escaping.markdown(line.text)) |")
            default:
                if inTable { lines.append("") }
                inTable = false
                lines.append("- \(Self.word(line.kind))\(Escaping.markdown(line.text))")
            }
        }
        if !isEmpty { lines += ["", "Plan `\(digest)`"] }
        if let acknowledgement { lines += ["", "It needs an acknowledgement: `\(acknowledgement)`"] }
        return lines.joined(separator: "\n")
    }

    /// A page of its own, without scripts and without anything from elsewhere.
    public var html: String {
        var body = "<h1>DNS plan</h1>\n<p>\(Escaping.html(summary))</p>\n"
        var isOpen = false
        for line in lines() where line.kind != .summary {
            if line.kind == .zone {
                body += (isOpen ? "</ul>\n" : "") + "<h2>\(Escaping.html(line.text))</h2>\n<ul>\n"
                isOpen = true
                continue
            }
            if !isOpen {
                body += "<ul>\n"
                isOpen = true
            }
            body += "<li class=\"\(Self.style(line.kind))\">\(Escaping.html(Self.word(line.kind) + line.text))</li>\n"
        }
        if isOpen { body += "</ul>\n" }
        if !isEmpty { body += "<p>Plan <code>\(digest)</code></p>\n" }
        if let acknowledgement { body += "<p>It needs an acknowledgement: <code>\(acknowledgement)</code></p>\n" }
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>DNS plan</title>
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <style>
            :root { color-scheme: light dark } body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
            li { list-style: none; overflow-wrap: anywhere } .added::before { content: "+ " } .removed::before { content: "\\2212  " }
            .changed::before { content: "~ " } .cause { opacity: .8; padding-left: 1.5rem } .error, .breach { font-weight: bold }
            .added, .changed, .removed { font-family: ui-monospace, monospace }
            </style></head><body>
            \(body)</body></html>
            """
    }

    private static func word(_ kind: PlanLine.Kind) -> String {
        switch kind {
        case .conflict: "conflict: "
        case .breach: "needs an acknowledgement: "
        default: ""
        }
    }

    private static func style(_ kind: PlanLine.Kind) -> String {
        switch kind {
        case .input: "input"
        case .zone: "zone"
        case .added: "added"
        case .changed: "changed"
        case .removed: "removed"
        case .cause: "cause"
        case .map: "map"
        case .conflict: "conflict"
        case .finding(let isError): isError ? "error" : "finding"
        case .breach: "breach"
        case .more: "more"
        case .summary: "summary"
        }
    }
}

/// Text that its reader takes for nothing but text.
enum Escaping {
    /// Entities for all that Markdown or HTML could take for its own.
    static func markdown(_ text: String) -> String {
        escaped(text) { !($0.properties.isAlphabetic || ("0"..."9").contains($0) || " .,-/→–−…✓✗—".unicodeScalars.contains($0)) }
    }

    static func html(_ text: String) -> String { escaped(text) { "<>&\"'".unicodeScalars.contains($0) } }

    private static func escaped(_ text: String, _ isSpecial: (Unicode.Scalar) -> Bool) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            // Control characters and marks of direction have no business here at all.
            let isControl = [.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
            if isControl {
                out += "\u{FFFD}"
            } else if isSpecial(scalar) {
                out += "&#\(scalar.value);"
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
