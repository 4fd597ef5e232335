"""Processes of a system under test, and what they use: time, memory, octets on the loopback."""
import os
import shutil
import signal
import subprocess
import time

ticks = os.sysconf("SC_CLK_TCK")


def group(pid):
    """What a process is counted as, by its command line; None for what is ours."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().decode(errors="replace").split("\0")
    except OSError:
        return None
    name = os.path.basename(words[0])
    if name == "freshet":
        return f"freshet {words[1]}"
    if name in ("knotd", "nsd", "named"):
        role = "primary" if any("/primary" in word for word in words) else "secondary"
        return f"{name} {role}"
    if name.startswith("nsd:"):
        return "nsd secondary"
    if name == "java":
        return "ZooKeeper"
    return name if name in ("tinydns", "unbound", "tinydns-data") else None


class Usage:
    """Processor seconds and peak resident megabytes by group, and octets on the loopback."""

    def __init__(self):
        self.cpu, self.peak, self.count = {}, {}, {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            name = group(pid)
            if name is None:
                continue
            try:
                with open(f"/proc/{pid}/stat") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
                with open(f"/proc/{pid}/status") as file:
                    peak = [line for line in file if line.startswith("VmHWM")]
            except OSError:
                continue
            self.cpu[name] = self.cpu.get(name, 0) + sum(map(int, fields[11:15])) / ticks
            megabytes = int(peak[0].split()[1]) / 1024 if peak else 0
            self.peak[name] = max(self.peak.get(name, 0), megabytes)
            self.count[name] = self.count.get(name, 0) + 1
        with open("/proc/net/dev") as file:
            self.octets = next(int(line.split()[1]) for line in file if line.strip().startswith("lo:"))

    def since(self, earlier):
        """{group: processor seconds}, octets."""
        return {name: self.cpu[name] - earlier.cpu.get(name, 0) for name in self.cpu}, self.octets - earlier.octets


class Fleet:
    """A directory and the processes that were started in it. A subclass is one system."""

    def __init__(self, workload, servers, directory):
        self.workload, self.directory = workload, directory
        shutil.rmtree(directory, ignore_errors=True)
        os.makedirs(directory)
        os.chmod(directory, 0o755)
        self.servers = [f"127.0.{53 + i // 100}.{1 + i % 100}" for i in range(servers)]
        self.processes = {}

    way_of_many = ""

    def path(self, *parts):
        return os.path.join(self.directory, *parts)

    def write(self, path, text):
        path = self.path(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def start(self, name, command, **options):
        with open(self.path(f"{name}.log"), "ab") as log:
            self.processes[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **options)

    def end(self, name):
        """Ends one process and all of its group."""
        process = self.processes.pop(name)
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def stop(self, keep=False):
        for name in list(self.processes):
            self.end(name)
        # Daemons that outlive their parents: this is process 1 of a namespace, so all of them are ours.
        for pid in map(int, filter(str.isdigit, os.listdir("/proc") if os.getpid() == 1 else [])):
            if group(pid):
                os.kill(pid, signal.SIGKILL)
        if not keep:
            shutil.rmtree(self.directory, ignore_errors=True)

    def last_lines(self):
        """The last of each log, for failures."""
        return "\n".join(
            f"--- {name}\n" + subprocess.run(["tail", "-n", "3", self.path(name)], capture_output=True, text=True).stdout
            for name in sorted(os.listdir(self.directory)) if name.endswith(".log"))

    def command(self, *words, **options):
        done = subprocess.run(words, capture_output=True, text=True, **options)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words[:6])}: {done.stdout[-500:]}{done.stderr[-500:]}")
        return done.stdout


class Command:
    """A command that hands a change over; it is accepted when the command ends well."""

    def __init__(self, words, stdin=None, **options):
        self.words = words
        self.process = subprocess.Popen(words, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
        self.descriptor = os.pidfd_open(self.process.pid)

    def fileno(self):
        return self.descriptor

    def done(self):
        if self.process.wait():
            raise RuntimeError(f"{self.words}: {self.process.stderr.read().decode(errors='replace')[-500:]}")
        os.close(self.descriptor)
        return True


def wait_for(what, ready, patience=60):
    start = time.monotonic()
    while not ready():
        if time.monotonic() - start > patience:
            raise TimeoutError(f"not within {patience} s: {what}")
        time.sleep(0.05)
