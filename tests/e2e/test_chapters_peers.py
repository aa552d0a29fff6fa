# SPDX-License-Identifier: MIT
"""What clipnotes writes into audio files, other software reads the same; what that writes,
clipnotes reads."""

import json
import os
import re
import shutil

import pytest
from mutagen import id3
from mutagen.mp4 import MP4

from chapter_files import (CHAPTERS, SECONDS, by_ffprobe, held, make_audio, ok, pcm, run, shown,
                           titles, write_marks)


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """One tagged file of each kind."""
    return make_audio(tmp_path_factory.mktemp("audio"))


@pytest.mark.parametrize("kind", ["mp3", "v23.mp3", "bare.mp3"])
def test_mp3_as_mutagen_and_eyed3_read_it(clipnotes, audio, tmp_path, kind):
    copy = tmp_path / "copy.mp3"
    ok(clipnotes("chapters", "set", audio[kind], "--from", write_marks(tmp_path / "m.json"), "-o",
                 copy))
    tags = id3.ID3(copy)
    assert tags.version == ((2, 4, 0) if kind == "mp3" else (2, 3, 0))
    [toc] = tags.getall("CTOC")
    assert (toc.element_id, int(toc.flags)) == ("toc", 3)
    chapters = [tags[f"CHAP:{name}"] for name in toc.child_element_ids]
    assert [(chapter.start_time, str(chapter.sub_frames["TIT2"])) for chapter in chapters] == titles()
    assert [chapter.end_time for chapter in chapters[:-1]] == [row[0] for row in CHAPTERS[1:]]
    assert abs(chapters[-1].end_time - SECONDS * 1000) <= 60
    links = [frame.url for chapter in chapters for frame in chapter.sub_frames.getall("WXXX")]
    assert links == [row[2] for row in CHAPTERS if row[2]]
    import eyed3
    found = eyed3.load(str(copy)).tag.chapters
    assert sorted((chapter.times[0], chapter.title) for chapter in found) == titles()


@pytest.mark.parametrize("kind", ["m4a", "fast.m4a"])
def test_m4a_as_mutagen_and_mediainfo_read_it(clipnotes, audio, tmp_path, kind):
    copy = tmp_path / "copy.m4a"
    ok(clipnotes("chapters", "set", audio[kind], "--from", write_marks(tmp_path / "m.json"), "-o",
                 copy))
    found = [(round(chapter.start * 1000), chapter.title) for chapter in MP4(copy).chapters]
    assert found == [(start, title.encode()[:127].decode(errors="ignore"))
                     for start, title in titles()]
    tracks = json.loads(run("mediainfo", "--Output=JSON", copy))["media"]["track"]
    menus = [track["extra"] for track in tracks if track["@type"] == "Menu"]
    assert [title for _, title in titles()] in [
        [text for key, text in menu.items() if re.match(r"_\d\d_", key)] for menu in menus]
    boxes = copy.read_bytes()
    assert (boxes.index(b"moov") < boxes.index(b"mdat")) == (kind == "fast.m4a")


def test_vorbis_comments_as_their_tools_read_them(clipnotes, audio, tmp_path):
    marks = write_marks(tmp_path / "m.json")
    expected = []
    for number, (start, title, link) in enumerate(CHAPTERS, 1):
        expected += [f"CHAPTER{number:03}=00:00:{start / 1000:06.3f}",
                     f"CHAPTER{number:03}NAME={title}"]
        expected += [f"CHAPTER{number:03}URL={link}"] if link else []
    utf8 = {"env": {**os.environ, "LC_ALL": "C.UTF-8"}}
    for kind, tool in [("ogg", ["vorbiscomment", "-R", "-l"]),
                       ("flac", ["metaflac", "--no-utf8-convert", "--export-tags-to=-"]),
                       ("opus", ["opusinfo"])]:
        copy = tmp_path / f"copy.{kind}"
        ok(clipnotes("chapters", "set", audio[kind], "--from", marks, "-o", copy))
        lines = [line.strip() for line in run(*tool, copy, **utf8).splitlines()]
        assert [line for line in lines if line.startswith("CHAPTER")] == expected
    run("flac", "-ts", tmp_path / "copy.flac")
    for name in ("copy.ogg", "copy.opus"):
        assert "WARNING" not in run("ogginfo", tmp_path / name)


