# SPDX-License-Identifier: MIT
"""Fetching, against servers that behave, and one that does not."""

import contextlib
import email.utils
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from hostile import Hostile

BLOCK = 16384
QUICK = ["--first-wait", "10"]  # between tries


def noise(size, seed=1):
    """Looks like audio to who looks at the first bytes only."""
    return b"ID3\x04" + random.Random(seed).randbytes(size - 4)


DATA = noise(3_000_017)


class Run:
    """What the tool said."""

    def __init__(self, done):
        self.status = done.returncode
        self.messages = done.stderr
        self.words = dict(line.split(" ", 1) for line in done.stdout.splitlines())

    def __getitem__(self, word):
        return self.words[word]

    @property
    def received(self):
        return int(self["received"])

    @property
    def content(self):
        return Path(self["path"]).read_bytes()

    def fails(self, kind, *parts):
        assert self.status == 1, self.messages
        last = self.messages.splitlines()[-1]
        assert last.startswith(f"error {kind}: "), last
        for part in parts:
            assert part in last
        return self


NETWORK, INPUT, MISSING, SYSTEM = 6, 2, 3, 5


@pytest.fixture(scope="session")
def tool():
    """The program that drives the folder fetch/."""
    name = os.environ.get("FETCH_TOOL")
    if not name and os.environ.get("CLIPNOTES"):
        name = Path(os.environ["CLIPNOTES"]).parent / "tests/e2e/fetch_tool"
    assert name and os.access(name, os.X_OK), "FETCH_TOOL names no program"
    return Path(name).resolve()


