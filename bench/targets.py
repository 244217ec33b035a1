#!/usr/bin/env python3
"""Writes the request mix of the benchmark: one line a request, TARGET <TAB> USER-AGENT <TAB> COOKIE.

80 % pixels (kind impression), 20 % redirects (kind click), a quarter of these affiliate hits. Every request carries a
Cookie header; half of them hold a session of ours, of which one in twenty fits the hit and makes a lead. Reproducible.
"""
import argparse, base64, hashlib, hmac, random, struct, time
from urllib.parse import quote

AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
]
PROGRAMS = ["lindqvist", "harbour-house", "galerie-morel", "casa-subastas", "north-lots"]
CATEGORIES = ["furniture & design", "fine art", "jewellery/watches", "ceramics", "books, maps"]


def session(secret, name, kind, program):
    key = hmac.new(secret, b"barnebys-analytics session cookie 1", hashlib.sha256).digest()
    payload = struct.pack(">BIB", 1, int(time.time()), len(kind)) + kind.encode() + program.encode()
    mac = hmac.new(key, name.encode() + payload, hashlib.sha256).digest()[:16]
    return name + "=" + base64.urlsafe_b64encode(payload + mac).decode().rstrip("=")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--secret", default="bench-secret")
    options.add_argument("--count", type=int, default=1000)
    options.add_argument("--out", required=True)
    given = options.parse_args()
    secret, dice, lines = given.secret.encode(), random.Random(7), []
    for i in range(given.count):
        is_click = i % 5 == 0
        program, kind = dice.choice(PROGRAMS), "click" if is_click else "impression"
        lot = dice.randrange(10**6, 10**7)
        values = [("_h", "track"), ("p", program), ("k", kind), ("d1", dice.choice(["SE", "DE", "FR", "GB"])),
                  ("d2", f"lot-{lot}"), ("d3", dice.choice(CATEGORIES)),
                  ("d4", f"https://www.example.org/{lot % 90}/lots?page={dice.randrange(90)}&sort=ending"),
                  ("d5", "%032x" % dice.getrandbits(128)), ("sp", str(dice.randrange(2)))]
        if is_click and i % 20 == 0:
            values.append(("a", "1"))
        if is_click:
            values.append(("url", f"https://shop.example.com/a/{lot}?utm_source={dice.choice(['barnebys', 'mail'])}"))
        target = "/r/collect?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in values)
        target += "&s=" + hashlib.md5(secret + target.encode()).hexdigest()
        cookie = f"_ga=GA1.1.{dice.randrange(10**9)}.{dice.randrange(10**9)}; consent=1"
        if dice.random() < 0.5:
            cookie += "; " + session(secret, "_ba", kind if dice.random() < 0.05 else "lead", program)
        lines.append("\t".join((target, dice.choice(AGENTS), cookie)))
    dice.shuffle(lines)
    with open(given.out, "w") as out:
        out.write("\n".join(lines) + "\n")
    print(f"{len(lines)} targets, {sum(len(l.split(chr(9))[0]) for l in lines) // len(lines)} bytes each on average")


if __name__ == "__main__":
    main()
