"""Every message of ``leo srs --check`` beside SQL that brings it up, and where."""

from __future__ import annotations

import re

import pytest

from leocourse.core.errors import LeoError
from leocourse.srs.checking import INSTEAD, check, look
from tests.srs import test_published_scripts as published
from tests.srs import test_queries as queries

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
    (f"SELECT avg(earnings) AS s FROM {EARNINGS}", (1, 8), "average of whole numbers"),
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
    assert "struct" in str(check("SELECT { : } AS s FROM t")[0])  # sqlglot itself falls over


# Every form in every place ---------------------------------------------------------------------------

# ``{E}`` is the view of earnings: each form has to be found however the project number is written.
FORMS = {
    "LIMIT": ("SELECT edukey FROM {E} LIMIT 3", "LIMIT"),
    "a comparison with a name": ("SELECT edukey, earnings = 1 AS b FROM {E}", "a condition is not a value"),
    "a comparison in a sum": ("SELECT SUM(earnings > 1) AS b FROM {E}", "a condition is not a value"),
    "a connector": ("SELECT (earnings > 1 AND taxyear = 1) AS b FROM {E}", "a condition is not a value"),
    "IN as a value": ("SELECT earnings IN (1, 2) AS b FROM {E}", "a condition is not a value"),
    "IS NULL as a value": ("SELECT earnings IS NULL AS b FROM {E}", "a condition is not a value"),
    "EXISTS as a value": ("SELECT EXISTS (SELECT 1 AS x FROM {E} AS i) AS b FROM {E} AS o", "a condition is not a value"),
    "a condition after THEN": ("SELECT CASE WHEN earnings > 1 THEN taxyear > 1 END AS b FROM {E}", "a condition is not"),
    "a condition in GROUP BY": ("SELECT COUNT(*) AS n FROM {E} GROUP BY earnings > 1", "a condition is not a value"),
    "a value as a condition": ("SELECT edukey FROM {E} WHERE tied_main_sic_flag", "alone is not a condition"),
    "a call as a condition": ("SELECT edukey FROM {E} WHERE ISNULL(tied_main_sic_flag, 0)", "alone is not a condition"),
    "USING": ("SELECT a.edukey FROM {E} AS a JOIN {E} AS b USING (edukey)", "USING"),
    "an ungrouped column": ("SELECT edukey, taxyear, COUNT(*) AS n FROM {E} GROUP BY edukey", "'taxyear' is neither"),
    "no GROUP BY": ("SELECT edukey, MAX(earnings) AS m FROM {E}", "'edukey' is neither"),
    "ungrouped in an expression": ("SELECT earnings + MAX(taxyear) AS m FROM {E} GROUP BY edukey", "'earnings' is neither"),
    "ungrouped in HAVING": ("SELECT edukey FROM {E} GROUP BY edukey HAVING earnings > 1", "'earnings' is neither"),
    "ungrouped in a window": (
        "SELECT edukey, SUM(earnings) OVER (PARTITION BY edukey) AS s FROM {E} GROUP BY edukey", "'earnings' is neither"
    ),
    "ORDER BY inside": ("SELECT x.edukey FROM (SELECT edukey FROM {E} ORDER BY edukey) AS x", "ORDER BY in a subquery"),
    "x::type": ("SELECT earnings::int AS e FROM {E}", "x::type"),
    "QUALIFY": ("SELECT edukey FROM {E} QUALIFY ROW_NUMBER() OVER (ORDER BY edukey) = 1", "QUALIFY"),
    "FILTER": ("SELECT COUNT(*) FILTER (WHERE earnings > 1) AS n FROM {E}", "FILTER"),
    "IS DISTINCT FROM": ("SELECT edukey FROM {E} WHERE earnings IS NOT DISTINCT FROM 1", "DISTINCT FROM"),
    "GROUP BY ALL": ("SELECT edukey, COUNT(*) AS n FROM {E} GROUP BY ALL", "GROUP BY ALL"),
    "EXCLUDE": ("SELECT * EXCLUDE (edukey) FROM {E}", "EXCLUDE"),
    "a list": ("SELECT [1, 2] AS l FROM {E}", "a list"),
    "a list of text": ("SELECT edukey FROM {E} WHERE edukey IN ['a', 'b']", "a list"),
    "a struct": ("SELECT {{'a': earnings}} AS s FROM {E}", "struct"),
    "a part of text": ("SELECT edukey[1:2] AS s FROM {E}", "part of text"),
    "||": ("SELECT edukey || 'x' AS k FROM {E}", r"\|\|"),
    "ILIKE": ("SELECT edukey FROM {E} WHERE main_section ILIKE 'q'", "ILIKE"),
    "date literal": ("SELECT edukey, date '2010-01-01' AS d FROM {E}", "typed literal"),
    "trunc": ("SELECT trunc(earnings) AS t FROM {E}", "TRUNC"),
    "date_part": ("SELECT date_part('year', CAST('2010-01-01' AS date)) AS t FROM {E}", "DATE_PART"),
    "strftime": ("SELECT strftime(CAST('2010-01-01' AS date), '%Y') AS t FROM {E}", "STRFTIME"),
    "current_date": ("SELECT current_date AS t FROM {E}", "CURRENT_DATE"),
    "TRUE": ("SELECT edukey FROM {E} WHERE TRUE", "TRUE"),
    "INTERVAL": ("SELECT CAST('2010-01-01' AS date) + INTERVAL 1 MONTH AS d FROM {E}", "INTERVAL"),
    "median": ("SELECT median(earnings) AS m FROM {E}", "MEDIAN"),
    "quantile_cont": ("SELECT quantile_cont(earnings, 0.5) AS m FROM {E}", "QUANTILE_CONT"),
    "percentile_cont without OVER": (
        "SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY earnings) AS m FROM {E}", "PERCENTILE_CONT is no aggregate"
    ),
    "ORDER BY in STRING_AGG": (
        "SELECT STRING_AGG(CAST(taxyear AS varchar(9)), ',' ORDER BY taxyear) AS s FROM {E}", "ORDER BY inside"
    ),
    "GREATEST": ("SELECT GREATEST(earnings, 1) AS g FROM {E}", "GREATEST"),
    "LEAST": ("SELECT LEAST(earnings, 1) AS g FROM {E}", "LEAST"),
    "NULLS LAST": ("SELECT TOP 3 edukey FROM {E} ORDER BY edukey NULLS LAST", "NULLS"),
    "a number in GROUP BY": ("SELECT edukey, COUNT(*) AS n FROM {E} GROUP BY 1", "GROUP BY with a number"),
    "alias in WHERE": ("SELECT earnings * 2 AS twice FROM {E} WHERE twice > 5", "'twice' is named in the same SELECT"),
    "alias in GROUP BY": ("SELECT LEFT(edukey, 1) AS k, COUNT(*) AS n FROM {E} GROUP BY k", "GROUP BY does not know it"),
    "alias in HAVING": ("SELECT edukey, COUNT(*) AS n FROM {E} GROUP BY edukey HAVING n > 1", "HAVING does not know it"),
    "aggregate in WHERE": ("SELECT edukey FROM {E} WHERE COUNT(*) > 1", "an aggregate in WHERE"),
    "window in WHERE": ("SELECT edukey FROM {E} WHERE ROW_NUMBER() OVER (ORDER BY edukey) = 1", "a window function in WHERE"),
    "aggregate of an aggregate": ("SELECT MAX(COUNT(*)) AS n FROM {E} GROUP BY edukey", "an aggregate of an aggregate"),
    "aggregate of a subquery": ("SELECT SUM((SELECT 1 AS x)) AS n FROM {E}", "an aggregate of a subquery"),
    "LATERAL": ("SELECT y.b FROM {E} AS e CROSS JOIN LATERAL (SELECT e.earnings AS b) AS y", "LATERAL"),
    "TOP with OFFSET": ("SELECT TOP 3 edukey FROM {E} ORDER BY edukey OFFSET 1 ROWS", "TOP and OFFSET"),
    "OFFSET without ORDER BY": ("SELECT edukey FROM {E} OFFSET 1 ROWS", "OFFSET without ORDER BY"),
    "FETCH alone": ("SELECT edukey FROM {E} ORDER BY edukey FETCH FIRST 3 ROWS ONLY", "FETCH without OFFSET"),
    "a reserved word": ("SELECT COUNT(*) AS percent FROM {E}", "PERCENT is a reserved word"),
    "a reserved word as a column": ("SELECT e.plan FROM {E} AS e", "PLAN is a reserved word"),
    "no name": ("SELECT x.n FROM (SELECT COUNT(*) AS n FROM {E})", "needs a name"),
    "no name of a column": ("SELECT x.n FROM (SELECT COUNT(*), 1 AS n FROM {E}) AS x", "a column of a subquery needs"),
    "one name twice": ("SELECT x.n FROM (SELECT edukey AS n, 1 AS n FROM {E}) AS x", "two columns of a subquery"),
    "a type": ("SELECT CAST(earnings AS DOUBLE) AS d FROM {E}", "this type"),
    "DISTINCT of two": ("SELECT COUNT(DISTINCT edukey, taxyear) AS n FROM {E}", "of several columns"),
    "DISTINCT with OVER": ("SELECT COUNT(DISTINCT edukey) OVER (PARTITION BY taxyear) AS n FROM {E}", "DISTINCT in an aggregate"),
    "ROW_NUMBER without an order": ("SELECT ROW_NUMBER() OVER (PARTITION BY edukey) AS n FROM {E}", "needs an ORDER BY"),
    "JOIN without ON": ("SELECT a.edukey FROM {E} AS a JOIN {E} AS b WHERE a.edukey = b.edukey", "JOIN without ON"),
    "STRING_AGG of one": ("SELECT STRING_AGG(edukey) AS s FROM {E}", "without a separator"),
    "two columns as a value": ("SELECT (SELECT MAX(edukey) AS a, 1 AS b FROM {E}) AS s FROM {E}", "has one column"),
    "two columns in IN": ("SELECT edukey FROM {E} WHERE edukey IN (SELECT edukey, taxyear FROM {E})", "has one column"),
    "UNION of other widths": ("SELECT edukey FROM {E} UNION SELECT edukey, taxyear FROM {E}", "as many columns"),
    "DISTINCT ordered by another": ("SELECT DISTINCT TOP 3 edukey FROM {E} ORDER BY earnings", "SELECT DISTINCT does not list"),
    "VALUES without names": ("SELECT e.edukey FROM {E} AS e CROSS JOIN (VALUES (1)) AS v", "VALUES in FROM needs"),
    "IF": ("SELECT if(earnings > 1, 1, 0) AS i FROM {E}", "IF is not a function"),
    "a name before a colon": ("SELECT x: earnings FROM {E}", "a name before a colon"),
    "an unknown column": ("SELECT earning FROM {E}", "no column 'earning'"),
    "an unknown alias": ("SELECT z.earnings FROM {E} AS e", "no table or alias 'z'"),
    "an ambiguous column": ("SELECT edukey FROM {E} AS a JOIN {E} AS b ON a.edukey = b.edukey", "'edukey' is ambiguous"),
    "a column of a subquery": ("SELECT x.m FROM (SELECT edukey AS n FROM {E}) AS x", "no column 'm'"),
    "an unknown function": ("SELECT nonsense(edukey) AS n FROM {E}", "NONSENSE"),
    "measures": ('SELECT m.edukey FROM {E} AS e JOIN measures."person" AS m ON m.edukey = e.edukey', "of this course alone"),
    "truth": ("SELECT t.person FROM {E} AS e CROSS JOIN truth.lives AS t", "of this course alone"),
    "a file": ("SELECT x.a FROM {E} AS e CROSS JOIN read_parquet('x.parquet') AS x", "READ_PARQUET"),
    "SAMPLE": ("SELECT edukey FROM {E} USING SAMPLE 10", "a sample"),
    "EXCEPT ALL": ("SELECT edukey FROM {E} EXCEPT ALL SELECT edukey FROM {E}", "EXCEPT ALL"),
    "COUNT()": ("SELECT COUNT() AS n FROM {E}", r"COUNT\(\)"),
    "DISTINCT ON": ("SELECT DISTINCT ON (edukey) edukey FROM {E}", "DISTINCT ON"),
    "a regular expression": ("SELECT edukey FROM {E} WHERE edukey ~ 'x'", "a regular expression"),
    "//": ("SELECT earnings // 12 AS m FROM {E}", "//"),
    "==": ("SELECT edukey FROM {E} WHERE earnings == 1", "== is"),
    "one name for two tables": ("SELECT a.taxyear FROM {E} AS a CROSS JOIN {E} AS a", "two tables of one FROM"),
    "a constant in OVER": ("SELECT ROW_NUMBER() OVER (ORDER BY 1) AS n FROM {E}", "a constant in the ORDER BY of OVER"),
    "a frame without an order": (
        "SELECT SUM(earnings) OVER (PARTITION BY edukey ROWS 1 PRECEDING) AS s FROM {E}", "ROWS or RANGE without"
    ),
    "NOT NULL after a value": ("SELECT edukey FROM {E} AS e WHERE e.earnings NOT NULL", "NOT NULL after a value"),
    "an empty list": ("SELECT edukey FROM {E} WHERE earnings IN ()", "IN with an empty list"),
    "* EXCEPT": ("SELECT * EXCEPT (edukey) FROM {E}", "EXCEPT"),
    "text between dollars": ("SELECT $$x$$ AS a FROM {E}", "dollar signs"),
    "current_timestamp()": ("SELECT current_timestamp() AS t FROM {E}", "CURRENT_TIMESTAMP with brackets"),
    "a type of another database": ("SELECT TRY_CAST(earnings AS INT64) AS e FROM {E}", "this type"),
    "a text too long": ("SELECT CAST(edukey AS varchar(9000)) AS e FROM {E}", "larger than a type"),
    "a number too precise": ("SELECT CAST(earnings AS decimal(40, 2)) AS e FROM {E}", "larger than a type"),
    "CONCAT of one": ("SELECT CONCAT(edukey) AS e FROM {E}", "CONCAT with 1 argument"),
    "COALESCE of one": ("SELECT COALESCE(edukey) AS e FROM {E}", "COALESCE with 1 argument"),
    "COALESCE of NULL": ("SELECT COALESCE(NULL, NULL) AS e FROM {E}", "nothing but NULL"),
    "LEFT without a length": ("SELECT LEFT(edukey) AS e FROM {E}", "LEFT with 1 argument"),
    "ISNULL of three": ("SELECT ISNULL(earnings, MAX(1), 2) AS e FROM {E}", "ISNULL with 3 arguments"),
}  # fmt: skip
NUMBERS = {"quoted": 'leo_i2."2005003".leo_earnings', "brackets": "[leo_i2].[2005003].[leo_earnings]"}
PLACES = {
    "alone": "{sql}",
    "after another": "SELECT 1 AS a;\n{sql}",
    "in a common table expression": "WITH inside AS (\n{sql}\n) SELECT COUNT(*) AS c FROM inside",
    "in a subquery": "SELECT COUNT(*) AS c FROM (\n{sql}\n) AS inside",
}


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_found_wherever_it_stands(form, number):
    sql, what = FORMS[form]
    for place, frame in PLACES.items():
        text = frame.format(sql=sql.format(E=NUMBERS[number]))
        hits = [each for each in check(text) if re.search(what, each.what) and each.fails]
        assert hits, (place, text, [str(each) for each in check(text)])


