# SPDX-License-Identifier: MIT
"""The recap's page in a browser."""

import re

import pytest

import speech
from browser import browse

LABELS = [
    "Somebody on <script>window.hacked=1</script> & \"more\"",
    "\"><img src=x onerror=window.hacked=1>",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2,
    "</style></title><svg onload=window.hacked=1>",
    "Alexandrina Westhuizen-Montgomery-Featherstonehaugh: A long name beside a length",
]


def escaped(label):
    return "".join("\\" + letter if letter in "\\`*_[]<>&#|\"" else letter for letter in label)


@pytest.fixture(name="recap", scope="module")
def make_recap(clipnotes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    speech.write_episode(folder / "e1.mp3", speech.VOICES[0], speech.silence, 60, seed=5)
    (folder / "notes.md").write_text(
        "---\ntitle: Season <b>1</b> & </h1><script>window.hacked=1</script>\n---\n" + "".join(
            f"- [{escaped(label)}](https://show.example/e1?t={8 * n})\n"
            for n, label in enumerate(LABELS)) + "- [Lost](https://show.example/e9?t=3)\n")
    done = clipnotes("recap", folder / "notes.md", "--audio-dir", folder, "-o", folder / "out",
                     "--length", "6s", "--end", "fixed", "--offline")
    assert done.returncode == 3, done.stderr
    return folder / "out"


@pytest.fixture(name="visits", scope="module")
def visit(recap):
    return browse((recap / "index.html").as_uri())


def test_it_asks_for_nothing_but_its_audio(recap, visits):
    for found in visits.values():
        page, *others = found["asked"]
        assert page == (recap / "index.html").as_uri()
        assert set(others) <= {(recap / name).as_uri() for name in found["players"]}
        assert found["said"] == []


def test_labels_are_text(visits):
    for found in visits.values():
        assert not found["hacked"]
        assert found["headings"][:len(LABELS)] == LABELS
        assert found["headings"][len(LABELS):] == ["Lost"]
        assert found["title"] == "Season <b>1</b> & </h1><script>window.hacked=1</script>"
        assert all(link.startswith("https://show.example/e") for link in found["links"])
        assert len(found["links"]) == len(LABELS) + 1


def test_no_script_but_the_pages_own_runs(recap):
    """Were a label not escaped one day, the page's policy would still hold it."""
    page = (recap / "index.html").read_text()
    broken = recap / "broken.html"
    broken.write_text(page.replace(
        "<h2>Clips</h2>", "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
        "<img src=https://show.example/x.png><h2>Clips</h2>"))
    found = browse(broken.as_uri(), "360 light")["360 light"]
    broken.unlink()
    assert not found["hacked"]
    refused = [said for said in found["said"] if "Content Security Policy" in said]
    assert any("x.png" in said for said in refused) and any("script" in said for said in refused)


def test_every_player_plays(recap, visits):
    for found in visits.values():
        assert len(found["players"]) == len(LABELS) + 1
        assert all((recap / name).is_file() for name in found["players"])
        assert found["durations"][1:] == pytest.approx([6] * len(LABELS), abs=0.06)


def test_it_fits_a_phone_and_can_be_read(visits):
    for name, found in visits.items():
        assert found["width"] <= int(name.split()[0])
        assert found["smallest"] >= 14
        assert found["contrast"] >= 4.5
        assert found["lowest"] >= 44


def test_no_dot_begins_a_line(visits):
    """Between facts there is one; it is drawn where it is cut off once a line begins there."""
    for name, found in visits.items():
        assert not found["dots"] and max(map(abs, found["indents"])) <= 1
        assert (len(found["indents"]) > len(LABELS)) == name.startswith("360")


def test_the_sum_tells_of_what_is_missing(visits):
    for found in visits.values():
        assert re.fullmatch(rf"{len(LABELS)} of {len(LABELS) + 1} clips from 1 episode, "
                            r"0:\d\d in all", found["sum"])


def test_by_keyboard(visits):
    """Tab reaches everything and shows where it is; Enter on a chapter plays from there."""
    for found in visits.values():
        steps = found["steps"]
        assert steps[0]["text"] == "Skip to the clips" and steps[1]["name"] == "AUDIO"
        assert "AUDIO" in [step["name"] for step in steps]
        assert all(step["seen"] for step in steps)
        jump = found["jump"]
        assert jump["at"] <= jump["position"] < jump["at"] + 3
        assert jump["marked"] == found["chapters"][1]
        assert jump["page"] == found["asked"][0]
