internal import DNSWire
internal import Pipeline

/// How large an answer is, and how many addresses it has.
struct ResponseSizes: Validator {
    /// tinydns sends so many A records at most.
    private static let mostAddresses = 8

    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        for name in index.names(of: zone) {
            let sets = index.sets(at: name)
            for (i, id) in zip(sets.indices, sets) {
                let set = index[id]
                // What everybody sees comes with what is for the client's location.
                var values = set.rdata.count
                var octets = set.rdata.reduce(0) { $0 + $1.wire.count }
                var others: [RData] = []
                if sets.count > 1 {
                    for j in sets.indices where j != i && index[sets[j]].key.type == set.key.type {
                        let location = index[sets[j]].key.location
                        guard location == nil && set.key.location != nil || location == set.key.location && j < i else {
                            continue
                        }
                        others += index[sets[j]].rdata
                    }
                    values += others.count
                    octets += others.reduce(0) { $0 + $1.wire.count }
                }
                let isA = set.key.type == .a
                if isA, values > Self.mostAddresses {
                    report.add(.manyAddresses, set, "\(values) A records; tinydns sends a random \(Self.mostAddresses)")
                    continue
                }
                let owner = set.key.owner.wire.count
                // At most this without compression, the owner's apart; most are under it.
                guard 16 + owner + 12 * values + octets > index.profile.thresholds.response else { continue }
                judge(set, set.rdata + others, index.profile.thresholds, &report)
            }
        }
    }

    private func judge(_ set: RecordSet, _ values: [RData], _ limits: Profile.Thresholds, _ report: inout Report) {
        var message = MessageBuilder(id: 0, flags: [.response, .authoritative])
        _ = message.append(Question(name: set.key.owner, type: set.key.type))
        var size = message.count
        for rdata in values {
            let record = ResourceRecord(owner: set.key.owner, type: set.key.type, ttl: set.ttl, rdata: rdata)
            guard message.append(record, to: .answer) else {
                size = 65_536
                break
            }
            size = message.count
        }
        let text =
            size > 65_535 ? "an answer of over 65535 octets" : "an answer of \(size) octets in \(values.count) records"
        if size > limits.largestResponse {
            report.add(.responseTooLarge, set, text)
        } else if size > limits.response {
            report.add(.responseLarge, set, text)
        }
    }
}

/// Locations that no client has, and names that clients of some locations do not see.
struct Locations: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        for name in index.names(of: zone) where index.entries[name.index].flags.contains(.located) {
            let sets = index.sets(at: name)
            for id in sets {
                guard let location = index[id].key.location, let mapped = index.profile.locations, !mapped.contains(location)
                else { continue }
                report.add(.locationUnmapped, index[id], "no client is at \(location)")
            }
            guard index.entries[name.index].cut == .none, let first = sets.first,
                sets.allSatisfy({ index[$0].key.location != nil }), !index.name(name).isWildcard,
                case .found(let wildcard) = index.reach(index[first].key.owner.wire, 0, for: nil)
            else { continue }
            report.add(.locationFallsThrough, index[first], "other clients get the records of \(index.name(wildcard))")
        }
    }
}
