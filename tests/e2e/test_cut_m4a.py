# SPDX-License-Identifier: MIT
"""clipnotes cut, of MP4s as several programs lay them out, and of those that claim too much.

A clip as M4A begins with the very samples that ffmpeg plays of the whole there, and may go on for
less than a frame; as Matroska it is the very range. How the episode's tables are laid out must not
show in that, and neither in the memory that it takes."""

import json
import struct
import subprocess

import numpy
import pytest

from measure import run_measured

SECONDS = 20
RATE = 44100
MEMORY_MIB = 48
META = """;FFMETADATA1
title=The episode
artist=Somebody
[CHAPTER]
TIMEBASE=1/1000
START=0
END=4000
title=First
[CHAPTER]
TIMEBASE=1/1000
START=4000
END=20000
title=Second
"""
LAYOUTS = {  # how ffmpeg is to lay out the same AAC
    "index last": ["-f", "ipod"],
    "index first": ["-f", "ipod", "-movflags", "+faststart"],
    "chapters and tags": ["-i", "META", "-map_metadata", "1", "-f", "ipod"],
    "fragments": ["-f", "mp4", "-movflags", "+frag_keyframe+empty_moov", "-frag_duration",
                  "1000000"],
    "no edit list": ["-f", "ipod", "-use_editlist", "0"],
    "a later beginning": ["-f", "mp4", "-output_ts_offset", "2"],
    "QuickTime": ["-f", "mov"],
}


def ffmpeg(*words):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, words)], check=True)


