# SPDX-License-Identifier: MIT
"""clipnotes cut into each format from each: what of an episode survives.

The judges are ffmpeg, ffprobe and mutagen. A clip plays the very range, whatever its codec; the
encoder's delay at either end would show in its length or as a shift of its sound."""

import base64
import hashlib
import json
import re
import subprocess

import mutagen
import mutagen.flac
import numpy
import pytest

from media import kept

SECONDS, START, END = 14, 3.25, 9.5
FORMATS = ["copy", "mp3", "m4a", "opus", "ogg", "flac", "wav", "mka"]
TAGS = {"title": "Épisode 8", "artist": "Jane Host", "album": "The Show", "date": "2024-08-08",
        "track": "8/12", "genre": "Podcast", "album_artist": "The Crew", "composer": "Compère",
        "copyright": "2024 Them", "comment": "As it was"}
META = ";FFMETADATA1\n" + "".join(f"{name}={text}\n" for name, text in TAGS.items()) + "".join(
    f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n"
    for start, end, title in [(0, 5000, "First"), (5000, 8000, "Zweite ü"), (8000, 14000, "Last")])
CHAPTERS = [(0, "First"), (1.75, "Zweite ü"), (4.75, "Last")]
ENCODERS = {
    "mp3": ["libmp3lame", "-b:a", "96k"], "m4a": ["aac", "-aac_pns", "0"], "alac": ["alac"],
    "flac": ["flac"], "opus": ["libopus"], "ogg": ["libvorbis"], "wav": ["pcm_s16le"],
}
MOST_SHIFT = 60  # samples, that are looked for


def ffmpeg(*words):
    return subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, words)],
                          check=True, stdout=subprocess.PIPE).stdout


def played(path, *words):
    """What ffmpeg plays, a row a sample."""
    pcm = ffmpeg("-i", path, "-map", "0:a:0", *words, "-f", "f32le", "-")
    return numpy.frombuffer(pcm, "<f4").reshape(-1, 2)


def probed(path):
    return json.loads(subprocess.run(
        ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of",
         "json", path], check=True, stdout=subprocess.PIPE).stdout)


def sound_of(probe):
    return next(stream for stream in probe["streams"] if stream["codec_type"] == "audio")


def comment_block(picture):
    block = mutagen.flac.Picture()
    block.type, block.mime, block.data = 3, "image/jpeg", picture
    return base64.b64encode(block.write()).decode()


def add_comments(path, picture):
    """What libavformat does not write there."""
    file = mutagen.File(path)
    if path.suffix != ".flac":
        file["METADATA_BLOCK_PICTURE"] = [comment_block(picture)]
    for i, (start, title) in enumerate([(0, "First"), (5, "Zweite ü"), (8, "Last")]):
        file[f"CHAPTER{i:03}"], file[f"CHAPTER{i:03}NAME"] = f"00:00:{start:02}.000", title
    file.save()


def cover_of(path):
    if path.suffix == ".mka":
        return ffmpeg("-i", path, "-map", "0:v", "-c", "copy", "-f", "image2pipe", "-")
    file = mutagen.File(path)
    if getattr(file, "pictures", None):
        return file.pictures[0].data
    for name, value in file.tags.items():
        if name.startswith("APIC"):
            return value.data
        if name == "covr":
            return bytes(value[0])
        if name == "metadata_block_picture":
            return mutagen.flac.Picture(base64.b64decode(value[0])).data
    return None


def tags_of(path, probe):
    """By ffprobe; but it stops at the first chunk of a WAV that says anything."""
    if path.suffix == ".wav":
        names = {"TIT2": "title", "TPE1": "artist", "TALB": "album", "TDRC": "date",
                 "TRCK": "track", "TCON": "genre", "TPE2": "album_artist", "TCOM": "composer",
                 "TCOP": "copyright", "COMM": "comment"}
        return {names.get(name[:4]): str(frame) for name, frame in mutagen.File(path).tags.items()}
    return {name.lower(): text for part in (probe["format"], sound_of(probe))
            for name, text in part.get("tags", {}).items()}


def make_sources(folder):
    meta, cover, sound = folder / "meta.txt", folder / "cover.jpg", folder / "sound.wav"
    meta.write_text(META)
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=1:s=320x320:r=1", "-frames:v", 1, cover)
    ffmpeg("-f", "lavfi", "-i", f"anoisesrc=d={SECONDS}:c=pink:r=44100:a=0.4:seed=5,"
           "tremolo=f=0.7:d=0.9,aformat=channel_layouts=stereo", "-c:a", "pcm_s16le", sound)
    for name, encoder in ENCODERS.items():
        path = folder / source_name(name)
        picture = ["-i", cover, "-map", "2", "-c:v", "copy", "-disposition:v", "attached_pic"]
        if name in ("opus", "ogg", "wav"):
            picture = []
        ffmpeg("-i", sound, "-i", meta, *picture, "-map", "0", "-map_metadata", 1,
               "-map_chapters", 1, "-c:a", *encoder, path)
        if name in ("opus", "ogg", "flac"):
            add_comments(path, cover.read_bytes())


