# SPDX-License-Identifier: MIT
"""clipnotes cut, of MP3s as encoders make them, and of those that life has been hard on.

What a clip should hold is what ffmpeg plays of the whole episode there, bit for bit; mpg123 has to
agree as far as 16 bits go. Whatever the file has been through, the program may not call a clip
exact that is not."""

import json
import random
import struct
import subprocess
import wave

import numpy
import pytest
from mutagen import id3

from media import kept, played_together, sample_rate

SECONDS = 12
BITRATES = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]


def make_wav(path, rate, channels):
    """Speech-like: noise and tones that come and go, different on each side."""
    chance = numpy.random.default_rng(rate + channels)
    time = numpy.arange(rate * SECONDS) / rate
    swell = numpy.repeat(chance.random(SECONDS * 8) ** 3, -(-rate // 8))[:len(time)]
    sides = [0.4 * swell * chance.standard_normal(len(time))
             + 0.3 * swell[::-1] * numpy.sin(2 * numpy.pi * (300 + 50 * side) * time)
             for side in range(channels)]
    pcm = (numpy.stack(sides, 1).clip(-1, 1) * 32000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(pcm.tobytes())


def encode(path, command, rate, channels):
    wav = path.with_name(f"{rate}-{channels}.wav")
    if not wav.exists():
        make_wav(wav, rate, channels)
    if command[0] == "ffmpeg":
        words = ["ffmpeg", "-v", "error", "-nostdin", "-i", wav, *command[1:], path]
    else:
        words = ["lame", "--quiet", *command[1:], wav, path]
    subprocess.run(words, check=True)
    return path


def played(path, channels):
    """What ffmpeg plays, a row a sample; none where it cannot."""
    done = subprocess.run(["ffmpeg", "-v", "quiet", "-nostdin", "-i", path, "-map", "0:a:0",
                           "-f", "f32le", "-"], check=False, stdout=subprocess.PIPE)
    pcm = numpy.frombuffer(done.stdout, "<f4")
    return pcm[:len(pcm) // channels * channels].reshape(-1, channels)


def played_by_mpg123(path, channels):
    done = subprocess.run(["mpg123", "-q", "-s", "-e", "s16", path], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return numpy.frombuffer(done.stdout, "<i2").reshape(-1, channels).astype(int)


def in_ms(sample, rate):
    return sample * 1000 // rate


def sample(ms, rate):
    """round(ms * rate / 1000), halves up."""
    return (ms * rate * 2 + 1000) // 2000


def cut(clipnotes, source, start, end, out, *words):
    result = clipnotes("cut", source, f"{start / 1000:.3f}", f"{end / 1000:.3f}", "-o", out,
                       "--json", *words)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def clips_played(clips, channels):
    """What ffmpeg plays of each, a row a sample."""
    return [pcm[:len(pcm) // channels * channels].reshape(-1, channels)
            for pcm in played_together(clips)]


def is_same(want, got):
    return want.shape == got.shape and numpy.array_equal(want, got)


def ranges(name, samples, rate):
    """In ms: the start, the end, all of it, a little more than a frame, and anywhere."""
    chance = random.Random(name)
    last = in_ms(samples, rate)
    frame = -(-1152 * 1000 // rate) + 1
    yield from [(0, 1000), (0, last), (last - 1500, last), (0, frame), (last - frame, last)]
    for _ in range(3):
        start = chance.randrange(last - 1000)
        yield start, chance.randrange(start + frame, min(last, start + 4000))


ENCODED = {
    "cbr128": (["lame", "-b", "128"], 44100, 2),
    "cbr320": (["lame", "-b", "320"], 44100, 2),
    "cbr64-mono": (["lame", "-b", "64"], 44100, 1),
    "cbr192-plain-48k": (["lame", "-b", "192", "-m", "s"], 48000, 2),
    "cbr64-32k": (["lame", "-b", "64", "--resample", "32"], 32000, 2),
    "vbr0": (["lame", "-V0"], 44100, 2),
    "vbr5": (["lame", "-V5"], 44100, 2),
    "vbr9-mono": (["lame", "-V9"], 44100, 1),
    "abr110": (["lame", "--abr", "110"], 44100, 2),
    "no-tag": (["lame", "-b", "128", "-t"], 44100, 2),
    "no-tag-vbr": (["lame", "-V3", "-t"], 44100, 2),
    "checksums": (["lame", "-b", "128", "-p"], 44100, 2),
    "checksums-vbr": (["lame", "-V2", "-p"], 44100, 2),
    "no-reservoir": (["lame", "-b", "128", "--nores"], 44100, 2),
    "mpeg2-cbr": (["lame", "-b", "64"], 22050, 2),
    "mpeg2-vbr": (["lame", "-V4"], 24000, 2),
    "mpeg2-mono": (["lame", "-b", "16"], 16000, 1),
    "mpeg25-cbr": (["lame", "-b", "24"], 11025, 2),
    "mpeg25-8k": (["lame", "-b", "8"], 8000, 1),
    "lavf-cbr": (["ffmpeg", "-b:a", "128k"], 44100, 2),
    "lavf-vbr": (["ffmpeg", "-q:a", "4"], 44100, 2),
    "lavf-no-tag": (["ffmpeg", "-b:a", "96k", "-write_xing", "0"], 48000, 2),
}


def make_encoded(folder):
    for name, how in ENCODED.items():
        encode(folder / f"{name}.mp3", *how)


@pytest.fixture(scope="module")
def encoded():
    """The episode of a name in ENCODED."""
    return lambda name: kept(make_encoded) / f"{name}.mp3"


@pytest.mark.parametrize("name", ENCODED)
def test_clips_are_the_very_samples(clipnotes, encoded, tmp_path, name):
    source = encoded(name)
    channels = ENCODED[name][2]
    whole, by_mpg123 = played(source, channels), played_by_mpg123(source, channels)
    rate = sample_rate(source)
    assert len(by_mpg123) == len(whole)
    wanted = list(ranges(name, len(whole), rate))
    clips = [tmp_path / f"{start}-{end}.mp3" for start, end in wanted]
    results = [cut(clipnotes, source, *where, clip) for where, clip in zip(wanted, clips)]
    for (start, end), clip, result, got in zip(wanted, clips, results, clips_played(clips, channels),
                                               strict=True):
        begin, behind = sample(start, rate), sample(end, rate)
        assert is_same(whole[begin:behind], got), (start, end)
        assert (result["exact"], result["verified"], result["error_ms"]) == (True, True, 0)
        heard, want = played_by_mpg123(clip, channels), by_mpg123[begin:behind]
        assert heard.shape == want.shape and abs(heard - want).max() <= 1, (start, end)


def test_an_end_behind_silence(clipnotes, tmp_path):
    """Frames of silence are small, so that the sound behind it is made of bytes of 24 frames."""
    wav, source = tmp_path / "gated.wav", tmp_path / "gated.mp3"
    noise = numpy.random.default_rng(1).integers(-9000, 9000, (6, 22050)).astype("<i2")
    noise[1::2] = 0
    with wave.open(str(wav), "wb") as file:
        file.setparams((1, 2, 22050, 0, "NONE", ""))
        file.writeframes(noise.tobytes())
    subprocess.run(["lame", "--quiet", "-V4", wav, source], check=True)
    whole = played(source, 1)
    for end in range(3960, 4180, 20):
        clip = tmp_path / f"{end}.mp3"
        result = cut(clipnotes, source, 1000, end, clip)
        assert is_same(whole[22050:sample(end, 22050)], played(clip, 1)), end
        assert (result["exact"], result["max_diff"]) == (True, 0), end


def test_the_clip_of_a_clip(clipnotes, encoded, tmp_path):
    """What we write is a good source, too."""
    whole = played(encoded("vbr5"), 2)
    cut(clipnotes, encoded("vbr5"), 2000, 9000, tmp_path / "first.mp3")
    result = cut(clipnotes, tmp_path / "first.mp3", 1000, 6000, tmp_path / "second.mp3")
    assert result["exact"]
    assert is_same(whole[3 * 44100:8 * 44100], played(tmp_path / "second.mp3", 2))


@pytest.mark.parametrize("length", [1, 5, 13, 25, 26, 27, 40])
def test_clips_as_short_as_a_frame(clipnotes, encoded, tmp_path, length):
    """Within one frame only one end can be exact, and that is said."""
    source = encoded("cbr128")
    whole = played(source, 2)
    starts = (0, 3, 20, 26, 1234, 5000)
    clips = [tmp_path / f"{start}.mp3" for start in starts]
    results = [cut(clipnotes, source, start, start + length, clip)
               for start, clip in zip(starts, clips)]
    for start, result, got in zip(starts, results, clips_played(clips, 2), strict=True):
        begin, behind = sample(start, 44100), sample(start + length, 44100)
        assert result["exact"] == is_same(whole[begin:behind], got), (start, length)
        assert is_same(whole[begin:begin + len(got)], got)
        late = (len(got) - (behind - begin)) / 44.1
        assert 0 <= late < 26.2 and result["error_ms"] == pytest.approx(late, abs=0.001)
        assert result["exact"] or length < 26


def test_past_the_end(clipnotes, encoded, tmp_path):
    source = encoded("vbr0")
    whole = played(source, 2)
    result = cut(clipnotes, source, 10_000, 99_000, tmp_path / "clip.mp3")
    assert result["exact"] and is_same(whole[441_000:], played(tmp_path / "clip.mp3", 2))
    refused = clipnotes("cut", source, "50", "60", "-o", tmp_path / "none.mp3")
    assert refused.returncode == 1 and "past the end" in refused.stderr
    assert not (tmp_path / "none.mp3").exists()


def test_full_verification(clipnotes, encoded, tmp_path):
    for verify, verified in (("full", True), ("off", False)):
        result = cut(clipnotes, encoded("abr110"), 3000, 9000, tmp_path / "clip.mp3",
                     "--verify", verify)
        assert (result["exact"], result["verified"]) == (True, verified)


def test_chapters_and_cover_do_not_move_the_sound(clipnotes, encoded, tmp_path):
    source = tmp_path / "tagged.mp3"
    source.write_bytes(encoded("cbr128").read_bytes())
    tags = id3.ID3()
    tags.add(id3.TIT2(encoding=3, text="Épisode"))
    tags.add(id3.APIC(encoding=0, mime="image/png", type=3, desc="", data=bytes(70_000)))
    tags.add(id3.CTOC(element_id="toc", flags=3, child_element_ids=["a", "b"], sub_frames=[]))
    for name, start, end in (("a", 0, 4000), ("b", 4000, 12_000)):
        tags.add(id3.CHAP(element_id=name, start_time=start, end_time=end,
                          sub_frames=[id3.TIT2(encoding=3, text=f"Chapter {name}")]))
    tags.save(source, v2_version=3)
    result = cut(clipnotes, source, 3000, 7000, tmp_path / "clip.mp3")
    assert result["exact"]
    assert is_same(played(source, 2)[3 * 44100:7 * 44100], played(tmp_path / "clip.mp3", 2))
    held = id3.ID3(tmp_path / "clip.mp3")
    assert held.version == (2, 3, 0)
    assert [(chapter.start_time, chapter.end_time, chapter.sub_frames["TIT2"].text[0])
            for chapter in held.getall("CHAP")] == [(0, 1000, "Chapter a"), (1000, 4000, "Chapter b")]


#
# Files that life has been hard on.
#

def frames(data):
    """Offset and size of the MPEG-1 frames at 44.1 kHz that follow each other."""
    offset, found = 0, []
    while offset + 4 <= len(data):
        word = struct.unpack_from(">I", data, offset)[0]
        if word >> 21 != 0x7FF:
            break
        size = 144_000 * BITRATES[word >> 12 & 15] // 44_100 + (word >> 9 & 1)
        found.append((offset, size))
        offset += size
    return found


def id3v2(body):
    size = len(body)
    return b"ID3\3\0\0" + bytes(size >> shift & 127 for shift in (21, 14, 7, 0)) + body


def between(data, what):
    """Something between two frames in the middle."""
    middle = frames(data)[200][0]
    return data[:middle] + what + data[middle:]


def within(data, what):
    """Something between the halves of a frame in the middle."""
    offset, size = frames(data)[200]
    return data[:offset + size // 2] + what + data[offset + size // 2:]


def flipped(data, number, byte, bits):
    changed = bytearray(data)
    changed[frames(data)[number][0] + byte] ^= bits
    return bytes(changed)


def with_tag_word(data, at, number):
    """One of the Xing tag's numbers is another: 8 is that of frames, 12 that of bytes."""
    place = max(data.find(b"Xing"), data.find(b"Info")) + at
    return data[:place] + struct.pack(">I", number) + data[place + 4:]


JUNK = bytes(random.Random(5).choices([0xFF, 0xFB, 0x90, 0x64, 0, 1, 7], k=5000))
NOISE = bytes(random.Random(6).choices(range(1, 255), k=30_000))

# Name: the episodes it is made of, how, and whether every clip of it can be exact.
HARD = {
    "stitched": (["cbr128", "cbr128"], lambda a, b: a + b, True),
    "stitched-vbr": (["vbr0", "vbr5"], lambda a, b: a + b, True),
    "stitched-tagged": (["cbr128", "vbr5"],
                        lambda a, b: id3v2(bytes(300)) + a + id3v2(bytes(417)) + b, True),
    "stitched-tag-behind": (["no-tag", "cbr128"], lambda a, b: a + b, True),
    "stitched-short": (["cbr128", "cbr128"], lambda a, b: a + b[:len(b) // 20], False),
    "stitched-rates": (["no-tag", "mpeg2-cbr"], lambda a, b: a + b, False),
    "stitched-mono": (["no-tag", "cbr64-mono"], lambda a, b: a + b, False),
    "tag-between": (["no-tag"], lambda a: between(a, id3v2(bytes(317))), True),
    "old-tag-between": (["no-tag"], lambda a: between(a, b"TAG" + bytes(125)), True),
    "zeros-between": (["no-tag"], lambda a: between(a, bytes(1000)), True),
    "zeros-within": (["cbr128"], lambda a: within(a, bytes(5000)), True),
    "zeros-within-vbr": (["vbr5"], lambda a: within(a, bytes(900)), True),
    "hole-of-zeros": (["cbr128"], lambda a: a[:90_000] + bytes(4000) + a[94_000:], True),
    "junk-between": (["no-tag-vbr"], lambda a: between(a, JUNK), True),
    "junk-before": (["cbr128"], lambda a: NOISE[:700] + a, True),
    "zeros-behind-id3": (["cbr128"], lambda a: id3v2(bytes(99)) + bytes(333) + a, True),
    "two-id3": (["vbr5"], lambda a: id3v2(bytes(2000)) + id3v2(bytes(99)) + a, True),
    "old-tag": (["cbr128"], lambda a: a + b"TAG" + b"x" * 125, True),
    "junk-behind": (["cbr128"], lambda a: a + NOISE, True),
    "ripped": (["no-tag"], lambda a: a[frames(a)[200][0]:], False),
    "ripped-anywhere": (["no-tag-vbr"], lambda a: a[50_000:], False),
    "truncated": (["cbr128"], lambda a: a[:-5000], False),
    "truncated-vbr": (["vbr5"], lambda a: a[:len(a) * 2 // 3], False),
    "sync-lost": (["cbr128"], lambda a: flipped(a, 150, 0, 0x80), True),
    "bitrate-flipped": (["vbr5"], lambda a: flipped(a, 150, 2, 0x40), True),
    "layer-flipped": (["cbr128"], lambda a: flipped(a, 150, 1, 0x02), True),
    "rate-flipped": (["cbr128"], lambda a: flipped(a, 150, 2, 0x04), False),
    "sound-flipped": (["cbr128"], lambda a: flipped(a, 150, 200, 0x10), True),
    "side-flipped": (["vbr0"], lambda a: flipped(a, 150, 5, 0x08), None),
    "called-constant": (["vbr5"], lambda a: a.replace(b"Xing", b"Info", 1), True),
    "headless-vbr": (["vbr5"], lambda a: a[frames(a)[0][1]:], True),
    "claims-frames": (["vbr5"], lambda a: with_tag_word(a, 8, 2**31 - 1), True),
    "claims-bytes": (["cbr128"], lambda a: with_tag_word(a, 12, 2**31 - 1), True),
}


@pytest.mark.parametrize("name", HARD)
def test_never_called_exact_when_it_is_not(clipnotes, encoded, tmp_path, name):
    parts, make, all_exact = HARD[name]
    source = tmp_path / f"{name}.mp3"
    source.write_bytes(make(*(encoded(part).read_bytes() for part in parts)))
    whole = played(source, 2)
    inexact, clips = 0, {}
    for start, end in ranges(name, len(whole), 44100):
        clip = tmp_path / f"{start}-{end}.mp3"
        result = clipnotes("cut", source, f"{start / 1000:.3f}", f"{end / 1000:.3f}", "-o", clip,
                           "--json")
        if result.returncode == 1:
            assert "ends before the clip begins" in result.stderr or "past" in result.stderr
            inexact += 1
            continue
        assert result.returncode == 0, result.stderr
        clips[clip] = start, end, json.loads(result.stdout)
    for (start, end, facts), got in zip(clips.values(), clips_played(clips, 2), strict=True):
        same = is_same(whole[sample(start, 44100):sample(end, 44100)], got)
        assert facts["exact"] == same, (start, end, facts)
        assert same or facts["inexact_because"]
        inexact += not same
    assert all_exact is None or (inexact == 0) == all_exact


def test_the_end_is_where_the_frames_end(clipnotes, encoded, tmp_path):
    """A lost frame makes the recording shorter than its tag says, in whatever the clip is."""
    source, out = tmp_path / "episode.mp3", tmp_path / "clip.mka"
    source.write_bytes(flipped(encoded("cbr128").read_bytes(), 150, 0, 0x80))
    result = cut(clipnotes, source, 9777, 99_000, out)
    assert result["exact"] and result["error_ms"] == 0
    assert is_same(played(source, 2)[sample(9777, 44100):], played(out, 2))


@pytest.mark.parametrize("name,data,why", [
    ("free", (b"\xff\xfb\x00\x44" + bytes(413)) * 9, "free format"),
    ("empty-frames", b"\xff\xfb\x90\x44" + bytes(100), "holds no MP3 frames"),
])
def test_refused(clipnotes, tmp_path, name, data, why):
    source = tmp_path / f"{name}.mp3"
    source.write_bytes(data)
    result = clipnotes("cut", source, "0", "1", "-o", tmp_path / "clip.mp3")
    assert result.returncode == 1 and why in result.stderr
    assert not (tmp_path / "clip.mp3").exists()
