# SPDX-License-Identifier: MIT
"""What clipnotes writes into audio files, other software reads the same; what that writes,
clipnotes reads."""

import json
import os
import re
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import eyed3
import mutagen
import pytest
from mutagen import id3
from mutagen.mp4 import MP4

from chapter_files import (CHAPTERS, CODECS, PNG, SECONDS, all_audio, by_ffprobe, held, ok,
                           other_tags, pcm, probed, run, shown, titles, write_marks)

HERE = Path(__file__).parent
UTF8 = {"env": {**os.environ, "LC_ALL": "C.UTF-8"}}
PLAIN = [(start, title, None) for start, title, _ in CHAPTERS]
LATE = [(1500, "One", "https://example.org/1"), (5000, "Two", None)]
MANY = [(i * 900, f"Chapter {i}", None) for i in range(20)]


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """One tagged file of each kind."""
    return all_audio(tmp_path_factory.mktemp("audio"))


# Readers. Each gives (start, title, link) of a file's chapters, the link None where it has none or
# does not tell.

def milliseconds(text):
    """Of 1:02:03.456"""
    whole, _, fraction = text.partition(".")
    seconds = 0
    for part in whole.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds * 1000 + round(float(f"0.{fraction or 0}") * 1000)


def from_comments(comments):
    found = {key.upper(): value for key, value in comments if key.upper().startswith("CHAPTER")}
    numbers = sorted(key for key in found if re.fullmatch(r"CHAPTER\d{3}", key))
    return [(milliseconds(found[number]), found.get(f"{number}NAME", ""), found.get(f"{number}URL"))
            for number in numbers]


def from_lines(text):
    lines = [line.strip() for line in text.splitlines()]
    return from_comments(line.split("=", 1) for line in lines if line.startswith("CHAPTER"))


def from_id3(tags):
    if not tags.getall("CHAP"):
        assert not tags.getall("CTOC")
        return []
    [toc] = tags.getall("CTOC")
    assert (toc.element_id, int(toc.flags)) == ("toc", 3)
    assert len(toc.child_element_ids) == len(tags.getall("CHAP"))
    chapters = [tags[f"CHAP:{name}"] for name in toc.child_element_ids]
    assert [chapter.end_time for chapter in chapters[:-1]] == [
        chapter.start_time for chapter in chapters[1:]]
    assert abs(chapters[-1].end_time - SECONDS * 1000) <= 60
    return [(chapter.start_time, str(chapter.sub_frames["TIT2"]),
             next((frame.url for frame in chapter.sub_frames.getall("WXXX")), None))
            for chapter in chapters]


def ffprobe(path):
    return [(*row, None) for row in by_ffprobe(path)]


def by_mutagen(path):
    if path.suffix == ".m4a":
        return [(round(chapter.start * 1000), chapter.title, None)
                for chapter in MP4(path).chapters or []]
    tags = mutagen.File(path).tags
    return from_id3(tags) if path.suffix in (".mp3", ".wav") else from_comments(tags)


def by_eyed3(path):
    found = eyed3.load(str(path)).tag.chapters
    return sorted((chapter.times[0], chapter.title, chapter.user_url) for chapter in found)


def by_music_metadata(path):
    if not (HERE.parent / "node_modules/music-metadata").is_dir() or not shutil.which("node"):
        pytest.skip("music-metadata is not installed: npm ci --prefix tests")
    [found] = json.loads(run("node", HERE / "read_audio.mjs", path))
    assert abs(found["duration"] - SECONDS) < 0.1
    return [tuple(row) for row in found["chapters"]] or from_comments(found["comments"])


def by_mediainfo(path):
    tracks = json.loads(run("mediainfo", "--Output=JSON", path))["media"]["track"]
    menus = [track["extra"] for track in tracks if track["@type"] == "Menu"]
    rows = [[(milliseconds(key[1:].replace("_", ":", 2).replace("_", ".")), text, None)
             for key, text in menu.items() if re.match(r"_\d\d_", key)] for menu in menus]
    # Of an M4A it lists Nero's, whose titles are cut off, and the text tracks.
    return max(rows, key=lambda menu: sum(len(row[1]) for row in menu), default=[])