STATEMENTS = {
    "WITH after a statement": ("SELECT 1 AS a\nWITH x AS (SELECT 1 AS b) SELECT b FROM x", "no semicolon ends"),
    "WITH after SET": ("SET NOCOUNT ON\nWITH x AS (SELECT 1 AS b) SELECT b FROM x", "no semicolon ends"),
    "WITH after DECLARE": ("DECLARE @a int = 1\nWITH x (b) AS (SELECT @a) SELECT b FROM x", "no semicolon ends"),
    "WITH after brackets": (
        "SELECT edukey FROM [leo_i2].[2005003].[leo_earnings]\nWITH x AS (SELECT 1 AS b) SELECT b FROM x", "no semicolon"
    ),
    "WITH inside": ("SELECT y.b FROM (WITH x AS (SELECT 1 AS b) SELECT b FROM x) AS y", "WITH inside a query"),
    "WITH in an INSERT": ("INSERT INTO #t (b) WITH x AS (SELECT 1 AS b) SELECT b FROM x", "between INSERT and"),
    "TEMP": ("CREATE TEMP TABLE t AS SELECT 1 AS a", "CREATE TEMP TABLE"),
    "no FROM": ("SELECT a", "there is no FROM"),
    "ORDER BY a place that there is not": ("SELECT a, b FROM #t ORDER BY 3", "ORDER BY 3: there is no such column"),
    "ORDER BY a constant": ("SELECT a FROM #t ORDER BY 'x'", "ORDER BY with a constant"),
    "ORDER BY of a UNION": ("SELECT a FROM #t UNION SELECT a FROM #u ORDER BY b", "knows only the columns"),
    "ORDER BY before UNION": ("SELECT a FROM #t ORDER BY a UNION SELECT a FROM #u", "ORDER BY before a UNION"),
    "MATERIALIZED": ("WITH x AS MATERIALIZED (SELECT 1 AS a) SELECT a FROM x", "MATERIALIZED"),
    "INSERT of other widths": ("INSERT INTO #t (a, b) SELECT a FROM #u", "INSERT names 2 columns, and its SELECT has 1"),
    "DELETE USING": ("DELETE FROM #t USING #u AS u WHERE u.a = #t.a", "DELETE ... USING"),
    "ties without an order": ("SELECT TOP (3) WITH TIES a FROM #t", "TOP WITH TIES without ORDER BY"),
    "a server": ('SELECT a.edukey FROM leo_i2."2005003".dbo.leo_earnings AS a', "four parts"),
    "a view": ("CREATE VIEW v AS SELECT edukey FROM leo_i2.[1].leo_earnings ORDER BY edukey", "ORDER BY in a subquery"),
    "several": ("SELECT 1 AS a\nSELECT edukey FROM leo_i2.[1].leo_earnings LIMIT 3", "LIMIT"),
}  # fmt: skip


