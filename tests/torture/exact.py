#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Cuts random clips out of generated episodes and has other programs judge them.

usage: exact.py CUTTER FOLDER [--cuts N] [--seed N] [--only TEXT] [--verify edges|full]

CUTTER is the test program of this folder. FOLDER keeps the episodes, which are made once, whatever is built. For each
clip the judge decodes the whole episode and the clip (ffmpeg; oggdec for Vorbis; MP3 by mpg123 as well) and compares
the clip with the slice of the episode, byte by byte. What must hold:

  - MP3, FLAC, ALAC, PCM and anything in Matroska: the very samples, no more, no less. FLAC's own test passes.
  - AAC in MP4: the very samples, then at most 1023 more, which the result tells.
  - Opus: the very number, no sample off by more than 1e-3.
  - Encoded in another format: as many samples as the range has, at the rate of the clip.
  - Whatever the clip: `exact` is what the judge finds, `error_micros` is the length's error that it finds, and
    `max_diff` is 0 just where it finds no difference.

Exit status 0 where all holds, 1 where not, 77 where a program that makes or judges the episodes is missing.
"""
import argparse
import array
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

SECONDS = 24
TOOLS = "ffmpeg ffprobe lame flac oggenc oggdec opusenc mpg123".split()
BATCH = 24  # clips that one ffmpeg decodes

# ffmpeg loses what is to be skipped where a clip starts and ends within one packet: of shorter clips only
# honesty is asked.
SHORTEST = {"mp3": 1152, "m4a": 1024, "aac": 1024, "ogg": 8192, "opus": 2880}

# What speech, music and applause are to a codec: tones that come and go over noise, hard left and right.
SIGNAL = ("aevalsrc='0.35*sin(2*PI*(180+90*sin(2*PI*0.7*t))*t)*(0.5+0.5*sin(2*PI*2.3*t))+{noise}*(random(0)-0.5)"
          "*(0.6+0.4*sin(2*PI*5*t))|0.3*sin(2*PI*(420+60*sin(2*PI*1.1*t))*t)*(0.5+0.5*sin(2*PI*1.7*t+1))"
          "+{noise}*(random(1)-0.5)*(0.6+0.4*sin(2*PI*3*t))':s={rate}:d={seconds}")


class Source:
    """An episode: how it is made out of a WAV, and what may be expected of its clips."""

    def __init__(self, name, make, rate=44100, channels=2, judge="ffmpeg", kind="exact", formats=("copy",),
                 noise=0.3, codec="s16"):
        self.name, self.make, self.rate, self.channels = name, make, rate, channels
        self.judge, self.kind, self.formats, self.noise, self.codec = judge, kind, formats, noise, codec

    def codec_is_lossy(self):
        return not self.name.startswith("alac") and self.name.split(".")[-1] in SHORTEST


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)


def ffmpeg(*arguments):
    run("ffmpeg", "-v", "error", "-nostdin", "-y", *arguments)


def lame(*options):
    return lambda wav, out: run("lame", "--quiet", *options, wav, out)


def by_ffmpeg(*options):
    return lambda wav, out: ffmpeg("-i", wav, *options, out)


def voaac(muxer, bitrate):
    def make(wav, out):
        run("gst-launch-1.0", "-q", "filesrc", f"location={wav}", "!", "wavparse", "!", "audioconvert", "!",
            "voaacenc", f"bitrate={bitrate}", "!", *muxer.split(), "!", "filesink", f"location={out}")
    return make


def flac(*options):
    return lambda wav, out: run("flac", "-s", "-f", *options, wav, "-o", out)


def wasted_bits(wav, out):
    """16 bits in a stream of 24."""
    ffmpeg("-i", wav, "-c:a", "pcm_s24le", out + ".wav")
    flac("-5")(out + ".wav", out)
    os.remove(out + ".wav")


def oggenc(*options):
    return lambda wav, out: run("oggenc", "--quiet", *options, wav, "-o", out)


def opusenc(*options):
    return lambda wav, out: run("opusenc", "--quiet", *options, wav, out)


def copy(wav, out):
    shutil.copyfile(wav, out)


def with_ape(wav, out):
    """An APEv2 tag at the end, and an ID3v1 tag behind it."""
    lame("-b", "96")(wav, out)
    item = struct.pack("<II", 4, 0) + b"Title\0Name"
    footer = struct.pack("<8sIIII8s", b"APETAGEX", 2000, len(item) + 32, 1, 0, b"")
    with open(out, "ab") as file:
        file.write(item + footer + b"TAG" + b"x" * 125)


def with_cover(wav, out):
    cover = out + ".jpg"
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=320x320", "-frames:v", "1", cover)
    lame("-b", "128", "--tt", "Title", "--ta", "Artist", "--ti", cover)(wav, out)


def gated(make):
    """As recordings are between whose words a gate closes: digital silence, which encoders make little of."""
    def make_gated(wav, out):
        quiet = out + ".gated.wav"
        ffmpeg("-i", wav, "-af", "volume=0:enable='lt(mod(t,2.3),1)'", "-c:a", "pcm_s16le", "-bitexact", quiet)
        make(quiet, out)
        os.remove(quiet)
    return make_gated


ENCODED = ("mp3", "m4a", "opus", "ogg", "flac", "wav")
MKA = ("copy", "mka")
SOURCES = [
    Source("cbr128.mp3", lame("-b", "128"), formats=MKA),
    Source("cbr128-stereo.mp3", lame("-b", "128", "-m", "s")),
    Source("cbr64-mono.mp3", lame("-b", "64", "-m", "m"), channels=1),
    Source("cbr320.mp3", lame("-b", "320")),
    Source("cbr48-48k.mp3", lame("-b", "48"), rate=48000, formats=MKA),
    Source("cbr96-32k.mp3", lame("-b", "96"), rate=32000),
    Source("v0.mp3", lame("-V", "0")),
    Source("v4.mp3", lame("-V", "4"), formats=MKA),
    Source("v9-mono.mp3", lame("-V", "9", "-m", "m"), channels=1, noise=0.02),
    Source("abr100.mp3", lame("--abr", "100"), noise=0.1),
    Source("crc.mp3", lame("-b", "112", "-p")),
    Source("crc-v2.mp3", lame("-V", "2", "-p")),
    Source("no-tag.mp3", lame("-b", "128", "-t")),
    Source("no-tag-vbr.mp3", lame("-V", "5", "-t")),
    Source("lsf22.mp3", lame("-b", "56"), rate=22050),
    Source("lsf24-v6.mp3", lame("-V", "6"), rate=24000, formats=MKA),
    Source("lsf16-mono.mp3", lame("-b", "16", "-m", "m"), rate=16000, channels=1),
    Source("mpeg25-11k.mp3", lame("-b", "24", "-m", "m"), rate=11025, channels=1),
    Source("mpeg25-8k.mp3", lame("-b", "8", "-m", "m"), rate=8000, channels=1),
    Source("ape.mp3", with_ape),
    Source("cover.mp3", with_cover),
    Source("lavf.mp3", by_ffmpeg("-c:a", "libmp3lame", "-b:a", "128k")),
    Source("aac128.m4a", by_ffmpeg("-c:a", "aac", "-aac_pns", "0", "-b:a", "128k"), kind="tail", formats=MKA),
    Source("aac64-mono.m4a", by_ffmpeg("-c:a", "aac", "-aac_pns", "0", "-b:a", "64k"), channels=1, kind="tail",
           formats=MKA),
    Source("aac96-48k.m4a", by_ffmpeg("-c:a", "aac", "-aac_pns", "0", "-b:a", "96k"), rate=48000, kind="tail"),
    Source("vo128.m4a", voaac("mp4mux", 128000), kind="tail", formats=MKA),
    Source("vo48-mono.m4a", voaac("mp4mux", 48000), rate=32000, channels=1, kind="tail", formats=MKA),
    Source("pns.m4a", by_ffmpeg("-c:a", "aac", "-b:a", "48k"), kind="noisy", formats=MKA),
    Source("ffmpeg.aac", by_ffmpeg("-c:a", "aac", "-aac_pns", "0", "-b:a", "96k"), kind="tail", formats=MKA),
    Source("vo.aac", voaac("aacparse ! audio/mpeg,stream-format=adts", 96000), kind="tail"),
    Source("alac16.m4a", by_ffmpeg("-c:a", "alac")),
    Source("alac24.m4a", by_ffmpeg("-c:a", "alac", "-sample_fmt", "s32p"), codec="s24"),
    Source("alac-mono.m4a", by_ffmpeg("-c:a", "alac"), channels=1, rate=48000, formats=MKA),
    Source("alac-surround.m4a", by_ffmpeg("-c:a", "alac"), channels=6, rate=48000),
    Source("alac-fragments.m4a", by_ffmpeg("-c:a", "alac", "-movflags", "+frag_keyframe+empty_moov", "-frag_duration",
                                           "1000000")),
    Source("b576.flac", flac("-b", "576")),
    Source("b4096.flac", flac("-8"), formats=MKA),
    Source("b16384.flac", flac("--lax", "-b", "16384"), rate=48000),
    Source("s24.flac", flac("-5"), codec="s24"),
    Source("mono.flac", flac("-0"), rate=22050, channels=1),
    Source("u8.flac", flac("-5"), rate=8000, channels=1, codec="u8"),
    Source("b1152.flac", flac("-3", "-b", "1152", "--no-seektable"), rate=32000),
    Source("b4608-96k.flac", flac("-8", "-b", "4608"), rate=96000, codec="s24"),
    Source("wasted.flac", wasted_bits, noise=0.1),
    Source("lavf.flac", by_ffmpeg("-c:a", "flac"), rate=48000),
    Source("q0.ogg", oggenc("-q", "0"), judge="oggdec", formats=MKA),
    Source("q4.ogg", oggenc("-q", "4"), judge="oggdec", formats=MKA),
    Source("q9.ogg", oggenc("-q", "9"), judge="oggdec", rate=48000),
    Source("q2-mono.ogg", oggenc("-q", "2"), judge="oggdec", rate=22050, channels=1, noise=0.02, formats=MKA),
    Source("celt.opus", opusenc("--bitrate", "128"), rate=48000, kind="close"),
    Source("celt-2.5ms.opus", opusenc("--bitrate", "96", "--framesize", "2.5"), rate=48000, kind="close"),
    Source("silk.opus", opusenc("--bitrate", "12", "--speech"), rate=48000, channels=1, kind="close"),
    Source("silk-60ms.opus", opusenc("--bitrate", "16", "--speech", "--framesize", "60"), rate=48000, channels=1,
           kind="close"),
    Source("hybrid.opus", opusenc("--bitrate", "28", "--speech"), rate=48000, channels=1, kind="close"),
    Source("resampled.opus", opusenc("--bitrate", "64"), rate=44100, kind="close", formats=MKA),
    Source("s16.wav", copy, formats=MKA),
    Source("s24.wav", copy, codec="s24"),
    Source("s32.wav", copy, codec="s32"),
    Source("f32.wav", copy, codec="f32"),
    Source("u8.wav", copy, codec="u8", channels=1, rate=8000),
    Source("surround.m4a", by_ffmpeg("-c:a", "aac", "-aac_pns", "0", "-b:a", "256k"), rate=48000, channels=6,
           kind="tail", formats=MKA),
    Source("surround.flac", flac("-5"), channels=6),
    Source("surround.ogg", oggenc("-q", "3"), channels=6, judge="oggdec", formats=MKA),
    Source("surround.opus", opusenc("--bitrate", "192"), rate=48000, channels=6, kind="close"),
    Source("surround.wav", copy, channels=6),
    Source("rf64.wav", by_ffmpeg("-rf64", "always"), rate=96000),
    Source("gated-v4-mono.mp3", gated(lame("-V", "4", "-m", "m")), rate=22050, channels=1, formats=MKA),
    Source("gated-v2.mp3", gated(lame("-V", "2"))),
    Source("gated-v5-crc.mp3", gated(lame("-V", "5", "-p")), rate=24000, channels=1),
    Source("gated-cbr96.mp3", gated(lame("-b", "96"))),
    Source("gated.m4a", gated(by_ffmpeg("-c:a", "aac", "-aac_pns", "0", "-b:a", "96k")), kind="tail", formats=MKA),
    Source("gated.ogg", gated(oggenc("-q", "3")), judge="oggdec", formats=MKA),
    Source("gated.opus", gated(opusenc("--bitrate", "24", "--speech")), rate=48000, channels=1, kind="close"),
    Source("gated.flac", gated(flac("-8"))),
    Source("alac-gated.m4a", gated(by_ffmpeg("-c:a", "alac"))),
]


def make_wav(folder, source):
    path = f"{folder}/base-{source.rate}-{source.channels}-{source.codec}-{source.noise}.wav"
    if not os.path.exists(path):
        signal = SIGNAL.format(rate=source.rate, seconds=SECONDS, noise=source.noise)
        encoder = "pcm_u8" if source.codec == "u8" else f"pcm_{source.codec}le"
        ffmpeg("-f", "lavfi", "-i", signal, "-ac", str(source.channels), "-c:a", encoder, "-bitexact",
               f"{path}.{os.getpid()}.wav")
        os.rename(f"{path}.{os.getpid()}.wav", path)
    return path


def make_source(folder, source):
    path = f"{folder}/{source.name}"
    if not os.path.exists(path):
        stem, extension = os.path.splitext(path)
        source.make(make_wav(folder, source), f"{stem}.{os.getpid()}{extension}")
        os.rename(f"{stem}.{os.getpid()}{extension}", path)
    return path


def decode_ffmpeg(paths, folder):
    """Each as interleaved 32-bit floats."""
    out = []
    for first in range(0, len(paths), BATCH):
        part = paths[first:first + BATCH]
        command = ["ffmpeg", "-v", "quiet", "-nostdin", "-y"]
        for path in part:
            command += ["-i", path]
        for i in range(len(part)):
            command += ["-map", f"{i}:a:0", "-f", "f32le", f"{folder}/decoded-{i}"]
        subprocess.run(command, check=False)
        for i in range(len(part)):
            decoded = f"{folder}/decoded-{i}"
            if not os.path.exists(decoded):
                out.append(b"")
                continue
            with open(decoded, "rb") as file:
                out.append(file.read())
            os.remove(decoded)
    return out


def decode_oggdec(paths, folder):
    """Each as interleaved 16-bit integers."""
    out = []
    for path in paths:
        run("oggdec", "-Q", "-R", "-b", "16", "-o", f"{folder}/decoded", path)
        with open(f"{folder}/decoded", "rb") as file:
            out.append(file.read())
    return out


def decode_mpg123(paths):
    out = []
    for path in paths:
        done = subprocess.run(["mpg123", "-q", "-e", "s16", "-s", path], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
        out.append(done.stdout)
    return out


def probe(path):
    """Rate and channels."""
    out = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries",
                          "stream=sample_rate,channels", "-of", "csv=p=0", path], stdout=subprocess.PIPE, text=True,
                         check=True)
    return [int(field) for field in out.stdout.split()[0].split(",")[:2]]


def largest_difference(a, b, code):
    if a == b:
        return 0
    a, b = array.array(code, a), array.array(code, b)
    return max((abs(x - y) for x, y in zip(a, b)), default=0)


def random_range(chance, samples, rate):
    """Mostly a few seconds anywhere; sometimes tiny, at the start, at the end, or past it."""
    length = chance.choice([chance.randint(1, 3000), chance.randint(rate // 10, 5 * rate),
                            chance.randint(rate // 10, 5 * rate)])
    start = chance.randrange(samples)
    place = chance.random()
    if place < 0.08:
        start = 0
    elif place < 0.16:
        start = max(0, samples - length)
    elif place < 0.2:
        start = chance.randint(0, min(4000, samples - 1))
    end = start + length
    if place > 0.04:
        end = min(end, samples)
    return start, max(end, start + 1)


class Judge:
    def __init__(self, arguments, work):
        self.arguments = arguments
        self.chance = random.Random(arguments.seed)
        self.folder = work
        self.clips = os.path.join(work, "clips")
        self.cuts = self.exact = 0
        self.problems = []
        self.cutting = 0.0
        self.rate = 0  # of the episode at hand: LAME chooses its own
        self.worst_opus = self.worst_mpg123 = 0

    def cut(self, source, path, count):
        lines, ranges = [path], []
        info = json.loads(subprocess.run([self.arguments.cutter], input=path + "\n", text=True, check=True,
                                         stdout=subprocess.PIPE).stdout)
        if "error" in info:
            self.problems.append(f"{source.name}: {info['message']}")
            return []
        self.rate = info["rate"]
        for i in range(count):
            start, end = random_range(self.chance, info["samples"], info["rate"])
            form = self.chance.choice(source.formats)
            if self.chance.random() < 0.1:
                form = self.chance.choice(ENCODED)
            ranges.append((start, min(end, info["samples"]), form))
            lines.append(f"{path}\t{start}\t{end}\t{self.clips}/{source.name}-{i}\tformat={form}"
                         f"\tverify={self.arguments.verify}")
        before = time.monotonic()
        done = subprocess.run([self.arguments.cutter], input="\n".join(lines) + "\n", text=True, check=True,
                              stdout=subprocess.PIPE)
        self.cutting += time.monotonic() - before
        results = [json.loads(line) for line in done.stdout.splitlines()[1:]]
        return list(zip(ranges, results))

    def complain(self, source, where, text):
        self.problems.append(f"{source.name} {where}: {text}")

    def judge(self, source, where, result, want, got, width, judge):
        start, end, form = where
        code = "h" if judge == "oggdec" else "f"
        off = (len(got) - len(want)) // width
        if len(got) != len(want) and source.kind != "tail":
            off = (len(got) - len(want)) / width
        difference = largest_difference(want, got[:len(want)], code)
        truly = off == 0 and difference == 0
        self.exact += truly
        if result["exact"] != truly:
            self.complain(source, where, f"says exact: {result['exact']}; judge: {off} samples, "
                          f"{difference:g}; {result['why']}")
        error = abs(off) * 1e6 / self.rate
        if difference == 0 and abs(result["error_micros"] - error) > 1:
            self.complain(source, where, f"says {result['error_micros']} us off; judge: {error:.0f}")
        if off == 0 and (result["max_diff"] == 0) != (difference == 0):
            self.complain(source, where, f"says max_diff: {result['max_diff']:g}; judge: {difference:g}")
        self.hold(source, where, end - start, form, off, difference)

    def hold(self, source, where, length, form, off, difference):
        """What each format promises."""
        kind = "exact" if form == "mka" and source.kind == "tail" else source.kind
        tiny = source.codec_is_lossy() and length < SHORTEST[source.name.split(".")[-1]]
        if source.name.endswith(".opus"):
            self.worst_opus = max(self.worst_opus, 0 if tiny else difference)
        if kind == "exact" and not tiny and (off or difference):
            self.complain(source, where, f"judge: {off} samples, {difference:g}")
        elif kind == "tail" and not tiny and (difference or not 0 <= off < 1024):
            self.complain(source, where, f"judge: {off} samples, {difference:g}")
        elif kind == "close" and not tiny and (off or difference > 1e-3):
            self.complain(source, where, f"judge: {off} samples, {difference:g}")

    def check(self, source, path, cuts):
        """Each clip with the judge of its container."""
        width = 4 * source.channels
        whole = decode_ffmpeg([path], self.folder)[0]
        files = {id(result): result["file"] for _, result in cuts if "file" in result}
        encoded = [(w, r) for w, r in cuts if "file" in r and w[2] in ENCODED and r["method"] == "encode"]
        self.check_encoded(source, encoded)
        cuts = [(w, r) for w, r in cuts if (w, r) not in encoded]
        by_ogg = [(w, r) for w, r in cuts if "file" in r and r["file"].endswith(".ogg") and source.judge == "oggdec"]
        by_ff = [(w, r) for w, r in cuts if "file" in r and (w, r) not in by_ogg]
        for where, result in cuts:
            if id(result) not in files:
                self.complain(source, where, result.get("message"))
        for (where, result), got in zip(by_ff, decode_ffmpeg([r["file"] for _, r in by_ff], self.folder)):
            self.judge(source, where, result, whole[where[0] * width:where[1] * width], got, width, "ffmpeg")
        if by_ogg:
            whole = decode_oggdec([path], self.folder)[0]
            width //= 2
            for (where, result), got in zip(by_ogg, decode_oggdec([r["file"] for _, r in by_ogg], self.folder)):
                self.judge(source, where, result, whole[where[0] * width:where[1] * width], got, width, "oggdec")
        self.check_flac(source, [(w, r) for w, r in by_ff if r["file"].endswith(".flac")])
        if source.name.endswith(".mp3"):
            self.check_mpg123(source, path, [(w, r) for w, r in by_ff if r["file"].endswith(".mp3")])

    def check_encoded(self, source, cuts):
        """Only the number of samples; what oggdec and ffmpeg say of Vorbis differs, and oggdec is right."""
        for where, result in cuts:
            form = where[2]
            decode, size = (decode_oggdec, 2) if form == "ogg" else (decode_ffmpeg, 4)
            got = decode([result["file"]], self.folder)[0]
            rate, channels = probe(result["file"])
            samples = len(got) / size / channels
            wanted = ((where[1] - where[0]) * rate * 2 + self.rate) // (2 * self.rate)
            truly = samples == wanted
            self.exact += truly
            if result["exact"] != truly:
                self.complain(source, where, f"says exact: {result['exact']}; {samples} instead of {wanted} samples")
            elif not truly and wanted > 2000:
                self.complain(source, where, f"{samples} instead of {wanted} samples")

    def check_flac(self, source, cuts):
        """The MD5 of the sound and all checksums."""
        for where, result in cuts:
            done = subprocess.run(["flac", "-s", "-w", "-t", result["file"]], stderr=subprocess.PIPE, text=True,
                                  check=False)
            if done.returncode:
                self.complain(source, where, done.stderr)

    def check_mpg123(self, source, path, cuts):
        width = 2 * source.channels
        whole = decode_mpg123([path])[0]
        for (where, result), got in zip(cuts, decode_mpg123([r["file"] for _, r in cuts])):
            want = whole[where[0] * width:where[1] * width]
            if not result["exact"]:
                continue
            off = (len(got) - len(want)) // width
            difference = largest_difference(want, got, "h")
            self.worst_mpg123 = max(self.worst_mpg123, difference)
            if off or difference > 1:
                self.complain(source, where, f"mpg123: {off} samples, {difference} of 32768")

    def run(self):
        sources = [s for s in SOURCES if self.arguments.only in s.name]
        if not shutil.which("gst-launch-1.0"):  # a second AAC encoder
            print("gst-launch-1.0 is missing: no episodes by voaacenc")
            sources = [s for s in sources if not s.name.startswith("vo")]
        share = max(1, round(self.arguments.cuts / len(sources)))
        for source in sources:
            path = make_source(self.arguments.folder, source)
            os.makedirs(self.clips, exist_ok=True)
            known, exact = len(self.problems), self.exact
            cuts = self.cut(source, path, share)
            self.cuts += len(cuts)
            self.check(source, path, cuts)
            shutil.rmtree(self.clips)
            print(f"{source.name}: {len(cuts)} cuts, {self.exact - exact} exact, "
                  f"{len(self.problems) - known} problems", flush=True)
        for problem in self.problems:
            print("PROBLEM", problem)
        print(f"{self.cuts} cuts of {len(sources)} episodes, {self.exact} exact, {len(self.problems)} problems; "
              f"Opus at most {self.worst_opus:g}, mpg123 at most {self.worst_mpg123}; "
              f"{self.cutting:.1f} s of cutting")
        return 1 if self.problems or not self.cuts else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("cutter")
    parser.add_argument("folder")
    parser.add_argument("--cuts", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--verify", default="edges")
    arguments = parser.parse_args()
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        print("missing:", ", ".join(missing))
        return 77
    os.makedirs(arguments.folder, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        return Judge(arguments, work).run()


if __name__ == "__main__":
    sys.exit(main())
