#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fetching while everything goes wrong.

    tests/torture/fetch.py FETCH_TOOL [ROUNDS] [SEED]

Each round a new file is fetched until it is whole, from a server that cuts, stalls, refuses and
forgets its ranges at random, by one or two processes that are killed at random moments, with a
cache that is damaged at random in between. In the end the bytes must be right, and a last run on
a server that behaves must find nothing wrong with the cache. Stops at the first failure, with the
seed to repeat it.
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from hostile import Hostile  # noqa: E402

MAX_RUNS = 60  # until a file must be whole


def misbehave(page, moments):
    """What the server does next."""
    size = len(page.data)
    page.cut = [moments.randrange(size) for _ in range(moments.randrange(4))]
    page.status = [moments.choice([0, 429, 500, 503])] if moments.random() < 0.3 else []
    page.ranges = moments.random() < 0.8
    page.reset = moments.random() < 0.5
    page.stall = moments.randrange(size) if moments.random() < 0.1 else None
    page.framing = "chunked" if moments.random() < 0.1 else "length"
    page.pace = moments.choice([0, 0, 0.001, 0.004])


def damage(cache, moments):
    """What a power cut or a full disk may leave."""
    files = [path for path in cache.rglob("*") if path.is_file()]
    if not files or moments.random() < 0.6:
        return
    path = moments.choice(files)
    size = path.stat().st_size
    if moments.random() < 0.3:
        path.write_bytes(path.read_bytes()[:moments.randrange(size + 1)])
    elif size:
        with open(path, "r+b") as file:
            file.seek(moments.randrange(size))
            file.write(bytes(moments.randrange(1, 50000)))


def command(tool, cache, url, moments):
    words = [tool, "--cache", cache, "--first-wait", "1", "--stall-time", "200"]
    if moments.random() < 0.5:
        return [*words, "whole", url]
    pieces = [f"{moments.randrange(2_000_000)}:{moments.randrange(1, 400_000)}" for _ in range(6)]
    return [*words, "read", url, *pieces]


def round_of(tool, server, number, moments):
    data = b"ID3\x04" + moments.randbytes(moments.randrange(1000, 2_000_000))
    url = server.add(f"/{number}.mp3", data)
    page = server.pages[f"/{number}.mp3"]
    with tempfile.TemporaryDirectory(prefix="clipnotes-torture-") as folder:
        cache, kills = Path(folder) / "cache", 0
        for _ in range(MAX_RUNS):
            misbehave(page, moments)
            runs = [subprocess.Popen(command(tool, cache, url, moments),
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    for _ in range(moments.randrange(1, 3))]
            time.sleep(moments.uniform(0, 0.15))
            for run in runs:
                kills += run.poll() is None
                run.kill()
                run.wait()
            damage(cache, moments)
            if moments.random() < 0.2:
                break
        page.cut, page.status, page.ranges, page.stall, page.pace = [], [], True, None, 0
        done = subprocess.run([tool, "--cache", cache, "--first-wait", "1", "whole", url],
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        words = dict(line.split(" ", 1) for line in done.stdout.splitlines())
        assert Path(words["path"]).read_bytes() == data, "other bytes"
        return kills


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    kills = 0
    with Hostile() as server:
        for number in range(rounds):
            try:
                kills += round_of(sys.argv[1], server, number, random.Random(f"{seed}-{number}"))
            except AssertionError as failure:
                sys.exit(f"seed {seed}, round {number}: {failure}")
    print(f"{rounds} files right after {kills} kills and {len(server.requests)} requests")


if __name__ == "__main__":
    main()
