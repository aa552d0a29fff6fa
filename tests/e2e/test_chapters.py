# SPDX-License-Identifier: MIT
"""clipnotes chapters and mark: what they write, others read the same, and what others write, they
read the same; nothing else in the file changes."""

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import time

import mutagen
import pytest
from mutagen import id3
from mutagen.mp4 import MP4

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


def pcm(path):
    return run("ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", "0:a:0", "-f", "md5", "-")


def write_marks(path, chapters=None):
    path.write_text(json.dumps({"version": "1.2.0", "chapters": [
        {"startTime": start / 1000, "title": title, **({"url": link} if link else {})}
        for start, title, link in (chapters or CHAPTERS)]}))
    return path


def by_ffprobe(path):
    found = json.loads(run("ffprobe", "-v", "quiet", "-of", "json", "-show_chapters", path))
    return [(round(float(chapter["start_time"]) * 1000), chapter.get("tags", {}).get("title", ""))
            for chapter in found["chapters"]]


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
        return [repr(frame) for key, frame in sorted(audio.tags.items())
                if key[:4] not in ("CHAP", "CTOC")] + [tail if path.suffix == ".mp3" else None]
    if path.suffix == ".m4a":
        return sorted((key, repr(value)) for key, value in audio.tags.items())
    pictures = [repr((picture.type, picture.data)) for picture in getattr(audio, "pictures", [])]
    return sorted((key, value) for key, value in audio.tags
                  if not key.upper().startswith("CHAPTER")) + pictures


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """One tagged file of each kind."""
    folder = tmp_path_factory.mktemp("audio")
    files = {}
    for kind, codec in CODECS.items():
        files[kind] = folder / f"plain.{kind}"
        faststart = ["-movflags", "faststart"] if kind == "fast.m4a" else []
        run("ffmpeg", "-v", "error", "-f", "lavfi", "-i",
            f"anoisesrc=d={SECONDS}:a=0.3:seed=7,aformat=channel_layouts=stereo", "-metadata",
            "title=Episode", "-metadata", "artist=Nobody", "-c:a", codec, *faststart, files[kind])
        add_tags(files[kind])
    files["v23.mp3"] = folder / "v23.mp3"
    shutil.copy(files["mp3"], files["v23.mp3"])
    id3.ID3(files["v23.mp3"]).save(v2_version=3)
    files["bare.mp3"] = folder / "bare.mp3"
    shutil.copy(files["mp3"], files["bare.mp3"])
    id3.ID3(files["bare.mp3"]).delete()
    return files


KINDS = [*CODECS, "v23.mp3", "bare.mp3"]


@pytest.mark.parametrize("kind", KINDS)
def test_written_chapters_are_there_and_nothing_else_changed(clipnotes, audio, tmp_path, kind):
    source = audio[kind]
    before = source.read_bytes()
    marks = write_marks(tmp_path / "marks.json")
    copy = tmp_path / f"copy{source.suffix}"
    ok(clipnotes("chapters", "set", source, "--from", marks, "-o", copy))
    assert source.read_bytes() == before
    assert shown(clipnotes, copy) == held(copy, CHAPTERS)
    # A v2.4 title over 127 bytes is more than libavformat 5.1 understands.
    expected = [row for row in titles() if kind != "mp3" or len(row[1].encode()) < 127]
    assert by_ffprobe(copy) == expected
    assert pcm(copy) == pcm(source)
    if kind != "bare.mp3":
        assert other_tags(copy) == other_tags(source)

    # Again and again, in place: replaced, merged, moved and taken out.
    ok(clipnotes("chapters", "set", copy, "--from", marks, "--in-place"))
    assert shown(clipnotes, copy) == held(copy, CHAPTERS)
    more = write_marks(tmp_path / "more.json", [(4000, "New", None), (9000, "Nine", None)])
    moved = ok(clipnotes("chapters", "set", copy, "--from", more, "--merge", "--in-place"))
    assert kind == "oga" or "written in place" in moved.stderr
    assert [row[0] for row in shown(clipnotes, copy)] == [0, 4000, 6500, 9000, 12345]
    assert shown(clipnotes, copy)[1][1] == "New"
    ok(clipnotes("chapters", "set", copy, "--shift-after", "5=1.5s", "--in-place"))
    assert [row[0] for row in shown(clipnotes, copy)] == [0, 4000, 8000, 10500, 13845]
    assert pcm(copy) == pcm(source)
    ok(clipnotes("chapters", "strip", copy, "--in-place"))
    assert clipnotes("chapters", "check", copy).returncode == 1
    assert by_ffprobe(copy) == []
    assert pcm(copy) == pcm(source)
    if kind != "bare.mp3":
        assert other_tags(copy) == other_tags(source)


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


