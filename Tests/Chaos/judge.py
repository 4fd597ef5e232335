"""What must hold of a trace, whatever was killed or cut: a pure function, tested on made-up traces."""
import bisect
import collections

# A change of a group of names that move together. `accepted` is None while that is not known.
Change = collections.namedtuple("Change", "group number submitted accepted")

unanswered = ("timeout", "SERVFAIL", "REFUSED")


class Verdict:
    def __init__(self):
        self.faults = []
        self.queries = self.unanswered = 0
        # The longest time without an answer, by server.
        self.silence = {}

    def fault(self, kind, words):
        self.faults.append((kind, words))

    def count(self, kind):
        return sum(1 for each, _ in self.faults if each == kind)


def judge(trace, changes, groups, atomic, stamp="stamp"):
    """Looks at every reading of `trace`.

    `groups` is {name: group}. A server in `atomic` shows a change of all names of a group at
    once: what it says later is never older than what it said of any of them. Of the others (a
    cache) that holds of each name.
    """
    verdict = Verdict()
    submitted = collections.defaultdict(dict)
    for change in changes:
        submitted[change.group][change.number] = change.submitted
    seen, answered = {}, {}
    for reading in sorted(trace, key=lambda each: each.received):
        verdict.queries += 1
        last = answered.setdefault(reading.server, reading.sent)
        verdict.silence[reading.server] = max(verdict.silence.get(reading.server, 0), reading.received - last)
        if reading.value in unanswered:
            verdict.unanswered += 1
            continue
        answered[reading.server] = reading.received
        where = f"{reading.server} {reading.name} at {reading.received:.3f}: {reading.value}"
        if not isinstance(reading.value, int):
            verdict.fault("gone", where)
            continue
        group = groups.get(reading.name, stamp)
        if group != stamp:
            began = submitted[group].get(reading.value)
            if began is None or began > reading.received:
                verdict.fault("invented", where)
                continue
        key = (reading.server, group) if reading.server in atomic else (reading.server, reading.name)
        ends, tops = seen.setdefault(key, ([], []))
        # The greatest value whose answer was in before this was asked.
        before = bisect.bisect_right(ends, reading.sent) - 1
        if before >= 0 and tops[before][0] > reading.value:
            value, name = tops[before]
            verdict.fault("back" if name == reading.name else "torn", f"{where}, after {name}: {value}")
        top = max(tops[-1], (reading.value, reading.name)) if tops else (reading.value, reading.name)
        ends.append(reading.received)
        tops.append(top)
    return verdict


def lost(changes, finally_shown):
    """Accepted changes that are not there in the end: `finally_shown` is {(server, group): number}."""
    newest = {}
    for change in changes:
        if change.accepted is not None:
            newest[change.group] = max(newest.get(change.group, 0), change.number)
    return [
        (server, group, number, newest[group]) for (server, group), number in finally_shown.items()
        if group in newest and (not isinstance(number, int) or number < newest[group])]


def waits(trace, changes, groups, servers):
    """Seconds from each accepted change until the last of `servers` showed it or a later one at all of its names."""
    first = collections.defaultdict(list)
    for reading in sorted(trace, key=lambda each: each.received):
        if isinstance(reading.value, int) and reading.name in groups and reading.server in servers:
            shown = first[reading.server, reading.name]
            if not shown or reading.value > shown[-1][0]:
                shown.append((reading.value, reading.received))
    found = {}
    for change in changes:
        if change.accepted is None:
            continue
        ends = []
        for server in servers:
            for name in (name for name, group in groups.items() if group == change.group):
                shown = first[server, name]
                at = bisect.bisect_left(shown, (change.number, 0.0))
                ends.append(shown[at][1] if at < len(shown) else float("inf"))
        found[change] = max(ends) - change.accepted
    return found
