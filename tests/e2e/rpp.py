# SPDX-License-Identifier: MIT
"""A strict reader of Reaper's project files.

A file is one chunk. A chunk is a line "<NAME TOKEN...", lines of it two blanks deeper, and a line
">" below its "<". A line is a name and tokens with one blank between. A token is bare, without
blanks or quotes, or stands in the first of ", ' and ` that it does not hold."""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(r"""(?:"([^"]*)"|'([^']*)'|`([^`]*)`|([^\s"'`<>][^\s"'`]*))(?: |$)""")
INSIDE = {None: {"REAPER_PROJECT"}, "REAPER_PROJECT": {"TRACK"}, "TRACK": {"ITEM"},
          "ITEM": {"SOURCE"}, "SOURCE": set()}
NUMBERS = {"POSITION": 1, "LENGTH": 1, "SOFFS": 1, "VOLPAN": 4, "FADEIN": 7, "FADEOUT": 7,
           "SAMPLERATE": 3}
TEXTS = {"NAME", "FILE"}
ONCE = {"ITEM": {"POSITION", "LENGTH", "SOFFS", "VOLPAN", "NAME", "FADEIN", "FADEOUT"},
        "TRACK": {"NAME"}, "SOURCE": {"FILE"}, "REAPER_PROJECT": {"SAMPLERATE"}}
KINDS = {"mp3": "MP3", "wav": "WAVE", "flac": "FLAC", "ogg": "VORBIS", "m4a": "VIDEO",
         "opus": "OPUS"}


class Wrong(Exception):
    pass


@dataclass
class Chunk:
    name: str
    tokens: list
    lines: list = field(default_factory=list)  # (name, tokens)
    chunks: list = field(default_factory=list)

    def value(self, name):
        [tokens] = [tokens for key, tokens in self.lines if key == name]
        return tokens[0] if len(tokens) == 1 else tokens

    def all(self, name):
        return [chunk for chunk in self.chunks if chunk.name == name]


def split(text):
    name, _, rest = text.partition(" ")
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
        raise Wrong(f"no name: {text!r}")
    tokens, at = [], 0
    while at < len(rest):
        match = TOKEN.match(rest, at)
        if not match:
            raise Wrong(f"no token at {rest[at:]!r}")
        tokens.append(next(part for part in match.groups() if part is not None))
        at = match.end()
    if rest.endswith(" "):
        raise Wrong(f"a blank at the end: {text!r}")
    return name, tokens


def check_line(chunk, name, tokens):
    if name in NUMBERS:
        if len(tokens) != NUMBERS[name] or not all(
                re.fullmatch(r"-?\d+(\.\d+)?", token) for token in tokens):
            raise Wrong(f"{name} {tokens}")
    elif name in TEXTS and len(tokens) != 1:
        raise Wrong(f"{name} {tokens}")
    elif name == "MARKER" and not (len(tokens) == 4 and tokens[0].isdigit() and
                                   re.fullmatch(r"\d+\.\d+", tokens[1]) and tokens[3] == "0"):
        raise Wrong(f"{name} {tokens}")
    elif name not in NUMBERS and name not in TEXTS and name != "MARKER":
        raise Wrong(f"{name} in {chunk.name}")


def read(text):
    """The project's chunk; Wrong where it is none."""
    stack, project = [], None
    if not text.endswith("\n") or "\r" in text or "\t" in text:
        raise Wrong("its lines")
    for line in text[:-1].split("\n"):
        content = line.lstrip(" ")
        depth = len(stack) - (content == ">")
        if len(line) - len(content) != 2 * depth or (project and not stack):
            raise Wrong(f"depth of {line!r}")
        if content == ">":
            chunk = stack.pop()
            names = [name for name, _ in chunk.lines]
            if any(names.count(name) != 1 for name in ONCE[chunk.name]):
                raise Wrong(f"{chunk.name} has {names}")
            continue
        name, tokens = split(content.removeprefix("<"))
        if not content.startswith("<"):
            check_line(stack[-1], name, tokens)
            stack[-1].lines.append((name, tokens))
            continue
        if name not in INSIDE[stack[-1].name if stack else None]:
            raise Wrong(f"<{name} in {stack[-1].name if stack else 'the file'}")
        chunk = Chunk(name, tokens)
        if stack:
            stack[-1].chunks.append(chunk)
        else:
            project = chunk
        stack.append(chunk)
    if stack or not project:
        raise Wrong("a chunk is not closed")
    return project


def items(project, folder):
    """(track, position, length, offset, gain, name, file) of each item; times in seconds."""
    found = []
    for track in project.all("TRACK"):
        for item in track.all("ITEM"):
            [source] = item.all("SOURCE")
            file = folder / source.value("FILE")
            if source.tokens != [KINDS[file.suffix[1:].lower()]]:
                raise Wrong(f"{file} is {source.tokens}")
            found.append((track.value("NAME"), float(item.value("POSITION")),
                          float(item.value("LENGTH")), float(item.value("SOFFS")),
                          float(item.value("VOLPAN")[0]), item.value("NAME"), file))
    return found