@pytest.fixture
def fetch(tool, tmp_path):
    """fetch("whole", url) with a cache of the test's own."""
    def run(*words, cache=tmp_path / "cache", env=None, timeout=60):
        command = [tool, "--cache", cache, *QUICK, *map(str, words)]
        return Run(subprocess.run(command, capture_output=True, text=True, timeout=timeout,
                                  check=False, env={**os.environ, **(env or {})}))
    run.start = lambda *words, **options: subprocess.Popen(
        [tool, "--cache", tmp_path / "cache", *QUICK, *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    run.cache = tmp_path / "cache"
    return run


@pytest.fixture
def server():
    with Hostile() as hostile:
        yield hostile


def digest(*pieces, data=DATA):
    return hashlib.sha256(b"".join(data[at:at + size] for at, size in pieces)).hexdigest()


def read(fetch, url, *pieces, data=DATA, options=()):
    """Reads the pieces, which must be right."""
    done = fetch(*options, "read", url, *(f"{at}:{size}" for at, size in pieces))
    assert done.status == 0, done.messages
    assert done["sha256"] == digest(*pieces, data=data)
    return done


# ---- as it should be


def test_whole(fetch, server):
    url = server.add("/a.mp3", DATA)
    done = fetch("whole", url)
    assert done.status == 0, done.messages
    assert done.content == DATA
    assert done.received == len(DATA)
    assert len(server.requests) == 1 and server.requests[0]["Range"] is None
    assert server.requests[0]["Accept-Encoding"] == "identity"
    assert "clipnotes/" in server.requests[0]["User-Agent"]


def test_second_run_asks_for_a_validation_alone(fetch, server):
    url = server.add("/a.mp3", DATA)
    fetch("whole", url)
    done = fetch("whole", url)
    assert done.content == DATA and done.received == 0
    assert [request.status for request in server.requests] == [200, 304]
    read(fetch, url, (0, 1000), (2_000_000, 100_000))
    assert [request.status for request in server.requests] == [200, 304, 304]


def test_only_what_is_read(fetch, server):
    url = server.add("/a.mp3", DATA)
    done = read(fetch, url, (0, 10), (1_000_000, 100), (2_000_000, 100))
    assert done.received == 3 * BLOCK + 16
    done = read(fetch, url, (0, 10), (1_000_000, 100), (2_000_000, 100))
    assert done.received == 0


def test_a_known_range_is_one_request(fetch, server):
    url = server.add("/a.mp3", DATA)
    done = fetch("read", url, "expect:1000000:960000",
                 *(f"{at}:1000" for at in range(1_000_000, 1_960_000, 1000)))
    assert done["sha256"] == digest((1_000_000, 960_000))
    assert done.received < 960_000 + 3 * BLOCK + 16
    assert [request.status for request in server.requests] == [206] * 3
    assert len({request.port for request in server.requests}) == 1


def test_behind_a_known_range_a_walk_begins_anew(fetch, server):
    """However far the reader has walked: it may be about to say how far it goes next."""
    data = noise(10_000_000)
    url = server.add("/long.mp3", data)
    read(fetch, url, *((at, 40_000) for at in range(0, 4_000_000, 40_000)), data=data)
    server.requests.clear()
    pieces = [f"{at}:10000" for at in range(0, 8_020_000, 10_000)]
    fetch("read", url, *pieces[:401], "expect:4000000:4000000", *pieces[401:])
    assert server.requests[-2].sent > 3_000_000
    assert server.requests[-1].sent <= 2 * BLOCK


def test_a_walk_makes_few_requests_and_little_waste(fetch, server):
    data = noise(40_000_000)
    url = server.add("/long.mp3", data)
    walked = 30_000_000
    done = fetch("read", url, *(f"{at}:40000" for at in range(0, walked, 40_000)))
    assert done["sha256"] == digest((0, walked), data=data)
    assert done.received < walked * 1.15
    assert len(server.requests) < 40


def test_going_on_after_a_partial_read(fetch, server):
    url = server.add("/a.mp3", DATA)
    first = read(fetch, url, (1_000_000, 500_000))
    done = fetch("whole", url)
    assert done.content == DATA
    assert done.received <= len(DATA) - first.received + 16 + 16


def test_offline(fetch, server):
    url = server.add("/a.mp3", DATA)
    fetch("--offline", "whole", url).fails(MISSING, "--offline")
    read(fetch, url, (0, 10))
    count = len(server.requests)
    read(fetch, url, (0, 10), options=["--offline"])
    fetch("--offline", "read", url, "1000000:10").fails(MISSING, "--offline")
    fetch("whole", url)
    assert fetch("--offline", "whole", url).content == DATA
    assert len(server.requests) == count + 3


def test_refresh(fetch, server):
    url = server.add("/a.mp3", DATA)
    fetch("whole", url)
    done = fetch("--refresh", "whole", url)
    assert done.content == DATA and done.received == len(DATA)
    server.pages["/a.mp3"].status = [503] * 5
    done = fetch("--refresh", "whole", url)
    assert done.content == DATA and "using the copy in the cache" in done.messages


def test_the_guid_is_the_key(fetch, server):
    server.add("/one.mp3", DATA)
    server.add("/two.mp3", DATA)
    fetch("--key", "0123456789abcdef", "whole", server.url("/one.mp3"))
    done = fetch("--key", "0123456789abcdef", "whole", server.url("/two.mp3?token=1"))
    assert done.received == 0


def test_the_rest(fetch, server):
    """All that is not here yet, though only a little is read."""
    url = server.add("/a.mp3", DATA)
    read(fetch, url, (500_000, 10))
    server.requests.clear()
    done = fetch("read", url, "rest", "0:10")
    assert done["sha256"] == digest((0, 10))
    assert len(server.requests) <= 4  # validation, a check of ranges, before and behind the piece
    assert len(DATA) - 3 * BLOCK <= server.sent() <= len(DATA)
    done = fetch("--offline", "read", url, "rest", "600000:10")
    assert done["sha256"] == digest((600_000, 10))


def test_small_files(fetch, server):
    for size in (5, 511, 512, 513, BLOCK - 1, BLOCK, BLOCK + 1):
        data = noise(size)
        url = server.add(f"/{size}.mp3", data)
        assert fetch("whole", url).content == data
        read(fetch, server.add(f"/{size}-.mp3", data), (0, size), (size // 2, 2), data=data)
    url = server.add("/0.mp3", b"")
    fetch("whole", url).fails(INPUT, "empty")
    fetch("read", url, "0:1").fails(INPUT, "empty")


# ---- servers that do things in their own way


@pytest.mark.parametrize("options", [
    {"ranges": False},
    {"ranges": False, "framing": "chunked"},
    {"ranges": False, "framing": "close"},
    {"ranges": False, "etag": None, "modified": None},
    {"no_range_header": True},
    {"lie": 4},
    {"lie": -4},
    {"shift": 4},
    {"shift": -4},
    {"total": "*"},
], ids=str)
def test_without_ranges_the_answer_is_used(fetch, server, options):
    url = server.add("/a.mp3", DATA, **options)
    pieces = (0, 10), (2_000_000, 1000), (500_000, 1000), (2_999_000, 2000)
    read(fetch, url, *pieces)
    sent = server.sent()
    assert sent < 1.05 * len(DATA) + 4 * BLOCK
    again = read(fetch, url, *pieces)
    assert again.received < len(DATA) // 2  # without validators the beginning is compared
    assert fetch("whole", url).content == DATA


def test_if_range_that_is_not_understood(fetch, server):
    for how in ("ignore", "refuse"):
        url = server.add(f"/{how}.mp3", DATA, if_range=how)
        done = read(fetch, url, (0, 10), (2_000_000, 1000), (1_000_000, 1000))
        assert done.received <= 3 * BLOCK + 16


def test_parts_with_the_status_of_a_whole(fetch, server):
    url = server.add("/a.mp3", DATA, part_status=200)
    done = read(fetch, url, (0, 10), (2_000_000, 1000))
    assert done.received == 2 * BLOCK + 16


def test_weak_etags(fetch, server):
    url = server.add("/a.mp3", DATA, etag='W/"1"', if_range="refuse", modified=None)
    done = read(fetch, url, (0, 10), (2_000_000, 1000))
    assert done.received == 2 * BLOCK + 16
    assert read(fetch, url, (0, 10), (2_000_000, 1000)).received == 0


def test_conditions_that_are_ignored(fetch, server):
    url = server.add("/a.mp3", DATA, conditions=False)
    fetch("whole", url)
    done = fetch("whole", url)
    assert done.content == DATA and done.received <= BLOCK
    url = server.add("/b.mp3", DATA, conditions=False, ranges=False)
    fetch("whole", url)
    assert fetch("whole", url).received < len(DATA) // 2


def test_no_validators(fetch, server):
    url = server.add("/a.mp3", DATA, etag=None, modified=None)
    read(fetch, url, (0, 10), (2_000_000, 1000))
    assert read(fetch, url, (0, 10), (2_000_000, 1000)).received == BLOCK
    server.pages["/a.mp3"].data = noise(len(DATA), seed=2)
    read(fetch, url, (0, 10), (2_000_000, 1000), data=noise(len(DATA), seed=2))


def test_short_answers(fetch, server):
    url = server.add("/a.mp3", DATA, short_parts=100_000)
    read(fetch, url, (0, 10), (1_000_000, 950_000))


# ---- bad networks


@pytest.mark.parametrize("reset", [False, True])
def test_cut_anywhere(fetch, server, reset):
    """At fifty places, it goes on where it was."""
    places = sorted(random.Random(5).sample(range(len(DATA)), 50))
    cuts = [there - here for here, there in zip([0, *places], places)]
    url = server.add("/a.mp3", DATA, cut=list(cuts), reset=reset)
    done = fetch("whole", url)
    assert done.status == 0, done.messages
    assert done.content == DATA
    if not reset:
        assert server.sent() == len(DATA)


def test_cut_without_ranges(fetch, server):
    url = server.add("/a.mp3", DATA, ranges=False, cut=[100, 0, 1_000_000, 2_500_000])
    done = fetch("whole", url)
    assert done.status == 0, done.messages
    assert done.content == DATA
    url = server.add("/b.mp3", DATA, ranges=False, framing="chunked", cut=[300_000, 200_000])
    assert fetch("whole", url).content == DATA


def test_cut_at_every_try(fetch, server):
    url = server.add("/a.mp3", DATA, cut=[1000], forever=True, ranges=False)
    done = fetch("whole", url)
    done.fails(NETWORK)
    assert len(server.requests) == 5  # the first brought something, and counts all the same
    server.pages["/a.mp3"].cut = []
    assert fetch("whole", url).content == DATA


def test_what_came_is_kept_for_the_next_run(fetch, server):
    url = server.add("/a.mp3", DATA, cut=[2_000_000] + [0] * 4, forever=True)
    fetch("whole", url).fails(NETWORK)
    before = server.sent()
    server.pages["/a.mp3"].cut = []
    done = fetch("whole", url)
    assert done.content == DATA
    assert server.sent() - before < len(DATA) - 2_000_000 + 2 * BLOCK


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 0])
def test_passing_trouble(fetch, server, status):
    url = server.add("/a.mp3", DATA, status=[status] * 4)
    assert fetch("whole", url).content == DATA
    url = server.add("/b.mp3", DATA, status=[status] * 5)
    fetch("whole", url).fails(NETWORK)
    assert len(server.requests) == 10


@pytest.mark.parametrize("status, kind, part", [
    (401, NETWORK, "netrc"), (403, NETWORK, "403"), (404, MISSING, "not found"),
    (410, MISSING, "gone"), (400, NETWORK, "400"), (204, NETWORK, "204"), (300, NETWORK, "300"),
    (416, NETWORK, "416")])
def test_lasting_trouble(fetch, server, status, kind, part):
    url = server.add("/a.mp3", DATA, status=[status], forever=True)
    fetch("whole", url).fails(kind, part, "/a.mp3")
    assert len(server.requests) == 1
    url = server.add("/b.mp3", DATA, status=[status], forever=True)
    fetch("read", url, "0:1").fails(kind, part)


def test_retry_after_may_be_a_date(fetch, server):
    later = email.utils.formatdate(time.time() + 2, usegmt=True)  # whole seconds
    url = server.add("/a.mp3", DATA, status=[429], headers={"Retry-After": later})
    begin = time.monotonic()
    assert fetch("whole", url).content == DATA
    assert 1 <= time.monotonic() - begin < 4
    later = email.utils.formatdate(time.time() + 7200, usegmt=True)
    url = server.add("/b.mp3", DATA, status=[429], headers={"Retry-After": later})
    fetch("whole", url).fails(NETWORK, "minutes from now")


def test_retry_after_is_honoured(fetch, server):
    url = server.add("/a.mp3", DATA, status=[503], headers={"Retry-After": "1"})
    begin = time.monotonic()
    assert fetch("whole", url).content == DATA
    assert 1 <= time.monotonic() - begin < 4
    url = server.add("/b.mp3", DATA, status=[429], headers={"Retry-After": "100000"})
    begin = time.monotonic()
    fetch("whole", url).fails(NETWORK, "1666 minutes")
    assert time.monotonic() - begin < 1


def test_stalls_end(fetch, server):
    url = server.add("/a.mp3", DATA, stall=1_000_000, change={2: {"stall": None}})
    done = fetch("--stall-time", "300", "whole", url)
    assert done.content == DATA
    assert server.sent() < len(DATA) + BLOCK
    url = server.add("/b.mp3", DATA, stall=0)
    fetch("--stall-time", "100", "--tries", "2", "whole", url).fails(NETWORK, "stopped sending")


def test_a_little_before_each_stall_is_no_progress(fetch, server):
    url = server.add("/a.mp3", DATA, stall=20_000)
    fetch("--stall-time", "100", "whole", url).fails(NETWORK, "stopped sending")
    assert len(server.requests) == 5


def test_nobody_there(fetch, server):
    url = server.add("/a.mp3", DATA)
    fetch("whole", url)
    partial = server.add("/b.mp3", DATA)
    read(fetch, partial, (0, 10))
    server.shutdown()
    server.server_close()
    done = fetch("whole", url)
    assert done.content == DATA
    assert "warning: " in done.messages and "using the copy in the cache" in done.messages
    fetch("whole", partial).fails(NETWORK)
    fetch("whole", "http://nobody.invalid/a.mp3").fails(NETWORK, "nobody.invalid")


# ---- lies and changes


def test_changed_between_runs(fetch, server):
    url = server.add("/a.mp3", DATA)
    fetch("whole", url)
    new = noise(2_500_000, seed=3)
    server.add("/a.mp3", new, etag='"2"')
    done = fetch("whole", url)
    assert done.content == new
    assert len(list((fetch.cache / "audio").iterdir())) == 2
    server.add("/a.mp3", DATA[:2_500_000], etag=None, modified="Tue, 02 Jan 2024 00:00:00 GMT")
    read(fetch, url, (2_000_000, 1000))


def test_changed_while_it_is_fetched(fetch, server):
    new = noise(2_500_000, seed=3)
    url = server.add("/a.mp3", DATA, cut=[1_000_000],
                     change={2: {"data": new, "etag": '"2"'}})
    done = fetch("whole", url)
    assert done.status == 0, done.messages
    assert done.content == new


def test_changed_while_it_is_read(fetch, server):
    new = noise(len(DATA), seed=3)
    url = server.add("/a.mp3", DATA, change={4: {"data": new, "etag": '"2"'}})
    done = fetch("read", url, "0:10", "1000000:10", "2000000:10")
    assert done.status == 3, done.messages
    assert "changed on the server" in done.messages
    read(fetch, url, (0, 10), (1_000_000, 10), data=new)


def test_changing_all_the_time(fetch, server):
    url = server.add("/a.mp3", DATA, cut=[1_000_000], forever=True,
                     change={number: {"etag": f'"{number}"'} for number in range(1, 100)})
    fetch("whole", url).fails(NETWORK)
    assert len(server.requests) < 20


def test_length_lies(fetch, server):
    url = server.add("/long.mp3", DATA, length=len(DATA) + 1000, ranges=False)
    fetch("whole", url).fails(NETWORK)
    url = server.add("/part.mp3", DATA, length=BLOCK + 5)
    fetch("read", url, "1000000:1000").fails(NETWORK, "and then")


def test_a_total_that_lies(fetch, server):
    url = server.add("/a.mp3", DATA, total=len(DATA) + 100_000)
    done = fetch("read", url, f"{len(DATA) - 1000}:200000")
    assert done.status in (1, 3)
    assert fetch("whole", url).content == DATA


@pytest.mark.parametrize("options", [{"total": "*"}, {"multipart": "bare"},
                                     {"multipart": "ranged"},
                                     {"multipart": "ranged", "framing": "chunked"}], ids=str)
def test_parts_of_another_kind(fetch, server, options):
    """Of a file of unknown length; wrapped as if there were several. The whole file is as good."""
    url = server.add("/a.mp3", DATA, **options)
    read(fetch, url, (0, 10), (2_000_000, 100))
    assert fetch("whole", url).content == DATA
    assert fetch("--offline", "whole", url).content == DATA


def test_a_page_is_no_audio(fetch, server):
    for number, (kind, data) in enumerate([("text/html", b"<p>Please log in"),
                                           ("audio/mpeg", b"<!DOCTYPE html><p>404"),
                                           ("application/json", b'{"error": "gone"}')]):
        url = server.add(f"/{number}.mp3", data, type=kind)
        fetch("whole", url).fails(INPUT, "web page")
        fetch("read", url, "0:1").fails(INPUT, "web page")
    url = server.add("/long.mp3", b"<html>" + bytes(1000))
    done = fetch("whole", url).fails(INPUT, "web page")
    assert done.messages.splitlines()[-1].count(url) == 1
    assert not list((fetch.cache / "audio").iterdir())
    url = server.add("/c.mp3", DATA, type="text/html")
    assert fetch("whole", url).content == DATA


@pytest.mark.parametrize("options", [
    {"data": b"<html>Log in", "type": "text/html"},
    {"data": b"<html>Log in", "type": "text/html", "framing": "chunked", "ranges": False},
    {}], ids=str)
def test_a_page_in_its_place_is_no_new_version(fetch, server, options):
    """Of a network that wants a login, say. Both halves and wholes survive it."""
    whole = server.add("/a.mp3", DATA)
    part = server.add("/b.mp3", DATA)
    fetch("whole", whole)
    read(fetch, part, (0, 10), (1_000_000, 500_000))
    for path in ("/a.mp3", "/b.mp3"):
        server.add(path, **{"etag": None, "modified": None, **options})
    done = fetch("whole", whole)
    assert done.content == DATA and "using the copy in the cache" in done.messages
    fetch("whole", part).fails(NETWORK, "web page" if options else "empty")
    server.add("/b.mp3", DATA)
    assert fetch("whole", part).received < len(DATA) - 500_000 + BLOCK


def test_compressed_against_our_wish(fetch, server):
    url = server.add("/a.mp3", DATA, headers={"Content-Encoding": "gzip"})
    fetch("whole", url).fails(INPUT, "compressed")


@pytest.mark.parametrize("speed", ["fast", "slow"])
def test_endless_headers(fetch, server, speed):
    url = server.add("/a.mp3", DATA, endless_headers=speed)
    fetch("--tries", "1", "--stall-time", "1000", "whole", url).fails(NETWORK)


def test_sizes_are_bounded(fetch, server):
    url = server.add("/a.mp3", DATA)
    fetch("--max-size", "2000000", "whole", url).fails(INPUT, "--max-size")
    fetch("--max-size", "2000000", "read", url, "0:1").fails(INPUT, "--max-size")
    url = server.add("/b.mp3", DATA, framing="chunked", ranges=False)
    fetch("--max-size", "2000000", "whole", url).fails(INPUT, "--max-size")
    url = server.add("/c.mp3", DATA, length=10 ** 15, ranges=False)
    fetch("--max-size", str(10 ** 16), "whole", url).fails(SYSTEM, "make room")


# ---- redirects and secrets


def test_redirects(fetch, server):
    server.add("/a.mp3", DATA)
    for number in range(10):
        target = "/a.mp3" if number == 0 else f"/{number - 1}"
        server.add(f"/{number}", location=target)
    assert fetch("whole", server.url("/9")).content == DATA
    server.add("/10", location="/9")
    fetch("whole", server.url("/10")).fails(NETWORK, "10 redirects")
    server.add("/loop", location="/loop")
    fetch("whole", server.url("/loop")).fails(NETWORK, "10 redirects")


def test_a_redirect_is_followed_once_a_run(fetch, server):
    server.add("/a.mp3", DATA)
    url = server.add("/episode", location="/a.mp3")
    read(fetch, url, (0, 10), (1_000_000, 10), (2_000_000, 10))
    assert [request.path for request in server.requests].count("/episode") == 1


def test_a_redirect_that_expires(fetch, server):
    server.add("/a.mp3", DATA)
    server.add("/b.mp3", DATA)
    url = server.add("/episode", location="/a.mp3", change={2: {"location": "/b.mp3"}})
    server.pages["/a.mp3"].change = {3: {"status": [403], "forever": True}}
    read(fetch, url, (0, 10), (1_000_000, 10), (2_000_000, 10))


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://x/",
                                    "//", "javascript:1"])
