"""Tables, printed and written between markers in docs/."""
import collections
import os
import statistics

Row = collections.namedtuple("Row", "name kills accepted refused heals moved waits settled verdict faults")
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
kinds = ("lost", "torn", "back", "invented", "gone", "not healed", "untrue alarm", "two publishers")


def seconds(values):
    values = [value for value in values if value != float("inf")]
    return f"{statistics.median(values):.1f} / {max(values):.1f}" if values else "–"


def counted(row):
    numbers = collections.Counter(kind for kind, _ in row.faults)
    return ", ".join(f"{numbers[kind]} {kind}" for kind in kinds if numbers[kind]) or "0"


def columns(row):
    silent = {daemon: max([s for name, s in row.verdict.silence.items() if name.endswith(daemon)] or [0]) for daemon in ("tinydns", "unbound")}
    return [
        row.name, str(row.kills), str(row.accepted), str(row.refused), seconds(row.heals), f"{max(row.moved):.1f}" if row.moved else "–",
        seconds(row.waits), f"{row.verdict.queries:,}", f"{row.verdict.unanswered:,}", f"{silent['tinydns']:.2f}", f"{silent['unbound']:.2f}",
        counted(row)]


heads = [
    "Killed", "times", "changes accepted", "refused", "healed after s, median / longest", "other leads after s",
    "change to all servers s, median / longest", "questions", "not answered", "longest silence s, tinydns", "unbound", "lost, torn, gone back …"]


def line(row):
    return "  ".join(columns(row))


def matrix(rows):
    lines = ["| " + " | ".join(heads) + " |", "| --- |" + " ---: |" * (len(heads) - 1)]
    return "\n".join(lines + ["| " + " | ".join(columns(row)) + " |" for row in rows])


def partitions(rows, told):
    heads = ["What happens", "changes accepted", "refused", "healed after s", "change to all servers s, median / longest", "questions",
             "not answered", "longest silence s", "lost, torn, gone back …", "alarms, and what else was seen meanwhile"]
    lines = ["| " + " | ".join(heads) + " |", "| --- |" + " ---: |" * (len(heads) - 2) + " --- |"]
    for row, words in zip(rows, told):
        cells = [row.name, str(row.accepted), str(row.refused), f"{max(row.heals):.1f}" if row.heals else "–", seconds(row.waits),
                 f"{row.verdict.queries:,}", f"{row.verdict.unanswered:,}", f"{max(row.verdict.silence.values()):.2f}", counted(row), words]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write(page, what, text):
    """Puts the text between `<!-- what -->` and `<!-- end of what -->` of a page in docs/."""
    path = os.path.join(root, "docs", page)
    begin, end = f"<!-- {what} -->", f"<!-- end of {what} -->"
    with open(path) as file:
        old = file.read()
    before, _, rest = old.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"docs/{page} has no place for the {what}")
    with open(path + ".new", "w") as file:
        file.write(f"{before}{begin}\n{text}\n{end}{after}")
    os.replace(path + ".new", path)
