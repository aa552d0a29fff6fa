# SPDX-License-Identifier: MIT
"""What the program says of itself, and to a wrong call."""

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