def test_redirects_stay_on_http(fetch, server, target):
    url = server.add("/a.mp3", location=target)
    fetch("whole", url).fails(NETWORK)


def test_other_schemes(fetch):
    for url in ("file:///etc/passwd", "ftp://x/a.mp3", "a.mp3", ""):
        fetch("whole", url).fails(INPUT, "http")


def test_secrets_go_to_their_host_alone(fetch, server, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hunter3\n")
    with Hostile() as other:
        target = other.add("/a.mp3", DATA)
        server.add("/out", location=target.replace("127.0.0.1", "localhost"))
        server.add("/on", location="/out")
        host = f"127.0.0.1:{server.server_address[1]}"
        url = server.url("/on?token=geheim").replace("127.0.0.1", "me:hunter2@127.0.0.1")
        done = fetch("--header", f"{host}=X-Token: hunter4", "--netrc", netrc, "whole", url)
        assert done.content == DATA
        for request in server.requests:
            assert request["Authorization"] == "Basic bWU6aHVudGVyMg=="  # me:hunter2
            assert request["X-Token"] == "hunter4"
        assert other.requests[0]["Authorization"] is None
        assert other.requests[0]["X-Token"] is None
        everything = done.messages + "".join(
            path.read_text("latin-1") for path in fetch.cache.rglob("*.map"))
        for secret in ("hunter", "geheim", "me:"):
            assert secret not in everything
    netrc.write_text("default login me password hunter3\n")
    with Hostile() as other:
        target = other.add("/a.mp3", DATA).replace("127.0.0.1", "localhost")
        assert fetch("--netrc", netrc, "whole", server.add("/moved", location=target)).content == DATA
        assert server.requests[-1]["Authorization"] and not other.requests[0]["Authorization"]
    netrc.write_text("machine 127.0.0.1 login me password hunter3\n")
    netrc_only = fetch("--netrc", netrc, "whole", server.add("/b.mp3", DATA))
    assert netrc_only.content == DATA
    assert server.requests[-1]["Authorization"] == "Basic bWU6aHVudGVyMw=="


# ---- several at once, and stopping


def test_two_processes_fetch_once(fetch, server):
    url = server.add("/a.mp3", DATA, pace=0.01)
    runs = [fetch.start("whole", url) for _ in range(4)]
    for run in runs:
        out, messages = run.communicate(timeout=60)
        assert run.returncode == 0, messages
        path = dict(line.split(" ", 1) for line in out.splitlines())["path"]
        assert Path(path).read_bytes() == DATA
    assert server.sent() <= len(DATA) + BLOCK


def test_the_rate_is_kept(fetch, server):
    url = server.add("/a.mp3", DATA)
    begin = time.monotonic()
    assert fetch("--max-rate", "1500000", "whole", url).content == DATA
    assert 1.8 < time.monotonic() - begin < 4


@pytest.mark.parametrize("options", [{"pace": 0.05}, {"stall": 500_000}, {"status": [503],
                                     "headers": {"Retry-After": "60"}}], ids=str)
def test_a_stop_takes_less_than_a_second(fetch, server, options):
    url = server.add("/a.mp3", DATA, **options)
    run = fetch.start("whole", url)
    time.sleep(0.7)
    begin = time.monotonic()
    run.send_signal(signal.SIGINT)
    _, messages = run.communicate(timeout=10)
    assert time.monotonic() - begin < 1
    assert run.returncode == 130, messages
    sent = server.sent()
    server.add("/a.mp3", DATA)
    done = fetch("whole", url)
    assert done.content == DATA
    assert done.received <= len(DATA) - sent + 8 * BLOCK


def test_a_stop_waits_for_no_name(fetch):
    run = fetch.start("whole", "http://slow.example/a.mp3")
    time.sleep(0.7)
    begin = time.monotonic()
    run.send_signal(signal.SIGINT)
    _, messages = run.communicate(timeout=20)
    assert time.monotonic() - begin < 1
    assert run.returncode == 130, messages


def test_kill_at_random_moments(fetch, server, clipnotes):
    """Fifty downloads, each killed once: the next run goes on from there, and has the right bytes."""
    moments, went_on = random.Random(7), 0
    for number in range(50):
        url = server.add(f"/{number}.mp3", DATA, pace=0.002)  # 0.1 s in all
        run = fetch.start("whole", url)
        time.sleep(moments.uniform(0, 0.15))
        run.kill()
        run.communicate(timeout=10)
        listed = clipnotes("cache", "ls", "--json", "--cache-dir", fetch.cache).stdout
        held = sum(item["held"] for item in json.loads(listed)["items"] if item["url"] == url)
        server.pages[f"/{number}.mp3"].pace = 0
        done = fetch("whole", url)
        assert done.status == 0, done.messages
        assert done.content == DATA
        assert done.received <= len(DATA) - held + BLOCK
        went_on += 0 < held < len(DATA)
    assert went_on >= 10


def test_a_cache_that_may_only_be_read(fetch, tool, server):
    """What it holds can be had; what it does not, or no longer, is an error that says so."""
    url = server.add("/a.mp3", DATA)
    nobody = {"preexec_fn": lambda: os.setuid(65534)} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="clipnotes-test-") as text:
        folder = Path(text)
        program = shutil.copy(tool, folder)

        def run(*words):
            return Run(subprocess.run([program, "--cache", folder / "cache", *QUICK, *words],
                                      capture_output=True, text=True, timeout=60, check=False,
                                      **nobody))
        path = Path(fetch("whole", url, cache=folder / "cache")["path"])
        for place in [folder, *folder.rglob("*")]:
            place.chmod(0o555 if place.is_dir() or place.name == "fetch_tool" else 0o444)
        try:
            assert run("--offline", "whole", url).content == DATA
            assert run("whole", url).received == 0
            done = run("--offline", "read", url, "1000000:10")
            assert done["sha256"] == digest((1_000_000, 10))
            run("whole", server.add("/b.mp3", DATA)).fails(SYSTEM, "cannot be written")
            path.chmod(0o644)
            with path.open("r+b") as file:
                file.seek(1_500_000)
                file.write(b"damage")
            path.chmod(0o444)
            run("--offline", "whole", url).fails(SYSTEM, "cannot be written")
            run("read", url, "1500000:10").fails(SYSTEM, "cannot be written")
            assert run("read", url, "1000000:10")["sha256"] == digest((1_000_000, 10))
        finally:
            for place in [folder, *folder.rglob("*")]:
                place.chmod(0o755)


