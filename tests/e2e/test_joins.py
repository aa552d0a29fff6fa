# SPDX-License-Identifier: MIT
"""Joins: nineteen clips of speech over music, cut in the middle of it, out of recordings of all
kinds; what is heard at the seams, and where each clip begins."""

import hashlib
import json
import shutil
import subprocess

import numpy
import pytest

import rpp
import speech
from media import best_match, kept, played_together

EPISODES = [("mp3", 44100, 1), ("m4a", 48000, 2), ("wav", 22050, 1), ("ogg", 44100, 2),
            ("opus", 48000, 1), ("flac", 32000, 2)]
CLIPS = [(i % 6, 1.37 + 2.9 * (i // 6) + 0.613 * i) for i in range(19)]
SECONDS = 3
AROUND = {"intro": ("wav", 22050, 1), "between": ("ogg", 48000, 2), "outro": ("mp3", 44100, 2)}


def write(path, kind, rate, channels, seconds, seed):
    """A voice in the middle, music more to one side."""
    dice = numpy.random.default_rng(seed)
    voice = numpy.concatenate([speech.speak(speech.SENTENCES[(seed + i) % 20],
                                            speech.VOICES[seed % 4]) for i in range(30)])
    voice = voice[:seconds * speech.RATE]
    music = speech.chords(len(voice), dice, 0.03)
    sides = [voice * 0.6 + music] + ([voice * 0.6 + 0.4 * music] if channels == 2 else [])
    pcm = (numpy.stack(sides, axis=1).clip(-1, 1) * 32767).astype("<i2")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "s16le", "-ar", str(speech.RATE), "-ac",
                    str(channels), "-i", "-", "-ar", str(rate), str(path.with_suffix(f".{kind}"))],
                   input=pcm.tobytes(), check=True)


def pcm(path, rate):
    """Two channels; one is heard as both. Played by ffmpeg; Vorbis, of which that plays more than
    there is, by oggdec."""
    given = None
    if path.suffix == ".ogg":
        given = subprocess.run(["oggdec", "-Q", "-o", "-", str(path)], check=True,
                               stdout=subprocess.PIPE).stdout
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", "-" if given else str(path), "-f", "f32le", "-ac", "2", "-ar",
                          str(rate), "-af", "aformat=channel_layouts=stereo", "-"], check=True,
                         stdout=subprocess.PIPE, input=given).stdout
    return numpy.frombuffer(raw, "<f4").reshape(-1, 2).astype("f8")


def make_audio(folder):
    (folder / "audio").mkdir()
    for i, (kind, rate, channels) in enumerate(EPISODES):
        write(folder / "audio" / f"e{i}", kind, rate, channels, 25, i)
    for i, (name, (kind, rate, channels)) in enumerate(AROUND.items()):
        write(folder / name, kind, rate, channels, 2, 7 + i)


ALONE = {}  # of a clip's bytes and a rate: all recaps are joined of the same clips


def pcm_of_clips(paths, rate):
    """Of each, one channel."""
    keys = [(hashlib.sha256(path.read_bytes()).digest(), rate) for path in paths]
    new = [(key, path) for key, path in zip(keys, paths) if key not in ALONE]
    ALONE.update((key, pcm(path, rate).mean(axis=1)) for key, path in new if path.suffix == ".ogg")
    rest = [(key, path) for key, path in new if key not in ALONE]
    for (key, _), raw in zip(rest, played_together(
            [path for _, path in rest], "-ac", "2", "-ar", str(rate), "-af",
            "aformat=channel_layouts=stereo")):
        ALONE[key] = raw.reshape(-1, 2).astype("f8").mean(axis=1)
    return [ALONE[key] for key in keys]


@pytest.fixture(name="season", scope="module")
def make_season(tmp_path_factory):
    folder = tmp_path_factory.mktemp("joins")
    shutil.copytree(kept(make_audio), folder, dirs_exist_ok=True)
    (folder / "notes.md").write_text("".join(
        f"- [Clip {n}: Part {n}](https://show.example/e{episode}?t={at:.3f})\n"
        for n, (episode, at) in enumerate(CLIPS, 1)))
    return folder


@pytest.fixture(name="recap", scope="module", params=[
    ["--gap", "0"], ["--gap", "300ms"], ["--gap", "0", "--mono"],
    ["--gap", "40ms", "--intro", "intro.wav", "--between", "between.ogg", "--outro", "outro.mp3"]],
    ids=lambda words: " ".join(words[:3]))
def make_recap(clipnotes, season, request, tmp_path_factory):
    """The manifest, the recap's samples, and the folder that they are in."""
    out = tmp_path_factory.mktemp("joined") / "out"
    done = clipnotes("recap", "-q", "notes.md", "--audio-dir", "audio", "-o", out, "--length",
                     f"{SECONDS}s", "--end", "fixed", "--format", "flac", *request.param, cwd=season)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((out / "manifest.json").read_text())
    return manifest, pcm(out / "recap.flac", manifest["recap"]["rate"]), out, request.param


