"""A network with faults: packets between hosts pass through this process, which delays, drops and keeps them back.

`tc netem` does as much, where the kernel has it; this needs nothing but TUN devices, and can cut
one direction alone.
"""
import fcntl
import heapq
import itertools
import multiprocessing
import os
import random
import select
import socket
import struct
import time

set_interface, tun_without_header = 0x400454CA, 0x1001


class Switch:
    def __init__(self, seed=1):
        self.devices, self.process, self.seed = {}, None, seed

    def plug(self, host):
        def device():
            descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(descriptor, set_interface, struct.pack("16sH22x", b"eth0", tun_without_header))
            return descriptor
        self.devices[socket.inet_aton(host.address)] = host.inside(device)

    def start(self):
        self.orders, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=forward, args=(self.devices, theirs, self.seed), daemon=True)
        self.process.start()

    def set(self, cuts=(), delay=0.0, loss=0.0):
        """`cuts` are pairs (from, to) of hosts; `delay` (seconds) and `loss` (0 to 1) are of every packet, each way."""
        octets = [(socket.inet_aton(a.address), socket.inet_aton(b.address)) for a, b in cuts]
        self.orders.send((frozenset(octets), delay, loss))

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.join()
        for descriptor in self.devices.values():
            os.close(descriptor)


def between(some, others):
    """Both directions."""
    return [pair for a in some for b in others for pair in ((a, b), (b, a))]


def forward(devices, orders, seed):
    chance, count = random.Random(seed), itertools.count()
    cuts, delay, loss = frozenset(), 0.0, 0.0
    descriptors = [*devices.values(), orders.fileno()]
    late = []

    def send(packet):
        try:
            os.write(devices[packet[16:20]], packet)
        except OSError:
            # As a full queue does.
            pass

    while True:
        timeout = max(0.0, late[0][0] - time.monotonic()) if late else None
        for ready in select.select(descriptors, [], [], timeout)[0]:
            if ready == orders.fileno():
                try:
                    cuts, delay, loss = orders.recv()
                except EOFError:
                    return
                continue
            for _ in range(64):
                try:
                    packet = os.read(ready, 65536)
                except OSError:
                    break
                way = (packet[12:16], packet[16:20])
                # IPv4 to one of us, and not lost.
                if packet[0] >> 4 != 4 or way[1] not in devices or way in cuts or loss and chance.random() < loss:
                    continue
                if delay:
                    heapq.heappush(late, (time.monotonic() + delay, next(count), packet))
                else:
                    send(packet)
        while late and late[0][0] <= time.monotonic():
            send(heapq.heappop(late)[2])