def test_damage_in_the_cache_is_repaired(fetch, server):
    url = server.add("/a.mp3", DATA)
    path = Path(fetch("whole", url)["path"])
    damaged = bytearray(DATA)
    damaged[1_500_000] ^= 1
    path.write_bytes(damaged[:2_500_000])
    read(fetch, url, (1_400_000, 200_000), (2_400_000, 600_017))
    assert fetch("whole", url).content == DATA


# ---- documents


def test_documents(fetch, server):
    feed = b"<rss>" + b"x" * 1000
    url = server.add("/feed.xml", feed, type="application/rss+xml; charset=UTF-8")
    done = fetch("document", url)
    assert done["sha256"] == hashlib.sha256(feed).hexdigest()
    assert (done["type"], done["charset"], done["cached"]) == ("application/rss+xml", "utf-8", "0")
    assert fetch("document", url)["cached"] == "1"
    assert [request.status for request in server.requests] == [200, 304]
    assert fetch("--offline", "document", url)["cached"] == "1"
    assert fetch("--refresh", "document", url)["cached"] == "0"
    server.add("/feed.xml", b"<rss>new", etag='"2"')
    assert fetch("document", url)["size"] == "8"
    server.pages["/feed.xml"].status = [500] * 5
    done = fetch("document", url)
    assert done["size"] == "8" and "using the copy" in done.messages
    server.pages["/feed.xml"].status = [404]
    fetch("document", url).fails(MISSING, "404")
    fetch("--offline", "document", server.url("/other")).fails(MISSING, "--offline")


