internal import DNSWire
internal import Pipeline

extension RecordSet {
    /// Each name that a validator looks up because of this RRset, which has to be well-formed:
    /// where it is in `wire`.
    func forEachReference(_ profile: Profile, _ body: (_ wire: [UInt8], _ at: Int, ReferenceLists.Kinds) -> Void) {
        let type = key.type
        if let at = ZoneIndex.targetOffset(type) {
            let kinds: ReferenceLists.Kinds =
                switch type {
                case .cname: .alias
                case .ptr, .svcb, .https: [.presence, .addresses]
                default: .presence
                }
            for data in rdata where data.wire[at] != 0 {
                // Parameters stand behind the target of a service binding.
                body(data.wire, at, kinds)
            }
        } else if type == .txt {
            for text in rdata.compactMap(\.joinedStrings) where SPFRecord.isSPF(text) {
                let record = SPFRecord(text)
                for domain in record.terms.compactMap(\.domain) + [record.redirect].compactMap(\.self) {
                    if !domain.contains("%"), let name = try? Name(domain) { body(name.wire, 0, .spf) }
                }
            }
        } else if type == .a || type == .aaaa, !profile.off.contains(.fault(.ptrMissing)) {
            for data in rdata { body(ReverseName.wire(data.wire), 0, .presence) }
        }
    }
}
