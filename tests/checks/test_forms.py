"""Whatever form a right answer takes, it is right; whatever form a slightly wrong one takes, it is not."""

from __future__ import annotations

import json
from contextlib import nullcontext
from decimal import Decimal

import matplotlib
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from bank import ByAssignment, sample
from hypothesis import given, settings
from hypothesis import strategies as st

from leocourse.authoring.question import assignments
from leocourse.checks.assignment import run_calls
from leocourse.checks.judge import judge
from leocourse.core.connect import connect
from leocourse.core.paths import course_root

matplotlib.use("Agg")
from matplotlib.figure import Figure

COURSE = {each.name: each for each in assignments(course_root())}
QUESTIONS = [(name, question) for name, course in COURSE.items() for question in course.questions]
TABLES = [case for case in QUESTIONS if case[1].kind != "figure"]
FIGURES = [case for case in QUESTIONS if case[1].kind == "figure"]


def label(case):
    return f"{case[0][:2]}-{case[1].name}"


@pytest.fixture(scope="module")
def world(lesson):
    """A connection, and by question its key and its right answers as frames, one a call."""
    with connect(lesson) as con:

        def make(name):
            course, known = COURSE[name], {}
            key = json.loads((lesson / "keys" / f"{name}.json").read_text(encoding="utf-8"))
            for question, entry in zip(course.questions, key["questions"], strict=True):
                answers = run_calls(entry["specification"], question.reference_sql, lambda: nullcontext(con))
                frames = [pd.DataFrame(each.columns)[list(question.columns)] for each in answers]
                known[name, question.name] = entry, frames
            return known

        yield con, ByAssignment(make)


def check(entry, given, con):
    return judge(
        entry["specification"], run_calls(entry["specification"], given, lambda: nullcontext(con)), entry["calls"]
    )


# the same values in other types ---------------------------------------------------------------------

NUMBERS = {
    "as it is": lambda column: column,
    "float": lambda column: column.astype("float64"),
    "nullable": lambda column: column.astype("Float64"),
    "arrow": lambda column: column.astype("double[pyarrow]"),
    "decimal": lambda column: column.map(
        lambda each: None if pd.isna(each) else Decimal(str(each)), na_action="ignore"
    ).astype(object),
    "object": lambda column: column.astype(object),
}
TEXTS = {
    "as it is": lambda column: column,
    "object": lambda column: column.astype(object),
    "category": lambda column: column.astype("category"),
    "arrow": lambda column: column.astype("string[pyarrow]"),
    "trailing blanks": lambda column: column + "  ",
}
DATES = {
    "as it is": lambda column: column,
    "timestamp": pd.to_datetime,
    "date": lambda column: pd.to_datetime(column).dt.date,
}
TYPES = {"number": NUMBERS, "text": TEXTS, "date": DATES}


# the same table from other tools --------------------------------------------------------------------


def in_sql(shape):
    """Hand the table in as SQL text, or as a relation, over a table of the connection."""

    def hand_in(frame, con):
        con.register("handed_in", pa.Table.from_pandas(frame, preserve_index=False))
        con.execute("CREATE OR REPLACE TEMP TABLE base AS FROM handed_in")
        return shape(", ".join(f'"{name}"' for name in frame.columns), con)

    return hand_in


TOOLS = {
    "pandas": lambda frame, con: frame,
    "indexed": lambda frame, con: frame.set_index(list(frame.columns[:1])),
    "odd index": lambda frame, con: frame.set_axis(range(7, 7 + len(frame))),
    "arrow": lambda frame, con: pa.Table.from_pandas(frame, preserve_index=False),
    "polars": lambda frame, con: pl.from_arrow(pa.Table.from_pandas(frame, preserve_index=False)),
    "lazy polars": lambda frame, con: pl.from_arrow(pa.Table.from_pandas(frame, preserve_index=False)).lazy(),
    "dictionary": lambda frame, con: {name: frame[name].tolist() for name in frame},
    "relation": in_sql(lambda names, con: con.sql(f"SELECT {names} FROM base")),
    "connection": in_sql(lambda names, con: con.execute(f"SELECT {names} FROM base")),
    "sql": in_sql(lambda names, con: f"SELECT {names} FROM base"),
    "upper-case sql with a comment": in_sql(lambda names, con: f"-- mine\nSELECT {names.upper()} FROM BASE;"),
    "common table expression": in_sql(lambda names, con: f"WITH mine AS (SELECT * FROM base) SELECT {names} FROM mine"),
    "subquery": in_sql(
        lambda names, con: f"SELECT {names} FROM (SELECT DISTINCT *, row_number() OVER () AS n FROM base) s"
    ),
    "union": in_sql(lambda names, con: f"SELECT {names} FROM base WHERE 1 = 0 UNION ALL SELECT {names} FROM base"),
}


