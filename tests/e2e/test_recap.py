# SPDX-License-Identifier: MIT
"""clipnotes recap: what the season's recap holds, and what lies beside it. As a job that is run
again, stopped and killed it is in test_recap_job.py."""

import json
import re
import subprocess
import xml.etree.ElementTree

import mutagen
import numpy
import pytest

import rpp
import speech
from media import best_match, ffmpeg_pcm, kept, played_together, sample_rate
from recap_season import RECORD, files_in, make_recap, make_season, run


def test_everything_is_there(done):
    out, events = done
    names = set(files_in(out))
    assert names == {RECORD, "chapters.json", "index.html", "manifest.json", "notes.md",
                     "project.rpp", "recap.mp3", "soundbites.xml", "labels/01-e1.txt",
                     "labels/02-e2.txt", "labels/03-e3.txt"} | {
                         f"clips/{n:02}-somebody-on-thing-more-{n}.mp3" for n in range(1, 7)}
    assert [event["event"] for event in events] == ["clip"] * 6 + ["recap"]
    assert {event["status"] for event in events} == {"cut"}


def test_chapters_start_with_their_clips(done):
    """By counted samples: where the manifest, the file and the sound itself have them."""
    out, _ = done
    manifest = json.loads((out / "manifest.json").read_text())
    parts = manifest["recap"]["clips"]
    tags = mutagen.File(out / "recap.mp3").tags
    chapters = sorted(tags.getall("CHAP"), key=lambda chapter: chapter.start_time)
    assert [chapter.start_time for chapter in chapters] == [part["start_ms"] for part in parts]
    assert chapters[0].start_time == 0
    for chapter, clip in zip(chapters, manifest["clips"]):
        assert str(chapter.sub_frames.getall("TIT2")[0]) == clip["title"]
        links = [frame.url for frame in chapter.sub_frames.getall("WXXX")]
        assert links and links[0].startswith(clip["page"])
    rate = sample_rate(out / "recap.mp3")
    whole = ffmpeg_pcm(out / "recap.mp3", rate)
    assert abs(len(whole) - manifest["recap"]["samples"]) <= 1
    clips = played_together([out / clip["file"] for clip in manifest["clips"]], "-ac", "1", "-af",
                            f"aresample={rate}")
    for part, clip, all_of_it in zip(parts, manifest["clips"], clips, strict=True):
        alone = all_of_it[:rate * 5]
        around = whole[max(0, part["start_sample"] - 2000):part["start_sample"] + len(alone) + 2000]
        at, _ = best_match(alone[:rate], around)
        assert abs(at - min(2000, part["start_sample"])) <= 2
        assert part["samples"] == len(all_of_it)


def loudness(path):
    """Integrated loudness and true peak, as ffmpeg measures them."""
    text = subprocess.run(["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af",
                           "ebur128=peak=true", "-f", "null", "-"], check=True,
                          stderr=subprocess.PIPE, text=True).stderr
    summary = text[text.rindex("Summary:"):]
    return (float(re.search(r"I:\s+(\S+) LUFS", summary)[1]),
            float(re.search(r"Peak:\s+(\S+) dBFS", summary)[1]))


@pytest.mark.parametrize("words", [
    [], ["--format", "opus"], ["--format", "m4a"], ["--format", "flac"], ["-b", "64"],
    ["--loudness", "-23"]], ids=lambda words: " ".join(words) or "default")
def test_loudness(clipnotes, season, tmp_path, words):
    events, _ = run(clipnotes, season, tmp_path, *words)
    measured, peak = loudness(tmp_path / events[-1]["file"])
    target = -23 if "--loudness" in words else -19  # the episodes are mono
    assert measured == pytest.approx(target, abs=0.5)
    assert peak <= -0.9
    assert events[-1]["measured_lufs"] == pytest.approx(measured, abs=0.3)