def test_document_trouble(fetch, server):
    url = server.add("/feed.xml", b"<rss>" + b"x" * 2_000_000)
    fetch("document", url).fails(INPUT, "larger than 1024 KiB")
    url = server.add("/b.xml", b"<rss>" * 1000, cut=[100, 2000, 0], framing="chunked")
    assert fetch("document", url)["size"] == "5000"
    server.add("/moved", location="/b.xml")
    assert fetch("document", server.url("/moved"))["url"].endswith("/b.xml")


# ---- the disk


def test_a_full_disk_is_said_and_does_no_harm(fetch, server):
    """As a limit on the size of files has it, which comes in the middle of one of unknown length."""
    url = server.add("/a.mp3", DATA, framing="chunked", ranges=False)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

    run = fetch.start("whole", url, preexec_fn=limit)
    _, messages = run.communicate(timeout=60)
    assert run.returncode == 1
    assert f"error {SYSTEM}: " in messages and "cannot be written" in messages
    assert len(server.requests) == 1  # another try would not help
    assert fetch("whole", url).content == DATA


# ---- servers of others


def free_port():
    import socket
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(command, port, log):
    import socket
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    for _ in range(100):
        with contextlib.closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.05)
    process.kill()
    raise RuntimeError(Path(log).read_text(encoding="utf-8"))


