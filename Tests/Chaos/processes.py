"""A directory and the processes that work in it, each on a host; killed for real, and all of them in the end."""
import os
import signal
import subprocess
import time

from hosts import Host


def wait_for(what, ready, patience=60):
    start = time.monotonic()
    while not ready():
        if time.monotonic() - start > patience:
            raise TimeoutError(f"not within {patience} s: {what}")
        time.sleep(0.05)


class Processes:
    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        # The daemons' users must get through.
        os.chmod(directory, 0o755)
        self.running, self.commands, self.hosts = {}, {}, {}

    def path(self, *parts):
        return os.path.join(self.directory, *parts)

    def write(self, path, text):
        path = self.path(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def host(self, name, network):
        self.hosts[name] = Host(name, network)
        return self.hosts[name]

    def start(self, name, host, command):
        self.commands[name] = (host, command)
        with open(self.path(f"{name}.log"), "ab") as log:
            self.running[name] = subprocess.Popen(
                [*host.entering, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory,
                start_new_session=True)

    def kill(self, *names):
        """SIGKILL to all of them, then waits: none sees another's end before its own."""
        for name in names:
            self.running[name].kill()
        for name in names:
            self.running.pop(name).wait()

    def restart(self, name):
        self.start(name, *self.commands[name])

    def stop(self):
        for process in self.running.values():
            process.kill()
        for process in self.running.values():
            process.wait()
        # This is process 1 of a namespace: whatever else is there outlived its parent.
        if os.getpid() == 1:
            holders = {host.holder.pid for host in self.hosts.values()}
            for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
                if pid != 1 and pid not in holders:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
        for host in self.hosts.values():
            host.stop()

    def last_lines(self, count=4):
        """The last of each log, for failures."""
        found = []
        for name in sorted(os.listdir(self.directory)):
            if name.endswith(".log"):
                with open(self.path(name), errors="replace") as file:
                    found.append(f"--- {name}\n" + "".join(file.readlines()[-count:]))
        return "\n".join(found)
