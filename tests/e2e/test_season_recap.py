# SPDX-License-Identifier: MIT
"""The whole job at its real size, from servers and from disk: nineteen clips out of six episodes of
75 minutes; all that it writes is read by the tools that it is for."""

import html
import json
import re
import socket
import subprocess
import time
from pathlib import Path

import numpy
import pytest

import rpp
from browser import browse
from media import locate, played_together
from test_resolve import SEED, SHOW, Network, feed_of, item
from test_season import CLIPS, NAMES

HERE = Path(__file__).resolve().parent
RATE = 44100
LENGTH_MS = 20_000
WORDS = ["--length", "20s", "--end", "fixed"]
SENTENCE_MS = 7_500


def clock(time_ms):
    return (f"{time_ms // 3_600_000:02}:{time_ms // 60_000 % 60:02}:"
            f"{time_ms // 1000 % 60:02}.{time_ms % 1000:03}")


def transcript(name):
    """A sentence each 7.5 s, with what would have to be escaped."""
    return "WEBVTT\n" + "".join(
        f"\n{clock(at)} --> {clock(at + SENTENCE_MS)}\n<v Ann &amp; Co>Sentence {at} of {name} &amp; "
        "others.\n" for at in range(0, 75 * 60_000, SENTENCE_MS))


class Season:
    def __init__(self, folder, network, audio):
        self.folder = folder
        self.network = network
        self.audio = audio
        self.notes = {}
        for kind, base in (("http", network.site + "/podcast"),
                           ("disk", "https://show.example/podcast")):
            self.notes[kind] = folder / kind / "season-finale.md"
            self.notes[kind].parent.mkdir()
            self.notes[kind].write_text("# Season finale\n\n" + "".join(
                f"- [Clip {n}: Ann & Bob: \"On \\<things>\" {n}]({base}/{NAMES[episode - 1]}"
                f"{'/' if n % 2 else ''}?t={at // 60}%3A{at % 60:02})\n"
                for n, (at, episode) in enumerate(CLIPS, 1)))

    def run(self, clipnotes, kind, *more):
        where = (["--cache-dir", self.folder / "cache"] if kind == "http"
                 else ["--audio-dir", self.audio, "--offline"])
        done = clipnotes("recap", "--json", self.notes[kind], "-o", self.folder / kind / "out",
                         *where, *WORDS, *more)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def received(self):
        """Bytes of audio that the servers sent since the last look."""
        sent = sum(int(re.search(r'" 20[06] (\d+) ', line)[1])
                   for line in self.network.requests("cdn") if re.search(r'" 20[06] ', line))
        self.network.forget()
        return sent


@pytest.fixture(name="season", scope="module")
def make_season(media, tmp_path_factory):
    folder = tmp_path_factory.mktemp("season-recap")
    (folder / "net").mkdir()
    (folder / "audio").mkdir()
    network = Network(folder / "net")
    items = ""
    for (slug, number), path in zip(SEED, media.episodes(NAMES, minutes=75, bitrate=128)):
        (folder / "audio" / path.name).symlink_to(path)
        (folder / "audio" / f"{path.stem}.vtt").write_text(transcript(slug))
        network.put(f"cdn/{number}.vtt", transcript(slug))
        network.put(f"cdn/audio/{number:02}.mp3", b"")
        served = network.folder / f"cdn/audio/{number:02}.mp3"
        served.unlink()
        served.symlink_to(path.resolve())
        items += item(network, slug, number, f"<podcast:transcript url='{network.cdn}/{number}.vtt' "
                                             "type='text/vtt'/>")
        network.page(f"podcast/{slug}", f'<script id="p" src="{network.host}/podcasts/{SHOW}/'
                     f'episodes/rust-in-production-ep-{number}-{slug[7:]}/player.js?size=s"></script>')
    network.put(f"host/podcasts/{SHOW}/feed", feed_of(items))
    conf = network.folder / "nginx.conf"
    conf.write_text(network.config())
    with subprocess.Popen(["/usr/sbin/nginx", "-e", network.folder / "error.log", "-c",
                           conf]) as process:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", network.ports["cdn"])).close()
                break
            except OSError:
                time.sleep(0.05)
        network.forget()
        yield Season(folder, network, folder / "audio")
        process.terminate()


