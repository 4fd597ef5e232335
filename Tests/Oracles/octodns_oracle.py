"""octoDNS as a second opinion, with its own YamlProvider: one JSON object a line in, one out.

{"op": "load", "directory": "...", "zone": "example.test."}
    -> {"records": [[owner, ttl, type, wire hex], ...]}, loaded strictly; keys in order unless "ordered" is false
{"op": "dump", "directory": "...", "zone": "...", "to": "...", "split": bool}
    -> {"files": [...]}: the same zone as octoDNS itself writes it

Owner names and names in data come in lower case.
"""
import json
import logging
import os
import struct
import sys
import warnings
from decimal import Decimal

import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from octodns.provider.plan import Plan
from octodns.provider.yaml import YamlProvider
from octodns.record import Create
from octodns.zone import Zone

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
IN = dns.rdataclass.IN


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def rdata_texts(record):
    """Presentation format of each value, with the quotes that octoDNS leaves out."""
    for value in getattr(record, "values", None) or [record.value]:
        if record._type == "CAA":
            yield f"{value.flags} {value.tag} {quoted(value.value)}"
        elif record._type == "URI":
            yield f"{value.priority} {value.weight} {quoted(value.target)}"
        elif record._type == "NAPTR":
            texts = " ".join(quoted(text) for text in (value.flags, value.service, value.regexp))
            yield f"{value.order} {value.preference} {texts} {value.replacement}"
        else:
            yield value.to_rdata_text()


def location(parts):
    """RFC 1876 §2; dnspython rounds."""
    def extent(metres):
        centimetres = int(Decimal(metres) * 100)
        power = max(len(str(centimetres)) - 1, 0)
        return (centimetres // 10**power) << 4 | power

    def angle(degrees, minutes, seconds, direction):
        total = (int(degrees) * 60 + int(minutes)) * 60_000 + int(Decimal(seconds) * 1000)
        return 2**31 + (-total if direction in "SW" else total)

    extents = bytes(map(extent, parts[9:]))
    return b"\0" + extents + struct.pack(">III", angle(*parts[:4]), angle(*parts[4:8]), int(Decimal(parts[8]) * 100) + 10_000_000)


def load(request):
    provider = YamlProvider(
        "config", request["directory"], enforce_order=request.get("ordered", True), escaped_semicolons=True,
        split_extension=request.get("split", False) and ".")
    zone = Zone(request["zone"], [])
    provider.populate(zone)
    return zone


def answer(request):
    zone = load(request)
    if request["op"] == "load":
        records = []
        for record in zone.records:
            kind = dns.rdatatype.from_text(record._type)
            owner = dns.name.from_text(record.fqdn)
            for text in rdata_texts(record):
                if record._type == "TLSA":
                    # dnspython has its own mind about the length of hashes.
                    *numbers, data = text.split(" ")
                    wire = bytes(map(int, numbers)) + bytes.fromhex(data)
                elif record._type == "LOC":
                    wire = location(text.replace("m", "").split(" "))
                else:
                    wire = dns.rdata.from_text(IN, kind, text, relativize=False).to_wire(origin=dns.name.root)
                records.append([owner.to_text().lower(), str(record.ttl), record._type, wire.hex()])
        return {"records": records}
    if request["op"] == "dump":
        target = YamlProvider(
            "target", request["to"], escaped_semicolons=True, split_extension=request.get("splits", False) and ".")
        desired = zone
        existing = Zone(request["zone"], [])
        target.apply(Plan(existing, desired, [Create(record) for record in desired.records], False))
        return {"files": sorted(
            os.path.relpath(os.path.join(folder, file), request["to"])
            for folder, _, files in os.walk(request["to"]) for file in files)}
    raise ValueError(request["op"])


for line in sys.stdin:
    try:
        result = answer(json.loads(line))
    except Exception as error:  # the caller decides whether a refusal is right
        result = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(result))
