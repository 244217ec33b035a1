#!/usr/bin/env python3
"""How long a start takes until the first signed hit is answered, and what the process then holds.

    bench/start.py --runs 5 --name 17 -- java -jar target/barnebys-analytics.jar serve \\
                            --name image -- chroot ROOT /opt/java/openjdk/bin/java ... serve

Each command is started in turn, RUNS times, with a new DATA_DIR, on ports 3900 and 3990 of loopback, and ended by
SIGTERM; an exit code other than 0 fails. A start begins with the process and ends with the answer's last byte. Five
seconds later the resident set (RSS) and the proportional share (PSS) are read.
"""

import hashlib
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PORT = 3900
START_SECONDS_MAX = 60
IDLE_SECONDS = 5
SECRET = "of at least thirty-two characters"


def hit():
    """The status line of a signed pixel; None while nobody listens."""
    target = "/r/collect?_h=track&p=start&k=impression&d1=first"
    signature = hashlib.md5((SECRET + target).encode()).hexdigest()
    try:
        with socket.create_connection(("127.0.0.1", PORT), timeout=5) as connection:
            connection.sendall(f"GET {target}&s={signature} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            answer = connection.recv(65536)
    except ConnectionRefusedError:
        return None
    return answer.split(b"\r\n", 1)[0].decode()


def memory(pid):
    """RSS and PSS in MiB."""
    sums = {"Rss": 0, "Pss": 0}
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in sums:
            sums[name] = int(rest.split()[0]) / 1024
    return sums["Rss"], sums["Pss"]


def run(command):
    root = pathlib.Path(command[command.index("chroot") + 1] if "chroot" in command else "/")
    data = pathlib.Path(tempfile.mkdtemp(dir=root / "tmp"))
    inside = "/" + str(data.relative_to(root))
    environment = dict(os.environ, SECRET=SECRET, HOST="127.0.0.1", PORT=str(PORT), MANAGEMENT_HOST="127.0.0.1",
                       MANAGEMENT_PORT=str(PORT + 90), DATA_DIR=inside, APP_ENV="prod")
    with tempfile.TemporaryFile() as log:
        began = time.monotonic()
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            status = None
            while status is None and process.poll() is None and time.monotonic() - began < START_SECONDS_MAX:
                status = hit()
                if status is None:
                    time.sleep(0.002)
            seconds = time.monotonic() - began
            if status != "HTTP/1.1 200 OK":
                log.seek(0)
                sys.exit(f"no answer: {status}\n{log.read().decode()}")
            cpu = sum(os.times()[2:4])
            time.sleep(IDLE_SECONDS)
            rss, pss = memory(process.pid)
            process.send_signal(signal.SIGTERM)
            if process.wait(START_SECONDS_MAX) != 0:
                sys.exit(f"ended with {process.returncode}")
            return seconds, rss, pss, sum(os.times()[2:4]) - cpu
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(data, ignore_errors=True)


def main(arguments):
    runs = int(arguments[arguments.index("--runs") + 1]) if "--runs" in arguments else 5
    commands = {}
    while "--name" in arguments:
        arguments = arguments[arguments.index("--name") + 1:]
        end = arguments.index("--name") if "--name" in arguments else len(arguments)
        commands[arguments[0]] = arguments[arguments.index("--") + 1:end]
    if not commands:
        sys.exit(__doc__)
    results = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            results[name].append(run(command))
    print("| start | first hit ms, median (min-max) | CPU s, whole life | RSS MiB | PSS MiB |")
    print("|---|---|---|---|---|")
    for name, values in results.items():
        seconds = [value[0] * 1000 for value in values]
        rss, pss, cpu = (statistics.median(value[i] for value in values) for i in (1, 2, 3))
        print(f"| {name} | **{statistics.median(seconds):.0f}** ({min(seconds):.0f}-{max(seconds):.0f})"
              f" | {cpu:.2f} | {rss:.0f} | {pss:.0f} |")


if __name__ == "__main__":
    main(sys.argv[1:])
