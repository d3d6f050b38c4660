"""Live cells and questions in Chromium, on small pages that carry what the book's pages carry."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import threading
from pathlib import Path

import pytest

from leocourse.authoring.exercise import exercise_folders, load_exercises, page_of
from leocourse.authoring.question import assignment_folders, load_assignment
from leocourse.checks import reading
from leocourse.checks.assignment import assignment
from leocourse.site.live import program
from leocourse.site.live.cells import sql_questions

ROOT = Path(__file__).resolve().parents[2]
MILLION = "SELECT range AS n FROM range(1000000)"
EDITS = [
    "SELEC 1", "SELECT * FROM nothing_of_the_kind", MILLION, "SELECT NULL AS a, 0.1 AS b, DATE '9999-12-31' AS c",
    'SELECT COUNT(*) AS rows_there FROM npd_i2."2005003".cin_2009_to_2021', "CREATE TABLE x1 AS SELECT 1 AS a",
    "SELECT COUNT(*) FROM duckdb_views() WHERE NOT internal",
    # The name of a view that is put together while the query runs.
    "SELECT * FROM query('SELECT COUNT(*) AS n FROM lilr_i2.\"2005003\".' || 'lear' || 'ners')",
]  # fmt: skip
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="_static/leo-live.css">
<script defer src="_static/leo-live.js"></script></head><body><main class="bd-content">{}</main></body></html>"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A plain server of files, as any host of static pages is."""

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def served(site, steps, tmp_path_factory):
    """Small pages under a path of their own, and the address that they are served at."""
    home = tmp_path_factory.mktemp("served")
    folder = home / "some" / "path"
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / program.LOADER, folder / "_static")
    (folder / "leo-web").symlink_to(site)
    for page, cells in steps.items():
        shown = "".join('<div class="cell tag_sql"><pre>SQL</pre></div>' for cell in cells if cell["tagged"])
        data = f'<script type="application/json" id="leo-steps">{json.dumps(cells).replace("<", chr(92) + "u003c")}</script>'
        (folder / f"{page.rsplit('/', 1)[1]}.html").write_text(PAGE.format(shown + data), encoding="utf-8")
    for name in (path.name for path in assignment_folders(ROOT)):
        places = "".join(
            f'<div class="leo-question" data-assignment="{name}" data-question="{question.name}"><p>Box</p></div>'
            for question in sql_questions(load_assignment(ROOT / "solutions" / name))
        )
        (folder / f"{name}.html").write_text(PAGE.format(places), encoding="utf-8")
    pages = folder
    for folder in exercise_folders(ROOT):
        made = json.loads((ROOT / program.EXERCISES).read_text(encoding="utf-8"))[page_of(ROOT, folder).relative_to(ROOT).with_suffix("").as_posix()]
        shown = "".join(f'<div class="cell tag_exercise"><pre>{each["given"]}</pre></div>' for each in made)
        data = json.dumps(made).replace("<", "\\u003c")
        data = f'<script type="application/json" id="leo-exercises">{data}</script>'
        (pages / f"{folder.name}-exercises.html").write_text(PAGE.format(shown + data), encoding="utf-8")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(home)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/some/path/"
    server.shutdown()


def lesson_with_order(steps):
    """A lesson with a cell that reads what another makes: its page, the place among its buttons, and its SQL."""
    for page, cells in steps.items():
        live = [cell for cell in cells if cell["tagged"] and cell["sql"]]
        for place in range(len(live) - 1, 0, -1):
            made = {name for cell in live[:place] for name in cell["creates"]}
            if any(f" {name} " in live[place]["sql"].replace("\n", " ") for name in made):
                return page.rsplit("/", 1)[1], place
    return pytest.fail("no lesson makes a table")


def asked(name):
    """A question in SQL and answers to it: right, each misconception, malformed, empty."""
    question = next(each for each in sql_questions(load_assignment(ROOT / "solutions" / name)) if each.points)
    slips = [slip for slip in question.misconceptions if isinstance(slip.answer, str)]
    return question, slips


@pytest.fixture(scope="session")
def seen(served, steps, run_node, chromium):
    """What a reader saw, all tasks done in one browser."""
    first = next(page for page, cells in steps.items() if sum(bool(cell["sql"]) for cell in cells) > 2)
    page = f"{first.rsplit('/', 1)[1]}.html"
    census = next(page for page, cells in steps.items() if "spring_census_" in next(
        (cell["sql"] for cell in cells if cell["tagged"]), ""))  # fmt: skip
    ordered, place = lesson_with_order(steps)
    files = {"app-": "missing", "manifest": "missing", "engine-": "missing", "catalogue-": "damaged",
             "duckdb-eh": "damaged", "school_census-": "missing"}  # fmt: skip
    tasks = {
        "lesson": {"do": "lesson", "page": page, "edits": EDITS},
        "order": {"do": "order", "page": f"{ordered}.html", "cell": place},
        "stop": {"do": "stop", "page": page},
        "broken": {"do": "broken", "page": f"{census.rsplit('/', 1)[1]}.html", "files": files},
    }
    for name in (path.name for path in assignment_folders(ROOT)):
        question, slips = asked(name)
        answers = [question.reference_sql, *(slip.answer for slip in slips), "SELECT 1 AS nothing", "SELEC", ""]
        tasks[name] = {"do": "question", "page": f"{name}.html", "question": question.name, "answers": answers}
    result = run_node("pages.mjs", {"base": served, "chromium": chromium, "tasks": tasks}, seconds=230)
    for name, found in result.items():
        assert "failed" not in found, f"{name}: {found['failed']}"
    return result


