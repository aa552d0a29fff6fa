# SPDX-License-Identifier: MIT
"""clipnotes chapters and mark: what is written is there, and nothing else in the file changes."""

import json
import re
import shutil

import mutagen
import pytest
from mutagen import id3

from chapter_files import (CHAPTERS, CODECS, all_audio, by_ffprobe, ends_of, held, ok, other_tags, pcm,
                           shown, titles, write_marks)


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """One tagged file of each kind."""
    return all_audio(tmp_path_factory.mktemp("audio"))


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
    assert kind == "mp3" or ends_of(copy)[:-1] == [4000, 8000, 10500, 13845]
    assert pcm(copy) == pcm(source)
    ok(clipnotes("chapters", "strip", copy, "--in-place"))
    assert clipnotes("chapters", "check", copy).returncode == 1
    assert by_ffprobe(copy) == []
    assert pcm(copy) == pcm(source)
    if kind != "bare.mp3":
        assert other_tags(copy) == other_tags(source)


@pytest.mark.parametrize("first", ["v23.mp3", "mp3"])
def test_tags_in_a_row(clipnotes, audio, tmp_path, first):
    """FFmpeg reads all of them, so old chapters of a later one must not stay."""
    marked, both = tmp_path / "marked.mp3", tmp_path / "both.mp3"
    old = [(1000, "Old", None), (9000, "Older", None)]
    ok(clipnotes("chapters", "set", audio["v23.mp3"], "--from",
                 write_marks(tmp_path / "old.json", old), "-o", marked))
    tag = audio[first].read_bytes()[:id3.ID3(audio[first]).size]
    both.write_bytes(tag + marked.read_bytes())
    assert shown(clipnotes, both) == old and by_ffprobe(both) == titles(old)
    assert "behind the first one" in clipnotes("chapters", "check", both).stdout
    tags, samples = other_tags(both), pcm(both)

    rows = [(0, "One", None), (5000, "Two", None)]
    ok(clipnotes("chapters", "set", both, "--from", write_marks(tmp_path / "m.json", rows),
                 "--in-place"))
    assert shown(clipnotes, both) == rows and by_ffprobe(both) == titles(rows)
    second = tmp_path / "second.mp3"
    second.write_bytes(both.read_bytes()[id3.ID3(both).size:])
    assert other_tags(second) == other_tags(marked)
    both.write_bytes(both.read_bytes()[:id3.ID3(both).size] + marked.read_bytes())
    assert shown(clipnotes, both) == rows
    assert "FFmpeg shows those too" in clipnotes("chapters", "check", both).stdout
    ok(clipnotes("chapters", "strip", both, "--in-place"))
    assert shown(clipnotes, both) == [] == by_ffprobe(both)
    assert (other_tags(both), pcm(both)) == (tags, samples)


@pytest.mark.parametrize("kind", ["m4a", "mp3", "opus", "flac"])
def test_a_first_chapter_after_the_start(clipnotes, audio, tmp_path, kind):
    late = [(1500, "One", None), (5000, "Two", None)]
    copy = tmp_path / f"copy.{kind}"
    ok(clipnotes("chapters", "set", audio[kind], "--from",
                 write_marks(tmp_path / "m.json", late), "-o", copy))
    assert shown(clipnotes, copy) == late
    assert by_ffprobe(copy) == titles(late)


@pytest.mark.parametrize("kind", ["v23.mp3", "wav", "m4a", "opus", "flac", "mka"])
def test_a_chapter_behind_the_end(clipnotes, audio, tmp_path, kind):
    late = [(0, "One", None), (5000, "Two", None), (25000, "Late", None)]
    copy = tmp_path / f"copy{audio[kind].suffix}"
    ok(clipnotes("chapters", "set", audio[kind], "--from",
                 write_marks(tmp_path / "m.json", late), "-o", copy))
    assert shown(clipnotes, copy) == late
    assert by_ffprobe(copy) == titles(late)
    result = clipnotes("chapters", "check", copy)
    assert result.returncode == 1
    assert result.stdout.count("error") == 1 and "'Late', starts at 0:25, but" in result.stdout


@pytest.mark.parametrize("behind", [bytes(7), b"TAG" + b"Title".ljust(125, b"\0")],
                         ids=["zeros", "id3v1"])
