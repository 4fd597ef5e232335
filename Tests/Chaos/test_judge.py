"""Every invariant can be broken: traces made by hand, each with one fault in it."""
import random
import unittest

from asking import Reading, encode, question, value
from judge import Change, judge, lost, waits

groups = {"a": "pair", "b": "pair"}


def readings(server, *steps):
    """One question after the other: (name, value) each."""
    return [Reading(server, name, i, i + 0.5, value) for i, (name, value) in enumerate(steps)]


def changes(count):
    return [Change("pair", number, -1, -0.5) for number in range(1, count + 1)]


def kinds(trace, made=changes(9)):
    return [kind for kind, _ in judge(trace, made, groups, {"t"}).faults]


class Judging(unittest.TestCase):
    def test_what_moves_forward_is_right(self):
        self.assertEqual(kinds(readings("t", ("a", 1), ("b", 1), ("a", 1), ("b", 2), ("a", 2), ("b", 9), ("stamp", 4), ("stamp", 4))), [])

    def test_a_torn_pair(self):
        self.assertEqual(kinds(readings("t", ("a", 2), ("b", 1))), ["torn"])
        self.assertEqual(kinds(readings("t", ("b", 2), ("a", 1), ("a", 2))), ["torn"])

    def test_a_cache_may_learn_of_one_name_first(self):
        self.assertEqual(kinds(readings("u", ("a", 2), ("b", 1), ("b", 2))), [])

    def test_a_name_that_goes_back(self):
        for server in "tu":
            self.assertEqual(kinds(readings(server, ("a", 3), ("a", 2))), ["back"])

    def test_a_release_number_that_goes_back(self):
        self.assertEqual(kinds(readings("t", ("stamp", 7), ("a", 1), ("stamp", 6))), ["back"])

    def test_servers_are_judged_each_by_itself(self):
        trace = readings("t", ("a", 3)) + [Reading("u", "a", 5, 6, 2)]
        self.assertEqual(kinds(trace), [])

    def test_answers_that_cross_have_no_order(self):
        trace = [Reading("t", "a", 0, 3, 2), Reading("t", "b", 1, 4, 1)]
        self.assertEqual(kinds(trace), [])
        trace = [Reading("t", "a", 0, 3, 2), Reading("t", "b", 3.1, 4, 1)]
        self.assertEqual(kinds(trace), ["torn"])

    def test_what_nobody_asked_for(self):
        self.assertEqual(kinds(readings("t", ("a", 10))), ["invented"])
        # Before it was handed over.
        self.assertEqual(kinds(readings("t", ("a", 1)), [Change("pair", 1, 2.0, 3.0)]), ["invented"])
        # In flight: handed over, and not known to be accepted.
        self.assertEqual(kinds(readings("t", ("a", 1)), [Change("pair", 1, -1, None)]), [])

    def test_a_name_that_vanishes(self):
        self.assertEqual(kinds(readings("t", ("a", 1), ("a", "missing"))), ["gone"])
        self.assertEqual(kinds(readings("t", ("a", "malformed"))), ["gone"])

    def test_silence_is_counted(self):
        verdict = judge(readings("t", ("a", 1), ("b", "timeout"), ("a", "SERVFAIL"), ("b", 1)), changes(1), groups, {"t"})
        self.assertEqual((verdict.faults, verdict.queries, verdict.unanswered), ([], 4, 2))
        self.assertEqual(verdict.silence["t"], 3)

    def test_a_change_that_is_dropped(self):
        self.assertEqual(lost(changes(3), {("t", "pair"): 3, ("u", "pair"): 3}), [])
        self.assertEqual(lost(changes(3), {("t", "pair"): 3, ("u", "pair"): 2}), [("u", "pair", 2, 3)])
        self.assertEqual(lost(changes(3), {("t", "pair"): "timeout"}), [("t", "pair", "timeout", 3)])
        # One of unknown outcome may be there, or not.
        unknown = changes(2) + [Change("pair", 3, 1, None)]
        for number in (2, 3):
            self.assertEqual(lost(unknown, {("t", "pair"): number}), [])

    def test_how_long_a_change_took(self):
        trace = readings("t", ("a", 1), ("b", 1), ("a", 3), ("b", 3))
        made = changes(4)
        found = {change.number: wait for change, wait in waits(trace, made, groups, ["t"]).items()}
        # Accepted at -0.5; the last of the names was seen at 1.5 and at 3.5.
        self.assertEqual(found, {1: 2, 2: 4, 3: 4, 4: float("inf")})

    def test_against_a_slow_judge(self):
        """Random traces, by comparing each pair of readings."""
        chance = random.Random(3)
        broken = 0
        for _ in range(400):
            trace = []
            for _ in range(12):
                sent = chance.uniform(0, 10)
                trace.append(Reading("t", chance.choice("ab"), sent, sent + chance.uniform(0.1, 2), chance.randint(1, 3) + int(sent / 3)))
            slow = sum(any(e.received <= r.sent and e.value > r.value for e in trace) for r in trace)
            self.assertEqual(len(kinds(trace)), slow)
            broken += slow > 0
        self.assertGreater(broken, 50)


class Asking(unittest.TestCase):
    def response(self, flags, *datas):
        body = b"".join(b"\xc0\x0c\0\x01\0\x01\0\0\0\0" + len(data).to_bytes(2, "big") + data for data in datas)
        return question(1, "a.test", 1)[:2] + flags.to_bytes(2, "big") + b"\0\1" + len(datas).to_bytes(2, "big") + b"\0\0\0\0" + question(1, "a.test", 1)[12:] + body

    def test_values(self):
        address = bytes(map(int, encode(70000).split(".")))
        self.assertEqual(value(self.response(0x8400, address), 1), 70000)
        self.assertEqual(value(self.response(0x8400, address, address), 1), "malformed")
        self.assertEqual(value(self.response(0x8400), 1), "missing")
        self.assertEqual(value(self.response(0x8403), 1), "missing")
        self.assertEqual(value(self.response(0x8402), 1), "SERVFAIL")
        self.assertEqual(value(b"\0" * 11, 1), "malformed")


if __name__ == "__main__":
    unittest.main()
