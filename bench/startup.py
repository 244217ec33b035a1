#!/usr/bin/env python3
"""From the start of the process to its first signed pixel answered with 200, and what it holds when idle.

Starts the built jar again and again, each time on an empty DATA_DIR, and asks every two milliseconds. Prints the median, the
least and the most of the wall time and of the CPU time until then, and the resident set ten seconds later. The wall time
means something on an idle machine only; the CPU time holds still longer.
usage: bench/startup.py [--rounds 5] [--idle 10] [JAVA [OPTION...]] [-- JAVA [OPTION...]]...
e.g.   bench/startup.py java -- /jdk-25/bin/java -- /jdk-25/bin/java -XX:AOTCache=target/ba.aot
Make the cache with: java -XX:AOTCacheOutput=target/ba.aot -jar target/barnebys-analytics.jar serve (a hit or two, then Ctrl-C)
"""
import hashlib, os, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
JAR = os.path.join(ROOT, "target", "barnebys-analytics.jar")
SECRET = "a secret for measuring, of no use elsewhere"
START_SECONDS_MAX = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pixel(port):
    target = "/r/collect?p=start&k=view"
    target += "&s=" + hashlib.md5((SECRET + target).encode()).hexdigest()
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            client.settimeout(5)
            client.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            return client.recv(64).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def once(command, idle):
    data = tempfile.mkdtemp(prefix="ba-startup-")
    port, management = free_port(), free_port()
    environment = dict(os.environ, SECRET=SECRET, HOST="127.0.0.1", PORT=str(port), MANAGEMENT_PORT=str(management),
                       DATA_DIR=data)
    with open(os.path.join(data, "log"), "w") as log:
        begin = time.monotonic()
        server = subprocess.Popen(command + ["-Xmx256m", "-jar", JAR, "serve"], env=environment, cwd=data, stdout=log,
                                  stderr=log)
    try:
        while not pixel(port):
            if time.monotonic() - begin > START_SECONDS_MAX or server.poll() is not None:
                sys.exit("did not start: " + open(os.path.join(data, "log")).read())
            time.sleep(0.002)
        wall, cpu = time.monotonic() - begin, cpu_seconds(server.pid)
        held = None
        if idle:
            time.sleep(idle)
            held = resident_mib(server.pid)
        return wall, cpu, held
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
        shutil.rmtree(data, ignore_errors=True)


def main():
    arguments = sys.argv[1:]
    rounds, idle = 5, 10.0
    while arguments and arguments[0] in ("--rounds", "--idle"):
        name, value = arguments[0], arguments[1]
        arguments = arguments[2:]
        rounds, idle = (int(value), idle) if name == "--rounds" else (rounds, float(value))
    if arguments and arguments[0].startswith("-") and arguments[0] != "--":
        sys.exit(__doc__)
    commands, command = [], []
    for word in (arguments or ["java"]) + ["--"]:
        if word == "--":
            commands += [command] if command else []
            command = []
        else:
            command = command + [word]
    commands = [[os.path.abspath(c[0]) if os.sep in c[0] else c[0]]
                + [o.replace("=", "=" + os.getcwd() + os.sep, 1) if o.startswith("-XX:AOTCache=") and "=/" not in o else o
                   for o in c[1:]] for c in commands]
    for each in commands:
        once(each, 0)  # the files are in memory then
    # Interleaved, since the machine's speed drifts. The resident set is looked at once for each.
    found = [[once(each, idle if i == 0 else 0) for each in commands] for i in range(rounds)]
    print("| command | ms to the first hit, median | min-max | CPU ms | min-max | RSS MiB idle |\n|---|---|---|---|---|---|")
    for i, each in enumerate(commands):
        walls = sorted(run[i][0] * 1000 for run in found)
        cpus = sorted(run[i][1] * 1000 for run in found)
        held = found[0][i][2]
        print(f"| {' '.join(each)} | **{statistics.median(walls):.0f}** | {walls[0]:.0f}-{walls[-1]:.0f} "
              f"| {statistics.median(cpus):.0f} | {cpus[0]:.0f}-{cpus[-1]:.0f} | {'' if held is None else f'{held:.0f}'} |")


if __name__ == "__main__":
    main()