def test_a_page_is_quiet_asks_no_other_site_and_fetches_nothing_before_a_button_is_pressed(seen):
    assert seen["lesson"]["before"] == 0
    for name in ("lesson", "order", "stop"):
        assert seen[name]["errors"] == [] and seen[name]["outside"] == []


def test_a_cell_runs_by_keyboard_alone_and_tab_leaves_the_box(seen, steps):
    found = seen["lesson"]
    page = next(cells for cells in steps.values() if sum(bool(cell["sql"]) for cell in cells) > 2)
    live = [cell for cell in page if cell["tagged"] and cell["sql"]]
    assert found["buttons"] == len(live)
    assert "SQL cell 1 " in found["names"]
    assert found["original"] == live[0]["sql"]
    assert found["status"].split()[1] in ("row.", "rows.", "rows;")
    assert found["head"] and found["rows"] and found["live"] == "polite"
    assert found["tab"] == "Run"


def test_errors_are_duckdbs_own_and_large_results_are_counted(seen):
    syntax, unknown, million, values, counted, made, views, hidden = seen["lesson"]["edits"]
    assert "Parser Error" in syntax["error"] and "LINE 1" in syntax["error"]
    assert "Catalog Error" in unknown["error"] and "nothing_of_the_kind" in unknown["error"]
    assert million["said"].startswith("1,000,000 rows; the first 200 are shown.") and million["rows"] == 200
    assert values["cells"] == ["NULL", "0.1", "9999-12-31"]
    assert int(counted["cells"][0]) > 0, "a table that no lesson reads has its rows all the same"
    assert made["said"].startswith("Done")
    assert int(views["cells"][0]) > 100
    assert int(hidden["cells"][0]) > 0, hidden


def test_what_was_written_is_there_after_a_reload_and_reset_brings_the_page_back(seen):
    assert seen["lesson"]["draft"] == "SELECT 42 AS kept"
    assert seen["lesson"]["reset"] == seen["lesson"]["original"]


def test_earlier_cells_run_first(seen):
    assert seen["order"]["error"] == ""
    assert "row" in seen["order"]["said"] or seen["order"]["said"].startswith("Done")


def test_a_runaway_query_is_stopped_and_the_next_one_runs(seen):
    found = seen["stop"]
    assert found["answers"] == 2 and found["during"].startswith("Running")
    for stopped in found["stopped"]:
        assert stopped["said"] == "Stopped. What you wrote is kept."
        assert stopped["seconds"] < 8
    assert "range" in found["text"]
    assert found["after"].startswith("1 row.")


def test_downloads_that_are_damaged_or_missing_give_a_plain_message_and_can_be_tried_again(seen):
    for name, found in seen["broken"].items():
        assert "could not be fetched" in found["message"] or "damaged" in found["message"], (name, found)
        if "text" in found:
            assert found["text"].endswith("-- mine")
        if "after" in found:
            assert "row" in found["after"], (name, found)


@pytest.mark.parametrize("name", [path.name for path in assignment_folders(ROOT)])
def test_right_wrong_misconceived_malformed_and_no_answers(seen, name):
    question, slips = asked(name)
    found = seen[name]
    assert found["before"] == 0 and found["errors"] == [] and found["outside"] == []
    right, *others = found["results"]
    *misconceived, wrong, malformed, empty = others
    assert right["status"] == "right", right
    for slip, got in zip(slips, misconceived, strict=True):
        assert got["misconception"] == slip.name and slip.message[:60] in got["text"], got
    assert wrong["status"] == "not right yet" and "Missing column" in wrong["text"]
    assert malformed["status"] == "stopped" and "Parser Error" in malformed["text"]
    assert empty["status"] == "not attempted" and "no answer yet" in empty["text"]
    assert found["hints"] == list(question.hints) and found["noMore"]


LEO = 'leo_i2."2005003"'
LONDON = f"SELECT edukey FROM {LEO}.leo_geography WHERE gornm = 'London' AND taxyear = 201617"
PAY = f"SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE taxyear = 201617"
JOINED = f"SELECT edukey, p.earnings FROM ({LONDON}) AS g {{}} JOIN ({PAY}) AS p USING (edukey) ORDER BY edukey"


