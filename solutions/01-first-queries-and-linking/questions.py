"""First queries and linking: the questions, their reference answers in SQL and pandas, and the slips they catch."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.catalogue import slips
from leocourse.authoring.shorthand import ILR, LEO, NPD, figure_question
from leocourse.authoring import Assignment, Question

slip = slips(__file__)

DATABASE_LESSON = "The extract as a database"
SQL_LESSON = "SQL for linked records"
LINKING_LESSON = "Who is who: linking people"


# q0: the worked example ----------------------------------------------------------------------------

WORKED_SQL = f"""
SELECT edukey, earnings
FROM {LEO}.leo_earnings
WHERE taxyear = 201314 AND earnings >= 30000
"""


def worked_pandas(con):
    pay = con.sql(f"SELECT edukey, taxyear, earnings FROM {LEO}.leo_earnings").df()
    return pay.loc[(pay["taxyear"] == 201314) & (pay["earnings"] >= 30000), ["edukey", "earnings"]]


Q0 = Question(
    name="q0",
    title="A worked example: pay of 30,000 pounds or more",
    answer_name="q0",
    kind="sql",
    points=0,
    columns={"edukey": "text", "earnings": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=DATABASE_LESSON,
    reference_sql=WORKED_SQL,
    reference_pandas=worked_pandas,
    universe=f"SELECT DISTINCT edukey FROM {LEO}.leo_earnings",
    hints=("Two conditions: the tax year, and the pay.",),
    misconceptions=(
        slip(
            "label-read-as-end",
            "201415 is the tax year after the one that was asked for: 201314 is April 2013 to April 2014.",
            WORKED_SQL.replace("201314", "201415"),
        ),
        slip(
            "no-year",
            "There is no condition on the tax year, so the answer holds pay of every year.",
            WORKED_SQL.replace("taxyear = 201314 AND ", ""),
        ),
    ),
    alternatives=(lambda con: con.sql(f"FROM {LEO}.leo_earnings").filter("taxyear = 201314 AND earnings >= 30000"),),
)


# q1: a filter with codes ---------------------------------------------------------------------------

FILTER_SQL = f"""
SELECT recordid, acage
FROM {ILR}.learners
WHERE year = '2012' AND lldd = 1
"""


def filter_pandas(con):
    learners = con.sql(f"SELECT recordid, acage, year, lldd FROM {ILR}.learners").df()
    return learners[(learners["year"] == "2012") & (learners["lldd"] == 1)][["recordid", "acage"]]


def filter_groups(con):
    """Looks one group of a split up, instead of filtering."""
    learners = con.sql(f"SELECT recordid, acage, academicyear, lldd FROM {ILR}.learners WHERE lldd IS NOT NULL").df()
    return learners.groupby(["academicyear", "lldd"]).get_group(("2012/2013", 1))[["recordid", "acage"]]


Q1 = Question(
    name="q1",
    title="Choose rows by their codes",
    answer_name="q1",
    kind="sql",
    points=1,
    columns={"recordid": "number", "acage": "number"},
    identity=("recordid",),
    unit="record",
    lesson=DATABASE_LESSON,
    reference_sql=FILTER_SQL,
    reference_pandas=filter_pandas,
    universe=f"SELECT recordid FROM {ILR}.learners",
    hints=(
        "The data dictionary says how the field year of this view is labelled, and what the codes of lldd mean.",
        "Here year is the calendar year in which the academic year starts, and it is text.",
        "The year is '2012' in quotes, and the code of lldd is 1.",
    ),
    misconceptions=(
        slip(
            "ilr-year-ends",
            "You took year 2013. Views of the school census are named after the year in which the academic year "
            "ends, but the field year of this view holds the year in which it starts: 2012/13 is '2012'.",
            FILTER_SQL.replace("'2012'", "'2013'"),
        ),
        slip(
            "everything-but-no",
            "You took every code that is not 2. Code 9 means that no answer was provided, so it is not a yes: ask "
            "for code 1.",
            FILTER_SQL.replace("lldd = 1", "lldd <> 2"),
        ),
        slip(
            "no-year",
            "There is no condition on the year, so the answer holds the records of all academic years.",
            FILTER_SQL.replace("year = '2012' AND ", ""),
        ),
    ),
    alternatives=(
        f"SELECT recordid, acage FROM {ILR}.learners WHERE academicyear = '2012/2013' AND lldd NOT IN (2, 9, -1)",
        f"SELECT recordid, acage FROM {ILR}.learners WHERE year = '2012' INTERSECT "
        f"SELECT recordid, acage FROM {ILR}.learners WHERE lldd = 1",
        filter_groups,
        lambda con: (
            con.sql(f"FROM {ILR}.learners").filter("year = '2012'").filter("lldd = 1").project("recordid, acage")
        ),
    ),
)


# q2: a filter with missing values ------------------------------------------------------------------


def not_none_sql(condition):
    return f"""
SELECT pupilmatchingrefanonymous_spr14 AS pmr, recordstatus_spr14 AS recordstatus, 
       CASE WHEN senprovision_spr14 IS NULL THEN 1 ELSE 0 END AS missing
FROM {NPD}.spring_census_2014
WHERE {condition}
"""


YEAR_9_OR_10 = "ncyearactual_spr14 IN ('9', '10')"
NEED_OR_MISSING = "(senprovision_spr14 <> 'N' OR senprovision_spr14 IS NULL)"


def census_2014(con):
    return con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr14 AS pmr, recordstatus_spr14 AS recordstatus,
               senprovision_spr14 AS provision, ncyearactual_spr14 AS year_group
        FROM {NPD}.spring_census_2014
    """).df()


def not_none_pandas(con):
    census = census_2014(con)
    kept = census["year_group"].isin(["9", "10"]) & ~census["provision"].eq("N").fillna(False).astype(bool)
    return census[kept].assign(missing=census["provision"].isna().astype(int))


def not_none_by_dropping(con):
    """Drops the rows that say N, by their index."""
    census = census_2014(con).query("year_group in ('9', '10')")
    census = census.drop(census.index[census["provision"] == "N"])
    return census.assign(missing=[int(pd.isna(code)) for code in census["provision"]])


Q2 = Question(
    name="q2",
    title="A filter that meets missing values",
    answer_name="q2",
    kind="sql",
    points=2,
    columns={"pmr": "text", "recordstatus": "number", "missing": "number"},
    identity=("pmr", "recordstatus"),
    unit="record",
    lesson=DATABASE_LESSON,
    reference_sql=not_none_sql(f"{YEAR_9_OR_10} AND {NEED_OR_MISSING}"),
    reference_pandas=not_none_pandas,
    universe=not_none_sql("1 = 1"),
    hints=(
        "What does a comparison with a missing value give: true, false, or neither?",
        "A missing value needs a condition of its own, IS NULL, joined with OR.",
        "AND binds before OR: put brackets round each pair of conditions joined with OR.",
    ),
    misconceptions=(
        slip(
            "null-not-unequal",
            "Records with a missing value are gone. A missing value is neither equal nor unequal to 'N', so <> 'N' "
            "drops it: add OR ... IS NULL, in brackets.",
            not_none_sql(f"{YEAR_9_OR_10} AND senprovision_spr14 <> 'N'"),
        ),
        slip(
            "and-before-or",
            "AND binds before OR, so your condition on SEN holds for year 10 only and all of year 9 stayed. Put "
            "brackets round the two year groups, or write IN ('9', '10').",
            not_none_sql(f"ncyearactual_spr14 = '9' OR ncyearactual_spr14 = '10' AND {NEED_OR_MISSING}"),
        ),
        slip(
            "missing-from-everywhere",
            "Your OR ... IS NULL stands outside the brackets, so records with a missing value came in from every "
            "year group.",
            not_none_sql(f"{YEAR_9_OR_10} AND senprovision_spr14 <> 'N' OR senprovision_spr14 IS NULL"),
        ),
    ),
    alternatives=(
        not_none_sql(f"{YEAR_9_OR_10} AND COALESCE(senprovision_spr14, '?') <> 'N'"),
        not_none_sql(YEAR_9_OR_10) + " EXCEPT " + not_none_sql("senprovision_spr14 = 'N'"),
        not_none_sql(f"{YEAR_9_OR_10} AND senprovision_spr14 IS DISTINCT FROM 'N'"),
        not_none_by_dropping,
    ),
)