def test_what_stands_behind_a_wav_stays(clipnotes, audio, tmp_path, behind):
    copy = tmp_path / "copy.wav"
    copy.write_bytes(audio["wav"].read_bytes() + behind)
    tags, samples = other_tags(copy), pcm(copy)
    for rows in (CHAPTERS, CHAPTERS[:2], []):
        words = ["set", copy, "--from", write_marks(tmp_path / "m.json", rows)]
        ok(clipnotes("chapters", *(words if rows else ["strip", copy]), "--in-place"))
        whole = copy.read_bytes()
        assert whole.endswith(behind)
        assert int.from_bytes(whole[4:8], "little") == len(whole) - len(behind) - 8
        assert shown(clipnotes, copy) == rows and by_ffprobe(copy) == (titles(rows) if rows else [])
        assert (other_tags(copy), pcm(copy)) == (tags, samples)


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


def test_untitled_chapters_behind_a_full_list(clipnotes, audio, tmp_path):
    """Nero's list of an M4A ends at 255."""
    many = [(i * 15, "" if i % 40 == 0 else f"Chapter {i}", None) for i in range(300)]
    copy = tmp_path / "copy.m4a"
    ok(clipnotes("chapters", "set", audio["m4a"], "--from", write_marks(tmp_path / "m.json", many),
                 "-o", copy))
    assert shown(clipnotes, copy) == many


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


def test_a_dry_run_of_convert_writes_no_file(clipnotes, tmp_path):
    marks, text = write_marks(tmp_path / "m.json"), tmp_path / "text.vtt"
    shown_text = ok(clipnotes("chapters", "convert", marks, "-n", "-o", text)).stdout
    assert not text.exists()
    ok(clipnotes("chapters", "convert", marks, "-o", text))
    assert text.read_text() == shown_text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", FORMATS)
def test_utf16_of_windows_programs(clipnotes, tmp_path, name, encoding):
    """Some of it begins as an MP3 may."""
    rows = [(0, "Intro – ❤️"), (4000, "Ü"), (12360, "End")]
    marks = write_marks(tmp_path / "m.json", [(*row, None) for row in rows])
    text = ok(clipnotes("chapters", "convert", marks, "--to", name)).stdout
    text = text.replace('encoding="UTF-8"', 'encoding="UTF-16"').replace("\n", "\r\n")
    path = tmp_path / "text.txt"
    path.write_bytes(("\ufeff" + text).encode(encoding))
    assert [row[:2] for row in shown(clipnotes, path)] == rows


@pytest.mark.parametrize("kind", ["bare.mp3", "wav"])
@pytest.mark.parametrize("version", [3, 4])
def test_the_version_of_a_new_tag(clipnotes, audio, tmp_path, kind, version):
    copy = tmp_path / f"copy{audio[kind].suffix}"
    shutil.copy(audio[kind], copy)
    if kind == "wav":
        mutagen.File(copy).delete()
    marks = write_marks(tmp_path / "m.json")
    ok(clipnotes("chapters", "set", copy, "--from", marks, "--id3", f"2.{version}", "--in-place"))
    tags = mutagen.File(copy).tags
    assert tags.version == (2, version, 0)
    found = [tags[f"CHAP:chp{i}"].sub_frames["TIT2"] for i in range(len(CHAPTERS))]
    assert [str(title) for title in found] == [title for _, title, _ in CHAPTERS]
    assert {title.encoding for title in found} == {0, 3 if version == 4 else 1}
    assert shown(clipnotes, copy) == CHAPTERS

    # A tag that is there keeps its own.
    other = ok(clipnotes("chapters", "set", copy, "--from", marks, "--id3", f"2.{7 - version}",
                         "--in-place"))
    assert f"its ID3v2.{version} tag keeps its version" in other.stderr
    assert mutagen.File(copy).tags.version == (2, version, 0)
    assert clipnotes("chapters", "set", copy, "--from", marks, "--id3", "2.2",
                     "--in-place").returncode == 2


