# SPDX-License-Identifier: MIT
"""Where clips end: in the pauses of speech, by a transcript, at the next mark."""

import json

import pytest

import speech

BENEATH = [speech.silence, speech.room, speech.noise, speech.chords, speech.loud_chords]
ENDS_AN_EPISODE = 5


def write_notes(path, positions, name="episode"):
    path.write_text("".join(f"- [Clip](https://show.example/{name}?t={at / 1000})\n"
                            for at in positions))


def decide(clipnotes, folder, *words):
    """What a dry run says of each clip of notes.md."""
    result = clipnotes("clip", "-n", "--json", folder / "notes.md", "--audio-dir", folder, *words)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["clips"]


def is_heard(alone, at):
    """Whether the voice sounds within 20 ms of `at`."""
    around = alone[int((at - 0.02) * speech.RATE):int((at + 0.02) * speech.RATE)]
    return len(around) > 0 and abs(around).max() > 0.01


def test_pauses_between_sentences(clipnotes, tmp_path):
    """A hundred ends: four voices, each with nothing, noise or music underneath."""
    ends, in_gap, in_word = 0, 0, 0
    for i, beneath in enumerate(BENEATH):
        for k, voice in enumerate(speech.VOICES):
            folder = tmp_path / f"{i}-{k}"
            folder.mkdir()
            alone, gaps = speech.write_episode(folder / "episode.mp3", voice, beneath, 75,
                                               seed=10 * i + k)
            starts = [3000 + 137 * k + 11_000 * n for n in range(ENDS_AN_EPISODE)]
            write_notes(folder / "notes.md", starts)
            clips = decide(clipnotes, folder, "--length", "18s")
            for clip, start in zip(clips, starts):
                assert clip["start_ms"] == start
                assert abs(clip["end_moved_ms"]) <= 8000
                assert clip["end_ms"] == start + 18_000 + clip["end_moved_ms"]
                end = clip["end_ms"] / 1000
                hit = any(first < end <= after for first, after in gaps)
                ends, in_gap = ends + 1, in_gap + hit
                in_word += not hit and is_heard(alone, end)
    assert ends == 100
    assert in_gap >= 95
    assert in_word == 0


@pytest.fixture(name="episode")
def make_episode(tmp_path):
    _, gaps = speech.write_episode(tmp_path / "episode.mp3", speech.VOICES[0], speech.silence, 60,
                                   seed=99)
    return tmp_path, gaps


def test_an_end_keeps_150_ms_of_the_pause(clipnotes, episode):
    folder, gaps = episode
    write_notes(folder / "notes.md", [1000])
    [clip] = decide(clipnotes, folder, "--length", "20s")
    assert clip["end_by"] == "pause"
    begin = max(first for first, _ in gaps if first * 1000 < clip["end_ms"])
    assert clip["end_ms"] - begin * 1000 == pytest.approx(150, abs=30)


def test_snap_limits_the_move(clipnotes, episode):
    folder, _ = episode
    write_notes(folder / "notes.md", [1000, 7000, 9000])
    for clip in decide(clipnotes, folder, "--length", "20s", "--snap", "1s"):
        assert abs(clip["end_moved_ms"]) <= 1000
    for clip in decide(clipnotes, folder, "--length", "20s", "--snap", "0"):
        assert (clip["end_by"], clip["end_moved_ms"]) == ("fixed", 0)


def test_ends_that_the_notes_give_stay(clipnotes, episode):
    folder, _ = episode
    (folder / "notes.md").write_text("[Clip](https://show.example/episode#t=10,22.5)\n")
    [clip] = decide(clipnotes, folder)
    assert (clip["end_by"], clip["start_ms"], clip["end_ms"]) == ("range", 10_000, 22_500)


def test_the_next_mark(clipnotes, episode):
    folder, _ = episode
    write_notes(folder / "notes.md", [30_000, 5_000, 12_500])
    clips = decide(clipnotes, folder, "--end", "next", "--length", "20s")
    assert [(clip["end_by"], clip["end_ms"]) for clip in clips] == [
        ("fixed", 50_000), ("next", 12_500), ("next", 30_000)]


def test_handles_for_the_editor(clipnotes, episode):
    folder, _ = episode
    write_notes(folder / "notes.md", [1_000, 20_000])
    clips = decide(clipnotes, folder, "--end", "fixed", "--length", "10s", "--pad-before", "2s",
                   "--pad-after", "3s")
    assert [(clip["start_ms"], clip["end_ms"]) for clip in clips] == [(0, 14_000), (18_000, 33_000)]
    assert all(clip["start_moved_ms"] == 0 for clip in clips)


def test_starts_move_only_when_asked(clipnotes, episode):
    folder, gaps = episode
    _, begins = gaps[3]
    write_notes(folder / "notes.md", [int(begins * 1000) + 200, int(begins * 1000) - 150])
    still = decide(clipnotes, folder, "--length", "10s")
    assert [clip["start_moved_ms"] for clip in still] == [0, 0]
    late, in_pause = decide(clipnotes, folder, "--length", "10s", "--snap-start")
    assert late["start_ms"] == pytest.approx(begins * 1000 - 20, abs=30)
    assert late["start_moved_ms"] < 0
    assert in_pause["start_moved_ms"] == 0
