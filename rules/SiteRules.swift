import Rules
import Validation

/// This site's rules: the Debian mirror network under one zone, and its own servers.
@main
struct SiteRules: RulePack {
    let rules: [any Rule] = [Apex(), MirrorNames(), MirrorMap(), Servers()]
    let policies: [any Validator] = [AddressesMove()]
}
