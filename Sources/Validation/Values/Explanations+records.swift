extension Explanation {
    static let ofForms = [
        Explanation(
            .malformedData, .error, "data that has not the form of its type",
            why: "Clients and secondaries reject the whole answer, or the whole zone.", source: "RFC 1035 §3.3",
            mend: "Write the value anew; a rule should build it from typed values.", isWaivable: false),
        Explanation(
            .valueTooLong, .error, "a value too long for tinydns",
            why: "tinydns answers from a buffer of 32,767 octets: no client would get it, and zone transfers abort.",
            source: "tinydns(8)", mend: "Make the value shorter or split it over names.", isWaivable: false),
        Explanation(
            .emptySet, .error, "an RRset without values", why: "There is nothing to serve.", source: "RFC 2181 §5",
            mend: "Give it a value or leave it out.", isWaivable: false),
        Explanation(
            .notARecord, .error, "a type that only messages have",
            why: "Types such as ANY and AXFR are questions; as records they cannot be stored.", source: "RFC 6895 §3.1",
            mend: "Use a type of zone data.", isWaivable: false),
        Explanation(
            .outsideZones, .error, "a name in no zone",
            why: "No SOA stands at or above the name, so tinydns does not answer for it.", source: "tinydns(8)",
            mend: "Add the zone's SOA and NS, or correct the name.", isWaivable: false),
    ]

    static let ofAliases = [
        Explanation(
            .cnameAtApex, .error, "CNAME at a zone's apex",
            why: "SOA and NS must stand at the apex, and a CNAME may stand beside nothing.", source: "RFC 1912 §2.4",
            mend: "Publish addresses, or an HTTPS record in alias mode."),
        Explanation(
            .cnameBesideData, .error, "CNAME beside other data",
            why: "Resolvers keep one or the other, so that answers depend on what was asked first.",
            source: "RFC 1034 §3.6.2", mend: "Keep the CNAME or the other records, for each location."),
        Explanation(
            .severalValues, .error, "several values of a type that has one",
            why: "A client would see more than one CNAME, DNAME or SOA of a name.", source: "RFC 2181 §10.1",
            mend: "Keep one value for each location; what everybody sees counts for each."),
        Explanation(
            .cnameLoop, .error, "CNAMEs in a circle", why: "The name never resolves.", source: "RFC 1034 §3.6.2",
            mend: "Point one of the names at a host."),
        Explanation(
            .cnameChain, .warning, "a CNAME that points at a CNAME",
            why: "Each costs a look-up and can fail by itself.", source: "RFC 1034 §3.6.2",
            mend: "Point it at the last name."),
        Explanation(
            .cnameChainLong, .error, "too many CNAMEs one after another", why: "Resolvers give up.",
            source: "RFC 1034 §5.2.2", mend: "Point it at the last name."),
        Explanation(
            .dnameUnserved, .warning, "a DNAME",
            why: "tinydns answers with it only when asked for it; names below it do not exist.", source: "RFC 6672 §3.2",
            mend: "Write the names below as CNAMEs, or serve the zone elsewhere."),
    ]

    static let ofTargets = [
        Explanation(
            .danglingTarget, .error, "a target that does not exist",
            why: "The target lies in a managed zone, and nothing is there.", source: "RFC 1912 §2.4",
            mend: "Add the target's records, or point elsewhere."),
        Explanation(
            .danglingPTR, .warning, "a PTR to a name that does not exist",
            why: "Who looks an address up by its name finds nothing.", source: "RFC 1912 §2.1",
            mend: "Add the host, or remove the PTR."),
        Explanation(
            .targetWithoutAddress, .error, "a target without addresses",
            why: "The target exists and has neither A nor AAAA, so nobody can connect.", source: "RFC 2181 §10.3",
            mend: "Add its addresses, or point elsewhere."),
        Explanation(
            .targetIsAddress, .error, "an address where a name belongs",
            why: "It is looked up as a name below a top-level domain of digits, which does not exist.",
            source: "RFC 1912 §2.4", mend: "Give the host a name with an A record and name that."),
        Explanation(
            .targetIsAlias, .error, "a target that is a CNAME", why: "Servers and mailers may refuse to follow it.",
            source: "RFC 2181 §10.3", mend: "Name the host itself."),
        Explanation(
            .repeatedDomain, .warning, "the zone's name twice", why: "An absolute name was completed once more.",
            source: "RFC 1035 §5.1", mend: "End the name in a dot, or leave the zone's name out."),
        Explanation(
            .missingDot, .warning, "a target that looks wrongly completed",
            why: "It has the zone's name twice, an address before it, or a single label.", source: "RFC 1035 §5.1",
            mend: "Write the target in full, with a dot at its end."),
    ]

    static let ofSets = [
        Explanation(
            .duplicateSet, .warning, "the same RRset twice", why: "Two sources make it; clients see both together.",
            source: "RFC 2181 §5", mend: "Leave it to one source."),
        Explanation(
            .duplicateValue, .warning, "values that differ in case only", why: "To DNS they are the same record.",
            source: "RFC 4343 §3", mend: "Keep one."),
        Explanation(
            .mixedTTL, .warning, "one RRset with several TTLs",
            why: "Clients of a location see its records together with those for everybody.", source: "RFC 2181 §5.2",
            mend: "Give them the same TTL."),
        Explanation(
            .ttlRange, .error, "a TTL over 2147483647", why: "Resolvers take it for 0.", source: "RFC 2181 §8",
            mend: "Use at most a week."),
        Explanation(
            .ttlZero, .warning, "TTL 0", why: "Nothing is kept: every look-up comes to the servers.",
            source: "RFC 1035 §3.2.1", mend: "Use at least 30 seconds."),
        Explanation(
            .ttlTiny, .advice, "a very short TTL", why: "It multiplies queries and the effect of an outage.",
            source: "RFC 1912 §2.2", mend: "Use a longer one unless the record really changes that fast."),
        Explanation(
            .ttlHuge, .advice, "a very long TTL", why: "A mistake stays in caches for as long.", source: "RFC 1912 §2.2",
            mend: "Use a week at most."),
    ]
}
