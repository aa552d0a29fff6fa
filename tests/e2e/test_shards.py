# SPDX-License-Identifier: MIT
"""A job that is spread over machines: shards cut, one run puts them together."""

import json
import shutil
import subprocess

import pytest

import speech

RECORD = ".clipnotes-job"
PLACES = [(10, 1), (35, 2), (22, 3), (30, 1), (21, 3), (5, 2)]


@pytest.fixture(name="season", scope="module")
def make_season(tmp_path_factory):
    """Three spoken episodes and notes with six clips, two of each."""
    folder = tmp_path_factory.mktemp("shards-season")
    (folder / "audio").mkdir()
    for i in range(1, 4):
        speech.write_episode(folder / "audio" / f"e{i}.mp3", speech.VOICES[i], speech.silence, 60,
                             seed=i)
        (folder / "audio" / f"e{i}.vtt").write_text(
            f"WEBVTT\n\n00:00.000 --> 01:00.000\nEpisode {i}.\n")
    (folder / "finale.md").write_text("".join(
        f"- [Clip {n}: Number {n}](https://show.example/e{episode}?t={at})\n"
        for n, (at, episode) in enumerate(PLACES, 1)))
    return folder


def words(season, out, *more, audio=None):
    found = ["--audio-dir", str(audio)] if audio else []
    return [str(season / "finale.md"), "-o", str(out), "--length", "8s", *found, *more]


def files_in(folder):
    """All but what tells what this run did, "cut" or "kept"."""
    files = {str(path.relative_to(folder)): path.read_bytes()
             for path in sorted(folder.rglob("*")) if path.is_file()}
    files["manifest.json"] = files["manifest.json"].replace(b'"kept"', b'"cut"')
    return files


@pytest.fixture(name="whole", scope="module")
def make_whole(clipnotes, season, tmp_path_factory):
    out = tmp_path_factory.mktemp("shards") / "out"
    assert clipnotes("recap", *words(season, out, audio=season / "audio")).returncode == 0
    return files_in(out)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_shards_give_what_one_run_gives(binary, clipnotes, season, tmp_path, whole, count):
    """At once, in one folder; some go empty-handed. Who assembles needs no audio."""
    out = tmp_path / "out"
    running = [subprocess.Popen([binary, "recap", "--json", *words(
        season, out, "--shard", f"{number}/{count}", audio=season / "audio")],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for number in range(1, count + 1)]
    cut = []
    for process in running:
        printed, _ = process.communicate()
        assert process.returncode == 0
        cut.append([json.loads(line)["number"] for line in printed.splitlines()])
    assert sorted(sum(cut, [])) == [1, 2, 3, 4, 5, 6]
    assert not (out / "manifest.json").exists() and not (out / "recap.mp3").exists()
    done = clipnotes("recap", "--json", *words(season, out, "--assemble"))
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["status"] for event in events] == ["kept"] * 6 + ["cut"]
    assert files_in(out) == whole
    again = clipnotes("recap", "--json", *words(season, out, "--assemble"))
    assert {json.loads(line)["status"] for line in again.stdout.splitlines()} == {"kept"}


def test_from_machines_that_share_nothing(clipnotes, season, tmp_path, whole):
    """Each has its own copy of the audio and its own folder, which are copied into one."""
    out = tmp_path / "out"
    for number in (1, 2):
        audio = tmp_path / f"audio-{number}"
        audio.mkdir()
        for path in (season / "audio").iterdir():
            shutil.copyfile(path, audio / path.name)
        own = tmp_path / f"out-{number}"
        assert clipnotes("recap", *words(season, own, "--shard", f"{number}/2",
                                         audio=audio)).returncode == 0
        shutil.copytree(own, out, dirs_exist_ok=True)
    assert clipnotes("recap", *words(season, out, "--assemble")).returncode == 0
    found = files_in(out)
    differ = {name for name in whole if found.get(name) != whole[name]}
    assert set(found) == set(whole) and differ == {RECORD, "manifest.json", "project.rpp"}  # paths


