#!/usr/bin/env python3
"""Measures the tracker beside a bare Vert.x pixel server, in interleaved rounds of one run.

The figure to compare is CPU microseconds per request: user and system time of the server's process over the requests
that were answered. It holds still when throughput and latency do not. Ratios are taken within each round, since the
machine's speed drifts between rounds. Servers are pinned to one core, wrk to the other; everything is on loopback, no
run is longer than 15 s, and every server is ended by its pid.

Needs: Linux with two cores, python3, wrk, taskset, and a build (mvn -q -DskipTests package).
usage: bench/run.py [--rounds 5] [--seconds 5] [--only bare,none,local] [--connections 64] [--before DIR]

The server "bigquery" is BA with STORE=bigquery; the strict fake of the tests is its BigQuery, on wrk's core, and needs
the compiled tests (mvn -q -DskipTests package has them). A server whose name ends with "-before", such as none-before,
is of the build in another checkout, --before DIR: what a change costs, in one run.
"""
import argparse, json, os, re, shutil, signal, socket, statistics, subprocess, sys, tempfile, time, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
TICKS = os.sysconf("SC_CLK_TCK")
SERVER_CORE, CLIENT_CORE = "0", "1"
FAKES = []
BUILDS = {"": os.path.join(ROOT, "target")}


def java(options):
    return os.environ.get("JAVA", "java"), "-Xms512m", "-Xmx512m", *options.split()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(name, work, options, fake=(), **settings):
    """Starts a server of that name on a free port; returns its process and port."""
    port = free_port()
    build = BUILDS["before" if name.endswith("-before") else ""]
    env = dict(os.environ, SECRET="bench-secret", HOST="127.0.0.1", PORT=str(port),
               DATA_DIR=os.path.join(work, name), LOG_LEVEL="WARN", SPOOL_MAX_BYTES="20GiB",
               **{"MANAGEMENT_PORT": "0", **settings})
    if name == "bare":
        paths = ":".join([build + "/test-classes", build + "/classes", build + "/lib/*"])
        command = [*java(options), "-cp", paths, "com.barnebys.analytics.bench.BareServer"]
    else:
        env["STORE"] = name.split("-")[0]
        if env["STORE"] == "bigquery":
            rest, grpc = start_fake(work, *fake)
            env.update(GCP_PROJECT_ID="bench", BIGQUERY_DATASET_ID="bench", BIGQUERY_EMULATOR_HOST=rest,
                       BIGQUERY_STORAGE_EMULATOR_HOST=grpc)
        command = [*java(options), "-jar", build + "/barnebys-analytics.jar", "serve"]
    log = open(os.path.join(work, name + ".log"), "w")
    server = subprocess.Popen(["taskset", "-c", SERVER_CORE, *command], env=env, cwd=work, stdout=log, stderr=log)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return server, port
        except OSError:
            time.sleep(0.1)
            if server.poll() is not None:
                break
    sys.exit(f"{name} did not start:\n" + open(log.name).read())


def start_fake(work, *options):
    """Starts the fake of BigQuery, which ends with its standard input; returns its two addresses."""
    build = os.path.join(ROOT, "target")
    paths = ":".join([build + "/test-classes", build + "/classes", build + "/lib/*"])
    fake = subprocess.Popen(
        ["taskset", "-c", CLIENT_CORE, "java", "-Xmx1g", "-cp", paths,
         "com.barnebys.analytics.sink.bigquery.fake.FakeBigQuery", "count", "dataset=bench", *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(os.path.join(work, "fake.log"), "w"), text=True)
    FAKES.append(fake)
    return fake.stdout.readline().strip(), fake.stdout.readline().strip()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024


def load(server, port, seconds, given):
    before = cpu_seconds(server.pid)
    out = subprocess.run(
        ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{given.connections}", f"-d{seconds}s", "--latency",
         "-s", os.path.join(HERE, "replay.lua"), f"http://127.0.0.1:{port}"],
        env=dict(os.environ, BENCH_TARGETS=given.targets), capture_output=True, text=True, timeout=seconds + 30).stdout
    found = re.search(r"^JSON (.*)$", out, re.M)
    if not found:
        sys.exit("wrk failed:\n" + out)
    run = json.loads(found.group(1))
    run["cpu"] = (cpu_seconds(server.pid) - before) / run["requests"] * 1e6
    run["rate"] = run["requests"] / run["micros"] * 1e6
    run["rss"] = resident_mib(server.pid)
    return run