def played(path):
    """What ffmpeg plays, a row a sample."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", "0:a:0", "-f",
                           "f32le", "-"], check=True, stdout=subprocess.PIPE)
    return numpy.frombuffer(done.stdout, "<f4").reshape(-1, 2)


@pytest.fixture(scope="module")
def episode(tmp_path_factory):
    path = tmp_path_factory.mktemp("m4a") / "episode.m4a"
    ffmpeg("-f", "lavfi", "-i", f"anoisesrc=d={SECONDS}:c=pink:r={RATE}:a=0.4,tremolo=f=0.7:d=0.9,"
           "aformat=channel_layouts=stereo", "-c:a", "aac", "-aac_pns", "0", "-b:a", "96k", path)
    return path


def cut(clipnotes, path, start, end, out, *words):
    done = clipnotes("cut", path, start, end, "-o", out, "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(clipnotes, episode, layout, tmp_path):
    (tmp_path / "meta").write_text(META)
    path = tmp_path / "laid-out.m4a"
    ffmpeg("-i", episode, *(tmp_path / "meta" if word == "META" else word
                            for word in LAYOUTS[layout]), "-c", "copy", path)
    whole = played(path)
    for start, end in ((0, 1), (3.3, 5.7), (12.001, 19.5)):
        want = whole[round(start * RATE):round(end * RATE)]
        clip = cut(clipnotes, path, start, end, tmp_path / "clip.m4a")
        got = played(tmp_path / "clip.m4a")
        assert numpy.array_equal(want, got[:len(want)]) and len(got) - len(want) < 1024
        assert clip["exact"] == (len(got) == len(want))
        assert clip["error_ms"] == pytest.approx((len(got) - len(want)) * 1000 / RATE, abs=0.002)
        clip = cut(clipnotes, path, start, end, tmp_path / "clip.mka", "--format", "mka")
        assert clip["exact"] and numpy.array_equal(want, played(tmp_path / "clip.mka"))


def break_packet(path, number):
    """A packet of the audio becomes nothing that a decoder takes."""
    probed = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "packet=pos,size", "-of",
                             "csv=p=0", path], check=True, stdout=subprocess.PIPE, text=True)
    size, offset = map(int, probed.stdout.split()[number].split(",")[:2])
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * size)


@pytest.mark.parametrize("layout", ["index last", "fragments"])
@pytest.mark.parametrize("codec, frame", [("aac", 1024), ("alac", 4096)])
def test_a_packet_before_that_does_not_decode(clipnotes, episode, tmp_path, layout, codec, frame):
    """By the tables the clip is where it should be; who played from the beginning on hears it
    earlier, and that is said where all is to be verified."""
    path = tmp_path / "broken.m4a"
    words = ["-c:a", codec] if codec == "alac" else ["-c", "copy"]
    ffmpeg("-i", episode, *words, *LAYOUTS[layout], path)
    whole = played(path)
    break_packet(path, 20)
    assert len(whole) - len(played(path)) == frame
    form, extension = {"aac": ("mka", "mka"), "alac": ("copy", "m4a")}[codec]
    for verify, exact in (("edges", True), ("full", False)):
        out = tmp_path / f"{verify}.{extension}"
        clip = cut(clipnotes, path, 5, 6, out, "--verify", verify, "--format", form)
        assert numpy.array_equal(whole[5 * RATE:6 * RATE], played(out))
        assert (clip["exact"], clip["max_diff"]) == (exact, 0)
        assert clip["error_ms"] == pytest.approx(0 if exact else frame * 1000 / RATE, abs=0.002)


def test_chapters_and_tags_stay(clipnotes, episode, tmp_path):
    (tmp_path / "meta").write_text(META)
    path = tmp_path / "told.m4a"
    ffmpeg("-i", episode, "-i", tmp_path / "meta", "-map_metadata", "1", "-c", "copy", path)
    cut(clipnotes, path, 3, 6, tmp_path / "clip.m4a")
    shown = json.loads(clipnotes("chapters", "show", "--json", tmp_path / "clip.m4a").stdout)
    assert [(c["startTime"], c["title"]) for c in shown["chapters"]] == [(0, "First"), (1, "Second")]
    probed = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format_tags", "-of",
                             "json", tmp_path / "clip.m4a"], check=True, stdout=subprocess.PIPE)
    assert json.loads(probed.stdout)["format"]["tags"]["artist"] == "Somebody"


def test_ten_hours_take_little_memory(binary, episode, tmp_path):
    """A million and a half packets."""
    path = tmp_path / "long.m4a"
    ffmpeg("-f", "lavfi", "-i", f"anullsrc=r={RATE}:cl=stereo", "-t", 60, "-c:a", "aac",
           tmp_path / "minute.m4a")
    ffmpeg("-stream_loop", 599, "-i", tmp_path / "minute.m4a", "-c", "copy", path)
    done, memory = run_measured([binary, "cut", path, "9:30:00", "9:31:00", "-o",
                                 tmp_path / "clip.m4a", "--json"], tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["method"] == "copy"
    assert abs(len(played(tmp_path / "clip.m4a")) - 60 * RATE) < 1024
    if "asan" not in str(binary):  # the sanitizer's own memory is not ours
        assert memory < MEMORY_MIB


def box(kind, *numbers):
    return struct.pack(f">I4s{len(numbers)}I", 8 + 4 * len(numbers), kind, *numbers)


def replace_box(data, kind, new):
    """Another box of that kind, and an empty one where it is shorter than the old one."""
    at = data.index(kind) - 4
    size = int.from_bytes(data[at:at + 4], "big")
    rest = size - len(new)
    assert rest == 0 or rest >= 8
    free = struct.pack(">I4s", rest, b"free") + bytes(rest - 8) if rest else b""
    return data[:at] + new + free + data[at + size:]


def test_a_claim_of_two_billion_frames_takes_no_memory(binary, episode, tmp_path):
    """All of one size, which is wrong: what decodes is noise, and takes what that takes."""
    peaks = []
    for frames in (800, 1 << 31):
        data = replace_box(episode.read_bytes(), b"stsz", box(b"stsz", 0, 300, frames))
        data = replace_box(data, b"stsc", box(b"stsc", 0, 1, 1, frames, 1))
        path = tmp_path / "liar.m4a"
        path.write_bytes(data)
        done, memory = run_measured([binary, "cut", path, "0:05", "0:06", "-o",
                                     tmp_path / "clip.m4a", "--json"], tmp_path)
        assert done.returncode in (0, 1)
        assert done.returncode == 1 or not json.loads(done.stdout)["exact"]
        peaks.append(memory)
    assert peaks[1] < peaks[0] + 4
