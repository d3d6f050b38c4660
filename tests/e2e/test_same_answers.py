"""The pages' DuckDB gives the rows of the native one, and their checker says what Python's says, word for word."""

from __future__ import annotations

import json
import math
import random
import re
from contextlib import nullcontext

import pandas as pd
import pytest

import leocourse as leo
from leocourse.authoring.exercise import exercise_folders, load_exercises
from leocourse.authoring.keys import call_key
from leocourse.authoring.question import assignments
from leocourse.checks.answer import STUB, Answer
from leocourse.checks.assignment import run_calls
from leocourse.checks.attributes import FILE, read_attributes
from leocourse.checks.evaluate import evaluate
from leocourse.checks.judge import judge, worst_call
from leocourse.checks.sketch import Parts
from leocourse.checks.tables import plain, table_of
from leocourse.checks.walk import walk
from leocourse.core.connect import connect
from leocourse.core.paths import course_root
from leocourse.site.live.cells import sql_questions

ROOT = course_root()
LESSONS = [load_exercises(ROOT, folder) for folder in exercise_folders(ROOT)]
COURSE = {each.name: each for each in [*assignments(ROOT), *LESSONS]}
QUESTIONS = [(name, question) for name, course in COURSE.items() for question in sql_questions(course)]
EDGES = [
    "", "-- nothing yet\n", f"\n{STUB}\n", "SELEC 1", "CREATE TABLE a AS SELECT 1 AS x", "SELECT 1 AS x; ;",
    "SELECT 1 AS a, 2 AS a", "SELECT ';' AS a -- ; not the end\n;", "CREATE TABLE a AS SELECT 1 AS x; SELECT * FROM a",
]  # fmt: skip


def tidy(value):
    """A value in one form: numbers to nine digits, NULL as a word."""
    value = plain(value)
    if isinstance(value, (int, float)):
        return f"{value:.9g}" if math.isfinite(value) else str(value)
    return "NULL" if value is None else str(value)


def rows(columns):
    return sorted(map(tuple, zip(*([tidy(value) for value in column] for column in columns), strict=True)))


def native(con, script):
    """Each table that a script returns, in the native DuckDB."""
    for statement in con.extract_statements(script):
        relation = con.sql(statement.query)
        if relation is not None:
            frame = relation.df()
            yield list(frame.columns), [frame.iloc[:, place].tolist() for place in range(frame.shape[1])]


def test_every_live_cell_gives_the_same_rows_in_both(steps, run_node, lesson):
    found = run_node("cells.mjs", {page: [step["sql"] for step in cells] for page, cells in steps.items()})
    tried = 0
    for page, cells in steps.items():
        with connect(lesson) as con:
            leo.attach_truth(con)
            for name in sorted(set(re.findall(r"\bmeasures\.(\w+)", " ".join(step["sql"] or "" for step in cells)))):
                leo.measure(con, name)
            for step, got in zip(cells, found[page], strict=True):
                if step["sql"] is None:
                    assert not page.startswith("book/intro/"), "every SQL cell of a lesson runs in the page"
                    continue
                assert "error" not in got, f"{page}: {got['error']}\n{step['sql']}"
                wanted = list(native(con, step["sql"]))
                assert len(got["tables"]) == len(wanted), step["sql"]
                for (names, columns), table in zip(wanted, got["tables"], strict=True):
                    assert table["names"] == names, step["sql"]
                    assert rows(table["columns"]) == rows(columns), f"{page}:\n{step['sql']}"
                tried += step["tagged"]
    assert tried >= 90


@pytest.fixture(scope="module")
def entries(lesson):
    """The key of every question in SQL, as it lies beside the extract."""
    found = {}
    for name in COURSE:
        key = json.loads((lesson / "keys" / f"{name}.json").read_text(encoding="utf-8"))
        found |= {f"{name}/{each['specification']['name']}": each for each in [*key["worked"], *key["questions"]]}
    return {name: entry for name, entry in found.items() if entry["specification"]["kind"] == "sql"}


@pytest.fixture(scope="module")
def attributes(lesson):
    """What the records of the extract say of people."""
    return read_attributes(lesson / "keys" / FILE)


@pytest.fixture(scope="module")
def answered(lesson):
    """What each SQL text gives natively, in a fresh schema of its own. Each is run once."""
    known = {}
    with connect(lesson) as con:

        def run(specification, text):
            if text not in known:
                known[text] = run_calls({"calls": [{}], **specification}, text, lambda: nullcontext(con))[0]
                con.execute("DROP TABLE IF EXISTS a")
            return known[text]

        yield run


