# SPDX-License-Identifier: MIT
"""clipnotes recap as a job: run again, planned, failing, stopped, killed, from a network."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import time

import numpy
import pytest

from hostile import Hostile
from media import played_together
from recap_season import (RECORD, files_in, make_recap, make_season, run,
                          without_status)
from test_season import NAMES

KILLS = int(os.environ.get("CLIPNOTES_KILLS", "6"))
MEMORY_MIB = 96
LONG_CLIPS = int(os.environ.get("CLIPNOTES_LONG_CLIPS", "2"))


def test_a_second_run_keeps_everything(clipnotes, season, tmp_path):
    first, _ = run(clipnotes, season, tmp_path)
    before = files_in(tmp_path)
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.mp3")}
    again, _ = run(clipnotes, season, tmp_path)
    assert {event["status"] for event in again} == {"kept"}
    assert without_status(files_in(tmp_path)) == before
    assert stamps == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.mp3")}
    strip = [{**event, "status": None} for event in first]
    key = lambda event: (event["event"], event.get("number", 0))
    assert sorted(strip, key=key) == sorted(({**event, "status": None} for event in again), key=key)


def test_two_runs_give_the_same_bytes(clipnotes, season, tmp_path, done):
    out, _ = done
    run(clipnotes, season, tmp_path / "out", "-j", "1")
    assert files_in(tmp_path / "out") == files_in(out)


def test_only_what_changed_is_done_again(clipnotes, season, tmp_path):
    run(clipnotes, season, tmp_path / "out")
    notes = tmp_path / "finale.md"
    notes.write_text((season / "finale.md").read_text().replace("t=35", "t=36"))
    shutil.rmtree(tmp_path / "copy", ignore_errors=True)
    events, _ = run(clipnotes, season, tmp_path / "out", notes=notes)
    assert sorted(event["status"] for event in events if event["event"] == "clip") == [
        "cut"] + ["kept"] * 5
    assert events[-1]["status"] == "cut"
    (tmp_path / "out" / "recap.mp3").write_bytes(b"damaged")
    events, _ = run(clipnotes, season, tmp_path / "out", notes=notes)
    assert [event["status"] for event in events] == ["kept"] * 6 + ["cut"]


def test_what_the_notes_no_longer_ask_for_is_removed(clipnotes, season, tmp_path):
    """Where it is still what we wrote; what somebody has changed stays, and is listed each time."""
    out, notes = tmp_path / "out", tmp_path / "finale.md"
    text = (season / "finale.md").read_text()
    lines = text.splitlines(keepends=True)
    run(clipnotes, season, out, "--format", "opus")
    before = files_in(out)
    (out / "clips" / "mine.txt").write_text("not clipnotes' own")
    edited = out / "clips" / "06-somebody-on-thing-more-6.mp3"
    edited.write_bytes(edited.read_bytes() + b"by hand")
    notes.write_text("".join(lines[:-2]).replace("more\" 2", "other\" 2"))
    for _ in range(2):
        events, result = run(clipnotes, season, out, notes=notes)
        manifest = json.loads((out / "manifest.json").read_text())
        assert [left["file"] for left in manifest["left"]] == ["clips/" + edited.name]
        assert f"{edited}: left as it is" in result.stderr
    assert not [event for event in events if event["event"] == "removed"]
    gone = {"recap.opus", "clips/02-somebody-on-thing-more-2.mp3",
            "clips/05-somebody-on-thing-more-5.mp3"}
    assert gone == set(before) - set(files_in(out))
    assert set(files_in(out)) - set(before) == {
        "recap.mp3", "clips/mine.txt", "clips/02-somebody-on-thing-other-2.mp3"}


def test_a_failure_removes_nothing(clipnotes, season, tmp_path):
    notes = tmp_path / "finale.md"
    run(clipnotes, season, tmp_path / "out")
    before = set(files_in(tmp_path / "out"))
    notes.write_text((season / "finale.md").read_text().replace("e2?t=35", "e9?t=35"))
    run(clipnotes, season, tmp_path / "out", notes=notes, status=3)
    assert before <= set(files_in(tmp_path / "out"))


def test_what_somebody_has_changed_is_not_written_over(clipnotes, season, tmp_path):
    """An editor's work in the project, and notes of ours that lie where the recap's would."""
    own = (season / "finale.md").read_text()
    (tmp_path / "notes.md").write_text(own)
    run(clipnotes, season, tmp_path, notes=tmp_path / "notes.md")
    assert (tmp_path / "notes.md").read_text() == own
    fresh = (tmp_path / "notes.new.md").read_text()
    assert fresh.startswith("# Season 1")
    project = (tmp_path / "project.rpp").read_text()
    (tmp_path / "project.rpp").write_text(project + "edited")
    for _ in range(2):
        _, result = run(clipnotes, season, tmp_path, notes=tmp_path / "notes.md")
        assert (tmp_path / "project.rpp").read_text() == project + "edited"
        assert (tmp_path / "project.new.rpp").read_text() == project
        assert "project.rpp: left as it is" in result.stderr
    # Once it is out of the way, ours takes its place again.
    (tmp_path / "project.rpp").unlink()
    events, _ = run(clipnotes, season, tmp_path, notes=tmp_path / "notes.md")
    assert (tmp_path / "project.rpp").read_text() == project
    assert [event["file"] for event in events if event["event"] == "removed"] == ["project.new.rpp"]


def test_dry_run_prints_the_plan_and_writes_nothing(clipnotes, season, tmp_path):
    result = clipnotes("recap", "-n", season / "finale.md", "--audio-dir", season / "audio", "-o",
                       tmp_path / "out", "--length", "12s")
    assert result.returncode == 0
    *lines, empty, totals = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["cut"] * 6 + ["encode"]
    assert [line.split()[1] for line in lines[:-1]] == [
        f"clips/{n:02}-somebody-on-thing-more-{n}.mp3" for n in range(1, 7)]
    assert len({line.index("e1 at") for line in lines if "e1 at" in line}) == 1
    assert not empty and totals.startswith("6 to cut, 0 kept, 0 missing, from 3 episodes; about ")
    assert not (tmp_path / "out").exists()


def test_dry_run_estimates(clipnotes, season, tmp_path):
    """Bytes to write within a tenth of what is written, also where all is kept: none."""
    def plan():
        *clips, totals = run(clipnotes, season, tmp_path / "out", "-n")[0]
        return [clip["status"] for clip in clips], totals
    status, planned = plan()
    assert set(status) == {"planned"} and planned["event"] == "plan"
    events, _ = run(clipnotes, season, tmp_path / "out")
    written = sum(event["bytes"] for event in events[:-1])
    assert planned["write_bytes"] == pytest.approx(written, rel=0.1)
    assert (planned["cut"], planned["fetch_bytes"]) == (6, 0)
    assert planned["encode_bytes"] == pytest.approx(events[-1]["bytes"], rel=0.1)
    assert planned["recap_ms"] == pytest.approx(events[-1]["duration_ms"], abs=10)
    status, planned = plan()
    assert status == ["kept"] * 6
    assert (planned["kept"], planned["recap_status"], planned["seconds"]) == (6, "kept", 0)
    assert planned["encode_bytes"] == 0


def test_dry_run_knows_what_is_fetched_whole(clipnotes, season, tmp_path):
    """Of an episode of which the clips take most, all is fetched, and the plan says so."""
    with Hostile() as server:
        url = server.add("/e1.mp3", (season / "audio" / "e1.mp3").read_bytes())
        notes = tmp_path / "finale.md"
        notes.write_text(f"- [Clip 1: A]({url}?t=5)\n- [Clip 2: B]({url}?t=50)\n")
        words = ["recap", "--json", notes, "-o", tmp_path / "out", "--cache-dir",
                 tmp_path / "cache", "--length", "40s", "--end", "fixed"]
        plan = json.loads(clipnotes(*words, "-n").stdout.splitlines()[-1])
        looked = server.sent("/e1.mp3")
        assert clipnotes(*words).returncode == 0
        assert server.sent("/e1.mp3") - looked == pytest.approx(plan["fetch_bytes"], rel=0.02)
        assert looked + plan["fetch_bytes"] == pytest.approx(
            (season / "audio" / "e1.mp3").stat().st_size, rel=0.02)


def test_what_fails_does_not_hold_up_the_rest(clipnotes, season, tmp_path):
    notes = tmp_path / "finale.md"
    notes.write_text((season / "finale.md").read_text() +
                     "- [Clip 7: Lost](https://show.example/e9?t=10)\n")
    events, result = run(clipnotes, season, tmp_path / "out", status=3, notes=notes)
    assert len([event for event in events if event["status"] == "cut"]) == 7
    assert f"{notes}:10: " in result.stderr
    page = (tmp_path / "out" / "index.html").read_text()
    assert "Missing" in page and "no audio found" in page
    again, _ = run(clipnotes, season, tmp_path / "out", status=3, notes=notes)
    assert [event["status"] for event in again].count("kept") == 7


def test_where_all_fails_the_manifest_says_why(clipnotes, season, tmp_path):
    notes = tmp_path / "finale.md"
    notes.write_text("- [Clip 1: Lost](https://show.example/e9?t=10)\n"
                     "- [Clip 2: Late](https://show.example/e1?t=1:00:00)\n")
    _, result = run(clipnotes, season, tmp_path / "out", status=1, notes=notes)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert [clip["status"] for clip in manifest["clips"]] == ["failed"] * 2
    assert all(clip["error"] in result.stderr for clip in manifest["clips"])
    assert "recap" not in manifest
    assert {path.name for path in (tmp_path / "out").iterdir()} == {RECORD, "manifest.json"}


@pytest.mark.parametrize("option", ["--intro", "--between", "--outro"])
def test_what_stands_around_is_looked_at_first(clipnotes, season, tmp_path, option):
    """Before anything is asked of a server, or written. Who cuts a shard need not have it."""
    text, out = tmp_path / "text.wav", tmp_path / "out"
    text.write_text("no sound")
    with Hostile() as server:
        url = server.add("/e1.mp3", (season / "audio" / "e1.mp3").read_bytes())
        notes = tmp_path / "finale.md"
        notes.write_text(f"- [Clip 1: A]({url}?t=5)\n")
        words = ["recap", notes, "-o", out, "--cache-dir", tmp_path / "cache", "--length", "5s"]
        for file in (tmp_path / "none.wav", text):
            for more in ([], ["-n"], ["--assemble"]):
                result = clipnotes(*words, option, file, *more)
                assert result.returncode == 1
                assert result.stderr.startswith(f"{option}: {file}: ")
                assert result.stderr.count("\n") == 1 and result.stdout == ""
        assert not server.requests and not out.exists()
        assert clipnotes(*words, option, text, "--shard", "1/1").returncode == 0


def test_a_recap_that_cannot_be_made_leaves_the_clips(clipnotes, season, tmp_path):
    """And what an earlier run has made of them; the page links to nothing that is not there."""
    out = tmp_path / "out"
    for earlier in (False, True):
        if earlier:
            shutil.rmtree(out)
            run(clipnotes, season, out)
        else:
            out.mkdir()
            shutil.copyfile(season / "audio" / "e1.mp3", out / "recap.mp3")
        before = files_in(out)
        events, result = run(clipnotes, season, out, "--intro", out / "recap.mp3", status=3)
        why = "recap.mp3: is read by this very job"
        assert why in result.stderr
        assert len(list((out / "clips").iterdir())) == 6
        for name in ("recap.mp3", "chapters.json", "notes.md", "project.rpp"):
            assert files_in(out).get(name) == before.get(name)
        page = (out / "index.html").read_text()
        assert "The whole recap" in page and why in page
        for name in re.findall(r'(?:href|src)="([^"#:]+)"', page):
            assert (out / name).is_file()
        recap = json.loads((out / "manifest.json").read_text())["recap"]
        assert recap["status"] == events[-1]["status"] == "failed" and why in recap["error"]


def test_what_is_played_is_not_written_over(clipnotes, season, tmp_path):
    shutil.copyfile(season / "audio" / "e1.mp3", tmp_path / "recap.mp3")
    (tmp_path / "link.mp3").symlink_to("recap.mp3")
    for name in ("recap.mp3", "link.mp3"):
        _, result = run(clipnotes, season, tmp_path, "--outro", tmp_path / name, status=3)
        assert "recap.mp3: is read by this very job" in result.stderr
        assert (tmp_path / "recap.mp3").read_bytes() == (season / "audio" / "e1.mp3").read_bytes()


@pytest.mark.parametrize("count", [1, 2, 12])
def test_notes_are_read_as_the_recaps_chapters(clipnotes, season, tmp_path, count):
    """Of one clip or of many short ones, of which one is in its episode where it is in the recap."""
    notes = tmp_path / "finale.md"
    notes.write_text("".join(f"- [Clip {n}: Ann: \"Nothing at {n}:15.\"](https://show.example/e{n % 3 + 1}"
                             f"?t={n + 5},{n + 7})\n" for n in range(count)))
    run(clipnotes, season, tmp_path / "out", "--gap", "0", notes=notes)
    read = json.loads(clipnotes("list", "--json", tmp_path / "out" / "notes.md").stdout)["notes"][0]
    chapters = json.loads((tmp_path / "out" / "chapters.json").read_text())["chapters"]
    assert len(chapters) == count and read["warnings"] == []
    assert [(mark["start_ms"] // 1000, mark["title"], mark["url"]) for mark in read["chapters"]] == [
        (int(chapter["startTime"]), chapter["title"], chapter["url"]) for chapter in chapters]


def test_no_input_is_written_over(clipnotes, season, tmp_path):
    """A clip that would take the place of an episode."""
    for i in (1, 2):
        shutil.copy(season / "audio" / f"e{i}.mp3", tmp_path / f"0{i}-e.mp3")
    before = files_in(tmp_path)
    notes = tmp_path / "notes.md"
    notes.write_text("".join(f"- [Clip {n}: {title}](https://show.example/{page}?t={20 * n})\n"
                             for n, title, page in [(1, "E", "02-e"), (2, "E", "01-e"), (3, "A", "02-e")]))
    for _ in range(2):
        result = clipnotes("clip", notes, "--audio-dir", tmp_path, "-o", tmp_path, "--length", "5s")
        assert result.returncode == 3 and "01-e.mp3: is read by this very job" in result.stderr
        assert before.items() <= files_in(tmp_path).items()
        assert (tmp_path / "03-a.mp3").exists()


@pytest.mark.parametrize("command", ["clip", "recap"])
def test_another_programs_manifest_stays(clipnotes, season, tmp_path, command):
    """Such as a web app's; one of ours that is damaged does not."""
    manifest, theirs = tmp_path / "manifest.json", '{"name": "A web app", "icons": []}'
    words = [command, season / "finale.md", "--audio-dir", season / "audio", "-o", tmp_path,
             "--length", "5s"]
    manifest.write_text(theirs)
    result = clipnotes(*words)
    assert result.returncode == 3 and "manifest.json: another program's" in result.stderr
    assert manifest.read_text() == theirs
    manifest.write_text('{"version": 1, "tool": "cli')
    assert clipnotes(*words).returncode == 0
    assert len(json.loads(manifest.read_text())["clips"]) == 6


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped(binary, clipnotes, season, tmp_path, done, number):
    """Neither a recap of what happens to be done, nor one less of what was there before."""
    out = tmp_path / "out"
    run(clipnotes, season, out, "--loudness", "-20")
    beside = {name: text for name, text in files_in(out).items() if "/" not in name}
    del beside[RECORD]
    for finished in (1, 6):  # while it cuts, and while it joins
        with subprocess.Popen(
                [str(binary), "recap", "--json", str(season / "finale.md"), "--audio-dir",
                 str(season / "audio"), "-o", str(out), "--length", "12s", "--pad-after", "1s"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            for _ in range(finished):
                assert '"status": "failed"' not in process.stdout.readline()
            process.send_signal(number)
            _, said = process.communicate()
        assert process.returncode == 130
        assert beside.items() <= files_in(out).items()
        assert "the same command goes on from there" in said
    run(clipnotes, season, out)
    assert without_status(files_in(out)) == without_status(files_in(done[0]))


def test_a_folder_is_one_runs(binary, clipnotes, season, tmp_path):
    words = ["recap", season / "finale.md", "--audio-dir", season / "audio", "-o", tmp_path / "out",
             "--length", "12s"]
    with subprocess.Popen([binary, *map(str, words)], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as first:
        while first.poll() is None and not (tmp_path / "out" / RECORD).exists():
            time.sleep(0.001)
        second = clipnotes(*words)
        still_running = first.poll() is None
    if still_running:
        assert second.returncode == 1
        assert "another run" in second.stderr
    assert first.returncode == 0


def test_killed_at_any_moment(binary, clipnotes, season, tmp_path, done):
    """The rerun gives the same bytes, and does nothing again that had been recorded."""
    undisturbed = without_status(files_in(done[0]))
    words = [str(binary), "recap", "-q", str(season / "finale.md"), "--audio-dir",
             str(season / "audio"), "--length", "12s", "-o"]
    began = time.monotonic()
    subprocess.run([*words, str(tmp_path / "timed")], check=True, stdout=subprocess.DEVNULL)
    whole = time.monotonic() - began
    dice = random.Random(8)
    for i in range(KILLS):
        out = tmp_path / f"killed-{i}"
        with subprocess.Popen([*words, str(out)], stdout=subprocess.DEVNULL) as process:
            time.sleep(dice.uniform(0, whole * 1.05))
            process.kill()
        for path in out.rglob("*"):
            name = str(path.relative_to(out))
            if path.is_file() and name in undisturbed and name not in (RECORD, "recap.mp3"):
                assert path.read_bytes().replace(b'"kept"', b'"cut"') == undisturbed[name]
        record = out / RECORD
        pieces = [json.loads(line) for line in
                  (record.read_text().splitlines() if record.exists() else [])
                  if line.endswith("}")]
        finished = [piece["file"] for piece in pieces if "beside" not in piece]
        stamps = {name: (out / name).stat().st_mtime_ns for name in finished}
        events, _ = run(clipnotes, season, out)
        assert without_status(files_in(out)) == undisturbed
        assert {event["file"] for event in events if event["status"] == "kept"} == set(finished)
        assert stamps == {name: (out / name).stat().st_mtime_ns for name in finished}
        shutil.rmtree(out)


def test_memory_of_a_long_season(binary, media, tmp_path):
    """Clips of five minutes; their number is CLIPNOTES_LONG_CLIPS, as 50."""
    if "asan" in str(binary):
        pytest.skip("the sanitizer's own memory is not ours")
    audio = tmp_path / "audio"
    audio.mkdir()
    media.episode(NAMES[0], minutes=75, bitrate=128, folder=audio)
    notes = tmp_path / "notes.md"
    notes.write_text("".join(
        f"- [Clip {n}: A](https://show.example/{NAMES[0]}?t={80 * n})\n" for n in range(LONG_CLIPS)))
    report = tmp_path / "peak"
    result = subprocess.run(
        ["/usr/bin/time", "-f", "%M", "-o", str(report), str(binary), "recap", "-q", str(notes),
         "--audio-dir", str(audio), "-o", str(tmp_path / "out"), "--length", "5m", "--end", "fixed"],
        check=False, stdout=subprocess.DEVNULL)
    assert result.returncode == 0
    peak = int(report.read_text()) / 1024
    print(f"{LONG_CLIPS} clips of five minutes: {peak:.1f} MiB")
    assert peak < MEMORY_MIB


def test_a_transcript_that_was_missing_comes_later(clipnotes, season, tmp_path):
    with Hostile() as server:
        words = server.add("/e1.vtt", b"WEBVTT\n\n00:00.000 --> 01:40.000\nFerries.\n", status=[404])
        feed = tmp_path / "feed.xml"
        feed.write_text("<rss version='2.0' xmlns:podcast='https://podcastindex.org/namespace/1.0'>"
                        "<channel><title>Show</title><item><link>https://show.example/e1</link>"
                        "<enclosure url='https://show.example/e1.mp3' type='audio/mpeg' length='1'/>"
                        f"<podcast:transcript url='{words}' type='text/vtt'/></item></channel></rss>")
        notes = tmp_path / "notes.md"
        notes.write_text("- [One](https://show.example/e1?t=10)\n")
        for status, slices in [("cut", 0), ("cut", 1), ("kept", 1)]:
            [clip, _], _ = run(clipnotes, season, tmp_path / "out", "--map",
                               f"https://show.example/e1={season / 'audio' / 'e1.mp3'}", "--feed",
                               feed, "--cache-dir", tmp_path / "cache", notes=notes)
            assert (clip["status"], "transcript" in clip) == (status, slices == 1)


def test_over_the_network_it_is_the_same(clipnotes, season, tmp_path, done, monkeypatch):
    """The clips and the recap of episodes on a server are those of files. Of what is finished the
    server is asked for nothing but whether it has another file by now."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    spoken = "WEBVTT\n\n00:00.000 --> 01:40.000\nNothing but ferries.\n"
    with Hostile() as server:
        items = ""
        for i in range(1, 4):
            url = server.add(f"/e{i}.mp3", (season / "audio" / f"e{i}.mp3").read_bytes())
            words = server.add(f"/e{i}.vtt", spoken.encode(), type="text/vtt")
            items += (f"<item><title>Episode {i}</title><link>https://show.example/e{i}</link>"
                      f"<guid>g{i}</guid><enclosure url='{url}' type='audio/mpeg' length='1'/>"
                      f"<podcast:transcript url='{words}' type='text/vtt'/></item>")
        feed = tmp_path / "feed.xml"
        feed.write_text("<rss version='2.0' xmlns:podcast='https://podcastindex.org/namespace/1.0'>"
                        f"<channel><title>Show</title>{items}</channel></rss>")
        words = ["recap", "--json", season / "finale.md", "--feed", feed, "-o", tmp_path / "out",
                 "--length", "12s"]
        result = clipnotes(*words)
        assert result.returncode == 0, result.stderr
        from_network = json.loads((tmp_path / "out" / "manifest.json").read_text())
        from_disk = json.loads((done[0] / "manifest.json").read_text())
        for there, here in zip(from_network["clips"], from_disk["clips"]):
            assert (there["start_ms"], there["end_ms"], there["exact"]) == (
                here["start_ms"], here["end_ms"], here["exact"])
        for there, here in zip(played_together([tmp_path / "out" / clip["file"]
                                                for clip in from_network["clips"]]),
                               played_together([done[0] / clip["file"]
                                                for clip in from_disk["clips"]]), strict=True):
            assert len(there) and numpy.array_equal(there, here)
        assert [part["start_sample"] for part in from_network["recap"]["clips"]] == [
            part["start_sample"] for part in from_disk["recap"]["clips"]]
        assert (tmp_path / "out" / "recap.vtt").read_text().count("Nothing but ferries.") == 6
        asked = [request.path for request in server.requests]
        asked_once = {f"/e{i}.{kind}" for i in (1, 2, 3) for kind in ("mp3", "vtt")}
        assert set(asked) == asked_once
        again = clipnotes(*words)
        assert again.returncode == 0
        assert {json.loads(line)["status"] for line in again.stdout.splitlines()} == {"kept"}
        later = server.requests[len(asked):]
        assert sorted(request.path for request in later) == sorted(asked_once)
        assert sum(request.sent for request in later) == 0
        # Another file under the same URL: what was cut from the old one is cut anew.
        server.add("/e2.mp3", (season / "audio" / "e1.mp3").read_bytes(),
                   etag='"2"')
        changed = clipnotes(*words)
        assert changed.returncode == 0
        status = {event.get("number", "recap"): event["status"]
                  for event in map(json.loads, changed.stdout.splitlines())}
        assert status == {1: "kept", 2: "cut", 3: "kept", 4: "kept", 5: "kept", 6: "cut",
                          "recap": "cut"}
        # Another transcript, and one that cannot be had just now.
        server.add("/e1.vtt", spoken.replace("ferries", "trains").encode(), etag='"2"')
        server.pages["/e3.vtt"].status = [404]
        spelled = clipnotes(*words)
        assert spelled.returncode == 0 and "e3.vtt" in spelled.stderr
        status = {event.get("number", "recap"): event["status"]
                  for event in map(json.loads, spelled.stdout.splitlines())}
        assert status == {1: "cut", 2: "kept", 3: "kept", 4: "cut", 5: "kept", 6: "kept",
                          "recap": "kept"}
        assert (tmp_path / "out" / "recap.vtt").read_text().count("Nothing but trains.") == 2
    # A server that is gone takes nothing away.
    gone = clipnotes(*words)
    assert gone.returncode == 0 and "what was cut from it is kept" in gone.stderr
    assert {json.loads(line)["status"] for line in gone.stdout.splitlines()} == {"kept"}
