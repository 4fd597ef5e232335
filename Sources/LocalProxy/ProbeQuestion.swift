internal import DNSWire
internal import Pipeline

/// A name that changed, and what tinydns has to answer.
struct ProbeQuestion: Sendable {
    var owner: Name
    var type: RRType
    /// RDATA as on the wire, lower case: names compare so (RFC 4343).
    var rdata: Set<[UInt8]>

    /// So many names at most.
    static let most = 20
    /// tinydns gives so many addresses of more (tinydns-data(8)).
    private static let mostAddresses = 8

    /// Questions whose answers the database alone decides: no wildcard, no location, no other type's alias.
    static func choose(from changes: [[UInt8]: ReleaseContents.KeyChange]) -> [ProbeQuestion] {
        var questions: [ProbeQuestion] = []
        // Spread over the change: the order of a dictionary is as good as any.
        for (key, change) in changes where questions.count < most {
            guard let owner = TinydnsRecord.owner(ofKey: key) else { continue }
            let all = change.before.union(change.after)
            guard all.allSatisfy({ isPlain($0) }) else { continue }
            let differing = change.before.symmetricDifference(change.after)
            guard let type = differing.compactMap({ TinydnsRecord.Header($0)?.type }).min(by: { $0.rawValue < $1.rawValue }),
                type == .cname || !change.after.contains(where: { TinydnsRecord.Header($0)?.type == .cname }),
                // What a delegation answers is not the name server's own.
                type != .ns, type != .soa
            else { continue }
            let after = change.after.filter { TinydnsRecord.Header($0)?.type == type }
            questions.append(ProbeQuestion(owner: owner, type: type, rdata: Set(after.map { lower($0.dropFirst(header)) })))
        }
        return questions
    }

    /// Type, marker, TTL, timestamp.
    private static let header = 2 + 1 + 4 + 8

    private static func isPlain(_ data: [UInt8]) -> Bool {
        data.count >= header && data[2] == UInt8(ascii: "=") && data[7..<15].allSatisfy { $0 == 0 }
    }

    private static func lower(_ octets: some Sequence<UInt8>) -> [UInt8] { octets.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 } }

    func isRight(_ message: Message, throughResolver: Bool) -> Bool {
        let answers = Set(message.answers.filter { $0.type == type && $0.owner == owner }.map { Self.lower($0.rdata.wire) })
        if rdata.isEmpty {
            // A delegation or a wildcard above may speak for it now.
            return answers.isEmpty || throughResolver
        }
        if rdata.count > Self.mostAddresses { return !answers.isEmpty && answers.isSubset(of: rdata) }
        return answers == rdata
    }
}