def by_exiftool(path):
    [found] = json.loads(run("exiftool", "-j", "-a", "-G1", "-s", "-ChapterList", "-ee",
                             "-ChapterTimeStart#", "-ChapterString", path))
    if path.suffix == ".m4a":
        rows = found.get("UserData:ChapterList", [])
        rows = [rows] if isinstance(rows, str) else rows
        return [(milliseconds(row[1:].split("] ")[0]), row.split("] ", 1)[1], None) for row in rows]
    names = [key.split(":")[0] for key in found if key.endswith(":ChapterTimeStart")]
    return [(round(float(found[f"{name}:ChapterTimeStart"]) * 1000),
             str(found[f"{name}:ChapterString"]), None) for name in names]


def by_sndfile(path):
    text = run("sndfile-info", path, errors="replace")
    rate = int(re.search(r"Sample Rate\s*: (\d+)", text)[1])
    labels = dict(re.findall(r"labl : (\d+) : (.*)", text))
    return [(round(int(position) * 1000 / rate), labels.get(number, ""), None)
            for number, position in re.findall(r"Cue ID :\s+(\d+)\s+Pos :\s+(\d+)", text)]


def by_mkvextract(path):
    text = run("mkvextract", path, "chapters", **UTF8)
    atoms = ElementTree.fromstring(text.lstrip("\ufeff")).iter("ChapterAtom") if text else []
    return [(milliseconds(atom.findtext("ChapterTimeStart")),
             atom.findtext("ChapterDisplay/ChapterString"), None) for atom in atoms]


XIPH = ("opus", "ogg", "oga", "flac")
READERS = [
    (ffprobe, (*CODECS, "v23.mp3", "bare.mp3")),
    (by_mutagen, ("mp3", "v23.mp3", "bare.mp3", "wav", "m4a", "fast.m4a", *XIPH)),
    (by_eyed3, ("mp3", "v23.mp3", "bare.mp3")),
    (by_music_metadata, ("mp3", "v23.mp3", "bare.mp3", "wav", "m4a", "fast.m4a", "opus", "ogg",
                         "flac")),
    (by_mediainfo, ("m4a", "fast.m4a", "opus", "ogg", "flac", "mka", "webm")),
    (by_exiftool, ("m4a", "fast.m4a", "mka", "webm")),
    (by_sndfile, ("wav",)),
    (by_mkvextract, ("mka", "webm")),
    (lambda path: from_lines(run("vorbiscomment", "-R", "-l", path, **UTF8)), ("ogg",)),
    (lambda path: from_lines(run("opusinfo", path, **UTF8)), ("opus",)),
    (lambda path: from_lines(run("metaflac", "--no-utf8-convert", "--export-tags-to=-", path)),
     ("flac",)),
]
NO_LINKS = (ffprobe, by_mediainfo, by_exiftool, by_sndfile, by_mkvextract)
KINDS = [*CODECS, "v23.mp3", "bare.mp3"]


def as_told(reader, kind, rows):
    """What this reader can say of these chapters."""
    if kind.endswith("m4a") and reader in (by_mutagen, by_exiftool):  # they read Nero's list
        rows = [(start, title.encode()[:127].decode(errors="ignore"), link)
                for start, title, link in rows]
    if kind == "mp3" and reader is ffprobe:  # it loses long frames of ID3v2.4
        rows = [row for row in rows if len(row[1].encode()) < 127]
    if kind.endswith("m4a") and reader is by_music_metadata:
        if any(link for _, _, link in rows):  # of several chapter tracks it reads none
            return []
        rows = [(start - rows[0][0], title, link) for start, title, link in rows]  # no edit lists
    if reader is by_sndfile:
        rows = rows[:10]
    links = reader not in NO_LINKS and not kind.endswith("m4a")
    return [(start, title, link if links else None) for start, title, link in rows]


