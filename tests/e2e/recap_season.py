# SPDX-License-Identifier: MIT
"""A small season, and the recap of it that others are held against. What is imported from here into
a test file is made once for that file."""

import json

import pytest

import speech

RECORD = ".clipnotes-job"


@pytest.fixture(name="season", scope="module")
def make_season(tmp_path_factory):
    """Three spoken episodes, one with music underneath, and notes with six clips."""
    folder = tmp_path_factory.mktemp("recap-season")
    (folder / "audio").mkdir()
    for i, beneath in enumerate([speech.silence, speech.chords, speech.room], 1):
        speech.write_episode(folder / "audio" / f"e{i}.mp3", speech.VOICES[i], beneath, 100, seed=i)
    notes = folder / "finale.md"
    places = [(10, 1), (35, 2), (62, 3), (50, 1), (21, 3), (70, 2)]
    notes.write_text("---\ntitle: Season 1\n---\n" + "".join(
        f"- [Clip {n}: Somebody on \\<thing> & \"more\" {n}](https://show.example/e{episode}?t={at})\n"
        for n, (at, episode) in enumerate(places, 1)))
    return folder


def run(clipnotes, season, out, *words, status=0, notes=None):
    result = clipnotes("recap", "--json", notes or season / "finale.md", "--audio-dir",
                       season / "audio", "-o", out, "--length", "12s", *words)
    assert result.returncode == status, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()], result


def files_in(folder):
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def without_status(files):
    """The manifest says what this run did, "cut" or "kept": all else has to be the same."""
    files = dict(files)
    files["manifest.json"] = files["manifest.json"].replace(b'"kept"', b'"cut"')
    return files


@pytest.fixture(name="done", scope="module")
def make_recap(clipnotes, season, tmp_path_factory):
    out = tmp_path_factory.mktemp("recap") / "out"
    events, _ = run(clipnotes, season, out)
    return out, events
