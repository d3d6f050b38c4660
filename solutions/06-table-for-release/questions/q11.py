"""A second cell."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import varied

from .shared import RELEASE_LESSON, _main_records, slip


def counts_by_gender(con, year, hidden="girls < 10 OR boys < 10", girls="", boys="", total="pupils >= 10",
                     main=True, major="major", less="NULL", having="1 = 1", f="F", m="M"):  # fmt: skip
    suffix = f"spr{year % 100:02d}"
    kept = f"recordstatus_{suffix} < 100" if main else "1 = 1"
    return con.sql(f"""
        SELECT ethnic, year_group, CASE WHEN {girls or hidden} THEN {less} ELSE girls END AS girls,
            CASE WHEN {boys or hidden} THEN {less} ELSE boys END AS boys, CASE WHEN {total} THEN pupils END AS pupils
        FROM (
            SELECT ethnicgroup{major}_{suffix} AS ethnic, ncyearactual_{suffix} AS year_group,
                sum(CASE WHEN gender_{suffix} = '{f}' THEN 1 ELSE 0 END) AS girls,
                sum(CASE WHEN gender_{suffix} = '{m}' THEN 1 ELSE 0 END) AS boys, count(*) AS pupils
            FROM npd_i2."2005003".spring_census_{year} WHERE {kept} GROUP BY 1, 2
        ) AS counted
        WHERE {having}
    """)


def counts_by_gender_pandas(con, year):
    wide = _main_records(con, year).groupby(["ethnic", "year_group", "gender"]).size().unstack(fill_value=0)
    pupils, small = wide.sum(axis=1), (wide < 10).any(axis=1)
    shown = wide.mask(small).rename(columns={"F": "girls", "M": "boys"})
    return shown.assign(pupils=pupils.where(pupils >= 10)).reset_index()


def gender_by_least(con, year):
    """The smaller of the two decides for both."""
    suffix = f"spr{year % 100:02d}"
    return con.sql(f"""
        WITH counted AS (
            SELECT ethnicgroupmajor_{suffix} AS ethnic, ncyearactual_{suffix} AS year_group,
                count(*) FILTER (gender_{suffix} = 'F') AS girls, count(*) FILTER (gender_{suffix} = 'M') AS boys
            FROM npd_i2."2005003".spring_census_{year} WHERE recordstatus_{suffix} < 100 GROUP BY ALL
        )
        SELECT ethnic, year_group, CASE WHEN least(girls, boys) >= 10 THEN girls END AS girls,
            CASE WHEN least(girls, boys) >= 10 THEN boys END AS boys,
            CASE WHEN girls + boys >= 10 THEN girls + boys END AS pupils
        FROM counted
    """)


def gender_by_join(con, year):
    """Totals of large groups, and beside them the rows in which both numbers may be shown."""
    suffix, view = f"spr{year % 100:02d}", f'npd_i2."2005003".spring_census_{year}'
    keys = f"ethnicgroupmajor_{suffix} AS ethnic, ncyearactual_{suffix} AS year_group"
    main, large = f"FROM {view} WHERE recordstatus_{suffix} < 100", "GROUP BY 1, 2 HAVING count(*) >= 10"
    return con.sql(f"""
        WITH girls AS (SELECT {keys}, count(*) AS n {main} AND gender_{suffix} = 'F' {large}),
        boys AS (SELECT {keys}, count(*) AS n {main} AND gender_{suffix} = 'M' {large}),
        everybody AS (SELECT {keys}, count(*) AS n {main} GROUP BY 1, 2)
        SELECT e.ethnic, e.year_group, g.n AS girls, b.n AS boys, CASE WHEN e.n >= 10 THEN e.n END AS pupils
        FROM everybody e
        LEFT JOIN (girls g JOIN boys b ON b.ethnic = g.ethnic AND b.year_group = g.year_group)
          ON g.ethnic = e.ethnic AND g.year_group = e.year_group
    """)


def gender_in_python(con, year):
    """Counted in plain Python."""
    counts: dict[tuple, list[int]] = {}
    for ethnic, year_group, gender in _main_records(con, year).itertuples(index=False):
        counts.setdefault((ethnic, year_group), [0, 0])[gender == "M"] += 1
    rows = []
    for (ethnic, year_group), (girls, boys) in counts.items():
        shown = (girls, boys) if min(girls, boys) >= 10 else (None, None)
        rows.append((ethnic, year_group, *shown, girls + boys if girls + boys >= 10 else None))
    return pd.DataFrame(rows, columns=["ethnic", "year_group", "girls", "boys", "pupils"])


QUESTION = Question(
    name="q11",
    title="A second cell",
    answer_name="counts_by_gender",
    kind="function",
    points=4,
    columns={"ethnic": "text", "year_group": "text", "girls": "number", "boys": "number", "pupils": "number"},
    identity=("ethnic", "year_group"),
    unit="group",
    lesson=RELEASE_LESSON,
    heading="The second cell",
    reference_sql=counts_by_gender,
    reference_pandas=counts_by_gender_pandas,
    make=varied(counts_by_gender),
    domain={"year": range(2008, 2022)},
    hints=(
        "With girls suppressed, boys shown and the total shown, what is the number of girls?",
        "If one of the two is below 10, neither may be shown. A 0 is below 10.",
        "Count in a subquery first. Girls and boys have the same condition, and it names both numbers.",
    ),
    misconceptions=(
        slip(
            "primary-only",
            "You suppressed small numbers only. Where one of girls and boys is missing, the total less the other "
            "gives it back: suppress both.",
            girls="girls < 10",
            boys="boys < 10",
        ),
        slip(
            "both-must-be-small",
            "You suppressed only where girls and boys are both below 10. One small number is enough: use OR.",
            hidden="girls < 10 AND boys < 10",
        ),
        slip(
            "threshold-on-the-total",
            "You asked only whether the total is below 10. A large total can have a small part: ask of girls and of "
            "boys.",
            hidden="pupils < 10",
        ),
        slip(
            "zero-is-safe",
            "You let zeros stand. No girls in a group says of each of its pupils that it is a boy: a zero is "
            "suppressed like any other number below 10.",
            girls="girls > 0 AND (girls < 10 OR boys < 10)",
            boys="boys > 0 AND (girls < 10 OR boys < 10)",
        ),
        slip("total-hidden", total="girls >= 10 AND boys >= 10"),
        slip("total-shown", total="1 = 1"),
        slip("ten-suppressed", hidden="girls <= 10 OR boys <= 10", total="pupils > 10"),
        slip("records-counted", main=False),
        slip("minor-for-major", major="minor"),
        slip("girls-and-boys-exchanged", f="M", m="F"),
        slip(
            "suppressed-as-zero",
            "You wrote 0 for a suppressed number, which is a false statement: it is NULL.",
            less="0",
        ),
        slip(
            "small-rows-dropped",
            "Rows of groups whose numbers are suppressed are gone. Each group keeps its row.",
            having="girls >= 10 AND boys >= 10",
        ),
        slip("nothing-suppressed", hidden="1 = 0", total="1 = 1"),
    ),
    alternatives=(gender_by_least, gender_by_join, gender_in_python),
)