@pytest.fixture(name="runs", scope="module")
def run_both(clipnotes, season):
    """The events of each run, and what the plan and the run from the network took."""
    plan = season.run(clipnotes, "http", "-n")[-1]
    looked = season.received()
    events = {"http": season.run(clipnotes, "http")}
    fetched = season.received()
    events["disk"] = season.run(clipnotes, "disk")
    return events, plan, looked, fetched


@pytest.fixture(name="kind", scope="module", params=["http", "disk"])
def kind_of(request):
    return request.param


@pytest.fixture(name="out", scope="module")
def folder_of(season, runs, kind):
    assert runs
    return season.folder / kind / "out"


@pytest.fixture(name="manifest", scope="module")
def manifest_of(out):
    return json.loads((out / "manifest.json").read_text())


def test_everything_is_there(out, manifest):
    labels = sorted(path.name for path in (out / "labels").iterdir())
    assert labels == [f"{i:02}-{NAMES[episode - 1]}.txt" for i, episode in
                      enumerate(dict.fromkeys(episode for _, episode in CLIPS), 1)]
    assert {path.name for path in out.iterdir()} == {
        ".clipnotes-job", "chapters.json", "clips", "index.html", "labels", "manifest.json",
        "notes.md", "project.rpp", "recap.mp3", "recap.vtt", "soundbites.xml"}
    assert [clip["status"] for clip in manifest["clips"]] == ["cut"] * len(CLIPS)
    assert len(list((out / "clips").glob("*.mp3"))) == len(list((out / "clips").glob("*.vtt"))) == 19


def probe(path):
    return json.loads(subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_chapters", "-show_streams", "-show_format",
         str(path)], check=True, stdout=subprocess.PIPE).stdout)


def test_ffprobe_reads_the_recap(out, manifest):
    recap = manifest["recap"]
    facts = probe(out / "recap.mp3")
    [stream] = facts["streams"]
    assert (stream["codec_name"], stream["channels"]) == ("mp3", 2)
    assert int(stream["sample_rate"]) == recap["rate"]
    assert len(facts["chapters"]) == len(CLIPS)
    for chapter, part, clip in zip(facts["chapters"], recap["clips"], manifest["clips"]):
        assert float(chapter["start_time"]) * 1000 == pytest.approx(part["start_ms"], abs=0.6)
        assert chapter["tags"]["title"] == clip["title"]
    assert float(facts["format"]["duration"]) * 1000 == pytest.approx(recap["duration_ms"], abs=60)


@pytest.fixture(name="sound", scope="module")
def sound_of(season, runs):
    """What plays: each clip and, last, the recap, of both runs."""
    assert runs
    return {kind: played_together([
        *sorted((season.folder / kind / "out/clips").glob("*.mp3")),
        season.folder / kind / "out/recap.mp3"], "-ac", "1") for kind in ("http", "disk")}


def test_to_the_sample(out, manifest, sound, kind):
    """What plays is as long as the manifest says: each clip, and the recap as a whole."""
    recap = manifest["recap"]
    *clips, whole = sound[kind]
    assert len(whole) == recap["samples"] and recap["rate"] == RATE
    files = sorted((out / "clips").glob("*.mp3"))
    assert [out / clip["file"] for clip in manifest["clips"]] == files
    at = 0
    for part, clip, played in zip(recap["clips"], manifest["clips"], clips, strict=True):
        assert part["start_sample"] == at
        assert clip["exact"] and clip["end_ms"] - clip["start_ms"] == LENGTH_MS
        assert len(played) == LENGTH_MS * RATE // 1000
        at += part["samples"] + recap["rate"] // 2


