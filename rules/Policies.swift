import DNSWire
import Pipeline
import Validation

/// Addresses may change at any time here: no client may keep one for longer than an hour.
struct AddressesMove: Validator {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report) {
        for name in index.names(of: zone) {
            for set in index.sets(at: name).map({ index[$0] }) where set.key.type == .a || set.key.type == .aaaa {
                guard set.ttl > 3600 else { continue }
                report.add(policy: "addresses-move", set, level: .warning, "a TTL of \(set.ttl) s; an hour at most")
            }
        }
    }
}
