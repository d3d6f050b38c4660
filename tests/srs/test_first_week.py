"""The T-SQL of the page about the first week in the service is right there, and runs here as it is written."""

from __future__ import annotations

import re

from leocourse.core.paths import course_root
from leocourse.srs.checking import check

PAGE = course_root() / "book" / "start" / "first-week.md"
PARTS = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_nothing_of_it_is_refused():
    assert len(PARTS) >= 5
    assert [str(each) for each in check("\n".join(PARTS)) if each.fails] == []


def test_it_runs_from_the_first_line_to_the_last_and_the_batches_find_everybody(tsql, con):
    people = "SELECT COUNT(DISTINCT pmr) AS people, MIN(ae_id) AS first_one FROM #person;"
    found = tsql("\n".join([*PARTS[:-1], people])).frame
    wanted = con.sql("""
        SELECT COUNT(DISTINCT c.pupilmatchingrefanonymous_spr11) AS people, MIN(l.ae_id) AS first_one
        FROM npd_i2."2005003".spring_census_2011 AS c
        JOIN leo_i2."2005003".learner_ae_id_to_pmr_lookup AS l
            ON l.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr11
        WHERE c.recordstatus_spr11 < 100 AND c.ncyearactual_spr11 = '11'
    """).df()
    assert found.iloc[-1].tolist() == wanted.iloc[0].tolist() and found.iloc[-1]["people"] > 500


def test_pay_keeps_its_rows_beside_the_register(tsql, con):
    pay = tsql(PARTS[-1]).frame
    assert len(pay) == con.sql('SELECT COUNT(*) FROM leo_i2."2005003".leo_earnings').fetchone()[0]
    assert pay["sic2007"].notna().mean() > 0.8
