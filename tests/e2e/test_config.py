# SPDX-License-Identifier: MIT
"""The configuration file."""

import http.server
import json
import threading

import pytest

NOTES = "[A](https://show.example/s01e01-one?t=0:05)\n"


@pytest.fixture
def setting(tmp_path, root):
    """Notes with one clip, and a configuration with what a test writes into it."""
    (tmp_path / "notes.md").write_text(NOTES)
    audio = root / "samples/audio/s01e01-island-ferry.mp3"

    class Setting:
        folder, notes = tmp_path, tmp_path / "notes.md"
        config = tmp_path / "config.toml"

        def write(self, text):
            self.config.write_text(text)
            return ["--config", self.config, self.notes]
    Setting.audio = audio
    return Setting()


def resolved(result):
    assert result.returncode == 0, result.stderr
    [page] = json.loads(result.stdout)["pages"]
    return page


def test_episodes(clipnotes, setting):
    (setting.folder / "one.mp3").symlink_to(setting.audio)
    words = setting.write('[episodes]\n"s01e01-one" = "one.mp3"\n')
    page = resolved(clipnotes("resolve", "--json", *words))
    assert page["resolved_by"] == "map"
    assert page["audio"] == str(setting.folder / "one.mp3")


def test_a_pipe_is_read_once(clipnotes, setting):
    words = setting.write(f'[episodes]\n"s01e01-one" = "{setting.audio}"\n')
    with open(words[1], encoding="utf-8") as pipe:
        page = resolved(clipnotes("resolve", "--json", words[0], "-", *words[2:], stdin=pipe))
    assert page["audio"] == str(setting.audio)


def test_the_command_line_counts_more(clipnotes, setting):
    words = setting.write('[episodes]\n"s01e01-one" = "nowhere.mp3"\n')
    page = resolved(clipnotes("resolve", "--json", *words, "--map", f"s01e01-one={setting.audio}"))
    assert page["audio"] == str(setting.audio)


def test_a_mistake_names_its_line(clipnotes, setting):
    result = clipnotes("resolve", *setting.write('\n[episode]\na = "b"\n'))
    assert result.returncode == 1
    assert f"{setting.config}:2: 'episode' means nothing here" in result.stderr


def test_headers_go_to_their_host_alone(clipnotes, setting, root, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    seen = []

    class Feed(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append((self.headers["Host"].split(":")[0], self.headers.get("X-Key")))
            body = (root / "samples/feed.xml").read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        port = server.server_address[1]
        setting.notes.write_text("[A](https://example.org/podcast/s01e01-island-ferry?t=0:05)\n")
        words = setting.write('[headers]\n"127.0.0.1" = "X-Key: secret-word"\n')
        for host in ("127.0.0.1", "localhost"):
            result = clipnotes("resolve", "-vv", "--json", *words, "--feed",
                               f"http://{host}:{port}/feed.xml")
            assert resolved(result)["resolved_by"] == "feed"
            assert "secret-word" not in result.stderr + result.stdout
    finally:
        server.shutdown()
    assert seen == [("127.0.0.1", "secret-word"), ("localhost", None)]