def same(case, want, got, message):
    what = f"{case['entry']}: {case.get('sql', 'a table')}"
    assert got["status"] == want.status, f"{what}\n{got['message']}\n{want.message}"
    assert got["credit"] == want.credit, what
    assert got["misconception"] == want.misconception, what
    assert (got["lesson"], got["heading"]) == (want.lesson, want.heading), what
    assert got["title"] == want.misconception_title, what
    assert message(got["message"]) == message(want.message), what
    told = [(each.part, message(each.message), message(each.evidence)) for each in want.findings]
    assert [(each["part"], *map(message, (each["message"], each["evidence"]))) for each in got["findings"]] == told, (
        what
    )
    assert len(got["table"]) == len(want.table) and got["table"][:1] == [list(row) for row in want.table[:1]], what


def same_walk(got, want):
    """Both walk through the same person, over the same records."""
    assert got["heading"] == want.heading
    sections = [(each["heading"], each["text"], [tuple(row) for row in each["table"]]) for each in got["sections"]]
    assert sections == [(each.heading, each.text, list(each.table)) for each in want.sections], want.heading


def unordered(text):
    """A message without the rows that it names: without ORDER BY, which of them come first is not settled."""
    return re.split(r", such as|: [^:]* has \d+\.|\. For \w", text)[0]


def test_both_checkers_say_the_same_of_the_whole_bank(entries, answered, attributes, run_node):
    """Every right answer in SQL, every misconception, and the edges of the form, each run in its own DuckDB."""
    cases, wanted = [], []
    for number, (name, question) in enumerate(QUESTIONS):
        entry = entries[f"{name}/{question.name}"]
        specification = entry["specification"]
        slips = [slip.answer for slip in question.misconceptions]
        for text in [question.reference_sql, *question.alternatives, *slips, *(EDGES if number == 0 else ())]:
            if not isinstance(text, str):
                continue
            answer = answered(specification, text)
            found = None
            if specification["universe"] and isinstance(answer, Answer):
                found = answered(specification, specification["universe"])
            wanted.append(judge(specification, [answer], entry["calls"], [found], attributes))
            cases.append({"entry": f"{name}/{question.name}", "sql": text})
    results = run_node("bank.mjs", {"entries": entries, "cases": cases})
    for case, want, got in zip(cases, wanted, results, strict=True):
        # DuckDB's own words differ between versions; that it stopped, and why in the first place, do not.
        same(case, want, got, (lambda text: text[:40]) if want.status == "stopped" else unordered)
    assert {want.status for want in wanted} >= {"right", "not right yet", "stopped", "not attempted"}


def part(answer, whose, identity):
    """The rows of an answer that are about some people or groups only."""
    keep = [
        row
        for row in range(answer.rows)
        if not identity or not whose or tuple(answer.columns[name][row] for name in identity) in whose
    ][:80]
    return Answer({name: [values[row] for row in keep] for name, values in answer.columns.items()})


def test_both_checkers_say_the_same_word_for_word_of_answers_made_wrong(entries, answered, attributes, run_node):
    """A key of some dozens of rows for every question, and tables made wrong at random in many ways."""
    draw = random.Random(11)
    cases, wanted, small = [], [], {}
    for name, question in QUESTIONS:
        place = f"{name}/{question.name}"
        specification = entries[place]["specification"]
        identity = specification["identity"]
        whole = answered(specification, question.reference_sql)
        right = part(whole, set(), identity)
        whose = set(zip(*(right.columns[each] for each in identity), strict=True)) if identity else set()
        slips = {
            slip.name: part(answered(specification, slip.answer), whose, identity)
            for slip in question.misconceptions
            if isinstance(slip.answer, str)
        }
        call = call_key(specification, 0, right, slips)[0]
        small[place] = {"specification": specification, "calls": [call]}
        near = part(whole, set(), identity) if not identity else Answer({n: whole.columns[n][:400] for n in identity})
        for base in [right, *slips.values()]:
            for number in range(10):
                columns = corrupted(draw, base.columns, specification) if number else base.columns
                answer = table_of(pd.DataFrame({k: pd.Series(v, dtype=object) for k, v in columns.items()}))
                candidates = near if number % 2 else None
                wanted.append(judge(specification, [answer], [call], [candidates], attributes))
                given = {"columns": answer.columns, "candidates": candidates and candidates.columns}
                cases.append({"entry": place, **given})
    results = run_node("bank.mjs", {"entries": small, "cases": cases})
    for case, want, got in zip(cases, wanted, results, strict=True):
        same(case, want, got, str)
        assert got["table"] == [list(row) for row in want.table], f"{case['entry']}\n{want}"
    assert {want.status for want in wanted} >= {"right", "not right yet", "partly right"}