def test_clips_are_where_the_notes_point(season, runs):
    """Those from disk; the others are the same."""
    assert runs
    folder = season.folder / "disk/out"
    for clip, (at, episode) in zip(json.loads((folder / "manifest.json").read_text())["clips"], CLIPS,
                                   strict=True):
        assert clip["start_ms"] == at * 1000
        source = season.audio / f"{NAMES[episode - 1]}.mp3"
        assert abs(locate(folder / clip["file"], source, at * 1000)) <= 1152


def test_from_servers_and_from_disk_it_is_the_same(season, sound):
    """Sample for sample; only what the feed says of the episodes is different."""
    there, here = (json.loads((season.folder / kind / "out/manifest.json").read_text())
                   for kind in ("http", "disk"))
    assert there["recap"]["clips"] == here["recap"]["clips"]
    for mine, other in zip(there["clips"], here["clips"], strict=True):
        assert (mine["start_ms"], mine["file"]) == (other["start_ms"], other["file"])
    assert len(sound["http"]) == len(sound["disk"]) == len(CLIPS) + 1
    for mine, other in zip(sound["http"], sound["disk"]):
        assert numpy.array_equal(mine, other)


def test_soundbites_follow_the_podcast_namespace(out, tmp_path):
    """A schema of RSS with podcast:soundbite; it notices what is wrong."""
    def valid(text):
        (tmp_path / "feed.xml").write_text(text)
        return subprocess.run(["xmllint", "--noout", "--relaxng", HERE / "schema/soundbites.rng",
                               tmp_path / "feed.xml"], check=False,
                              capture_output=True).returncode == 0
    text = (out / "soundbites.xml").read_text()
    assert valid(text)
    assert text.count("<podcast:soundbite ") == 2 * len(CLIPS)
    for old, new in [('duration="20"', 'duration="0"'), ('duration="20"', 'duration="0:20"'),
                     ('startTime="3340"', 'start="3340"'), (' 1</podcast', "x" * 130 + "</podcast"),
                     ("podcastindex.org/namespace/1.0", "podcastindex.org/namespace/2.0"),
                     ("    <description>", "    <podcast:soundbite>")]:
        assert old in text and not valid(text.replace(old, new, 1)), (old, new)


def read_vtt(*paths):
    if not (HERE.parent / "node_modules/webvtt-parser").is_dir():
        pytest.skip("webvtt-parser is not installed: npm ci --prefix tests")
    return json.loads(subprocess.run(["node", HERE / "read_vtt.cjs", *paths], check=True,
                                     stdout=subprocess.PIPE).stdout)


def test_a_webvtt_parser_reads_the_transcripts(out, manifest):
    slices = read_vtt(*[out / clip["transcript"] for clip in manifest["clips"]])
    together = []
    for found, clip, part, (at, episode) in zip(slices, manifest["clips"],
                                                manifest["recap"]["clips"], CLIPS):
        assert found["errors"] == []
        first = at * 1000 // SENTENCE_MS * SENTENCE_MS
        wanted = []
        for start in range(first, at * 1000 + LENGTH_MS, SENTENCE_MS):
            begin = max(start - at * 1000, 0)
            end = min(start + SENTENCE_MS - at * 1000, LENGTH_MS)
            wanted.append((begin, end, f"Sentence {start} of {NAMES[episode - 1]} & others."))
        assert [(round(cue["start"] * 1000), round(cue["end"] * 1000), cue["text"].strip())
                for cue in found["cues"]] == wanted
        # The parser leaves references in names as they are; WebVTT 1 (6.4) does not.
        assert {html.unescape(cue["speaker"]) for cue in found["cues"]} == {"Ann & Co"}
        together += [(begin + part["start_ms"], end + part["start_ms"], said)
                     for begin, end, said in wanted]
    [recap] = read_vtt(out / "recap.vtt")
    assert recap["errors"] == []
    assert [(round(cue["start"] * 1000), round(cue["end"] * 1000), cue["text"].strip())
            for cue in recap["cues"]] == together


