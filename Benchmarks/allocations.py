#!/usr/bin/env python3
"""Allocations per message of a command, from two runs of different length.

allocations.py COUNTER COMMAND   with %d in COMMAND for the rounds; COUNTER is count_malloc.so

What a program allocates to start and to load its input is in both runs and cancels out.
"""
import json
import os
import re
import subprocess
import sys

counter, command = sys.argv[1:]
figures = []
for rounds in (1, 11):
    done = subprocess.run(
        command % rounds, shell=True, capture_output=True, check=True, env={**os.environ, "LD_PRELOAD": counter})
    # The shell that started it counts its own, and tells them last.
    told = re.findall(rb"allocations (\d+)", done.stderr)
    figures.append((json.loads(done.stdout)["messages"], int(told[0])))
(few, small), (many, large) = figures
print(f"{(large - small) / (many - few):.2f}")
