# SPDX-License-Identifier: MIT
"""Whatever happens while chapters are written, there is the old file or the new one."""

import os
import random
import re
import resource
import shutil
import signal
import subprocess
import time

import pytest

from chapter_files import CHAPTERS, all_audio, ok, shown, write_marks


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """One tagged file of each kind."""
    return all_audio(tmp_path_factory.mktemp("audio"))


# How often each kind of write is killed; 200 takes a minute or two.
KILLS = int(os.environ.get("CLIPNOTES_KILLS", "25"))


def kill_at_random(binary, path, old, new, command):
    """Runs and kills; at the end of each round the file is one of the two. Gives how often it was
    the new one."""
    begin = time.monotonic()
    subprocess.run([binary, *map(str, command)], check=True, stderr=subprocess.DEVNULL)
    took = time.monotonic() - begin
    path.write_bytes(old)
    done = 0
    for _ in range(KILLS):
        process = subprocess.Popen([binary, *map(str, command)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(random.random() * took)
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = path.read_bytes()
        assert now in (old, new)
        if now == new:
            done += 1
            path.write_bytes(old)
    # A file is renamed over another one by a name of its own: killed between the two calls that it
    # takes, the new file stays under that name, whole.
    left = [file for file in path.parent.iterdir() if file != path]
    for file in left:
        assert re.fullmatch(r"\.clipnotes-\d+-\d+-\d+\.tmp", file.name)
        assert file.read_bytes() == new
        file.unlink()
    assert len(left) <= 1 + KILLS // 25
    return done


@pytest.mark.parametrize("kind", ["bare.mp3", "v23.mp3", "m4a", "fast.m4a", "flac", "opus", "wav",
                                  "mka"])
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
        done = kill_at_random(binary, path, old, new, command)
        print(f"{kind}: {KILLS} kills, {done} behind the write")
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


@pytest.fixture(name="small_disk")
def disk_of_8_mib(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", folder], check=False,
                           stderr=subprocess.DEVNULL)
    if mount.returncode:
        pytest.skip("this test needs to mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("kind", ["bare.mp3", "fast.m4a", "flac", "opus", "mka"])
def test_disk_really_full(clipnotes, audio, tmp_path, small_disk, kind):
    path = small_disk / f"a{audio[kind].suffix}"
    shutil.copy(audio[kind], path)
    before = path.read_bytes()
    with open(small_disk / "filler", "wb") as filler:
        filler.write(bytes(shutil.disk_usage(small_disk).free - 65536))
    marks = write_marks(tmp_path / "m.json")
    for words in (["--in-place"], ["-o", small_disk / "copy"]):
        result = clipnotes("chapters", "set", path, "--from", marks, *words)
        assert result.returncode == 1
        assert "No space left" in result.stderr
        assert path.read_bytes() == before
        assert sorted(os.listdir(small_disk)) == [path.name, "filler"]


def test_a_file_that_may_not_be_written(nobody, audio, tmp_path):
    marks = write_marks(nobody.folder / "m.json")
    path = nobody.work / "a.mp3"
    shutil.copy(audio["bare.mp3"], path)
    for mode in (0o644, 0o444):  # another's, though the folder would let it be replaced; its own
        path.chmod(mode)
        for words in (["set", path, "--from", marks], ["strip", path]):
            result = nobody.run("chapters", *words, "--in-place")
            assert result.returncode == 1
            assert "cannot be changed in place; write a copy with -o: Permission" in result.stderr
        os.chown(path, nobody.ID, nobody.ID)
    assert path.read_bytes() == audio["bare.mp3"].read_bytes()
    assert os.listdir(nobody.work) == ["a.mp3"]


def test_a_folder_that_may_not_be_written(nobody, clipnotes, audio, tmp_path):
    path = nobody.work / "a.mp3"
    command = ["chapters", "set", path, "--from", nobody.folder / "m.json", "--in-place"]
    shutil.copy(audio["bare.mp3"], path)
    os.chown(path, nobody.ID, nobody.ID)
    nobody.work.chmod(0o555)
    write_marks(nobody.folder / "m.json")
    for words in (command, [*command[:-1], "-o", nobody.work / "b.mp3"]):
        result = nobody.run(*words)
        assert result.returncode == 1 and "Permission denied" in result.stderr
        assert path.read_bytes() == audio["bare.mp3"].read_bytes()
        assert os.listdir(nobody.work) == ["a.mp3"]

    # Where the tag has room, the folder has nothing to do with it.
    ok(clipnotes(*command))
    write_marks(nobody.folder / "m.json", CHAPTERS[:2])
    ok(nobody.run(*command))
    assert shown(clipnotes, path) == CHAPTERS[:2]


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_changed_meanwhile(binary, audio, tmp_path):
    path = tmp_path / "work" / "a.mp3"
    path.parent.mkdir()
    shutil.copy(audio["bare.mp3"], path)
    before = path.read_bytes()
    process = subprocess.Popen(
        ["strace", "-qq", "-f", "-o", tmp_path / "trace", "-e", "trace=copy_file_range", "-e",
         "inject=copy_file_range:delay_exit=1000000:when=1", binary, "chapters", "set", path,
         "--from", write_marks(tmp_path / "m.json"), "--in-place"],
        stderr=subprocess.PIPE, text=True)
    while "copy_file_range" not in ((tmp_path / "trace").read_text()
                                    if (tmp_path / "trace").exists() else ""):
        assert process.poll() is None
        time.sleep(0.02)
    with open(path, "ab") as file:
        file.write(b"TAG" + bytes(125))
    message = process.communicate()[1]
    assert process.returncode == 1 and "was changed meanwhile by another program" in message
    assert path.read_bytes() == before + b"TAG" + bytes(125)
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_what_replaces_a_file_is_on_the_disk_before(binary, audio, tmp_path):
    """A power cut takes no episode. A copy can be made again; nothing is waited for."""
    path, marks = tmp_path / "a.mp3", write_marks(tmp_path / "m.json")
    shutil.copy(audio["bare.mp3"], path)

    def calls(*target):
        trace = tmp_path / "trace"
        subprocess.run(["strace", "-qq", "-f", "-o", trace, "-e", "trace=fsync,linkat,rename,renameat",
                        binary, "chapters", "set", path, "--from", marks, *target], check=True,
                       env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}, capture_output=True)
        return re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.MULTILINE)

    copy = tmp_path / "copy.mp3"
    assert calls("-o", copy) == ["linkat"]
    assert calls("-o", copy) == ["fsync", "linkat", "linkat", "rename", "fsync"]
    assert calls("--in-place") == ["fsync", "linkat", "linkat", "rename", "fsync"]


def test_mode_and_links_stay(clipnotes, audio, tmp_path):
    path, name, other = (tmp_path / text for text in ("a.mp3", "link.mp3", "hard.mp3"))
    shutil.copy(audio["bare.mp3"], path)
    path.chmod(0o640)
    name.symlink_to(path)
    other.hardlink_to(path)
    notes = {"user.note": b"mastered", "user.empty": b""}
    try:
        for key, value in notes.items():
            os.setxattr(path, key, value)
    except OSError:
        notes = {}  # not every file system has them
    for rows in (CHAPTERS, CHAPTERS[:2]):  # a new file, and then in place
        marks = write_marks(tmp_path / "m.json", rows)
        ok(clipnotes("chapters", "set", name, "--from", marks, "--in-place"))
        assert name.is_symlink() and path.stat().st_mode & 0o777 == 0o640
        assert {key: os.getxattr(path, key) for key in os.listxattr(path)
                if key.startswith("user.")} == notes
        assert shown(clipnotes, path) == rows
    assert other.read_bytes() == audio["bare.mp3"].read_bytes()


def test_copies_are_made_side_by_side(binary, audio, tmp_path):
    marks = write_marks(tmp_path / "m.json")
    running = [subprocess.Popen([binary, "chapters", "set", audio["m4a"], "--from", marks, "-o",
                                 tmp_path / f"{number}.m4a"], stderr=subprocess.PIPE, text=True)
               for number in range(8)]
    for process in running:
        message = process.communicate()[1]
        assert process.returncode == 0, message
