#!/usr/bin/env python3
"""Runs commands that do the same work in turns, and prints what each took as a Markdown table.

compare.py TITLE UNIT RUNS COUNT NAME COMMAND [NAME COMMAND]...

A command is run by the shell. If it prints a JSON line with "messages" and
"seconds" that is what counts, so that loading its input does not; else COUNT units
and its wall time. The first is ours: the ratios are against it. The noise is half
the spread of the runs.
"""
import json
import statistics
import subprocess
import sys
import tempfile
import time


def run(command):
    start = time.perf_counter()
    with tempfile.TemporaryFile() as errors:
        done = subprocess.run(command, shell=True, stdout=subprocess.PIPE, stderr=errors)
        wall = time.perf_counter() - start
        errors.seek(0)
        told = errors.read().decode(errors="replace")
    if done.returncode:
        sys.exit(f"{command}: exit status {done.returncode}\n{told}")
    last = done.stdout.strip().rsplit(b"\n", 1)[-1]
    count, seconds = expected, wall
    if last.startswith(b'{"messages"'):
        figures = json.loads(last)
        count, seconds = figures["messages"], figures["seconds"]
    return count, seconds


title, unit, runs, expected = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
commands = list(zip(sys.argv[5::2], sys.argv[6::2]))
rates = {name: [] for name, _ in commands}
for _ in range(runs):
    for name, command in commands:
        count, seconds = run(command)
        rates[name].append(count / seconds)
ours = statistics.median(rates[commands[0][0]])
print(f"| {title} | {unit}/s | noise | ours ÷ theirs |")
print("|---|---:|---:|---:|")
for name, _ in commands:
    median = statistics.median(rates[name])
    noise = (max(rates[name]) - min(rates[name])) / 2 / median
    print(f"| {name} | {median:,.0f} | ±{noise:.0%} | {ours / median:.2f} |")