@pytest.mark.parametrize("kind", ["m4a", "mp3", "opus", "flac"])
def test_a_first_chapter_after_the_start(clipnotes, audio, tmp_path, kind):
    late = [(1500, "One", None), (5000, "Two", None)]
    copy = tmp_path / f"copy.{kind}"
    ok(clipnotes("chapters", "set", audio[kind], "--from",
                 write_marks(tmp_path / "m.json", late), "-o", copy))
    assert shown(clipnotes, copy) == late
    assert by_ffprobe(copy) == titles(late)


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


def test_many_chapters_move_pages_and_tables(clipnotes, audio, tmp_path):
    many = [(i * 15, f"Chapter {i} " + "x" * 100, f"https://example.org/{i}") for i in range(600)]
    marks = write_marks(tmp_path / "many.json", many)
    for kind in CODECS:
        copy = tmp_path / f"copy.{kind}"
        ok(clipnotes("chapters", "set", audio[kind], "--from", marks, "-o", copy))
        assert shown(clipnotes, copy) == held(copy, many)
        assert by_ffprobe(copy) == titles(many)
        assert pcm(copy) == pcm(audio[kind])
        assert other_tags(copy) == other_tags(audio[kind])
    tags = id3.ID3(tmp_path / "copy.mp3")
    assert tags["CTOC:toc"].child_element_ids == ["toc0", "toc1", "toc2"]
    assert sum(len(tags[f"CTOC:toc{i}"].child_element_ids) for i in range(3)) == 600


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


FORMATS = ["json", "podlove", "vtt", "mp4chaps", "ffmetadata", "audacity", "reaper", "matroska",
           "ogm", "markdown", "soundbite", "cue"]


@pytest.mark.parametrize("name", FORMATS)
def test_text_round_trips(clipnotes, tmp_path, name):
    rows = [(0, "Intro – ❤️ & more"), (4000, "12:30 lunch"), (12360, "Ü; = # \\ <b>")]
    marks = write_marks(tmp_path / "m.json", [(*row, None) for row in rows])
    text = tmp_path / "text.txt"
    ok(clipnotes("chapters", "convert", marks, "--to", name, "-o", text))
    assert [row[:2] for row in shown(clipnotes, text)] == rows
    again = ok(clipnotes("chapters", "convert", text, "--from", name, "--to", name))
    assert again.stdout == text.read_text()


def test_chapters_from_another_audio_file(clipnotes, audio, tmp_path):
    first, second = tmp_path / "a.opus", tmp_path / "b.mp3"
    ok(clipnotes("chapters", "set", audio["opus"], "--from", write_marks(tmp_path / "m.json"), "-o",
                 first))
    ok(clipnotes("chapters", "set", audio["v23.mp3"], "--from", first, "-o", second))
    assert shown(clipnotes, second) == CHAPTERS


def test_check_says_what_players_do_not_show(clipnotes, audio, tmp_path):
    copy = tmp_path / "copy.mp3"
    shutil.copy(audio["bare.mp3"], copy)
    tags = id3.ID3()
    tags.add(id3.CHAP(element_id="a", start_time=5000, end_time=6000, sub_frames=[]))
    tags.add(id3.CHAP(element_id="b", start_time=90000, end_time=99000,
                      sub_frames=[id3.TIT2(encoding=0, text="Late")]))
    tags.save(copy, v2_version=3)
    result = clipnotes("chapters", "check", "--json", copy)
    assert result.returncode == 1
    findings = json.loads(result.stdout)["findings"]
    for level, part in [("error", "no table of contents"), ("error", "no title"),
                        ("error", "never reached"), ("warning", "the first chapter starts at 0:05")]:
        assert any(finding["level"] == level and part in finding["message"] for finding in findings)
    ok(clipnotes("chapters", "set", copy, "--from", write_marks(tmp_path / "m.json"), "--in-place"))
    assert clipnotes("chapters", "check", copy).returncode == 0


@pytest.mark.parametrize("words, status, message", [
    (["set", "AUDIO", "--from", "MARKS"], 2, "-o FILE"),
    (["set", "AUDIO", "--in-place"], 2, "--from"),
    (["set", "MARKS", "--from", "MARKS", "--in-place"], 1, "is no audio file"),
    (["set", "AUDIO", "--from", "nowhere.json", "--in-place"], 1, "nowhere.json: cannot be opened"),
    (["convert", "MARKS"], 2, "--to"),
    (["convert", "MARKS", "--to", "docx"], 2, "json, podlove"),
    (["show", "AUDIO", "MARKS"], 2, "takes one file"),
    (["burn", "AUDIO"], 2, "none of show, set, strip, convert, check"),
    (["show", "MARKS", "--shift-after", "5"], 2, "T=DUR"),
])
def test_mistakes(clipnotes, audio, tmp_path, words, status, message):
    marks = write_marks(tmp_path / "m.json")
    copy = tmp_path / "copy.mp3"
    shutil.copy(audio["mp3"], copy)
    names = {"AUDIO": copy, "MARKS": marks}
    result = clipnotes("chapters", *[names.get(word, word) for word in words])
    assert result.returncode == status, result.stderr
    assert message in result.stderr
    assert copy.read_bytes() == audio["mp3"].read_bytes()


