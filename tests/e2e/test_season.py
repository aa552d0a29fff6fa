# SPDX-License-Identifier: MIT
"""The main job at its real size: nineteen clips out of six episodes of 75 minutes."""

import json
import os
import subprocess

import pytest

from measure import run_measured
from media import NotFound, locate

FRAME = 1152
MEMORY_MIB = 64
CLIPS = [  # seconds, episode; the positions that a real season finale points to
    (3340, 1), (989, 5), (984, 2), (444, 3), (1060, 4), (3243, 6), (1045, 2), (1137, 5), (2132, 3),
    (1525, 1), (2987, 1), (3436, 6), (2809, 1), (1782, 4), (1760, 4), (798, 5), (913, 5), (2244, 2),
    (1449, 3)]
NAMES = ["s01e01-influxdata", "s01e02-pubnub", "s01e03-apollo", "s01e04-arroyo",
         "s01e05-tweede-golf", "s01e06-sentry"]


@pytest.fixture(scope="module")
def season(media, tmp_path_factory):
    folder = tmp_path_factory.mktemp("season")
    (folder / "audio").mkdir()
    for path in media.episodes(NAMES, minutes=75, bitrate=128):
        (folder / "audio" / path.name).symlink_to(path)
    notes = folder / "finale.md"
    notes.write_text("# Finale\n\n" + "".join(
        f"- [Clip {n}: Something](https://show.example/podcast/{NAMES[episode - 1]}"
        f"{'/' if n % 2 else ''}?t={at // 60}%3A{at % 60:02})\n"
        for n, (at, episode) in enumerate(CLIPS, 1)))
    return folder, notes


def run_clip(binary, words, folder, trace=None):
    """The clips of the manifest, and the peak memory of the process in MiB."""
    command = [binary, *words]
    if trace:
        command = ["strace", "-f", "-o", trace, "-e", "trace=openat,execve,fork,vfork", *command]
    # The leak sanitizer traces, too, and cannot under strace.
    environment = {**os.environ, **({"ASAN_OPTIONS": "detect_leaks=0"} if trace else {})}
    result, memory = run_measured(command, folder, environment)
    assert result.returncode == 0
    return json.loads(result.stdout)["clips"], memory


def test_nineteen_clips(binary, season):
    folder, notes = season
    clips, memory = run_clip(binary, ["clip", "--json", notes, "--audio-dir",
                                      folder / "audio", "-o", folder / "out"], folder)
    assert len(clips) == len(CLIPS)
    if "asan" not in str(binary):  # the sanitizer's own memory is not ours
        assert memory < MEMORY_MIB
    for clip, (at, episode) in zip(clips, CLIPS):
        assert clip["start_ms"] == at * 1000
        source = folder / "audio" / f"{NAMES[episode - 1]}.mp3"
        off = locate(folder / "out" / clip["file"], source, clip["start_ms"])
        assert abs(off) <= FRAME, f"clip {clip['number']}: {off} samples off"


def test_an_episode_is_opened_once_by_one_process(binary, season, tmp_path):
    folder, notes = season
    if subprocess.run(["strace", "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace does not work here")
    trace = tmp_path / "trace"
    run_clip(binary, ["clip", "--json", notes, "--audio-dir", folder / "audio",
                      "-o", tmp_path / "out"], tmp_path, trace)
    lines = trace.read_text().splitlines()
    assert sum("execve(" in line for line in lines) == 1
    for name in NAMES:
        assert sum(f"{name}.mp3" in line for line in lines) == 1


def test_the_judge_notices_a_second(season):
    """What this file rests on: a clip that begins a second late is not where it should be."""
    folder, notes = season
    source = folder / "audio" / f"{NAMES[0]}.mp3"
    late = folder / "late.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-nostdin", "-ss", "101", "-t", "20", "-i",
                    str(source), str(late)], check=True)
    try:
        off = locate(late, source, 100_000)
    except NotFound:
        return
    assert abs(off) > 40_000
