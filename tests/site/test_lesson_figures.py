"""The measured figures: results are kept as soon as they are there, and the page is exactly what they give."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from leocourse.core.errors import LeoError
from leocourse.site import figures
from leocourse.site.figures import FIGURES, PAGE, RESULTS, RUN, Figure

ROOT = Path(__file__).resolve().parents[2]
MEASURED = r"[\d.,]*\d(?= (?:seconds?|minutes?|hours?|ms|[kMG]B|megabytes?|gigabytes?|million cells|times as fast)\b)"
"""A number with a unit in which something of ours is measured."""
NOT_MEASURED = {
    "README.md": {"45", "90"},  # how long lessons and assignments are meant to take
    "docs/hosting.md": {"300", "900"},  # the limits that benchmarks/site.py sets
}
QUICK = """
import argparse, sys
from leocourse.site.figures import json_option, keep_rows
parser = argparse.ArgumentParser()
parser.add_argument("what")
json_option(parser)
asked = parser.parse_args()
open("ran.txt", "a").write(asked.what + "\\n")
if asked.what == "slow":
    print("waiting", flush=True)
    import time; time.sleep(60)
if asked.what == "broken":
    sys.exit(3)
keep_rows(asked.json, [{"": "a|b", "seconds": 1234.5}, {"": asked.what, "MB": None}], ["A note."])
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a benchmark of the test's own, which notes that it ran."""
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "benchmarks" / "quick.py").write_text(QUICK, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def figure(what, **more):
    return Figure(what, what.title(), ("About it.",), ("benchmarks/quick.py", what), **more)


def ran(place):
    return (place / "ran.txt").read_text().split() if (place / "ran.txt").exists() else []


# The page and what is kept ---------------------------------------------------------------------------


def test_the_page_is_exactly_what_the_kept_results_give():
    assert (ROOT / PAGE).read_text(encoding="utf-8") == figures.page(ROOT), "run 'leo figures --page' and commit it."


def test_every_result_is_whole_and_belongs_to_a_benchmark():
    names = {path.stem for path in (ROOT / RESULTS).glob("*.json")}
    assert names <= {each.name for each in FIGURES}
    for name in names:
        found = figures.stored(ROOT, name)
        assert found["rows"] and found["cores"] > 0 and re.fullmatch(r"\d{4}-\d\d-\d\d", found["date"])
        assert "seconds" in found and found["command"].startswith(("python benchmarks/", "time make "))


NOT_FIGURES = {"coverage.py", "by_level.py"}
"""What is recorded for the book, and a report to read while working on lives."""


def test_every_benchmark_gives_figures_or_is_recorded_for_the_book():
    scripts = {path.name for path in (ROOT / "benchmarks").glob("*.py")}
    assert {Path(each.command[0]).name for each in FIGURES} == scripts - NOT_FIGURES
    started = {
        name: subprocess.Popen(
            [sys.executable, ROOT / "benchmarks" / name, "--help"], stdout=subprocess.PIPE, text=True
        )
        for name in scripts - NOT_FIGURES
    }
    for name, process in started.items():
        assert "--json FILE" in process.communicate()[0] and process.returncode == 0, name


def test_no_document_quotes_a_measured_figure_of_its_own():
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        name = path.relative_to(ROOT).as_posix()
        if name != PAGE.as_posix():
            quoted = set(re.findall(MEASURED, path.read_text(encoding="utf-8")))
            assert quoted <= NOT_MEASURED.get(name, set()), f"{name}: link to {PAGE} instead of quoting a figure"


@pytest.mark.parametrize(
    "text", ["takes 0.44 seconds", "3,629 seconds", "weighs 168 kB", "is 36 times as fast", "2.1 minutes"]
)
def test_a_quoted_figure_is_found(text):
    assert re.search(MEASURED, text)


def test_limits_in_the_documents_are_those_of_the_benchmark():
    spec = importlib.util.spec_from_file_location("site_benchmark", ROOT / "benchmarks" / "site.py")
    site = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(site)
    assert {f"{limit // 1000}" for limit in (site.LANDING, site.LESSON)} == NOT_MEASURED["docs/hosting.md"]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"command": "x", "date": "2026-01-01", "cores": "two", "rows": [], "notes": []}']
)
def test_a_result_that_is_not_whole_is_one_line(place, text):
    (place / RESULTS).mkdir()
    (place / RESULTS / "site.json").write_text(text)
    with pytest.raises(LeoError, match=r"site\.json .*measure again with 'leo figures site'") as caught:
        figures.page(place)
    assert "\n" not in str(caught.value)


def test_what_was_never_measured_is_said_on_the_page(place):
    page = figures.page(place)
    assert page.count("Not measured yet") == len(FIGURES)


# Running ---------------------------------------------------------------------------------------------


def test_a_result_is_kept_with_command_date_machine_and_seconds(place):
    said = []
    assert figures.measure(place, [figure("one")], said.append) == []
    found = figures.stored(place, "one")
    assert found["command"] == "python benchmarks/quick.py one" and found["cores"] == os.cpu_count()
    assert found["seconds"] >= 0 and found["notes"] == ["A note."]
    assert figures._table(found["rows"]) == [
        "|  | seconds | MB |", "| --- | ---: | ---: |", "| a\\|b | 1,234.5 |  |", "| one |  |  |"
    ]  # fmt: skip
    assert not (place / RUN).exists()