def source_name(name):
    return f"episode-{name}.{'m4a' if name == 'alac' else name}"


@pytest.fixture(scope="module")
def sources():
    """The same sound, tags, cover and chapters in each format."""
    folder = kept(make_sources)
    return ({name: folder / source_name(name) for name in ENCODERS},
            (folder / "cover.jpg").read_bytes())


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", [name for name in ENCODERS if name != "wav"])
def test_what_survives(clipnotes, sources, tmp_path, source, target):
    made, picture = sources
    result = clipnotes("cut", made[source], START, END, "--format", target, "-o",
                       f"{tmp_path}/clip/", "--json")
    assert result.returncode == 0, result.stderr
    [clip] = (tmp_path / "clip").iterdir()
    probe = probed(clip)
    tags = tags_of(clip, probe)
    assert {name: tags.get(name) for name in TAGS} == TAGS
    assert hashlib.sha256(cover_of(clip)).digest() == hashlib.sha256(picture).digest()
    if target != "wav":  # ffprobe reads no chapters there; mutagen does
        assert [(float(chapter["start_time"]), chapter["tags"]["title"])
                for chapter in probe["chapters"]] == CHAPTERS
    else:
        frames = [frame for name, frame in mutagen.File(clip).tags.items() if name[:4] == "CHAP"]
        assert [(frame.start_time / 1000, str(frame.sub_frames["TIT2"]))
                for frame in sorted(frames, key=lambda frame: frame.start_time)] == CHAPTERS


@pytest.mark.parametrize("options", [[], ["--mono"], ["--rate", "24000"], ["--fade", "1ms"]])
@pytest.mark.parametrize("target", [name for name in FORMATS if name not in ("copy", "mka")])
def test_encoded_to_the_sample(clipnotes, sources, tmp_path, target, options):
    made, _ = sources
    clip = tmp_path / f"clip.{target}"
    result = clipnotes("cut", made["wav"], START, END, "--format", target, "-o", clip, "--json",
                       *options, "--bitrate", "96")
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    stream = sound_of(probed(clip))
    rate, mono = int(stream["sample_rate"]), "--mono" in options
    assert rate == (48000 if target == "opus" else 24000 if "--rate" in options else 44100)
    assert int(stream["channels"]) == (1 if mono else 2)
    heard = played(clip, "-ac", 2)
    first, last = round(START * rate), round(END * rate)
    assert len(heard) == last - first
    assert told["exact"] and told["error_ms"] == 0
    asked = played(made["wav"], *(["-ac", 1] if mono else []), "-ac", 2, "-ar", rate)[first:last]
    assert shift_of(heard, asked) == 0


def shift_of(heard, asked):
    """In samples, where the sound of both is most alike."""
    shifts = range(-MOST_SHIFT + 1, MOST_SHIFT)
    likeness = [numpy.dot(heard[MOST_SHIFT + shift:shift - MOST_SHIFT, 0],
                          asked[MOST_SHIFT:-MOST_SHIFT, 0]) for shift in shifts]
    return shifts[int(numpy.argmax(likeness))]


DECODERS = {  # of others than ffmpeg, to raw 16-bit samples
    "mp3": "mpg123 -q -e s16 -O {out} {clip}",
    "ogg": "oggdec -Q -R -b 16 -o {out} {clip}",
    "opus": "opusdec --quiet --no-dither {clip} {out}.wav",
    "flac": "flac -s -d --force-raw-format --endian=little --sign=signed -o {out} {clip}",
}


