"""The tables and the plot of what was measured."""
import collections
import os
import statistics

import plot
from measured import quantile

Result = collections.namedtuple("Result", "size zones servers at_once found")


def milliseconds(seconds):
    value = seconds * 1000
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def cpu(used):
    return milliseconds(sum(used.values()))


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(["---"] + ["---:"] * (len(head) - 1)) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def setting(result):
    zones = "one zone" if result.zones == 1 else f"{result.zones:,} zones"
    return f"{result.size:,} records in {zones}, {result.servers} servers"


def one_record(results):
    head = ["one record changed by", "changes", "to the last: median ms", "p99 ms", "accepted after ms",
            "accepted to the last: median ms", "p99 ms", "CPU ms a change", "KB a change"]
    rows = []
    for result in results:
        for singles in result.found.singles:
            if not singles.count:
                continue
            rows.append([
                f"{result.found.title}: {singles.way}", f"{singles.count}",
                milliseconds(statistics.median(singles.called)), milliseconds(quantile(singles.called, 0.99)),
                milliseconds(statistics.median(singles.accepted)), milliseconds(statistics.median(singles.taken)),
                milliseconds(quantile(singles.taken, 0.99)), cpu(singles.cpu), f"{singles.octets / 1000:,.1f}"])
    return table(head, rows)


def the_rest(results):
    head = [f"{results[0].at_once:,} records at once, a new server", "by", "seconds", "CPU s", "MB moved", "new server s",
            "all loaded at first s"]
    rows = []
    for result in results:
        found = result.found
        shown = lambda value, form="{:,.2f}": "–" if value is None else form.format(value)
        rows.append([
            found.title, found.many_way, shown(found.many), shown(sum(found.many_cpu.values()) or None),
            shown(found.many_octets and found.many_octets / 1e6), shown(found.renewed), shown(found.load)])
    return table(head, rows)


def processes(results):
    head = ["processes", "number", "CPU ms a change", "CPU s for many", "peak RSS MB of one"]
    rows = []
    for result in results:
        found = result.found
        for name in sorted(found.peak):
            each = ", ".join(milliseconds(singles.cpu.get(name, 0)) for singles in found.singles)
            rows.append([
                f"{found.title}: {name}", f"{found.count[name]}", each, f"{found.many_cpu.get(name, 0):,.2f}",
                f"{found.peak[name]:,.0f}"])
    return table(head, rows)


def stages(results):
    """Where Freshet's changes spent their time: the medians of `freshet timeline`."""
    rows = []
    for result in results:
        runs = [(singles.way, singles.stages) for singles in result.found.singles]
        for way, timelines in [*runs, (f"{result.at_once:,} at once", result.found.many_stages)]:
            taken = collections.defaultdict(list)
            for timeline in timelines:
                for stage, value in last_of(timeline).items():
                    taken[stage].append(value)
            if taken:
                rows.append((f"{result.found.title}: {way}", taken))
    if not rows:
        return ""
    named = {stage for _, taken in rows for stage in taken}
    names = [stage for stage in milestones if stage in named] + sorted(named - set(milestones))
    head = ["`freshet timeline`, the proxy that was last, median ms since it was seen", *names]
    return table(head, [
        [title, *(f"{statistics.median(taken[name]):,.0f}" if name in taken else "" for name in names)] for title, taken in rows])


milestones = ["packBuilt", "rulesRun", "presented", "published", "fetched", "deployed", "seenThroughTinydns", "seenThroughUnbound"]


def last_of(timeline):
    """{stage: milliseconds} of the proxy that was last."""
    slowest = max(timeline, key=lambda row: max(row["milliseconds"].values(), default=0), default=None)
    return slowest["milliseconds"] if slowest else {}


def markdown(results):
    parts = []
    settings = list(dict.fromkeys(map(setting, results)))
    for title in settings:
        here = [result for result in results if setting(result) == title]
        parts += [f"## {title[0].upper()}{title[1:]}", one_record(here), the_rest(here), stages(here), processes(here)]
        parts += [f"{result.found.title} failed: {result.found.failure}" for result in here if result.found.failure]
    return "\n\n".join(part for part in parts if part) + "\n"


introduction = """# From a change to the last server

```
Benchmarks/propagation/run {arguments}
```

The time from a change handed over (the UPDATE sent, `knotc zone-commit` called, the registration sent, the branch of
the site moved) to the right answer on the last of the servers. *Accepted* is when that call has returned; tinydns by
hand and Knot may be done by then. All are asked over UDP by the same poller, every half a millisecond; what answering
it costs the servers is in their CPU time. Everything runs on one machine: all servers share its {processors}
processors. Octets are those on the loopback without the poller's, so what Freshet's embedded store passes through the
file system is not in them. Memory is that of one process of its kind.

"""


def write(results, text, directory, arguments):
    os.makedirs(directory, exist_ok=True)
    with open(f"{directory}/propagation.svg", "w") as file:
        file.write(plot.lines(series(results), "records", "ms to the last server, median"))
    with open(f"{directory}/propagation.md", "w") as file:
        file.write(introduction.format(arguments=" ".join(arguments), processors=os.cpu_count()))
        file.write("![Time to the last server by records](propagation.svg)\n\n" + text)


def series(results):
    """{label: [(records, milliseconds)]}: one zone, and the fewest servers."""
    found = collections.defaultdict(list)
    servers, zones = min(result.servers for result in results), min(result.zones for result in results)
    for result in results:
        if (result.servers, result.zones) == (servers, zones):
            for singles in result.found.singles:
                if singles.count:
                    found[f"{result.found.title}: {singles.way}"].append((result.size, statistics.median(singles.called) * 1000))
    return found