def make_hard_episodes(folder):
    """Two channels at two rates: clipped, very quiet, silent, and with strokes far above the rest."""
    dice = numpy.random.default_rng(4)
    voice = numpy.concatenate([speech.speak(sentence, speech.VOICES[0])
                               for sentence in speech.SENTENCES])[:20 * speech.RATE]
    noise = numpy.convolve(dice.standard_normal(len(voice)), numpy.ones(4) / 4, "same")
    strokes = speech.room(len(voice), dice) * 5
    for at in range(0, len(voice) - 44, speech.RATE // 2):
        strokes[at:at + 44] += 0.95 * numpy.sin(numpy.pi * numpy.arange(44) / 44)
    for i, (rate, sound) in enumerate([(44100, voice * 3 + noise * 0.5), (48000, voice * 0.05),
                                       (44100, voice * 0), (48000, voice * 0.5),
                                       (44100, strokes)], 1):
        pcm = (numpy.stack([sound, sound * 0.8], axis=1).clip(-1, 1) * 32767).astype("<i2")
        subprocess.run(["ffmpeg", "-v", "error", "-f", "s16le", "-ar", "44100", "-ac", "2", "-i",
                        "-", "-ar", str(rate), str(folder / f"e{i}.flac")], input=pcm.tobytes(),
                       check=True)
    (folder / "notes.md").write_text("".join(
        f"- [Clip {i}: A{i}](https://show.example/e{i}?t=3)\n" for i in range(1, 5)))


@pytest.fixture(name="hard", scope="module")
def hard_episodes():
    return kept(make_hard_episodes)


@pytest.mark.parametrize("words", [
    ["flac"], ["mp3"], ["m4a"], ["m4a", "-b", "48"], ["opus"], ["ogg", "-b", "64"]],
    ids=" ".join)
def test_loudness_of_what_is_hard_to_match(clipnotes, hard, tmp_path, words):
    """The whole is near its target though not each clip can be; no peak passes -1 dBTP."""
    done = clipnotes("recap", "--json", hard / "notes.md", "--audio-dir", hard, "-o", tmp_path,
                     "--length", "12s", "--end", "fixed", "--format", *words)
    assert done.returncode == 0, done.stderr
    recap = json.loads(done.stdout.splitlines()[-1])
    measured, peak = loudness(tmp_path / recap["file"])
    assert recap["measured_lufs"] == pytest.approx(measured, abs=0.3)
    assert measured == pytest.approx(-16, abs=0.5)
    assert peak <= -1


def test_a_loudness_that_cannot_be_had_is_told(clipnotes, hard, tmp_path):
    notes = tmp_path / "notes.md"
    notes.write_text("- [Clip 1: A](https://show.example/e5?t=3)\n")
    words = ["recap", "--json", notes, "--audio-dir", hard, "-o", tmp_path / "out", "--length", "9s",
             "--end", "fixed"]
    for _ in range(2):
        done = clipnotes(*words)
        recap = json.loads(done.stdout.splitlines()[-1])
        assert done.returncode == 0
        assert recap["loudness_lufs"] == -16 and recap["measured_lufs"] < -16.5
        told = f"recap.mp3 is at {recap['measured_lufs']:.1f} LUFS instead of -16.0" in done.stderr
        assert told == (recap["status"] == "cut")
    notes.write_text("- [Clip 1: A](https://show.example/e3?t=3)\n")
    done = clipnotes(*words)
    [recap] = [event for event in map(json.loads, done.stdout.splitlines())
               if event["event"] == "recap"]
    assert done.returncode == 0 and recap["measured_lufs"] is None


def test_joins_do_not_click(done):
    """No step at a join is larger than those within the clips."""
    out, _ = done
    rate = sample_rate(out / "recap.mp3")
    whole = ffmpeg_pcm(out / "recap.mp3", rate)
    steps = numpy.abs(numpy.diff(whole))
    for part in json.loads((out / "manifest.json").read_text())["recap"]["clips"]:
        start, end = part["start_sample"], part["start_sample"] + part["samples"]
        inside = steps[start + 1000:end - 1000].max()
        for join in (start, end):
            assert steps[max(0, join - 100):join + 100].max() <= inside


def test_stereo_and_what_stands_around(clipnotes, season, tmp_path):
    """An intro, something between and an outro of other kinds, rates and channels."""
    for name, seconds, extra in [("intro.wav", 3, ["-ar", "22050", "-ac", "1"]),
                                 ("between.ogg", 1, ["-ar", "48000", "-ac", "2"]),
                                 ("outro.m4a", 2, ["-ar", "44100", "-ac", "2"])]:
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i",
                        f"sine=440:d={seconds}:r=48000", *extra, str(tmp_path / name)], check=True)
    out = tmp_path / "out"
    events, _ = run(clipnotes, season, out, "--intro", tmp_path / "intro.wav", "--between",
                    tmp_path / "between.ogg", "--outro", tmp_path / "outro.m4a", "--gap", "250ms")
    recap = events[-1]
    assert recap["channels"] == 2
    parts = recap["clips"]
    assert parts[0]["start_ms"] == 3250
    for before, after in zip(parts, parts[1:]):
        space = after["start_sample"] - before["start_sample"] - before["samples"]
        assert space / recap["rate"] == pytest.approx(1 + 2 * 0.25, abs=0.03)
    chapters = json.loads((out / "chapters.json").read_text())["chapters"]
    assert [chapter["title"] for chapter in chapters][::7] == ["Intro", "Outro"]
    assert len(chapters) == 8
    measured, _ = loudness(out / "recap.mp3")
    assert measured == pytest.approx(-16, abs=0.7)  # sines between speech: gates of the meter


