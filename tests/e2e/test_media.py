# SPDX-License-Identifier: MIT
"""Do the judges judge? Cuts made by other means, at positions that are known, must be found there,
and found to be off when they are moved."""

import subprocess
import wave

import numpy
import pytest

import media as making
from media import NotFound, ffmpeg_pcm, frame_sizes, locate, sample_rate
from test_season import NAMES

KINDS = {
    "mp3": {},
    "mp3-vbr": {"vbr": 4},
    "mp3-mono-22k": {"channels": 1, "rate": 22050, "bitrate": 48},
    "m4a": {"codec": "m4a"},
    "opus": {"codec": "opus", "bitrate": 48, "channels": 1},
    "ogg": {"codec": "ogg"},
    "flac": {"codec": "flac"},
    "wav": {"codec": "wav"},
}


class Source:
    """An episode with all of its samples, decoded from the top."""

    def __init__(self, path):
        self.path = path
        self.rate = sample_rate(path)
        self.pcm = ffmpeg_pcm(path, self.rate)

    def cut(self, path, start, seconds=12):
        """A WAV clip of the samples from `start` on."""
        return self.save(path, self.pcm[start:start + seconds * self.rate])

    def save(self, path, pcm):
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, self.rate, 0, "NONE", ""))
            file.writeframes((pcm * 32767).clip(-32768, 32767).astype("<i2").tobytes())
        return path


@pytest.fixture(scope="module", params=KINDS)
def source(media, request):
    return Source(media.episode(f"judge-{request.param}", minutes=2, **KINDS[request.param]))


@pytest.fixture(scope="module")
def mp3(media):
    return Source(media.episode("judge-mp3", minutes=2))


@pytest.mark.parametrize("moved", [0, 1, -1152, "second", "-second"])
def test_tells_where_a_clip_is_from(source, tmp_path, moved):
    off = {"second": source.rate, "-second": -source.rate}.get(moved, moved)
    for asked_ms in (1_500, 61_003) if moved == 0 else (61_003,):
        start = round(asked_ms * source.rate / 1000) + off
        clip = source.cut(tmp_path / "clip.wav", start)
        assert locate(clip, source.path, asked_ms) == off


def test_finds_the_first_sample(mp3, tmp_path):
    assert locate(mp3.cut(tmp_path / "clip.wav", 0), mp3.path, 0) == 0


def test_finds_what_the_end_cuts_short(source, tmp_path):
    start = len(source.pcm) // source.rate - 4
    clip = source.cut(tmp_path / "clip.wav", start * source.rate)
    assert locate(clip, source.path, start * 1000) == 0


@pytest.mark.parametrize("codec", ["mp3", "m4a", "opus", "flac"])
def test_finds_clips_that_are_encoded(mp3, tmp_path, codec):
    clip = tmp_path / f"clip.{codec}"
    subprocess.run(["ffmpeg", "-v", "error", "-i", mp3.cut(tmp_path / "clip.wav", 60 * mp3.rate),
                    clip], check=True)
    assert locate(clip, mp3.path, 60_000) == 0


def test_finds_a_clip_whose_first_frames_are_lost(mp3, tmp_path):
    pcm = mp3.pcm[60 * mp3.rate:80 * mp3.rate].copy()
    pcm[:2 * 1152] = 0
    assert locate(mp3.save(tmp_path / "clip.wav", pcm), mp3.path, 60_000) == 0


def test_does_not_find_what_is_elsewhere(mp3, media, tmp_path):
    clip = mp3.cut(tmp_path / "clip.wav", 30 * mp3.rate)
    with pytest.raises(NotFound):
        locate(clip, mp3.path, 90_000)
    with pytest.raises(NotFound):
        locate(clip, media.episode("judge-flac", minutes=2, codec="flac"), 30_000)


def test_does_not_find_silence(mp3, tmp_path):
    clip = mp3.save(tmp_path / "clip.wav", numpy.zeros(12 * mp3.rate))
    with pytest.raises(NotFound):
        locate(clip, mp3.path, 60_000)


def test_no_two_neighbours_twice():
    row = making.order(75 * 60 // making.PIECE_SECONDS)
    pairs = list(zip(row, row[1:]))
    assert len(set(pairs)) == len(pairs)


def test_a_long_mp3_is_sound(media):
    """Whole frames from end to end, a reservoir that is used, and a tag that tells the truth."""
    path = media.episode("judge-sound", minutes=15)
    data = path.read_bytes()
    size = 10 + (data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9])
    sizes = frame_sizes(data[size:])
    starts = size + numpy.cumsum([0, *sizes[:-1]])
    assert sum(data[at + 4] << 1 | data[at + 5] >> 7 > 0 for at in starts) > len(sizes) / 2
    info = data[size:size + sizes[0]]
    at = info.index(b"Info")
    assert int.from_bytes(info[at + 8:at + 12], "big") == len(sizes) - 1
    assert int.from_bytes(info[at + 12:at + 16], "big") == len(data) - size
    said = subprocess.run(["ffmpeg", "-v", "warning", "-i", path, "-ac", "1", "-f", "s16le", "-"],
                          check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert said.stderr == b""
    skipped = int.from_bytes(info[at + 141:at + 144], "big")
    played = (len(sizes) - 1) * 1152 - (skipped >> 12) - (skipped & 0xFFF)
    assert len(said.stdout) == 2 * played
    assert 15 * 60 * 44100 <= played < (15 * 60 + 7) * 44100


def test_finds_the_very_sample_late_in_a_long_mp3(media, tmp_path):
    """Seeking, which `locate` relies on, agrees with decoding from the top."""
    path = media.episode(NAMES[0])  # the season needs it, too
    places = {tmp_path / f"{asked_ms}.wav": asked_ms for asked_ms in (3_340_000, 4_480_123)}
    command = ["ffmpeg", "-v", "error", "-i", path]
    for clip, asked_ms in places.items():
        start = round(asked_ms * 44.1)
        command += ["-af", f"atrim=start_sample={start}:end_sample={start + 12 * 44100}", clip]
    subprocess.run(command, check=True)
    for clip, asked_ms in places.items():
        assert locate(clip, path, asked_ms) == 0


@pytest.mark.parametrize("codec", ["mp3", *making.ENCODERS])
def test_makes_the_same_again(media, tmp_path, codec):
    one, two = (maker.episode("judge-twin", minutes=1, codec=codec)
                for maker in (media, making.Media(tmp_path)))
    assert one != two and one.read_bytes() == two.read_bytes()
