# SPDX-License-Identifier: MIT
"""clipnotes clip: from notes to clip files."""

import hashlib
import json
import os
import shutil
import subprocess

import mutagen
import pytest

from media import locate, sample_rate

FINALE = "samples/season-finale.md"
FRAME = {"mp3": 1152, "m4a": 1024, "opus": 960, "ogg": 1024, "flac": 4096, "wav": 1}


def cut(clipnotes, *words, status=0):
    result = clipnotes("clip", "--json", *words)
    assert result.returncode == status, result.stderr
    return json.loads(result.stdout)["clips"], result


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def played(path):
    """Seconds, as decoded."""
    pcm = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-map", "0:a:0",
                          "-ac", "1", "-f", "s16le", "-"], check=True,
                         stdout=subprocess.PIPE).stdout
    return len(pcm) / 2 / sample_rate(path)


@pytest.fixture(scope="module")
def sample_clips(clipnotes, root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    clips, _ = cut(clipnotes, root / FINALE, "--audio-dir", root / "samples/audio", "-o", folder,
                   "--length", "20s", "--end", "fixed")
    return folder, clips


def test_samples_give_nine_named_files(sample_clips):
    folder, clips = sample_clips
    assert [clip["file"] for clip in clips[:3]] == [
        "01-agnes-okafor-on-the-ferry-that-sailed-twice.mp3",
        "02-jorn-halvorsen-the-oven-doesnt-care-about-time-zones.m4a",
        "03-maeve-oleary-on-software-that-sleeps-most-of-the-day.opus"]
    assert files_in(folder) == sorted([clip["file"] for clip in clips] + ["manifest.json"])
    for clip in clips:
        assert clip["status"] == "cut" and clip["error"] is None
        assert clip["end_by"] == "fixed" and clip["method"] == "copy"
        assert clip["end_ms"] == clip["start_ms"] + 20_000
        data = (folder / clip["file"]).read_bytes()
        assert (clip["bytes"], clip["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        assert played(folder / clip["file"]) == pytest.approx(20, abs=0.1)


def test_manifest_is_what_was_printed(sample_clips):
    folder, clips = sample_clips
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["version"] == 1 and manifest["tool"].startswith("clipnotes ")
    assert manifest["clips"] == clips


def first(tags, *names):
    keys = list(tags.keys())
    for name in names:
        if name in keys:
            value = tags[name]
            value = value.text if hasattr(value, "text") else value
            return value[0] if isinstance(value, list) else value
    raise AssertionError(f"none of {names} in {list(tags)}")


def test_clips_say_what_they_are(sample_clips):
    folder, clips = sample_clips
    for clip in clips:
        tags = mutagen.File(folder / clip["file"])
        assert first(tags, "TIT2", "©nam", "title") == clip["title"]
        assert first(tags, "TALB", "©alb", "album") == "Season 1 – Finale"
        assert first(tags, "TPE1", "©ART", "artist")
        assert str(first(tags, "TDRC", "TYER", "©day", "date")).startswith("202")
        track = first(tags, "TRCK", "trkn", "tracknumber")
        if isinstance(track, tuple):
            track = "/".join(map(str, track))
        assert str(track) == f"{clip['number']}/9"
        text = " ".join(str(value) for key, value in tags.items()
                        if key.upper().startswith(("COMM", "©CMT", "COMMENT", "DESCRIPTION")))
        assert clip["page"] in text


def test_clips_carry_the_cover(sample_clips):
    folder, clips = sample_clips
    for clip in clips[:3]:
        tags = mutagen.File(folder / clip["file"])
        assert any(key.startswith(("APIC", "covr", "metadata_block_picture", "METADATA_BLOCK"))
                   for key in tags.keys()), clip["file"]


def test_dry_run_writes_nothing(clipnotes, root, tmp_path):
    clips, _ = cut(clipnotes, "-n", root / FINALE, "--audio-dir", root / "samples/audio",
                   "-o", tmp_path / "out")
    assert {clip["status"] for clip in clips} == {"planned"}
    assert clips[0]["file"] and clips[0]["sha256"] is None
    assert not (tmp_path / "out").exists()


def test_result_lines_name_the_files(clipnotes, root, tmp_path):
    result = clipnotes("clip", root / FINALE, "--audio-dir", root / "samples/audio", "-o",
                       tmp_path, "-l", "5")
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert len(lines) == 9
    assert all(os.path.exists(line.split("  ")[0]) for line in lines)
    assert "9 of 9 clips cut, from 3 episodes" in result.stderr
    quiet = clipnotes("clip", "-q", root / FINALE, "--audio-dir", root / "samples/audio", "-o",
                      tmp_path, "-l", "5")
    assert quiet.stderr == ""


def test_twice_gives_the_same_bytes(clipnotes, root, tmp_path):
    words = [root / FINALE, "--audio-dir", root / "samples/audio", "-o", tmp_path, "-l", "5s"]
    before, _ = cut(clipnotes, *words)
    after, _ = cut(clipnotes, *words, "-j", "1")
    assert before == after


# Each kind of audio.

@pytest.mark.parametrize("codec", ["mp3", "m4a", "opus", "ogg", "flac", "wav"])
def test_every_codec_starts_within_a_frame(clipnotes, media, tmp_path, codec):
    name = f"s01e01-{codec}"
    source = media.episode(name, minutes=5, codec=codec, bitrate=96)
    audio = tmp_path / "audio"
    audio.mkdir()
    (audio / source.name).symlink_to(source)
    notes = tmp_path / "notes.md"
    starts = [0, 61_234, 283_000]
    notes.write_text("".join(f"- [Clip](https://show.example/{name}?t={at / 1000})\n"
                             for at in starts))
    clips, _ = cut(clipnotes, notes, "--audio-dir", audio, "-o", tmp_path / "out", "-l", "12.5s")
    assert [clip["start_ms"] for clip in clips] == starts
    for clip in clips:
        path = tmp_path / "out" / clip["file"]
        off = locate(path, source, clip["start_ms"])
        assert abs(off) <= FRAME[codec], f"{off} samples off"
        assert played(path) == pytest.approx(12.5, abs=2 * FRAME[codec] / 44100)
        if clip["exact"] and codec != "ogg":  # ffmpeg plays up to a block before a Vorbis clip
            assert off == 0


# What can go wrong with one clip does not touch the others.

@pytest.fixture
def season(tmp_path, media):
    """Notes with one good clip on line 1 and whatever else a test appends; audio of one episode."""
    audio = tmp_path / "audio"
    audio.mkdir()
    shutil.copy(media.episode("s01e01-good", minutes=5), audio)

    class Season:
        folder = tmp_path
        out = tmp_path / "out"
        notes = tmp_path / "notes.md"

        def write(self, *lines):
            self.notes.write_text("\n".join(
                ["- [Good](https://show.example/s01e01-good?t=1:00)", *lines]) + "\n")

        def arguments(self):
            return [self.notes, "--audio-dir", audio, "-o", self.out, "-l", "10"]
    Season.audio = audio
    season = Season()
    season.write()
    return season


def failing(clipnotes, season, status=3):
    clips, result = cut(clipnotes, *season.arguments(), status=status)
    good = [clip for clip in clips if clip["status"] == "cut"]
    assert len(good) == (1 if status == 3 else 0)
    if season.out.is_dir():
        wanted = [clip["file"] for clip in good] + (["manifest.json"] if good else [])
        assert files_in(season.out) == sorted(wanted)
    return clips, result.stderr.splitlines()


def test_position_past_the_end(clipnotes, season):
    season.write("- [Late](https://show.example/s01e01-good?t=1:20:00)")
    clips, [line] = failing(clipnotes, season)
    assert line.startswith(f"{season.notes}:2: 1:20:00 is past the end of the episode, which is 5:0")
    assert clips[1]["status"] == "failed" and "past the end" in clips[1]["error"]


def test_clip_that_reaches_the_end(clipnotes, season):
    season.write("- [End](https://show.example/s01e01-good?t=4:57)")
    clips, _ = cut(clipnotes, *season.arguments())
    assert clips[1]["end_by"] == "eof"
    assert clips[1]["end_ms"] == pytest.approx(300_000, abs=6_000)


def test_episode_without_audio(clipnotes, season):
    season.write("- [None](https://show.example/s09e09-none?t=1:00)",
                 "- [None](https://show.example/s09e09-none?t=2:00)")
    _, [line] = failing(clipnotes, season)
    assert line.startswith(f"{season.notes}:2: ")
    assert "s09e09-none" in line and "line 3" in line and "--audio-dir" in line


@pytest.mark.parametrize("damage", ["empty", "text", "header"])
def test_broken_audio(clipnotes, season, damage):
    broken = season.audio / "s01e02-broken.mp3"
    good = (season.audio / "s01e01-good.mp3").read_bytes()
    broken.write_bytes({"empty": b"", "text": b"<html>not here</html>" * 500,
                        "header": good[:200]}[damage])
    season.write("- [Broken](https://show.example/s01e02-broken?t=1:00)")
    _, [line] = failing(clipnotes, season)
    assert line.startswith(f"{season.notes}:2: ") and "s01e02-broken.mp3" in line


def test_nothing_works_is_status_one(clipnotes, season):
    season.notes.write_text("[None](https://show.example/s09e09-none?t=1:00)\n")
    failing(clipnotes, season, status=1)


def test_output_folder_that_is_a_file(clipnotes, season):
    season.out.write_text("keep me")
    _, [line] = failing(clipnotes, season, status=1)
    assert line.startswith(f"{season.notes}:1: {season.out}: ")
    assert season.out.read_text() == "keep me"


def test_output_file_that_is_a_folder(clipnotes, season):
    season.write("- [Blocked](https://show.example/s01e01-good?t=2:00)")
    (season.out / "02-blocked.mp3").mkdir(parents=True)
    clips, result = cut(clipnotes, *season.arguments(), status=3)
    [line] = result.stderr.splitlines()
    assert line.startswith(f"{season.notes}:2: ") and "02-blocked.mp3" in line
    assert [clip["status"] for clip in clips] == ["cut", "failed"]


def test_disk_full_leaves_no_half_file(binary, season):
    """A limit on the size of files stands for a full disk."""
    season.write("- [Long](https://show.example/s01e01-good?t=2:00)")
    result = subprocess.run(
        ["sh", "-c", 'ulimit -f 64; exec "$0" clip "$@"', str(binary),
         *map(str, season.arguments()), "-j", "1"],
        capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert files_in(season.out) == []
    assert f"{season.notes}:1: " in result.stderr


@pytest.mark.skipif(os.getuid() == 0 and not shutil.which("setpriv"), reason="root writes anywhere")
def test_unwritable_folder(binary, season):
    season.out.mkdir()
    season.out.chmod(0o555)
    for path in [season.folder, *season.folder.parents]:
        if str(path).startswith("/tmp/pytest"):
            path.chmod(path.stat().st_mode | 0o555)
    as_nobody = ["setpriv", "--reuid=65534", "--clear-groups"] if os.getuid() == 0 else []
    result = subprocess.run([*as_nobody, str(binary), "clip", *map(str, season.arguments())],
                            capture_output=True, text=True, check=False)
    if "cannot execute" in result.stderr or result.returncode in (126, 127):
        pytest.skip("another user cannot run the program from here")
    assert result.returncode == 1, result.stderr
    [line] = [line for line in result.stderr.splitlines() if "notes.md" in line]
    assert line.startswith(f"{season.notes}:1: ") and "Permission denied" in line


def test_interrupted_by_kill_leaves_no_half_file(binary, season):
    season.write(*[f"- [C{i}](https://show.example/s01e01-good?t={i})" for i in range(200)])
    with subprocess.Popen([str(binary), "clip", *map(str, season.arguments())],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not (season.out.is_dir() and files_in(season.out)):
            pass
        process.kill()
    for name in files_in(season.out):
        if name.endswith(".mp3"):
            assert played(season.out / name) == pytest.approx(10, abs=0.1)


@pytest.mark.parametrize("source, name, codec, method", [
    ("s01e01-island-ferry.mp3", "a.mp3", "mp3", "copy"),
    ("s01e01-island-ferry.mp3", "a.FLAC", "flac", "encode"),
    ("s01e01-island-ferry.mp3", "a.wav", "pcm", "encode"),
    ("s01e01-island-ferry.mp3", "a.mka", "mp3", "copy"),
    ("s01e01-island-ferry.mp3", "a", "mp3", "copy"),
    ("s01e02-bakery-clock.m4a", "a.m4b", "aac", "copy"),
    ("s01e02-bakery-clock.m4a", "a.mka", "aac", "copy"),
    ("s01e02-bakery-clock.m4a", "a.mp3", "mp3", "encode"),
    ("s01e03-weather-buoys.opus", "a.oga", "opus", "copy"),
    ("s01e03-weather-buoys.opus", "a.mp3", "mp3", "encode"),
])
def test_the_name_of_a_cut_tells_its_format(clipnotes, root, tmp_path, source, name, codec, method):
    result = clipnotes("cut", root / "samples/audio" / source, "1:00", "+2s", "--json", "-o",
                       tmp_path / name)
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert (told["codec"], told["method"]) == (codec, method)
    probe = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of",
                            "csv=p=0", tmp_path / name], check=True, stdout=subprocess.PIPE,
                           text=True)
    assert probe.stdout.split()[0].replace("pcm_s24le", "pcm") == codec


@pytest.mark.parametrize("link", [None, "symlink_to", "hardlink_to"])
def test_a_cut_never_replaces_its_own_file(clipnotes, root, tmp_path, link):
    episode = tmp_path / "episode.mp3"
    episode.write_bytes((root / "samples/audio/s01e01-island-ferry.mp3").read_bytes())
    before, output = episode.read_bytes(), episode
    if link:
        output = tmp_path / "link.mp3"
        getattr(output, link)(episode)
    result = clipnotes("cut", episode, "1:00", "+2s", "-o", output)
    assert result.returncode == 2 and str(output) in result.stderr
    assert "is the file that is cut" in result.stderr
    assert episode.read_bytes() == before == output.read_bytes()
    assert output.is_symlink() == (link == "symlink_to")


def test_a_clip_never_replaces_its_episode(clipnotes, root, tmp_path):
    episode = tmp_path / "01-harbour.mp3"
    before = (root / "samples/audio/s01e01-island-ferry.mp3").read_bytes()
    episode.write_bytes(before)
    notes = tmp_path / "notes.md"
    notes.write_text("- [Harbour](https://show.example/e?t=60)\n"
                     "- [Sea](https://show.example/e?t=90)\n")
    clips, result = cut(clipnotes, notes, "--map", f"https://show.example/e={episode}", "-o",
                        tmp_path, status=3)
    assert [clip["status"] for clip in clips] == ["failed", "cut"]
    assert "01-harbour.mp3" in result.stderr and "choose another" in result.stderr
    assert episode.read_bytes() == before


@pytest.mark.parametrize("name, options", [
    ("a.txt", []), ("a.aac", []), ("a.wav", ["--format", "flac"]), ("a.wav", ["--format", "copy"]),
    ("-", [])])
def test_a_cut_that_its_name_does_not_fit(clipnotes, root, tmp_path, name, options):
    result = clipnotes("cut", root / "samples/audio/s01e01-island-ferry.mp3", "1:00", "+2s", "-o",
                       name if name == "-" else tmp_path / name, *options)
    assert result.returncode == 2 and "--output" in result.stderr
    assert not files_in(tmp_path)


def test_a_cut_tells_what_a_clip_tells(clipnotes, root, tmp_path):
    episode = root / "samples/audio/s01e01-island-ferry.mp3"
    cut = ["cut", episode, "1:00", "+2s", "-o", tmp_path / "a.mp3", "--json"]
    planned = json.loads(clipnotes(*cut, "-n").stdout)
    assert (planned["status"], planned["bytes"]) == ("planned", None) and not files_in(tmp_path)
    told = json.loads(clipnotes(*cut).stdout)
    data = (tmp_path / "a.mp3").read_bytes()
    assert {name: told[name] for name in (
        "version", "audio", "start_ms", "end_ms", "end_by", "file", "method", "exact", "error_ms",
        "codec", "bytes", "sha256", "status", "error")} == {
            "version": 1, "audio": str(episode), "start_ms": 60000, "end_ms": 62000,
            "end_by": "range", "file": str(tmp_path / "a.mp3"), "method": "copy", "exact": True,
            "error_ms": 0, "codec": "mp3", "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(), "status": "cut", "error": None}
    length = round(played(episode) * 1000)
    late = json.loads(clipnotes(*cut[:2], "1:00", "9:00:00", *cut[4:]).stdout)
    assert (late["end_by"], late["end_ms"]) == ("eof", length)
    failed = clipnotes(*cut[:2], "9:00:00", "+1s", *cut[4:])
    assert failed.returncode == 1 and json.loads(failed.stdout)["status"] == "failed"
    assert json.loads(failed.stdout)["error"] in failed.stderr


@pytest.mark.parametrize("words, message", [
    (["", "1", "2"], "FILE: the name is empty"),
    (["-", "1", "2"], "standard input cannot be cut"),
    (["a.mp3", "1", "2", "-o", ""], "--output: the name is empty"),
    (["ftp://show.example/a.mp3", "1", "2"], "only http and https"),
    (["a.mp3", "2", "1"], "END: '1' is not after the start"),
    (["a.mp3", "1", "+0"], "END: '+0' is not after the start"),
    (["a.mp3", "x", "1"], "START: 'x' is no time"),
    (["a.mp3", "1"], "needs FILE START END"),
    (["a.mp3", "1", "2", "3"], "'3' is too much"),
])
def test_wrong_cuts(clipnotes, tmp_path, words, message):
    result = clipnotes("cut", *words, "--json", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr and result.stderr.count("\n") == 1
