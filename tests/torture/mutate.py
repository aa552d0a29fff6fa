#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Damages episodes in many ways and cuts them: nothing may crash, hang or be claimed wrongly.

usage: mutate.py CUTTER FOLDER [--count N] [--seed N] [--only TEXT] [--judge]

CUTTER is the test program of this folder, best built with the address sanitizer; FOLDER is that of exact.py, whose
episodes are used. Each of N mutants of an episode of each kind has bytes flipped, pieces cut out, doubled, swapped
or overwritten, or its end cut off; it is opened and cut by copy, into Matroska and by encoding. With --judge the
clips that are claimed to be exact are compared with ffmpeg's decoding of the mutant: what ffmpeg plays there too, but
at another time because it leaves out what it cannot decode before, is counted apart.

Exit status 0 where nothing was found, 1 where something was.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import exact  # noqa: E402
import json  # noqa: E402

KINDS = ["cbr128.mp3", "v4.mp3", "aac128.m4a", "vo128.m4a", "ffmpeg.aac", "alac16.m4a", "b4096.flac", "q4.ogg",
         "celt.opus", "silk.opus", "s16.wav", "rf64.wav", "mutate.mka"]
BYTES = 200_000  # of an episode, from its start on: enough for some seconds
TIMEOUT = 20


def mutate(chance, data):
    data = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        size = len(data)
        if size < 64:
            break
        at = chance.randrange(size) if chance.random() < 0.6 else chance.randrange(min(size, 2048))
        length = chance.choice([1, 4, 16, 200, 3000])
        way = chance.randrange(7)
        if way == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif way == 1:
            del data[at:at + length]
        elif way == 2:
            data[at:at] = data[at:at + length]
        elif way == 3:
            data[at:at + length] = bytes([chance.choice([0, 255, chance.randrange(256)])]) * length
        elif way == 4:
            other = chance.randrange(size)
            data[at:at + length] = data[other:other + length]
        elif way == 5:
            data[at:at + 4] = chance.choice([b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\x80\0\0\0"])
        else:
            del data[chance.randrange(size):]
    return bytes(data)


def cut(cutter, path, folder, chance):
    """The results of a mutant's cuts; None where the program did not end as it should."""
    lines = [path]
    for number, form in enumerate(["copy", "copy", "mka", chance.choice(["mp3", "opus", "flac", "wav", "m4a", "ogg"])]):
        start = chance.choice([0, chance.randrange(150000)])
        lines.append(f"{path}\t{start}\t{start + chance.choice([1, 500, 40000])}\t{folder}/{number}\tformat={form}"
                     f"\tverify={chance.choice(['edges', 'full'])}")
    try:
        done = subprocess.run([cutter], input="\n".join(lines) + "\n", text=True, timeout=TIMEOUT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, errors="replace")
    except subprocess.TimeoutExpired:
        return None, "takes too long", lines
    if done.returncode or len(done.stdout.splitlines()) != len(lines):
        return None, done.stderr[-3000:], lines
    return [json.loads(line) for line in done.stdout.splitlines()[1:]], None, lines


def judge(folder, path, width, results, lines):
    """The lines whose clips are claimed to be exact, and are not; and those that are, but not at that time."""
    whole = exact.decode_ffmpeg([path], folder)[0]
    wrong, shifted = [], []
    if not whole:  # ffmpeg does not play it at all
        return wrong, shifted
    for result, line in zip(results, lines[1:]):
        if not result.get("exact") or result.get("method") != "copy" or result["file"].endswith(".ogg"):
            continue
        start, end = (int(field) for field in line.split("\t")[1:3])
        if end - start < 3000:  # exact.py says why
            continue
        got = exact.decode_ffmpeg([result["file"]], folder)[0]
        if got and got == whole[start * width:end * width][:len(got)]:
            continue
        if got and got in whole:
            shifted.append(line)
        else:
            wrong.append(line)
    return wrong, shifted


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("cutter")
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--judge", action="store_true")
    arguments = parser.parse_args()
    bad = 0
    for kind in [k for k in KINDS if arguments.only in k]:
        chance = random.Random(f"{arguments.seed} {kind}")
        path = f"{arguments.folder}/{kind}"
        if kind == "mutate.mka":
            exact.ffmpeg("-i", f"{arguments.folder}/q4.ogg", "-c", "copy", path)
        elif kind.endswith(".m4a"):
            path = f"{arguments.folder}/mutate-{kind}"
            exact.ffmpeg("-i", f"{arguments.folder}/{kind}", "-c", "copy", "-t", "4", "-movflags", "+faststart", path)
        with open(path, "rb") as file:
            data = file.read(BYTES)
        folder = f"{arguments.folder}/mutants-{os.getpid()}"
        os.makedirs(folder)
        wrong = shifted = claims = 0
        for number in range(arguments.count):
            mutant = f"{folder}/mutant{os.path.splitext(kind)[1]}"
            with open(mutant, "wb") as file:
                file.write(mutate(chance, data))
            results, problem, lines = cut(arguments.cutter, mutant, folder, chance)
            if problem:
                bad += 1
                kept = f"{arguments.folder}/found-{arguments.seed}-{number}-{kind}"
                shutil.copyfile(mutant, kept)
                print(f"PROBLEM {kept}\n{problem}\n" + "\n".join(lines), flush=True)
                continue
            claims += sum(bool(r.get("exact")) for r in results)
            if arguments.judge:
                width = 4 * next((s.channels for s in exact.SOURCES if s.name == kind), 2)
                lies, late = judge(folder, mutant, width, results, lines)
                wrong += len(lies)
                shifted += len(late)
                for name, found in (("lie", lies), ("late", late)):
                    if found:
                        kept = f"{arguments.folder}/{name}-{arguments.seed}-{number}-{kind}"
                        shutil.copyfile(mutant, kept)
                        print(f"{name.upper()} {kept}: {found}", flush=True)
        shutil.rmtree(folder)
        print(f"{kind}: {arguments.count} mutants, {claims} exact clips claimed, {wrong} of them wrongly, "
              f"{shifted} at another time", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
