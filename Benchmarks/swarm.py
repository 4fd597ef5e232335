"""Runs the three ways in turns, RUNS times, and prints the medians (see swarm.sh)."""

import hashlib
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import time

bench, work, peers, runs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
FILES, SIZE, PORT = 256, 410_000, 18080
release = f"{work}/release"

os.makedirs(release)
with open(f"{work}/sums", "w") as sums:
    for number in range(FILES):
        octets = os.urandom(SIZE)
        sums.write(f"{hashlib.sha256(octets).hexdigest()}  fragment-{number:03}\n")
        with open(f"{release}/fragment-{number:03}", "wb") as file:
            file.write(octets)


def spent():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def swarm(*mode):
    before = spent()
    done = subprocess.run([bench, release, f"{work}/peers", str(peers), *mode], check=True, capture_output=True, text=True)
    result = json.loads(done.stdout)
    shutil.rmtree(f"{work}/peers")
    return result["median"], result["last"], result["seederCopies"], spent() - before


def http():
    with open(f"{work}/nginx.conf", "w") as file:
        file.write(
            f"daemon off; pid {work}/nginx.pid; error_log {work}/error.log; worker_processes 2; events {{ worker_connections 1024; }}\n"
            f"http {{ access_log off; sendfile on; keepalive_requests 100000; client_body_temp_path {work}/tmp;\n"
            f"server {{ listen 127.66.0.1:{PORT}; root {release}; }} }}\n")
    server = subprocess.Popen(["nginx", "-c", f"{work}/nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        return fetch_over_http(server)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(f"{work}/peers", ignore_errors=True)


def fetch_over_http(server):
    while socket.socket().connect_ex(("127.66.0.1", PORT)) != 0:
        if server.poll() is not None:
            sys.exit("nginx does not start")
        time.sleep(0.01)
    before, begun, times, running = spent(), time.monotonic(), [], {}
    for number in range(peers):
        place = f"{work}/peers/p{number}"
        os.makedirs(place)
        url = f"http://127.66.0.1:{PORT}/fragment-[000-{FILES - 1:03}]"
        command = f"curl -sf -o 'fragment-#1' '{url}' && sha256sum --quiet -c {work}/sums"
        process = subprocess.Popen(["sh", "-c", command], cwd=place)
        running[process.pid] = process
    while running:
        pid, status = os.wait()
        if pid in running:
            if status != 0:
                sys.exit("a client of nginx failed")
            del running[pid]
            times.append(time.monotonic() - begun)
    used = spent() - before
    workers = subprocess.run(["pgrep", "-P", str(server.pid)], capture_output=True, text=True).stdout.split()
    ticks = os.sysconf("SC_CLK_TCK")
    for worker in workers:
        with open(f"/proc/{worker}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        used += (int(fields[11]) + int(fields[12])) / ticks
    return statistics.median(times), times[-1], float(peers), used


ways = {"the swarm": swarm, "a swarm, everyone asks everyone": lambda: swarm("everyone"), "HTTP, one nginx": http}
results = {name: [] for name in ways}
for _ in range(runs):
    for name, way in ways.items():
        results[name].append(way())
print(f"### {FILES * SIZE / 1e6:.0f} MB to {peers} servers at once, medians of {runs} runs (range of the last)\n")
print("| way | the median server has it after s | the last after s | copies the one server sent | CPU s of all |\n|---|---|---|---|---|")
for name, rows in results.items():
    median, last, copies, cpu = (statistics.median(column) for column in zip(*rows))
    lasts = [row[1] for row in rows]
    print(f"| {name} | {median:.1f} | {last:.1f} ({min(lasts):.1f}–{max(lasts):.1f}) | {copies:.2f} | {cpu:.1f} |")
