internal import DNSWire

/// Judges one zone at a time: a built-in one, or a site's policy.
///
/// It reports only RRsets of the zone it is asked about, though it may look at others:
/// then judging some zones finds what judging all would have found there.
public protocol Validator: Sendable {
    func judge(_ zone: ZoneIndex.Zone, in index: ZoneIndex, _ report: inout Report)
}

enum BuiltIn {
    static let validators: [any Validator] = [
        Aliases(), AliasChains(), Targets(), TargetNames(), ApexRecords(), Delegations(), Duplicates(), TTLs(),
        HostNames(), Addresses(), Reverse(), Texts(), SPFPolicy(), MailPolicies(), Authorizations(), Digests(),
        ServiceBindings(), Wildcards(), EmptyNonTerminals(), ResponseSizes(), Locations(),
    ]
}
