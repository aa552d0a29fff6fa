#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whole downloads of six episodes of 72 MB, against what curl takes for the same.

    tests/bench/whole.py BINARY [ROUNDS]

From an nginx of our own on loopback, in turn, each time into an empty folder; prints the best and
the median of each, the ratio of the medians, and the peak memory.
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


def run(command):
    """Seconds, and the peak memory in MiB."""
    begin = time.monotonic()
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return time.monotonic() - begin, usage.ru_maxrss / 1024


def measure(binary, rounds, folder):
    www = folder / "www"
    www.mkdir()
    names = [f"s01e{number:02}" for number in range(1, EPISODES + 1)]
    for name in names:
        with open(www / f"{name}.mp3", "wb") as file:  # in pieces: our memory would count as theirs
            file.write(b"ID3\x04")
            for _ in range(SIZE // PIECE):
                file.write(os.urandom(PIECE))
    folder.chmod(0o755)
    nginx = Nginx(folder, www)
    urls = [f"http://127.0.0.1:{nginx.port}/{name}.mp3" for name in names]
    notes = folder / "notes.md"
    notes.write_text("".join(f"- [x](https://show.example/{name}?t=10)\n" for name in names))
    maps = [word for name, url in zip(names, urls) for word in ("--map", f"{name}={url}")]
    ours, curls, memory = [], [], 0
    try:
        for turn in range(rounds):
            out = folder / f"out-{turn}"
            out.mkdir()
            curls.append(run(["curl", "--no-progress-meter", "--parallel", "--output-dir", out, "--remote-name-all",
                              *urls])[0])
            seconds, used = run([binary, "fetch", "-q", notes, "--cache-dir", folder / f"c-{turn}",
                                 *maps])
            ours.append(seconds)
            memory = max(memory, used)
            subprocess.run(["rm", "-rf", out, folder / f"c-{turn}"], check=True)
    finally:
        nginx.stop()
    for name, times in (("clipnotes", ours), ("curl", curls)):
        print(f"{name:9}  best {min(times):.2f} s  median {statistics.median(times):.2f} s")
    print(f"ratio {statistics.median(ours) / statistics.median(curls):.2f}, "
          f"memory {memory:.1f} MiB")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="clipnotes-bench-") as folder:
        measure(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7, Path(folder))


if __name__ == "__main__":
    main()
