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


FAST = [(name, 235, pitch) for name, _, pitch in speech.VOICES]
SLOW = [(name, 120, pitch) for name, _, pitch in speech.VOICES]
QUIET = speech.beneath_speech(speech.room, -60)


@pytest.mark.parametrize("voices,levels,beneath,pauses", [
    (speech.VOICES, [1], speech.beneath_speech(speech.chords, -12), (0.3, 0.9)),
    (FAST, [1], speech.beneath_speech(speech.drums, -15), (0.3, 0.9)),
    (SLOW, [1], QUIET, (0.3, 0.9)),
    (speech.VOICES, [1], speech.beneath_speech(speech.room, -12), (0.3, 0.9)),
    (speech.VOICES, [0.25, 1], speech.beneath_speech(speech.room, -30), (0.3, 0.9)),
    (speech.VOICES, [0.3, 1], speech.beneath_speech(speech.chords, -20), (0.3, 0.9)),
    (speech.VOICES, [1], QUIET, (0.18, 0.45)),
], ids=["music at -12 dB", "fast over drums", "slow", "noise at -12 dB", "quiet and loud",
        "quiet and loud over music", "short pauses"])
def test_pauses_where_it_is_hard(clipnotes, tmp_path, voices, levels, beneath, pauses):
    """A quiet speaker and a loud one who take turns, fast ones, music loud underneath."""
    in_gap = 0
    for k in range(2):
        talkers = [voices[k], voices[k + 2]][:len(levels)]
        alone, gaps = speech.write_talk(tmp_path / "episode.mp3", talkers, levels, beneath, 75,
                                        100 + k, pauses)
        starts = [3000 + 137 * k + 11_000 * n for n in range(ENDS_AN_EPISODE)]
        write_notes(tmp_path / "notes.md", starts)
        for clip in decide(clipnotes, tmp_path, "--length", "18s"):
            end = clip["end_ms"] / 1000
            hit = any(first < end <= after for first, after in gaps)
            in_gap += hit
            assert hit or not is_heard(alone / min(levels), end)
    assert in_gap >= 2 * ENDS_AN_EPISODE - 1


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


def test_near_the_end_it_is_all_there_is(clipnotes, episode):
    """Where the length leads past the end, no pause before it is meant."""
    folder, _ = episode
    whole = decide_whole(clipnotes, folder)
    write_notes(folder / "notes.md", [whole - 19_000, whole - 19_999, whole - 300])
    for clip in decide(clipnotes, folder, "--length", "20s"):
        assert (clip["end_by"], clip["end_ms"], clip["end_moved_ms"]) == ("eof", whole, 0)


def decide_whole(clipnotes, folder):
    write_notes(folder / "notes.md", [0])
    return decide(clipnotes, folder, "--length", "1h")[0]["end_ms"]


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
