#!/usr/bin/env python3
"""Runs commands that do the same work in turns; prints time, processor time and memory as a Markdown table.

measure.py TITLE RUNS NAME COMMAND [NAME COMMAND]...

Medians; the noise is half the spread of the wall times. The first is ours: the ratios
are against it. A command ends with status 0 or 2 (a plan with changes).
"""
import os
import resource
import statistics
import subprocess
import sys
import time


def run(command):
    """Wall seconds, processor seconds, peak resident megabytes of the command and its children."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        # A process of its own, so that the peak is this run's alone.
        start = time.perf_counter()
        done = subprocess.run(["sh", "-c", f"exec {command}"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        wall = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode not in (0, 2):
            print(f"{command}: exit status {done.returncode}\n{done.stderr.decode(errors='replace')}", file=sys.stderr)
            os._exit(1)
        os.write(write, f"{wall} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}".encode())
        os._exit(0)
    _, status = os.waitpid(child, 0)
    os.close(write)
    told = os.read(read, 200).decode().split()
    os.close(read)
    if status or not told:
        sys.exit(1)
    return [float(word) for word in told]


title, runs = sys.argv[1], int(sys.argv[2])
commands = list(zip(sys.argv[3::2], sys.argv[4::2]))
taken = {name: [] for name, _ in commands}
for turn in range(runs):
    for name, command in commands:
        # Minutes long ones are not run as often.
        if turn >= 3 and taken[name][0][0] > 20:
            continue
        taken[name].append(run(command))
median = lambda name, column: statistics.median(row[column] for row in taken[name])
ours = [median(commands[0][0], column) for column in range(3)]
print(f"| {title} | seconds | noise | CPU s | memory MB | time ÷ ours | CPU ÷ ours | memory ÷ ours |")
print("|---|---:|---:|---:|---:|---:|---:|---:|")
for name, _ in commands:
    wall, cpu, memory = (median(name, column) for column in range(3))
    walls = [row[0] for row in taken[name]]
    noise = (max(walls) - min(walls)) / 2 / wall
    print(
        f"| {name} | {wall:.3f} | ±{noise:.0%} | {cpu:.2f} | {memory:.0f} |"
        f" {wall / ours[0]:.1f} | {cpu / ours[1]:.1f} | {memory / ours[2]:.1f} |"
    )