@pytest.fixture(scope="module")
def why(served, run_node, chromium, lesson):
    """A wrong answer in the page, and the same in the notebook: what is said, and who is shown."""
    task = {"do": "why", "page": "01-first-queries-and-linking.html", "question": "q5", "times": 2,
            "sql": JOINED.format("INNER"), "right": JOINED.format("LEFT")}  # fmt: skip
    found = run_node("pages.mjs", {"base": served, "chromium": chromium, "tasks": {"why": task}})["why"]
    assert "failed" not in found, found["failed"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        check = assignment("01-first-queries-and-linking")
        result = check("q5", task["sql"])
        return found, result, [check.why("q5", number) for number in (1, 2)]


def test_a_page_says_and_shows_of_a_wrong_answer_what_a_notebook_does(why):
    found, result, walks = why
    assert found["messages"] == result.message.splitlines() and result.table
    (table,) = found["tables"]
    assert table["rows"] == [list(row) for row in result.table]
    assert table["bold"] == sum(cell.startswith("≠") for row in result.table for cell in row) > 0
    assert found["button"] == "Show me one person" and found["after"] == 0
    for seen, walk in zip(found["walks"], walks, strict=True):
        assert seen["said"] == f"{walk.heading}." and seen["texts"][0] == walk.heading
        shown = [each for each in walk.sections if each.table]
        assert [(each["caption"], each["rows"]) for each in seen["tables"]] == [
            (each.heading, [list(row) for row in each.table]) for each in shown
        ]
        told = [each for section in walk.sections for each in
                ([section.text] if section.table else [section.heading, section.text]) if each]  # fmt: skip
        assert seen["texts"][1:] == told


def test_its_tables_are_for_every_reader_on_a_phone_too(why):
    found, _, _ = why
    tables = [*found["tables"], *(each for walk in found["walks"] for each in walk["tables"])]
    assert len(tables) > 5
    for each in tables:
        assert each["caption"] and each["label"] == each["caption"] and each["region"] == "region"
        assert set(each["scopes"]) == {"col"} and each["reached"] == 0
    assert found["wide"] == [], "the page is no wider than the phone: the tables scroll by themselves"
    assert found["axe"] == [] and found["errors"] == [] and found["outside"] == []


def test_read_again_leads_to_the_heading_in_the_book(why, served):
    found, result, _ = why
    address = f"{served}book/{reading.LESSONS[result.lesson]}.html#{reading.anchor(result.heading)}"
    assert found["link"] == address and result.heading
    built = ROOT / "_build" / "html" / "book" / f"{reading.LESSONS[result.lesson]}.html"
    if built.is_file():
        assert f'id="{reading.anchor(result.heading)}"' in built.read_text(encoding="utf-8")


def test_exercises_are_answered_in_the_page_of_their_lesson(served, run_node, chromium):
    """A wrong answer, a hint, a right one; lines moved by keys; a prediction; and what was written after a reload."""
    lesson = "sql-for-linked-records"
    of = {each.name: each for each in load_exercises(ROOT, ROOT / "solutions" / "lessons" / lesson).questions}
    mend, order, guess = of["q5"], of["q4"], of["q6"]
    lines = order.reference_sql.strip().split("\n")
    task = {"do": "exercises", "page": f"{lesson}-exercises.html", "order": {"name": "q4", "lines": lines},
            "mend": {"name": "q5", "right": mend.reference_sql},
            "predict": {"name": "q6", "wrong": "1,000", "right": "980"}}  # fmt: skip
    found = run_node("pages.mjs", {"base": served, "chromium": chromium, "tasks": {"it": task}}, seconds=230)["it"]
    assert "failed" not in found, found["failed"]
    assert found["errors"] == [] and found["outside"] == [] and found["axe"] == []
    assert found["cells"] == len(of) and found["shown"] == 0, "each cell has its box in its place"
    assert found["given"] == mend.given and found["hint"] == mend.hints[0] and found["why"] == 1
    assert found["wrong"]["misconception"] == "where-after-left-join" and "point" not in found["wrong"]["text"]
    assert found["right"]["status"] == found["ordered"]["status"] == "right" != found["shuffled"]["status"]
    assert found["lines"] == lines and found["moved"].startswith("Line ")
    assert found["focus"].startswith("leo-button"), "the focus stays among the buttons of the line"
    assert found["dragged"] == [lines[1], lines[0], *lines[2:]] and found["earlier"] == 0
    assert found["nothing"]["status"] == "not attempted"
    assert found["words"] == ["It did not run.", "'many' is not a number. Write figures alone, such as 12 or 3.5."]
    assert found["guessed"]["misconception"] == "all-doubled" and "980" not in found["guessed"]["text"]
    assert "980" not in found["before"] and guess.because in found["predicted"]
    assert found["events"] == [{"assignment": lesson, "question": name} for name in ("q5", "q4", "q6")]
    assert found["after"] == [mend.reference_sql, "980"]
