"""ZooKeeper sessions by the hundred in one process: just enough of its protocol for a lease and a watch."""
import select
import socket
import struct
import time

create, get_data, set_data, get_children, ping = 1, 4, 5, 8, 11


def text(word):
    octets = word.encode() if isinstance(word, str) else word
    return struct.pack("!i", len(octets)) + octets


class Session:
    """One connection; `heard(session, kind, body)` is called with each reply, kind "watch" for an event."""

    def __init__(self, address, timeout, heard):
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.heard, self.buffer, self.xid, self.kinds, self.greeted = heard, b"", 0, {}, False
        self.frame(struct.pack("!iqiq", 0, 0, timeout, 0) + text(b"\0" * 16))

    def frame(self, body):
        self.socket.sendall(text(body))

    def ask(self, kind, body):
        self.xid += 1
        self.kinds[self.xid] = kind
        self.frame(struct.pack("!ii", self.xid, kind) + body)

    def ping(self):
        self.frame(struct.pack("!ii", -2, ping))

    def create(self, path, data=b"", ephemeral=False):
        acl = struct.pack("!ii", 1, 31) + text("world") + text("anyone")
        self.ask(create, text(path) + text(data) + acl + struct.pack("!i", int(ephemeral)))

    def get(self, path, watch=False):
        self.ask(get_data, text(path) + struct.pack("!?", watch))

    def set(self, path, data):
        self.ask(set_data, text(path) + text(data) + struct.pack("!i", -1))

    def children(self, path):
        self.ask(get_children, text(path) + b"\0")

    def read(self):
        octets = self.socket.recv(1 << 20)
        if not octets:
            raise ConnectionError("ZooKeeper closed a session")
        self.buffer += octets
        while len(self.buffer) >= 4 and len(self.buffer) >= 4 + (length := struct.unpack("!i", self.buffer[:4])[0]):
            body, self.buffer = self.buffer[4:4 + length], self.buffer[4 + length:]
            if not self.greeted:
                self.greeted = True
                self.heard(self, "greeting", body)
                continue
            xid, _, error = struct.unpack("!iqi", body[:16])
            if xid == -1:
                self.heard(self, "watch", body[16:])
            elif xid != -2:
                kind = self.kinds.pop(xid)
                # A node that is there already is as good.
                if error and error != -110:
                    raise ConnectionError(f"ZooKeeper answers {error} to {kind}")
                self.heard(self, kind, body[16:])


class Crowd:
    """All sessions, in one loop."""

    def __init__(self):
        self.sessions, self.poll, self.pinged = {}, select.epoll(), time.monotonic()

    def add(self, session):
        self.sessions[session.socket.fileno()] = session
        self.poll.register(session.socket.fileno(), select.EPOLLIN)
        return session

    def step(self, patience=0.5):
        """Hears what there is to hear."""
        for descriptor, _ in self.poll.poll(patience):
            self.sessions[descriptor].read()
        if time.monotonic() - self.pinged > 3:
            self.pinged = time.monotonic()
            for session in self.sessions.values():
                if session.greeted:
                    session.ping()

    def until(self, ready, patience=120):
        start = time.monotonic()
        while not ready():
            if time.monotonic() - start > patience:
                raise TimeoutError("not in time: simulated proxies")
            self.step()

    def close(self):
        for session in self.sessions.values():
            session.socket.close()
        self.poll.close()