def test_what_fails_keeps_its_last_result_and_the_others_are_measured(place):
    (place / RESULTS).mkdir()
    old = json.dumps({"command": "c", "date": "2026-01-01", "cores": 1, "seconds": 5, "rows": [{"a": 1}], "notes": []})
    (place / RESULTS / "broken.json").write_text(old)
    said = []
    asked = [figure("broken"), figure("two")]
    assert figures.measure(place, asked, said.append) == ["broken"]
    assert "ended with exit code 3" in " ".join(said)
    assert (place / RESULTS / "broken.json").read_text() == old and figures.stored(place, "two")
    figures.measure(place, asked, said.append)
    assert ran(place) == ["broken", "two", "broken"], "what is done is not measured again"


def test_other_benchmarks_or_fresh_begin_anew(place):
    asked = [figure("broken"), figure("two")]
    figures.measure(place, asked, lambda _: None)
    figures.measure(place, asked[1:], lambda _: None)
    figures.measure(place, asked, lambda _: None, fresh=True)
    assert ran(place) == ["broken", "two", "two", "broken", "two"]


def test_what_a_benchmark_needs_is_made_first_and_its_failure_is_named(place):
    said = []
    needs = figure("one", before=("benchmarks/quick.py", "broken"))
    assert figures.measure(place, [needs], said.append) == ["one"]
    assert ran(place) == ["broken"] and "'python benchmarks/quick.py broken' failed" in said[-1]


def test_a_run_that_is_interrupted_goes_on_where_it_stopped(place):
    code = """
import sys
from pathlib import Path
from leocourse.site.figures import Figure, measure
asked = [Figure(w, w, (), ("benchmarks/quick.py", w)) for w in ("one", sys.argv[1], "three")]
asked[1] = Figure("second", "second", (), asked[1].command)
measure(Path("."), asked, lambda line: print(line, flush=True))
"""
    command = [sys.executable, "-c", code]
    process = subprocess.Popen([*command, "slow"], cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               start_new_session=True)  # fmt: skip
    while "waiting" not in (line := process.stdout.readline()) and line:
        pass
    assert figures.stored(place, "one") and not figures.stored(place, "second")
    os.killpg(process.pid, signal.SIGINT)  # Ctrl+C reaches the benchmark too
    assert "What is done is kept" in process.communicate(timeout=20)[0]
    done = subprocess.run([*command, "quick"], cwd=place, capture_output=True, text=True, check=True)
    assert "Done before: one." in done.stdout
    assert ran(place) == ["one", "slow", "quick", "three"]


def test_the_plan_says_what_runs_and_how_long_it_took(place):
    (place / RESULTS).mkdir()
    for name, seconds in (("one", 3_600), ("two", 40), ("three", None)):
        kept = {"command": "c", "date": "2026-01-01", "cores": 1, "seconds": seconds, "rows": [], "notes": []}
        (place / RESULTS / f"{name}.json").write_text(json.dumps(kept))
    one, two, three, new, total = figures.plan(place, [figure(n) for n in ("one", "two", "three", "new")])
    assert "60 minutes, measured on 2026-01-01" in one and "40 seconds" in two
    assert "nobody has noted" in three and "nobody has noted" in new
    assert "In all about 61 minutes, and 2 of unknown length" in total


def test_the_longest_runs_only_when_it_is_named():
    assert "extract-39-million" not in [each.name for each in figures.chosen([])]
    assert [each.name for each in figures.chosen(["extract-39-million"])] == ["extract-39-million"]
    with pytest.raises(LeoError, match="Did you mean 'marking'"):
        figures.chosen(["markign"])


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 seconds"), (1, "1 second"), (119, "119 seconds"), (120, "2 minutes"),
                                                (3_629, "60 minutes"), (7_200, "2 hours")])  # fmt: skip
def test_durations_in_words(seconds, words):
    assert figures.duration(seconds) == words


# The benchmark of the course itself ------------------------------------------------------------------


def test_the_course_is_cloned_made_twice_and_tested(place):
    spec = importlib.util.spec_from_file_location("course_benchmark", ROOT / "benchmarks" / "course.py")
    course = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(course)
    source = place / "source"
    source.mkdir()
    (source / "Makefile").write_text(
        "course:\n\tmkdir -p .venv data _build\n\techo made >> said\ntest:\n\techo tested >> said\n"
    )
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.org", "-C", str(source)]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run([*git, *arguments], check=True)
    rows = course.measured(source, place / "clone")
    assert (place / "clone" / "said").read_text().split() == ["made", "made", "tested"]
    assert [row["minutes"] >= 0 for row in rows] == [True] * 3 and "environment, MB" in rows[0]
    (source / "Makefile").write_text("course:\n\texit 1\n")
    subprocess.run([*git, "commit", "-qam", "broken"], check=True)
    with pytest.raises(SystemExit, match="make course"):
        course.measured(source, place / "again")
