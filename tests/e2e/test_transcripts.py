# SPDX-License-Identifier: MIT
"""Transcripts: ends of sentences, a slice for each clip, quotations."""

import json
import re

import pytest

import speech

PAGE = "https://show.example/e1"


@pytest.fixture(name="episode")
def make_episode(tmp_path):
    """An episode and what is said in it: (sentence, start, end) in milliseconds."""
    audio = tmp_path / "audio"
    audio.mkdir()
    _, gaps = speech.write_episode(audio / "e1.mp3", speech.VOICES[0], speech.silence, 90, seed=4)
    starts = [0] + [round(after * 1000) for _, after in gaps]
    spoken = []
    for i, (start, (end, _)) in enumerate(zip(starts, gaps)):
        spoken.append((f"This is sentence number {i} of the episode.", start, round(end * 1000)))
    return tmp_path, spoken


def clock(time, comma=False):
    text = f"{time // 3_600_000:02}:{time // 60_000 % 60:02}:{time / 1000 % 60:06.3f}"
    return text.replace(".", ",") if comma else text


def write_transcript(folder, kind, spoken):
    if kind == "vtt":
        text = "WEBVTT\n" + "".join(f"\n{clock(a)} --> {clock(b)}\n<v Ann>{words}\n"
                                    for words, a, b in spoken)
    elif kind == "srt":
        text = "".join(f"{i}\n{clock(a, True)} --> {clock(b, True)}\n{words}\n\n"
                       for i, (words, a, b) in enumerate(spoken, 1))
    else:
        text = json.dumps({"version": "1.0.0", "segments": [
            {"speaker": "Ann", "startTime": a / 1000, "endTime": b / 1000, "body": words}
            for words, a, b in spoken]})
    (folder / "audio" / f"e1.{kind}").write_text(text)


def run(clipnotes, folder, *words):
    result = clipnotes("recap", "--json", folder / "notes.md", "--audio-dir", folder / "audio",
                       "-o", folder / "out", "--length", "15s", *words)
    assert result.returncode == 0, result.stderr
    events = [json.loads(line) for line in result.stdout.splitlines()]
    return [event for event in events if event["event"] == "clip"], events[-1], result.stderr


def read_vtt(path):
    """(start, end, text) of each cue, by a reader of its own."""
    head, *blocks = path.read_text().strip().split("\n\n")
    assert head == "WEBVTT"
    cues = []
    for block in blocks:
        times, *lines = block.splitlines()
        match = re.fullmatch(r"(\d\d):(\d\d):(\d\d)\.(\d{3}) --> (\d\d):(\d\d):(\d\d)\.(\d{3})", times)
        h1, m1, s1, f1, h2, m2, s2, f2 = map(int, match.groups())
        cues.append((((h1 * 60 + m1) * 60 + s1) * 1000 + f1, ((h2 * 60 + m2) * 60 + s2) * 1000 + f2,
                     re.sub("<[^>]*>", "", " ".join(lines))))
    return cues


@pytest.mark.parametrize("kind", ["vtt", "srt", "json"])
def test_ends_slices_and_the_recaps_own(clipnotes, episode, kind):
    folder, spoken = episode
    write_transcript(folder, kind, spoken)
    (folder / "notes.md").write_text(f"- [One]({PAGE}?t=10)\n- [Two]({PAGE}?t=45)\n")
    clips, recap, _ = run(clipnotes, folder, "--end", "transcript")
    ends = {end for _, _, end in spoken}
    whole = []
    for clip, part in zip(clips, recap["clips"]):
        assert clip["end_by"] == "transcript" and clip["end_ms"] in ends
        nearest = min(ends, key=lambda end: abs(end - clip["start_ms"] - 15_000))
        assert clip["end_ms"] == nearest
        cues = read_vtt(folder / "out" / clip["transcript"])
        wanted = [(max(a, clip["start_ms"]) - clip["start_ms"], b - clip["start_ms"], words)
                  for words, a, b in spoken if b > clip["start_ms"] and a < clip["end_ms"]]
        assert cues == wanted
        whole += [(a + part["start_ms"], b + part["start_ms"], words) for a, b, words in cues]
    assert read_vtt(folder / "out" / "recap.vtt") == whole