def test_what_was_written_as_json(clipnotes, audio, tmp_path):
    copy = tmp_path / "copy.mp3"
    marks = write_marks(tmp_path / "m.json")

    def told(*words):
        result = ok(clipnotes("chapters", *words, "--json"))
        assert result.stderr == ""
        return json.loads(result.stdout)

    expected = {"version": 1, "audio": str(audio["v23.mp3"]), "file": str(copy),
                "chapters": len(CHAPTERS), "status": "written"}
    assert told("set", audio["v23.mp3"], "--from", marks, "-o", copy) == expected
    expected["audio"] = str(copy)
    for words, status, count in [(["set", "--from", marks], "unchanged", len(CHAPTERS)),
                                 (["strip"], "in place", 0)]:
        expected.update(status=status, chapters=count)
        assert told(words[0], copy, *words[1:], "--in-place") == expected


RICH = [
    {"startTime": 0, "endTime": 3.5, "title": "Intro – ❤️ & more",
     "url": "https://example.org/a?x=1&y=2", "img": "https://example.org/a.jpg"},
    {"startTime": 4, "title": "12:30 lunch, \"quoted\" -- <b>", "toc": False},
    {"startTime": 12.36, "endTime": 20, "title": "Ü; = # \\ [x](y) * _z_ {`a`}",
     "url": "https://example.org/(b)",
     "location": {"name": "Köln", "geo": "geo:50.9,6.9", "osm": "R62578"}},
    {"startTime": 75, "title": "12:30 again"},
    {"startTime": 80, "title": "– dash"},
    {"startTime": 3725.04, "title": "- late: [ok"},
]
HOLDS = {
    "json": {"endTime", "url", "img", "toc", "location"},
    "podlove": {"url", "img"},
    "vtt": {"endTime"},
    "ffmetadata": {"endTime"},
    "audacity": {"endTime"},
    "reaper": {"endTime"},
    "matroska": {"endTime", "toc"},
    "soundbite": {"endTime"},
    "ogm": {"url"},
    "markdown": {"url"},
    "mp4chaps": set(),
    "cue": set(),
}
# Formats that want an end have one where the next chapter starts.
FILLS_ENDS = {"vtt", "ffmetadata", "soundbite"}


@pytest.mark.parametrize("name", HOLDS)
def test_a_format_loses_nothing_that_it_can_hold(clipnotes, tmp_path, name):
    marks, text = tmp_path / "m.json", tmp_path / "text"
    marks.write_text(json.dumps({"version": "1.2.0", "chapters": RICH}))
    told = ok(clipnotes("chapters", "convert", marks, "--to", name, "-o", text)).stderr
    assert ("holds no locations: 1 are left out" in told) == (name != "json")
    found = json.loads(ok(clipnotes("chapters", "convert", text, "--from", name, "--to",
                                    "json")).stdout)["chapters"]
    kept = HOLDS[name] | {"startTime", "title"}
    expected = [{key: value for key, value in chapter.items() if key in kept}
                for chapter in RICH if "toc" in kept or "toc" not in chapter]
    if name in FILLS_ENDS:
        for chapter, following in zip(expected, expected[1:]):
            chapter.setdefault("endTime", following["startTime"])
    assert found == expected


HOSTILE = ["", "a\nb", "a\tb", "a\r\nb", "a\x01\x1b[31mb", "a --> b", "& < > ' &amp; ]]>",
           "two  blanks", "x" * 1000, "ü" * 200, "👩‍👩‍👧 ❤️", "مرحبا \u202eبالعالم", "0:00", "12:30-13:00 talk",
           "1. item", "5 things", "= eq", "; semi", "# hash", "\\n \\", ": colon", "| pipe", "-- x",
           "[CHAPTER]", "CHAPTER01=x", "WEBVTT", "NOTE", "M1,x", "a,\"b\"", "INDEX 01 00:00:00",
           "http://a.example/", "\ufeffmark"]
# What can hold line ends and tabs. XML holds no control characters.
NOTHING = r"[^\s\S]"
WHOLE = {"json": NOTHING, "ffmetadata": NOTHING, "podlove": r"[\x01\x1b]",
         "matroska": r"[\x01\x1b]"}


