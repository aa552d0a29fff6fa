# SPDX-License-Identifier: MIT
"""Feeds as other software writes them, read by us and by an independent parser."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FEEDS = sorted((HERE / "feeds").glob("*.xml")) + [HERE.parents[1] / "samples/feed.xml"]
# A length of 1 is no size of an audio file.
LEFT_OUT = {("https://blog.example.org/2025/03/ovens/", "audio_size")}


@pytest.fixture(scope="module", name="feedsmith")
def other_parser():
    if not (HERE.parent / "node_modules/feedsmith").is_dir() or not shutil.which("node"):
        pytest.skip("feedsmith is not installed: npm ci --prefix tests")

    def read(feed):
        done = subprocess.run(["node", HERE / "read_feed.cjs", feed], check=True,
                              capture_output=True, text=True)
        return json.loads(done.stdout)
    return read


@pytest.mark.parametrize("feed", FEEDS, ids=lambda path: path.stem)
def test_both_read_the_same(feed, feedsmith, clipnotes, tmp_path):
    others = feedsmith(feed)
    assert others
    notes = tmp_path / "notes.md"
    notes.write_text("".join(f"- [Clip {n}: x]({item['link']}?t=1%3A00)\n"
                             for n, item in enumerate(others, 1)))
    done = clipnotes("resolve", "--json", "--offline", "--cache-dir", tmp_path / "cache",
                     "--feed", feed, notes)
    assert (done.returncode, done.stderr) == (0, "")
    ours = {page["page"]: page for page in json.loads(done.stdout)["pages"]}
    assert len(ours) == len(others)
    for other in others:
        page = ours[other["link"]]
        for field, value in other.items():
            if field != "link" and (other["link"], field) not in LEFT_OUT:
                assert page[field] == value, f"{other['link']}: {field}"
