"""Hosts on one machine: network namespaces that end with the process that made them."""
import ctypes
import os
import socket
import subprocess

libc = ctypes.CDLL(None, use_errno=True)
new_network = 0x40000000


def ip(*words, at=None):
    prefix = at.entering if at else []
    subprocess.run([*prefix, "ip", *words], check=True)


class Host:
    """A namespace with `eth0` at `address`, plugged into `network` (a Bridge or a Switch)."""

    count = 0

    def __init__(self, name, network):
        Host.count += 1
        self.name, self.number = name, Host.count
        self.address = f"10.9.0.{self.number}"
        # It holds the namespace: who kills it, or its parent, frees all of it.
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"], start_new_session=True)
        own = os.stat("/proc/self/ns/net").st_ino
        while os.stat(f"/proc/{self.holder.pid}/ns/net").st_ino == own:
            assert self.holder.poll() is None, "a namespace cannot be made"
        self.entering = ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]
        self.port = f"port{self.number}"
        ip("link", "add", self.port, "type", "veth", "peer", "name", "eth0", "netns", str(self.holder.pid))
        ip("link", "set", "lo", "up", at=self)
        ip("addr", "add", f"{self.address}/24", "dev", "eth0", at=self)
        ip("link", "set", "eth0", "up", at=self)
        ip("link", "set", self.port, "up")
        network.plug(self)

    def socket(self, *kind):
        """A socket that stays in the host's network, wherever it is used."""
        here = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open(f"/proc/{self.holder.pid}/ns/net", os.O_RDONLY)
        try:
            enter(there)
            try:
                return socket.socket(*kind)
            finally:
                enter(here)
        finally:
            os.close(here)
            os.close(there)

    def stop(self):
        self.holder.kill()
        self.holder.wait()


def enter(descriptor):
    if libc.setns(descriptor, new_network):
        raise OSError(ctypes.get_errno(), "setns")


class Bridge:
    """A network without faults."""

    def __init__(self):
        ip("link", "add", "bridge", "type", "bridge")
        ip("link", "set", "bridge", "up")

    def plug(self, host):
        ip("link", "set", host.port, "master", "bridge")
