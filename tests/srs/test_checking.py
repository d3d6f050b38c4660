"""Every message of ``leo srs --check`` beside SQL that brings it up, and where."""

from __future__ import annotations

import pytest

from leocourse.errors import LeoError
from leocourse.srs.checking import INSTEAD, check

EARNINGS = 'leo_i2."2005003".leo_earnings'

FOUND = [
    (f"SELECT edukey FROM {EARNINGS}\nLIMIT 5", (2, 1), "LIMIT"),
    (f"SELECT edukey FROM {EARNINGS} QUALIFY row_number() OVER (ORDER BY edukey) = 1", (1, 50), "QUALIFY"),
    (f"SELECT 1 FROM {EARNINGS} a JOIN {EARNINGS} b USING (edukey)", None, "USING"),
    (f"SELECT earnings::float FROM {EARNINGS}", None, "x::type"),
    (f"SELECT edukey || 'x' AS k FROM {EARNINGS}", None, r"\|\|"),
    (f"SELECT count(*) FILTER (WHERE earnings > 1) FROM {EARNINGS}", None, "FILTER"),
    (f"SELECT 1 FROM {EARNINGS} WHERE main_section ILIKE 'q'", None, "ILIKE"),
    (f"SELECT DISTINCT ON (edukey) edukey FROM {EARNINGS}", None, "DISTINCT ON"),
    (f"SELECT edukey, count(*) FROM {EARNINGS} GROUP BY ALL", None, "GROUP BY ALL"),
    (f"SELECT edukey, count(*) FROM {EARNINGS} GROUP BY 1", None, "GROUP BY with a number"),
    (f"SELECT * EXCLUDE (edukey) FROM {EARNINGS}", None, "EXCLUDE"),
    ("SELECT CASE WHEN 1 = 1 THEN TRUE ELSE FALSE END AS t", None, "TRUE"),
    ("SELECT CAST('2010-01-01' AS date) + INTERVAL 1 MONTH AS d", None, "INTERVAL"),
    (f"SELECT earnings // 12 AS m FROM {EARNINGS}", None, "//"),
    (f"SELECT edukey FROM {EARNINGS} ORDER BY edukey NULLS LAST", None, "NULLS"),
    (f"SELECT 1 FROM {EARNINGS} WHERE earnings IS DISTINCT FROM 1", None, "DISTINCT FROM"),
    (f"SELECT 1 FROM {EARNINGS} a NATURAL JOIN {EARNINGS} b", None, "this kind of JOIN"),
    ("SELECT 1 FROM (SELECT 1 AS a) x, LATERAL (SELECT x.a) y", None, "LATERAL"),
    (
        "WITH RECURSIVE n AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM n WHERE a < 3) SELECT a FROM n",
        None,
        "RECURSIVE",
    ),
    ("SELECT 1 AS a EXCEPT ALL SELECT 2", None, "EXCEPT ALL"),
    ("CREATE OR REPLACE TABLE t AS SELECT 1 AS a", None, "CREATE OR REPLACE"),
    ("SELECT DATE '2010-01-01' AS d", None, "typed literal"),
    ("SELECT CAST(1 AS DOUBLE) AS d", None, "this type"),
    ("SELECT [1, 2] AS l", None, "list"),
    (f"SELECT edukey = 'a' AS t FROM {EARNINGS}", None, "a condition is not a value"),
    (f"SELECT n FROM (SELECT count(*) AS n FROM {EARNINGS} ORDER BY n) AS x", None, "ORDER BY in a subquery"),
    (f"SELECT earnings * 2 AS twice FROM {EARNINGS} WHERE twice > 5", None, "'twice' is named in the same SELECT"),
    (f"SELECT earnings / 12 AS m FROM {EARNINGS}", None, "whole numbers divide"),
    (f"SELECT earning FROM {EARNINGS}", (1, 8), "no column 'earning'"),
    ('SELECT 1 FROM leo_i2."2005003".leo_earning', None, "no view"),
    (f"SELECT nonsense(edukey) FROM {EARNINGS}", (1, 8), "NONSENSE"),
    ("select top 5 edukye from [leo_i2].[2005003].leo_earnings", None, "no column 'edukye'"),
]


@pytest.mark.parametrize(("sql", "where", "what"), FOUND, ids=[each[2] for each in FOUND])
def test_found(sql, where, what):
    import re

    hits = [each for each in check(sql) if re.search(what, each.what)]
    assert hits, [str(each) for each in check(sql)]
    assert hits[0].instead
    if where:
        assert (hits[0].line, hits[0].column) == where


@pytest.mark.parametrize("function", sorted(INSTEAD))
def test_every_function_of_duckdb_has_something_in_its_place(function):
    called = {"EXTRACT": "EXTRACT(year FROM x)", "IF": "IF(x = 1, 2, 3)"}.get(function, f"{function}(x)")
    hits = [each for each in check(f"SELECT {called} AS y FROM t") if each.what.startswith(function + " is not")]
    assert [(each.line, each.column, each.instead) for each in hits] == [(1, 8, INSTEAD[function])]


CLEAN = [
    f"SELECT e.edukey, SUM(CAST(e.earnings AS bigint)) AS s FROM {EARNINGS} AS e GROUP BY e.edukey ORDER BY e.edukey",
    "SELECT TOP 5 edukey, ISNULL(earnings, 0) AS e FROM [leo_i2].[2005003].leo_earnings ORDER BY edukey",
    f"SELECT CASE WHEN earnings > 5 THEN 'LIMIT' ELSE 'a || b' END AS t FROM {EARNINGS} -- QUALIFY USING (",
    f"SELECT edukey AS \"LIMIT\" FROM {EARNINGS} WHERE edukey IN ('TRUE')",
    "SELECT x.n FROM (VALUES (1), (2)) AS x(n) WHERE x.n BETWEEN 1 AND 2",
]


@pytest.mark.parametrize("sql", CLEAN)
def test_clean(sql):
    assert [str(each) for each in check(sql) if each.fails] == []


def test_no_sql_at_all():
    with pytest.raises(LeoError, match=r"^line 2:\d+: syntax error near"):
        check("SELECT a\nFROM WHERE x ((")
    with pytest.raises(LeoError, match="not closed"):
        check("SELECT 'a")