def kill_at_random(binary, path, old, new, command, rounds):
    """Runs and kills; at the end of each round the file is one of the two."""
    seen = set()
    for _ in range(rounds):
        process = subprocess.Popen([binary, *map(str, command)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(random.random() * 0.06)
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = path.read_bytes()
        assert now in (old, new)
        seen.add(now)
        if now == new:
            path.write_bytes(old)
    assert os.listdir(path.parent) == [path.name]
    return seen


@pytest.mark.parametrize("kind", ["bare.mp3", "v23.mp3", "fast.m4a", "flac"])
def test_killed_at_any_moment(binary, clipnotes, audio, tmp_path, kind):
    marks = write_marks(tmp_path / "m.json")
    folder = tmp_path / "work"
    folder.mkdir()
    path = folder / f"a{audio[kind].suffix}"
    shutil.copy(audio[kind], path)
    command = ["chapters", "set", path, "--from", marks, "--in-place"]
    for _ in range(2):  # the first write makes room, the second is in place
        old = path.read_bytes()
        ok(clipnotes(*command))
        new = path.read_bytes()
        assert old != new
        path.write_bytes(old)
        kill_at_random(binary, path, old, new, command, 25)
        path.write_bytes(new)
        marks = write_marks(tmp_path / "n.json", CHAPTERS[:2])
        command[4] = marks


def test_disk_full(binary, audio, tmp_path):
    marks = write_marks(tmp_path / "m.json")
    folder = tmp_path / "work"
    folder.mkdir()
    path = folder / "a.mp3"
    shutil.copy(audio["bare.mp3"], path)
    before = path.read_bytes()

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, len(before) // 2))

    result = subprocess.run([binary, "chapters", "set", path, "--from", marks, "--in-place"],
                            stderr=subprocess.PIPE, text=True, preexec_fn=limit, check=False)
    assert result.returncode == 1
    assert "cannot be written" in result.stderr
    assert path.read_bytes() == before
    assert os.listdir(folder) == ["a.mp3"]


def test_mode_and_links_stay(clipnotes, audio, tmp_path):
    path, name = tmp_path / "a.mp3", tmp_path / "link.mp3"
    shutil.copy(audio["bare.mp3"], path)
    path.chmod(0o640)
    name.symlink_to(path)
    ok(clipnotes("chapters", "set", name, "--from", write_marks(tmp_path / "m.json"), "--in-place"))
    assert name.is_symlink() and path.stat().st_mode & 0o777 == 0o640
    assert shown(clipnotes, path) == CHAPTERS


def test_mark_writes_clip_links_into_their_episodes(clipnotes, root, tmp_path):
    result = ok(clipnotes("mark", root / "samples/season-finale.md", "--audio-dir",
                          root / "samples/audio", "-o", tmp_path / "out"))
    assert len(result.stdout.splitlines()) == 3
    marked = tmp_path / "out" / "s01e01-island-ferry.mp3"
    assert [row[:2] for row in shown(clipnotes, marked)] == [
        (125000, "Agnes Okafor on the ferry that sailed twice"),
        (160000, "Agnes Okafor: The paper timetable – and who prints it"),
        (330000, "Agnes Okafor: The winter nobody changed a line")]
    assert pcm(marked) == pcm(root / "samples/audio" / marked.name)


def test_mark_wants_to_know_where(clipnotes, root):
    result = clipnotes("mark", root / "samples/season-finale.md")
    assert result.returncode == 2
    assert "--in-place" in result.stderr


def test_mark_tells_what_it_does_not_find(clipnotes, root, tmp_path):
    folder = tmp_path / "audio"
    folder.mkdir()
    shutil.copy(root / "samples/audio/s01e01-island-ferry.mp3", folder)
    result = clipnotes("mark", root / "samples/season-finale.md", "--audio-dir", folder,
                       "--in-place")
    assert result.returncode == 3
    assert len(re.findall(r"season-finale\.md:\d+: ", result.stderr)) == 2
    assert len(shown(clipnotes, folder / "s01e01-island-ferry.mp3")) == 3


def test_mark_writes_a_pages_own_times(clipnotes, audio, tmp_path):
    folder = tmp_path / "audio"
    folder.mkdir()
    shutil.copy(audio["v23.mp3"], folder / "talk.mp3")
    notes = tmp_path / "talk.md"
    notes.write_text("# Talk\n\n- 0:00 Intro\n- 0:05 Middle\n- 0:12 End\n")
    ok(clipnotes("mark", notes, "--map", f"{notes}={folder / 'talk.mp3'}", "--in-place"))
    assert [row[:2] for row in shown(clipnotes, folder / "talk.mp3")] == [
        (0, "Intro"), (5000, "Middle"), (12000, "End")]
