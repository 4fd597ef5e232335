"""What a power loss may leave: a model of a file system that keeps what was synced, and of the rest what it likes.

Data of a file is safe after fsync of the file, a name after fsync of its directory (syncfs: all of it).
Replays the system calls of a real writer, as strace wrote them down.
"""
import os
import re


class Inode:
    def __init__(self):
        self.data, self.safe = b"", b""


class Disk:
    """Names are whole paths; directories themselves are taken to be there."""

    def __init__(self):
        self.names, self.safe, self.descriptors = {}, {}, {}
        # Names that changed since their directory was synced, oldest first.
        self.pending = []

    def create(self, path):
        self.set(path, Inode())

    def set(self, path, inode):
        if inode is None:
            self.names.pop(path, None)
        else:
            self.names[path] = inode
        self.pending.append((path, inode))

    def write(self, path, data, offset):
        inode = self.names.get(path)
        if inode:
            old = inode.data.ljust(offset, b"\0")
            inode.data = old[:offset] + data + old[offset + len(data):]

    def rename(self, old, new):
        inode = self.names.get(old)
        if inode:
            self.set(new, inode)
            self.set(old, None)

    def sync(self, path):
        if path in self.names:
            self.names[path].safe = self.names[path].data
            return
        rest = []
        for name, inode in self.pending:
            if os.path.dirname(name) == path:
                self.apply(self.safe, name, inode)
            else:
                rest.append((name, inode))
        self.pending = rest

    def sync_all(self):
        for inode in self.names.values():
            inode.safe = inode.data
        for name, inode in self.pending:
            self.apply(self.safe, name, inode)
        self.pending = []

    @staticmethod
    def apply(names, path, inode):
        if inode is None:
            names.pop(path, None)
        else:
            names[path] = inode

    def after_loss(self, chance):
        """{path: data} of one thing that may be left: each unsynced name happened or not, unsynced data did in part."""
        names = dict(self.safe)
        for path, inode in self.pending:
            if chance.random() < 0.5:
                self.apply(names, path, inode)
        left = {}
        for path, inode in names.items():
            data = inode.safe
            if inode.data != inode.safe:
                data = chance.choice([
                    inode.safe, inode.data, inode.data[:chance.randrange(len(inode.data) + 1)],
                    b"\0" * len(inode.data)])
            left[path] = data
        return left


call = re.compile(r"^(?:\[pid +)?(\d+)\]? +(?:[\d.]+ )?(\w+)\((.*)\) += (-?\d+)")


def text(word):
    """The octets of a quoted or bracketed word of strace -xx."""
    return re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), word.encode())


def whole_lines(lines):
    """Calls that strace wrote in two pieces, as one."""
    begun = {}
    for line in lines:
        pid = line.split()[0]
        if line.rstrip().endswith("<unfinished ...>"):
            begun[pid] = line.rstrip()[: -len("<unfinished ...>")].rstrip()
        elif "resumed>" in line:
            yield begun.pop(pid, "") + line.split("resumed>", 1)[1]
        else:
            yield line


def replay(lines, root):
    """Yields (disk, what the writer has told so far) after each call under `root`."""
    disk, told = Disk(), []
    for line in whole_lines(lines):
        found = call.match(line)
        if not found or found[4].startswith("-"):
            continue
        name, words, result = found[2], found[3], int(found[4])
        strings = [text(word).decode("latin-1") for word in re.findall(r'"([^"]*)"', words)]
        places = [text(word).decode("latin-1") for word in re.findall(r"<([^>]*)>", words)]
        if name == "write" and words.startswith("1<"):
            told += strings[0].splitlines()
        elif name == "openat" and strings[0].startswith(root):
            if "O_CREAT" in words and strings[0] not in disk.names:
                disk.create(strings[0])
            if "O_TRUNC" in words:
                disk.names[strings[0]].data = b""
        elif name == "pwrite64" and places[0].startswith(root):
            disk.write(places[0], strings[0].encode("latin-1"), int(words.rsplit(",", 1)[1]))
        elif name == "rename" and strings[0].startswith(root):
            disk.rename(*strings[:2])
        elif name == "unlink" and strings[0].startswith(root):
            disk.set(strings[0], None)
        elif name == "fsync" and places[0].startswith(root):
            disk.sync(places[0])
        elif name == "syncfs":
            disk.sync_all()
        else:
            continue
        yield disk, list(told)
