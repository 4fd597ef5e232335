#!/usr/bin/env python3
"""Compiles DIRECTORY/data in turns with both programs; times, memory, and whether the files are equal.

compile.py DIRECTORY RUNS LINES FRESHET

Times are of the whole process, reading and waiting for the disk included; the memory
is the most that was resident. The noise is half the spread of the runs.
"""
import filecmp
import os
import statistics
import sys
import time

directory, runs, lines, freshet = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), os.path.abspath(sys.argv[4])
os.chdir(directory)
commands = {
    "`freshet compile`": [freshet, "compile", "data", "-o", "ours.cdb"],
    "`tinydns-data`": ["tinydns-data"],
}
os.environ["PATH"] += ":/usr/sbin"
seconds = {name: [] for name in commands}
resident = {name: 0 for name in commands}
for _ in range(runs):
    for name, command in commands.items():
        start = time.perf_counter()
        process = os.spawnvp(os.P_NOWAIT, command[0], command)
        _, status, usage = os.wait4(process, 0)
        seconds[name].append(time.perf_counter() - start)
        resident[name] = max(resident[name], usage.ru_maxrss)
        if status:
            sys.exit(f"{' '.join(command)}: status {status}")
    if not filecmp.cmp("ours.cdb", "data.cdb", shallow=False):
        sys.exit("the files differ")

ours = statistics.median(seconds["`freshet compile`"])
size = os.path.getsize("data.cdb")
print(f"| compile {lines:,} lines to {size / 1e6:.0f} MB, equal octets | median s | least | most | noise | memory | theirs ÷ ours |")
print("|---|---:|---:|---:|---:|---:|---:|")
for name, took in seconds.items():
    median = statistics.median(took)
    noise = (max(took) - min(took)) / 2 / median
    print(
        f"| {name} | {median:.3f} | {min(took):.3f} | {max(took):.3f} | ±{noise:.0%} "
        f"| {resident[name] / 1024:.0f} MB | {median / ours:.2f} |")
