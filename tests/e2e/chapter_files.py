# SPDX-License-Identifier: MIT
"""Tagged files of every container, and what is the same in them before and after."""

import hashlib
import json
import shutil
import subprocess

import mutagen
from mutagen import id3
from mutagen.mp4 import MP4

from media import kept

CHAPTERS = [
    (0, "Intro – ❤️ & more", "https://example.org/a?x=1&y=2"),
    (4000, "Plain", None),
    (6500, "A rather long title that goes on and on, past one hundred and twenty-seven bytes, "
           "which is where careless readers of ID3v2.4 sizes stop", None),
    (12345, "Überschrift; with = # \\ \" <b>", "https://example.org/b"),
]
SECONDS = 20
CODECS = {"mp3": "libmp3lame", "m4a": "aac", "fast.m4a": "aac", "opus": "libopus",
          "ogg": "libvorbis", "oga": "flac", "flac": "flac", "wav": "pcm_s16le",
          "mka": "libopus", "webm": "libvorbis"}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360"
    "f8cf500f0003860180d4a2b8e90000000049454e44ae426082")


def run(*words, **options):
    return subprocess.run([*map(str, words)], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, **options).stdout


PCM = {}  # of a file's bytes: many are looked at before and after


def pcm(path):
    """A digest of what plays."""
    key = path.suffix, hashlib.sha256(path.read_bytes()).digest()
    if key not in PCM:
        PCM[key] = run("ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", "0:a:0", "-f", "md5",
                       "-")
    return PCM[key]


def write_marks(path, chapters=None):
    path.write_text(json.dumps({"version": "1.2.0", "chapters": [
        {"startTime": start / 1000, "title": title, **({"url": link} if link else {})}
        for start, title, link in (chapters or CHAPTERS)]}))
    return path


def probed(path):
    return json.loads(run("ffprobe", "-v", "quiet", "-of", "json", "-show_chapters",
                          path))["chapters"]


def by_ffprobe(path):
    return [(round(float(chapter["start_time"]) * 1000), chapter.get("tags", {}).get("title", ""))
            for chapter in probed(path)]


def ends_of(path):
    return [round(float(chapter["end_time"]) * 1000) for chapter in probed(path)]


def titles(chapters=None):
    return [(start, title) for start, title, _ in (chapters or CHAPTERS)]


def shown(clipnotes, path):
    result = clipnotes("chapters", "show", "--json", path)
    assert result.returncode == 0, result.stderr
    return [(round(chapter["startTime"] * 1000), chapter.get("title", ""), chapter.get("url"))
            for chapter in json.loads(result.stdout)["chapters"]]


def ok(result):
    assert result.returncode == 0, result.stderr
    return result


def add_tags(path):
    """Frames that a remux by libavformat loses."""
    if path.suffix in (".mka", ".webm"):
        return
    if path.suffix in (".mp3", ".wav"):
        audio = mutagen.File(path)
        if audio.tags is None:
            audio.add_tags()
        tags = audio.tags
        for frame in [id3.COMM(encoding=3, lang="deu", desc="d", text="Größe"),
                      id3.TXXX(encoding=3, desc="k", text=["a", "b"]),
                      id3.UFID(owner="o", data=b"\x00\xff\xe0"),
                      id3.APIC(encoding=0, mime="image/png", type=3, desc="", data=PNG),
                      id3.POPM(email="a@b", rating=3), id3.PRIV(owner="x", data=b"\xff\x00" * 50)]:
            tags.add(frame)
        if path.suffix == ".mp3":
            tags.save(path, v1=2)
        else:
            audio.save(v2_version=3)
    elif path.suffix == ".m4a":
        audio = MP4(path)
        audio.tags["\xa9ART"] = ["One", "Two"]
        audio.tags["----:com.apple.iTunes:NOTE"] = [b"kept"]
        audio.tags["purl"] = ["https://example.org/feed"]
        audio.tags["covr"] = [mutagen.mp4.MP4Cover(PNG, mutagen.mp4.MP4Cover.FORMAT_PNG)]
        audio.save()
    else:
        audio = mutagen.File(path)
        audio["COMMENT"] = ["first", "second"]
        if path.suffix == ".flac":
            picture = mutagen.flac.Picture()
            picture.data, picture.mime, picture.type = PNG, "image/png", 3
            audio.add_picture(picture)
        audio.save()


def held(path, rows):
    """Without what the container cannot hold: Matroska has no links."""
    links = path.suffix not in (".mka", ".webm")
    return [(start, title, link if links else None) for start, title, link in rows]


def other_tags(path):
    """All that is no chapter, so that it can be compared."""
    if path.suffix in (".mka", ".webm"):
        found = json.loads(run("ffprobe", "-v", "quiet", "-of", "json", "-show_format",
                               "-show_streams", path))
        return [found["format"]["tags"], found["streams"][0]["tags"]]
    audio = mutagen.File(path)
    if path.suffix in (".mp3", ".wav"):
        tail = path.read_bytes()[-128:]
        return [repr(frame) for key, frame in sorted((audio.tags or {}).items())
                if key[:4] not in ("CHAP", "CTOC")] + [tail if path.suffix == ".mp3" else None]
    if path.suffix == ".m4a":
        return sorted((key, repr(value)) for key, value in audio.tags.items())
    pictures = [repr((picture.type, picture.data)) for picture in getattr(audio, "pictures", [])]
    return sorted((key, value) for key, value in audio.tags
                  if not key.upper().startswith("CHAPTER")) + pictures


def all_audio(folder):
    """One tagged file of each kind."""
    shutil.copytree(kept(make_audio), folder, dirs_exist_ok=True)
    return {**{kind: folder / f"plain.{kind}" for kind in CODECS}, "v23.mp3": folder / "v23.mp3",
            "bare.mp3": folder / "bare.mp3"}


def make_audio(folder):
    for kind, codec in CODECS.items():
        path = folder / f"plain.{kind}"
        faststart = ["-movflags", "faststart"] if kind == "fast.m4a" else []
        run("ffmpeg", "-v", "error", "-f", "lavfi", "-i",
            f"anoisesrc=d={SECONDS}:a=0.3:seed=7,aformat=channel_layouts=stereo", "-metadata",
            "title=Episode", "-metadata", "artist=Nobody", "-c:a", codec, *faststart, path)
        add_tags(path)
    for name in ("v23.mp3", "bare.mp3"):
        shutil.copy(folder / "plain.mp3", folder / name)
    id3.ID3(folder / "v23.mp3").save(v2_version=3)
    id3.ID3(folder / "bare.mp3").delete()
