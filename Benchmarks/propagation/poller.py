"""Asks name servers over UDP until all of them tell the truth, and says when that was."""
import collections
import select
import socket
import struct
import time

Outcome = collections.namedtuple("Outcome", "accepted last polls octets")


def question(name):
    wire = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split(".")) + b"\0"
    return wire + b"\0\1\0\1"


def answers(message):
    """(RCODE, set of IPv4 addresses) of a response; None if it is none."""
    if len(message) < 12:
        return None
    _, flags, questions, count, _, _ = struct.unpack("!6H", message[:12])
    at, found = 12, set()
    try:
        def skip(at):
            while message[at]:
                if message[at] >= 0xC0:
                    return at + 2
                at += message[at] + 1
            return at + 1
        for _ in range(questions):
            at = skip(at) + 4
        for _ in range(count):
            at = skip(at)
            kind, _, _, length = struct.unpack("!HHIH", message[at:at + 10])
            at += 10
            if kind == 1 and length == 4:
                found.add(socket.inet_ntoa(message[at:at + 4]))
            at += length
    except (IndexError, struct.error):
        return None
    return flags & 15, found


class Poller:
    """One socket, and one question every `interval` seconds: to the first server that is not right yet.

    Servers do not go back, so the last of all to be right is found without asking all of them
    all of the time, which would take the processor from those that are measured. When that one
    is right, the others that are left are asked at once.
    """

    interval = 0.0005
    lost = 0.25

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.number = 0

    def wait(self, servers, expected, handing=None, patience=300):
        """Until every server answers every (name, address) of `expected` with that address alone.

        `handing` is called first and returns an object with `fileno()` and `done()`: the change
        on its way; None is one that is made already. Times are seconds since the call.
        """
        wanted = [((server, 53), question(name), {address}) for name, address in expected for server in servers]
        start = time.monotonic()
        change = handing() if handing else None
        accepted = None if change else 0.0
        asked, polls, octets = {}, 0, 0
        pending, sweep, last = wanted, False, None

        def ask(item):
            nonlocal polls, octets
            self.number = (self.number + 1) & 0xFFFF
            asked[self.number] = item
            try:
                self.socket.sendto(struct.pack("!6H", self.number, 0x100, 1, 0, 0, 0) + item[1], item[0])
                polls, octets = polls + 1, octets + 12 + len(item[1]) + 28
            except OSError:
                pass

        next_poll = 0.0
        while pending or accepted is None:
            now = time.monotonic() - start
            if now > patience:
                names = ", ".join(f"{item[0][0]}" for item in pending[:5])
                raise TimeoutError(f"{len(pending)} answers are not right after {patience} s: {names}")
            if pending and now >= next_poll:
                for item in (pending if sweep else pending[:1]):
                    ask(item)
                sweep, next_poll = False, now + self.interval
            watched = [self.socket] + ([change] if accepted is None else [])
            timeout = next_poll - now if pending else 1
            for ready in select.select(watched, [], [], max(timeout, 0))[0]:
                if ready is not self.socket:
                    if change.done():
                        accepted = time.monotonic() - start
                    continue
                while True:
                    try:
                        message, source = self.socket.recvfrom(4096)
                    except BlockingIOError:
                        break
                    except OSError:
                        continue
                    octets += len(message) + 28
                    item = asked.pop(struct.unpack("!H", message[:2])[0], None) if len(message) >= 2 else None
                    if item is None or source != item[0] or item not in pending:
                        continue
                    if answers(message) == (0, item[2]):
                        last = time.monotonic() - start
                        sweep = sweep or item is pending[0]
                        pending = [other for other in pending if other is not item]
                        if sweep:
                            next_poll = 0.0
            if len(asked) > 60000:
                asked.clear()
        return Outcome(accepted, last, polls, octets)