@st.composite
def forms(draw, question):
    """A function that brings a frame to a form: columns and rows in any order, other types, another tool."""
    order = draw(st.permutations(list(question.columns)))
    types = {name: draw(st.sampled_from(list(TYPES[family]))) for name, family in question.columns.items()}
    tool, seed, loud = draw(st.sampled_from(list(TOOLS))), draw(st.integers(0, 99)), draw(st.booleans())

    def form(frame, con):
        if not question.ordered:
            frame = frame.sample(frac=1, random_state=seed)
        kinds = question.columns
        made = {
            name: TYPES[kinds[name]][types[name]](frame[name]) if name in kinds else frame[name]
            for name in [*[each for each in order if each in frame], *[each for each in frame if each not in kinds]]
        }
        made = pd.DataFrame(made).reset_index(drop=True)
        return TOOLS[tool](made.rename(columns=str.upper) if loud else made, con)

    return form


def one_a_call(frames, form):
    """A function of the connection that hands in the frames, one a call."""
    waiting = iter(frames)
    return lambda con, **arguments: _run(form(next(waiting), con), con)


def _run(made, con):
    return con.sql(made) if isinstance(made, str) else made


@settings(max_examples=6, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("case", sample(TABLES, label))
def test_every_form_of_a_right_answer_is_right(case, world, data):
    name, question = case
    con, known = world
    entry, frames = known[name, question.name]
    form = data.draw(forms(question))
    given = form(frames[0], con) if len(frames) == 1 else one_a_call(frames, form)
    result = check(entry, given, con)
    assert result.status == "right", str(result)


IN_OTHER_SQL = (
    "WITH mine AS ({}) SELECT * FROM mine",
    "SELECT * FROM ({}) AS mine",
    "({}) UNION ALL SELECT * FROM ({}) AS b WHERE false",
)
WRAPPED = [(*case, wrap) for case in TABLES if isinstance(case[1].reference_sql, str) for wrap in IN_OTHER_SQL]


@pytest.mark.parametrize("case", sample(WRAPPED, lambda case: f"{label(case)}-{case[2][:6]}", one_in=2))
def test_the_reference_answer_inside_other_sql_is_right(case, world):
    name, question, wrap = case
    con, known = world
    result = check(known[name, question.name][0], wrap.replace("{}", question.reference_sql.strip().rstrip(";")), con)
    assert result.status == "right", str(result)


# small corruptions ----------------------------------------------------------------------------------


def changed(frame, question, row, column):
    frame = frame.astype({column: object})
    value = frame.loc[row, column]
    if question.columns[column] == "number":
        wrong = (0 if pd.isna(value) else value) + 1 + 2 * question.tolerance.get(column, 0)
    else:
        wrong = "2000-02-29" if question.columns[column] == "date" else f"{value}x"
    frame.loc[row, column] = wrong
    return frame.infer_objects()


CORRUPTIONS = {
    "one value changed": changed,
    "one row dropped": lambda frame, question, row, column: frame.drop(index=row),
    "one row doubled": lambda frame, question, row, column: pd.concat([frame, frame.loc[[row]]]),
    "one column renamed": lambda frame, question, row, column: frame.rename(columns={column: f"{column}_"}),
}


@settings(max_examples=6, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("case", sample(TABLES, label))
def test_a_small_corruption_is_wrong_in_every_form(case, world, data):
    name, question = case
    con, known = world
    entry, frames = known[name, question.name]
    call = data.draw(st.integers(0, len(frames) - 1))
    kind = data.draw(st.sampled_from(list(CORRUPTIONS)))
    row = data.draw(st.integers(0, len(frames[call]) - 1))
    column = data.draw(st.sampled_from(list(question.columns)))
    frames = list(frames)
    frames[call] = CORRUPTIONS[kind](frames[call], question, row, column)
    form = data.draw(forms(question))
    given = form(frames[0], con) if len(frames) == 1 else one_a_call(frames, form)
    result = check(entry, given, con)
    assert result.status in ("partly right", "not right yet") and result.score < question.points, f"{kind}: {result}"


# figures --------------------------------------------------------------------------------------------


def axes(frame, how):
    drawn = Figure().subplots()
    xs, ys = frame["x"].tolist(), frame["y"].tolist()
    if how == "line":
        drawn.plot(xs, ys)
    elif how == "line with markers and a guide":
        drawn.plot(xs, ys, marker="o")
        drawn.axhline(50)
    elif how == "bars":
        drawn.bar(xs, ys)
    elif how == "bars with years as words":
        drawn.bar([str(each) for each in xs], ys)
    else:
        drawn.scatter(xs, ys)
    drawn.set(title="Simulated data", xlabel="Tax year", ylabel="Per cent")
    return drawn


WAYS = ("line", "line with markers and a guide", "bars", "bars with years as words", "points")


@settings(max_examples=6, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("case", FIGURES, ids=label)
@pytest.mark.parametrize("kind", [None, *[each for each in CORRUPTIONS if "column" not in each]])
def test_a_figure_is_right_however_it_is_drawn_unless_a_point_is_wrong(case, kind, world, data):
    name, question = case
    con, known = world
    entry, frames = known[name, question.name]
    frame = frames[0].sample(frac=1, random_state=data.draw(st.integers(0, 99)))
    how = data.draw(st.sampled_from(WAYS))
    if kind:
        row = data.draw(st.sampled_from(list(frame.index)))
        frame = CORRUPTIONS[kind](frame, question, row, data.draw(st.sampled_from(["x", "y"])))
    result = check(entry, lambda con: axes(frame, how), con)
    assert (result.status == "right") == (kind is None), f"{how}: {result}"