@pytest.mark.parametrize("name", HOLDS)
def test_hostile_titles(clipnotes, tmp_path, name):
    marks, text = tmp_path / "m.json", tmp_path / "text"
    marks.write_text(json.dumps({"version": "1.2.0", "chapters": [
        {"startTime": i * 20 + 0.12, "endTime": i * 20 + 20.12, "title": title}
        for i, title in enumerate(HOSTILE)]}))
    ok(clipnotes("chapters", "convert", marks, "--to", name, "-o", text))
    expected = [re.sub(WHOLE.get(name, r"[\x00-\x1f]"), " ", title) for title in HOSTILE]
    if name == "cue":
        expected = [title.replace('"', "'") for title in expected]
    if name == "soundbite":
        expected = [title[:128] for title in expected]
    assert [row[1] for row in shown(clipnotes, text)] == expected
    assert clipnotes("chapters", "show", text).stdout.count("\n") == len(HOSTILE)


def test_no_chapters_are_no_reason_to_take_some_out(clipnotes, audio, tmp_path):
    copy, empty = tmp_path / "a.mp3", tmp_path / "empty.json"
    empty.write_text('{"version": "1.2.0", "chapters": []}')
    ok(clipnotes("chapters", "set", audio["v23.mp3"], "--from", write_marks(tmp_path / "m.json"),
                 "-o", copy))
    before = copy.read_bytes()
    for marks in (audio["bare.mp3"], empty):
        result = clipnotes("chapters", "set", copy, "--from", marks, "--in-place")
        assert result.returncode == 1 and "holds no chapters" in result.stderr
        assert copy.read_bytes() == before


@pytest.mark.parametrize("name", ["youtube", "spotify"])
def test_descriptions_keep_seconds_and_titles(clipnotes, tmp_path, name):
    marks, text = tmp_path / "m.json", tmp_path / "text"
    marks.write_text(json.dumps({"version": "1.2.0", "chapters": RICH}))
    ok(clipnotes("chapters", "convert", marks, "--to", name, "-o", text))
    assert [(start, title.replace("\\", "")) for start, title, _ in shown(clipnotes, text)] == [
        (int(chapter["startTime"]) * 1000, chapter["title"].replace("\\", ""))
        for chapter in RICH if "toc" not in chapter]

    # Not as Markdown, which they look like: then all signs are what they are.
    titles_in = [*HOSTILE, "**bold**", "C:\\_tmp\\[1]", "[x](https://example.org/)"]
    marks.write_text(json.dumps({"chapters": [
        {"startTime": i * 20, "title": title} for i, title in enumerate(titles_in)]}))
    ok(clipnotes("chapters", "convert", marks, "--to", name, "-o", text))
    again = ok(clipnotes("chapters", "convert", text, "--from", name, "--to", "json")).stdout
    assert [chapter.get("title", "") for chapter in json.loads(again)["chapters"]] == [
        re.sub(r"[\x00-\x1f]", " ", title) for title in titles_in]


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


def test_mark_is_repeatable_and_tells_as_json(clipnotes, root, tmp_path):
    words = ["mark", root / "samples/season-finale.md", "--audio-dir", root / "samples/audio", "-o",
             tmp_path / "out", "--json"]
    planned = json.loads(ok(clipnotes(*words, "--dry-run")).stdout)
    assert not (tmp_path / "out").exists()
    told = json.loads(ok(clipnotes(*words)).stdout)
    first = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert json.loads(ok(clipnotes(*words)).stdout) == told
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == first
    assert told["version"] == 1 and told["missing"] == []
    for file, plan in zip(told["files"], planned["files"]):
        assert {**file, "status": "planned"} == plan
        assert file["status"] == "marked" and file["error"] is None
        assert file["audio"].startswith(str(root)) and file["page"].startswith("https://")
        assert [row[:2] for row in shown(clipnotes, file["file"])] == [
            (chapter["start_ms"], chapter["title"]) for chapter in file["chapters"]]


def test_mark_changes_no_audio_unasked(clipnotes, root, tmp_path):
    folder = tmp_path / "audio"
    shutil.copytree(root / "samples/audio", folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (tmp_path / "out").symlink_to(folder)
    for output in (folder, tmp_path / "out"):
        result = clipnotes("mark", root / "samples/season-finale.md", "--audio-dir", folder, "-o",
                           output)
        assert result.returncode == 1
        assert result.stderr.count("the copy would be the audio itself") == 3
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


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
    told = json.loads(clipnotes("mark", root / "samples/season-finale.md", "--audio-dir", folder,
                                "--in-place", "--json").stdout)
    assert len(told["files"]) == 1 and len(told["missing"]) == 2
    assert all("no audio found" in page["error"] and page["line"] > 0 for page in told["missing"])
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