@pytest.mark.parametrize("start,end", [(0, 1.5), (START, END), (12.001, 99)])
@pytest.mark.parametrize("target", DECODERS)
def test_other_decoders_agree(clipnotes, sources, tmp_path, target, start, end):
    """With the length and the beginning; for FLAC with every bit."""
    made, _ = sources
    clip, out = tmp_path / f"clip.{target}", tmp_path / "out"
    result = clipnotes("cut", made["wav"], start, end, "--format", target, "-o", clip, "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["exact"]
    subprocess.run(DECODERS[target].format(clip=clip, out=out).split(), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if target == "opus":
        ffmpeg("-i", f"{out}.wav", "-f", "s16le", out)
    if target == "flac":
        subprocess.run(["flac", "-s", "-w", "-t", clip], check=True)
    heard = numpy.frombuffer(out.read_bytes(), "<i2").reshape(-1, 2) / 32768
    rate = 48000 if target == "opus" else 44100
    asked = played(made["wav"], "-ar", rate)[round(start * rate):round(min(end, SECONDS) * rate)]
    assert len(heard) == len(asked)
    assert shift_of(heard, asked) == 0
    assert target != "flac" or numpy.array_equal(heard, asked)


def heard(path):
    """Loudness and true peak, by ffmpeg's ebur128."""
    told = subprocess.run(["ffmpeg", "-nostdin", "-nostats", "-hide_banner", "-i", path,
                           "-filter_complex", "ebur128=peak=true", "-f", "null", "-"], check=True,
                          stderr=subprocess.PIPE, text=True).stderr.split("Summary:")[-1]
    return tuple(float(re.search(rf"{name}:\s+(\S+)", told)[1]) for name in ("I", "Peak"))


@pytest.mark.parametrize("target", [name for name in FORMATS if name not in ("copy", "mka")])
def test_loudness(clipnotes, sources, tmp_path, target):
    clip = tmp_path / f"clip.{target}"
    cut = ["cut", sources[0]["wav"], START, END, "-o", clip]
    result = clipnotes(*cut, "--loudness", -20)
    assert result.returncode == 0 and result.stderr == ""
    loudness, _ = heard(clip)
    lossless = target in ("flac", "wav")  # others lose something of a noise's highest tones
    assert loudness == pytest.approx(-20, abs=0.1 if lossless else 0.6)
    result = clipnotes(*cut, "--loudness", -3)
    assert result.returncode == 0
    assert re.search(r"warning: .*episode-wav.wav: the clip at 0:03.250 has -\d+.\d LUFS, not -3.0",
                     result.stderr)
    _, peak = heard(clip)
    assert -2 < peak <= -1


@pytest.mark.parametrize("bitrate", [32, 128, 160, 176, 192, 208, 224, 240, 320])
def test_no_mp3_is_quieter_than_its_episode(clipnotes, tmp_path, bitrate):
    sine, clip = tmp_path / "sine.wav", tmp_path / "clip.mp3"
    ffmpeg("-f", "lavfi", "-i", "sine=f=500:r=44100:d=5,volume=12dB", sine)
    result = clipnotes("cut", sine, 1, 4, "-o", clip, "--bitrate", bitrate)
    assert result.returncode == 0, result.stderr
    levels = [numpy.sqrt(numpy.mean(played(path, "-ac", 2, *where)[5000:-5000] ** 2.0))
              for path, where in ((sine, ["-ss", 1, "-t", 3]), (clip, []))]
    assert levels[1] == pytest.approx(levels[0], rel=0.003)


@pytest.mark.parametrize("target, options, why", [
    ("mp3", ["--quality", 10], "--quality: mp3 has 0 to 9, not 10"),
    ("m4a", ["--quality", 0], "--quality: aac has 1 to 5, not 0"),
    ("opus", ["--quality", 11], "--quality: opus has 0 to 10, not 11"),
    ("ogg", ["--quality", 13], "--quality: '13' is no number from 0 to 12"),
    ("mp3", ["--quality", 2, "--bitrate", 64], "--quality and --bitrate"),
    ("mp3", ["--bitrate", 321], "--bitrate: mp3 has 32 to 320 kbit/s at 44100 Hz with 2 channels"),
    ("mp3", ["--bitrate", 192, "--rate", 22050], "mp3 has 8 to 160 kbit/s at 22050 Hz"),
    ("m4a", ["--bitrate", 600], "--bitrate: aac has 6 to 529 kbit/s"),
    ("opus", ["--bitrate", 300, "--mono"], "opus has 6 to 256 kbit/s at 48000 Hz with 1 channel,"),
    ("ogg", ["--bitrate", 1000], "cannot be encoded as vorbis at 44100 Hz with 2 channels and"),
    ("mka", ["--mono"], "--format mka"),
    ("copy", ["--loudness", 3], "--loudness: '3' is no level from -70 to 0"),
])
def test_what_an_encoder_has_not(clipnotes, sources, tmp_path, target, options, why):
    result = clipnotes("cut", sources[0]["wav"], START, END, "--format", target, "-o",
                       f"{tmp_path}/clip/", *options)
    assert result.returncode == 2, result.stderr
    assert why in result.stderr and result.stdout == ""
    assert not list(tmp_path.glob("clip/*"))


@pytest.mark.parametrize("target, low, high", [("mp3", 9, 0), ("m4a", 1, 3), ("ogg", 0, 10),
                                               ("flac", 12, 0)])
def test_quality(clipnotes, sources, tmp_path, target, low, high):
    sizes = []
    for quality in (low, high):
        clip = tmp_path / f"{quality}.{target}"
        result = clipnotes("cut", sources[0]["wav"], START, END, "--quality", quality, "-o", clip)
        assert result.returncode == 0, result.stderr
        sizes.append(clip.stat().st_size)
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize("start", [0, 1.5, 5.25, 9.3])
def test_out_of_matroska(clipnotes, sources, tmp_path, start):
    """Reading has libavformat know more places in it, so that it seeks elsewhere than before."""
    episode, clip = tmp_path / "episode.mka", tmp_path / "clip.mka"
    ffmpeg("-i", sources[0]["m4a"], "-map", "0:a", "-c", "copy", episode)
    result = clipnotes("cut", episode, start, 12, "-o", clip, "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["exact"], result.stderr
    asked = played(episode)[round(start * 44100):12 * 44100]
    assert numpy.array_equal(played(clip), asked)