@pytest.mark.parametrize("kind", KINDS)
def test_what_we_write_others_read(clipnotes, audio, tmp_path, kind):
    copy = tmp_path / f"copy{audio[kind].suffix}"
    shutil.copy(audio[kind], copy)
    for rows in (CHAPTERS, PLAIN, LATE, MANY, None):
        if rows:
            ok(clipnotes("chapters", "set", copy, "--from", write_marks(tmp_path / "m.json", rows),
                         "--in-place"))
        else:
            ok(clipnotes("chapters", "strip", copy, "--in-place"))
        for reader, kinds in READERS:
            if kind in kinds:
                assert reader(copy) == as_told(reader, kind, rows or []), reader
    if kind == "flac":
        run("flac", "-ts", copy)
    if kind in ("ogg", "opus"):
        assert "WARNING" not in run("ogginfo", copy)
    if kind.endswith("m4a"):
        boxes = copy.read_bytes()
        assert (boxes.index(b"moov") < boxes.index(b"mdat")) == (kind == "fast.m4a")


@pytest.mark.parametrize("kind, version", [
    ("mp3", (2, 4, 0)), ("v23.mp3", (2, 3, 0)), ("bare.mp3", (2, 3, 0)), ("wav", (2, 3, 0))])
def test_the_tag_keeps_its_version(clipnotes, audio, tmp_path, kind, version):
    copy = tmp_path / f"copy{audio[kind].suffix}"
    ok(clipnotes("chapters", "set", audio[kind], "--from", write_marks(tmp_path / "m.json"), "-o",
                 copy))
    assert mutagen.File(copy).tags.version == version


# Writers. Each makes TARGET of SOURCE with these chapters in it.

def metadata_of(clipnotes, folder, rows, kind):
    path = folder / f"chapters.{kind}.txt"
    ok(clipnotes("chapters", "convert", write_marks(folder / "rows.json", rows), "--to", kind,
                 "-o", path))
    return path


def comments_of(rows):
    for number, (start, title, link) in enumerate(rows):
        yield f"CHAPTER{number:03}=00:00:{start / 1000:06.3f}"
        yield f"CHAPTER{number:03}NAME={title}"
        if link:
            yield f"CHAPTER{number:03}URL={link}"


def mutagen_id3(version):
    def write(source, target, rows, _):
        shutil.copy(source, target)
        audio = mutagen.File(target)
        if audio.tags is None:
            audio.add_tags()
        audio.tags.add(id3.CTOC(element_id="toc", flags=3, sub_frames=[],
                                child_element_ids=[f"c{i}" for i in range(len(rows))]))
        for i, (start, title, link) in enumerate(rows):
            frames = [id3.TIT2(encoding=i % 2 * 2 + 1, text=title)]
            frames += [id3.WXXX(encoding=3, desc="", url=link)] if link else []
            audio.tags.add(id3.CHAP(element_id=f"c{i}", start_time=start, end_time=start + 500,
                                    sub_frames=frames))
        audio.save(v2_version=version)
    return write


def mutagen_comments(source, target, rows, _):
    shutil.copy(source, target)
    audio = mutagen.File(target)
    for comment in comments_of(rows):
        key, value = comment.split("=", 1)
        audio[key] = value
    audio.save()


def eyed3_tag(version):
    def write(source, target, rows, _):
        shutil.copy(source, target)
        tag = eyed3.load(str(target)).tag
        names = [b"ch%d" % i for i in range(len(rows))]
        tag.table_of_contents.set(b"toc", toplevel=True, ordered=True, child_ids=names)
        for name, (start, title, link) in zip(names, rows):
            chapter = tag.chapters.set(name, (start, start + 100))
            chapter.title = title
            if link:
                chapter.user_url = link
        tag.save(version=version)
    return write


def by_ffmpeg(source, target, _, texts):
    run("ffmpeg", "-v", "error", "-i", source, "-i", texts("ffmetadata"), "-map", "0:a",
        "-map_metadata", "0", "-map_chapters", "1", "-c", "copy", target)


def vorbiscomment(source, target, rows, _):
    comments = "".join(f"{comment}\n" for comment in comments_of(rows))
    run("vorbiscomment", "-R", "-a", source, target, input=comments, **UTF8)


