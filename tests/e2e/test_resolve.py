# SPDX-License-Identifier: MIT
"""From pages to their audio: a show's site, its podcast host and its CDN, played by nginx."""

import json
import os
import re
import socket
import subprocess
import time
from xml.sax.saxutils import escape

import pytest

SHOW = "rust-in-production-82281512"
SEED = [("s01e01-influxdata", 1), ("s01e02-pubnub", 2), ("s01e03-apollo", 3),
        ("s01e04-arroyo", 4), ("s01e05-tweede-golf", 5), ("s01e06-sentry", 6)]
LINKS = [1, 5, 2, 3, 4, 6, 2, 5, 3, 1, 1, 6, 1, 4, 4, 5, 5, 2, 3]  # of a real season finale
XMLNS = ('xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
         'xmlns:podcast="https://podcastindex.org/namespace/1.0" '
         'xmlns:atom="http://www.w3.org/2005/Atom"')


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Network:
    """Three servers: .site and .host and .cdn are their URLs, and files below .folder/NAME are
    theirs."""

    def __init__(self, folder):
        self.folder = folder
        self.ports = {name: free_port() for name in ("site", "host", "cdn")}
        self.site, self.host, self.cdn = (f"http://127.0.0.1:{p}" for p in self.ports.values())
        for name in self.ports:
            (folder / name).mkdir()

    def put(self, path, text):
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def page(self, path, body, head=""):
        """An HTML page of the site; its URL."""
        self.put(f"site/{path}/index.html", f"<!doctype html><html><head>{head}</head>"
                                            f"<body>{body}</body></html>")
        return f"{self.site}/{path}/"

    def requests(self, name):
        log = self.folder / f"{name}.log"
        return log.read_text().splitlines() if log.exists() else []

    def forget(self):
        for name in self.ports:
            log = self.folder / f"{name}.log"
            if log.exists():
                os.truncate(log, 0)

    def config(self):
        servers = "".join(f"""
            server {{ listen 127.0.0.1:{port}; root {self.folder}/{name};
                absolute_redirect off;
                access_log {self.folder}/{name}.log combined;
                location /t/ {{ rewrite ^/t/[^/]+(/.*)$ $1 redirect; }}
                location /loop {{ return 302 /loop; }}
                location /moved/ {{ rewrite ^/moved(/.*)$ $1 permanent; }}
                location /play/ {{ default_type audio/mpeg; }}
                location = /gone {{ return 404; }} }}""" for name, port in self.ports.items())
        temporary = "".join(f"{what}_temp_path {self.folder}/tmp;" for what in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""{"user root;" if os.getuid() == 0 else ""} daemon off;
            pid {self.folder}/pid; error_log {self.folder}/error.log;
            events {{}} http {{ {temporary}
            types {{ text/html html; audio/mpeg mp3; application/rss+xml xml feed;
                     application/json json; text/plain txt; }}
            default_type application/octet-stream; {servers} }}"""


def item(network, slug, number, more=""):
    page = f"{network.host}/podcasts/{SHOW}/episodes/rust-in-production-ep-{number}-{slug[7:]}"
    audio = f"{network.cdn}/t/{network.cdn[7:]}/audio/{number:02}.mp3"
    return (f"<item><title><![CDATA[Rust & {slug[7:]}]]></title><link>{page}</link>"
            f"<guid isPermaLink='false'>lc-{number}</guid>"
            f"<pubDate>Thu, {number:02} Feb 2024 05:00:00 GMT</pubDate>"
            f"<itunes:duration>1:15:{number:02}</itunes:duration><itunes:season>1</itunes:season>"
            f"<itunes:episode>{number}</itunes:episode>"
            f"<enclosure url='{escape(audio)}?a=1&amp;b=2' length='72000000' type='audio/mpeg'/>"
            f"{more}</item>\n")


def feed_of(items, channel=""):
    return (f"<?xml version='1.0' encoding='UTF-8'?>\n<rss version='2.0' {XMLNS}><channel>"
            f"<title>Rust in Production</title><itunes:author>corrode</itunes:author>{channel}"
            f"{items}</channel></rss>")


@pytest.fixture(name="network")
def running_network(tmp_path):
    folder = tmp_path / "net"
    folder.mkdir()
    network = Network(folder)
    others = "".join(
        f"<item><title>Another episode, number {n}</title><link>{network.host}/other/{n}</link>"
        f"<guid>o{n}</guid><enclosure url='{network.cdn}/o{n}.mp3' type='audio/mpeg' length='0'/>"
        "</item>\n" for n in range(54))
    network.put(f"host/podcasts/{SHOW}/feed", feed_of(
        others[:4000] and others + "".join(item(network, slug, n) for slug, n in SEED)))
    for slug, number in SEED:
        player = (f"{network.host}/podcasts/{SHOW}/episodes/rust-in-production-ep-{number}-"
                  f"{slug[7:]}/player.js?size=s")
        network.page(f"podcast/{slug}", f'<div><script id="p" src="{player}"></script></div>',
                     '<title>An episode</title>')
    conf = folder / "nginx.conf"
    conf.write_text(network.config())
    with subprocess.Popen(["/usr/sbin/nginx", "-e", folder / "error.log", "-c", conf]) as process:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", network.ports["cdn"])).close()
                break
            except OSError:
                time.sleep(0.05)
        network.forget()
        yield network
        process.terminate()


@pytest.fixture(name="resolve")
def resolving(clipnotes, tmp_path):
    """resolve(pages, *options): status, the found pages by URL, and the messages."""
    def run(pages, *options, cache="cache", text=None):
        notes = tmp_path / "notes.md"
        notes.write_text(text or "# Finale\n\n" + "".join(
            f"- [Clip {n}: Something]({page}{'&' if '?' in page else '?'}t={n}%3A40)\n"
            for n, page in enumerate(pages, 1)))
        done = clipnotes("resolve", "--json", notes, "--cache-dir", tmp_path / cache, *options)
        found = json.loads(done.stdout)["pages"] if done.stdout else []
        return done.returncode, {page["page"]: page for page in found}, done.stderr
    return run


def seed_pages(network):
    return [f"{network.site}/podcast/{SEED[n - 1][0]}{'/' if i % 3 == 0 else ''}"
            for i, n in enumerate(LINKS)]


def number_of(page):
    return int(re.search("/audio/([0-9]+)[.]mp3[?]a=1&b=2$", page["audio"]).group(1))


def check_seed(found, way):
    assert len(found) == 6
    for url, page in found.items():
        slug, number = SEED[int(re.search("s01e0([1-6])", url).group(1)) - 1]
        assert number_of(page) == number
        assert page["resolved_by"] == way
        assert page["error"] is None
        assert page["title"].endswith(slug[7:]) or way == "site"
        assert (page["show"], page["author"]) == ("Rust in Production", "corrode")
        assert page["duration_ms"] == (75 * 60 + number) * 1000
        assert (page["season"], page["episode"]) == (1, number)
        assert (page["guid"], page["audio_type"]) == (f"lc-{number}", "audio/mpeg")
        assert page["audio_size"] == 72000000


def test_nineteen_clips_by_page_alone(network, resolve):
    status, found, messages = resolve(seed_pages(network))
    assert (status, messages) == (0, "")
    check_seed(found, "page")
    assert sum("/feed" in line for line in network.requests("host")) == 1
    assert not network.requests("cdn")


def test_nineteen_clips_by_feed(network, resolve):
    feed = f"{network.host}/moved/podcasts/{SHOW}/feed"
    status, found, messages = resolve(seed_pages(network), "--feed", feed)
    assert (status, messages) == (0, "")
    check_seed(found, "feed")
    assert not network.requests("site")


def test_nineteen_clips_by_site(network, resolve, tmp_path):
    site = tmp_path / "site"
    (site / "content/podcast").mkdir(parents=True)
    (site / "config.toml").write_text(f'base_url = "{network.site}"\ntitle = "x"\n')
    for slug, number in SEED:
        (site / f"content/podcast/{slug}.md").write_text(
            f'+++\ntitle = "Title {number}"\ndate = 2024-02-01\n[extra]\nseason = "01"\n'
            f'episode = "{number:02}"\n+++\n\n<div><script src="{network.host}/podcasts/{SHOW}/'
            f'episodes/rust-in-production-ep-{number}-{slug[7:]}/player.js?size=s"></script></div>'
            "\n\nText.\n")
    status, found, messages = resolve(seed_pages(network), "--site", site)
    assert (status, messages) == (0, "")
    check_seed(found, "site")
    assert not network.requests("site")


def test_the_real_notes(network, resolve, shared):
    text = (shared / "seed/season-finale.md").read_text().replace("https://corrode.dev",
                                                                  network.site)
    status, found, messages = resolve([], text=text)
    assert (status, messages) == (0, "")
    check_seed(found, "page")


def test_map_and_files(network, resolve, tmp_path):
    audio = tmp_path / "audio"
    audio.mkdir()
    for name in ("s01e01-influxdata.mp3", "show-S01E02.m4a", "04.mp3"):
        (audio / name).touch()
    pages = [f"{network.site}/podcast/{slug}" for slug, _ in SEED[:4]]
    status, found, _ = resolve(pages, "--audio-dir", audio, "--offline",
                               "--map", f"{pages[2]}/=https://cdn.example/x.mp3?token=1")
    assert status == 3
    ways = [(page["resolved_by"], page["audio"]) for page in found.values()]
    assert ways == [("audio-dir", str(audio / "s01e01-influxdata.mp3")),
                    ("audio-dir", str(audio / "show-S01E02.m4a")),
                    ("map", "https://cdn.example/x.mp3?token=1"), (None, None)]
    # The feed knows the file's name.
    status, found, _ = resolve(pages[3:], "--audio-dir", audio,
                               "--feed", f"{network.host}/podcasts/{SHOW}/feed")
    assert status == 0
    assert found[pages[3]]["audio"] == str(audio / "04.mp3")
    assert found[pages[3]]["title"] == "Rust & arroyo"


def test_the_link_is_audio(network, resolve):
    network.put("cdn/play/one", b"ID3" + bytes(1000))
    network.put("cdn/play/large", b"ID3" + bytes(20_000_000))
    pages = [f"{network.cdn}/play/one", f"{network.cdn}/two.mp3", f"{network.cdn}/play/large"]
    status, found, _ = resolve(pages)
    assert status == 0
    assert [(p["audio"], p["resolved_by"]) for p in found.values()] == [(u, "link") for u in pages]
    assert all("two.mp3" not in line for line in network.requests("cdn"))


@pytest.mark.parametrize("head, body", [
    ("", '<audio controls><source src="/x.mp3" type="audio/mpeg"><source src="/x.ogg"></audio>'),
    ('<meta property="og:audio" content="CDN/x.mp3"><meta property="og:title" content="T">', ""),
    ('<meta name="twitter:player:stream" content="CDN/x.mp3">', ""),
    ('<script type="application/ld+json">{"@type": "PodcastEpisode", "associatedMedia": '
     '{"@type": "AudioObject", "contentUrl": "CDN/x.mp3"}}</script>', ""),
    ('<link rel="alternate" type="application/rss+xml" href="/feed.xml">', ""),
    ('<link rel="alternate" type="application/json+oembed" href="/oembed.json">', ""),
    ("", '<script>podlovePlayer("#p", {"audio": [{"url": "http:\\/\\/CDNHOST\\/x.mp3"}]})</script>'),
    ("", '<p><a href="/x.mp3" download>Download</a></p>'),
    ("", '<audio src="/a.mp3"></audio><audio src="/x.mp3"></audio>'
         '<script type="application/ld+json">{"@type": "AudioObject", "contentUrl": "/x.mp3"}'
         "</script>"),
])
def test_pages(network, resolve, head, body):
    network.put("site/feed.xml", feed_of(
        f"<item><title>x</title><link>{network.site}/one</link>"
        "<enclosure url='/x.mp3' type='audio/mpeg'/></item>"))
    network.put("site/oembed.json", json.dumps(
        {"type": "rich", "html": f'<iframe src="{network.cdn}/x.mp3"></iframe>'}))
    page = network.page("one", *(part.replace("CDNHOST", network.cdn[7:]).replace(
        "CDN", network.cdn) for part in (body, head)))
    status, found, messages = resolve([page])
    assert (status, messages) == (0, "")
    assert re.fullmatch(r"http://127[.]0[.]0[.]1:\d+/x[.]mp3", found[page]["audio"])
    assert found[page]["resolved_by"] == "page"


@pytest.mark.parametrize("body, says", [
    ("<p>nothing</p>", "the page has no audio, player or feed that leads to it"),
    ('<audio src="/a.mp3"></audio><audio src="/b.mp3"></audio>', "more than one recording"),
    ('<a href="/a.mp3">a</a><a href="/b.mp3">b</a>', "the page names more than one audio file"),
    (f'<script src="/podcasts/{SHOW}/episodes/x/player.js"></script>', "404"),
    (f'<script src="HOST/podcasts/{SHOW}/episodes/not-there/player.js"></script>',
     "has no episode 'not-there'"),
    ('<script src="/podcasts/a/episodes/x/player.js"></script>'
     '<script src="/podcasts/a/episodes/y/player.js"></script>', "more than one player"),
    ('<iframe src="https://open.spotify.com/embed/episode/x"></iframe>', "Spotify"),
])
def test_pages_that_lead_nowhere(network, resolve, body, says):
    page = network.page("one", body.replace("HOST", network.host))
    status, found, messages = resolve([page])
    assert status == 1
    assert found[page]["audio"] is None
    assert says in messages and "notes.md:3: " in messages
    assert found[page]["error"] in messages


@pytest.mark.parametrize("path, says", [
    ("gone", "404"),
    ("loop", "redirect"),
    ("page.html", "no feed but an HTML page"),
    ("cut.xml", "this XML is broken"),
    ("page.txt", "this XML is broken"),
    ("twice.xml", "two episodes have this link, 'A' ("),
])
def test_feeds_that_cannot_be_used(network, resolve, path, says):
    whole = (network.folder / f"host/podcasts/{SHOW}/feed").read_text()
    network.put("cdn/page.html", "<!DOCTYPE html><html><body>Not here</body></html>")
    network.put("cdn/page.txt", "Not here")
    network.put("cdn/cut.xml", whole[:len(whole) // 2])
    pages = [f"{network.cdn}/gone"]
    network.put("cdn/twice.xml", feed_of("".join(
        f"<item><title>{t}</title><link>{pages[0]}</link><enclosure url='{t}.mp3'/></item>"
        for t in "AB")))
    status, _, messages = resolve(pages, "--feed", f"{network.cdn}/{path}")
    assert status == 1
    assert says in messages


def test_a_feed_that_fails_does_not_end_the_search(network, resolve):
    status, found, messages = resolve(seed_pages(network), "--feed", f"{network.cdn}/gone")
    assert (status, messages) == (0, "")
    check_seed(found, "page")


def test_a_feed_of_20_megabytes(network, resolve):
    padding = "<description>" + "x" * 40_000 + "</description>"
    items = "".join(item(network, f"s01e{n:02}-episode-{n}", n, padding) for n in range(1, 501))
    network.put("cdn/large.xml", feed_of(items))
    assert (network.folder / "cdn/large.xml").stat().st_size > 20_000_000
    page = f"{network.site}/podcast/s01e500-x"
    started = time.monotonic()
    status, found, _ = resolve([page], "--feed", f"{network.cdn}/large.xml")
    assert status == 0
    assert number_of(found[page]) == 500
    assert time.monotonic() - started < 30


def test_paged_feeds(network, resolve):
    def link(rel, n):
        return f"<atom:link rel='{rel}' href='{network.cdn}/{n}.xml'/>"
    network.put("cdn/1.xml", feed_of(item(network, *SEED[5]), link("next", 2)))
    network.put("cdn/2.xml", feed_of(item(network, *SEED[4]), link("next", 3)))
    network.put("cdn/3.xml", feed_of(item(network, *SEED[0]), link("next", 1)))
    page = f"{network.site}/podcast/s01e01-influxdata"
    status, found, _ = resolve([page], "--feed", f"{network.cdn}/1.xml")
    assert status == 0
    assert number_of(found[page]) == 1
    assert len(network.requests("cdn")) == 3


def test_what_was_fetched_is_validated_and_serves_offline(network, resolve):
    pages = seed_pages(network)
    status, _, messages = resolve(pages, "--offline")
    assert status == 1
    assert "not in the cache" in messages and not network.requests("site")
    assert resolve(pages)[0] == 0
    network.forget()
    assert resolve(pages)[0] == 0
    answers = [line.split('"')[2].split()[0] for line in network.requests("site")]
    assert answers and set(answers) <= {"304", "301"}
    network.forget()
    status, found, _ = resolve(pages, "--offline")
    assert status == 0
    check_seed(found, "page")
    assert not network.requests("site") and not network.requests("host")


def test_no_secret_shows(network, resolve, clipnotes, tmp_path):
    host = network.cdn[7:]
    page = network.page("one", '<audio src="/a.mp3?token=s3cret"></audio>'
                               '<audio src="/b.mp3?key=s3cret"></audio>')
    pages = [f"http://me:s3cret@{host}/gone?token=s3cret", page]
    status, _, messages = resolve(pages, "-v", "-v", "--feed",
                                  f"http://me:s3cret@{host}/gone?auth=s3cret")
    assert status == 1
    assert "s3cret" not in messages and "token=…" in messages
    done = clipnotes("resolve", tmp_path / "notes.md", "--map", "x", "--offline",
                     "--cache-dir", tmp_path / "cache")
    assert done.returncode == 2


def test_the_table(network, clipnotes, tmp_path):
    (tmp_path / "notes.md").write_text(
        f"- [Clip 1: x]({network.site}/podcast/s01e01-influxdata?t=1%3A00)\n"
        f"- [Clip 2: x]({network.site}/gone?t=1%3A00)\n")
    done = clipnotes("resolve", tmp_path / "notes.md", "--cache-dir", tmp_path / "cache")
    assert done.returncode == 3
    assert re.fullmatch(r"page +http\S+/s01e01-influxdata → http\S+/audio/01[.]mp3\S+\n",
                        done.stdout)
    assert "notes.md:2: no audio found for" in done.stderr
    assert "try --map, --audio-dir, --site or --feed" in done.stderr


def test_a_duration_that_differs_is_told(clipnotes, root, tmp_path):
    feed = tmp_path / "feed.xml"
    feed.write_text((root / "samples/feed.xml").read_text().replace(
        "<itunes:duration>360<", "<itunes:duration>5:15<", 1))
    done = clipnotes("clip", root / "samples/season-finale.md", "--offline", "--dry-run",
                     "--audio-dir", root / "samples/audio", "--feed", feed,
                     "--cache-dir", tmp_path / "cache", "-o", tmp_path / "clips")
    assert done.returncode == 0
    warnings = [line for line in done.stderr.splitlines() if "than the feed says" in line]
    assert len(warnings) == 1
    assert "s01e03-weather-buoys.opus: 45 s longer than the feed says (6:00" in warnings[0]
