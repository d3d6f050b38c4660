"""Rounding."""

from __future__ import annotations

import numpy as np

from leocourse.authoring import Question
from leocourse.authoring.shorthand import varied

from .shared import RELEASE_LESSON, _main_records, slip

ROUNDED = "CASE WHEN count(*) >= 10 THEN 5 * floor(count(*) / 5.0 + 0.5) END"


def rounded_counts(con, year, pupils=ROUNDED, main=True, major="major", groups="1 = 1", having="1 = 1"):
    suffix = f"spr{year % 100:02d}"
    kept = f"recordstatus_{suffix} < 100" if main else "1 = 1"
    return con.sql(f"""
        SELECT ethnicgroup{major}_{suffix} AS ethnic, ncyearactual_{suffix} AS year_group, gender_{suffix} AS gender,
            {pupils} AS pupils
        FROM npd_i2."2005003".spring_census_{year}
        WHERE {kept} AND {groups.format(suffix=suffix)}
        GROUP BY 1, 2, 3
        HAVING {having}
    """)


def rounded_counts_pandas(con, year):
    counts = _main_records(con, year).groupby(["ethnic", "year_group", "gender"]).size().rename("pupils").reset_index()
    rounded = 5 * np.floor(counts["pupils"] / 5 + 0.5)
    return counts.assign(pupils=rounded.where(counts["pupils"] >= 10))


def rounded_by_integers(con, year):
    """Whole numbers only: two more, and down to a multiple of 5."""
    suffix = f"spr{year % 100:02d}"
    return con.sql(f"""
        WITH counted AS (
            SELECT ethnicgroupmajor_{suffix} AS ethnic, ncyearactual_{suffix} AS year_group,
                gender_{suffix} AS gender, count(DISTINCT pupilmatchingrefanonymous_{suffix}) AS pupils
            FROM npd_i2."2005003".spring_census_{year} WHERE recordstatus_{suffix} < 100 GROUP BY ALL
        )
        SELECT ethnic, year_group, gender, CASE pupils >= 10 WHEN true THEN (pupils + 2) // 5 * 5 END AS pupils
        FROM counted
    """)


def rounded_by_remainder(con, year):
    """What is over the last multiple of 5 decides."""
    counts = _main_records(con, year).value_counts().rename("exact").reset_index()
    over = counts["exact"] % 5
    counts["pupils"] = (counts["exact"] - over + 5 * (over >= 3)).mask(counts["exact"] < 10)
    return counts[["ethnic", "year_group", "gender", "pupils"]]


def rounded_in_python(con, year):
    """Counted in plain Python, from Arrow."""
    counts: dict[tuple, int] = {}
    for row in con.from_df(_main_records(con, year)).to_arrow_table().to_pylist():
        key = (row["ethnic"], row["year_group"], row["gender"])
        counts[key] = counts.get(key, 0) + 1
    return [
        {"ethnic": key[0], "year_group": key[1], "gender": key[2], "pupils": 5 * round(n / 5) if n >= 10 else None}
        for key, n in counts.items()
    ]


QUESTION = Question(
    name="q10",
    title="Suppressed and rounded",
    answer_name="rounded_counts",
    kind="function",
    points=3,
    columns={"ethnic": "text", "year_group": "text", "gender": "text", "pupils": "number"},
    identity=("ethnic", "year_group", "gender"),
    unit="group",
    lesson=RELEASE_LESSON,
    heading="Rounding",
    reference_sql=rounded_counts,
    reference_pandas=rounded_counts_pandas,
    make=varied(rounded_counts),
    domain={"year": range(2008, 2022)},
    hints=(
        "Two steps in one order: what is small goes first, what is left is rounded.",
        "Decide on the exact number whether it is below 10. A rounded 10 may stand for 8.",
        "To the nearest 5: how many fives are in the number, rounded to a whole one, and back. 10 and above is shown.",
    ),
    misconceptions=(
        slip(
            "rounded-first",
            "You rounded first and suppressed after. 8 and 9 round to 10 and slip through: decide on the exact "
            "number, then round.",
            pupils=ROUNDED.replace("WHEN count(*)", "WHEN 5 * floor(count(*) / 5.0 + 0.5)"),
        ),
        slip(
            "rounded-not-suppressed",
            "You rounded and suppressed nothing. A 5 in a table says that there are three to seven people: numbers "
            "below 10 are NULL.",
            pupils="5 * floor(count(*) / 5.0 + 0.5)",
        ),
        slip(
            "rounded-down",
            "You cut down to a multiple of 5. 14 then shows as 10, and every total is too low: round to the nearest 5.",
            pupils=ROUNDED.replace(" + 0.5", ""),
        ),
        slip(
            "rounded-to-ten",
            "You rounded to the nearest 10, as to one place before the point. The question asks for the nearest 5.",
            pupils=ROUNDED.replace("5 * floor(count(*) / 5.0", "10 * floor(count(*) / 10.0"),
        ),
        slip(
            "not-rounded",
            "Your numbers are suppressed, but exact. Exact numbers of two tables can be subtracted: round to the "
            "nearest 5.",
            pupils="CASE WHEN count(*) >= 10 THEN count(*) END",
        ),
        slip(
            "records-counted",
            "Your numbers count duplicate records too. Keep the main record of each pupil before counting.",
            main=False,
        ),
        slip("rounded-up", pupils=ROUNDED.replace(" + 0.5", " + 0.8")),
        slip("ten-suppressed", pupils=ROUNDED.replace(">=", ">")),
        slip(
            "suppressed-as-zero",
            "You wrote 0 for a suppressed number, which is a false statement: it is NULL.",
            pupils=ROUNDED.replace(" END", " ELSE 0 END"),
        ),
        slip(
            "small-rows-dropped",
            "Rows of small groups are gone. Each combination keeps its row, with NULL in it.",
            having="count(*) >= 10",
        ),
        slip("minor-for-major", major="minor"),
        slip("year-groups-lost", groups="TRY_CAST(ncyearactual_{suffix} AS int) IS NOT NULL"),
        slip("one-year-group-only", groups="ncyearactual_{suffix} = '11'"),
    ),
    alternatives=(rounded_by_integers, rounded_by_remainder, rounded_in_python),
)
