# SPDX-License-Identifier: MIT
"""scripts/recap.slurm, with the words and variables that Slurm starts it with."""

import os
import subprocess

SHARES = 2


def start(root, binary, out, share=None):
    environment = {name: text for name, text in os.environ.items() if not name.startswith("SLURM")}
    environment["CLIPNOTES"] = str(binary)
    if share:
        environment |= {"SLURM_ARRAY_TASK_ID": str(share), "SLURM_ARRAY_TASK_COUNT": str(SHARES),
                        "SLURM_CPUS_PER_TASK": "1"}
    return subprocess.run(
        [root / "scripts/recap.slurm", root / "samples/season-finale.md", "--audio-dir",
         root / "samples/audio", "--length", "5s", "-q", "-o", out],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)


def files_of(folder):
    """The manifest says what this run did, "cut" or "kept": all else has to be the same."""
    return {str(path.relative_to(folder)): path.read_bytes().replace(b'"kept"', b'"cut"')
            for path in folder.rglob("*") if path.is_file() and path.name != ".clipnotes-job"}


def test_shares_and_their_assembly_make_the_whole(root, binary, clipnotes, tmp_path):
    for share in range(1, SHARES + 1):
        done = start(root, binary, tmp_path / "shares", share)
        assert done.returncode == 0, done.stderr
    assert not (tmp_path / "shares/recap.mp3").exists()
    done = start(root, binary, tmp_path / "shares")
    assert done.returncode == 0, done.stderr
    whole = clipnotes("recap", root / "samples/season-finale.md", "--audio-dir",
                      root / "samples/audio", "--length", "5s", "-q", "-o", tmp_path / "whole")
    assert whole.returncode == 0, whole.stderr
    assert files_of(tmp_path / "shares") == files_of(tmp_path / "whole")


def test_a_share_that_is_missing_is_told(root, binary, tmp_path):
    assert start(root, binary, tmp_path / "shares", 1).returncode == 0
    done = start(root, binary, tmp_path / "shares")
    assert done.returncode == 3 and done.stderr
    assert (tmp_path / "shares/recap.mp3").exists()
