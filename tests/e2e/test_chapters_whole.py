# SPDX-License-Identifier: MIT
"""Whatever happens while chapters are written, there is the old file or the new one."""

import os
import random
import resource
import shutil
import signal
import subprocess
import time

import pytest

from chapter_files import CHAPTERS, make_audio, ok, shown, write_marks


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """One tagged file of each kind."""
    return make_audio(tmp_path_factory.mktemp("audio"))


def kill_at_random(binary, path, old, new, command, rounds):
    """Runs and kills; at the end of each round the file is one of the two."""
    seen = set()
    for _ in range(rounds):
        process = subprocess.Popen([binary, *map(str, command)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(random.random() * 0.06)
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = path.read_bytes()
        assert now in (old, new)
        seen.add(now)
        if now == new:
            path.write_bytes(old)
    assert os.listdir(path.parent) == [path.name]
    return seen


@pytest.mark.parametrize("kind", ["bare.mp3", "v23.mp3", "fast.m4a", "flac"])
def test_killed_at_any_moment(binary, clipnotes, audio, tmp_path, kind):
    marks = write_marks(tmp_path / "m.json")
    folder = tmp_path / "work"
    folder.mkdir()
    path = folder / f"a{audio[kind].suffix}"
    shutil.copy(audio[kind], path)
    command = ["chapters", "set", path, "--from", marks, "--in-place"]
    for _ in range(2):  # the first write makes room, the second is in place
        old = path.read_bytes()
        ok(clipnotes(*command))
        new = path.read_bytes()
        assert old != new
        path.write_bytes(old)
        kill_at_random(binary, path, old, new, command, 25)
        path.write_bytes(new)
        marks = write_marks(tmp_path / "n.json", CHAPTERS[:2])
        command[4] = marks


def test_disk_full(binary, audio, tmp_path):
    marks = write_marks(tmp_path / "m.json")
    folder = tmp_path / "work"
    folder.mkdir()
    path = folder / "a.mp3"
    shutil.copy(audio["bare.mp3"], path)
    before = path.read_bytes()

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, len(before) // 2))

    result = subprocess.run([binary, "chapters", "set", path, "--from", marks, "--in-place"],
                            stderr=subprocess.PIPE, text=True, preexec_fn=limit, check=False)
    assert result.returncode == 1
    assert "cannot be written" in result.stderr
    assert path.read_bytes() == before
    assert os.listdir(folder) == ["a.mp3"]


def test_mode_and_links_stay(clipnotes, audio, tmp_path):
    path, name = tmp_path / "a.mp3", tmp_path / "link.mp3"
    shutil.copy(audio["bare.mp3"], path)
    path.chmod(0o640)
    name.symlink_to(path)
    ok(clipnotes("chapters", "set", name, "--from", write_marks(tmp_path / "m.json"), "--in-place"))
    assert name.is_symlink() and path.stat().st_mode & 0o777 == 0o640
    assert shown(clipnotes, path) == CHAPTERS
