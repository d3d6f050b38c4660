"""What the check says of values by where they come from: temporary tables, collations, text read as numbers, averages."""

from __future__ import annotations

import pytest

from leocourse.srs.checking import look

CENSUS = 'npd_i2."2005003".spring_census_2012'
PMR = 'leo_i2."2005003".learner_ae_id_to_pmr_lookup'
MADE = f"SELECT pupilmatchingrefanonymous_spr12 AS pmr INTO #year11 FROM {CENSUS};\n"
JOIN = f"SELECT a.ae_id FROM #year11 AS y JOIN {PMR} AS a ON a.pupilmatchingrefanonymous = y.pmr"

SEEN = {
    "a temporary table without its sign": (MADE + "SELECT COUNT(*) AS n FROM year11", "the script made #year11", True),
    "a table that was created so": ("CREATE TABLE #q (a int); INSERT INTO #q (a) SELECT 1 AS a; SELECT a FROM q", "the script made #q", True),
    "two databases": (
        f"SELECT a.ae_id FROM {CENSUS} AS s JOIN {PMR} AS a ON a.pupilmatchingrefanonymous = s.pupilmatchingrefanonymous_spr12",
        "text of leo_i2 and npd_i2", False,
    ),
    "two databases by a temporary table": (MADE + JOIN, "text of leo_i2 and npd_i2", False),
    "two databases by IN": (
        f"SELECT a.ae_id FROM {PMR} AS a WHERE a.pupilmatchingrefanonymous IN (SELECT pupilmatchingrefanonymous_spr12 FROM {CENSUS})",
        "text of leo_i2 and npd_i2", False,
    ),
    "two databases by EXISTS": (
        f"SELECT a.ae_id FROM {PMR} AS a WHERE EXISTS (SELECT 1 AS o FROM {CENSUS} AS s "
        "WHERE s.pupilmatchingrefanonymous_spr12 = a.pupilmatchingrefanonymous)",
        "text of", False,
    ),
    "CAST of year groups": (f"SELECT CAST(ncyearactual_spr12 AS int) AS g FROM {CENSUS}", "such as E1", False),
    "CONVERT of year groups": (f"SELECT CONVERT(int, ncyearactual_spr12) AS g FROM {CENSUS}", "such as E1", False),
    "a year group and a number": (f"SELECT 1 AS a FROM {CENSUS} WHERE ncyearactual_spr12 > 9", "such as E1", False),
    "CAST through a common table expression": (
        f"WITH y AS (SELECT ncyearactual_spr12 AS g FROM {CENSUS}) SELECT CAST(g AS int) AS n FROM y", "such as E1", False
    ),
    "AVG of a flag": (f"SELECT AVG(fsmeligible_spr12) AS a FROM {CENSUS}", "average of whole numbers", False),
    "AVG of CASE": (f"SELECT AVG(CASE WHEN fsmeligible_spr12 = 1 THEN 1 ELSE 0 END) AS a FROM {CENSUS}", "average of whole", False),
    "AVG of counts": (
        f"SELECT AVG(x.n) AS a FROM (SELECT COUNT(*) AS n FROM {CENSUS} GROUP BY laestab_anon_spr12) AS x", "average of whole", False
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SEEN)
def test_it_is_seen(name):
    sql, what, fails = SEEN[name]
    hits = [each for each in look(sql).findings if what in each.what]
    assert [each.fails for each in hits] == [fails], [str(each) for each in look(sql).findings]


NOTHING = {
    "a collation": MADE + JOIN + " COLLATE Latin1_General_BIN",
    "TRY_CAST": f"SELECT TRY_CAST(ncyearactual_spr12 AS int) AS g FROM {CENSUS}",
    "a year group and a text": f"SELECT 1 AS a FROM {CENSUS} WHERE ncyearactual_spr12 = '11'",
    "a number and a number": 'SELECT edukey FROM leo_i2."2005003".leo_earnings WHERE taxyear = 201112',
    "AVG of a float": f"SELECT AVG(CAST(fsmeligible_spr12 AS float)) AS a, AVG(1.0 * fsmeligible_spr12) AS b FROM {CENSUS}",
    "a table of one's own under the same name": "SELECT a INTO #learners FROM learners; SELECT a FROM learners",
    "a common table expression of the name": MADE + "WITH year11 AS (SELECT pmr FROM #year11) SELECT pmr FROM year11",
    "one database": f"SELECT a.ae_id FROM {PMR} AS a JOIN {PMR} AS b ON b.pupilmatchingrefanonymous = a.pupilmatchingrefanonymous",
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_is_said(name):
    assert [str(each) for each in look(NOTHING[name]).findings] == []


def test_the_verdict_says_what_it_cannot_see():
    verdict = look(f"SELECT pupilmatchingrefanonymous_spr12 FROM {CENSUS}").verdict
    assert "whether capitals count" in verdict and "equal in an ORDER BY" in verdict
