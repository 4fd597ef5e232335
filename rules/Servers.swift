import Rules

/// Our own servers: addresses, the way back (PTR), and their services.
struct Servers: Rule {
    @Input("inventory/servers.yaml") var inventory: Inventory

    var records: Records {
        Zone(Site.zone, ttl: 300) {
            for server in inventory.servers {
                for address in server.addresses { Host(server.name, address) }
                for service in server.services ?? [] { CNAME(service, server.name) }
            }
        }
    }
}
