"""dnspython reads, writes and signs whole messages: one JSON object a line in, one out.

Octets are hexadecimal. A record is [section 1-3, owner, type, class, ttl, rdata].

{"op": "read", "wire"}   -> {"id", "flags", "code", "questions": [[name, type, class]], "records", "edns"?, "length"}
    flags: the header's second two octets; length: of what dnspython makes of it;
    edns: {"size", "version", "flags", "options": [[code, data]]}
{"op": "write", "id", "flags", "code", "questions", "records", "edns"?} -> {"wire"}
{"op": "sign", "wires", "key", "time", "mac"?, "plain"?} -> {"wires"}
    key: {"name", "algorithm", "secret"}; mac: the request's; plain: those of the
    stream that go without a signature
{"op": "verify", "wires", "key", "time", "mac"?} -> {} or {"error"}
"""
import json
import sys
import time
import traceback

import dns.edns
import dns.message
import dns.name
import dns.rdata
import dns.rrset
import dns.tsig


def name(wire):
    return dns.name.from_wire(bytes.fromhex(wire), 0)[0]


def read(request):
    message = dns.message.from_wire(bytes.fromhex(request["wire"]), one_rr_per_rrset=True)
    records = []
    for section in (1, 2, 3):
        for rrset in message.sections[section]:
            for rdata in rrset:
                owner = rrset.name.to_wire().hex()
                records.append([section, owner, rrset.rdtype, rrset.rdclass, rrset.ttl, rdata.to_wire().hex()])
    result = {
        "id": message.id,
        "flags": message.flags,
        "code": message.rcode(),
        "questions": [[q.name.to_wire().hex(), q.rdtype, q.rdclass] for q in message.question],
        "records": records,
    }
    if message.edns >= 0:
        options = [[option.otype, option.to_wire().hex()] for option in message.options]
        flags = message.ednsflags & 0xFFFF
        result["edns"] = {"size": message.payload, "version": message.edns, "flags": flags, "options": options}
    result["length"] = len(message.to_wire(max_size=65535))
    return result


def write(request):
    message = dns.message.Message(id=request["id"])
    message.flags = request["flags"]
    for owner, kind, cls in request["questions"]:
        message.question.append(dns.rrset.RRset(name(owner), cls, kind))
    for section, owner, kind, cls, ttl, data in request["records"]:
        octets = bytes.fromhex(data)
        rrset = dns.rrset.RRset(name(owner), cls, kind)
        rrset.add(dns.rdata.from_wire(cls, kind, octets, 0, len(octets)), ttl)
        message.sections[section].append(rrset)
    if edns := request.get("edns"):
        options = [dns.edns.option_from_wire(code, bytes.fromhex(data), 0, len(data) // 2) for code, data in edns["options"]]
        message.use_edns(edns["version"], edns["flags"], edns["size"], options=options)
    message.set_rcode(request["code"])
    return {"wire": message.to_wire(max_size=65535).hex()}


def key(request):
    fields = request["key"]
    return dns.tsig.Key(fields["name"], bytes.fromhex(fields["secret"]), fields["algorithm"])


def sign(request):
    time.time = lambda: request["time"]
    multi = len(request["wires"]) > 1
    wires, context = [], None
    for index, wire in enumerate(request["wires"]):
        if index in (request.get("plain") or []):
            context.update(bytes.fromhex(wire))
            wires.append(wire)
            continue
        message = dns.message.from_wire(bytes.fromhex(wire), one_rr_per_rrset=True)
        message.use_tsig(key(request))
        message.request_mac = bytes.fromhex(request.get("mac") or "")
        wires.append(message.to_wire(max_size=65535, multi=multi, tsig_ctx=context).hex())
        context = message.tsig_ctx
    return {"wires": wires}


def verify(request):
    time.time = lambda: request["time"]
    ours = key(request)
    multi = len(request["wires"]) > 1
    context, message = None, None
    for wire in request["wires"]:
        message = dns.message.from_wire(
            bytes.fromhex(wire), keyring={ours.name: ours}, request_mac=bytes.fromhex(request.get("mac") or ""),
            multi=multi, tsig_ctx=context, one_rr_per_rrset=True)
        context = message.tsig_ctx
    if not message.had_tsig:
        raise ValueError("the last message is not signed")
    return {}


for line in sys.stdin:
    try:
        request = json.loads(line)
        result = {"read": read, "write": write, "sign": sign, "verify": verify}[request["op"]](request)
    except Exception as error:  # the caller decides whether a refusal is right
        frame = traceback.extract_tb(error.__traceback__)[-1]
        result = {"error": f"{type(error).__name__}: {error} ({frame.filename.rsplit(chr(47), 1)[-1]}:{frame.lineno} {error.__context__!r})"}
    print(json.dumps(result))
