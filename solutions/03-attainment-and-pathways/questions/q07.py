"""Apprenticeship starts."""

from __future__ import annotations

from datetime import date

from leocourse.authoring import Question
from leocourse.authoring.shorthand import ILR, LEO, varied

from .shared import AFTER_LESSON, slip


def starts(con, year, programme="a.app = 1 AND a.aimtype = 1", first=None, last=None, view_year=None, extra=""):
    first, last = first or date(year - 1, 8, 1), last or date(year, 7, 31)
    began = f"a.year = {view_year}" if view_year else f"a.start_date BETWEEN DATE '{first}' AND DATE '{last}'"
    counted = "DISTINCT CONCAT(e.ae_id, ' ', a.start_date)"
    return con.sql(f"""
        SELECT
            CASE WHEN a.leveloflearning = 7.5 THEN 2 WHEN a.leveloflearning = 9.5 THEN 3 ELSE 4 END AS level,
            COUNT({"*" if "aimtype" not in programme else counted}) AS starts
        FROM {ILR}.aims AS a
        JOIN {LEO}.education_records_lookup AS e ON e.recordid = a.recordid
        WHERE {programme} AND {began} {extra}
        GROUP BY 1
    """)


STARTS_ROWS = f"""
    SELECT e.ae_id, a.start_date, a.year, a.start, CAST(a.leveloflearning AS DOUBLE) AS code
    FROM {ILR}.aims AS a JOIN {LEO}.education_records_lookup AS e ON e.recordid = a.recordid
    WHERE a.app = 1 AND a.aimtype = 1
"""


def starts_pandas(con, year):
    rows = con.sql(STARTS_ROWS).df().drop_duplicates(["ae_id", "start_date", "code"])
    began = rows[(rows["start_date"] >= f"{year - 1}-08-01") & (rows["start_date"] <= f"{year}-07-31")]
    level = began["code"].map({7.5: 2, 9.5: 3}).fillna(4).astype(int)
    return level.rename("level").value_counts().rename("starts").reset_index()


def starts_by_flag(con, year):
    """The flag says that an aim began in the academic year of its row."""
    return con.sql(f"""
        SELECT CASE leveloflearning WHEN 7.5 THEN 2 WHEN 9.5 THEN 3 ELSE 4 END AS level, COUNT(*) AS starts
        FROM {ILR}.aims
        WHERE year = {year - 1} AND app = 1 AND aimtype = 1 AND start = 1
        GROUP BY 1
    """)


def starts_first_row(con, year):
    return con.sql(f"""
        WITH numbered AS (
            SELECT *, ROW_NUMBER() OVER (PARTITION BY ae_id, start_date, code ORDER BY year) AS place
            FROM ({STARTS_ROWS}) AS programmes
        )
        SELECT CASE WHEN code < 8 THEN 2 WHEN code < 10 THEN 3 ELSE 4 END AS level, COUNT(*) AS starts
        FROM numbered
        WHERE place = 1 AND YEAR(start_date) - CASE WHEN MONTH(start_date) >= 8 THEN 0 ELSE 1 END = {year - 1}
        GROUP BY 1
    """)


def starts_counter(con, year):
    seen = {
        (person, day): 2 if code == 7.5 else 3 if code == 9.5 else 4
        for person, day, _, _, code in con.sql(STARTS_ROWS).fetchall()
        if date(year - 1, 8, 1) <= day <= date(year, 7, 31)
    }
    levels = list(seen.values())
    return [{"level": level, "starts": levels.count(level)} for level in sorted(set(levels))]


QUESTION = Question(
    name="q7",
    title="Apprenticeship starts",
    answer_name="starts",
    kind="function",
    points=3,
    columns={"level": "number", "starts": "number"},
    identity=("level",),
    unit="level",
    lesson=AFTER_LESSON,
    heading="Apprenticeships",
    reference_sql=starts,
    make=varied(starts),
    reference_pandas=starts_pandas,
    alternatives=(starts_by_flag, starts_first_row, starts_counter),
    domain={"year": range(2010, 2021)},
    hints=(
        "Take one apprentice with rows in three academic years. In how many of them did something start?",
        "The year of a row says when the apprenticeship was under way. Which column says when it began?",
        "Bring rows to people through the lookup, make person, start and level distinct, and only then count by level.",
    ),
    misconceptions=(
        slip(
            "every-aim-a-start",
            "You counted component aims. An apprenticeship has a programme aim for the whole and component aims for "
            "its parts: count programme aims.",
            lambda con, year: starts(
                con,
                year,
                programme="a.programme_type IN (2, 3, 20, 21, 22, 23, 25)",
                view_year=year - 1,
                extra="AND a.start = 1",
            ),
        ),
        slip(
            "participants-as-starts",
            "You counted everybody with an apprenticeship in the year. Most began it in the year before: only those "
            "whose start_date lies in the year are starts.",
            lambda con, year: starts(con, year, view_year=year - 1),
        ),
        slip(
            "ilr-year-begins",
            "Your starts lie a year too late. In the individualised learner record, year is the calendar year in which "
            "the academic year begins.",
            lambda con, year: starts(con, year + 1),
        ),
        slip(
            "calendar-year-of-start",
            "You counted starts of the calendar year. Apprenticeship starts are published by academic year, "
            "1 August to 31 July.",
            lambda con, year: starts(con, year, first=date(year, 1, 1), last=date(year, 12, 31)),
        ),
        slip(
            "achieved-only",
            "You counted only starts that were achieved. A start counts whatever comes of it.",
            extra="AND a.achievement = 1",
        ),
    ),
)
