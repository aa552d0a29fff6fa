# SPDX-License-Identifier: MIT
"""What every end-to-end test may ask for."""

import os
import subprocess
from pathlib import Path

import pytest

from media import Media, cache_folder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root():
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared():
    """Real show notes and feeds that are not part of the repository; tests that need them are
    skipped where they are absent."""
    path = ROOT.parent / "shared"
    if not path.is_dir():
        pytest.skip("../shared is not here")
    return path


@pytest.fixture(scope="session")
def binary():
    """The program under test."""
    name = os.environ.get("CLIPNOTES")
    if not name:
        pytest.fail("CLIPNOTES is not set: it names the program to test, as in "
                    "CLIPNOTES=build/release/clipnotes", pytrace=False)
    path = Path(name).resolve()
    if not os.access(path, os.X_OK):
        pytest.fail(f"CLIPNOTES: {path} is not a program", pytrace=False)
    return path


@pytest.fixture(scope="session")
def clipnotes(binary):
    """Runs the program: clipnotes("list", notes) gives its status, output and messages."""
    def run(*words, **options):
        options = {"text": True, "stdin": subprocess.DEVNULL, "timeout": 300, **options}
        return subprocess.run([binary, *map(str, words)], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    return run


@pytest.fixture(scope="session")
def media():
    """Long test audio, kept between tests and between runs."""
    return Media(cache_folder())