@pytest.fixture(params=["nginx", "lighttpd", "nginx-http2"])
def real_server(request, tmp_path):
    """A URL below which DATA is a.mp3, and options to reach it."""
    port, www = free_port(), tmp_path / "www"
    www.mkdir()
    (www / "a.mp3").write_bytes(DATA)
    options, scheme = [], "http"
    if request.param == "lighttpd":
        conf = tmp_path / "lighttpd.conf"
        conf.write_text(f'server.document-root = "{www}"\nserver.port = {port}\n'
                        'server.bind = "127.0.0.1"\nserver.stat-cache-engine = "disable"\n'
                        'mimetype.assign = (".mp3" => "audio/mpeg")\n')
        command = ["/usr/sbin/lighttpd", "-D", "-f", conf]
    else:
        listen = f"127.0.0.1:{port}"
        if request.param == "nginx-http2":
            scheme, options = "https", ["--ca-file", tmp_path / "cert.pem"]
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                            "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem",
                            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                           check=True, capture_output=True)
            listen += (f" ssl http2; ssl_certificate {tmp_path}/cert.pem; "
                       f"ssl_certificate_key {tmp_path}/key.pem")
        conf = tmp_path / "nginx.conf"
        conf.write_text(f"""{"user root;" if os.getuid() == 0 else ""} daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;
            events {{}}
            http {{ access_log {tmp_path}/access.log combined; types {{ audio/mpeg mp3; }}
                client_body_temp_path {tmp_path}; proxy_temp_path {tmp_path};
                fastcgi_temp_path {tmp_path}; uwsgi_temp_path {tmp_path};
                scgi_temp_path {tmp_path};
                server {{ listen {listen}; root {www};
                    location /down {{ return 302 http://localhost:$arg_port/a.mp3; }} }} }}""")
        command = ["/usr/sbin/nginx", "-e", f"{tmp_path}/error.log", "-c", conf]
    process = start(command, port, tmp_path / "server.log")
    yield f"{scheme}://localhost:{port}/a.mp3", options, tmp_path
    process.terminate()
    process.wait(timeout=10)