def test_handles_are_in_the_clips_and_not_in_the_recap(clipnotes, season, tmp_path, done):
    """Sample for sample the recap is the one without them; an editor finds them in the files."""
    events, _ = run(clipnotes, season, tmp_path, "--pad-before", "12s", "--pad-after", "1500ms")
    without = {event.get("number", 0): event for event in done[1]}
    for event in events[:-1]:
        plain, start = without[event["number"]], without[event["number"]]["start_ms"]
        assert event["pad_before_ms"] == min(start, 12_000)
        assert event["start_ms"] == start - event["pad_before_ms"]
        assert event["end_ms"] == plain["end_ms"] + event["pad_after_ms"]
    assert events[-1]["sha256"] == without[0]["sha256"]
    for name in ("project.rpp", "soundbites.xml", "chapters.json", "notes.md"):
        assert (tmp_path / name).read_bytes() == (done[0] / name).read_bytes()
    again, _ = run(clipnotes, season, tmp_path, "--pad-before", "12s", "--pad-after", "1500ms")
    assert {event["status"] for event in again} == {"kept"}
    assert files_in(tmp_path)["project.rpp"] == files_in(done[0])["project.rpp"]


def test_what_lies_beside_is_what_it_should_be(done):
    out, _ = done
    manifest = json.loads((out / "manifest.json").read_text())
    rss = xml.etree.ElementTree.parse(out / "soundbites.xml")
    bites = rss.findall(".//{https://podcastindex.org/namespace/1.0}soundbite")
    assert len(bites) == 12
    assert all(len(bite.text) <= 128 and float(bite.get("duration")) > 0 for bite in bites)
    for i, labels in enumerate(sorted((out / "labels").iterdir()), 1):
        rows = [line.split("\t") for line in labels.read_text().splitlines()]
        clips = [clip for clip in manifest["clips"] if clip["page"].endswith(f"e{i}")]
        assert [float(row[0]) * 1000 for row in rows] == [clip["start_ms"] for clip in clips]
        assert [row[2] for row in rows] == [clip["title"] for clip in clips]
    notes = (out / "notes.md").read_text().splitlines()
    assert notes[:3] == ["# Season 1", "", "## Chapters"]
    assert len([line for line in notes if re.match(r"- \d+:\d\d \[", line)]) == 6


def test_reaper_project(done, season):
    """An item plays the episode from the clip's first sample on, to the sample."""
    out, _ = done
    manifest = json.loads((out / "manifest.json").read_text())
    project = rpp.read((out / "project.rpp").read_text())
    assert [track.value("NAME") for track in project.all("TRACK")] == [
        f"https://show.example/e{i}" for i in (1, 2, 3)]
    items = sorted(rpp.items(project, out), key=lambda item: item[1])
    episodes = sorted((season / "audio").iterdir())
    heard = dict(zip(episodes, played_together(episodes, "-ac", "1")))
    clips = played_together([out / clip["file"] for clip in manifest["clips"]], "-ac", "1")
    for (_, position, length, offset, _, name, file), part, clip, alone in zip(
            items, manifest["recap"]["clips"], manifest["clips"], clips, strict=True):
        assert file.parent == season / "audio" and name == clip["title"]
        rate = sample_rate(file)
        first, count = round(offset * rate), round(length * rate)
        assert numpy.array_equal(heard[file][first:first + count], alone)
        assert round(position * manifest["recap"]["rate"]) == part["start_sample"]


def test_page_shows_labels_as_text(done):
    out, _ = done
    page = (out / "index.html").read_text()
    assert "<thing>" not in page and "&lt;thing&gt; &amp; &quot;more&quot;" in page
    assert page.count("<audio") == 7
    assert not re.search(r"""(src|href)=["']?(https?:)?//(?!show\.example)""", page)
    assert "@import" not in page and "url(" not in page
