#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What it costs to write chapters into long MP3s, against cp and mutagen.

    tests/bench/chapters.py BINARY [ROUNDS]

Twenty chapters into episodes of 7, 72 and 700 MB. The first write makes room and so a new file. As
a copy its time goes over that of cp, on the disk and in memory. In place it takes the name of the
only one there is, and so is on the disk before: that goes over cp, sync and mv. Further writes
change the file that is there: their bytes, and how long they take for a large file over a small
one, and over a mutagen process that saves the same chapters. Each round runs every one in turn, so
that a busy machine slows all of them. Prints the median of each, and the medians of the rounds'
ratios with the limit of each; status 1 where a limit is missed.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
from media import Media  # pylint: disable=wrong-import-position

CHAPTERS, BITRATE = 20, 128
BYTES = 64 * 1024
MEMORY = "/dev/shm"
COPIES = {"7 MB": 0.1, "72 MB": 1, "700 MB": 9.75}  # of an episode of 72 MB
LIMITS = [  # what, over what, at most
    ("first, a copy", "cp", 1.5),
    ("first, in memory", "cp, in memory", 1.5),
    ("first, in place", "cp, sync, mv", 1),
    ("first, in place", "cp", None),
    ("first, a copy", "start alone", None),
    ("second, 700 MB", "second, 7 MB", 1.5),
    ("second, 72 MB", "mutagen", 1),
]
MUTAGEN = """
import json, sys
from mutagen import id3
tags = id3.ID3(sys.argv[1])
tags.delall("CHAP"), tags.delall("CTOC")
rows = json.load(open(sys.argv[2]))["chapters"]
for i, row in enumerate(rows):
    start = int(row["startTime"] * 1000)
    tags.add(id3.CHAP(element_id=f"chp{i}", start_time=start, end_time=start + 1000,
                      sub_frames=[id3.TIT2(encoding=3, text=row["title"])]))
tags.add(id3.CTOC(element_id="toc", flags=3, sub_frames=[],
                  child_element_ids=[f"chp{i}" for i in range(len(rows))]))
tags.save(v2_version=3)
"""


def write_marks(folder, turn):
    """Other titles each time: the same ones would be no work."""
    path = folder / f"marks-{turn % 2}.json"
    path.write_text(json.dumps({"version": "1.2.0", "chapters": [
        {"startTime": i * 15 + turn % 2, "title": f"Chapter {i} of round {turn % 2} – Ünïcode"}
        for i in range(CHAPTERS)]}))
    return path


def run(command):
    """Seconds, and the bytes that went to files: as the process wrote them, or as the disk did,
    whichever is more."""
    begin = time.monotonic()
    # pylint: disable-next=consider-using-with
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    seconds = time.monotonic() - begin
    told = Path(f"/proc/{process.pid}/io").read_text().splitlines()
    counts = dict(line.split(": ") for line in told)
    assert process.wait() == 0, command
    return seconds, max(int(counts["wchar"]), int(counts["write_bytes"]))


def make_file(path, episode, copies):
    body = episode.read_bytes()
    with open(path, "wb") as file:
        for _ in range(int(copies)):
            file.write(body)
        file.write(body[:int((copies - int(copies)) * len(body))])


def settle(path):
    """What an earlier one left to write to the disk must not be counted against the next."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        while file.read(1 << 24):
            pass


def first_writes(binary, source, copy, marks):
    """What is compared with what: the name, and the command that makes the copy, or changes it."""
    yield "cp", ["cp", source, copy]
    yield "start alone", [binary, "chapters", "show", marks, "--to", "mp4chaps"]
    yield "first, a copy", [binary, "chapters", "set", "-q", source, "--from", marks, "-o", copy]
    yield "cp, sync, mv", ["sh", "-c", 'cp "$1" "$1.new" && sync "$1.new" && mv "$1.new" "$1"',
                           "cp", copy]
    yield "first, in place", [binary, "chapters", "set", "-q", copy, "--from", marks, "--in-place"]


def first_writes_in_memory(binary, source, copy, marks):
    yield "cp, in memory", ["cp", source, copy]
    yield "first, in memory", [binary, "chapters", "set", "-q", source, "--from", marks, "-o", copy]


def measure(binary, rounds, folder, files):
    times = {}
    most = 0

    def note(name, result):
        times.setdefault(name, []).append(result[0])
        return result[1]

    def ours(path, marks, *options):
        return run([binary, "chapters", "set", "-q", path, "--from", marks, *options])

    with tempfile.TemporaryDirectory(prefix="clipnotes-bench-", dir=MEMORY) as memory:
        source = shutil.copy(files["72 MB"], memory)
        for turn in range(rounds):
            marks = write_marks(folder, turn)
            for ways, episode, copy in (
                    (first_writes, files["72 MB"], folder / "copy.mp3"),
                    (first_writes_in_memory, source, Path(memory) / "copy.mp3")):
                for name, command in ways(binary, episode, copy, marks):
                    copy.unlink(missing_ok=True)
                    if name in ("cp, sync, mv", "first, in place"):
                        shutil.copy(episode, copy)
                        settle(copy)
                    note(name, run(command))
                    if copy.exists():
                        settle(copy)
                copy.unlink()
    for path in files.values():
        ours(path, write_marks(folder, 1), "--in-place")
        settle(path)
    by_mutagen = folder / "mutagen.mp3"
    shutil.copy(files["72 MB"], by_mutagen)
    save = [sys.executable, "-c", MUTAGEN, by_mutagen]
    run([*save, write_marks(folder, 1)])
    settle(by_mutagen)
    for turn in range(2 * rounds):
        marks = write_marks(folder, turn)
        for name, path in files.items():
            most = max(most, note(f"second, {name}", ours(path, marks, "--in-place")))
        note("mutagen", run([*save, marks]))
    return times, most


def ratio_of(times, name, other):
    """Of what ran side by side."""
    return statistics.median(ours / theirs for ours, theirs in zip(times[name], times[other]))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    binary = Path(sys.argv[1]).resolve()
    cache = os.environ.get("CLIPNOTES_TEST_CACHE", binary.parent / "test-cache")
    with tempfile.TemporaryDirectory(prefix="clipnotes-bench-", dir=binary.parent) as text:
        folder = Path(text)
        episode = Media(cache).episode("s01e01", minutes=75, bitrate=BITRATE)
        files = {name: folder / f"{name}.mp3" for name in COPIES}
        for name, copies in COPIES.items():
            make_file(files[name], episode, copies)
        times, most = measure(binary, int(sys.argv[2]) if len(sys.argv) > 2 else 9, folder, files)
    for name, values in times.items():
        print(f"{name:16} median {statistics.median(values) * 1000:7.1f} ms")
    good = most < BYTES
    print(f"{'second':16} bytes  {most:7}            below {BYTES}")
    for name, other, limit in LIMITS:
        ratio = ratio_of(times, name, other)
        good &= limit is None or ratio <= limit
        told = "for comparison" if limit is None else f"at most {limit:.3f}"
        print(f"{name:16} over {other:13} {ratio:6.3f}   {told}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
