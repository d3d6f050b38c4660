"""Every message of ``leo srs --check`` beside SQL that brings it up, and where."""

from __future__ import annotations

import pytest

from leocourse.core.errors import LeoError
from leocourse.srs.checking import INSTEAD, check

EARNINGS = 'leo_i2."2005003".leo_earnings'
SPELLS = 'leo_i2."2005003".leo_employment'

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
    (f"FROM {EARNINGS} SELECT edukey", (1, 1), "FROM before SELECT"),
    (f"SELECT * REPLACE (1 AS edukey) FROM {EARNINGS}", (1, 8), "REPLACE"),
    ("SELECT 1 AS a UNION BY NAME SELECT 2 AS a", (1, 15), "UNION BY NAME"),
    (f"SELECT edukey,\nFROM {EARNINGS}", (1, 14), "a comma after the last item"),
    (f'SELECT 1 AS a FROM {EARNINGS} WHERE main_section = "Q"', (1, 71), "double quotes make 'Q' a column"),
    (f"SELECT max(earnings) OVER w FROM {EARNINGS} WINDOW w AS (ORDER BY taxyear)", None, "WINDOW"),
    (f"PIVOT {EARNINGS} ON taxyear USING sum(earnings)", (1, 1), "PIVOT as a statement"),
    (f"SELECT edukey FROM {EARNINGS} ORDER BY edukey OFFSET 5", None, "OFFSET without ROWS"),
    ("SELECT 1 AS a FROM 'file.parquet'", None, "a file in FROM"),
    ("SELECT CURRENT_DATE AS d", (1, 8), "CURRENT_DATE"),
    (f"SELECT lag(earnings IGNORE NULLS) OVER (ORDER BY taxyear) AS p FROM {EARNINGS}", None, "IGNORE NULLS"),
    (f"SELECT string_agg(edukey, ',' ORDER BY edukey) AS s FROM {EARNINGS}", (1, 8), "ORDER BY inside STRING_AGG"),
    (f"SELECT datediff('day', startdate, enddate) AS d FROM {SPELLS}", (1, 8), "a part of a date in quotes"),
    (f"SELECT startdate + 1 AS d FROM {SPELLS}", (1, 8), "a date and a number"),
    (f"SELECT enddate - startdate AS d FROM {SPELLS}", (1, 8), "one date less another"),
    (f"SELECT sum(earnings) AS s FROM {EARNINGS}", (1, 12), "SUM overflows"),
    (f"SELECT avg(earnings) AS s FROM {EARNINGS}", (1, 12), "average of whole numbers"),
    (f"SELECT edukey FROM {EARNINGS} WHERE earnings > 1 AND NOT tied_main_sic_flag", None, "alone is not a condition"),
    (f"SELECT edukey FROM {EARNINGS} WHERE (edukey, taxyear) IN (SELECT 'a', 1)", None, "IN with several columns"),
    (f"SELECT edukey FROM {EARNINGS} WHERE edukey ~ 'x'", None, "a regular expression"),
    (f"SELECT edukey[1:2] AS a FROM {EARNINGS}", None, "part of text in brackets"),
    (f"SELECT edukey.upper() AS a FROM {EARNINGS}", None, "a function after a dot"),
    (f"SELECT round(earnings) AS a, log(earnings) AS b FROM {EARNINGS}", None, "ROUND with one argument"),
    (f"SELECT log(earnings) AS b FROM {EARNINGS}", None, "natural logarithm"),
    (f"SELECT 2 ** 3 AS a FROM {EARNINGS}", None, "POWER|bitwise XOR"),
    (f"SELECT edukey FROM {EARNINGS};\nSELECT 1 AS a LIMIT 1", (2, 15), "LIMIT"),
    (f"SELECT edukey, nonsense(edukey) AS n FROM {EARNINGS}", (1, 16), "NONSENSE"),
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
    "WITH a (x, y) AS (SELECT 1, 2), b (z) AS (SELECT x FROM a) SELECT z FROM b ORDER BY z OFFSET 0 ROWS",
]


@pytest.mark.parametrize("sql", CLEAN)
def test_clean(sql):
    assert [str(each) for each in check(sql) if each.fails] == []


def test_no_sql_at_all():
    with pytest.raises(LeoError, match=r"^line 2:\d+: syntax error near"):
        check("SELECT a\nFROM WHERE x ((")
    with pytest.raises(LeoError, match="not closed"):
        check("SELECT 'a")