def test_without_a_transcript_it_is_a_pause(clipnotes, episode):
    folder, _ = episode
    (folder / "notes.md").write_text(f"- [One]({PAGE}?t=10)\n")
    [clip], _, _ = run(clipnotes, folder, "--end", "transcript")
    assert clip["end_by"] == "pause" and "transcript" not in clip


def test_a_quotation_is_in_its_clip_whole(clipnotes, episode):
    folder, spoken = episode
    write_transcript(folder, "vtt", spoken)
    start = spoken[3][1]
    number = next(i for i, (_, _, end) in enumerate(spoken) if end > start + 15_000)
    (folder / "notes.md").write_text(
        f"- [Ann: \"sentence number {number} of the episode\"]({PAGE}?t={start / 1000})\n")
    [clip], _, err = run(clipnotes, folder, "--end", "fixed")
    assert clip["quote"]["covered"] and clip["end_ms"] >= clip["quote"]["end_ms"]
    assert clip["end_by"] == "transcript" and clip["end_moved_ms"] > 0
    assert "quotation" not in err


def test_an_end_behind_a_quotation_is_in_a_pause(clipnotes, episode):
    """Where a cue has two sentences, the transcript knows only about when the first one ends."""
    folder, spoken = episode
    pairs = [(f"{one} And then {two}", start, end) for (one, start, _), (two, _, end)
             in zip(spoken[::2], spoken[1::2])]
    write_transcript(folder, "vtt", pairs)
    numbers = range(4, 16, 2)
    (folder / "notes.md").write_text("".join(
        f"- [Clip {n}: \"This is sentence number {n} of the episode\"]({PAGE}?t={spoken[n][1] / 1000})\n"
        for n in numbers))
    clips, _, _ = run(clipnotes, folder, "--end", "fixed", "--length", "1s")
    for number, clip in zip(numbers, clips, strict=True):
        assert clip["quote"]["covered"] and clip["end_by"] == "transcript"
        assert clip["end_ms"] >= spoken[number][2]
        assert any(end < clip["end_ms"] <= start
                   for (_, _, end), (_, start, _) in zip(spoken, spoken[1:])), clip


def test_a_quotation_elsewhere_is_a_warning(clipnotes, episode):
    folder, spoken = episode
    write_transcript(folder, "srt", spoken)
    (folder / "notes.md").write_text(
        f"# Season\n\n- [Ann: \"Sentence number 1 of the episode\"]({PAGE}?t=60)\n")
    [clip], _, err = run(clipnotes, folder)
    assert not clip["quote"]["covered"] and clip["start_ms"] == 60_000
    assert "notes.md:3: the quotation is spoken at" in err and "before the clip" in err


def test_a_rerun_keeps_slices_and_a_new_transcript_makes_them_anew(clipnotes, episode):
    folder, spoken = episode
    write_transcript(folder, "vtt", spoken)
    (folder / "notes.md").write_text(f"- [One]({PAGE}?t=10)\n")
    [clip], _, _ = run(clipnotes, folder)
    [kept], _, _ = run(clipnotes, folder)
    assert kept == {**clip, "status": "kept"}
    write_transcript(folder, "vtt", [(words + " Indeed.", a, b) for words, a, b in spoken])
    [anew], _, _ = run(clipnotes, folder)
    assert anew["status"] == "cut"
    assert "Indeed." in (folder / "out" / "recap.vtt").read_text()


def test_what_is_no_transcript_is_a_warning(clipnotes, episode):
    folder, _ = episode
    (folder / "audio" / "e1.vtt").write_text("<html>404</html>")
    (folder / "notes.md").write_text(f"- [One]({PAGE}?t=10)\n")
    [clip], _, err = run(clipnotes, folder)
    assert clip["status"] == "cut" and "e1.vtt" in err
