# SPDX-License-Identifier: MIT
"""clipnotes list: what the notes hold."""

import json
import subprocess

FINALE = "samples/season-finale.md"


def listed(result):
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["version"] == 1
    return document["notes"]


def test_samples_hold_nine_clips(clipnotes, root):
    [page] = listed(clipnotes("list", "--json", root / FINALE))
    assert page["title"] == "Season 1 – Finale"
    assert (page["season"], page["episode"], page["date"]) == (1, 4, "2025-04-17")
    assert [clip["number"] for clip in page["clips"]] == list(range(1, 10))
    second = page["clips"][1]
    assert second["label"] == "Clip 2: Jörn Halvorsen: \"The oven doesn't care about time zones\""
    assert second["title"] == "Jörn Halvorsen: \"The oven doesn't care about time zones\""
    assert second["url"] == "https://example.org/podcast/s01e02-bakery-clock?t=3%3A20"
    assert second["page"] == "https://example.org/podcast/s01e02-bakery-clock"
    assert (second["start_ms"], second["end_ms"]) == (200_000, None)
    lines = (root / FINALE).read_text().splitlines()
    for clip in page["clips"]:
        assert clip["label"].split(":")[0] in lines[clip["line"] - 1]
    assert page["chapters"] == [] and page["warnings"] == []


SEED = [  # number, start in seconds, slug
    (1, 3340, "s01e01-influxdata"), (2, 989, "s01e05-tweede-golf"), (3, 984, "s01e02-pubnub"),
    (4, 444, "s01e03-apollo"), (5, 1060, "s01e04-arroyo"), (6, 3243, "s01e06-sentry"),
    (7, 1045, "s01e02-pubnub"), (8, 1137, "s01e05-tweede-golf"), (9, 2132, "s01e03-apollo"),
    (10, 1525, "s01e01-influxdata"), (11, 2987, "s01e01-influxdata"), (12, 3436, "s01e06-sentry"),
    (13, 2809, "s01e01-influxdata"), (14, 1782, "s01e04-arroyo"), (15, 1760, "s01e04-arroyo"),
    (16, 798, "s01e05-tweede-golf"), (17, 913, "s01e05-tweede-golf"), (18, 2244, "s01e02-pubnub"),
    (19, 1449, "s01e03-apollo")]


def test_seed_holds_nineteen_clips_and_nothing_else(clipnotes, shared):
    [page] = listed(clipnotes("list", "--json", shared / "seed" / "season-finale.md"))
    found = [(clip["number"], clip["start_ms"] / 1000,
              clip["page"].rstrip("/").rsplit("/", 1)[1]) for clip in page["clips"]]
    assert found == SEED
    assert page["clips"][0]["title"] == "Paul Dix talking about Rust adoption at InfluxData"
    assert page["clips"][0]["page"] == "https://corrode.dev/podcast/s01e01-influxdata/"
    assert page["clips"][0]["line"] == 34
    assert page["chapters"] == []


def test_table_names_every_clip(clipnotes, root):
    result = clipnotes("list", root / FINALE)
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert "Season 1 – Finale" in lines[0]
    assert "3:20" in lines[2] and "s01e02-bakery-clock" in lines[2]
    assert lines[2].endswith("Jörn Halvorsen: \"The oven doesn't care about time zones\"")
    assert "9 clips, 0 chapters" in lines[-1]
    assert "\033" not in result.stdout


def test_colours_on_demand(clipnotes, root):
    assert "\033[" in clipnotes("list", "--color", "always", root / FINALE).stdout


def test_table_fits_the_terminal(binary, root):
    """`script` gives the program a terminal of 60 columns."""
    result = subprocess.run(
        ["script", "-qec", f"stty cols 60; {binary} list --color never {root / FINALE}",
         "/dev/null"], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    lines = result.stdout.replace("\r", "").splitlines()
    assert any("…" in line for line in lines)
    assert all(len(line) <= 60 for line in lines[1:])


def test_standard_input(clipnotes, root):
    with open(root / FINALE) as notes:
        result = clipnotes("list", "--json", "-", stdin=notes)
    assert len(listed(result)[0]["clips"]) == 9


def test_missing_file_is_told_and_the_rest_is_listed(clipnotes, root, tmp_path):
    result = clipnotes("list", "--json", tmp_path / "none.md", root / FINALE)
    assert result.returncode == 3
    assert "none.md: cannot be opened" in result.stderr
    assert len(json.loads(result.stdout)["notes"]) == 1
    assert clipnotes("list", tmp_path / "none.md").returncode == 1


def test_empty_notes(clipnotes, tmp_path):
    notes = tmp_path / "empty.md"
    notes.write_text("")
    [page] = listed(clipnotes("list", "--json", notes))
    assert page["clips"] == [] and page["chapters"] == []


def test_relative_links_with_a_base(clipnotes, tmp_path):
    notes = tmp_path / "notes.md"
    notes.write_text("- [A](/podcast/one?t=1:00)\n")
    [page] = listed(clipnotes("list", "--json", "--base-url", "https://show.example/", notes))
    assert page["clips"][0]["page"] == "https://show.example/podcast/one"


def test_nobody_reads_the_result(binary, root):
    """A closed pipe is an error, not a crash."""
    with subprocess.Popen([binary, "list", str(root / FINALE)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        process.stdout.close()
        process.wait(timeout=30)
        assert process.returncode in (0, 1)
