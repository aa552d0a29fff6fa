# SPDX-License-Identifier: MIT
"""What every end-to-end test may ask for."""

import os
import shutil
import subprocess
import tempfile
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


class Nobody:
    """A folder and the program for a user who owns nothing."""

    ID = 65534

    def __init__(self, binary):
        self.folder = Path(tempfile.mkdtemp(prefix="clipnotes-nobody-"))
        self.binary = self.folder / "clipnotes"
        shutil.copy(binary, self.binary)
        self.folder.chmod(0o755)
        self.work = self.folder / "work"
        self.work.mkdir()
        self.work.chmod(0o777)

    def run(self, *words):
        return subprocess.run(
            ["setpriv", f"--reuid={self.ID}", f"--regid={self.ID}", "--clear-groups", self.binary,
             *map(str, words)], stderr=subprocess.PIPE, text=True, check=False)


@pytest.fixture(name="nobody")
def other_user(binary):
    if os.getuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root can be somebody else")
    user = Nobody(binary)
    yield user
    shutil.rmtree(user.folder)