@pytest.mark.parametrize("name", STATEMENTS)
def test_found_in_statements(name):
    sql, what = STATEMENTS[name]
    assert [each for each in check(sql) if re.search(what, each.what) and each.fails], [
        str(each) for each in check(sql)
    ]


E8 = "leo_i2.[2005003].leo_earnings"
RIGHT = [
    f"SELECT edukey, n = COUNT(*) FROM {E8} GROUP BY edukey",
    f"SELECT LEFT(edukey, 1) AS edukey FROM {E8} WHERE edukey > 'a' GROUP BY LEFT(edukey, 1)",
    f"SELECT e.taxyear, SUM(SUM(CAST(earnings AS bigint))) OVER (ORDER BY taxyear) AS s FROM {E8} e GROUP BY e.TaxYear",
    f"SELECT edukey, taxyear, COUNT(*) AS n FROM {E8} GROUP BY ROLLUP (edukey, taxyear)",
    f"SELECT GROUPING(edukey) AS g, edukey, COUNT(*) AS n FROM {E8} GROUP BY GROUPING SETS ((edukey), ()) ORDER BY n",
    f"SELECT a.taxyear + 1 AS y, COUNT(*) AS n FROM {E8} AS a GROUP BY a.taxyear + 1 HAVING COUNT(*) > 1",
    f"SELECT CASE WHEN taxyear = 1 THEN 1 ELSE 0 END AS k FROM {E8} GROUP BY CASE WHEN taxyear = 1 THEN 1 ELSE 0 END",
    f"SELECT COUNT(*) AS n, (SELECT MAX(taxyear) FROM {E8}) AS y FROM {E8}",
    f"SELECT edukey FROM {E8} AS a WHERE EXISTS (SELECT 1 FROM {E8} AS b WHERE b.edukey = a.edukey HAVING COUNT(*) > 1)",
    f"SELECT STRING_AGG(edukey, ',') WITHIN GROUP (ORDER BY edukey) AS s FROM {E8}",
    f"SELECT x.edukey FROM (SELECT TOP 3 edukey FROM {E8} ORDER BY edukey) AS x ORDER BY x.edukey OFFSET 1 ROWS",
    f"SELECT edukey FROM {E8} ORDER BY edukey OFFSET 1 ROWS FETCH NEXT 3 ROWS ONLY",
    f"SELECT y.n FROM {E8} e OUTER APPLY (SELECT e.earnings AS n UNION ALL SELECT e.taxyear) AS y",
    f"DECLARE @a int = 1; ;WITH x AS (SELECT @a AS b) SELECT b FROM x;; SELECT @a = MAX(taxyear) FROM {E8}",
    "SET NOCOUNT ON\nGO\nWITH x AS (SELECT 1 AS b) SELECT b FROM x",
    "WITH n AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM n WHERE a < 3) INSERT INTO #t (a) SELECT a FROM n",
    "SELECT [limit], [percent] FROM (SELECT 1 AS [limit], 2 AS [percent]) AS [plan] WHERE [limit] = 1 -- LIMIT 3",
    "SELECT [2009], [2010] FROM (SELECT taxyear, earnings FROM " + E8 + ") s PIVOT (SUM(earnings) FOR taxyear IN ([2009], [2010])) p",
    "MERGE #t AS t USING (SELECT 1 AS a) AS s ON s.a = t.a WHEN MATCHED AND t.b = 1 THEN UPDATE SET b = 2;",
    "UPDATE t SET t.b = 1 FROM #t AS t WHERE t.a = 1",
    "SELECT IIF(a = 1 AND b IS NULL, 1, 0) AS c, ISNULL(a, b) AS d, JSON_VALUE(x, '$.a') AS j, SOUNDEX(y) AS s FROM #t",
    "SELECT dbo.mine(a) AS b, CONVERT(varchar(10), d, 23) AS c, ~a AS e, a ^ b AS f, TRY_CONVERT(date, d, 103) AS g FROM #t",
    "SELECT a FROM #t WHERE a LIKE '[0-9]%' ESCAPE '!' AND NOT (b = 1 OR c IN (1, 2)) AND d BETWEEN 1 AND 2",
    "SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY a) OVER (PARTITION BY b) AS m, {d '2010-01-01'} AS d FROM #t",
    "SELECT a string, b AS [end], c double_, CAST(d AS double precision) AS f FROM #t AS semi",
    "IF EXISTS (SELECT 1 FROM #t) BEGIN SELECT a FROM #t END ELSE SELECT 1 AS a",
    "SELECT CASE a WHEN 1 THEN '.' ELSE '.' END AS c FROM #t WITH (NOLOCK) OPTION (RECOMPILE)",
    "CREATE OR ALTER VIEW v WITH SCHEMABINDING AS SELECT a.x FROM dbo.t AS a",
    "SELECT 1 AS a;;",
    "CREATE TABLE #t (a int NOT NULL, b varchar(max) NULL, c decimal(38, 2), year int)",
    "SELECT a FROM #t UNION ALL SELECT a FROM #u ORDER BY a DESC, 1",
    "SELECT TOP (3) WITH TIES a FROM #t ORDER BY b, COUNT(*) OVER (PARTITION BY a)",
    "SELECT SUM(a) OVER (ORDER BY b ROWS 1 PRECEDING) AS s, ROW_NUMBER() OVER (ORDER BY (SELECT NULL)) AS n FROM #t",
    "SELECT t.a FROM #t AS t JOIN #t AS u ON u.a = t.a WHERE EXISTS (SELECT 1 FROM #t AS t WHERE t.a IS NOT NULL)",
    "INSERT INTO #t (a, b) SELECT * FROM #u UNION ALL SELECT 1, LEFT(c, (SELECT MAX(d) FROM #v)) FROM #w",
    "SELECT * FROM #t EXCEPT (SELECT a FROM #u) ORDER BY a",
    "SELECT COALESCE(NULL, a), CONCAT(a, ',', b), CONCAT_WS('-', a, b), EOMONTH(d), LAG(a) OVER (ORDER BY b) FROM #t",
    "SELECT a FROM #t GROUP BY ALL a",
    "SELECT t.a FROM #t AS t LEFT JOIN #u AS u INNER JOIN #v AS v ON v.a = u.a ON u.a = t.a CROSS JOIN (SELECT 1 AS b) AS c",
    "SELECT DISTINCT t.a AS b FROM #t AS t ORDER BY a, b",
    "SELECT a FROM #t WHERE b = (SELECT MAX(b) FROM #t) AND c IN (SELECT c FROM #u) AND EXISTS (SELECT a, b FROM #u)",
    "SELECT table_name FROM npd_i2.INFORMATION_SCHEMA.TABLES; SELECT name FROM leo_i2.sys.views",
    "SELECT DATEPART(year, GETDATE()) AS y, DATEADD(month, 1, d) AS m, CURRENT_TIMESTAMP AS t, USER AS u FROM #t",
]  # fmt: skip


