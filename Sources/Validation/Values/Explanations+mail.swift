extension Explanation {
    static let ofMail = [
        Explanation(
            .spfSeveral, .error, "several SPF records at one name", why: "Receivers treat it as an error.",
            source: "RFC 7208 §4.5", mend: "Join them into one."),
        Explanation(
            .spfSyntax, .error, "an SPF record that cannot be read", why: "Receivers treat it as an error.",
            source: "RFC 7208 §4.6", mend: "Correct the term."),
        Explanation(
            .spfLookups, .error, "an SPF record that needs too many look-ups",
            why: "Receivers stop after ten and treat it as an error.", source: "RFC 7208 §4.6.4",
            mend: "Write networks out as ip4 and ip6, and drop what is not used."),
        Explanation(
            .spfVoidLookups, .warning, "an SPF record that looks up what does not exist",
            why: "Receivers may stop after two.", source: "RFC 7208 §4.6.4", mend: "Drop these terms."),
        Explanation(
            .spfLoop, .error, "SPF records that include each other", why: "They never end: receivers treat it as an error.",
            source: "RFC 7208 §4.6.4", mend: "Take one include out."),
        Explanation(
            .spfPassAll, .warning, "SPF that lets everybody send", why: "It protects nothing.", source: "RFC 7208 §5.1",
            mend: "End in -all or ~all."),
        Explanation(
            .spfWithoutAll, .warning, "SPF without all and redirect", why: "What is not listed is neutral.",
            source: "RFC 7208 §4.7", mend: "End in -all or ~all."),
        Explanation(
            .spfType, .warning, "a record of type SPF", why: "The type is obsolete; receivers read TXT.",
            source: "RFC 7208 §3.1", mend: "Publish a TXT record only."),
        Explanation(
            .dmarcSeveral, .error, "several DMARC records", why: "Receivers then apply none.", source: "RFC 7489 §6.6.3",
            mend: "Keep one."),
        Explanation(
            .dmarcSyntax, .error, "a DMARC record that cannot be read", why: "Receivers ignore it.",
            source: "RFC 7489 §6.3", mend: "v=DMARC1; p=none, quarantine or reject; then other tags."),
        Explanation(
            .dkimSyntax, .warning, "a DKIM key that cannot be read", why: "Signatures by it fail.",
            source: "RFC 6376 §3.6.1", mend: "v=DKIM1; k=rsa or ed25519; p=BASE64 (empty: revoked)."),
        Explanation(
            .mtaSTSSyntax, .warning, "an MTA-STS record that cannot be read", why: "Senders ignore the policy.",
            source: "RFC 8461 §3.1", mend: "One TXT: v=STSv1; id=LETTERSANDDIGITS;"),
        Explanation(
            .tlsRPTSyntax, .warning, "a TLS reporting record that cannot be read", why: "No reports come.",
            source: "RFC 8460 §3", mend: "One TXT: v=TLSRPTv1; rua=mailto:ADDRESS or https:URL"),
        Explanation(
            .nullMX, .error, "a null MX that is not alone with preference 0",
            why: "It says that there is no mail, and the others say there is.", source: "RFC 7505 §3",
            mend: "Keep the null MX alone, or the others."),
    ]
}
