"""The cohort of published figures."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD, varied

from .shared import LESSON, main_records, slip


def ks4_cohort(con, year, state="by year", order="DESC", first=True, counts="k.ks4_natres = 1"):
    yy = f"spr{year % 100:02d}"
    in_census = f"""EXISTS (
        SELECT 1 FROM {NPD}.spring_census_{year} AS s
        WHERE s.pupilmatchingrefanonymous_{yy} = k.ks4_pupilmatchingrefanonymous
          AND s.recordstatus_{yy} < 100 AND s.ageatstartofacademicyear_{yy} = 15)"""
    rule = {
        "by year": "k.ks4_new_type <> 5" if year >= 2009 else in_census,
        "type": "k.ks4_new_type <> 5",
        "all": "1 = 1",
    }[state]
    return con.sql(f"""
        SELECT pmr, level2 FROM (
            SELECT k.ks4_pupilmatchingrefanonymous AS pmr, k.ks4_level2_em AS level2,
                   ROW_NUMBER() OVER (PARTITION BY k.ks4_pupilmatchingrefanonymous
                                      ORDER BY k.ks4_ptscnewe {order}) AS place
            FROM {NPD}.ks4pupil_2002_to_2014 AS k
            WHERE k.ks4_acadyr = '{year - 1}/{year}' AND {counts} AND {rule}
        ) AS ranked
        WHERE place = 1 {"" if first else "OR place > 1"}
    """)


def old_results(con, year):
    """Key stage 4 records of one year to 2013/14 that count in national results."""
    return con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pmr, ks4_ptscnewe AS points, ks4_level2_em AS level2,
               ks4_new_type AS school_type
        FROM {NPD}.ks4pupil_2002_to_2014 WHERE ks4_acadyr = '{year - 1}/{year}' AND ks4_natres = 1
    """).df()


def ks4_cohort_pandas(con, year):
    records = old_results(con, year)
    if year >= 2009:
        records = records[records["school_type"] != 5]
    else:
        census = main_records(con, year, "ageatstartofacademicyear")
        at_school = set(census.loc[census["ageatstartofacademicyear"] == 15, "pmr"])
        records = records[records["pmr"].map(at_school.__contains__)]
    return records.sort_values("points", ascending=False).drop_duplicates("pmr")[["pmr", "level2"]]


def ks4_cohort_by_index(con, year):
    """The record with most points by its label, and state schools by a merge."""
    records = old_results(con, year)
    best = records.loc[records.groupby("pmr")["points"].idxmax()]
    if year >= 2009:
        return best.query("school_type != 5")[["pmr", "level2"]]
    census = main_records(con, year, "ageatstartofacademicyear").query("ageatstartofacademicyear == 15")
    return best.merge(census[["pmr"]], on="pmr")[["pmr", "level2"]]


def ks4_cohort_joined(con, year):
    """A left join to the census, and a CASE that says which source decides."""
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        WITH placed AS (
            SELECT k.ks4_pupilmatchingrefanonymous AS pmr, k.ks4_level2_em AS level2, k.ks4_ptscnewe AS points,
                   CASE WHEN k.ks4_new_type = 5 THEN 0
                        WHEN k.ks4_new_type IS NULL AND s.pmr IS NULL THEN 0 ELSE 1 END AS state_funded
            FROM {NPD}.ks4pupil_2002_to_2014 AS k
            LEFT JOIN (SELECT DISTINCT pupilmatchingrefanonymous_{yy} AS pmr FROM {NPD}.spring_census_{year}
                       WHERE recordstatus_{yy} < 100 AND ageatstartofacademicyear_{yy} = 15) AS s
              ON s.pmr = k.ks4_pupilmatchingrefanonymous
            WHERE k.ks4_acadyr = '{year - 1}/{year}' AND k.ks4_natres = 1
        )
        SELECT DISTINCT pmr, FIRST_VALUE(level2) OVER (PARTITION BY pmr ORDER BY points DESC) AS level2
        FROM placed WHERE state_funded = 1
    """)


def ks4_cohort_arg_max(con, year):
    """The cohort by INTERSECT of keys, the record by arg_max."""
    yy = f"spr{year % 100:02d}"
    state = (
        f"SELECT ks4_pupilmatchingrefanonymous FROM {NPD}.ks4pupil_2002_to_2014 WHERE ks4_new_type IN (0, 1, 2, 3, 4)"
        if year >= 2009
        else f"SELECT pupilmatchingrefanonymous_{yy} FROM {NPD}.spring_census_{year} "
        f"WHERE ageatstartofacademicyear_{yy} = 15 AND recordstatus_{yy} < 100"
    )
    return con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pmr, arg_max(ks4_level2_em, ks4_ptscnewe) AS level2
        FROM {NPD}.ks4pupil_2002_to_2014
        WHERE ks4_acadyr = '{year - 1}/{year}' AND ks4_natres = 1 AND ks4_pupilmatchingrefanonymous IN ({state})
        GROUP BY 1
    """)


QUESTION = Question(
    name="q5",
    title="The key stage 4 cohort of published figures",
    answer_name="ks4_cohort",
    kind="function",
    points=3,
    columns={"pmr": "text", "level2": "number"},
    identity=("pmr",),
    unit="pupil",
    people=True,
    lesson=LESSON,
    heading="Two sources, two denominators",
    reference_sql=ks4_cohort,
    reference_pandas=ks4_cohort_pandas,
    make=varied(ks4_cohort),
    domain={"year": range(2007, 2014)},
    boundaries={"year": (2009,)},
    universe=f"SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pmr FROM {NPD}.ks4pupil_2002_to_2014",
    hints=(
        "Two rules say who went to a state-funded school, one for each half of the years: use if in Python.",
        "KS4_NEW_TYPE is missing before 2008/09, and a missing value is not unequal to 5.",
        "Choose the state-funded, then number each pupil's records by KS4_PTSCNEWE, most points first, and keep 1.",
    ),
    misconceptions=(
        slip(
            "not-national",
            "Some records do not count in national results: KS4_NATRES is 0 there, and published figures leave "
            "them out.",
            counts="1 = 1",
        ),
        slip(
            "independent-kept",
            "Pupils of independent schools are in your cohort. The published rule is state-funded schools only.",
            state="all",
        ),
        slip(
            "null-not-unequal",
            "Before 2008/09 the school type is missing, and a missing value is not unequal to 5, so nobody is left. "
            "In those years a main record in the spring census stands for a state-funded school.",
            state="type",
        ),
        slip(
            "lower-record",
            "You kept the record with fewer points. An order is ascending unless you write DESC.",
            order="ASC",
        ),
        slip(
            "every-record",
            "Pupils with two results stand twice. Keep the record with more points.",
            first=False,
        ),
    ),
    alternatives=(ks4_cohort_by_index, ks4_cohort_joined, ks4_cohort_arg_max),
)
