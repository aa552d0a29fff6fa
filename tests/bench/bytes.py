#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How many bytes a server sends for the clips of a season, over the bytes of the clips.

    tests/bench/bytes.py BINARY [FORMAT...]

Nineteen one-minute clips out of six episodes of 75 minutes, from an nginx of our own on loopback;
the bytes are those of its access log. The second run is one with a full cache.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mutagen import id3

MINUTES = 75
NUMBERS = range(1, 7)  # of the episodes
CLIPS = [  # seconds, episode
    (3340, 1), (989, 5), (984, 2), (444, 3), (1060, 4), (3243, 6), (1045, 2), (1137, 5), (2132, 3),
    (1525, 1), (2987, 1), (3436, 6), (2809, 1), (1782, 4), (1760, 4), (798, 5), (913, 5), (2244, 2),
    (1449, 3)]
FORMATS = {  # name: extension, how it is encoded
    "mp3-cbr": ("mp3", ["-c:a", "libmp3lame", "-b:a", "128k", "-compression_level", "9"]),
    "mp3-cover": ("mp3", ["-c:a", "libmp3lame", "-b:a", "128k", "-compression_level", "9"]),
    "mp3-vbr": ("mp3", ["-c:a", "libmp3lame", "-q:a", "4", "-compression_level", "9"]),
    "mp3-vbr-no-xing": ("mp3", ["-c:a", "libmp3lame", "-q:a", "4", "-compression_level", "9",
                                "-write_xing", "0"]),
    "m4a": ("m4a", ["-c:a", "aac", "-aac_coder", "fast", "-aac_pns", "0", "-b:a", "128k"]),
    "opus": ("opus", ["-c:a", "libopus", "-compression_level", "0", "-b:a", "64k"]),
}
COVER_BYTES = 1_000_000
# Noise that comes and goes, so that variable bitrates vary.
SOUND = ["-f", "lavfi", "-i", f"anoisesrc=d={MINUTES * 60}:c=pink:r=44100:a=0.4,"
         "tremolo=f=0.1:d=0.9,aformat=channel_layouts=stereo"]


def episode(cache, name):
    """One episode in that format, made once."""
    extension, how = FORMATS[name]
    path = cache / f"bench-{name}-{MINUTES}.{extension}"
    if path.exists():
        return path
    cache.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{os.getpid()}.{path.name}")
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", *SOUND,
                    "-metadata", "title=Episode", *how, "-y", part], check=True)
    if name == "mp3-cover":
        add_cover(part)
    part.replace(path)
    return path


def add_cover(path):
    """A picture of a megabyte: only its size matters."""
    tags = id3.ID3(path)
    tags.add(id3.APIC(mime="image/png", type=3, data=b"\x89PNG\r\n\x1a\n" + os.urandom(COVER_BYTES)))
    tags.save(path)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx:
    """Serves a folder and tells what it sent."""

    def __init__(self, folder, www):
        self.log, self.port = folder / "access.log", free_port()
        temporary = "".join(f"{name}_temp_path {folder};" for name in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (folder / "nginx.conf").write_text(f"""
            {"user root;" if os.getuid() == 0 else ""}
            daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}
            http {{ log_format sent '$body_bytes_sent $status $request_uri $http_range';
                access_log {self.log} sent; {temporary}
                server {{ listen 127.0.0.1:{self.port}; root {www}; keepalive_requests 10000; }} }}
            """)
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-e", f"{folder}/error.log", "-c",
                                         folder / "nginx.conf"])
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)

    def take_log(self):
        """Bytes and number of the answers since the last call."""
        time.sleep(0.2)  # nginx writes a line when the client has all
        lines = self.log.read_text(encoding="utf-8").splitlines()
        self.log.write_text("")
        return sum(int(line.split()[0]) for line in lines), len(lines)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)


def season(folder, nginx, path):
    """The notes of a season, and how their pages map to URLs of its episodes."""
    words = []
    for number in NUMBERS:
        name = f"s01e{number:02}{path.suffix}"
        (folder / "www" / name).symlink_to(path)
        words += ["--map", f"s01e{number:02}=http://127.0.0.1:{nginx.port}/{name}"]
    notes = folder / "finale.md"
    notes.write_text("".join(f"- [Clip {n}: x](https://show.example/s01e{number:02}?t={at}s)\n"
                             for n, (at, number) in enumerate(CLIPS, 1)))
    return notes, words


def moov_size(path):
    """Of an MP4's index, without which nothing of it can be found."""
    data, at = path.read_bytes(), 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        if data[at + 4:at + 8] == b"moov":
            return size
        at += size if size > 1 else int.from_bytes(data[at + 8:at + 16], "big")
    raise ValueError(f"{path}: no moov")


def measure(binary, cache, name):
    with tempfile.TemporaryDirectory(prefix="clipnotes-bench-") as text:
        folder = Path(text)
        (folder / "www").mkdir()
        folder.chmod(0o755)
        nginx = Nginx(folder, folder / "www")
        try:
            notes, words = season(folder, nginx, episode(cache, name).resolve())
            for run in ("first", "second"):
                begin = time.monotonic()
                done = subprocess.run(
                    [binary, "clip", "--json", "--end", "fixed", notes, "-o", folder / run,
                     "--cache-dir", folder / "cache", *words],
                    stdout=subprocess.PIPE, check=True)
                seconds = time.monotonic() - begin
                sent, answers = nginx.take_log()
                clips = json.loads(done.stdout)["clips"]
                size = sum(clip["bytes"] for clip in clips)
                if name == "m4a" and run == "first":
                    index = len(NUMBERS) * moov_size(episode(cache, name))
                    print(f"{name:15} moov {index:,}, ratio to clips and moov "
                          f"{sent / (size + index):.3f}")
                exact = sum(clip["exact"] for clip in clips)
                print(f"{name:15} {run:6}  sent {sent:>11,}  clips {size:>10,}  "
                      f"ratio {sent / size:6.3f}  answers {answers:>4}  "
                      f"exact {exact}/{len(clips)}  {seconds:5.2f} s", flush=True)
        finally:
            nginx.stop()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    cache = os.environ.get("CLIPNOTES_TEST_CACHE",
                           Path(sys.argv[1]).resolve().parent / "test-cache")
    for name in sys.argv[2:] or FORMATS:
        measure(sys.argv[1], Path(cache), name)


if __name__ == "__main__":
    main()