def test_real_servers(fetch, real_server):
    url, options, folder = real_server
    done = read(fetch, url, (0, 10), (1_000_000, 100_000), (2_990_000, 20_000), options=options)
    assert done.received < 100_000 + 6 * BLOCK
    assert read(fetch, url, (1_000_000, 100), options=options).received == 0
    assert fetch(*options, "whole", url).content == DATA
    done = fetch(*options, "whole", url)
    assert done.received == 0
    new = noise(2_000_000, seed=4)
    (folder / "www/a.mp3").write_bytes(new)
    assert fetch(*options, "whole", url).content == new
    log = folder / "access.log"
    if url.startswith("https"):
        assert "HTTP/2.0" in log.read_text(encoding="utf-8")
        fetch("whole", url, cache=folder / "other").fails(NETWORK, "certificate")


@pytest.mark.parametrize("real_server", ["nginx-http2"], indirect=True)
def test_secrets_stay_off_an_open_line(fetch, server, real_server, tmp_path):
    """From https to http on the same host: what may be read on the way gets no login."""
    url, options, folder = real_server
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password hunter3\n")
    server.add("/a.mp3", DATA)
    url = url.replace("/a.mp3", f"/down?port={server.server_address[1]}")
    done = fetch(*options, "--netrc", netrc, "--header", "localhost=X-Token: hunter4", "whole", url)
    assert done.content == DATA
    assert server.requests[0]["Authorization"] is None and server.requests[0]["X-Token"] is None
    # To others than those of the way they do go.
    fetch("--netrc", netrc, "whole", server.url("/a.mp3", "localhost"), "--refresh")
    assert server.requests[-1]["Authorization"] is not None
    assert " - me [" in (folder / "access.log").read_text(encoding="utf-8")
