# SPDX-License-Identifier: MIT
"""The samples are what their notes, feed and speech say they are."""

import re
import xml.etree.ElementTree as ElementTree

import mutagen
import numpy
import pytest

from media import ffmpeg_pcm, sample_rate

ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
SLUGS = ("s01e01-island-ferry", "s01e02-bakery-clock", "s01e03-weather-buoys")


@pytest.fixture(params=SLUGS)
def audio(root, request):
    path, = (root / "samples" / "audio").glob(f"{request.param}.*")
    return path


def test_they_are_small(root):
    assert sum(path.stat().st_size for path in (root / "samples/audio").iterdir()) < 4_000_000


def test_each_clip_has_its_audio(root):
    notes = (root / "samples/season-finale.md").read_text(encoding="utf-8")
    links = re.findall(r"\[Clip \d+: .*\]\(https://example\.org/podcast/([^/?]+)/?\?t=", notes)
    assert len(links) == 9 and set(links) == set(SLUGS)


def test_the_feed_describes_the_files(root):
    feed = ElementTree.parse(root / "samples/feed.xml").getroot()
    items = feed.findall("channel/item")
    assert len(items) == len(SLUGS)
    for item in items:
        enclosure = item.find("enclosure")
        path = root / "samples" / "audio" / enclosure.get("url").rpartition("/")[2]
        assert int(enclosure.get("length")) == path.stat().st_size
        assert int(item.find(f"{ITUNES}duration").text) == round(mutagen.File(path).info.length)
        assert item.find("link").text.rstrip("/").endswith(path.stem)


def test_they_are_tagged(audio):
    easy = mutagen.File(audio, easy=True)
    tags = {name: easy[name] for name in ("title", "artist", "album", "date")}
    assert tags["album"] == ["Small Machines"] and all(tags.values())
    assert (easy.get("tracknumber") or easy["TRACKNUMBER"])[0].startswith(audio.stem[5])
    assert any(key.startswith(("APIC", "covr", "metadata_block_picture"))
               for key in mutagen.File(audio).tags.keys())


def test_the_speech_begins_on_the_second(audio):
    """Every five seconds, silence turns into a voice within 15 ms of the second named."""
    rate = sample_rate(audio)
    level = numpy.abs(ffmpeg_pcm(audio, rate))
    for second in range(5, len(level) // rate - 1, 5):
        at = second * rate
        before = level[at - rate // 10:at - rate * 15 // 1000].max()
        after = level[at:at + rate // 4].max()  # "three" begins softly
        assert before < 0.03 < after, f"{audio.name} at {second} s: {before:.3f}, {after:.3f}"
