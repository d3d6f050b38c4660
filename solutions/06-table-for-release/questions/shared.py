"""What several questions of this assignment share."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.catalogue import slips
from leocourse.authoring.shorthand import LEO, labels, tax_year_bounds, winter

slip = slips(__file__)

COHORT_LESSON = "Building a cohort"

WORK_LESSON = "Work: spells and tax years"

EARNINGS_LESSON = "Measuring earnings"

RELEASE_LESSON = "Outputs that may leave"

SPRING = 'npd_i2."2005003".spring_census_2011'

COHORT_SQL = f"""
SELECT pupilmatchingrefanonymous_spr11 AS pupilmatchingrefanonymous, fsmeligible_spr11 AS fsm
FROM {SPRING}
WHERE ncyearactual_spr11 = '11' AND recordstatus_spr11 < 100
"""


def cohort_pandas(con):
    census = con.sql(f"SELECT * FROM {SPRING}").df()
    main = census[(census["ncyearactual_spr11"] == "11") & (census["recordstatus_spr11"] < 100)]
    return main[["pupilmatchingrefanonymous_spr11", "fsmeligible_spr11"]].set_axis(
        ["pupilmatchingrefanonymous", "fsm"], axis=1
    )


SPELLS = f"{LEO}.leo_employment"

LOOKUP = f"{LEO}.learner_ae_id_to_edukey_lookup"

KEYS = f"(SELECT ae_id, edukey FROM {LOOKUP} WHERE edukey IS NOT NULL)"
"""A person may stand in the lookup with a blank in place of an EDUKEY, which is none."""


def days_in_work(con, tax_year, bounds=tax_year_bounds, clip_end=True, inclusive=True, inside="1 = 1", clip_start=True,
                 added="sum", spells=SPELLS, group="edukey"):  # fmt: skip
    first, last = bounds(tax_year)
    end = f"least(enddate, DATE '{last}')" if clip_end else "enddate"
    start = f"greatest(startdate, DATE '{first}')" if clip_start else "startdate"
    return con.sql(f"""
        SELECT edukey, {added}({end} - {start} + {int(inclusive)}) AS days
        FROM {spells}
        WHERE startdate <= DATE '{last}' AND enddate >= DATE '{first}' AND {inside.format(first=first, last=last)}
        GROUP BY {group}
    """)


def days_in_work_pandas(con, tax_year):
    first, last = tax_year_bounds(tax_year)
    spells = con.sql(f"""
        SELECT edukey, startdate, least(enddate, DATE '2100-01-01') AS enddate
        FROM {LEO}.leo_employment
    """).df()
    start = spells["startdate"].clip(lower=pd.Timestamp(first))
    end = spells["enddate"].clip(upper=pd.Timestamp(last))
    spells["days"] = (end - start).dt.days + 1
    return spells[spells["days"] > 0].groupby("edukey")["days"].sum().reset_index()


TAX_YEARS = {"tax_year": labels(2008, 2019)}

EDUKEYS = f"SELECT DISTINCT edukey FROM {LEO}.leo_employment"


def days_by_loop(con, tax_year):
    """In plain Python."""
    first, last = tax_year_bounds(tax_year)
    days = {}
    for edukey, start, end in con.sql(f"SELECT edukey, startdate, enddate FROM {LEO}.leo_employment").fetchall():
        inside = (min(end, last) - max(start, first)).days + 1
        if inside > 0:
            days[edukey] = days.get(edukey, 0) + inside
    return pd.DataFrame({"edukey": list(days), "days": list(days.values())})


TOUCHED, COVERED, AT_FIRST = (
    "s.startdate < m.next_first AND s.enddate >= m.first_day",
    "s.startdate <= m.first_day AND s.enddate >= m.next_first - 1",
    "s.startdate <= m.first_day AND s.enddate >= m.first_day",
)


def sustained(con, tax_year, months=winter, at_least=5, inside=TOUCHED, count="count(DISTINCT m.first_day)",
              spells=SPELLS, group="s.edukey"):  # fmt: skip
    rows = ", ".join(f"(DATE '{first}', DATE '{after}')" for first, after in months(tax_year))
    return con.sql(f"""
        SELECT s.edukey, {count} AS months
        FROM {spells} s
        JOIN (VALUES {rows}) m(first_day, next_first) ON {inside}
        GROUP BY {group}
        HAVING {count} >= {at_least}
    """)


def sustained_pandas(con, tax_year):
    spells = con.sql(f"SELECT edukey, startdate::VARCHAR AS s, enddate::VARCHAR AS e FROM {LEO}.leo_employment").df()
    worked = [
        spells.loc[(spells["s"] < str(after)) & (spells["e"] >= str(first)), "edukey"].drop_duplicates()
        for first, after in winter(tax_year)
    ]
    months = pd.concat(worked).value_counts().rename("months").reset_index()
    return months[months["months"] >= 5]


def sustained_by_sets(con, tax_year):
    """In plain Python: the months of each key as a set."""
    worked = {}
    for edukey, start, end in con.sql(f"SELECT edukey, startdate, enddate FROM {LEO}.leo_employment").fetchall():
        months = {number for number, (first, after) in enumerate(winter(tax_year)) if start < after and end >= first}
        worked.setdefault(edukey, set()).update(months)
    return [{"edukey": edukey, "months": len(months)} for edukey, months in worked.items() if len(months) >= 5]


def _months_of_people(con, keys, year):
    """For each month of a winter, everybody with a day in work."""
    mine = keys.merge(_spells(con), on="edukey")
    for first, after in winter((year - 1) * 100 + year % 100):
        yield mine.loc[(mine["s"] < str(after)) & (mine["e"] >= str(first)), "pmr"].drop_duplicates()


def _spells(con):
    return con.sql(f"SELECT edukey, startdate::VARCHAR AS s, enddate::VARCHAR AS e FROM {LEO}.leo_employment").df()


def _main_records(con, year):
    """Ethnic group, year group and gender of each pupil in a spring census."""
    suffix = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT ethnicgroupmajor_{suffix} AS ethnic, ncyearactual_{suffix} AS year_group, gender_{suffix} AS gender
        FROM npd_i2."2005003".spring_census_{year} WHERE recordstatus_{suffix} < 100
    """).df()
