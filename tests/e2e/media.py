# SPDX-License-Identifier: MIT
"""Long test audio in little time, and where in it a clip truly begins.

An episode is a row of six-second pieces of noise, drawn from a pool of its own: two episodes
never share a piece, and no two neighbours stand side by side twice in one. So what a clip holds
says where it is from: six seconds name the piece, a seam between two names the place.

Only the pool is made and encoded for an MP3: 75 minutes cost as much as five. Each piece is a
stream of its own, with a bit reservoir inside and none across its ends, and such streams may be
put one behind the other frame by frame. At the seams there are 30 ms of near silence, from the
encoder's delay. Other codecs are encoded whole.
"""

import concurrent.futures
import contextlib
import fcntl
import functools
import hashlib
import io
import json
import os
import shutil
import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy
from mutagen import id3

VERSION = 1  # part of every cache key: raise it when the audio changes
PIECE_SECONDS = 6
POOL = 53  # a prime: see order()
HIGHEST_HZ = 4000  # what every codec and bitrate here keeps
ENCODERS = {
    "m4a": ("ipod", ["-c:a", "aac", "-aac_coder", "fast", "-aac_pns", "0"]),
    "opus": ("opus", ["-c:a", "libopus", "-compression_level", "0"]),
    "ogg": ("ogg", ["-c:a", "libvorbis"]),
    "flac": ("flac", ["-c:a", "flac", "-compression_level", "0"]),
    "wav": ("wav", ["-c:a", "pcm_s16le"]),
}


def cache_folder():
    """CLIPNOTES_TEST_CACHE; without it beside the program under test, or in the temporary folder."""
    cache = os.environ.get("CLIPNOTES_TEST_CACHE")
    if not cache and os.environ.get("CLIPNOTES"):
        cache = Path(os.environ["CLIPNOTES"]).resolve().parent / "test-cache"
    return Path(cache or Path(tempfile.gettempdir()) / f"clipnotes-test-cache-{os.getuid()}")


@contextlib.contextmanager
def alone_in(folder):
    """Whoever else asks for the same folder waits, so that what several tests need is made once."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def kept(make, *facts):
    """The folder that make(folder, *facts) fills where no earlier test or run has. Its files are
    shared: copy one before changing it. Whoever changes the file that `make` stands in has it made
    anew; the facts have to say the rest."""
    source = Path(make.__code__.co_filename).read_text()
    key = hashlib.sha256(json.dumps([source, make.__name__, facts]).encode()).hexdigest()[:16]
    folder = cache_folder() / key
    with alone_in(folder):
        if not (folder / ".whole").exists():
            for path in folder.iterdir():  # of one who was stopped
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
            make(folder, *facts)
            (folder / ".whole").touch()
    return folder


class Media:
    """Makes episodes and keeps them in a folder between tests and between runs. The files there
    are shared: copy one before changing it."""

    def __init__(self, cache):
        self.cache = Path(cache)

    def episode(self, name, minutes=75, codec="mp3", bitrate=128, channels=2, rate=44100,
                vbr=None, tags=None, cover=None, folder=None):
        """The path of `name`.`codec`, at most one piece longer than `minutes`.

        The same arguments give the same audio. `bitrate` is in kb/s; `vbr` is a LAME quality (0-9)
        instead of it. `tags` maps title, artist, album, date and track to text; `cover` is a PNG
        (MP3 only). With `folder`, the result is a symbolic link there."""
        if codec == "opus":
            rate = 48000
        tags = {"title": name, "album": "Test show", "artist": "Nobody", **(tags or {})}
        key = hashlib.sha256(json.dumps(
            [VERSION, name, minutes, codec, bitrate, channels, rate, vbr, tags,
             str(cover)]).encode()).hexdigest()[:16]
        made = self.cache / key / f"{name}.{codec}"
        with alone_in(made.parent):
            if not made.exists():
                part = made.with_name(f".part.{made.name}")
                sound = Sound(name, channels, rate)
                if codec == "mp3":
                    write_mp3(part, sound, minutes, bitrate, vbr, tags, cover)
                else:
                    write_by_ffmpeg(part, sound, minutes, codec, bitrate, tags)
                part.replace(made)
        if folder is None:
            return made
        link = Path(folder) / made.name
        link.symlink_to(made)
        return link

    def episodes(self, names, **options):
        """The same for several, side by side."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(lambda name: self.episode(name, **options), names))


