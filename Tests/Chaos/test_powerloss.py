"""A writer that forgets to sync must be caught: its system calls, as strace writes them, with one left out."""
import hashlib
import random
import unittest

from durability import Durability, number, told
from powerloss import replay

root = "/s"


def hexed(text):
    return "".join(f"\\x{octet:02x}" for octet in (text if isinstance(text, bytes) else text.encode()))


def writer(count):
    """The calls of a writer that does it right, in lists of lines that belong together."""
    for n in range(1, count + 1):
        blob = b"blob %d" % n
        digest = hashlib.sha256(blob).hexdigest()
        value = bytes(8) + f"{n} {digest} {f'{n},' * 300}.".encode()
        for path, temporary, data in ((f"{root}/blobs/{digest[:2]}/{digest}", f"{root}/tmp/b{n}", blob), (f"{root}/values/a/value=", f"{root}/tmp/v{n}", value)):
            t, p, d = hexed(temporary), hexed(path), hexed(path.rpartition("/")[0])
            yield "create", f'7 openat(AT_FDCWD, "{t}", O_WRONLY|O_CREAT|O_EXCL, 0600) = 5<{t}>'
            yield "write", f'7 pwrite64(5<{t}>, "{hexed(data)}", {len(data)}, 0) = {len(data)}'
            yield "sync", f"7 fsync(5<{t}>) = 0"
            yield "rename", f'7 rename("{t}", "{p}") = 0'
            yield "sync directory", f"7 fsync(5<{d}>) = 0"
        words = f"wrote {n}\n"
        yield "tell", f'9 write(1<{hexed("pipe")}>, "{hexed(words)}", {len(words)}) = {len(words)}'


def faults(lines, seed=1):
    chance, found = random.Random(seed), set()
    for disk, words in replay(lines, root):
        newest = max(told("\n".join(words))[0], default=0)
        for _ in range(30):
            shown = Durability.judge(disk.after_loss(chance), root)
            if not isinstance(shown, int):
                found.add(shown)
            elif shown < newest:
                found.add("lost")
    return found


class PowerLoss(unittest.TestCase):
    def test_who_syncs_loses_nothing(self):
        self.assertEqual(faults([line for _, line in writer(4)]), set())

    def test_each_sync_is_needed(self):
        for left_out, seen in (("sync", "torn"), ("sync directory", "lost"), ("sync", "a value without its blob")):
            self.assertIn(seen, faults([line for what, line in writer(4) if what != left_out]), left_out)

    def test_a_value_told_too_early(self):
        lines = [line for _, line in writer(1)]
        self.assertIn("lost", faults(lines[-1:] + lines[:-1]))

    def test_calls_in_two_pieces(self):
        lines = []
        for _, line in writer(2):
            head, _, tail = line.rpartition(") = ")
            lines += [f"{head} <unfinished ...>\n", f"{line.split()[0]} <... call resumed>) = {tail}\n"]
        self.assertEqual(faults(lines), set())
        self.assertEqual(len(list(replay(lines, root))), len(lines) // 2)

    def test_what_a_reader_says(self):
        self.assertEqual(number("nothing"), 0)
        self.assertEqual(number(f"whole 2 {'0' * 64} {'2,' * 300}."), 2)
        for torn in (f"no blob 2 {'0' * 64} {'2,' * 300}.", f"whole 2 {'0' * 64} {'2,' * 299}.", f"whole 2 {'0' * 64} {'2,' * 299}3,.", ""):
            self.assertIsInstance(number(torn), str)


if __name__ == "__main__":
    unittest.main()
