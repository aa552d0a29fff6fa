# SPDX-License-Identifier: MIT
"""Spoken episodes of which every pause is known. They are kept as those of media.py are."""

import functools
import json
import shutil
import subprocess

import numpy

from media import kept

RATE = 44100
VOICES = [("en-us+m3", 165, 50), ("en-gb+f2", 175, 55), ("en-gb-scotland+m7", 150, 45),
          ("en-us+f4", 185, 60)]
SENTENCES = """\
The ferry left the harbour before the fog had lifted, and nobody on board could see the quay.
Nobody expected the captain to turn around, least of all the captain.
It was the first time that a timetable had been printed twice.
We asked the baker how he knows that a loaf is done; he knocks on it.
Bread does not care what time it is in Oslo or in Lisbon.
There were three engineers, two clocks, and one very patient dog.
When the server sleeps, the bill sleeps as well.
Most of the day there is simply nothing to do for this program.
You wake it up, it answers, and then it forgets you.
Half of the interviews were recorded in a kitchen.
Some stories need a long silence before they begin.
That was the moment when I stopped believing in dashboards.
The tape had been lying in a drawer for eleven years.
So we rewrote the scheduler, twice, and threw away the second one.
Thanks for listening, and see you in the next season.
Is there anything that you would do differently today?
Yes, I would start with the tests.
He picked up the phone, dialled the wrong number, and made a friend.
The archive holds every broadcast since nineteen sixty four.
What we needed was not speed but quiet.""".splitlines()


@functools.lru_cache(maxsize=None)
def speak(text, voice):
    """Samples from the first sound to the last."""
    name, speed, pitch = voice
    wav = subprocess.run(["espeak-ng", "-v", name, "-s", str(speed), "-p", str(pitch), "--stdout",
                          text], check=True, stdout=subprocess.PIPE).stdout
    data = wav[wav.index(b"data") + 8:]
    pcm = numpy.frombuffer(data[:len(data) // 2 * 2], "<i2").astype("f4") / 32768
    heard = numpy.nonzero(numpy.abs(pcm) > 0.003)[0]
    pcm = pcm[heard[0]:heard[-1] + 1]
    places = numpy.arange(len(pcm) * RATE // 22050) * 22050 / RATE
    return numpy.interp(places, numpy.arange(len(pcm)), pcm).astype("f4")


def silence(count, _dice):
    return numpy.zeros(count, "f4")


def room(count, dice):
    return dice.standard_normal(count).astype("f4") * 0.002


def noise(count, dice):
    rough = dice.standard_normal(count).astype("f4")
    return numpy.convolve(rough, numpy.ones(8, "f4") / 8, "same") * 0.02


def chords(count, _dice, loudness=0.008):
    """Four chords with three overtones, struck every 0.6 s."""
    keys = [(220, 277.2, 329.6), (196, 246.9, 293.7), (174.6, 220, 261.6), (164.8, 207.7, 246.9)]
    music = numpy.zeros(count, "f4")
    beat = int(RATE * 0.6)
    for i, start in enumerate(range(0, count, beat)):
        size = min(beat, count - start)
        time = numpy.arange(size) / RATE
        struck = 0.5 + 0.5 * numpy.exp(-2 * time) * numpy.minimum(1, time / 0.01)
        for key in keys[i // 4 % 4]:
            for overtone in (1, 2, 3, 4):
                tone = numpy.sin(2 * numpy.pi * key * overtone * (start / RATE + time))
                music[start:start + size] += struck * tone / 2 ** (overtone - 1)
    return music * loudness


def loud_chords(count, dice):
    return chords(count, dice, 0.016)


def loudness(sound):
    """Root mean square of what sounds."""
    heard = sound[numpy.abs(sound) > 0.01]
    return float(numpy.sqrt((heard ** 2).mean()))


def beneath_speech(make, decibels):
    """`make`, so many decibels below the voice."""
    def mixed(count, dice, voice):
        sound = make(count, dice)
        return sound * (loudness(voice) / loudness(sound * 10) * 10 * 10 ** (decibels / 20))
    mixed.__name__ = f"{make.__name__} at {decibels}"
    return mixed


def drums(count, dice):
    """A stroke each half second, over chords."""
    sound = chords(count, dice)
    for start in range(0, count, RATE // 2):
        size = min(RATE // 8, count - start)
        fall = numpy.exp(-40 * numpy.arange(size) / RATE)
        sound[start:start + size] += (dice.standard_normal(size) * fall * 0.05).astype("f4")
    return sound


def write_episode(path, voice, beneath, seconds, seed):
    """Writes an MP3 and returns the voice alone and the pauses between sentences, in seconds."""
    def mixed(count, dice, _voice):
        return beneath(count, dice)
    mixed.__name__ = beneath.__name__
    return write_talk(path, [voice], [1], mixed, seconds, seed)


def write_talk(path, voices, levels, beneath, seconds, seed, pauses=(0.3, 0.9)):
    """The same for several voices, each at its level, who take turns of three sentences."""
    def make(folder, *_facts):
        alone, gaps = make_talk(folder / "talk.mp3", voices, levels, beneath, seconds, seed, pauses)
        numpy.save(folder / "alone.npy", alone)
        (folder / "gaps.json").write_text(json.dumps(gaps))
    made = kept(make, voices, levels, beneath.__name__, seconds, seed, pauses)
    shutil.copyfile(made / "talk.mp3", path)
    return numpy.load(made / "alone.npy"), json.loads((made / "gaps.json").read_text())


def make_talk(path, voices, levels, beneath, seconds, seed, pauses):
    dice = numpy.random.default_rng(seed)
    parts, gaps, at, count = [], [], 0, 0
    while at < seconds * RATE:
        turn = count // 3 % len(voices)
        count += 1
        said = (speak(SENTENCES[dice.integers(len(SENTENCES))], voices[turn]) *
                (dice.uniform(0.7, 1) * levels[turn]))
        pause = int(dice.uniform(*pauses) * RATE)
        gaps.append(((at + len(said)) / RATE, (at + len(said) + pause) / RATE))
        parts += [said, numpy.zeros(pause, "f4")]
        at += len(said) + pause
    alone = numpy.concatenate(parts)
    mixed = alone + beneath(len(alone), dice, alone)
    mixed *= min(1, 0.99 / numpy.abs(mixed).max())
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "s16le", "-ar", str(RATE), "-ac", "1",
                    "-i", "-", "-b:a", "96k", str(path)],
                   input=(mixed * 32767).astype("<i2").tobytes(), check=True)
    return alone, gaps