def metaflac(source, target, rows, _):
    shutil.copy(source, target)
    run("metaflac", "--no-utf8-convert", *[f"--set-tag={text}" for text in comments_of(rows)],
        target)


def encoder(*words, option, named=True):
    """An encoder that takes comments, of samples and no file that has some."""
    def write(source, target, rows, _):
        samples = target.with_suffix(".s.wav")
        run("ffmpeg", "-v", "error", "-i", source, "-map_metadata", "-1", samples)
        comments = [word for text in comments_of(rows) for word in (option, text)]
        run(*words, *comments, *(["-o", target, samples] if named else [samples, target]), **UTF8)
    return write


def mkvmerge(source, target, _, texts):
    webm = ["--webm"] if target.suffix == ".webm" else []
    run("mkvmerge", "-q", *webm, "-o", target, "--chapters", texts("matroska"), source, **UTF8)


def mkvpropedit(source, target, _, texts):
    shutil.copy(source, target)
    run("mkvpropedit", target, "--chapters", texts("matroska"), **UTF8)


def gstreamer(source, target, _, texts):
    """Its wavenc makes cue points of the contents that a Matroska file tells."""
    contents = target.with_suffix(".gst.mka")
    run("mkvmerge", "-q", "-o", contents, "--chapters", texts("matroska"), source, **UTF8)
    run("gst-launch-1.0", "-q", "filesrc", f"location={contents}", "!", "matroskademux", "!",
        "audioconvert", "!", "wavenc", "!", "filesink", f"location={target}")


WRITERS = [
    ("mutagen-2.3", "v23.mp3", mutagen_id3(3)),
    ("mutagen-2.4", "mp3", mutagen_id3(4)),
    ("mutagen-wav", "wav", mutagen_id3(3)),
    ("mutagen-wav-2.4", "wav", mutagen_id3(4)),
    ("mutagen-opus", "opus", mutagen_comments),
    ("mutagen-ogg", "ogg", mutagen_comments),
    ("mutagen-oga", "oga", mutagen_comments),
    ("mutagen-flac", "flac", mutagen_comments),
    ("eyed3-2.3", "v23.mp3", eyed3_tag((2, 3, 0))),
    ("eyed3-2.4", "mp3", eyed3_tag((2, 4, 0))),
    ("ffmpeg-mp3", "v23.mp3", by_ffmpeg),
    ("ffmpeg-m4a", "m4a", by_ffmpeg),
    ("ffmpeg-opus", "opus", by_ffmpeg),
    ("ffmpeg-mka", "mka", by_ffmpeg),
    ("ffmpeg-webm", "webm", by_ffmpeg),
    ("vorbiscomment", "ogg", vorbiscomment),
    ("metaflac", "flac", metaflac),
    ("opusenc", "opus", encoder("opusenc", "--quiet", option="--comment", named=False)),
    ("oggenc", "ogg", encoder("oggenc", "-Q", option="-c")),
    ("flac", "flac", encoder("flac", "--totally-silent", "--no-utf8-convert", option="-T")),
    ("mkvmerge", "mka", mkvmerge),
    ("mkvmerge-webm", "webm", mkvmerge),
    ("mkvpropedit", "mka", mkvpropedit),
    ("gstreamer", "wav", gstreamer),
]
HOLD_NO_LINKS = (by_ffmpeg, mkvmerge, mkvpropedit, gstreamer)


def as_written(writer, kind, rows):
    """What this writer makes of these chapters."""
    if writer in HOLD_NO_LINKS:
        rows = [(start, title, None) for start, title, _ in rows]
    if (writer, kind) == (by_ffmpeg, "opus"):  # it rounds the seconds, and then adds milliseconds
        rows = [(start + 1000 * (start % 1000 >= 500), title, link) for start, title, link in rows]
    return rows


@pytest.mark.parametrize("kind, writer", [row[1:] for row in WRITERS],
                         ids=[row[0] for row in WRITERS])
