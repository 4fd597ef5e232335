import Rules

/// SOA and NS of every zone, forward and reverse.
struct Apex: Rule {
    @Input("inventory/servers.yaml") var inventory: Inventory

    var records: Records {
        for zone in [Site.zone] + inventory.reverseZones {
            Zone(zone, ttl: 86_400) {
                SOA(primary: inventory.nameServers[0], mailbox: Site.mailbox)
                for server in inventory.nameServers { NS("@", server) }
            }
        }
    }
}
