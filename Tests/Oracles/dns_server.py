"""A name server by dnspython, over UDP and TCP on one loopback port: says the port, then serves until killed.

What it answers hangs on the first label of the question: `aN` gives N addresses
(over UDP cut if they do not fit), `txtN` a TXT of N octets, `refuse` REFUSED, `badsig` a signature that is
wrong, `nosig` none, `late` a signature from an hour ago. Keys come as NAME:ALGORITHM:BASE64 arguments.
"""
import socket
import sys
import threading
import time

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
import dns.tsig
import dns.tsigkeyring

keyring = {}
for argument in sys.argv[1:]:
    name, algorithm, secret = argument.split(":")
    keyring[dns.name.from_text(name)] = dns.tsig.Key(name, secret, algorithm)


def answer(wire, over_udp):
    try:
        query = dns.message.from_wire(wire, keyring=keyring or None)
    except dns.message.UnknownTSIGKey:
        response = dns.message.make_response(dns.message.from_wire(wire, keyring=False))
        response.set_rcode(dns.rcode.NOTAUTH)
        return response.to_wire()
    question = query.question[0]
    label = question.name.labels[0].decode().lower()
    if label == "nosig":
        query.tsig = None
    response = dns.message.make_response(query, our_payload=4096)
    response.flags |= dns.flags.AA
    if label == "refuse":
        response.set_rcode(dns.rcode.REFUSED)
    elif label.startswith("txt"):
        response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", '"' + "x" * int(label[3:]) + '"'))
    elif label.startswith("a"):
        addresses = [f"10.0.{n // 256}.{n % 256}" for n in range(int(label[1:]))]
        response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", *addresses))
    limit = 65535
    if over_udp:
        limit = max(query.payload, 512) if query.edns >= 0 else 512
    now = time.time
    if label == "late":
        time.time = lambda: now() - 3600
    try:
        try:
            wire = response.to_wire(max_size=limit)
        except dns.exception.TooBig:
            response.answer = []
            response.flags |= dns.flags.TC
            wire = response.to_wire(max_size=limit)
    finally:
        time.time = now
    if label == "badsig":
        wire = wire[:-20] + bytes([wire[-20] ^ 1]) + wire[-19:]
    return wire


udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
port = udp.getsockname()[1]
tcp = socket.create_server(("127.0.0.1", port))


def connection(peer):
    with peer, peer.makefile("rwb") as stream:
        while length := stream.read(2):
            wire = answer(stream.read(int.from_bytes(length, "big")), False)
            stream.write(len(wire).to_bytes(2, "big") + wire)
            stream.flush()


def serve_tcp():
    while True:
        threading.Thread(target=connection, args=(tcp.accept()[0],), daemon=True).start()


threading.Thread(target=serve_tcp, daemon=True).start()
print(port, flush=True)
while True:
    octets, address = udp.recvfrom(65535)
    udp.sendto(answer(octets, True), address)
