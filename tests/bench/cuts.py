#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long the clips of a season take from local files, against other cutters.

    tests/bench/cuts.py BINARY [ROUNDS]

Nineteen one-minute clips by copy out of six episodes of 75 minutes: by us with and without
verification, and out of episodes of variable bitrate; by one ffmpeg process a clip; by one mp3splt
process a clip. Every round runs each in turn, so that a busy machine slows all of them. Prints the
medians, their ratios with the limit of each, and the peak memory; status 1 where a limit is missed.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bytes import CLIPS, NUMBERS

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
from media import Media  # pylint: disable=wrong-import-position

MINUTES, LENGTH = 75, 60
NAMES = [f"s01e{number:02}" for number in NUMBERS]
MEMORY_MIB = 48
LIMITS = [  # what, over what, at most
    ("ours, verify off", "ffmpeg", 1 / 20),
    ("ours", "ffmpeg", 1 / 10),
    ("ours", "mp3splt", 1 / 3),
    ("ours, VBR", "ours", 3),
]


def ours(binary, folder, audio, *options):
    return [[binary, "clip", "-q", "--end", "fixed", "--length", f"{LENGTH}s", *options,
             folder / "finale.md", "--audio-dir", folder / audio, "-o", folder / "out"]]


def by_ffmpeg(folder):
    return [["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-ss", str(at),
             "-i", folder / "cbr" / f"s01e{episode:02}.mp3", "-t", str(LENGTH), "-c", "copy",
             folder / "out" / f"{number}.mp3"]
            for number, (at, episode) in enumerate(CLIPS, 1)]


def by_mp3splt(folder):
    def stamp(seconds):
        return f"{seconds // 60}.{seconds % 60:02}"
    return [["mp3splt", "-Q", "-d", folder / "out", "-o", str(number),
             folder / "cbr" / f"s01e{episode:02}.mp3", stamp(at), stamp(at + LENGTH)]
            for number, (at, episode) in enumerate(CLIPS, 1)]


def run(commands, out):
    """Seconds of all of them, one behind the other."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    begin = time.monotonic()
    for command in commands:
        subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=True)
    seconds = time.monotonic() - begin
    assert len([path for path in out.iterdir() if path.suffix == ".mp3"]) == len(CLIPS)
    return seconds


def peak_memory(command, out):
    """In MiB; of a child of a small program, for a child is charged with its parent's memory."""
    shutil.rmtree(out, ignore_errors=True)
    result = subprocess.run(["/usr/bin/time", "-f", "%M", *map(str, command)], check=True,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return int(result.stderr.split()[-1]) / 1024


def prepare(folder, media):
    (folder / "finale.md").write_text("".join(
        f"- [Clip {number}: x](https://show.example/s01e{episode:02}?t={at}s)\n"
        for number, (at, episode) in enumerate(CLIPS, 1)))
    for kind, options in (("cbr", {"bitrate": 128}), ("vbr", {"vbr": 4})):
        (folder / kind).mkdir()
        for path in media.episodes(NAMES, minutes=MINUTES, **options):
            (folder / kind / path.name).symlink_to(path)
            path.read_bytes()  # into the page cache


def measure(binary, rounds, folder):
    ways = {
        "ours": ours(binary, folder, "cbr"),
        "ours, verify off": ours(binary, folder, "cbr", "--verify", "off"),
        "ours, VBR": ours(binary, folder, "vbr"),
        "ffmpeg": by_ffmpeg(folder),
        "mp3splt": by_mp3splt(folder),
    }
    times = {name: [] for name in ways}
    for _ in range(rounds):
        for name, commands in ways.items():
            times[name].append(run(commands, folder / "out"))
    medians = {name: statistics.median(values) for name, values in times.items()}
    peak = max(peak_memory(ways[name][0], folder / "out") for name in ("ours", "ours, VBR"))
    return medians, peak


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    binary = Path(sys.argv[1]).resolve()
    cache = os.environ.get("CLIPNOTES_TEST_CACHE", binary.parent / "test-cache")
    with tempfile.TemporaryDirectory(prefix="clipnotes-bench-") as text:
        folder = Path(text)
        prepare(folder, Media(cache))
        medians, peak = measure(binary, int(sys.argv[2]) if len(sys.argv) > 2 else 5, folder)
    for name, seconds in medians.items():
        print(f"{name:17} median {seconds * 1000:6.0f} ms")
    good = peak < MEMORY_MIB
    print(f"{'ours':17} peak   {peak:6.1f} MiB          below {MEMORY_MIB}")
    for name, other, limit in LIMITS:
        ratio = medians[name] / medians[other]
        good &= ratio <= limit
        print(f"{name:17} over {other:8} {ratio:6.3f}   at most {limit:.3f}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