# q3: a code list and a count -----------------------------------------------------------------------


def provision_sql(support="'A', 'P', 'K'", plan="'S', 'E'", otherwise="'not known'", counted="*"):
    return " UNION ALL ".join(
        f"""
SELECT {year} AS census, provision, COUNT({counted}) AS records
FROM (
    SELECT senprovision_spr{year % 100} AS code, CASE WHEN senprovision_spr{year % 100} = 'N' THEN 'none'
                WHEN senprovision_spr{year % 100} IN ({support}) THEN 'support'
                WHEN senprovision_spr{year % 100} IN ({plan}) THEN 'statement or plan'
                ELSE {otherwise} END AS provision
    FROM {NPD}.spring_census_{year}
) AS t
GROUP BY provision
"""
        for year in (2015, 2016)
    )


PROVISION_NAMES = {"N": "none", "A": "support", "P": "support", "K": "support"}
PROVISION_NAMES |= {"S": "statement or plan", "E": "statement or plan"}
BOTH_CENSUSES = f"""
    SELECT 2015 AS census, senprovision_spr15 AS code FROM {NPD}.spring_census_2015
    UNION ALL SELECT 2016, senprovision_spr16 FROM {NPD}.spring_census_2016
"""


def provision_pandas(con):
    census = con.sql(BOTH_CENSUSES).df()
    census["provision"] = census["code"].map(PROVISION_NAMES).fillna("not known")
    return census.groupby(["census", "provision"]).size().rename("records").reset_index()


def provision_crossed(con):
    """A cross table of census by code, its columns added up by group."""
    census = con.sql(BOTH_CENSUSES).df()
    table = pd.crosstab(census["census"], census["code"].fillna("?"))
    table = table.T.groupby(lambda code: PROVISION_NAMES.get(code, "not known")).sum().T
    table = table.melt(var_name="provision", value_name="records", ignore_index=False).reset_index()
    return table[table["records"] > 0]


PROVISION_CODES = """(VALUES ('N', 'none'), ('A', 'support'), ('P', 'support'), ('K', 'support'),
                             ('S', 'statement or plan'), ('E', 'statement or plan')) AS l(code, label)"""

Q3 = Question(
    name="q3",
    title="Decode and count",
    answer_name="q3",
    kind="sql",
    points=2,
    columns={"census": "number", "provision": "text", "records": "number"},
    identity=("census", "provision"),
    unit="group",
    lesson=DATABASE_LESSON,
    reference_sql=provision_sql(),
    reference_pandas=provision_pandas,
    hints=(
        "Look at all codes that occur in both censuses, the missing value included, before you write the groups.",
        "CASE WHEN gives each code its group. What falls into ELSE?",
        "Count rows with COUNT(*), once in each census, and put the two results together with UNION ALL.",
    ),
    misconceptions=(
        slip(
            "old-codes-only",
            "You used the codes A, P and S only. From one census to the next, K takes the place of A and P, and E "
            "appears: look at the codes of both years.",
            provision_sql(support="'A', 'P'", plan="'S'"),
        ),
        slip(
            "else-takes-the-missing",
            "Your ELSE turned missing values into 'none'. A missing value does not say that a pupil has no special "
            "educational needs: give it a group of its own.",
            provision_sql(otherwise="'none'"),
        ),
        slip(
            "count-of-a-column",
            "COUNT of a column counts the values that are there, so the group of missing values has 0. COUNT(*) "
            "counts rows.",
            provision_sql(counted="code"),
        ),
    ),
    alternatives=(
        f"""SELECT c.census, COALESCE(l.label, 'not known') AS provision, COUNT(*) AS records
            FROM ({BOTH_CENSUSES}) AS c LEFT JOIN {PROVISION_CODES} ON l.code = c.code
            GROUP BY c.census, COALESCE(l.label, 'not known')""",
        f"""WITH c AS ({BOTH_CENSUSES})
            SELECT census, 'none' AS provision, COUNT(*) AS records FROM c WHERE code = 'N' GROUP BY census
            UNION ALL SELECT census, 'support', COUNT(*) FROM c WHERE code IN ('A', 'P', 'K') GROUP BY census
            UNION ALL SELECT census, 'statement or plan', COUNT(*) FROM c WHERE code IN ('S', 'E') GROUP BY census
            UNION ALL SELECT census, 'not known', COUNT(*) FROM c WHERE code IS NULL GROUP BY census""",
        provision_crossed,
    ),
)


# q4: a percentage by group, as a function ----------------------------------------------------------


def eligible(con, year, share="SUM({fsm}) / COUNT({fsm})", scale="100.0"):
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT ethnicgroupmajor_{yy} AS ethnic_group, COUNT(*) AS records,
               COUNT(*) - COUNT(fsmeligible_{yy}) AS missing,
               {scale} * {share.format(fsm=f"fsmeligible_{yy}")} AS percent
        FROM {NPD}.spring_census_{year}
        GROUP BY ethnicgroupmajor_{yy}
    """)


def eligible_pandas(con, year):
    yy = f"spr{year % 100:02d}"
    census = con.sql(f"SELECT ethnicgroupmajor_{yy} AS e, fsmeligible_{yy} AS f FROM {NPD}.spring_census_{year}").df()
    groups = census["f"].astype(float).groupby(census["e"])
    table = pd.DataFrame({"records": groups.size(), "missing": groups.size() - groups.count()})
    table["percent"] = 100 * groups.mean()
    return table.rename_axis("ethnic_group").reset_index()


def eligible_without_missing(con, year):
    """AVG leaves missing values out, so it is the share among the known."""
    return eligible(con, year, share="AVG({fsm})")


def eligible_crossed(con, year):
    """A cross table of group by value, missing ones included."""
    yy = f"spr{year % 100:02d}"
    census = con.sql(f"SELECT ethnicgroupmajor_{yy} AS e, fsmeligible_{yy} AS f FROM {NPD}.spring_census_{year}").df()
    table = pd.crosstab(census["e"], census["f"].astype("float").fillna(-1))
    return pd.DataFrame(
        {
            "ethnic_group": table.index,
            "records": table.sum(axis=1).to_numpy(),
            "missing": table[-1.0].to_numpy(),
            "percent": (100 * table[1.0] / (table[0.0] + table[1.0])).to_numpy(),
        }
    )


def eligible_windowed(con, year):
    """Counts as windows over the records, then one row a group."""
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT DISTINCT ethnicgroupmajor_{yy} AS ethnic_group, COUNT(*) OVER w AS records,
               SUM(CASE WHEN fsmeligible_{yy} IS NULL THEN 1 ELSE 0 END) OVER w AS missing,
               100.0 * COUNT(CASE WHEN fsmeligible_{yy} = 1 THEN 1 END) OVER w
                     / COUNT(fsmeligible_{yy}) OVER w AS percent
        FROM {NPD}.spring_census_{year}
        WINDOW w AS (PARTITION BY ethnicgroupmajor_{yy})
    """)


