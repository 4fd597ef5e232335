internal import Pipeline

/// Where an ensemble is and which of its subtrees is ours: the parsed form of
/// `zookeeper://host1:2181,host2,[::1]:2182/chroot`.
struct ZooKeeperLocation: Sendable, Equatable {
    /// `host:port,host:port`, as the C client wants it.
    let hosts: String
    /// The subtree, `""` for the whole tree, else `/a/b`.
    let root: String

    /// Parses the URL. Throws ``StoreError/Code/invalidLocation``.
    init(_ url: String) throws(StoreError) {
        let scheme = "zookeeper://"
        guard url.hasPrefix(scheme) else { throw Self.bad("it does not start with \(scheme)") }
        let rest = url.dropFirst(scheme.count)
        // Whatever follows could be a password, which must not end up in process
        // lists and logs; the message does not repeat it either.
        guard !rest.contains("@"), !rest.contains("?"), !rest.contains("#") else {
            throw Self.bad("credentials and options do not belong into it; give credentials separately")
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let names = rest[..<slash].split(separator: ",", omittingEmptySubsequences: false)
        var hosts: [String] = []
        for name in names { hosts.append(try Self.host(name)) }
        self.hosts = hosts.joined(separator: ",")

        var root = ""
        for part in rest[slash...].split(separator: "/") {
            let plain = part.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
            guard plain, part != ".", part != ".." else { throw Self.bad("'\(part)' cannot be a node's name") }
            root += "/" + part
        }
        guard root.split(separator: "/").first != "zookeeper" else { throw Self.bad("/zookeeper belongs to the servers") }
        self.root = root
    }

    private static func host(_ text: Substring) throws(StoreError) -> String {
        var name = text
        var port = "2181"
        // An IPv6 address carries colons of its own and so stands in brackets.
        let portColon = text.hasPrefix("[") ? text.lastIndex(of: "]").map { text.index(after: $0) } : text.firstIndex(of: ":")
        if let colon = portColon, colon < text.endIndex {
            name = text[..<colon]
            port = String(text[colon...].dropFirst())
            guard text[colon] == ":" else { throw bad("'\(text)' is not a host") }
        }
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), let number = UInt16(port), number > 0 else {
            throw bad("'\(text)' is not host or host:port")
        }
        return "\(name):\(number)"
    }

    private static func bad(_ why: String) -> StoreError {
        StoreError(.invalidLocation, "not a ZooKeeper location (zookeeper://host:port,host/path): \(why)")
    }
}
