"""A steady stream of changes, and a note of each: when it was handed over, and when it was accepted.

Commits move two edited names and two names of a rule to the next number, and add a name for
good; registrations move two names and add one. A number is an address (asking.encode).
"""
import json
import os
import socket
import subprocess
import threading
import time

from asking import encode
from judge import Change

zone = "chaos.test"
groups = {
    f"edit-a.{zone}": "edits", f"edit-b.{zone}": "edits", f"rule-a.{zone}": "rules", f"rule-b.{zone}": "rules",
    f"host-a.{zone}": "hosts", f"host-b.{zone}": "hosts",
}


class Stream:
    def __init__(self, site, registrar, token, pauses=(0.4, 0.3)):
        self.site, self.registrar, self.token, self.pauses = site, registrar, token, pauses
        self.changes, self.added = [], {}
        self.numbers = {"edits": 0, "rules": 0, "hosts": 0}
        self.commits, self.lock = [], threading.Lock()
        self.stopped = threading.Event()
        self.threads = []
        self.refused = 0

    # Commits

    def git(self, *words):
        return subprocess.run(
            ["git", "-C", self.site, *words], check=True, capture_output=True, text=True).stdout.strip()

    def lay_out(self, number):
        self.commits.append(number)
        names = [(f"edit-a.{zone}", number), (f"edit-b.{zone}", number)] + [(f"e{n}.{zone}", n) for n in self.commits]
        edits = "".join(
            f"- {{action: set, name: {name}, type: A, ttl: 300, values: [{encode(n)}], owner: chaos, reason: change {n}}}\n"
            for name, n in names)
        for path, text in (("edits/changes.yaml", "edits:\n" + edits), ("inventory/number.json", json.dumps(number))):
            with open(os.path.join(self.site, path), "w") as file:
                file.write(text)

    def commit(self):
        number = self.numbers["edits"] + 1
        self.numbers["edits"] = self.numbers["rules"] = number
        self.lay_out(number)
        self.git("add", "-A")
        tree = self.git("write-tree")
        parent = subprocess.run(
            ["git", "-C", self.site, "rev-parse", "-q", "--verify", "main"], capture_output=True, text=True).stdout.split()
        commit = self.git("commit-tree", tree, "-m", f"change {number}", *(["-p", parent[0]] if parent else []))
        start = time.monotonic()
        self.note([("edits", number, f"e{number}.{zone}"), ("rules", number, None)], start, None)
        self.git("update-ref", "refs/heads/main", commit)
        self.note([("edits", number, f"e{number}.{zone}"), ("rules", number, None)], start, time.monotonic())

    # Registrations

    def register(self):
        number = self.numbers["hosts"] + 1
        self.numbers["hosts"] = number
        name = f"h{number}.{zone}"
        body = {"registrations": [
            {"name": each, "type": "A", "values": [encode(number)], "ttl": 300, "lease": "permanent"}
            for each in (f"host-a.{zone}", f"host-b.{zone}", name)]}
        start = time.monotonic()
        self.note([("hosts", number, name)], start, None)
        # What was not accepted may have come in all the same; a later number goes over it.
        if self.post(body):
            self.note([("hosts", number, name)], start, time.monotonic())
        else:
            self.refused += 1

    def post(self, body):
        host, address = self.registrar
        octets = json.dumps(body).encode()
        try:
            with host.socket(socket.AF_INET, socket.SOCK_STREAM) as call:
                call.settimeout(15)
                call.connect(address)
                call.sendall((
                    f"POST /v1/registrations HTTP/1.1\r\nhost: r\r\nconnection: close\r\nauthorization: Bearer {self.token}\r\n"
                    f"content-type: application/json\r\ncontent-length: {len(octets)}\r\n\r\n").encode() + octets)
                reply = call.recv(65536)
        except OSError:
            return False
        return reply.split(b" ")[1:2] == [b"200"]

    # The stream

    def note(self, moved, start, accepted):
        with self.lock:
            for group, number, name in moved:
                if accepted is not None and self.changes:
                    self.changes = [c for c in self.changes if (c.group, c.number) != (group, number)]
                self.changes.append(Change(group, number, start, accepted))
                if name and accepted is not None:
                    self.added[name] = number

    def start(self):
        self.stopped.clear()
        for work, pause in ((self.commit, self.pauses[0]), (self.register, self.pauses[1])):
            thread = threading.Thread(target=self.repeat, args=(work, pause), daemon=True)
            self.threads.append(thread)
            thread.start()

    def repeat(self, work, pause):
        while not self.stopped.wait(pause):
            work()

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        self.threads = []

    def accepted(self):
        """The newest accepted number of each group."""
        newest = {}
        with self.lock:
            for change in self.changes:
                if change.accepted is not None:
                    newest[change.group] = max(newest.get(change.group, 0), change.number)
        return newest