Q4 = Question(
    name="q4",
    title="A percentage by group, as a function of the year",
    answer_name="eligible",
    kind="function",
    points=2,
    columns={"ethnic_group": "text", "records": "number", "missing": "number", "percent": "number"},
    identity=("ethnic_group",),
    unit="ethnic group",
    lesson=SQL_LESSON,
    reference_sql=eligible,
    reference_pandas=eligible_pandas,
    tolerance={"percent": 0.01},
    calls=({"year": 2010}, {"year": 2017}),
    hints=(
        "The names of view and columns contain the year: build them from the argument with an f-string.",
        "The percentage rests on records that say 1 or 0. How many records of a group do?",
        "COUNT(*) counts records, COUNT(column) those in which the column is not missing.",
    ),
    misconceptions=(
        slip(
            "missing-in-the-base",
            "Your percentage divides by all records. Those with a missing value say neither yes nor no: divide by "
            "the records that say 1 or 0.",
            lambda con, year: eligible(con, year, share="SUM({fsm}) / COUNT(*)"),
        ),
        slip(
            "wrong-way-round",
            "You gave each group's share of all pupils who are eligible. The question asks how many of the group "
            "are eligible: divide within the group.",
            lambda con, year: eligible(con, year, share="SUM({fsm}) / SUM(SUM({fsm})) OVER ()"),
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            lambda con, year: eligible(con, year, scale="1.0"),
        ),
        slip(
            "year-it-begins",
            "You used the census of the year before. The argument is the year in the name of the view.",
            lambda con, year: eligible(con, year - 1),
        ),
    ),
    alternatives=(eligible_without_missing, eligible_crossed, eligible_windowed),
)


# q5: a join that keeps everybody -------------------------------------------------------------------


def london_sql(join="LEFT JOIN", on="e.edukey = g.edukey AND e.taxyear = g.taxyear", where="", pay="e.earnings"):
    return f"""
SELECT g.edukey, {pay} AS earnings
FROM {LEO}.leo_geography AS g
{join} {LEO}.leo_earnings AS e ON {on}
WHERE g.taxyear = 201617 AND g.gornm = 'London' {where}
"""


def london_pandas(con):
    homes = con.sql(f"SELECT edukey, taxyear, gornm FROM {LEO}.leo_geography").df()
    pay = con.sql(f"SELECT edukey, taxyear, earnings FROM {LEO}.leo_earnings").df()
    homes = homes[(homes["taxyear"] == 201617) & (homes["gornm"] == "London")]
    return homes.merge(pay, how="left", on=["edukey", "taxyear"])[["edukey", "earnings"]]


def london_mapped(con):
    """Pay looked up by key, without a merge."""
    homes = con.sql(f"SELECT edukey FROM {LEO}.leo_geography WHERE taxyear = 201617 AND gornm = 'London'").df()
    pay = con.sql(f"SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE taxyear = 201617").df()
    return homes.assign(earnings=homes["edukey"].map(pay.set_index("edukey")["earnings"]))


