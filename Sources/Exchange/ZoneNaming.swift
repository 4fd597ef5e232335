internal import DNSWire

/// Which zone a file is of, by its name.
enum ZoneNaming {
    /// The last part of a path.
    static func last(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

    /// `example.net.zone`, `db.example.net`, `example.net.db`, `example.net`; `nil` without a dot
    /// inside, as in `root.zone`.
    static func zone(ofZoneFile path: String) -> Name? {
        var stem = last(path)[...]
        for ending in [".zone", ".db", ".txt"] where stem.hasSuffix(ending) && stem.count > ending.count {
            stem = stem.dropLast(ending.count)
            break
        }
        if stem.hasPrefix("db.") { stem = stem.dropFirst(3) }
        guard let name = try? Name(String(stem)), name.labels.count > 1 else { return nil }
        return name
    }

    /// Of octoDNS: `example.net.yaml`, or the directory `example.net.` around files of any name; `nil`
    /// for a file without a dot in its zone, which octoDNS does not take for one either.
    static func zone(ofOctoDNS path: String) -> Name? {
        let parts = path.split(separator: "/")
        if parts.count > 1, let folder = parts.dropLast().last, folder.count > 1, folder.hasSuffix(".") {
            return try? InternationalName.name(String(folder))
        }
        guard var stem = parts.last else { return nil }
        for ending in [".yaml", ".yml"] where stem.hasSuffix(ending) { stem = stem.dropLast(ending.count) }
        guard !stem.isEmpty, !stem.hasPrefix("$"), let name = try? InternationalName.name("\(stem)."), name.labels.count > 1 else {
            return nil
        }
        return name
    }

    /// The name of a zone's file, without its ending: a slash, as in RFC 2317's names, is escaped.
    static func stem(of zone: Name) -> String {
        if zone.isRoot { return "root" }
        return zone.description.dropLast().split(separator: "/", omittingEmptySubsequences: false).joined(separator: "\\047")
    }
}
