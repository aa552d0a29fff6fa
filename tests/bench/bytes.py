#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How many bytes a server sends for the clips of a season, over the bytes of the clips.

    tests/bench/bytes.py BINARY [FORMAT...]

Nineteen one-minute clips out of six episodes of 75 minutes, from an nginx of our own on loopback;
the bytes are those of its access log. The second run is one with a full cache, and has no bytes to
fetch. Each format has its limit, and passing one is a failure:

    MP3 of constant bitrate   1.06 of the clips
    M4A                       1.1 of the clips and the index (moov), without which nothing is found
    Opus                      1.25 of the clips
    MP3 of variable bitrate   the bytes up to the last clip's end, once: what is in front of a clip
                              has to be counted, frame by frame. A hundredth more is for blocks.
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
LENGTH = 60  # of a clip, in seconds
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


BITRATES = {  # kbit/s of layer III by the header's index: MPEG-1, and the lower sample rates
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)}
RATES = (44100, 48000, 32000, 0)


def frames(data):
    """Offset, size and seconds of each frame behind the ID3v2 tag (ISO 11172-3, 2.4.1.3)."""
    at = 0
    if data[:3] == b"ID3":
        at = 10 + (data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9])
    while at + 4 <= len(data) and data[at] == 0xff:
        full = data[at + 1] >> 3 & 3 == 3
        halvings = {3: 0, 2: 1, 0: 2}[data[at + 1] >> 3 & 3]
        rate = RATES[data[at + 2] >> 2 & 3] >> halvings
        bits = BITRATES[full][data[at + 2] >> 4] * 1000
        samples = 1152 if full else 576
        size = samples // 8 * bits // rate + (data[at + 2] >> 1 & 1)
        yield at, size, samples / rate
        at += size


def bytes_to_last_clip(path):
    """What has to be read of an MP3 whose frames are counted, of all episodes together."""
    ends = {number: max(at + LENGTH for at, of in CLIPS if of == number) for number in NUMBERS}
    found, seconds = {}, 0
    for at, size, length in frames(path.read_bytes()):
        seconds += length
        for number, end in ends.items():
            if seconds >= end:
                found.setdefault(number, at + size)
    return sum(found.values())


def bound(name, path, clips):
    """What the server may send for clips of so many bytes, and what that is."""
    if name == "m4a":
        index = len(NUMBERS) * moov_size(path)
        return 1.1 * (clips + index), f"1.1 of clips and moov ({index:,})"
    if name == "opus":
        return 1.25 * clips, "1.25 of the clips"
    if "vbr" in name:
        needed = bytes_to_last_clip(path)
        return 1.01 * needed, f"1.01 of what is before the last clips' ends ({needed:,})"
    return 1.06 * clips, "1.06 of the clips"


def run_once(binary, folder, words, nginx):
    """The clips as the manifest has them, the bytes and answers of the server, and seconds."""
    begin = time.monotonic()
    done = subprocess.run([binary, "clip", "--json", "--end", "fixed", "--length", f"{LENGTH}s",
                           "-o", folder, *words], stdout=subprocess.PIPE, check=True)
    seconds = time.monotonic() - begin
    return json.loads(done.stdout)["clips"], *nginx.take_log(), seconds


def measure(binary, cache, name):
    """Prints what was sent, and says whether that is within the limit."""
    path, good = episode(cache, name).resolve(), True
    with tempfile.TemporaryDirectory(prefix="clipnotes-bench-") as text:
        folder = Path(text)
        (folder / "www").mkdir()
        folder.chmod(0o755)
        nginx = Nginx(folder, folder / "www")
        try:
            notes, words = season(folder, nginx, path)
            words = [notes, "--cache-dir", folder / "cache", *words]
            for run in ("first", "second"):
                clips, sent, answers, seconds = run_once(binary, folder / run, words, nginx)
                size = sum(clip["bytes"] for clip in clips)
                exact = sum(clip["exact"] for clip in clips)
                limit, what = bound(name, path, size) if run == "first" else (0, "nothing")
                good = good and sent <= limit
                print(f"{name:15} {run:6}  sent {sent:>11,}  clips {size:>10,}  "
                      f"ratio {sent / size:6.3f}  answers {answers:>4}  "
                      f"exact {exact}/{len(clips)}  {seconds:5.2f} s\n"
                      f"{'':15} {'good' if sent <= limit else 'TOO MUCH':8}  limit {what}: "
                      f"{limit:,.0f}", flush=True)
        finally:
            nginx.stop()
    return good


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    cache = os.environ.get("CLIPNOTES_TEST_CACHE",
                           Path(sys.argv[1]).resolve().parent / "test-cache")
    sys.exit(not all([measure(sys.argv[1], Path(cache), name) for name in sys.argv[2:] or FORMATS]))


if __name__ == "__main__":
    main()