def test_matroska_as_mkvtoolnix_reads_and_writes_it(clipnotes, audio, tmp_path):
    copy, made = tmp_path / "copy.mka", tmp_path / "made.mka"
    ok(clipnotes("chapters", "set", audio["mka"], "--from", write_marks(tmp_path / "m.json"), "-o",
                 copy))
    utf8 = {"env": {**os.environ, "LC_ALL": "C.UTF-8"}}
    lines = run("mkvextract", copy, "chapters", "-s", **utf8).splitlines()
    assert [line.split("=", 1)[1] for line in lines[1::2]] == [title for _, title in titles()]
    text = tmp_path / "chapters.xml"
    ok(clipnotes("chapters", "convert", copy, "--to", "matroska", "-o", text))
    run("mkvmerge", "-q", "-o", made, "--chapters", text, audio["mka"], **utf8)
    assert shown(clipnotes, made) == held(made, CHAPTERS)
    run("mkvpropedit", copy, "--chapters", "", **utf8)
    assert clipnotes("chapters", "check", copy).returncode == 1
    run("mkvpropedit", copy, "--chapters", text, **utf8)
    assert shown(clipnotes, copy) == held(copy, CHAPTERS)
    ok(clipnotes("chapters", "set", copy, "--from", write_marks(tmp_path / "n.json", CHAPTERS[:2]),
                 "--in-place"))
    assert by_ffprobe(copy) == titles(CHAPTERS[:2])
    assert pcm(copy) == pcm(audio["mka"])


def test_what_mutagen_writes_is_read(clipnotes, audio, tmp_path):
    for version in (3, 4):
        copy = tmp_path / f"v{version}.mp3"
        shutil.copy(audio["bare.mp3"], copy)
        tags = id3.ID3()
        tags.add(id3.CTOC(element_id="toc", flags=3, sub_frames=[],
                          child_element_ids=[f"c{i}" for i in range(len(CHAPTERS))]))
        for i, (start, title, link) in enumerate(CHAPTERS):
            frames = [id3.TIT2(encoding=1, text=title)]
            frames += [id3.WXXX(encoding=3, desc="", url=link)] if link else []
            tags.add(id3.CHAP(element_id=f"c{i}", start_time=start, end_time=start + 500,
                              sub_frames=frames))
        tags.save(copy, v2_version=version)
        assert shown(clipnotes, copy) == CHAPTERS


@pytest.mark.parametrize("kind", ["m4a", "opus", "bare.mp3"])
def test_what_ffmpeg_writes_is_read(clipnotes, audio, tmp_path, kind):
    short = [row for row in titles() if len(row[1]) < 90]
    metadata = tmp_path / "meta.txt"
    ok(clipnotes("chapters", "convert", write_marks(
        tmp_path / "m.json", [(*row, None) for row in short]), "--to", "ffmetadata", "-o", metadata))
    made = tmp_path / f"made{audio[kind].suffix}"
    run("ffmpeg", "-v", "error", "-i", audio[kind], "-i", metadata, "-map", "0:a", "-map_metadata",
        "1", "-map_chapters", "1", "-c", "copy", made)
    assert [row[:2] for row in shown(clipnotes, made)] == short


def test_files_of_other_tools(clipnotes, shared):
    folder = shared / "chapfiles"
    expected = json.loads((folder / "EXPECTED.json").read_text())
    for name, facts in expected.items():
        found = [[start, title] for start, title, _ in shown(clipnotes, folder / name)]
        assert found == facts["chapters"], name
