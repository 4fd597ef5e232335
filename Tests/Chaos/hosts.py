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
    """A namespace with `eth0` at `address`, plugged into `network` (a Bridge, or a Switch with faults)."""

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
        ip("link", "set", "lo", "up", at=self)
        network.plug(self)
        ip("addr", "add", f"{self.address}/24", "dev", "eth0", at=self)
        ip("link", "set", "eth0", "up", at=self)

    def socket(self, *kind):
        """A socket that stays in the host's network, wherever it is used."""
        return self.inside(lambda: socket.socket(*kind))

    def inside(self, work):
        """Does `work` in the host's network; the calling thread is there alone, and comes back."""
        here = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open(f"/proc/{self.holder.pid}/ns/net", os.O_RDONLY)
        try:
            enter(there)
            try:
                return work()
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
        port = f"port{host.number}"
        ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", str(host.holder.pid))
        ip("link", "set", port, "master", "bridge")
        ip("link", "set", port, "up")

    def start(self):
        pass

    def stop(self):
        """The next fleet makes its own; the ports of dead hosts went with them, or go now."""
        ip("link", "del", "bridge")
