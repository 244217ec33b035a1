#!/usr/bin/env python3
"""What a process holds while a big backlog drains into BigQuery: the spool is filled first, then BA is started on it.

The strict fake of the tests is BigQuery, in a process of its own. Prints the largest resident set, seen every 100 ms,
and how long it took. Needs what bench/run.py needs except wrk, and the disk for the backlog.
usage: bench/drain.py [--gib 10] [--heap 256m] [--ack-millis 0]
"""
import argparse, json, os, shutil, signal, subprocess, sys, tempfile, time, urllib.request
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run as bench

ROW_BYTES = 168  # of a click made by SpoolFiller, its length included
MINUTES_MAX = 30


def books(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
        return json.load(answer)["books"]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--gib", type=float, default=10)
    options.add_argument("--heap", default="256m")
    options.add_argument("--ack-millis", type=int, default=0)
    given = options.parse_args()
    work = tempfile.mkdtemp(prefix="ba-drain-")
    rows = round(given.gib * 2**30 / ROW_BYTES / 500) * 500
    build = os.path.join(bench.ROOT, "target")
    paths = ":".join([build + "/test-classes", build + "/classes", build + "/lib/*"])
    server = None
    try:
        size = int(subprocess.run(
            ["java", "-Xmx256m", "-cp", paths, "com.barnebys.analytics.bench.SpoolFiller", work + "/bigquery", str(rows)],
            check=True, capture_output=True, text=True).stdout)
        management = bench.free_port()
        begin = time.monotonic()
        server, _ = bench.start("bigquery", work, f"-Xms16m -Xmx{given.heap}", MANAGEMENT_PORT=str(management),
                                SPOOL_MIN_FREE="0", fake=[f"delay={given.ack_millis}"])
        largest, look, held = 0, 0, {"inSpool": rows}
        while held["inSpool"] > 0 and time.monotonic() - begin < MINUTES_MAX * 60:
            largest = max(largest, bench.resident_mib(server.pid))
            look += 1
            if look % 10 == 0:
                held = books(management)
            time.sleep(0.1)
        seconds = time.monotonic() - begin
        print(f"{rows} rows, {size / 2**30:.1f} GiB, -Xmx{given.heap}, acknowledged after {given.ack_millis} ms: "
              f"largest RSS {largest:.0f} MiB, {seconds:.0f} s, {rows / seconds:.0f} rows/s")
        print(held)
        if held["inSpool"] > 0:
            sys.exit("not drained")
    finally:
        if server:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
        for fake in bench.FAKES:
            fake.stdin.close()
            fake.wait(60)
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
