#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The memory that clips of ten-hour episodes take, in every format.

    tests/bench/hours.py BINARY [FOLDER]

Makes the episodes in FOLDER, where they stay, or in one that is removed (11 GB), and cuts each near
its beginning, in its middle and up to its end, as it is, as an exact Matroska and as MP3. Prints
the highest peak of each and how long its slowest cut took; status 1 where one is over the limit.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
from measure import run_measured  # pylint: disable=wrong-import-position

MEMORY_MIB = 48
PART, PARTS = 600, 60  # s
LOSSY = {  # an encoded part, again and again
    "cbr.mp3": ["libmp3lame", "-b:a", "128k"],
    "vbr.mp3": ["libmp3lame", "-q:a", "4"],
    "opus": ["libopus", "-b:a", "64k"],
    "ogg": ["libvorbis", "-q:a", "2"],
    "aac": ["aac", "-b:a", "96k"],
    "m4a": ["aac", "-b:a", "96k"],
    "mka": ["aac", "-b:a", "96k"],
}
WHOLE = {  # encoded as one, since their frames say where they are, or a copy would not be the same
    "flac": ["flac", "-compression_level", "0"],
    "alac.m4a": ["alac"],
}
RANGES = [("1:00", "1:30"), ("5:00:00", "5:00:30"), ("9:59:50", "10:00:10")]


def ffmpeg(*words):
    """The last word is what it makes, unless that is there from an earlier run."""
    if not words[-1].exists():
        unfinished = words[-1].with_stem("unfinished")
        subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, words[:-1]), str(unfinished)],
                       check=True)
        unfinished.rename(words[-1])


def make_episodes(folder):
    part = folder / "part.wav"
    ffmpeg("-f", "lavfi", "-i", f"anoisesrc=d={PART}:c=pink:r=44100:a=0.3", "-c:a", "pcm_s16le", part)
    wav = folder / "ten.wav"
    loop = ["-stream_loop", PARTS - 1, "-i"]
    ffmpeg(*loop, part, "-c", "copy", "-rf64", "auto", wav)
    for name, encoder in LOSSY.items():
        once = folder / f"part.{name}"
        ffmpeg("-i", part, "-c:a", *encoder, once)
        ffmpeg(*loop, once, "-c", "copy", folder / f"ten.{name}")
    for name, encoder in WHOLE.items():
        ffmpeg("-i", wav, "-c:a", *encoder, folder / f"ten.{name}")
    return [wav, *(folder / f"ten.{name}" for name in [*LOSSY, *WHOLE])]


def measure(binary, episode, folder):
    """The highest peak in MiB, and the most seconds."""
    peak = slowest = 0
    for start, end in RANGES:
        for form in ("copy", "mka", "mp3"):
            with tempfile.TemporaryDirectory(dir=folder) as clips:
                begin = time.monotonic()
                done, used = run_measured([binary, "cut", "-q", episode, start, end, "--format", form,
                                           "-o", clips], folder)
                slowest = max(slowest, time.monotonic() - begin)
            assert done.returncode == 0, (episode, start, form)
            peak = max(peak, used)
    return peak, slowest


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    binary = Path(sys.argv[1]).resolve()
    good = True
    with tempfile.TemporaryDirectory(prefix="clipnotes-bench-", dir=binary.parent) as text:
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else text)
        folder.mkdir(exist_ok=True)
        for episode in make_episodes(folder):
            peak, slowest = measure(binary, episode, Path(text))
            good &= peak <= MEMORY_MIB
            print(f"{episode.name:14} {peak:5.1f} MiB, at most {MEMORY_MIB}; slowest cut {slowest:.2f} s",
                  flush=True)
    sys.exit(not good)


if __name__ == "__main__":
    main()