def test_what_others_write_we_read(clipnotes, audio, tmp_path, kind, writer):
    made = tmp_path / f"made{audio[kind].suffix}"

    def texts(form):
        return metadata_of(clipnotes, tmp_path, PLAIN, form)

    writer(audio[kind], made, CHAPTERS, texts)
    assert shown(clipnotes, made) == as_written(writer, kind, CHAPTERS)

    # Ours in their place, and then none: nothing else of their file changes.
    tags, samples = other_tags(made), pcm(made)
    ok(clipnotes("chapters", "set", made, "--from", write_marks(tmp_path / "m.json", LATE),
                 "--in-place"))
    assert shown(clipnotes, made) == held(made, LATE)
    assert by_ffprobe(made) == titles(LATE)
    ok(clipnotes("chapters", "strip", made, "--in-place"))
    assert shown(clipnotes, made) == [] == by_ffprobe(made)
    assert (other_tags(made), pcm(made)) == (tags, samples)


def test_a_cue_sheet_that_ffmpeg_shows_instead(clipnotes, audio, tmp_path):
    copy, sheet = tmp_path / "a.flac", tmp_path / "a.cue"
    shutil.copy(audio["flac"], copy)
    sheet.write_text('FILE "a.wav" WAVE\n TRACK 01 AUDIO\n  INDEX 01 00:00:00\n'
                     ' TRACK 02 AUDIO\n  INDEX 01 00:05:00\n')
    run("metaflac", f"--import-cuesheet-from={sheet}", copy)
    assert shown(clipnotes, copy) == [(0, "", None), (5000, "", None)]
    said = ok(clipnotes("chapters", "set", copy, "--from", write_marks(tmp_path / "m.json", LATE),
                        "--in-place")).stderr
    assert "its cue sheet stays, and FFmpeg shows it in the place of chapters" in said
    assert shown(clipnotes, copy) == LATE and by_ffprobe(copy) != titles(LATE)
    run("metaflac", "--remove", "--block-type=CUESHEET", copy)
    assert shown(clipnotes, copy) == LATE and by_ffprobe(copy) == titles(LATE)


def test_tags_of_old_chapters_are_not_those_of_new_ones(clipnotes, audio, tmp_path):
    """FFmpeg numbers chapters from 1, and tags name them by number."""
    texts, made = tmp_path / "old.txt", tmp_path / "made.mka"
    texts.write_text(";FFMETADATA1\n" + "".join(
        f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={start + 5000}\ntitle=Old\nartist=Guest\n"
        for start in (0, 5000)))
    run("ffmpeg", "-v", "error", "-i", audio["mka"], "-i", texts, "-map_chapters", "1", "-c", "copy",
        made)
    assert [chapter["tags"].get("ARTIST") for chapter in probed(made)] == ["Guest", "Guest"]
    marks = write_marks(tmp_path / "m.json", MANY)
    ok(clipnotes("chapters", "set", made, "--from", marks, "--in-place"))
    assert [chapter["tags"] for chapter in probed(made)] == [{"title": title} for _, title, _ in MANY]
    assert len({chapter["id"] for chapter in probed(made)}) == len(MANY)
    assert "it has them already" in ok(clipnotes("chapters", "set", made, "--from", marks,
                                                 "--in-place")).stderr


def jpeg_of(folder, color):
    path = folder / f"{color}.jpg"
    run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"color={color}:s=64x32", "-frames:v", "1",
        path)
    return path.read_bytes()


def pictures_in(tags):
    return {chapter.start_time: [(frame.mime, frame.data)
                                 for frame in chapter.sub_frames.getall("APIC")]
            for chapter in tags.getall("CHAP")}


