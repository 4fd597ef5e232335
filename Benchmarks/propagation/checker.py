"""Asks servers at a steady rate, and counts what is lost and what is no truth, old or new."""
import collections
import random
import select
import socket
import struct
import time

from poller import answers, question


class Checker:
    """`judge(server, topic, code, addresses)` is None, or a word for what is wrong."""

    timeout = 2.0

    def __init__(self, servers, rate, topics, judge):
        self.servers, self.rate, self.topics, self.judge = servers, rate, topics, judge
        self.counts = {server: collections.Counter() for server in servers}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.random = random.Random(11)
        self.number = 0
        self.waiting = collections.OrderedDict()

    def run(self, finished):
        """Until `finished()`; each server is asked `rate` times a second."""
        step = 1 / (self.rate * len(self.servers))
        due, turn = time.monotonic(), 0
        while not finished():
            now = time.monotonic()
            while now >= due:
                self.ask(self.servers[turn % len(self.servers)], now)
                turn, due = turn + 1, due + step
            self.expire(now - self.timeout)
            if select.select([self.socket], [], [], max(0, due - time.monotonic()))[0]:
                self.read()
        end = time.monotonic() + self.timeout
        while self.waiting and time.monotonic() < end:
            if select.select([self.socket], [], [], 0.05)[0]:
                self.read()
        self.expire(float("inf"))

    def ask(self, server, now):
        self.number = (self.number + 1) & 0xFFFF
        topic, name = self.topics(self.random)
        self.waiting[self.number] = (server, topic, now)
        self.counts[server]["queries"] += 1
        try:
            self.socket.sendto(struct.pack("!6H", self.number, 0x100, 1, 0, 0, 0) + question(name), (server, 53))
        except OSError:
            pass

    def expire(self, before):
        while self.waiting:
            key, (server, _, sent) = next(iter(self.waiting.items()))
            if sent > before:
                break
            del self.waiting[key]
            self.counts[server]["timeouts"] += 1

    def read(self):
        while True:
            try:
                message, source = self.socket.recvfrom(4096)
            except BlockingIOError:
                return
            except OSError:
                continue
            found = self.waiting.get(struct.unpack("!H", message[:2])[0])
            if not found or found[0] != source[0]:
                continue
            del self.waiting[struct.unpack("!H", message[:2])[0]]
            server, topic, sent = found
            told = answers(message)
            wrong = "malformed" if told is None else "SERVFAIL" if told[0] == 2 else self.judge(server, topic, *told)
            counts = self.counts[server]
            counts[wrong or "right"] += 1
            counts["slowest ms"] = max(counts["slowest ms"], round((time.monotonic() - sent) * 1000))