@pytest.mark.parametrize("sql", RIGHT)
def test_right_t_sql_is_not_refused(sql):
    assert [str(each) for each in check(sql) if each.fails] == []


@pytest.mark.parametrize("bank", [queries.BANK, published.BANK], ids=["queries", "published"])
def test_what_runs_here_as_t_sql_is_not_refused(bank):
    refused = {name: [str(each) for each in check(sql) if each.fails] for name, (sql, _) in bank.items()}
    assert {name: found for name, found in refused.items() if found} == {}


def test_the_verdict_names_what_was_not_looked_at():
    clean = look(f"SELECT edukey FROM {E8}")
    assert not clean.fails and "permissions" in clean.verdict and "types of values" in clean.verdict
    part = look(
        f"DECLARE @a int = 1;\nSELECT t.a, dbo.mine(e.edukey) AS b FROM {E8} AS e JOIN own.list AS t ON t.a = e.edukey"
    )
    assert "the columns of table own.list" in part.verdict and "the function dbo.mine" in part.verdict
    assert "EXECUTE, but for its words" in look("EXEC dbo.fill").verdict
    assert "the columns of UPDATE" in look("UPDATE #t SET a = 1 WHERE b = 2").verdict
    assert look("SELECT a LIMIT 1").verdict == "SQL Server 2019 will refuse this."
