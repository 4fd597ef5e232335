"""Asks name servers one question after the other, and writes down what it hears: the trace."""
import collections
import re
import select
import socket
import struct
import threading
import time

# `value` is the number that the answer stands for, or a word: "timeout", "SERVFAIL", "missing", "malformed".
Reading = collections.namedtuple("Reading", "server name sent received value")

address_type, text_type = 1, 16


def encode(number):
    """The address that stands for a number."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def decode(data):
    return int.from_bytes(data[1:4], "big") if len(data) == 4 and data[0] == 10 else "malformed"


def question(number, name, kind):
    wire = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
    return struct.pack("!6H", number, 0x100, 1, 0, 0, 0) + wire + struct.pack("!BHH", 0, kind, 1)


def skip(message, at):
    while message[at]:
        if message[at] >= 0xC0:
            return at + 2
        at += message[at] + 1
    return at + 1


def value(message, kind):
    """What a response says: a number, or a word for what is wrong."""
    try:
        _, flags, questions, count, _, _ = struct.unpack("!6H", message[:12])
        if flags & 15 in (2, 5):
            return "SERVFAIL" if flags & 15 == 2 else "REFUSED"
        at, found = 12, []
        for _ in range(questions):
            at = skip(message, at) + 4
        for _ in range(count):
            at = skip(message, at)
            got, _, _, length = struct.unpack("!HHIH", message[at:at + 10])
            if got == kind:
                found.append(message[at + 10:at + 10 + length])
            at += 10 + length
    except (IndexError, struct.error):
        return "malformed"
    if not found:
        return "missing"
    if len(found) > 1:
        return "malformed"
    if kind == address_type:
        return decode(found[0])
    stamp = re.search(rb" r=(\d+) ", found[0])
    return int(stamp[1]) if stamp else "malformed"


class Server:
    """One name server, with one question under way at most: so that answers have an order."""

    def __init__(self, name, host, address):
        self.name, self.address = name, address
        self.socket = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.number, self.turn, self.waiting, self.due = 0, 0, None, 0.0

    def ask(self, names, now):
        name, kind = names[self.turn % len(names)]
        self.turn, self.number = self.turn + 1, (self.number + 1) & 0xFFFF
        self.waiting = (name, kind, now)
        try:
            self.socket.sendto(question(self.number, name, kind), (self.address, 53))
        except OSError:
            pass

    def hear(self):
        """(name, sent, value) if it was the answer to what was asked."""
        try:
            message, source = self.socket.recvfrom(4096)
        except OSError:
            # Nobody listens: counted when the time is over.
            return None
        if self.waiting is None or source[0] != self.address or len(message) < 12 or message[:2] != struct.pack("!H", self.number):
            return None
        name, kind, sent = self.waiting
        self.waiting = None
        return name, sent, value(message, kind)


class Observer(threading.Thread):
    """Asks every server for every name in turn until it is stopped; `take()` hands over the trace."""

    patience = 0.5

    def __init__(self, servers, names, interval=0.02):
        super().__init__(daemon=True)
        self.servers, self.names, self.interval = servers, names, interval
        self.trace, self.newest = [], {}
        self.stopped = threading.Event()

    def run(self):
        while not self.stopped.is_set():
            now = time.monotonic()
            for server in self.servers:
                if server.waiting and now - server.waiting[2] > self.patience:
                    name, _, sent = server.waiting
                    server.waiting = None
                    self.note(server, name, sent, now, "timeout")
                if not server.waiting and now >= server.due:
                    server.due = now + self.interval
                    server.ask(self.names, now)
            for ready in select.select([server.socket for server in self.servers], [], [], 0.005)[0]:
                server = next(each for each in self.servers if each.socket is ready)
                heard = server.hear()
                if heard:
                    self.note(server, heard[0], heard[1], time.monotonic(), heard[2])

    def note(self, server, name, sent, received, value):
        if isinstance(value, int):
            self.newest[server.name, name] = value
        self.trace.append(Reading(server.name, name, sent, received, value))

    def take(self):
        trace, self.trace = self.trace, []
        return trace

    def stop(self):
        self.stopped.set()
        self.join()


def ask_once(server_host, address, name, kind=address_type, patience=1.0):
    """One answer on a socket of its own."""
    with server_host.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(patience)
        try:
            one.sendto(question(7, name, kind), (address, 53))
            return value(one.recv(4096), kind)
        except OSError:
            return "timeout"
