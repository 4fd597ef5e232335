"""Changes handed over on a connection: an HTTP call, DNS UPDATEs. Each is accepted when its reply is in."""
import json
import socket
import struct


class Call:
    """A POST with a JSON body."""

    def __init__(self, address, path, body, token):
        self.body = json.dumps(body).encode()
        self.head = (
            f"POST {path} HTTP/1.1\r\nhost: {address[0]}\r\nauthorization: Bearer {token}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(self.body)}\r\n\r\n"
        ).encode()
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reply = b""

    def __call__(self):
        self.socket.sendall(self.head + self.body)
        return self

    def fileno(self):
        return self.socket.fileno()

    def done(self):
        octets = self.socket.recv(65536)
        self.reply += octets
        if octets and b"\r\n\r\n" not in self.reply:
            return False
        status = self.reply.split(b" ")[1:2]
        self.socket.close()
        if status != [b"200"]:
            raise RuntimeError(f"registration: {self.reply.decode(errors='replace')[-500:]}")
        return True


class Updates:
    """DNS UPDATEs (RFC 2136) over one TCP connection, some at once: each (name, address) replaces an RRset."""

    window = 8
    most = 60000

    def __init__(self, server, changes):
        """`changes` is a list of (origin, [(name, address)])."""
        self.messages = [m for origin, names in changes for m in self.build(origin, names)]
        self.socket = socket.create_connection((server, 53))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent = self.replies = 0
        self.buffer = b""

    def build(self, origin, names):
        labels = origin.rstrip(".").split(".")
        zone = b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0\0\6\0\1"
        body, count = bytearray(), 0
        for name, address in names:
            host = name[: -len(origin) - 1].encode()
            owner = bytes([len(host)]) + host + b"\xc0\x0c\0\1"
            body += owner + struct.pack("!HIH", 255, 0, 0)
            body += owner + struct.pack("!HIH", 1, 300, 4) + socket.inet_aton(address)
            count += 2
            if len(body) > self.most:
                yield struct.pack("!6H", 1, 0x2800, 1, 0, count, 0) + zone + body
                body, count = bytearray(), 0
        if count:
            yield struct.pack("!6H", 1, 0x2800, 1, 0, count, 0) + zone + body

    def __call__(self):
        self.send()
        return self

    def send(self):
        while self.sent < len(self.messages) and self.sent - self.replies < self.window:
            message = self.messages[self.sent]
            self.socket.sendall(struct.pack("!H", len(message)) + message)
            self.sent += 1

    def fileno(self):
        return self.socket.fileno()

    def done(self):
        octets = self.socket.recv(65536)
        if not octets:
            raise RuntimeError("the server closed the connection with UPDATEs")
        self.buffer += octets
        while len(self.buffer) >= 2 and len(self.buffer) >= 2 + (length := struct.unpack("!H", self.buffer[:2])[0]):
            code = self.buffer[5] & 15
            if code:
                raise RuntimeError(f"UPDATE: RCODE {code}")
            self.buffer = self.buffer[2 + length:]
            self.replies += 1
        self.send()
        if self.replies < len(self.messages):
            return False
        self.socket.close()
        return True
