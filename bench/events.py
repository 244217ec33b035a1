#!/usr/bin/env python3
"""What conversion events and webhook calls cost, beside track hits of the same server, in interleaved rounds of one run.

Events come from 1,000 visitors, half of whom have a reference; "new visitors" are 200,000, so that most look-ups go to
the store. A webhook call has 1,000 entries, of which all are hits. With --references-url a second server keeps
references in PostgreSQL. Needs what bench/run.py needs.
usage: bench/events.py [--rounds 5] [--seconds 5] [--store none] [--references-url postgresql://...]
"""
import argparse, json, os, shutil, signal, statistics, subprocess, sys, tempfile, time, urllib.request
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run as bench

AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
TOKEN = "bench-token"


def events(path, visitors, lines):
    with open(path, "w") as out:
        for i in range(lines):
            n = i * 7919 % visitors
            out.write(f"/r/collect?_h=event&p=north-lots&c=bid&a=placed&l=lot-{i}&v=100.00&cur=EUR&_f=visitor-{n:032x}"
                      f"&url=https%3A%2F%2Fwww.example.org%2Flot%2F{i}\t{AGENT}\t\n")


def ask(port, path, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body,
                                     headers={"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def create(port, path):
    """Also what was created before, and a store that is just being opened."""
    for _ in range(100):
        try:
            return ask(port, path)
        except urllib.error.HTTPError as refused:
            if refused.code == 400:
                return None
            time.sleep(0.2)
    sys.exit("references cannot be stored")


def webhook(server, port, calls):
    entry = {"programId": "north-lots", "eventCategory": "purchase", "eventAction": "completed", "eventValue": "100.00",
             "eventCurrency": "EUR"}
    body = json.dumps([dict(entry, ref=f"ref-{i % 500}", eventLabel=f"invoice-{i}") for i in range(1000)]).encode()
    cpu, begin, times = bench.cpu_seconds(server.pid), time.monotonic(), []
    for _ in range(calls):
        start = time.monotonic()
        answer = json.loads(ask(port, "/w/collect", body))
        times.append(time.monotonic() - start)
        if sum(each["status"] == "hit" for each in answer["data"]) != 1000:
            sys.exit("not all are hits")
    return {"cpu": (bench.cpu_seconds(server.pid) - cpu) / calls / 1000 * 1e6, "ms": statistics.median(times) * 1000,
            "rate": calls * 1000 / (time.monotonic() - begin)}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--store", default="none")
    options.add_argument("--connections", type=int, default=64)
    options.add_argument("--references-url", default="")
    given = options.parse_args()
    work = tempfile.mkdtemp(prefix="ba-events-")
    hits, known, new = (os.path.join(work, name) for name in ("hits", "known", "new"))
    subprocess.run([sys.executable, os.path.join(bench.HERE, "targets.py"), "--out", hits], check=True)
    events(known, 1000, 1000)
    events(new, 200_000, 200_000)
    servers, runs, calls = {}, {}, {}
    names = ["SQLite"] + (["PostgreSQL"] if given.references_url else [])
    try:
        for name in names:
            settings = {"REFERENCES_URL": given.references_url} if name == "PostgreSQL" else {}
            directory = os.path.join(work, name)
            os.mkdir(directory)
            servers[name] = bench.start(given.store, directory, "", API_TOKEN=TOKEN, **settings)
            server, port = servers[name]
            for i in range(500):
                create(port, f"/r/create?programId=north-lots&fingerprint=visitor-{i * 2:032x}&refs=ref-{i}&type=barnebys")
            for targets in (hits, known, new):
                for _ in range(2):
                    given.targets = targets
                    bench.load(server, port, 10, given)
            webhook(server, port, 20)
        for _ in range(given.rounds):
            for name in names:
                server, port = servers[name]
                for kind, targets in (("track hits", hits), ("events", known), ("events of new visitors", new)):
                    given.targets = targets
                    bench.load(server, port, 1, given)
                    runs.setdefault((name, kind), []).append(bench.load(server, port, given.seconds, given))
                    bench.settle(name, server)
                calls.setdefault(name, []).append(webhook(server, port, 20))
                bench.settle(name, server)
    finally:
        for server, _ in servers.values():
            server.send_signal(signal.SIGTERM)
            server.wait(60)
        shutil.rmtree(work, ignore_errors=True)
    print(f"\n{given.rounds} rounds of {given.seconds} s, {given.connections} connections, STORE={given.store}, medians\n")
    print("| references in | requests | CPU us/request | min-max | requests/s | p50 ms | p99 ms | errors |")
    print("|---|---|---|---|---|---|---|---|")
    for (name, kind), of in runs.items():
        print(f"| {name} | {kind} | **{statistics.median(r['cpu'] for r in of):.2f}** "
              f"| {min(r['cpu'] for r in of):.2f}-{max(r['cpu'] for r in of):.2f} | {statistics.median(r['rate'] for r in of):.0f} "
              f"| {statistics.median(r['p50'] for r in of) / 1000:.2f} | {statistics.median(r['p99'] for r in of) / 1000:.2f} "
              f"| {sum(r['errors'] + r['status'] for r in of)} |")
    print("\n| references in | entries a call | CPU us/entry | ms a call | entries/s, one call at a time |")
    print("|---|---|---|---|---|")
    for name, of in calls.items():
        print(f"| {name} | 1,000 | **{statistics.median(c['cpu'] for c in of):.1f}** "
              f"| {statistics.median(c['ms'] for c in of):.1f} | {statistics.median(c['rate'] for c in of):.0f} |")


if __name__ == "__main__":
    main()