def test_no_join_clicks(recap):
    """At no end of a clip is a step larger than the largest within that clip, on either side."""
    manifest, whole, _, _ = recap
    steps = numpy.abs(numpy.diff(whole, axis=0)).max(axis=1)
    rate = manifest["recap"]["rate"]
    assert len(manifest["recap"]["clips"]) == len(CLIPS)
    for part in manifest["recap"]["clips"]:
        start, end = part["start_sample"], part["start_sample"] + part["samples"]
        inside = steps[start + rate // 20:end - rate // 20].max()
        for join in (start, end):
            near = steps[max(0, join - rate // 100):join + rate // 100]
            assert len(near) and near.max() <= inside
        # The last sample before the join and the first behind it are all but silent.
        assert steps[max(0, start - 2):start + 2].max() < 0.002
        assert steps[end - 2:end + 2].max() < 0.002


def check_places(manifest, whole, out):
    """Each clip, decoded by itself, is found in the recap at the sample that the manifest says."""
    rate = manifest["recap"]["rate"]
    heard = numpy.pad(whole.mean(axis=1), 600)
    clips = pcm_of_clips([out / clip["file"] for clip in manifest["clips"]], rate)
    for part, clip, alone in zip(manifest["recap"]["clips"], manifest["clips"], clips, strict=True):
        assert part["start_ms"] == round(part["start_sample"] * 1000 / rate)
        alone = alone[rate // 50:2 * rate]
        begin = part["start_sample"] + rate // 50
        at, _ = best_match(alone, heard[begin:begin + len(alone) + 1200])
        assert abs(at - 600) <= 1, f"clip {clip['number']} ({clip['file']}): {at - 600} samples off"


def test_chapters_begin_with_their_clips_first_sample(recap):
    manifest, whole, out, words = recap
    assert manifest["recap"]["rate"] == 48000
    chapters = json.loads((out / "chapters.json").read_text())["chapters"]
    if "--intro" in words:
        assert (chapters[0]["title"], chapters[-1]["title"]) == ("Intro", "Outro")
        chapters = chapters[1:-1]
    assert [round(chapter["startTime"] * 1000) for chapter in chapters] == [
        part["start_ms"] for part in manifest["recap"]["clips"]]
    check_places(manifest, whole, out)


@pytest.mark.parametrize("words", [
    ["--format", "mp3"], ["--format", "m4a"], ["--format", "opus"], ["--format", "ogg"],
    ["--format", "wav"], ["--format", "mp3", "--rate", "37800"],
    ["--format", "opus", "--rate", "16000"]], ids=" ".join)
def test_in_every_format(clipnotes, season, tmp_path, words):
    """The file's own chapters, and samples of the file: also where its encoder knows no such rate."""
    done = clipnotes("recap", "-q", "notes.md", "--audio-dir", "audio", "-o", tmp_path, "--length",
                     f"{SECONDS}s", "--end", "fixed", "--gap", "123ms", *words, cwd=season)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    facts = manifest["recap"]
    seen = json.loads(subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_chapters", "-show_streams",
         "-select_streams", "a", str(tmp_path / facts["file"])], check=True,
        stdout=subprocess.PIPE).stdout)
    assert int(seen["streams"][0]["sample_rate"]) == facts["rate"]
    assert [round(float(chapter["start_time"]) * 1000) for chapter in seen["chapters"]] == [
        part["start_ms"] for part in facts["clips"]]
    whole = pcm(tmp_path / facts["file"], facts["rate"])
    assert len(whole) == facts["samples"]
    check_places(manifest, whole, tmp_path)


def test_a_reaper_project_of_all_kinds(clipnotes, recap, season):
    """rpp.py knows what Reaper calls the reader of each. One item ends where the next begins, the
    gap aside, from the programme's first sample to its last."""
    manifest, _, out, words = recap
    text = (out / "project.rpp").read_text()
    items = sorted(rpp.items(rpp.read(text), out), key=lambda item: item[1])
    rate, gap = manifest["recap"]["rate"], int(words[1].removesuffix("ms")) / 1000
    at = 0
    for _, position, length, *_ in items:
        assert round(position * rate) == at
        at += round(length * rate) + round(gap * rate)
    assert at - round(gap * rate) == manifest["recap"]["samples"]
    around = [item for item in items if item[0] == "Around the clips"]
    assert {item[-1] for item in items if item not in around} == set((season / "audio").iterdir())
    assert len(items) - len(around) == len(CLIPS)
    if "--intro" not in words:
        assert not around
        return
    assert [(item[5], item[6].name) for item in around] == [
        ("Intro", "intro.wav"), *[("Between", "between.ogg")] * (len(CLIPS) - 1),
        ("Outro", "outro.mp3")]
    assert items[0] == around[0] and items[1::2] == [i for i in items if i not in around]
    assert all(item[6].parent == season and item[3] == 0 and item[4] > 0 for item in around)

    # A recap that is kept knows where they stand, too.
    (out / "project.rpp").unlink()
    done = clipnotes("recap", "-q", "notes.md", "--audio-dir", "audio", "-o", out, "--length",
                     f"{SECONDS}s", "--end", "fixed", "--format", "flac", *words, cwd=season)
    assert done.returncode == 0 and (out / "project.rpp").read_text() == text
    assert json.loads((out / "manifest.json").read_text())["recap"]["status"] == "kept"


def test_lengths_are_sums_of_samples(recap):
    """Nothing is added up in milliseconds: the parts, the gaps and what stands between them."""
    manifest, whole, _, words = recap
    facts = manifest["recap"]
    assert len(whole) == facts["samples"]
    gap = {"0": 0, "300ms": 14_400, "40ms": 1920}[words[1]]
    for before, after in zip(facts["clips"], facts["clips"][1:]):
        space = after["start_sample"] - before["start_sample"] - before["samples"]
        assert space == (2 * gap + 2 * 48000 if "--between" in words else gap)
    assert {part["samples"] for part in facts["clips"]} == {SECONDS * 48000}