Q5 = Question(
    name="q5",
    title="A join that keeps everybody",
    answer_name="q5",
    kind="sql",
    points=2,
    columns={"edukey": "text", "earnings": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=SQL_LESSON,
    reference_sql=london_sql(),
    reference_pandas=london_pandas,
    universe=f"SELECT edukey FROM {LEO}.leo_geography WHERE taxyear = 201617 AND gornm = 'London'",
    hints=(
        "The base is the addresses. Which kind of join keeps an address to which no pay belongs?",
        "Two columns tie an address to pay: the person and the year.",
        "A condition on the right-hand table belongs in ON: in WHERE it drops the rows that found nothing.",
    ),
    misconceptions=(
        slip(
            "inner-join",
            "You lost those without pay in the year. An inner join drops them, and so does a condition on the pay in "
            "WHERE after a LEFT JOIN. Use a LEFT JOIN, with the year of the pay in ON.",
            london_sql(join="JOIN"),
        ),
        slip(
            "where-after-left-join",
            "You joined on the key alone and chose the year of pay in WHERE, but kept rows without any pay with "
            "OR ... IS NULL. People with pay in other years only are lost: put the year of the pay in ON.",
            london_sql(on="e.edukey = g.edukey", where="AND (e.taxyear = 201617 OR e.taxyear IS NULL)"),
        ),
        slip(
            "half-a-key",
            "You joined on the EDUKEY alone, so each address met the pay of every year. A row of pay is an EDUKEY "
            "in a tax year: join on both.",
            london_sql(on="e.edukey = g.edukey"),
        ),
        slip(
            "missing-as-zero",
            "You turned missing pay into 0. No row and a row of 0 are different things: leave it missing.",
            london_sql(pay="COALESCE(e.earnings, 0)"),
        ),
    ),
    alternatives=(
        f"""SELECT g.edukey, (SELECT MAX(e.earnings) FROM {LEO}.leo_earnings AS e
                              WHERE e.edukey = g.edukey AND e.taxyear = 201617) AS earnings
            FROM {LEO}.leo_geography AS g WHERE g.taxyear = 201617 AND g.gornm = 'London'""",
        f"""WITH home AS (SELECT edukey FROM {LEO}.leo_geography WHERE taxyear = 201617 AND gornm = 'London'),
                 pay AS (SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE taxyear = 201617)
            SELECT h.edukey, p.earnings FROM home AS h JOIN pay AS p ON p.edukey = h.edukey
            UNION ALL
            SELECT h.edukey, NULL FROM home AS h WHERE NOT EXISTS (SELECT 1 FROM pay AS p WHERE p.edukey = h.edukey)""",
        f"""SELECT edukey, MAX(earnings) AS earnings
            FROM (SELECT edukey, NULL AS earnings, 1 AS home FROM {LEO}.leo_geography
                  WHERE taxyear = 201617 AND gornm = 'London'
                  UNION ALL SELECT edukey, earnings, 0 FROM {LEO}.leo_earnings WHERE taxyear = 201617) AS t
            GROUP BY edukey HAVING MAX(home) = 1""",
        london_mapped,
    ),
)


# q6: two tables that both multiply -----------------------------------------------------------------

TWO_MANY_SQL = f"""
WITH spells AS (
    SELECT edukey, COUNT(*) AS spells FROM {LEO}.leo_employment WHERE edukey < 'EK4' GROUP BY edukey
),
paid AS (
    SELECT edukey, COUNT(*) AS paid_years, SUM(earnings) AS total FROM {LEO}.leo_earnings
    WHERE earnings > 0 GROUP BY edukey
)
SELECT s.edukey, s.spells, COALESCE(p.paid_years, 0) AS paid_years, COALESCE(p.total, 0) AS total
FROM spells AS s
LEFT JOIN paid AS p ON p.edukey = s.edukey
"""


def joined_first_sql(spells="COUNT(*)", years="COUNT(e.taxyear)", total="COALESCE(SUM(e.earnings), 0)"):
    """Both tables joined row by row, then counted: the way that multiplies."""
    return f"""
SELECT s.edukey, {spells} AS spells, {years} AS paid_years, {total} AS total
FROM {LEO}.leo_employment AS s
LEFT JOIN {LEO}.leo_earnings AS e ON e.edukey = s.edukey AND e.earnings > 0
WHERE s.edukey < 'EK4'
GROUP BY s.edukey
"""


def two_many_pandas(con):
    spells = con.sql(f"SELECT edukey FROM {LEO}.leo_employment WHERE edukey < 'EK4'").df()
    pay = con.sql(f"SELECT edukey, earnings FROM {LEO}.leo_earnings").df()
    paid = pay[pay["earnings"] > 0].groupby("edukey")["earnings"].agg(paid_years="size", total="sum")
    table = spells.groupby("edukey").size().rename("spells").to_frame().join(paid)
    return table.fillna(0).reset_index()


def two_many_counted(con):
    """Counts looked up by key."""
    spells = con.sql(f"SELECT edukey FROM {LEO}.leo_employment WHERE edukey < 'EK4'").df()["edukey"].value_counts()
    pay = con.sql(f"SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE earnings > 0").df()
    table = pd.DataFrame({"edukey": spells.index, "spells": spells.to_numpy()})
    table["paid_years"] = table["edukey"].map(pay["edukey"].value_counts()).fillna(0)
    table["total"] = table["edukey"].map(pay.groupby("edukey")["earnings"].sum()).fillna(0)
    return table


Q6 = Question(
    name="q6",
    title="Two tables with many rows a person",
    answer_name="q6",
    kind="sql",
    points=3,
    columns={"edukey": "text", "spells": "number", "paid_years": "number", "total": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=SQL_LESSON,
    reference_sql=TWO_MANY_SQL,
    reference_pandas=two_many_pandas,
    universe=f"SELECT DISTINCT edukey FROM {LEO}.leo_employment WHERE edukey < 'EK4'",
    hints=(
        "An EDUKEY with 3 spells and 5 years of pay: how many rows has the join of the two tables?",
        "Bring each table to one row an EDUKEY first, in a common table expression of its own.",
        "LEFT JOIN the paid years to the spells, and give 0 to those who have none.",
    ),
    misconceptions=(
        slip(
            "many-times-many",
            "You joined the two tables row by row, so every spell met every year of pay, and all counts and sums are "
            "multiplied. Bring each table to one row an EDUKEY before you join.",
            joined_first_sql(),
        ),
        slip(
            "distinct-mends-the-count",
            "COUNT(DISTINCT ...) mends the counts after the join, but the sum of pay is still multiplied by the "
            "number of spells. Bring each table to one row an EDUKEY before you join.",
            joined_first_sql(spells="COUNT(DISTINCT s.startdate)", years="COUNT(DISTINCT e.taxyear)"),
        ),
        slip(
            "inner-join",
            "An inner join drops EDUKEYs that have spells but no pay. The question asks for all with a spell.",
            TWO_MANY_SQL.replace("LEFT JOIN", "JOIN"),
        ),
        slip(
            "nothing-left-missing",
            "Those without a paid year have missing values. The number of their paid years is known: it is 0, and "
            "so is their total.",
            TWO_MANY_SQL.replace("COALESCE(p.paid_years, 0)", "p.paid_years").replace(
                "COALESCE(p.total, 0)", "p.total"
            ),
        ),
    ),
    alternatives=(
        f"""SELECT s.edukey, COUNT(*) AS spells,
                   (SELECT COUNT(*) FROM {LEO}.leo_earnings AS e
                    WHERE e.edukey = s.edukey AND e.earnings > 0) AS paid_years,
                   (SELECT COALESCE(SUM(e.earnings), 0) FROM {LEO}.leo_earnings AS e
                    WHERE e.edukey = s.edukey AND e.earnings > 0) AS total
            FROM {LEO}.leo_employment AS s WHERE s.edukey < 'EK4' GROUP BY s.edukey""",
        f"""SELECT edukey, SUM(spell) AS spells, SUM(year) AS paid_years, SUM(pay) AS total
            FROM (SELECT edukey, 1 AS spell, 0 AS year, 0 AS pay FROM {LEO}.leo_employment
                  WHERE edukey < 'EK4'
                  UNION ALL
                  SELECT edukey, 0, 1, earnings FROM {LEO}.leo_earnings WHERE earnings > 0) AS t
            GROUP BY edukey HAVING SUM(spell) > 0""",
        two_many_counted,
    ),
)


# q7: a window function -----------------------------------------------------------------------------


def busiest_sql(order="num_employments DESC, taxyear", rank="ROW_NUMBER"):
    return f"""
SELECT edukey, taxyear, num_employments, earnings
FROM (
    SELECT edukey, taxyear, num_employments, earnings,
           {rank}() OVER (PARTITION BY edukey ORDER BY {order}) AS place
    FROM {LEO}.leo_earnings
    WHERE num_employments IS NOT NULL AND edukey < 'EK4'
) AS ranked
WHERE place = 1
"""


def pay_with_employers(con):
    return con.sql(f"""
        SELECT edukey, taxyear, num_employments, earnings FROM {LEO}.leo_earnings
        WHERE num_employments IS NOT NULL AND edukey < 'EK4'
    """).df()


def busiest_pandas(con):
    pay = pay_with_employers(con).sort_values(["num_employments", "taxyear"], ascending=[False, True])
    return pay.drop_duplicates("edukey")


def busiest_by_index(con):
    """The label of the largest value of each group: the first, if rows stand in the order of years."""
    pay = pay_with_employers(con).sort_values("taxyear").reset_index(drop=True)
    return pay.loc[pay.groupby("edukey")["num_employments"].idxmax()]


Q7 = Question(
    name="q7",
    title="One row of many, chosen with a window function",
    answer_name="q7",
    kind="sql",
    points=3,
    columns={"edukey": "text", "taxyear": "number", "num_employments": "number", "earnings": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=SQL_LESSON,
    reference_sql=busiest_sql(),
    reference_pandas=busiest_pandas,
    universe=f"SELECT DISTINCT edukey FROM {LEO}.leo_earnings WHERE num_employments IS NOT NULL AND edukey < 'EK4'",
    hints=(
        "All three values come from one row. MAX of each column would take them from different rows.",
        "Number the rows of each EDUKEY in the order that the question states, ties included.",
        "ROW_NUMBER() OVER (PARTITION BY edukey ORDER BY num_employments DESC, taxyear), then keep number 1.",
    ),
    misconceptions=(
        slip(
            "max-of-each-column",
            "You took the largest value of each column by itself, so the values come from different tax years. "
            "Choose one row, then read all its columns.",
            f"SELECT edukey, MAX(taxyear) AS taxyear, MAX(num_employments) AS num_employments, MAX(earnings) AS "
            f"earnings FROM {LEO}.leo_earnings WHERE num_employments IS NOT NULL AND edukey < 'EK4' GROUP BY edukey",
        ),
        slip(
            "rank-keeps-ties",
            "RANK gives tied rows the same place, so several years of an EDUKEY have place 1. Break ties with the "
            "tax year, and number rows with ROW_NUMBER.",
            busiest_sql(order="num_employments DESC", rank="RANK"),
        ),
        slip(
            "latest-of-ties",
            "Where years tie you took the latest. The question asks for the earliest of them.",
            busiest_sql(order="num_employments DESC, taxyear DESC"),
        ),
    ),
    alternatives=(
        f"""SELECT e.edukey, e.taxyear, e.num_employments, e.earnings FROM {LEO}.leo_earnings AS e
            WHERE e.num_employments IS NOT NULL AND e.edukey < 'EK4' AND NOT EXISTS (
                SELECT 1 FROM {LEO}.leo_earnings AS other WHERE other.edukey = e.edukey
                AND (other.num_employments > e.num_employments
                     OR other.num_employments = e.num_employments AND other.taxyear < e.taxyear))""",
        f"""WITH most AS (SELECT edukey, MAX(num_employments) AS n FROM {LEO}.leo_earnings
                           WHERE edukey < 'EK4' GROUP BY edukey),
                 first_year AS (SELECT e.edukey, MIN(e.taxyear) AS taxyear FROM {LEO}.leo_earnings AS e
                                JOIN most AS m ON m.edukey = e.edukey AND m.n = e.num_employments GROUP BY e.edukey)
            SELECT e.edukey, e.taxyear, e.num_employments, e.earnings FROM {LEO}.leo_earnings AS e
            JOIN first_year AS f ON f.edukey = e.edukey AND f.taxyear = e.taxyear""",
        f"""SELECT DISTINCT ON (edukey) edukey, taxyear, num_employments, earnings FROM {LEO}.leo_earnings
            WHERE num_employments IS NOT NULL AND edukey < 'EK4' ORDER BY edukey, num_employments DESC, taxyear""",
        busiest_by_index,
    ),
)


# q8: keys that lead to two people ------------------------------------------------------------------


def shared_sql(pmrs="COUNT(DISTINCT p.pupilmatchingrefanonymous)", least=2, having="k.edukey"):
    return f"""
SELECT k.edukey, COUNT(DISTINCT k.ae_id) AS ae_ids, {pmrs} AS pmrs
FROM {LEO}.learner_ae_id_to_edukey_lookup AS k
LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.ae_id = k.ae_id
GROUP BY {having}
HAVING COUNT(DISTINCT k.ae_id) >= {least}
"""


SHARED_BACKWARDS_SQL = f"""
SELECT k.edukey, COUNT(DISTINCT k.ae_id) AS ae_ids, COUNT(DISTINCT p.pupilmatchingrefanonymous) AS pmrs
FROM {LEO}.learner_ae_id_to_edukey_lookup AS k
LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.ae_id = k.ae_id
WHERE k.ae_id IN (SELECT ae_id FROM {LEO}.learner_ae_id_to_edukey_lookup GROUP BY ae_id HAVING COUNT(*) > 1)
GROUP BY k.edukey
"""


def spine(con):
    """The two lookups joined: one row for each path from an EDUKEY to a PMR."""
    keys = con.sql(f"SELECT ae_id, edukey FROM {LEO}.learner_ae_id_to_edukey_lookup").df()
    pupils = con.sql(f"SELECT ae_id, pupilmatchingrefanonymous AS pmr FROM {LEO}.learner_ae_id_to_pmr_lookup").df()
    return keys.merge(pupils, how="left", on="ae_id")


def shared_pandas(con):
    table = spine(con).groupby("edukey").agg(ae_ids=("ae_id", "nunique"), pmrs=("pmr", "nunique")).reset_index()
    return table[table["ae_ids"] > 1]


def shared_duplicated(con):
    """Only the keys that are repeated in the lookup, then counted by dropping duplicates."""
    keys = con.sql(f"SELECT DISTINCT ae_id, edukey FROM {LEO}.learner_ae_id_to_edukey_lookup").df()
    twice = keys[keys["edukey"].duplicated(keep=False)]
    paths = spine(con)
    pmrs = paths[["edukey", "pmr"]].dropna().drop_duplicates()["edukey"].value_counts()
    ae_ids = twice["edukey"].value_counts()
    return pd.DataFrame({"edukey": ae_ids.index, "ae_ids": ae_ids.to_numpy(), "pmrs": ae_ids.index.map(pmrs)})


Q8 = Question(
    name="q8",
    title="EDUKEYs with more than one AE_ID",
    answer_name="q8",
    kind="sql",
    points=2,
    columns={"edukey": "text", "ae_ids": "number", "pmrs": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LINKING_LESSON,
    reference_sql=shared_sql(),
    reference_pandas=shared_pandas,
    universe=f"SELECT DISTINCT edukey FROM {LEO}.learner_ae_id_to_edukey_lookup",
    hints=(
        "Which lookup holds both keys? Group it by the key that the rows of the answer are about.",
        "A condition on a count stands in HAVING, not in WHERE.",
        "Join the other lookup on ae_id, and count different PMRs, not rows.",
    ),
    misconceptions=(
        slip(
            "lookup-read-backwards",
            "You looked for AE_IDs with more than one EDUKEY. The question goes the other way: group by EDUKEY and "
            "count AE_IDs.",
            SHARED_BACKWARDS_SQL,
        ),
        slip(
            "rows-not-keys",
            "You counted joined rows as PMRs. Two AE_IDs can lead to one and the same PMR: count different ones.",
            shared_sql(pmrs="COUNT(p.pupilmatchingrefanonymous)"),
        ),
        slip(
            "no-having",
            "You kept EDUKEYs with a single AE_ID. A condition on a group stands in HAVING: more than one.",
            shared_sql(least=1),
        ),
    ),
    alternatives=(
        f"""SELECT a.edukey, COUNT(DISTINCT a.ae_id) AS ae_ids, COUNT(DISTINCT p.pupilmatchingrefanonymous) AS pmrs
            FROM {LEO}.learner_ae_id_to_edukey_lookup AS a
            LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.ae_id = a.ae_id
            WHERE EXISTS (SELECT 1 FROM {LEO}.learner_ae_id_to_edukey_lookup AS b
                          WHERE b.edukey = a.edukey AND b.ae_id <> a.ae_id)
            GROUP BY a.edukey""",
        f"""SELECT edukey, MAX(nth) AS ae_ids, COUNT(DISTINCT pmr) AS pmrs
            FROM (SELECT k.edukey, p.pupilmatchingrefanonymous AS pmr,
                         DENSE_RANK() OVER (PARTITION BY k.edukey ORDER BY k.ae_id) AS nth
                  FROM {LEO}.learner_ae_id_to_edukey_lookup AS k
                  LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.ae_id = k.ae_id) AS t
            GROUP BY edukey HAVING MAX(nth) > 1""",
        shared_duplicated,
    ),
)


# q9: from records to people ------------------------------------------------------------------------


def learners_of(con, year, starts=None, records="COUNT(*)", joined="", where=True):
    starts = year - 1 if starts is None else starts
    condition = f"WHERE l.year = '{starts}'" if where else ""
    return con.sql(f"""
        SELECT r.ae_id, {records} AS records, MIN(l.acage) AS age
        FROM {ILR}.learners AS l
        JOIN {LEO}.education_records_lookup AS r ON r.recordid = l.recordid
        {joined}
        {condition}
        GROUP BY r.ae_id
    """)


def learners_pandas(con, year):
    learners = con.sql(f"SELECT recordid, acage, year FROM {ILR}.learners").df()
    people = con.sql(f"SELECT recordid, ae_id FROM {LEO}.education_records_lookup").df()
    learners = learners[learners["year"] == str(year - 1)].merge(people, on="recordid")
    return learners.groupby("ae_id", as_index=False).agg(records=("recordid", "size"), age=("acage", "min"))


def learners_filtered_late(con, year):
    """Everything grouped by person and year, and the year chosen at the end."""
    return con.sql(f"""
        SELECT ae_id, records, age
        FROM (SELECT r.ae_id, l.academicyear, COUNT(DISTINCT l.recordid) AS records, MIN(l.acage) AS age
              FROM {LEO}.education_records_lookup AS r JOIN {ILR}.learners AS l ON l.recordid = r.recordid
              GROUP BY r.ae_id, l.academicyear) AS t
        WHERE academicyear = '{year - 1}/{year}'
    """)


def learners_windowed(con, year):
    """A window that counts, then one row each."""
    return con.sql(f"""
        SELECT DISTINCT r.ae_id, COUNT(*) OVER w AS records, MIN(l.acage) OVER w AS age
        FROM {ILR}.learners AS l, {LEO}.education_records_lookup AS r
        WHERE r.recordid = l.recordid AND l.year = '{year - 1}'
        WINDOW w AS (PARTITION BY r.ae_id)
    """)


def learners_mapped(con, year):
    """The person of each record looked up by key."""
    learners = con.sql(f"SELECT recordid, acage FROM {ILR}.learners WHERE year = '{year - 1}'").df()
    people = con.sql(f"SELECT recordid, ae_id FROM {LEO}.education_records_lookup").df().set_index("recordid")["ae_id"]
    ages = learners["acage"].groupby(learners["recordid"].map(people).rename("ae_id"))
    return pd.DataFrame({"records": ages.size(), "age": ages.min()})


Q9 = Question(
    name="q9",
    title="From learner records to people, as a function of the year",
    answer_name="learners_of",
    kind="function",
    points=3,
    columns={"ae_id": "number", "records": "number", "age": "number"},
    identity=("ae_id",),
    unit="person",
    people=True,
    lesson=LINKING_LESSON,
    reference_sql=learners_of,
    reference_pandas=learners_pandas,
    calls=({"year": 2011}, {"year": 2016}),
    universe=f"SELECT DISTINCT ae_id FROM {LEO}.education_records_lookup",
    hints=(
        "RECORDID stands for one record, not for a person. Which lookup leads from it to AE_ID?",
        "The argument is the year in which the academic year ends. The field year holds the one in which it starts.",
        "Join learners to education_records_lookup on recordid, filter year = str(year - 1), group by ae_id.",
    ),
    misconceptions=(
        slip(
            "ilr-year-ends",
            "You compared the field year with the argument as it is. The field holds the year in which the academic "
            "year starts, the argument the one in which it ends: subtract 1.",
            lambda con, year: learners_of(con, year, starts=year),
        ),
        slip(
            "no-year",
            "There is no condition on the academic year, so people of all years are in the answer.",
            lambda con, year: learners_of(con, year, where=False),
        ),
        slip(
            "aims-counted",
            "You joined the aims, so you counted learning aims. A learner record has many aims: count records of the "
            "view learners.",
            lambda con, year: learners_of(con, year, joined=f"JOIN {ILR}.aims AS a ON a.external_id = l.external_id"),
        ),
        slip(
            "one-record-each",
            "You gave everybody one record. Some people are returned by two providers in one year, so count their "
            "records.",
            lambda con, year: learners_of(con, year, records="COUNT(DISTINCT r.ae_id)"),
        ),
    ),
    alternatives=(learners_filtered_late, learners_windowed, learners_mapped),
)


# q10: match rates by group -------------------------------------------------------------------------


def match_rates(con, year, linked="COUNT(DISTINCT CASE WHEN k.edukey IS NOT NULL THEN c.pmr END)", join="LEFT JOIN",
                pupils="COUNT(DISTINCT c.pmr)"):  # fmt: skip
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT c.ethnic_group, {pupils} AS pupils, {linked} AS linked, 100.0 * {linked} / {pupils} AS rate
        FROM (SELECT pupilmatchingrefanonymous_{yy} AS pmr, ethnicgroupmajor_{yy} AS ethnic_group
              FROM {NPD}.spring_census_{year}
              WHERE ncyearactual_{yy} = '11' AND recordstatus_{yy} < 100) AS c
        {join} {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = c.pmr
        {join} {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
        GROUP BY c.ethnic_group
    """)


def linked_pmrs(con):
    """PMRs that lead to an EDUKEY."""
    return set(spine(con)["pmr"].dropna())


def match_rates_pandas(con, year):
    yy = f"spr{year % 100:02d}"
    pupils = con.sql(f"""
        SELECT pupilmatchingrefanonymous_{yy} AS pmr, ethnicgroupmajor_{yy} AS ethnic_group
        FROM {NPD}.spring_census_{year} WHERE ncyearactual_{yy} = '11' AND recordstatus_{yy} < 100
    """).df()
    pupils["found"] = pupils["pmr"].map(linked_pmrs(con).__contains__)
    table = pupils.groupby("ethnic_group", as_index=False)["found"].agg(pupils="size", linked="sum", rate="mean")
    return table.assign(rate=100 * table["rate"])


def match_rates_exists(con, year):
    """A flag for each pupil, by EXISTS, then its mean."""
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        WITH flagged AS (
            SELECT c.ethnicgroupmajor_{yy} AS ethnic_group,
                   CASE WHEN EXISTS (
                       SELECT 1 FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
                       JOIN {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
                       WHERE p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_{yy}) THEN 1 ELSE 0 END AS found
            FROM {NPD}.spring_census_{year} AS c WHERE c.ncyearactual_{yy} = '11' AND c.recordstatus_{yy} < 100
        )
        SELECT ethnic_group, COUNT(*) AS pupils, SUM(found) AS linked, 100.0 * AVG(found) AS rate
        FROM flagged GROUP BY ethnic_group
    """)


def match_rates_two_counts(con, year):
    """Pupils counted, linked pupils counted, and the two tables joined."""
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        WITH c AS (
            SELECT pupilmatchingrefanonymous_{yy} AS pmr, ethnicgroupmajor_{yy} AS ethnic_group
            FROM {NPD}.spring_census_{year} WHERE ncyearactual_{yy} = '11' AND recordstatus_{yy} < 100
        ),
        keyed AS (
            SELECT DISTINCT p.pupilmatchingrefanonymous AS pmr
            FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
            WHERE p.ae_id IN (SELECT ae_id FROM {LEO}.learner_ae_id_to_edukey_lookup)
        ),
        every AS (SELECT ethnic_group, COUNT(*) AS pupils FROM c GROUP BY ethnic_group),
        found AS (SELECT c.ethnic_group, COUNT(*) AS linked FROM c JOIN keyed USING (pmr) GROUP BY c.ethnic_group)
        SELECT e.ethnic_group, e.pupils, COALESCE(f.linked, 0) AS linked,
               100.0 * COALESCE(f.linked, 0) / e.pupils AS rate
        FROM every AS e LEFT JOIN found AS f USING (ethnic_group)
    """)


def match_rates_merged(con, year):
    """Merged and brought back to one row a pupil."""
    yy = f"spr{year % 100:02d}"
    pupils = con.sql(f"""
        SELECT pupilmatchingrefanonymous_{yy} AS pmr, ethnicgroupmajor_{yy} AS ethnic_group
        FROM {NPD}.spring_census_{year} WHERE ncyearactual_{yy} = '11' AND recordstatus_{yy} < 100
    """).df()
    merged = pupils.merge(spine(con), how="left", on="pmr")
    each = merged.groupby(["ethnic_group", "pmr"])["edukey"].count().gt(0).groupby("ethnic_group")
    return pd.DataFrame({"pupils": each.size(), "linked": each.sum(), "rate": 100 * each.mean()})


Q10 = Question(
    name="q10",
    title="Match rates by group, as a function of the year",
    answer_name="match_rates",
    kind="function",
    points=4,
    columns={"ethnic_group": "text", "pupils": "number", "linked": "number", "rate": "number"},
    identity=("ethnic_group",),
    unit="ethnic group",
    lesson=LINKING_LESSON,
    reference_sql=match_rates,
    reference_pandas=match_rates_pandas,
    tolerance={"rate": 0.01},
    calls=({"year": 2010}, {"year": 2016}),
    hints=(
        "Follow PMR to AE_ID to EDUKEY, with joins that keep every pupil.",
        "After the joins some pupils have several rows. Count different pupils, above and below the line.",
        "COUNT(DISTINCT CASE WHEN edukey IS NOT NULL THEN pmr END) is the number of linked pupils.",
    ),
    misconceptions=(
        slip(
            "inner-join",
            "Every rate is 100, because the inner joins dropped those who lead to no EDUKEY before you counted. Keep "
            "them with LEFT JOINs: they belong in the denominator.",
            lambda con, year: match_rates(con, year, join="JOIN"),
        ),
        slip(
            "rows-not-keys",
            "You counted joined rows. A pupil with two AE_IDs or two EDUKEYs stands there twice: count different "
            "pupils.",
            lambda con, year: match_rates(con, year, linked="COUNT(k.edukey)", pupils="COUNT(*)"),
        ),
        slip(
            "keys-over-people",
            "You divided a number of EDUKEYs by a number of pupils. Some pupils have two EDUKEYs, so the rate is too "
            "high: count linked pupils.",
            lambda con, year: match_rates(con, year, linked="COUNT(DISTINCT k.edukey)"),
        ),
        slip(
            "ae-ids",
            "You counted pupils with an AE_ID. Every pupil has one. Linked to outcomes means leading to an EDUKEY, "
            "one lookup further.",
            lambda con, year: match_rates(
                con, year, linked="COUNT(DISTINCT CASE WHEN p.ae_id IS NOT NULL THEN c.pmr END)"
            ),
        ),
    ),
    alternatives=(match_rates_exists, match_rates_two_counts, match_rates_merged),
)


# q11: a figure -------------------------------------------------------------------------------------

FIGURE_YEARS = range(2008, 2018)


def unlinked_points(con, scale=100.0, value="unlinked", denominator="pupils"):
    """Share of each year 11 that leads to no EDUKEY, by year of the census."""
    found, points = linked_pmrs(con), []
    for year in FIGURE_YEARS:
        yy = f"spr{year % 100:02d}"
        pupils = con.sql(f"""
            SELECT pupilmatchingrefanonymous_{yy} AS pmr FROM {NPD}.spring_census_{year}
            WHERE ncyearactual_{yy} = '11' AND recordstatus_{yy} < 100
        """).df()["pmr"]
        linked = sum(pmr in found for pmr in pupils)
        part = linked if value == "linked" else len(pupils) - linked
        points.append({"x": year, "y": scale * part / (len(pupils) if denominator == "pupils" else linked)})
    return pd.DataFrame(points)


def unlinked_sql(con):
    stacked = " UNION ALL ".join(
        f"""SELECT {year} AS x, pupilmatchingrefanonymous_spr{year % 100:02d} AS pmr
            FROM {NPD}.spring_census_{year}
            WHERE ncyearactual_spr{year % 100:02d} = '11' AND recordstatus_spr{year % 100:02d} < 100"""
        for year in FIGURE_YEARS
    )
    return con.sql(f"""
        WITH found AS (
            SELECT DISTINCT p.pupilmatchingrefanonymous AS pmr FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
            JOIN {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
        )
        SELECT c.x, 100.0 * (COUNT(*) - COUNT(f.pmr)) / COUNT(*) AS y
        FROM ({stacked}) AS c LEFT JOIN found AS f ON f.pmr = c.pmr GROUP BY c.x ORDER BY c.x
    """)


def unlinked_not_exists(con):
    """The unlinked counted directly, year by year."""
    rows = []
    for year in FIGURE_YEARS:
        yy = f"spr{year % 100:02d}"
        base = f"FROM {NPD}.spring_census_{year} AS c WHERE ncyearactual_{yy} = '11' AND recordstatus_{yy} < 100"
        total = con.sql(f"SELECT COUNT(*) {base}").fetchone()[0]
        lost = con.sql(f"""
            SELECT COUNT(*) {base} AND NOT EXISTS (
                SELECT 1 FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
                JOIN {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
                WHERE p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_{yy})
        """).fetchone()[0]
        rows.append((year, 100 * lost / total))
    return pd.DataFrame(rows, columns=["x", "y"])


def unlinked_from_rates(con):
    """Summed up from the table by group."""
    rows = []
    for year in FIGURE_YEARS:
        table = match_rates(con, year).df()
        rows.append({"x": year, "y": 100 - 100 * table["linked"].sum() / table["pupils"].sum()})
    return pd.DataFrame(rows)


def unlinked_drawn(con):
    """Drawn as bars."""
    import matplotlib.pyplot as plt

    table = unlinked_sql(con).df()
    _, axes = plt.subplots()
    axes.bar(table["x"], table["y"])
    axes.set(xlabel="Census year", ylabel="Not linked (%)", title="Year 11 without an EDUKEY (simulated data)")
    return axes


Q11 = figure_question(
    name="q11",
    title="Pupils who lead to no EDUKEY, as a figure",
    points=3,
    lesson=LINKING_LESSON,
    reference_sql=unlinked_sql,
    reference_pandas=unlinked_points,
    x_label="year|census",
    y_label="%|per cent|percent",
    hints=(
        "Compute the ten percentages first, as a table. Draw when they look right.",
        "Build a query for each census with an f-string, and put them together with UNION ALL.",
        "The pupils without an EDUKEY are those whom a LEFT JOIN to the linked PMRs leaves empty.",
    ),
    misconceptions=(
        slip(
            "complement-drawn",
            "You drew those who are linked. The question asks for those who are not.",
            lambda con: unlinked_points(con, value="linked"),
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            lambda con: unlinked_points(con, scale=1.0),
        ),
        slip(
            "odds-not-share",
            "You divided those without an EDUKEY by those with one. The base of the percentage is all pupils.",
            lambda con: unlinked_points(con, denominator="linked"),
        ),
    ),
    alternatives=(unlinked_not_exists, unlinked_from_rates, unlinked_drawn),
)


# q12: from a school to pay -------------------------------------------------------------------------


def school_to_pay(pairs="SELECT DISTINCT c.pmr, c.fsm, k.edukey", edukey="k.edukey", group="", join="LEFT JOIN",
                  mean="AVG(pay)"):  # fmt: skip
    """SQL of the whole way: pupils, keys, pay of 2018/19 pooled over a pupil's keys, and a table by FSM."""
    return f"""
WITH cohort AS (
    SELECT pupilmatchingrefanonymous_spr08 AS pmr, fsmeligible_spr08 AS fsm
    FROM {NPD}.spring_census_2008
    WHERE ncyearactual_spr08 IN ('7', '8', '9', '10', '11') AND recordstatus_spr08 < 100
),
pairs AS (
    {pairs.replace("k.edukey", f"{edukey} AS edukey")}
    FROM cohort AS c
    {join} {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = c.pmr
    {join} {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
    {group}
),
people AS (
    SELECT s.pmr, s.fsm, COUNT(s.edukey) AS edukeys, SUM(CASE WHEN e.earnings > 0 THEN e.earnings END) AS pay
    FROM pairs AS s
    LEFT JOIN {LEO}.leo_earnings AS e ON e.edukey = s.edukey AND e.taxyear = 201819
    GROUP BY s.pmr, s.fsm
)
SELECT fsm, COUNT(*) AS pupils, SUM(CASE WHEN edukeys > 0 THEN 1 ELSE 0 END) AS linked, COUNT(pay) AS paid,
       {mean} AS mean_pay
FROM people
GROUP BY fsm
"""


def cohort_2008(con):
    return con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr08 AS pmr, fsmeligible_spr08 AS fsm
        FROM {NPD}.spring_census_2008
    WHERE ncyearactual_spr08 IN ('7', '8', '9', '10', '11') AND recordstatus_spr08 < 100
    """).df()


def school_to_pay_pandas(con):
    pay = con.sql(f"SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE taxyear = 201819 AND earnings > 0").df()
    cohort = cohort_2008(con)
    pairs = cohort.merge(spine(con)[["pmr", "edukey"]].drop_duplicates(), how="left", on="pmr")
    people = pairs.merge(pay, how="left", on="edukey").groupby(["pmr", "fsm"], as_index=False)
    people = people.agg(edukeys=("edukey", "count"), pay=("earnings", lambda each: each.sum(min_count=1)))
    people["linked"] = people["edukeys"] > 0
    return people.groupby("fsm", as_index=False).agg(
        pupils=("pmr", "size"), linked=("linked", "sum"), paid=("pay", "count"), mean_pay=("pay", "mean")
    )


def school_to_pay_mapped(con):
    """Pay brought to people first, and looked up from the cohort."""
    keys = spine(con).dropna()[["pmr", "edukey"]].drop_duplicates()
    pay = con.sql(f"SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE taxyear = 201819 AND earnings > 0").df()
    total = keys.merge(pay, on="edukey").groupby("pmr")["earnings"].sum()
    cohort = cohort_2008(con)
    cohort["pay"], cohort["linked"] = cohort["pmr"].map(total), cohort["pmr"].isin(keys["pmr"]).astype(int)
    groups = cohort.groupby("fsm")
    table = pd.DataFrame({"pupils": groups.size(), "linked": groups["linked"].sum()})
    return table.assign(paid=groups["pay"].count(), mean_pay=groups["pay"].mean())


SCHOOL_TO_PAY_COUNTS = f"""
WITH cohort AS (
    SELECT pupilmatchingrefanonymous_spr08 AS pmr, fsmeligible_spr08 AS fsm
    FROM {NPD}.spring_census_2008
    WHERE ncyearactual_spr08 IN ('7', '8', '9', '10', '11') AND recordstatus_spr08 < 100
),
keys AS (
    SELECT DISTINCT p.pupilmatchingrefanonymous AS pmr, k.edukey
    FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
    JOIN {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
),
pay AS (
    SELECT DISTINCT y.pmr, SUM(e.earnings) OVER (PARTITION BY y.pmr) AS pay
    FROM keys AS y JOIN {LEO}.leo_earnings AS e ON e.edukey = y.edukey
    WHERE e.taxyear = 201819 AND e.earnings > 0
)
SELECT c.fsm, COUNT(*) AS pupils, COUNT(CASE WHEN c.pmr IN (SELECT pmr FROM keys) THEN 1 END) AS linked,
       COUNT(pay.pay) AS paid, SUM(pay.pay) * 1.0 / COUNT(pay.pay) AS mean_pay
FROM cohort AS c LEFT JOIN pay ON pay.pmr = c.pmr
GROUP BY c.fsm
"""

SCHOOL_TO_PAY_MONEY = f"""
SELECT c.fsmeligible_spr08 AS fsm, COUNT(*) AS pupils, COUNT(t.edukeys) AS linked, COUNT(t.pay) AS paid,
       AVG(t.pay) AS mean_pay
FROM {NPD}.spring_census_2008 AS c
LEFT JOIN (
    SELECT pmr, COUNT(*) AS edukeys, SUM(earnings) AS pay
    FROM (SELECT p.pupilmatchingrefanonymous AS pmr, k.edukey, MAX(NULLIF(e.earnings, 0)) AS earnings
          FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
          JOIN {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
          LEFT JOIN {LEO}.leo_earnings AS e ON e.edukey = k.edukey AND e.taxyear = 201819
          GROUP BY p.pupilmatchingrefanonymous, k.edukey) AS paths
    GROUP BY pmr
) AS t ON t.pmr = c.pupilmatchingrefanonymous_spr08
WHERE c.ncyearactual_spr08 IN ('7', '8', '9', '10', '11') AND c.recordstatus_spr08 < 100
GROUP BY c.fsmeligible_spr08
"""

Q12 = Question(
    name="q12",
    title="From school to pay",
    answer_name="q12",
    kind="sql",
    points=4,
    columns={"fsm": "number", "pupils": "number", "linked": "number", "paid": "number", "mean_pay": "number"},
    identity=("fsm",),
    unit="group",
    lesson=LINKING_LESSON,
    reference_sql=school_to_pay(),
    reference_pandas=school_to_pay_pandas,
    tolerance={"mean_pay": 0.5},
    hints=(
        "Work in steps, each a common table expression: cohort, pairs of PMR and EDUKEY, pay a person, table.",
        "Two AE_IDs of a pupil can lead to one EDUKEY: keep each pair of PMR and EDUKEY once before pay is joined.",
        "Add the pay of a pupil's EDUKEYs up to one row a pupil, then count and average those rows by fsm.",
    ),
    misconceptions=(
        slip(
            "rows-not-keys",
            "Some pupils reach one EDUKEY along two paths, so its pay was added twice. Keep each pair of PMR and "
            "EDUKEY once before you join the pay.",
            school_to_pay(pairs="SELECT c.pmr, c.fsm, k.edukey"),
        ),
        slip(
            "lowest-key-only",
            "You kept one EDUKEY of each pupil. Where a pupil has two, part of the pay stands under the other: keep "
            "both and add up.",
            school_to_pay(pairs="SELECT c.pmr, c.fsm, k.edukey", edukey="MIN(k.edukey)", group="GROUP BY c.pmr, c.fsm"),
        ),
        slip(
            "inner-join",
            "Your inner joins drop pupils who lead to no EDUKEY, so pupils and linked are the same number. Keep all "
            "pupils of the cohort with LEFT JOINs.",
            school_to_pay(join="JOIN"),
        ),
        slip(
            "missing-as-zero",
            "Your mean counts pupils without pay as 0, linked or not. The question asks for the mean of those who "
            "are paid.",
            school_to_pay(mean="AVG(COALESCE(pay, 0))"),
        ),
    ),
    alternatives=(SCHOOL_TO_PAY_COUNTS, SCHOOL_TO_PAY_MONEY, school_to_pay_mapped),
)

ASSIGNMENT = Assignment(
    name="01-first-queries-and-linking",
    title="First queries and linking",
    questions=(Q1, Q2, Q3, Q4, Q5, Q6, Q7, Q8, Q9, Q10, Q11, Q12),
    written={"q13": 4},
    worked=Q0,
)
