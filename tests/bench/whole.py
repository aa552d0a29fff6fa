#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whole downloads of six episodes of 72 MB, against what curl takes for the same.

    tests/bench/whole.py BINARY [ROUNDS]

From an nginx of our own on loopback, in turn, each time into an empty folder; prints the best and
the median of each, the ratio of the medians, and the highest peak memory of all runs, with their
limits; status 1 where one is missed.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bytes import Nginx

EPISODES, SIZE, PIECE = 6, 72_000_000, 1_000_000
RATIO, MEMORY_MIB = 1.3, 32


def run(command):
    """Seconds, and the peak memory in MiB; of a child of a small program, for a child is charged
    with its parent's memory."""
    begin = time.monotonic()
    result = subprocess.run(["/usr/bin/time", "-f", "%M", *map(str, command)], check=True,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return time.monotonic() - begin, int(result.stderr.split()[-1]) / 1024


def measure(binary, rounds, folder):
    """Prints the figures, and says whether they keep to their limits."""
    www = folder / "www"
    www.mkdir()
    names = [f"s01e{number:02}" for number in range(1, EPISODES + 1)]
    for name in names:
        with open(www / f"{name}.mp3", "wb") as file:
            file.write(b"ID3\x04")
            for _ in range(SIZE // PIECE):
                file.write(os.urandom(PIECE))
    folder.chmod(0o755)
    nginx = Nginx(folder, www)
    urls = [f"http://127.0.0.1:{nginx.port}/{name}.mp3" for name in names]
    notes = folder / "notes.md"
    notes.write_text("".join(f"- [x](https://show.example/{name}?t=10)\n" for name in names))
    maps = [word for name, url in zip(names, urls) for word in ("--map", f"{name}={url}")]
    ours, curls, peaks = [], [], []
    try:
        for turn in range(rounds):
            out = folder / f"out-{turn}"
            out.mkdir()
            curls.append(run(["curl", "--no-progress-meter", "--parallel", "--output-dir", out, "--remote-name-all",
                              *urls])[0])
            seconds, used = run([binary, "fetch", "-q", notes, "--cache-dir", folder / f"c-{turn}",
                                 *maps])
            ours.append(seconds)
            peaks.append(used)
            subprocess.run(["rm", "-rf", out, folder / f"c-{turn}"], check=True)
    finally:
        nginx.stop()
    for name, times in (("clipnotes", ours), ("curl", curls)):
        print(f"{name:9}  best {min(times):.2f} s  median {statistics.median(times):.2f} s")
    ratio, peak = statistics.median(ours) / statistics.median(curls), max(peaks)
    print(f"ratio   {ratio:5.2f}      at most {RATIO}\nmemory  {peak:5.2f} MiB  below {MEMORY_MIB}")
    return ratio <= RATIO and peak < MEMORY_MIB


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="clipnotes-bench-") as folder:
        good = measure(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7, Path(folder))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
