# SPDX-License-Identifier: MIT
"""Episodes on the network, through the real binary."""

import concurrent.futures
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest

from hostile import Hostile
from measure import run_measured

MEMORY_MIB = 32


@pytest.fixture
def server():
    with Hostile() as hostile:
        yield hostile


@pytest.fixture(scope="module")
def audio(media):
    return media.episode("s01e01", minutes=5).read_bytes()


@pytest.fixture
def notes(tmp_path):
    path = tmp_path / "finale.md"
    path.write_text("- [Clip 1: One](https://show.example/s01e01?t=1:00)\n"
                    "- [Clip 2: Two](https://show.example/s01e02?t=2:00)\n"
                    "- [Clip 3: Three](https://show.example/s01e01?t=3:00)\n")
    return path


@pytest.fixture
def run(clipnotes, tmp_path, monkeypatch):
    """The program with a cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return clipnotes


def maps(server, **pages):
    """The options that map each page to what is served for it."""
    words = []
    for name, (data, options) in pages.items():
        words += ["--map", f"{name}={server.add(f'/{name}.mp3', data, **options)}"]
    return words


def test_fetch(run, server, notes, audio):
    words = maps(server, s01e01=(audio, {}), s01e02=(audio, {}))
    done = run("fetch", notes, *words)
    assert done.returncode == 0, done.stderr
    assert [Path(line).read_bytes() for line in done.stdout.splitlines()] == [audio, audio]
    assert "2 of 2 episodes are here" in done.stderr
    done = run("fetch", "--json", "--offline", notes, *words)
    episodes = json.loads(done.stdout)["episodes"]
    assert [episode["received"] for episode in episodes] == [0, 0]
    assert [episode["bytes"] for episode in episodes] == [len(audio)] * 2
    assert len(server.requests) == 2


def test_fetch_takes_little_memory(run, binary, server, notes, audio, tmp_path):
    words = maps(server, s01e01=(audio, {}), s01e02=(audio, {}))
    done, memory = run_measured([binary, "fetch", notes, *words], tmp_path)
    assert done.returncode == 0
    if "asan" not in str(binary):  # the sanitizer's own memory is not ours
        assert memory < MEMORY_MIB


def test_fetch_in_part(run, server, notes, audio):
    words = maps(server, s01e01=(audio, {}), s01e02=(audio, {"status": [404], "forever": True}))
    done = run("fetch", notes, *words)
    assert done.returncode == 3
    assert len(done.stdout.splitlines()) == 1
    assert "s01e02.mp3: the server answers 404" in done.stderr
    assert run("fetch", "--offline", "--cache-dir", "/nonexistent/x", notes,
               *words).returncode == 1


def test_clips_cost_little_and_are_the_same(run, server, notes, audio, tmp_path):
    """From the network, from the cache, from a file: the same bytes."""
    (tmp_path / "audio").mkdir()
    for name in ("s01e01.mp3", "s01e02.mp3"):
        (tmp_path / "audio" / name).write_bytes(audio)
    words = maps(server, s01e01=(audio, {}), s01e02=(audio, {}))
    outputs = []
    for where, how in (("net", words), ("cache", [*words, "--offline"]),
                       ("local", ["--audio-dir", tmp_path / "audio"])):
        done = run("clip", "--end", "fixed", "-l", "20s", notes, "-o", tmp_path / where, *how)
        assert done.returncode == 0, done.stderr
        outputs.append({path.name: path.read_bytes()
                        for path in (tmp_path / where).glob("*.mp3")})
    assert len(outputs[0]) == 3
    assert outputs[0] == outputs[1] == outputs[2]


def test_no_more_than_two_connections(run, server, tmp_path, audio):
    page = tmp_path / "many.md"
    page.write_text("".join(f"- [Clip {n}: x](https://show.example/e{n:02}?t=10)\n"
                            for n in range(8)))
    words = maps(server, **{f"e{n:02}": (audio, {"pace": 0.005}) for n in range(8)})
    done = run("fetch", "-j", "8", page, *words)
    assert done.returncode == 0, done.stderr
    assert server.most_open == 2


def test_the_rate_holds_for_all_connections(run, server, notes, audio):
    words = maps(server, s01e01=(audio, {}), s01e02=(audio, {}))
    begin = time.monotonic()
    done = run("fetch", "-j", "2", "--max-rate", "4M", notes, *words)
    seconds = time.monotonic() - begin
    assert done.returncode == 0, done.stderr
    assert server.most_open == 2
    assert 0.9 < seconds / (2 * len(audio) / 4_000_000) < 1.5


@pytest.mark.parametrize("request_number", [2, 3, 4, 5, 6, 8])
def test_a_change_while_clips_are_cut(run, server, notes, audio, tmp_path, media, request_number):
    """The episode is opened anew, once, and the clip is of the new file."""
    new = media.episode("s01e02", minutes=5).read_bytes()
    assert new != audio
    words = maps(server, s01e01=(audio, {"change": {request_number: {"data": new, "etag": '"2"'}}}),
                 s01e02=(audio, {}))
    done = run("clip", "--end", "fixed", notes, "-o", tmp_path / "out", *words)
    assert done.returncode == 0, done.stderr


def test_a_new_etag_each_time(run, server, notes, audio, tmp_path):
    """As of several servers behind one name. Parts of different files never meet: all of one comes
    at once."""
    changes = {number: {"etag": f'"{number}"'} for number in range(1, 50)}
    words = maps(server, s01e01=(audio, {"change": changes}), s01e02=(audio, {}))
    done = run("clip", "--end", "fixed", notes, "-o", tmp_path / "out", *words)
    assert done.returncode == 0, done.stderr
    asked = [request for request in server.requests if request.path == "/s01e01.mp3"]
    assert len(asked) <= 5 and asked[-1]["Range"] is None


def test_cut_of_a_url(run, server, audio, tmp_path):
    url = server.add("/talk.mp3?x=1".split("?")[0], audio)
    done = run("cut", url + "?token=geheim#t=5", "1:00", "+10s", "-o", f"{tmp_path}/", "-vv")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "talk-1-00.mp3").exists()
    assert "geheim" not in done.stderr + done.stdout


@pytest.mark.parametrize("words", [["clip", "--json"], ["recap", "--json", "-l", "5s"],
                                   ["fetch", "--json"], ["mark"], ["clip", "-n", "-vv"],
                                   ["recap", "--cache-dir", "/dev/null/x"]], ids=" ".join)
def test_no_secret_is_written(run, server, notes, audio, tmp_path, words):
    """What is published goes without the login of a private feed. The job's record, too: it lies
    beside the page."""
    url = server.add("/a.mp3", audio).replace("127.0.0.1", "me:hunter2@127.0.0.1") + "?token=geheim"
    folder = [] if words[0] == "fetch" else ["-o", tmp_path / "out"]
    done = run(*words, notes, *folder, "--map", f"s01e01={url}", "--map", f"s01e02={url}")
    assert done.returncode == (1 if "/dev/null/x" in words else 0), done.stderr
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for secret in ("hunter2", "geheim"):
        assert secret not in done.stdout + done.stderr
        assert not any(secret.encode() in data for data in written)


def test_offline_with_a_cache_that_is_read_only(clipnotes, nobody, server, audio):
    """What is held can be had; what is not is said to be missing, and not that it could not be
    kept."""
    words = maps(server, s01e01=(audio, {}), s01e02=(audio, {}))
    words += ["--cache-dir", nobody.folder / "cache"]
    first, second = nobody.folder / "first.md", nobody.folder / "second.md"
    first.write_text("- [Clip 1: One](https://show.example/s01e01?t=1:00)\n")
    second.write_text("- [Clip 1: Two](https://show.example/s01e02?t=1:00)\n")
    assert clipnotes("fetch", first, *words).returncode == 0
    for path in [nobody.folder / "cache", *(nobody.folder / "cache").rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    for command in ("fetch", "mark", "clip"):
        out = [] if command == "fetch" else ["-o", nobody.work / command]
        assert nobody.run(command, first, "--offline", *out, *words).returncode == 0
        gone = nobody.run(command, second, "--offline", *out, *words)
        assert gone.returncode == 1
        assert "s01e02.mp3: not in the cache, and --offline" in gone.stderr
        assert "cannot be written" not in gone.stderr


@pytest.mark.parametrize("command", ["fetch", "clip", "recap", "mark"])
def test_a_cache_that_cannot_be(run, server, notes, audio, tmp_path, command):
    """It says why nothing can be fetched; who has all audio at hand is not disturbed."""
    (tmp_path / "file").touch()
    words = [notes, "--cache-dir", tmp_path / "file/cache"]
    if command != "fetch":
        words += ["-o", tmp_path / "out"]
    done = run(command, *words, *maps(server, s01e01=(audio, {}), s01e02=(audio, {})))
    assert done.returncode == 1
    assert "cannot make this folder" in done.stderr
    assert not server.requests
    if command == "clip":
        (tmp_path / "audio.mp3").write_bytes(audio)
        local = [word for page in ("s01e01", "s01e02")
                 for word in ("--map", f"{page}={tmp_path / 'audio.mp3'}")]
        assert run(command, *words, *local).returncode == 0


def test_cache(run, server, notes, audio, tmp_path):
    folder = tmp_path / "cache/clipnotes"
    assert run("cache", "path").stdout == f"{folder}\n"
    assert json.loads(run("cache", "path", "--json").stdout) == {"version": 1, "path": str(folder)}
    assert run("cache", "ls").stdout == ""
    run("fetch", notes, *maps(server, s01e01=(audio, {}), s01e02=(audio, {})))
    lines = run("cache", "ls").stdout.splitlines()
    assert len(lines) == 2 and all("100%" in line and "/s01e0" in line for line in lines)
    listed = json.loads(run("cache", "ls", "--json").stdout)
    assert {item["held"] for item in listed["items"]} == {len(audio)}
    assert oct(folder.stat().st_mode)[-3:] == "700"

    old = time.time() - 40 * 86400
    for path in folder.glob("audio/*.map"):
        os.utime(path, (old, old))
        break
    assert len(run("cache", "prune", "--older-than", "30d", "-n").stdout.splitlines()) == 1
    assert len(run("cache", "prune", "--older-than", "30d").stdout.splitlines()) == 1
    assert len(list(folder.glob("audio/*"))) == 2
    assert run("cache", "prune", "--max-size", "1G").stdout == ""
    done = run("cache", "prune")
    assert "1 file" in done.stderr and not list(folder.glob("audio/*"))


@pytest.mark.parametrize("words, message", [
    (["cache"], "needs ls|prune|path"),
    (["cache", "rm"], "none of: ls, prune, path"),
    (["cache", "ls", "x"], "too much"),
    (["cache", "prune", "--older-than", "soon"], "no age"),
    (["cache", "prune", "--max-size", "10X"], "no size"),
    (["fetch", "--max-rate", "", "x.md"], "no size"),
])
def test_wrong_calls(run, words, message):
    done = run(*words)
    assert done.returncode == 2
    assert message in done.stderr


def start(binary, words, **options):
    return subprocess.Popen([binary, *map(str, words)], text=True, stdin=subprocess.DEVNULL,
                            **options)


@pytest.mark.parametrize("command", ["fetch", "clip", "mark", "recap"])
def test_a_stop_is_quick_and_loses_nothing(run, binary, server, notes, audio, command):
    words = maps(server, s01e01=(audio, {"pace": 0.05}), s01e02=(audio, {"pace": 0.05}))
    process = start(binary, [command, notes, "-o", notes.parent / "out", *words]
                    if command != "fetch" else [command, notes, *words],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.6)
    process.send_signal(signal.SIGINT)
    begin = time.monotonic()
    _, messages = process.communicate(timeout=10)
    assert time.monotonic() - begin < 1
    assert process.returncode == 130, messages
    if command == "fetch":
        assert re.fullmatch(r"0 of 2 episodes are here, \d+\.\d [kM]B fetched; stopped, and the same "
                            r"command goes on from there\n", messages)
        assert " 0.0 kB" not in messages
    sent = server.sent()
    for name in ("s01e01", "s01e02"):
        server.pages[f"/{name}.mp3"].pace = 0
    done = run("fetch", "--json", notes, *words)
    received = sum(episode["received"] for episode in json.loads(done.stdout)["episodes"])
    assert received < 2 * len(audio) - sent + 400_000


def test_a_stopped_plan_is_not_called_a_failure(binary, server, notes, audio):
    words = maps(server, s01e01=(audio, {"stall": 0}), s01e02=(audio, {"stall": 0}))
    process = start(binary, ["fetch", "-n", notes, *words], stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE)
    while len(server.requests) < 2:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=10) == (
        "", "0 of 2 episodes can be had, 0.0 kB to fetch; stopped, and the same command goes on "
        "from there\n")
    assert process.returncode == 130


def test_a_stop_of_mark_is_said_once(binary, server, notes, audio, tmp_path):
    """With what is whole by then; it was another episode's turn."""
    words = maps(server, s01e01=(audio, {}), s01e02=(audio, {"pace": 1}))
    process = start(binary, ["mark", notes, "-j", "1", "-o", tmp_path / "out", *words],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not any(request.path == "/s01e02.mp3" for request in server.requests):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    done, messages = process.communicate(timeout=10)
    assert process.returncode == 130
    whole = tmp_path / "out/s01e01.mp3"
    assert done.startswith(f"{whole}: ") and done.count("\n") == 1
    assert messages == (f"stopped, with 1 of 2 files marked: {whole}; the same command goes on from "
                        "there\n")
    assert list((tmp_path / "out").iterdir()) == [whole]


def on_terminal(binary, words, columns=80):
    """What the program shows on a terminal."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = start(binary, words, stdout=subprocess.DEVNULL, stderr=follower)
    os.close(follower)
    shown = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(leader)
    assert process.wait(timeout=30) == 0
    return shown.decode()


def test_progress_on_a_terminal(run, binary, server, notes, audio):
    words = maps(server, s01e01=(audio, {"pace": 0.02}), s01e02=(audio, {"pace": 0.02}))
    shown = on_terminal(binary, ["fetch", notes, *words])
    line = r"s01e0\d.mp3 +\[=+> *\]  \d+\.\d MB of \d+\.\d MB  \d+\.\d MB/s  \d:\d\d left"
    assert re.search(line, shown)
    assert re.search(r"\d of 2 done  .* MB/s  \d:\d\d left", shown)
    # Nothing of it is left at the end.
    ups = shown.count("\x1b[A\x1b[2K")
    assert shown.count("\n") == ups + 1
    assert "\x1b" not in on_terminal(binary, ["fetch", "-q", notes, *words, "--refresh"])


@pytest.mark.parametrize("columns", [20, 60, 80, 132])
def test_progress_fits(run, binary, server, notes, audio, columns):
    """A line that wraps could not be taken away again."""
    words = maps(server, s01e01=(audio, {"pace": 0.01}), s01e02=(audio, {"pace": 0.01}))
    shown = on_terminal(binary, ["fetch", notes, *words], columns).replace("\x1b[A\x1b[2K", "")
    lines = [line for line in shown.splitlines() if "episodes are here" not in line]
    assert lines and max(map(len, lines)) <= columns


def test_plain_lines_elsewhere(run, server, notes, audio):
    """Every few seconds, where stderr is no terminal."""
    pace = 6.5 * 65536 / len(audio)
    words = maps(server, s01e01=(audio, {"pace": pace}), s01e02=(audio, {"pace": pace}))
    lines = run("fetch", notes, *words).stderr.splitlines()
    assert len(lines) == 2
    assert re.fullmatch(r"0 of 2 done  \d\.\d MB of 9\.\d MB  \d\.\d MB/s  0:0\d left", lines[0])


def test_no_progress_elsewhere(run, server, notes, audio):
    words = maps(server, s01e01=(audio, {"pace": 0.01}), s01e02=(audio, {"pace": 0.01}))
    done = run("fetch", notes, *words)
    assert len(done.stderr.splitlines()) == 1
    done = run("fetch", "-q", "--refresh", notes, *words)
    assert done.stderr == ""


TIMES = "## Chapters\n\n- 00:00 Start\n- 01:00 Middle\n- 02:00 End\n"


def titles(path):
    """Of the chapters, as ffprobe sees them."""
    done = subprocess.run(["ffprobe", "-loglevel", "error", "-show_chapters", "-of", "json", path],
                          stdout=subprocess.PIPE, check=True)
    return [chapter["tags"]["title"] for chapter in json.loads(done.stdout)["chapters"]]


@pytest.fixture
def own(tmp_path):
    """Notes with times of their own episode, and a clip of another."""
    path = tmp_path / "s01e03.md"
    path.write_text(f"---\ntitle: Three\nurl: https://show.example/s01e03\n---\n\n{TIMES}\n"
                    "See [Clip 1: One](https://show.example/s01e01?t=1:00).\n")
    return path


def test_fetch_brings_the_own_episode(run, server, own, audio):
    words = maps(server, s01e01=(audio, {}), s01e03=(audio, {}))
    done = run("fetch", own, *words)
    assert done.returncode == 0, done.stderr
    assert "2 of 2 episodes are here" in done.stderr
    assert {request.path for request in server.requests} == {"/s01e01.mp3", "/s01e03.mp3"}


def test_fetch_passes_over_an_own_episode_that_is_nowhere(run, server, tmp_path, audio):
    """Notes that name neither a page nor audio need not have an episode."""
    notes = tmp_path / "index.md"
    notes.write_text(f"{TIMES}\nSee [Clip 1: One](https://show.example/s01e01?t=1:00).\n")
    words = maps(server, s01e01=(audio, {}))
    done = run("fetch", notes, *words)
    assert done.returncode == 0, done.stderr
    assert "1 of 1 episodes are here" in done.stderr
    assert len(json.loads(run("fetch", "--json", notes, *words).stdout)["episodes"]) == 1
    notes.write_text(TIMES)
    assert run("fetch", notes).returncode == 1


def test_mark_brings_what_it_marks(run, server, own, audio, tmp_path):
    words = maps(server, s01e01=(audio, {}), s01e03=(audio, {}))
    done = run("mark", own, "-o", tmp_path / "out", *words)
    assert done.returncode == 0, done.stderr
    assert titles(tmp_path / "out/s01e03.mp3") == ["Start", "Middle", "End"]
    assert "One" in titles(tmp_path / "out/s01e01.mp3")
    assert len(server.requests) == 2
    # What is in the cache stays as the server sent it.
    paths = run("fetch", "--offline", own, *words).stdout.splitlines()
    assert [Path(path).read_bytes() for path in paths] == [audio, audio]
    done = run("mark", own, "-o", tmp_path / "again", "--offline", *words)
    assert done.returncode == 0, done.stderr
    assert len(server.requests) == 2


def test_mark_changes_nothing_on_a_server(run, server, own, audio, tmp_path):
    words = maps(server, s01e01=(audio, {}))
    local = tmp_path / "s01e03.mp3"
    local.write_bytes(audio)
    done = run("mark", own, "--in-place", *words, "--map", f"s01e03={local}")
    assert done.returncode == 3
    assert "is on a server" in done.stderr and "-o FOLDER" in done.stderr
    assert titles(local) == ["Start", "Middle", "End"]
    assert not server.requests


def test_mark_of_episodes_that_have_one_name(run, server, own, audio, tmp_path):
    words = []
    for page in ("s01e01", "s01e03"):
        words += ["--map", f"{page}={server.add(f'/{page}/audio.mp3', audio)}"]
    done = run("mark", own, "-o", tmp_path / "out", *words)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "audio.mp3", "s01e01-audio.mp3"]


def test_mark_without_the_bytes(run, server, own, audio, tmp_path):
    """A dry run fetches nothing; what cannot be had does not hold up the rest."""
    words = maps(server, s01e01=(audio, {}), s01e03=(audio, {"status": [404], "forever": True}))
    done = run("mark", own, "-n", "-o", tmp_path / "out", *words)
    assert done.returncode == 0 and "s01e03.mp3: 3 chapters" in done.stdout
    assert not server.requests
    done = run("mark", own, "-o", tmp_path / "out", *words)
    assert done.returncode == 3
    assert "s01e03.mp3: the server answers 404" in done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["s01e01.mp3"]


def test_clips_that_take_most_fetch_all(run, server, tmp_path, audio):
    """Under half of an episode in parts, half and more as a whole."""
    words = maps(server, s01e01=(audio, {}))
    for length, most in (("2:00", False), ("3:00", True)):
        page = tmp_path / f"{most}.md"
        page.write_text(f"- [Clip 1: x](https://show.example/s01e01?t=0:10-{length})\n")
        server.requests.clear()
        done = run("clip", page, "-o", tmp_path / f"out-{most}", *words, "--cache-dir",
                   tmp_path / f"cache-{most}")
        assert done.returncode == 0, done.stderr
        wanted = len(audio) if most else len(audio) * 110 // 300
        assert wanted <= server.sent() <= wanted * 1.06 + 100_000
        held = json.loads(run("cache", "ls", "--json", "--cache-dir",
                              tmp_path / f"cache-{most}").stdout)["items"][0]["held"]
        assert (held == len(audio)) == most
        assert sum(request.sent > 100_000 for request in server.requests) <= 4


def test_notes_on_a_server(run, server, audio):
    words = maps(server, s01e01=(audio, {}), s01e02=(audio, {}))
    url = server.add("/season/finale.md", b"- [One](../s01e01?t=1:00)\n- [Two](/s01e02?t=2:00)\n",
                     type="text/markdown")
    listed = run("list", url, "--json")
    assert listed.returncode == 0, listed.stderr
    [page] = json.loads(listed.stdout)["notes"]
    assert page["path"] == url
    assert [clip["page"] for clip in page["clips"]] == [server.url("/s01e01"),
                                                        server.url("/s01e02")]
    resolved = run("resolve", url, *words)
    assert resolved.returncode == 0, resolved.stderr
    assert resolved.stdout.count("map") == 2


def test_a_page_that_marks_its_own_episode(run, server, audio, tmp_path):
    server.add("/audio/e7.mp3", audio)
    url = server.add("/e7", b"""<html><head><title>Seven</title></head><body><article>
        <audio src="/audio/e7.mp3"></audio>
        <p>0:00 Hello</p><p>1:30 The middle</p><p>3:10 Good bye</p></article></body></html>""",
                     type="text/html")
    marked = run("mark", url, "-o", tmp_path / "out")
    assert marked.returncode == 0, marked.stderr
    shown = run("chapters", "show", tmp_path / "out/e7.mp3")
    assert [line.split(maxsplit=1)[1] for line in shown.stdout.splitlines()] == [
        "Hello", "The middle", "Good bye"]


@pytest.mark.parametrize("status, said", [(404, "404"), (0, "")])
def test_notes_that_no_server_has(run, server, tmp_path, status, said):
    url = server.add("/gone.md", b"x", status=[status] * 20)
    there = tmp_path / "there.md"
    there.write_text("- [One](https://show.example/a?t=1:00)\n")
    with concurrent.futures.ThreadPoolExecutor() as both:  # each waits before it asks again
        gone, some = both.map(lambda notes: run("list", *notes, timeout=60), [[url], [there, url]])
    assert gone.returncode == 1 and url in gone.stderr and said in gone.stderr
    assert some.returncode == 3


def test_a_dry_run_of_fetch(run, server, notes, audio):
    words = maps(server, s01e01=(audio, {}), s01e02=(audio, {"status": [404] * 9}))
    planned = run("fetch", notes, "-n", *words, "--json")
    assert planned.returncode == 3, planned.stderr
    first, second = json.loads(planned.stdout)["episodes"]
    assert (first["path"], first["bytes"], second["bytes"]) == (None, len(audio), 0)
    assert 0.9 * len(audio) < first["fetch_bytes"] <= len(audio) and "404" in second["error"]
    assert sum(request.sent for request in server.requests) < len(audio) / 4
    assert "1 of 2 episodes can be had" in planned.stderr
    assert run("fetch", notes, *words).returncode == 3
    again = run("fetch", notes, "-n", *words)
    assert again.stdout.startswith(server.url("/s01e01.mp3") + "  0.0 kB\n")
