/// The built-in faults. Their raw values are stable: waivers and profiles name them.
/// What each means is in ``Explanation``.
public enum Fault: String, Sendable, CaseIterable {
    // What tinydns cannot hold or serve.
    case malformedData = "malformed-data"
    case valueTooLong = "value-too-long"
    case emptySet = "empty-rrset"
    case notARecord = "not-a-record"
    case outsideZones = "outside-zones"

    // Aliases.
    case cnameAtApex = "cname-at-apex"
    case cnameBesideData = "cname-beside-data"
    case severalValues = "several-values"
    case cnameLoop = "cname-loop"
    case cnameChain = "cname-chain"
    case cnameChainLong = "cname-chain-long"
    case dnameUnserved = "dname-unserved"

    // Targets.
    case danglingTarget = "dangling-target"
    case danglingPTR = "dangling-ptr"
    case targetWithoutAddress = "target-without-address"
    case targetIsAddress = "target-is-address"
    case targetIsAlias = "target-is-alias"
    case repeatedDomain = "repeated-domain"
    case missingDot = "missing-dot"

    // Zones and delegations.
    case apexWithoutNS = "apex-without-ns"
    case fewNameServers = "few-name-servers"
    case glueMissing = "glue-missing"
    case glueUnused = "glue-unused"
    case delegationMismatch = "delegation-mismatch"
    case belowDelegation = "below-delegation"
    case belowDNAME = "below-dname"
    case soaTimes = "soa-times"
    case dnssecUnserved = "dnssec-unserved"

    // One RRset.
    case duplicateSet = "duplicate-rrset"
    case duplicateValue = "duplicate-value"
    case mixedTTL = "mixed-ttl"
    case ttlRange = "ttl-range"
    case ttlZero = "ttl-zero"
    case ttlTiny = "ttl-tiny"
    case ttlHuge = "ttl-huge"

    // Host names and addresses.
    case hostUnderscore = "host-underscore"
    case hostCharacters = "host-characters"
    case privateAddress = "private-address"
    case loopbackAddress = "loopback-address"
    case linkLocalAddress = "link-local-address"
    case documentationAddress = "documentation-address"
    case bogonAddress = "bogon-address"
    case ptrMismatch = "ptr-mismatch"
    case ptrMissing = "ptr-missing"

    // Text.
    case txtLong = "txt-long"
    case txtQuoting = "txt-quoting"
    case txtUnprintable = "txt-unprintable"

    // Mail.
    case spfSeveral = "spf-several"
    case spfSyntax = "spf-syntax"
    case spfLookups = "spf-lookups"
    case spfVoidLookups = "spf-void-lookups"
    case spfLoop = "spf-loop"
    case spfPassAll = "spf-pass-all"
    case spfWithoutAll = "spf-without-all"
    case spfType = "spf-type"
    case dmarcSeveral = "dmarc-several"
    case dmarcSyntax = "dmarc-syntax"
    case dkimSyntax = "dkim-syntax"
    case mtaSTSSyntax = "mta-sts-syntax"
    case tlsRPTSyntax = "tls-rpt-syntax"
    case nullMX = "null-mx"

    // Certificates, keys, services.
    case caaTag = "caa-tag"
    case caaValue = "caa-value"
    case caaMissing = "caa-missing"
    case digestLength = "digest-length"
    case svcbMandatory = "svcb-mandatory"
    case svcbAlias = "svcb-alias"
    case svcbHints = "svcb-hints"

    // Where tinydns differs from the RFCs.
    case wildcardInside = "wildcard-inside"
    case wildcardBlocked = "wildcard-blocked"
    case wildcardDeep = "wildcard-deep"
    case emptyNonTerminal = "empty-non-terminal"
    case manyAddresses = "many-addresses"
    case responseLarge = "response-large"
    case responseTooLarge = "response-too-large"
    case locationHidesZone = "location-hides-zone"
    case locationFallsThrough = "location-falls-through"
    case locationUnmapped = "location-unmapped"

    // Waivers.
    case waiverInvalid = "waiver-invalid"
    case waiverExpired = "waiver-expired"
    case waiverUnused = "waiver-unused"
}