@dataclass(frozen=True)
class Sound:
    """The noise of one episode."""
    name: str
    channels: int
    rate: int

    def piece(self, index):
        """16-bit interleaved samples of one piece of the pool."""
        seed = hashlib.sha256(f"{self.name}/{index}".encode()).digest()
        dice = numpy.random.default_rng(list(seed))
        count = PIECE_SECONDS * self.rate
        middle, side = (low_noise(dice, count, self.rate) for _ in range(2))
        if self.channels == 1:
            sides = [middle]
        else:
            sides = [middle + 0.3 * side, middle - 0.3 * side]
        return (numpy.stack(sides, axis=1) * 6000).clip(-32768, 32767).astype("<i2")


def low_noise(dice, count, rate):
    """Gaussian noise without what is above HIGHEST_HZ, of deviation 1. Made in the frequency
    domain, at a length that is quick to transform."""
    size = 1 << (count - 1).bit_length()
    spectrum = numpy.zeros(size // 2 + 1, numpy.complex64)
    used = min(size // 2, HIGHEST_HZ * size // rate)
    spectrum[1:used] = dice.standard_normal((2, used - 1), "f4").T.copy().view("c8")[:, 0]
    noise = numpy.fft.irfft(spectrum)[:count].astype("f4")
    return noise / noise.std()


def order(count):
    """`count` piece numbers with no pair of neighbours twice. For each step from 1 on, a walk in
    that step from 0 through all of the pool ends where the next one begins: a pair tells its
    step, and with that its walk."""
    if count > POOL * (POOL - 1):
        raise ValueError(f"{count} pieces are more than a pool of {POOL} can put in order")
    return [number * step % POOL for step in range(1, POOL) for number in range(POOL)][:count]


def write_by_ffmpeg(path, sound, minutes, codec, bitrate, tags):
    muxer, encoder = ENCODERS[codec]
    if codec not in ("flac", "wav"):
        encoder = [*encoder, "-b:a", f"{bitrate}k"]
    piece = functools.lru_cache(maxsize=None)(lambda index: sound.piece(index).tobytes())
    command = ["ffmpeg", "-v", "error", "-y", "-f", "s16le", "-ar", str(sound.rate),
               "-ac", str(sound.channels), "-i", "-", *encoder]
    for item in tags.items():
        command += ["-metadata", "=".join(item)]
    command += ["-flags", "+bitexact", "-fflags", "+bitexact", "-f", muxer, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as ffmpeg:
        for index in order(-(-minutes * 60 // PIECE_SECONDS)):
            ffmpeg.stdin.write(piece(index))
    if ffmpeg.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: status {ffmpeg.returncode}")


def write_mp3(path, sound, minutes, bitrate, vbr, tags, cover):
    quality = ["-b", str(bitrate)] if vbr is None else ["-V", str(vbr)]
    lame = ["lame", "--quiet", "-q", "7", "-t", *quality, "--resample", str(sound.rate / 1000),
            "-m", "m" if sound.channels == 1 else "j", "-", "-"]

    @functools.lru_cache(maxsize=None)
    def piece(index):
        wav = io.BytesIO()
        with wave.open(wav, "wb") as file:
            file.setparams((sound.channels, 2, sound.rate, 0, "NONE", ""))
            file.writeframes(sound.piece(index).tobytes())
        stream = subprocess.run(lame, input=wav.getvalue(), check=True,
                                stdout=subprocess.PIPE).stdout
        return stream, frame_sizes(stream)

    samples_a_frame = 1152 if sound.rate >= 32000 else 576
    wanted = minutes * 60 * sound.rate
    rows, sizes = [], []
    for index in order(POOL * (POOL - 1)):
        if len(sizes) * samples_a_frame >= wanted:
            break
        stream, frames = piece(index)
        rows.append(stream)
        sizes += frames
    padding = len(frames) * samples_a_frame - LAME_DELAY - PIECE_SECONDS * sound.rate
    info = info_frame(rows[0][:4], sizes, padding, vbr is not None)

    tag = id3.ID3()
    for name, text in tags.items():
        tag.add(TEXT_FRAMES[name](encoding=1, text=text))
    if cover is not None:
        tag.add(id3.APIC(encoding=0, mime="image/png", type=3, desc="",
                         data=Path(cover).read_bytes()))
    tag.update_to_v23()
    path.write_bytes(b"")
    tag.save(path, v2_version=3, v1=0, padding=lambda _: 1024)
    with path.open("ab") as file:
        file.writelines([info, *rows])


TEXT_FRAMES = {"title": id3.TIT2, "artist": id3.TPE1, "album": id3.TALB, "date": id3.TDRC,
               "track": id3.TRCK}
LAME_DELAY = 576
KBITS = {  # layer III, by whether the stream is MPEG-1
    True: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    False: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
}
RATES = {3: [44100, 48000, 32000], 2: [22050, 24000, 16000], 0: [11025, 12000, 8000]}


def frame_size(header):
    """Bytes of the frame that begins with these four."""
    if header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        raise ValueError(f"{header.hex()} is not a layer III frame")
    version = header[1] >> 3 & 3
    kbits = KBITS[version == 3][header[2] >> 4]
    slots = 144 if version == 3 else 72
    return slots * 1000 * kbits // RATES[version][header[2] >> 2 & 3] + (header[2] >> 1 & 1)


def frame_sizes(stream):
    sizes, at = [], 0
    while at < len(stream):
        sizes.append(frame_size(stream[at:at + 4]))
        at += sizes[-1]
    if at != len(stream):
        raise ValueError("the last frame is cut off")
    return sizes


def info_frame(header, sizes, padding, varies):
    """The silent first frame with the Xing or Info tag that LAME would have written: frames,
    bytes, seek table, delay and padding."""
    mpeg1 = header[1] >> 3 & 3 == 3
    mono = header[3] >> 6 == 3
    side = (17 if mono else 32) if mpeg1 else (9 if mono else 17)
    kbits = KBITS[mpeg1].index(128 if mpeg1 else 64)
    start = bytes([header[0], header[1] | 1, kbits << 4 | header[2] & 0x0C, header[3]])
    frame = bytearray(frame_size(start))
    total = len(frame) + sum(sizes)
    ends = numpy.cumsum(sizes)
    table = bytes(int(256 * (len(frame) + ends[percent * len(sizes) // 100]) / total) & 0xFF
                  for percent in range(100))
    tag = b"Xing" if varies else b"Info"
    tag += (0x0F).to_bytes(4, "big") + len(sizes).to_bytes(4, "big") + total.to_bytes(4, "big")
    tag += table + (50).to_bytes(4, "big")
    tag += b"LAME3.100" + bytes([4 if varies else 1]) + bytes(11)
    tag += (LAME_DELAY << 12 | padding).to_bytes(3, "big") + bytes(4)
    tag += total.to_bytes(4, "big") + bytes(2)
    frame[:4] = start
    frame[4 + side:4 + side + len(tag)] = tag
    crc_at = 4 + side + len(tag)
    frame[crc_at:crc_at + 2] = crc16(frame[:crc_at]).to_bytes(2, "big")
    return bytes(frame)


def crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


# Where a clip is from.

class NotFound(AssertionError):
    """The clip's audio is not where it was looked for."""


def ffmpeg_pcm(path, rate, start=0, count=None):
    """Mono float samples of `path` at its own `rate`, as ffmpeg plays it from sample `start`.

    Seeking gives the same samples as playing from the top, but for Vorbis, where libavformat is
    off by some hundreds: there all before `start` is decoded and dropped."""
    command = ["ffmpeg", "-v", "error", "-nostdin"]
    trim = []
    if start > 0 and Path(path).suffix in (".ogg", ".oga"):
        trim.append(f"start_sample={start}")
        count = None if count is None else start + count
    elif start > 0:
        command += ["-ss", f"{start / rate:.6f}"]
    if count is not None:
        trim.append(f"end_sample={count}")
    filters = ",".join([f"aresample={rate}", *(["atrim=" + ":".join(trim)] if trim else [])])
    command += ["-i", str(path), "-map", "0:a:0", "-af", filters, "-ac", "1", "-f", "f32le", "-"]
    return numpy.frombuffer(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout,
                            "<f4")


def played_together(paths, *words):
    """The float samples, interleaved, that ffmpeg plays of each path. One process decodes all: its
    start takes longer than most clips."""
    if not paths:
        return []
    with tempfile.TemporaryDirectory() as folder:
        command = ["ffmpeg", "-v", "error", "-nostdin"]
        for path in paths:
            command += ["-i", str(path)]
        for i in range(len(paths)):
            command += ["-map", f"{i}:a:0", *words, "-f", "f32le", f"{folder}/{i}"]
        subprocess.run(command, check=True)
        return [numpy.fromfile(f"{folder}/{i}", "<f4") for i in range(len(paths))]


def sample_rate(path):
    facts = os.stat(path)
    return probed_rate(str(path), facts.st_ino, facts.st_size, facts.st_mtime_ns)


@functools.lru_cache(maxsize=None)
def probed_rate(path, *_version):
    return int(subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries",
         "stream=sample_rate", "-of", "default=nw=1:nk=1", path],
        check=True, stdout=subprocess.PIPE, text=True).stdout.split()[0])


def locate(clip, source, around_ms, search_s=6, take_s=10):
    """How many samples (of the source's rate) after round(around_ms * rate / 1000) the first
    sample of `clip` lies in `source`; negative when it lies before.

    Looks `search_s` seconds to both sides, comparing the clip's first `take_s` seconds, and raises
    NotFound where they are not there."""
    rate = sample_rate(source)
    asked = round(around_ms * rate / 1000)
    part = ffmpeg_pcm(clip, rate, count=take_s * rate)
    start = max(0, asked - search_s * rate)
    wanted = asked - start + len(part) + search_s * rate
    whole = ffmpeg_pcm(source, rate, start, wanted)
    # A clip may hang over the end of its source by what its codec pads.
    whole = numpy.pad(whole, (0, min(wanted - len(whole), rate // 10)))
    at, likeness = best_match(part, whole)
    if likeness < 0.7:
        raise NotFound(f"{clip} is not within {search_s} s of {around_ms} ms in {source}: "
                       f"likeness {likeness:.2f}")
    return start + at - asked


def best_match(part, whole):
    """Where in `whole` the samples `part` fit best, and how well: 1 is a scaled copy."""
    if len(whole) < len(part) or not part.any():
        return 0, 0.0
    part, whole = part.astype("f8"), whole.astype("f8")
    size = 1 << (len(whole) - 1).bit_length()
    products = numpy.fft.irfft(numpy.fft.rfft(whole, size) *
                               numpy.fft.rfft(part, size).conj(), size)
    places = len(whole) - len(part) + 1
    energy = numpy.concatenate([[0.0], numpy.cumsum(whole ** 2)])
    windows = energy[len(part):] - energy[:places]
    likeness = products[:places] / numpy.sqrt(numpy.maximum(windows * (part ** 2).sum(), 1e-12))
    at = int(likeness.argmax())
    return at, float(likeness[at])
