# SPDX-License-Identifier: MIT
"""clipnotes cut, of AAC, Ogg, Matroska and MP4 files that are joined, torn or laid out oddly.

What a clip should hold is what ffmpeg plays of the whole episode there (oggdec for Vorbis in Ogg).
A clip may be called exact only where it is; where it is not, the error is told."""

import json
import struct
import subprocess

import numpy
import pytest

from media import kept, played_together

RATE = 48000
SECONDS = 10


def run(*words):
    return subprocess.run(list(map(str, words)), check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL).stdout


AS_HEARD = ["-ac", "2", "-ar", str(RATE)]


def played(path):
    pcm = run("ffmpeg", "-v", "quiet", "-nostdin", "-i", path, "-map", "0:a:0", *AS_HEARD, "-f",
              "f32le", "-")
    return numpy.frombuffer(pcm, "<f4").reshape(-1, 2)


def played_by_oggdec(path):
    raw = path.with_suffix(".raw")
    run("oggdec", "-Q", "-R", "-b", 16, "-o", raw, path)
    return numpy.frombuffer(raw.read_bytes(), "<i2").reshape(-1, 2)


PARTS = {
    "a.wav": ["-c:a", "pcm_s16le"],
    "a.aac": ["-c:a", "aac", "-aac_pns", "0", "-b:a", "96k"],
    "a.flac": ["-c:a", "flac"],
    "a.m4a": ["-c:a", "aac", "-aac_pns", "0", "-b:a", "96k"],
    "a.ogg": ["-c:a", "libvorbis", "-q:a", "3", "-serial_offset", "1"],
    "a.opus": ["-c:a", "libopus", "-b:a", "64k", "-serial_offset", "1"],
    "other.flac": ["-c:a", "flac"],
    "b.ogg": ["-c:a", "libvorbis", "-q:a", "3", "-serial_offset", "7"],
    "b.opus": ["-c:a", "libopus", "-b:a", "64k", "-serial_offset", "7"],
    "a.mp3": ["-c:a", "libmp3lame", "-b:a", "96k"],
    "mono.aac": ["-c:a", "aac", "-aac_pns", "0", "-ac", "1", "-b:a", "64k"],
    "slow.aac": ["-c:a", "aac", "-aac_pns", "0", "-ar", "32000", "-b:a", "64k"],
}


def make_parts(folder):
    for name, encoder in PARTS.items():
        run("ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
            f"anoisesrc=d={SECONDS}:c=pink:r={RATE}:a=0.4:seed={len(name)},tremolo=f=0.7:d=0.9,"
            "aformat=channel_layouts=stereo", "-bitexact", *encoder, folder / name)


@pytest.fixture(scope="module")
def part():
    """The file of a name in PARTS."""
    return kept(make_parts).joinpath


def pages(data):
    """Those of an Ogg file."""
    at, found = 0, []
    while at < len(data):
        segments = data[at + 26]
        size = 27 + segments + sum(data[at + 27:at + 27 + segments])
        found.append(data[at:at + size])
        at += size
    return found


def without_pages(data, *numbers):
    return b"".join(page for number, page in enumerate(pages(data)) if number not in numbers)


def with_flipped_page(data, number):
    changed = pages(data)
    changed[number] = changed[number][:-9] + bytes([changed[number][-9] ^ 4]) + changed[number][-8:]
    return b"".join(changed)


def with_changed_frame(number, change):
    """A FLAC file of which one frame, at four to five seconds, is changed."""
    def make(part, _):
        data = part("a.flac").read_bytes()
        starts = run("ffprobe", "-v", "error", "-show_entries", "packet=pos", "-of", "csv=p=0",
                     part("a.flac")).decode().replace(",", "").split()
        start, end = (int(text) for text in starts[number:number + 2])
        return data[:start] + change(data[start:end]) + data[end:]
    return make


def flip(number):
    return lambda frame: frame[:number] + bytes([frame[number] ^ 1]) + frame[number + 1:]


