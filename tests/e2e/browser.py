# SPDX-License-Identifier: MIT
"""Chromium, as a reader of pages."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def browse(url, *visits):
    """What a reader meets at a URL, on a phone and on a desk, by day and by night: browse.cjs.
    With `visits`, as "360 light", only then."""
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not browser or not shutil.which("node"):
        pytest.skip("there is no Chromium, or no node to drive it")
    if not (HERE.parent / "node_modules/playwright-core").is_dir():
        pytest.skip("playwright-core is not installed: npm ci --prefix tests")
    done = subprocess.run(["node", HERE / "browse.cjs", url, *visits], check=False, capture_output=True,
                          text=True, timeout=240, env={**os.environ, "CHROMIUM": browser})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
