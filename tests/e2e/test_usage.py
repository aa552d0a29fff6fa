# SPDX-License-Identifier: MIT
"""What the program says of itself, and to a wrong call."""

import os
import subprocess

import pytest


def test_help_and_version(clipnotes):
    result = clipnotes("--help")
    assert result.returncode == 0
    for word in ("list", "clip", "exit status"):
        assert word in result.stdout
    assert "--audio-dir" in clipnotes("help", "clip").stdout
    assert clipnotes("clip", "--help").stdout == clipnotes("help", "clip").stdout
    assert clipnotes("--version").stdout.startswith("clipnotes ")


def test_ffmpeg_is_loaded_late(clipnotes, tmp_path):
    """Its libraries are most of a start's time: who needs no sound must not wait for them."""
    for version in range(50, 70):
        (tmp_path / f"libavutil.so.{version}").write_bytes(b"")
    notes = tmp_path / "notes.md"
    notes.write_text("- [Clip 1: A](https://example.com/1?t=1:00)\n- 00:10 B\n")
    (tmp_path / "sound.wav").write_bytes(b"RIFF" + bytes(4096))
    without = {**os.environ, "LD_LIBRARY_PATH": str(tmp_path)}
    assert clipnotes("list", "notes.md", cwd=tmp_path, env=without).returncode == 0
    shown = clipnotes("chapters", "show", "notes.md", cwd=tmp_path, env=without)
    assert (shown.returncode, shown.stderr) == (0, "")
    cut = clipnotes("cut", "sound.wav", "0", "1", cwd=tmp_path, env=without)
    assert cut.returncode == 1
    assert cut.stderr.startswith("clipnotes: FFmpeg's libraries cannot be used: ")
    assert "libavutil" in cut.stderr and len(cut.stderr.splitlines()) == 1


@pytest.mark.parametrize("words, message", [
    ([], "a command is missing"),
    (["clpi"], "did you mean 'clip'?"),
    (["clip"], "needs NOTES..."),
    (["clip", "--lenght", "30", "x.md"], "did you mean '--length'?"),
    (["clip", "--length", "soon", "x.md"], "'soon' is no time"),
    (["list", "--color", "red", "x.md"], "is none of: auto, always, never"),
])
def test_wrong_calls(clipnotes, words, message):
    result = clipnotes(*words)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


@pytest.mark.parametrize("typed, offered", [
    (["c"], {"clip", "chapters", "cut", "cache"}),
    (["clip", "--form"], {"--format"}),
    (["clip", "--format", "m"], {"mka", "mp3", "m4a"}),
    (["chapters", "s"], {"show", "set", "strip"}),
    (["cut", "finale"], set()),  # files, which bash finds
])
def test_completion(clipnotes, tmp_path, typed, offered):
    script = tmp_path / "completion.bash"
    script.write_text(clipnotes("__completion").stdout)
    words = " ".join(f"'{word}'" for word in ["clipnotes", *typed])
    done = subprocess.run(["bash", "-c", f". {script}; COMP_WORDS=({words}); "
                           f"COMP_CWORD={len(typed)}; _clipnotes; echo ${{COMPREPLY[*]}}"],
                          check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert set(done.stdout.split()) == offered and done.stderr == ""