def written_wrong(number):
    """Answers in SQL that people wrote who had only read the exercises: so many of each question, evenly spread."""
    asked = {(name, question.name) for name, question in QUESTIONS}
    found = {}
    for path in sorted((course_root() / "tests" / "bank").glob("*.json")):
        for one in json.loads(path.read_text(encoding="utf-8")):
            if (place := (one["assignment"], one["question"])) in asked and "def " not in one["answer"]:
                found.setdefault(place, []).append(one["answer"])
    return [(f"{name}/{question}", each) for (name, question), all_of_it in found.items()
            for each in all_of_it[:: max(1, len(all_of_it) // number)][:number]]  # fmt: skip


def test_both_checkers_say_the_same_word_for_word_of_what_people_wrote(entries, answered, attributes, lesson, run_node):
    """The same rows through both: message, findings and table, and the walk through one of those who are wrong."""
    cases, wanted, walks = [], [], []
    with connect(lesson) as con:
        for place, text in written_wrong(6):
            entry = entries[place]
            specification = entry["specification"]
            answer = answered(specification, text)
            if not isinstance(answer, Answer):
                continue
            found = answered(specification, specification["universe"]) if specification["universe"] else None
            asked = (specification, [answer], entry["calls"], [found])
            wanted.append(judge(*asked, attributes))
            number = 1 + len(cases) % 3
            _, worst = worst_call(*asked)
            wrong = isinstance(worst, Parts) and worst.found
            walks.append(walk(worst, entry["calls"][0], lambda sql: evaluate(sql, con), number) if wrong else None)
            given = {"columns": answer.columns, "candidates": found and found.columns}
            cases.append({"entry": place, "walk": number, **given})
    results = run_node("bank.mjs", {"entries": entries, "cases": cases})
    for case, want, got, shown in zip(cases, wanted, results, walks, strict=True):
        same({**case, "sql": str(want)}, want, got, str)
        assert got["table"] == [list(row) for row in want.table], f"{case['entry']}\n{want}"
        if shown:
            same_walk(got["walk"], shown)
    said = " ".join(want.message for want in wanted)
    assert len(wanted) > 150 and said.count(" others ") > 20, "what wrong rows have in common is among it"
    assert sum(bool(each and len(each.sections) > 3) for each in walks) > 50


def corrupted(draw, columns, specification):
    """A table made wrong: rows lost, repeated or swapped, values changed, emptied or of another kind."""
    columns = {name: list(values) for name, values in columns.items()}
    number = len(next(iter(columns.values()), []))
    for _ in range(draw.randint(1, 2)):
        name = draw.choice(list(columns))
        row = draw.randrange(number) if number else 0
        kind = draw.choice(["lose", "repeat", "value", "empty", "text", "column", "swap", "scale", "name", "digits"])
        values = columns[name]
        if kind == "lose":
            lost = draw.choice([1, 3, 40])
            for each in columns.values():
                del each[row : row + lost]
        elif kind == "repeat" and row < len(values):
            for each in columns.values():
                each.append(each[row])
        elif kind == "value" and row < len(values):
            values[row] = draw.choice([0, -1, 7.125, 1e-7, 12345678.5, 2**40, "x", "1999-02-30", "2011-09-01"])
        elif kind == "empty" and row < len(values):
            values[row] = None
        elif kind == "text":
            columns[name] = [None if value is None else f"a{value}" for value in values]
        elif kind == "column" and len(columns) > 1:
            del columns[name]
        elif kind == "swap":
            order = list(range(len(values)))
            draw.shuffle(order)
            columns = {each: [every[at] for at in order] for each, every in columns.items()}
        elif kind == "scale":
            columns[name] = [plain(v * 1.0005 + 0.125) if isinstance(v, (int, float)) else v for v in values]
        elif kind == "name":
            columns[f"{name}_new"] = columns.pop(name)
        elif kind == "digits":
            columns[name] = [plain(v + draw.choice([0.125, 0.005, 1 / 3])) if isinstance(v, (int, float)) else v
                             for v in values]  # fmt: skip
        number = len(next(iter(columns.values()), []))
    return columns