def test_a_shard_goes_on_where_it_was(clipnotes, season, tmp_path):
    for expected in ("cut", "kept"):
        done = clipnotes("recap", "--json", *words(season, tmp_path, "--shard", "1/2",
                                                   audio=season / "audio"))
        events = [json.loads(line) for line in done.stdout.splitlines()]
        assert [event["status"] for event in events] == [expected] * 4


def test_a_shard_that_is_missing_is_named(clipnotes, season, tmp_path, whole):
    out = tmp_path / "out"
    clipnotes("recap", *words(season, out, "--shard", "1/3", audio=season / "audio"))
    clipnotes("recap", *words(season, out, "--shard", "3/3", audio=season / "audio"))
    done = clipnotes("recap", *words(season, out, "--assemble"))
    assert done.returncode == 3
    assert "no shard has cut the clips of https://show.example/e2" in done.stderr
    assert "also needed by line 6" in done.stderr
    clipnotes("recap", *words(season, out, "--shard", "2/3", audio=season / "audio"))
    assert clipnotes("recap", *words(season, out, "--assemble")).returncode == 0
    assert files_in(out) == whole


def test_other_options_are_another_job(clipnotes, season, tmp_path):
    clipnotes("recap", *words(season, tmp_path, "--shard", "1/1", audio=season / "audio"))
    done = clipnotes("recap", *words(season, tmp_path, "--assemble", "--pad-after", "1s"))
    assert done.returncode == 1 and "with the same notes and options" in done.stderr


def test_clips_alone(clipnotes, season, tmp_path):
    plain, spread = tmp_path / "plain", tmp_path / "spread"
    assert clipnotes("clip", *words(season, plain, audio=season / "audio")).returncode == 0
    for number in (1, 2):
        done = clipnotes("clip", *words(season, spread, "--shard", f"{number}/2",
                                        audio=season / "audio"))
        assert done.returncode == 0, done.stderr
        assert not (spread / "manifest.json").exists()
    assert clipnotes("clip", *words(season, spread, "--assemble")).returncode == 0
    together = files_in(spread)
    del together[RECORD + ".1-of-2"], together[RECORD + ".2-of-2"], together[RECORD]
    assert together == files_in(plain)


def test_marks_alone(clipnotes, season, tmp_path):
    found = []
    for number in (1, 2, 3, 4):
        done = clipnotes("mark", season / "finale.md", "--audio-dir", season / "audio", "-o",
                         tmp_path, "--shard", f"{number}/4")
        assert done.returncode == 0, done.stderr
        found += done.stdout.splitlines()
    assert sorted(found) == [f"{tmp_path}/e{i}.mp3: 2 chapters" for i in (1, 2, 3)]


def test_marks_are_assembled(clipnotes, season, tmp_path):
    def mark(*words):
        return clipnotes("mark", season / "finale.md", "--audio-dir", season / "audio", "-o",
                         tmp_path, *words)
    none = mark("--assemble")
    assert none.returncode == 1 and none.stdout == "" and list(tmp_path.iterdir()) == []
    assert mark("--shard", "1/3").returncode == 0
    assert mark("--shard", "3/3").returncode == 0
    some = mark("--assemble")
    assert some.returncode == 3 and "e2.mp3" in some.stderr
    shutil.copy(season / "audio" / "e2.mp3", tmp_path)
    some = mark("--assemble", "--json")
    assert some.returncode == 3 and "2 of its 2 marks are not there" in some.stderr
    assert [file["status"] for file in json.loads(some.stdout)["files"]] == [
        "marked", "failed", "marked"]
    assert mark("--shard", "2/3").returncode == 0
    done = mark("--assemble")
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 3
    assert mark("--shard", "1/2", "--assemble").returncode == 2


@pytest.mark.parametrize("given", [["--shard", "0/3"], ["--shard", "4/3"], ["--shard", "2"],
                                   ["--shard", "1/2x"], ["--shard", "1/2", "--assemble"]])
def test_wrong_usage(clipnotes, season, tmp_path, given):
    done = clipnotes("recap", *words(season, tmp_path / "out", *given))
    assert done.returncode == 2 and "--shard" in done.stderr
