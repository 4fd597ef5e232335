"""dnspython takes zones: one JSON object a line in, one out.

{"port", "zone", "type": "AXFR" | "IXFR", "serial", "records", "key"?, "udp"}
    serial, records: what is there already (IXFR); key: NAME:BASE64, hmac-sha256
-> {"serial", "records", "incremental", "messages"} or {"error"} with the rest empty
"""
import json
import sys
import traceback

import dns.message
import dns.name
import dns.query
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.tsigkeyring
import dns.xfr
import dns.zone
import dns.versioned


def records(zone):
    found = []
    for owner, node in zone.nodes.items():
        for rdataset in node:
            for rdata in rdataset:
                text = rdata.to_text(origin=zone.origin, relativize=False)
                name = owner.derelativize(zone.origin)
                found.append(f"{name} {rdataset.ttl} IN {dns.rdatatype.to_text(rdataset.rdtype)} {text}")
    return sorted(found)


def take(request):
    origin = dns.name.from_text(request["zone"])
    zone = dns.versioned.Zone(origin, relativize=False)
    if request["records"]:
        text = "\n".join(request["records"])
        zone = dns.zone.from_text(text, origin, relativize=False, zone_factory=dns.versioned.Zone, check_origin=False)
    ring = None
    if request.get("key"):
        name, secret = request["key"].split(":")
        ring = dns.tsigkeyring.from_text({name: secret})
    serial = request["serial"] if request["type"] == "IXFR" else None
    kind = dns.rdatatype.IXFR if request["type"] == "IXFR" else dns.rdatatype.AXFR
    query = dns.message.make_query(origin, kind)
    if serial is not None:
        # The SOA of what is there, with its serial.
        rdata = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.SOA, f". . {serial} 0 0 0 0")
        query.find_rrset(query.authority, origin, rdata.rdclass, rdata.rdtype, create=True).add(rdata, 0)
    if ring:
        query.use_tsig(ring, algorithm="hmac-sha256.")
    seen = {"starts": 0, "messages": 0}
    original = dns.xfr.Inbound.process_message

    def process(self, message):
        seen["messages"] += 1
        for rrset in message.answer:
            if rrset.rdtype == dns.rdatatype.SOA:
                seen["starts"] += len(rrset)
        return original(self, message)

    dns.xfr.Inbound.process_message = process
    mode = dns.query.UDPMode.ONLY if request["udp"] else dns.query.UDPMode.NEVER
    try:
        dns.query.inbound_xfr("127.0.0.1", zone, query, port=request["port"], lifetime=60, udp_mode=mode)
    finally:
        dns.xfr.Inbound.process_message = original
    with zone.reader() as reader:
        soa = reader.get(origin, dns.rdatatype.SOA)
        current = soa[0].serial if soa else 0
    return {
        "serial": current,
        "records": records(zone),
        "incremental": seen["starts"] > 2,
        "messages": seen["messages"],
    }


for line in sys.stdin:
    try:
        answer = take(json.loads(line))
    except Exception as error:
        answer = {"serial": 0, "records": [], "incremental": False, "messages": 0, "error": traceback.format_exc()[-600:]}
    print(json.dumps(answer), flush=True)
