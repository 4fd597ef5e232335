extension Explanation {
    static let ofZones = [
        Explanation(
            .apexWithoutNS, .error, "a zone without NS at its apex",
            why: "tinydns finds a zone by its NS records: without them it answers as the zone above, or not at all.",
            source: "RFC 1034 §4.2.1", mend: "Add the zone's name servers, for every location.", isWaivable: false),
        Explanation(
            .fewNameServers, .warning, "fewer than two name servers", why: "One outage and the zone is gone.",
            source: "RFC 1034 §4.1", mend: "Add a server on another network."),
        Explanation(
            .glueMissing, .error, "a delegation without glue",
            why: "The server's name lies in the zone it serves, so its address can be had from nowhere else.",
            source: "RFC 1034 §4.2.1", mend: "Add A or AAAA records of the server beside the delegation."),
        Explanation(
            .glueUnused, .advice, "an address below a delegation that is nobody's glue",
            why: "No NS of the delegation names it, so it is never served.", source: "RFC 1034 §4.2.1",
            mend: "Remove it."),
        Explanation(
            .delegationMismatch, .error, "parent and child that disagree about the NS",
            why: "Resolvers see the one or the other, by chance.", source: "RFC 1034 §4.2.2",
            mend: "Make both the same; best from one source."),
        Explanation(
            .belowDelegation, .error, "records at or below a delegation",
            why: "The name belongs to another zone: the servers refer clients there and never show these.",
            source: "RFC 2136 §7.18", mend: "Publish them in the child zone, or remove the delegation."),
        Explanation(
            .belowDNAME, .error, "records below a DNAME", why: "Names below a DNAME are rewritten, not looked up.",
            source: "RFC 6672 §2.4", mend: "Move them to the DNAME's target."),
        Explanation(
            .soaTimes, .warning, "times of a SOA that do not fit together",
            why: "Secondaries give up too soon, ask too often, or negative answers stay too long.",
            source: "RFC 1912 §2.2", mend: "Such as refresh 7200, retry 900, expire 1209600, minimum 3600."),
        Explanation(
            .dnssecUnserved, .warning, "DNSSEC records",
            why: "tinydns sends no signatures with its answers, and no DS with a referral.", source: "RFC 4035 §3.1",
            mend: "Serve a signed zone by servers that know DNSSEC."),
    ]

    static let ofTinydns = [
        Explanation(
            .wildcardInside, .warning, "an asterisk that is not the first label",
            why: "It stands for itself and matches nothing else.", source: "RFC 4592 §2.1.1",
            mend: "Put the asterisk first, or write the names out."),
        Explanation(
            .wildcardBlocked, .advice, "names that a wildcard does not reach",
            why: "A name with any record of its own gets nothing from the wildcard.", source: "RFC 4592 §2.2.1",
            mend: "Repeat the wildcard's records at these names if they are meant for them."),
        Explanation(
            .wildcardDeep, .advice, "a wildcard that reaches further than in other servers",
            why: "tinydns lets it match below names that exist too; secondaries of other makes say there is no such name.",
            source: "RFC 4592 §3.3.1, tinydns-data(8)", mend: "Do not rely on it; serve the zone by one kind of server."),
        Explanation(
            .emptyNonTerminal, .advice, "a name that exists only by what is below it",
            why: "tinydns says that it does not exist, and resolvers may conclude that nothing is below it.",
            source: "RFC 8020 §2", mend: "Put a record there, such as a TXT."),
        Explanation(
            .manyAddresses, .warning, "more than 8 addresses", why: "tinydns sends a random 8 of them.",
            source: "tinydns(8)", mend: "Use at most 8, by location if need be."),
        Explanation(
            .responseLarge, .warning, "a response over 512 octets",
            why: "tinydns knows no EDNS: clients must ask again over TCP.", source: "RFC 1035 §4.2.1",
            mend: "Use fewer or shorter values."),
        Explanation(
            .responseTooLarge, .error, "a very large response", why: "Many clients and middleboxes drop it.",
            source: "RFC 6891 §6.2.5", mend: "Use fewer or shorter values."),
        Explanation(
            .locationHidesZone, .error, "a zone that some clients do not see",
            why: "SOA or NS are for some locations only: other clients get no answer, or a referral in a circle.",
            source: "tinydns-data(8)", mend: "Give SOA and NS without a location."),
        Explanation(
            .locationFallsThrough, .advice, "a name hidden from some clients, who see a wildcard instead",
            why: "For clients of other locations nothing stands at the name, so the wildcard answers.",
            source: "tinydns-data(8)", mend: "Add records for everybody, or restrict the wildcard."),
        Explanation(
            .locationUnmapped, .warning, "a location that no client has",
            why: "No map entry gives it: nobody sees the record.",
            source: "tinydns-data(8)", mend: "Map clients to it, or correct its name."),
    ]

    static let ofWaivers = [
        Explanation(
            .waiverInvalid, .error, "a waiver that can cover nothing",
            why: "It gives no reason, or its fault cannot be waived.", source: "Freshet", mend: "Mend or remove it."),
        Explanation(
            .waiverExpired, .warning, "a waiver that has expired", why: "It covers nothing any more.", source: "Freshet",
            mend: "Mend the fault and remove it, or decide anew."),
        Explanation(
            .waiverUnused, .warning, "a waiver without a fault", why: "It would hide a fault made later.",
            source: "Freshet", mend: "Remove it."),
    ]
}