def joined(*names):
    return lambda part, _: b"".join(part(name).read_bytes() for name in names)


def torn(name, change):
    return lambda part, _: change(part(name).read_bytes())


def laid_out(name, *words):
    def make(part, path):
        run("ffmpeg", "-v", "error", "-nostdin", "-y", "-i", part(name), "-c", "copy", *words, path)
    return make


def with_picture(*words):
    def make(part, path):
        run("ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
            f"color=s=64x64:r=10:d={SECONDS}", "-i", part("a.m4a"), "-c:a", "copy", *words, path)
    return make


def with_edits(*edits):
    """An edit list of (duration in ms, start in samples)."""
    def make(part, _):
        data = part("a.m4a").read_bytes()
        at = data.index(b"elst") - 4
        old = struct.unpack_from(">I", data, at)[0]
        new = struct.pack(">I4sII", 16 + 12 * len(edits), b"elst", 0, len(edits)) + b"".join(
            struct.pack(">Iii", *edit, 1 << 16) for edit in edits)
        data = bytearray(data[:at] + new + data[at + old:])
        for kind in (b"edts", b"trak", b"moov"):
            box = data.index(kind) - 4
            size = struct.unpack_from(">I", data, box)[0]
            struct.pack_into(">I", data, box, size + len(new) - old)
        return bytes(data)
    return make


# Name: how it is made, and whether all its clips as Matroska are exact; None: as it comes.
DROP = ("-bsf:a", "noise=drop='between(n,180,210)'")
ODD = {
    "joined.aac": (joined("a.aac", "a.aac"), True),
    "joined-mono.aac": (joined("a.aac", "mono.aac"), False),
    "joined-rates.aac": (joined("a.aac", "slow.aac"), False),
    "chained.ogg": (joined("a.ogg", "b.ogg"), False),
    "chained.opus": (joined("a.opus", "b.opus"), None),
    "lost-page.ogg": (torn("a.ogg", lambda data: without_pages(data, 4)), False),
    "flipped-page.ogg": (torn("a.ogg", lambda data: with_flipped_page(data, 4)), False),
    "lost-page.opus": (torn("a.opus", lambda data: without_pages(data, 4)), False),
    "joined.flac": (joined("a.flac", "other.flac"), False),
    "joined-alike.flac": (joined("a.flac", "a.flac"), False),
    "junk.flac": (with_changed_frame(45, lambda frame: frame + b"junk" * 1000), False),
    "flipped.flac": (with_changed_frame(45, flip(2000)), False),
    "flipped-header.flac": (with_changed_frame(45, flip(2)), False),
    "doubled.flac": (with_changed_frame(45, lambda frame: frame + frame), False),
    "cut-off.flac": (torn("a.flac", lambda data: data[:500_000]), None),
    "torn.flac": (torn("a.flac", lambda data: data[:400_000] + data[460_000:]), False),
    "whole.flac": (torn("a.flac", lambda data: data), True),
    "whole.m4a": (laid_out("a.m4a"), True),
    "to-end.m4a": (laid_out("a.m4a"), None),
    "later-start.m4a": (with_edits((SECONDS * 1000, 2112)), True),
    "early-end.m4a": (with_edits((5000, 1024)), True),
    "empty-edit.m4a": (with_edits((1000, -1), (9000, 1024)), True),
    "two-edits.m4a": (with_edits((3000, 1024), (5000, RATE * 5)), False),
    "swapped-edits.m4a": (with_edits((5000, RATE * 5), (4000, 1024)), False),
    "late.m4a": (laid_out("a.m4a", "-output_ts_offset", "1.5"), True),
    "fragments.mp4": (laid_out("a.m4a", "-movflags", "+dash+empty_moov", "-frag_duration", "500000"),
                      True),
    "aac.mkv": (laid_out("a.m4a"), True),
    "opus.webm": (laid_out("a.opus"), None),
    "vorbis.webm": (laid_out("a.ogg"), False),
    "vorbis.mp4": (laid_out("a.ogg"), False),
    "gap.mkv": (laid_out("a.m4a", *DROP), False),
    "gap.webm": (laid_out("a.opus", *DROP), False),
    "gap.m4a": (laid_out("a.m4a", *DROP), False),
    "gap-fragments.mp4": (laid_out("a.m4a", *DROP, "-movflags", "+dash+empty_moov", "-frag_duration",
                                   "500000"), False),
    "mp3.wav": (laid_out("a.mp3"), True),
    "flac.oga": (laid_out("a.flac"), True),
    "flac.mkv": (laid_out("a.flac"), True),
    "film.mp4": (with_picture(), True),
    "film.mkv": (with_picture(), True),
    "film-fragments.mp4": (with_picture("-movflags", "+frag_keyframe+empty_moov"), None),
}
PAST_END = ("joined", "mp3.wav", "to-end", "swapped", "flac")
RANGES = [(0, 2000), (1234, 3456), (4001, 4900), (7777, 9500), (8500, 9990)]