@pytest.mark.parametrize("kind", ["m4a", "fast.m4a", "wav", "v23.mp3", "mp3"])
def test_pictures_of_chapters(clipnotes, audio, tmp_path, kind):
    source, copy, back = (tmp_path / name for name in ("a.mp3", f"b.{kind}", "c.mp3"))
    mutagen_id3(3)(audio["bare.mp3"], source, CHAPTERS, None)
    tags = id3.ID3(source)
    pictures = [("image/jpeg", jpeg_of(tmp_path, "red")), ("image/png", PNG),
                ("image/jpeg", jpeg_of(tmp_path, "blue"))]
    for name, (mime, data) in zip(("c0", "c1", "c3"), pictures):
        tags[f"CHAP:{name}"].sub_frames.add(id3.APIC(encoding=0, mime=mime, type=3, data=data))
    tags.save(source, v2_version=3)

    ok(clipnotes("chapters", "set", audio[kind], "--from", source, "-o", copy))
    assert shown(clipnotes, copy) == CHAPTERS
    if kind != "mp3":  # FFmpeg loses what is long in ID3v2.4
        assert by_ffprobe(copy) == titles()
    assert pcm(copy) == pcm(audio[kind])
    assert other_tags(copy) == other_tags(audio[kind])
    if kind.endswith("m4a"):  # FFmpeg sees the cover, a track of JPEGs and one of PNGs
        for track, expected in enumerate((PNG, pictures[0][1] + pictures[2][1], PNG)):
            run("ffmpeg", "-v", "fatal", "-i", copy, "-map", f"0:v:{track}", "-c", "copy", "-f",
                "data", tmp_path / f"track{track}")
            # The first picture of chapters comes as the stream's own, too.
            assert (tmp_path / f"track{track}").read_bytes().endswith(expected)
    ok(clipnotes("chapters", "set", audio["bare.mp3"], "--from", copy, "-o", back))
    assert pictures_in(id3.ID3(back)) == pictures_in(tags)
    ok(clipnotes("chapters", "strip", copy, "--in-place"))
    assert pcm(copy) == pcm(audio[kind])


def test_a_film_whose_picture_refers_to_the_chapters(clipnotes, audio, tmp_path):
    plain, film = tmp_path / "plain.mp4", tmp_path / "film.mp4"
    run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc=d={SECONDS}:s=64x64:r=5", "-i",
        audio["m4a"], "-map", "0:v", "-map", "1:a", "-c:v", "mpeg4", "-c:a", "copy", "-f", "mp4",
        plain)
    run("ffmpeg", "-v", "error", "-i", plain, "-i",
        metadata_of(clipnotes, tmp_path, PLAIN, "ffmetadata"), "-map", "0", "-map_chapters", "1",
        "-c", "copy", film)
    whole = film.read_bytes()
    picture, sound = [found.start() for found in re.finditer(b"tref\0\0\0\x0cchap", whole)]
    assert picture < sound
    film.write_bytes((whole[:sound] + b"free" + whole[sound + 4:]).replace(b"chpl", b"xxxx"))
    assert shown(clipnotes, film) == PLAIN

    ok(clipnotes("chapters", "set", film, "--from", write_marks(tmp_path / "m.json", LATE),
                 "--in-place"))
    assert shown(clipnotes, film) == LATE and by_ffprobe(film) == titles(LATE)
    assert len(re.findall(b"tref\0\0\0\x10chap", film.read_bytes())) == 2
    assert pcm(film) == pcm(plain)
    ok(clipnotes("chapters", "strip", film, "--in-place"))
    assert shown(clipnotes, film) == [] and b"tref" not in film.read_bytes()


def test_files_of_other_tools(clipnotes, shared):
    folder = shared / "chapfiles"
    expected = json.loads((folder / "EXPECTED.json").read_text())
    for name, facts in expected.items():
        found = [[start, title] for start, title, _ in shown(clipnotes, folder / name)]
        assert found == facts["chapters"], name


def test_files_of_other_tools_keep_their_audio(clipnotes, shared, tmp_path):
    marks = write_marks(tmp_path / "m.json", LATE)
    folder = shared / "chapfiles"
    for path in map(folder.joinpath, json.loads((folder / "EXPECTED.json").read_text())):
        copy = tmp_path / path.name
        shutil.copyfile(path, copy)
        for words in (["set", copy, "--from", marks], ["strip", copy]):
            ok(clipnotes("chapters", *words, "--in-place"))
            if path.name != "atl-chapters_0indexed.ogg":  # libavformat refuses a page of it
                assert pcm(copy) == pcm(path), path
