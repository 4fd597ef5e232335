extension Explanation {
    static let ofHosts = [
        Explanation(
            .hostUnderscore, .warning, "an underscore in a host name", why: "Underscores are for names that are no hosts.",
            source: "RFC 8552 §1.1", mend: "Use a hyphen."),
        Explanation(
            .hostCharacters, .warning, "a host name with other than letters, digits and hyphens",
            why: "Many programs refuse to look it up.", source: "RFC 1123 §2.1",
            mend: "Use letters, digits and inner hyphens (IDNs in their xn-- form)."),
        Explanation(
            .privateAddress, .warning, "a private address in a public zone",
            why: "It leads nowhere, or to somebody else's machine, and tells how the inside is built.",
            source: "RFC 1918 §3, RFC 4193, RFC 6598", mend: "Publish it in a private zone, or declare the zone private."),
        Explanation(
            .loopbackAddress, .warning, "a loopback address in a public zone", why: "Every client reaches itself.",
            source: "RFC 6890 §2.2.2", mend: "Remove it."),
        Explanation(
            .linkLocalAddress, .warning, "a link-local address", why: "It means something on one link only.",
            source: "RFC 3927 §2.11, RFC 4291 §2.5.6", mend: "Publish a routed address."),
        Explanation(
            .documentationAddress, .warning, "an address reserved for examples", why: "It is never routed.",
            source: "RFC 5737, RFC 3849, RFC 9637", mend: "Put the real address."),
        Explanation(
            .bogonAddress, .warning, "an address that is no host's", why: "It is multicast, reserved or not routed.",
            source: "RFC 6890", mend: "Put the real address."),
        Explanation(
            .ptrMismatch, .advice, "a PTR whose name does not lead back",
            why: "Mail servers and others compare both directions.", source: "RFC 1912 §2.1",
            mend: "Give the name this address, or point the PTR at the name that has it."),
        Explanation(
            .ptrMissing, .advice, "an address without a PTR", why: "Mail from it may be refused.", source: "RFC 1912 §2.1",
            mend: "Add the PTR; its reverse zone is managed here."),
    ]

    static let ofTexts = [
        Explanation(
            .txtLong, .warning, "a very long TXT record", why: "Readers cut it, and answers need TCP.",
            source: "RFC 7208 §3.4", mend: "Make it shorter or split it over names."),
        Explanation(
            .txtQuoting, .warning, "quotation marks inside a text",
            why: "They look like a zone file's own, which are no part of the value.", source: "RFC 1035 §5.1",
            mend: "Remove the outer quotes, or balance the inner ones."),
        Explanation(
            .txtUnprintable, .advice, "octets outside printable ASCII in a text",
            why: "Tools show them in different ways.", source: "RFC 1464 §2", mend: "Encode the value."),
    ]

    static let ofKeys = [
        Explanation(
            .caaTag, .warning, "an unknown CAA property",
            why: "Authorities ignore it, or if it is critical refuse to issue.", source: "RFC 8659 §4.1",
            mend: "Use issue, issuewild, issuemail, issuevmc, iodef, contactemail or contactphone."),
        Explanation(
            .caaValue, .error, "a CAA value that has not its form", why: "Authorities may then refuse to issue.",
            source: "RFC 8659 §4.2 to §4.4", mend: "issue: a domain, then ;tag=value; iodef: mailto:, http: or https:."),
        Explanation(
            .caaMissing, .advice, "a zone with hosts and without CAA", why: "Any authority may issue for it.",
            source: "RFC 8659 §3", mend: "Add CAA at the apex."),
        Explanation(
            .digestLength, .error, "a digest of the wrong length", why: "It can match nothing.",
            source: "RFC 4034 §5.1, RFC 4255 §3.1, RFC 6698 §2.1", mend: "Compute it anew with the algorithm it names."),
        Explanation(
            .svcbMandatory, .error, "a service binding that clients must ignore",
            why: "A key it calls mandatory, or alpn beside no-default-alpn, is missing.", source: "RFC 9460 §8",
            mend: "Add the parameter or take it off the list."),
        Explanation(
            .svcbAlias, .warning, "alias mode with parameters, or beside other records",
            why: "Parameters of an alias are ignored, and so are others beside it.", source: "RFC 9460 §2.4",
            mend: "Use priority 1 or more, or leave the parameters out."),
        Explanation(
            .svcbHints, .warning, "address hints that the target has not",
            why: "Clients connect to a hint before they ask for addresses.", source: "RFC 9460 §7.3",
            mend: "Make hints and addresses the same."),
    ]
}