def is_ours(port, targets):
    """A fast wrong server must not be measured: a signed target is taken, a changed one refused."""
    with open(targets) as lines:
        target = next(line for line in lines if "impression" in line).split("\t")[0]
    url = f"http://127.0.0.1:{port}"
    with urllib.request.urlopen(url + target) as answer:
        if answer.status != 200 or len(answer.read()) != 43:
            return False
    try:
        urllib.request.urlopen(url + target.replace("&d1=", "&d1=x")).close()
        return False
    except urllib.error.HTTPError as refused:
        return refused.code == 400


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--warmup", type=int, default=15)
    options.add_argument("--warmups", type=int, default=3)
    options.add_argument("--connections", type=int, default=64)
    options.add_argument("--only", default="bare,none,local")
    options.add_argument("--java-options", default="")
    options.add_argument("--before")
    given = options.parse_args()
    if given.seconds > 15 or given.warmup > 15:
        sys.exit("a run is at most 15 s")
    if given.before:
        BUILDS["before"] = os.path.join(os.path.abspath(given.before), "target")
    work = tempfile.mkdtemp(prefix="ba-bench-")
    given.targets = os.path.join(work, "targets.tsv")
    subprocess.run([sys.executable, os.path.join(HERE, "targets.py"), "--out", given.targets], check=True)
    names, servers, runs = given.only.split(","), {}, {}
    try:
        for name in names:
            servers[name] = start(name, work, given.java_options)
            runs[name] = []
            if name != "bare" and not is_ours(servers[name][1], given.targets):
                sys.exit(f"{name} does not check signatures")
            # On one core the compiler needs its time before the server is what it will be.
            for _ in range(given.warmups):
                load(*servers[name], given.warmup, given)
            # Let what is in the spool reach the store, or its cost would be charged to the next server's core.
            settle(name, servers[name][0])
        for round_ in range(given.rounds):
            for name in names[round_ % len(names):] + names[:round_ % len(names)]:
                load(*servers[name], 1, given)
                runs[name].append(load(*servers[name], given.seconds, given))
                settle(name, servers[name][0])
    finally:
        for server, _ in servers.values():
            server.send_signal(signal.SIGTERM)
        for server, _ in servers.values():
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()
        for fake in FAKES:
            fake.stdin.close()
            fake.wait(60)
        shutil.rmtree(work, ignore_errors=True)
    report(names, runs, given)


def settle(name, server):
    """Waits until the server is idle, 60 s at most."""
    for _ in range(120):
        before = cpu_seconds(server.pid)
        time.sleep(0.5)
        if cpu_seconds(server.pid) - before < 0.05:
            return


def report(names, runs, given):
    base = names[0]
    print(f"\n{given.rounds} rounds of {given.seconds} s, {given.connections} connections, medians\n")
    print(f"| server | CPU us/request | min-max | / {base} | requests/s | p50 ms | p99 ms | p99.9 ms | RSS MiB | errors |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in names:
        of = runs[name]

        def middle(key):
            return statistics.median(run[key] for run in of)
        ratio = statistics.median(run["cpu"] / other["cpu"] for run, other in zip(of, runs[base]))
        print(f"| {name} | **{middle('cpu'):.2f}** | {min(r['cpu'] for r in of):.2f}-{max(r['cpu'] for r in of):.2f} "
              f"| {ratio:.2f} | {middle('rate'):.0f} | {middle('p50') / 1000:.2f} | {middle('p99') / 1000:.2f} "
              f"| {middle('p999') / 1000:.2f} | {middle('rss'):.0f} | {sum(r['errors'] + r['status'] for r in of)} |")


if __name__ == "__main__":
    main()