def make(part, name, path):
    data = ODD[name][0](part, path)
    if data:
        path.write_bytes(data)


@pytest.mark.parametrize("name", ODD)
def test_never_called_exact_when_it_is_not(clipnotes, part, tmp_path, name):
    source = tmp_path / name
    make(part, name, source)
    whole, inexact, cuts = played(source), 0, []
    past_end = [(8500, 99_000)] if name.startswith(PAST_END) else []
    for start, end in RANGES + past_end:
        for form in ("copy", "mka"):
            done = clipnotes("cut", source, start / 1000, end / 1000, "-o",
                             f"{tmp_path}/{start}-{end}-{form}/", "--json", "--format", form)
            if done.returncode == 1:
                assert any(why in done.stderr for why in
                           ("past the end", "nothing can be read where", "ends before", "exactly as mka"))
                inexact += start * RATE / 1000 < len(whole)
                continue
            assert done.returncode == 0, done.stderr
            clip = json.loads(done.stdout)
            cuts.append((start, end, form, clip, tmp_path / clip["file"]))
    heard = [raw.reshape(-1, 2)
             for raw in played_together([file for *_, file in cuts], *AS_HEARD)]
    for (start, end, form, clip, file), got in zip(cuts, heard, strict=True):
        all_of_it = whole
        if file.suffix == source.suffix == ".ogg":
            got, all_of_it = played_by_oggdec(file), played_by_oggdec(source)
        want = all_of_it[start * RATE // 1000:end * RATE // 1000]
        same = want.shape == got.shape and numpy.array_equal(want, got)
        assert same or not clip["exact"], clip
        assert clip["exact"] or not same or ODD[name][1] is not True, clip
        assert clip["exact"] or clip["error_ms"] > 0 or clip["max_diff"] > 0, clip
        assert clip["exact"] or clip["inexact_because"]
        inexact += not same and form == "mka"
    assert ODD[name][1] is None or (inexact == 0) == ODD[name][1]


@pytest.mark.parametrize("name", ["a.ogg", "a.opus"])
def test_a_clip_may_begin_in_a_lost_page(clipnotes, part, tmp_path, name):
    """It begins behind the hole, which is told; what it plays is played there of the whole, too."""
    read = played_by_oggdec if name == "a.ogg" else played
    source = tmp_path / name
    source.write_bytes(without_pages(part(name).read_bytes(), 5, 6))
    whole = read(source)
    for start in range(2000, 7000, 500):
        done = clipnotes("cut", source, start / 1000, 9, "-o", f"{tmp_path}/clips/", "--json")
        assert done.returncode == 0, done.stderr
        clip = json.loads(done.stdout)
        assert not clip["exact"] and clip["error_ms"] > 500
        assert clip["inexact_because"]
        got = read(tmp_path / clip["file"])
        assert 0 < len(got) <= (9000 - start) * RATE // 1000 + RATE
        if name == "a.ogg":
            tail = len(whole) - RATE * (SECONDS - 9)
            assert numpy.array_equal(got, whole[tail - len(got):tail])
