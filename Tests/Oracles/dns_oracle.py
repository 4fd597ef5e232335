"""dnspython as a second opinion: one JSON object a line in, one out.

{"op": "wire", "type": "MX", "text": "..."}   -> {"wire": hex, "text": its own text}
{"op": "text", "type": "MX", "wire": hex}     -> {"text": its text}
{"op": "message", "records": [[owner, ttl, type, text], ...]} -> {"wire": hex, compressed}
{"op": "name", "text": "..."}                 -> {"wire": hex}
{"op": "order", "names": [...]}               -> {"names": sorted in canonical order}
"""
import json
import sys

import dns.flags
import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

IN = dns.rdataclass.IN

# Assigned types whose mnemonics dnspython does not know.
for name, number in {
    "EID": 31, "NIMLOC": 32, "ATMA": 34, "SINK": 40, "RKEY": 57, "TALINK": 58, "UINFO": 100, "UID": 101, "GID": 102,
    "DOA": 259, "CLA": 263, "IPN": 264,
}.items():
    dns.rdatatype.register_type(number, name)


def parse(kind, text):
    return dns.rdata.from_text(IN, dns.rdatatype.from_text(kind), text, relativize=False)


def answer(request):
    op = request["op"]
    if op == "wire":
        rdata = parse(request["type"], request["text"])
        return {"wire": rdata.to_wire().hex(), "text": rdata.to_text()}
    if op == "text":
        wire = bytes.fromhex(request["wire"])
        rdata = dns.rdata.from_wire(IN, dns.rdatatype.from_text(request["type"]), wire, 0, len(wire))
        return {"text": rdata.to_text()}
    if op == "name":
        return {"wire": dns.name.from_text(request["text"]).to_wire().hex()}
    if op == "order":
        names = [dns.name.from_text(text) for text in request["names"]]
        return {"names": [name.to_text() for name in sorted(names)]}
    if op == "message":
        message = dns.message.Message(id=4711)
        message.flags = dns.flags.QR | dns.flags.AA
        message.question.append(dns.rrset.RRset(dns.name.from_text("q.example."), IN, dns.rdatatype.A))
        for owner, ttl, kind, text in request["records"]:
            rrset = dns.rrset.RRset(dns.name.from_text(owner), IN, dns.rdatatype.from_text(kind))
            rrset.add(parse(kind, text), ttl)
            message.answer.append(rrset)
        return {"wire": message.to_wire(max_size=65535).hex()}
    raise ValueError(op)


for line in sys.stdin:
    try:
        result = answer(json.loads(line))
    except Exception as error:  # the caller decides whether a refusal is right
        result = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(result))
