#!/usr/bin/env python3
"""Corpora of the fuzzers, one file each: inputs behind four octets of length, in network order.

corpus.py pack DIRECTORY FILE | corpus.py unpack FILE DIRECTORY
"""
import hashlib
import pathlib
import sys

command, source, target = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
if command == "pack":
    inputs = sorted((path.read_bytes() for path in source.iterdir()), key=lambda octets: (len(octets), octets))
    target.write_bytes(b"".join(len(octets).to_bytes(4, "big") + octets for octets in inputs))
elif source.exists():
    octets = source.read_bytes()
    while octets:
        end = 4 + int.from_bytes(octets[:4], "big")
        (target / hashlib.sha256(octets[4:end]).hexdigest()).write_bytes(octets[4:end])
        octets = octets[end:]
