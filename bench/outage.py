#!/usr/bin/env python3
"""What an outage of BigQuery does to visitors: redirects at a steady load, BigQuery there, away, and there again.

One run, one server. The strict fake of the tests is stopped (SIGSTOP: connections stay, nothing answers) for two
minutes. Prints latency in windows of 15 s, and at the end whether every row has arrived.

Needs what bench/run.py needs. usage: bench/outage.py [--minutes-away 2] [--connections 32] [--pause 20]
"""
import argparse, json, os, shutil, signal, statistics, subprocess, sys, tempfile, time, urllib.request
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run as bench


def books(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
        return json.load(answer)["books"]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes-away", type=float, default=2)
    options.add_argument("--connections", type=int, default=32)
    options.add_argument("--pause", type=int, default=20)
    given = options.parse_args()
    work = tempfile.mkdtemp(prefix="ba-outage-")
    every = os.path.join(work, "all.tsv")
    subprocess.run([sys.executable, os.path.join(bench.HERE, "targets.py"), "--out", every], check=True)
    given.targets = os.path.join(work, "targets.tsv")
    with open(every) as lines, open(given.targets, "w") as redirects:
        redirects.writelines(line for line in lines if "k=click" in line)
    management = bench.free_port()
    os.environ.update(BENCH_PAUSE=str(given.pause))
    server, port = bench.start("bigquery", work, "", MANAGEMENT_PORT=str(management))
    fake = bench.FAKES[0]
    phases = [("there", 4, None), ("away", round(given.minutes_away * 4), signal.SIGSTOP),
              ("there again", 4, signal.SIGCONT)]
    try:
        for _ in range(3):
            bench.load(server, port, 15, given)
        print("| BigQuery | windows of 15 s | requests/s | p50 ms | p99 ms (of each window) | p99.9 ms | errors |")
        print("|---|---|---|---|---|---|---|")
        for name, windows, change in phases:
            if change:
                fake.send_signal(change)
            runs = [bench.load(server, port, 15, given) for _ in range(windows)]
            p99 = [run["p99"] / 1000 for run in runs]
            print(f"| {name} | {windows} | {statistics.median(r['rate'] for r in runs):.0f} "
                  f"| {statistics.median(r['p50'] for r in runs) / 1000:.2f} "
                  f"| **{statistics.median(p99):.2f}** ({', '.join(f'{x:.2f}' for x in p99)}) "
                  f"| {statistics.median(r['p999'] for r in runs) / 1000:.2f} "
                  f"| {sum(r['errors'] + r['status'] for r in runs)} |", flush=True)
        for _ in range(120):
            if books(management)["inSpool"] == 0:
                break
            time.sleep(1)
        print(books(management))
    finally:
        fake.send_signal(signal.SIGCONT)
        server.send_signal(signal.SIGTERM)
        server.wait(60)
        fake.stdin.close()
        fake.wait(60)
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