def test_reaper_reads_the_project(out, manifest, season, sound, kind):
    """Its grammar; each item's file is there, and long enough for what the item plays of it."""
    if kind == "disk":
        seconds = {path: float(probe(path)["format"]["duration"])
                   for path in season.audio.glob("*.mp3")}
    else:
        seconds = {path: len(played) / RATE for path, played in
                   zip(sorted((out / "clips").glob("*.mp3")), sound[kind])}
    project = rpp.read((out / "project.rpp").read_text())
    items = sorted(rpp.items(project, out), key=lambda item: item[1])
    recap = manifest["recap"]
    assert len(project.all("TRACK")) == len(SEED)
    for (_, position, length, offset, gain, name, file), part, clip, (_, episode) in zip(
            items, recap["clips"], manifest["clips"], CLIPS, strict=True):
        assert round(position * recap["rate"]) == part["start_sample"]
        assert round(length * recap["rate"]) == part["samples"]
        assert gain > 0 and name == clip["title"]
        assert offset * 1000 == (clip["start_ms"] if kind == "disk" else 0)
        # What begins there is told by test_clips_are_where_the_notes_point.
        wanted = (season.audio / f"{NAMES[episode - 1]}.mp3" if kind == "disk"
                  else out / clip["file"])
        assert file.samefile(wanted)
        assert seconds[wanted] >= offset + length - 0.03
    markers = [(float(at), title) for key, tokens in project.lines if key == "MARKER"
               for _, at, title, _ in [tokens]]
    assert markers == [(part["start_ms"] / 1000, clip["title"])
                       for part, clip in zip(recap["clips"], manifest["clips"])]


def test_the_project_grammar_notices_what_is_wrong(out):
    text = (out / "project.rpp").read_text()
    for old, new in [("    >\n", "", ), ("POSITION 0.0", "POSITION x"), ("      SOFFS", "    SOFFS"),
                     ("NAME '", 'NAME "'), ("<SOURCE", "<SAUCE"), ("      >\n", "      >\n      >\n")]:
        assert old in text
        with pytest.raises(rpp.Wrong):
            rpp.items(rpp.read(text.replace(old, new, 1)), out)


def test_the_page_in_a_browser(out):
    """By day only: colours move nothing, and test_page.py looks at those."""
    for name, found in browse((out / "index.html").as_uri(), "360 light", "1280 light").items():
        assert found["width"] <= int(name.split()[0])
        assert len(found["players"]) == len(found["durations"]) == len(CLIPS) + 1
        assert found["durations"][1:] == pytest.approx([LENGTH_MS / 1000] * len(CLIPS), abs=0.06)
        assert found["said"] == [] and len(found["chapters"]) == len(CLIPS)
        assert not [url for url in found["asked"] if not url.startswith(out.as_uri() + "/")]


def test_chapters_labels_and_notes(out, manifest):
    chapters = json.loads((out / "chapters.json").read_text())
    assert chapters["version"] == "1.2.0"
    assert [(round(chapter["startTime"] * 1000), chapter["title"], chapter["url"])
            for chapter in chapters["chapters"]] == [
                (part["start_ms"], clip["title"], chapter["url"]) for part, clip, chapter in
                zip(manifest["recap"]["clips"], manifest["clips"], chapters["chapters"])]
    rows = [line.split("\t") for path in (out / "labels").iterdir()
            for line in path.read_text().splitlines()]
    assert sorted((float(start), float(end)) for start, end, _ in rows) == sorted(
        (at, at + LENGTH_MS / 1000) for at, _ in CLIPS)


def test_bytes_are_what_the_plan_said(runs):
    """A plan costs little, and says what the clips will; what the plan has read is not read again."""
    _, plan, looked, fetched = runs
    wanted = len(CLIPS) * LENGTH_MS // 1000 * 128_000 // 8
    assert plan["write_bytes"] == pytest.approx(wanted, rel=0.02)
    assert plan["fetch_bytes"] <= wanted * 1.02
    assert fetched == pytest.approx(plan["fetch_bytes"], rel=0.15)
    assert looked < wanted / 2


def test_a_rerun_fetches_nothing_and_does_nothing(clipnotes, season, runs, kind):
    assert runs
    season.received()
    again = season.run(clipnotes, kind)
    assert {event["status"] for event in again} == {"kept"}
    assert season.received() == 0
