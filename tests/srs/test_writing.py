"""DuckDB SQL written as T-SQL: it parses, uses nothing that SQL Server lacks, and gives the same rows when read back."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import sqlglot

from leocourse.core.errors import LeoError
from leocourse.srs import to_tsql
from tests.srs.test_queries import CENSUS, EARNINGS, LINK, SPELLS, plain

BENEFITS = 'leo_i2."2005003".leo_benefit'

BANK = {
    "group by all": f"SELECT taxyear, count(*) n, sum(earnings) s, avg(earnings) a FROM {EARNINGS} GROUP BY ALL",
    "ordinals": f"SELECT taxyear, min(earnings) m FROM {EARNINGS} GROUP BY 1 ORDER BY 1 DESC LIMIT 3",
    "a name in GROUP BY": f"SELECT taxyear // 100 AS y, count(*) n FROM {EARNINGS} GROUP BY y",
    "median": f"SELECT taxyear, median(earnings) m, count(*) n FROM {EARNINGS} GROUP BY taxyear",
    "quantile of all": f"SELECT quantile_cont(e.earnings, 0.9) q FROM {EARNINGS} e WHERE e.taxyear > 201500",
    "qualify": f"SELECT edukey, earnings FROM {EARNINGS} QUALIFY row_number() OVER (PARTITION BY taxyear ORDER BY earnings DESC, edukey) = 1 ORDER BY edukey",
    "distinct on": f"SELECT DISTINCT ON (taxyear) taxyear, earnings FROM {EARNINGS} ORDER BY taxyear, earnings DESC",
    "filter": f"SELECT count(*) FILTER (earnings > 5000) a, sum(earnings) FILTER (WHERE taxyear = 201819) b FROM {EARNINGS}",
    "count_if": f"SELECT count_if(earnings > 1) c, count(DISTINCT main_section) d FROM {EARNINGS}",
    "using": f"SELECT l.ae_id, edukey, e.earnings FROM {EARNINGS} e JOIN {LINK} l USING (edukey) WHERE e.taxyear = 201011",
    "text": f"SELECT edukey || '-' || taxyear AS k, upper(left(edukey, 2)) u, length(edukey) n FROM {EARNINGS} WHERE taxyear > 201800",
    "greatest": f"SELECT greatest(earnings, 100) g, least(earnings, enterprise_earnings, 5) l FROM {EARNINGS} WHERE taxyear > 201800",
    "greatest in a sum": f"SELECT sum(greatest(earnings, 100)) s FROM {EARNINGS}",
    "dates": f"SELECT startdate + INTERVAL 3 MONTH AS d, date_diff('month', startdate, enddate) m, last_day(startdate) z, "
    f"make_date(year(startdate), 4, 6) x FROM {SPELLS} WHERE startdate >= DATE '2010-01-01'",
    "date_trunc": f"SELECT date_trunc('month', startdate) t, count(*) n FROM {SPELLS} GROUP BY ALL",
    "division": f"SELECT earnings / 12 AS monthly, earnings // 12 AS whole, earnings % 12 AS rest FROM {EARNINGS} WHERE taxyear > 201800",
    "a cast that rounds": f"SELECT CAST(earnings / 7.0 AS int) c FROM {EARNINGS} WHERE taxyear > 201800",
    "lateral": f"SELECT a.taxyear, b.n FROM (SELECT DISTINCT taxyear FROM {EARNINGS}) a, LATERAL (SELECT count(*) n FROM {EARNINGS} c WHERE c.taxyear = a.taxyear) b",
    "distinct from": f"SELECT sum(CASE WHEN main_section IS DISTINCT FROM 'Q' THEN 1 ELSE 0 END) n FROM {EARNINGS}",
    "not distinct from": f"SELECT count(*) n FROM {EARNINGS} WHERE main_section IS NOT DISTINCT FROM NULL",
    "values": "WITH v(a, b) AS (VALUES (1, 'x'), (2, 'y')) SELECT * FROM v ORDER BY a DESC",
    "order inside": f"SELECT count(*) n FROM (SELECT * FROM {EARNINGS} ORDER BY earnings)",
    "missing last": f"SELECT DISTINCT main_section FROM {EARNINGS} WHERE main_section IS NOT NULL ORDER BY main_section",
    "a window with a frame": f"SELECT edukey, taxyear, sum(earnings) OVER (PARTITION BY edukey ORDER BY taxyear ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) s FROM {EARNINGS} WHERE taxyear > 201800",
    "string_agg": f"SELECT string_agg(t, ',' ORDER BY t) s FROM (SELECT DISTINCT benefit_type t FROM {BENEFITS})",
    "ilike": f"SELECT count(*) n FROM {BENEFITS} WHERE benefit_type ILIKE 'js%'",
    "a condition as a value": f"SELECT CAST(sum(CAST(earnings > 5000 AS int)) AS int) n FROM {EARNINGS}",
    "semi join": f"SELECT count(*) n FROM {EARNINGS} e SEMI JOIN {BENEFITS} b ON e.edukey = b.edukey",
    "except": f"SELECT edukey FROM {BENEFITS} EXCEPT SELECT edukey FROM {EARNINGS}",
    "census": f"SELECT ethnicgroupmajor_spr11 e, count(*) n FROM {CENSUS} WHERE recordstatus_spr11 < 100 GROUP BY ALL",
}


@pytest.mark.parametrize("name", BANK)
def test_round_trip(tsql, locked, name):
    written = to_tsql(BANK[name])
    assert sqlglot.parse_one(written, dialect="tsql")
    assert not re.search(
        r"\b(LIMIT|QUALIFY|FILTER|USING|INTERVAL|GREATEST|LEAST|NULLS|DISTINCT FROM)\b|\|\||::", written
    )
    assert plain(tsql(written).frame.itertuples(index=False)) == plain(locked.execute(BANK[name]).fetchall())


def test_order_survives(tsql, locked):
    for sql in (
        BANK["ordinals"],
        f"SELECT main_section, count(*) n FROM {EARNINGS} GROUP BY ALL ORDER BY main_section, n",
    ):
        got = tsql(to_tsql(sql)).frame.iloc[:, 0].tolist()
        assert [None if pd.isna(x) else x for x in got] == [row[0] for row in locked.execute(sql).fetchall()]


def test_names_sums_and_keys():
    written = to_tsql(
        f"SELECT sum(e.earnings) s FROM {EARNINGS} e JOIN {LINK} l ON l.edukey = e.edukey", project="1234567"
    )
    assert "[LEO_i2].[1234567].[leo_earnings]" in written
    assert "SUM(CAST([e].[earnings] AS BIGINT))" in written
    assert "[l].[edukey] COLLATE Latin1_General_BIN = [e].[edukey] COLLATE Latin1_General_BIN" in written


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (f"SELECT regexp_matches(edukey, 'a') FROM {EARNINGS}", "no regular expressions"),
        (f"SELECT * EXCLUDE (edukey) FROM {EARNINGS}", "name the columns"),
        (f"SELECT list(edukey) FROM {EARNINGS}", "not a function of SQL Server"),
        (f"SELECT unnest([1, 2]) FROM {EARNINGS}", "VALUES|cannot be translated"),
        (f"SELECT date_trunc('quarter', startdate) FROM {SPELLS}", "DATETRUNC"),
        ("SELECT * FROM read_parquet('x')", "outside the database|no table"),
        ("CREATE TABLE x AS SELECT 1", "Only a SELECT"),
        ("SELECT FROM WHERE", "syntax error"),
    ],
)
def test_what_cannot_be_written_is_refused(sql, message):
    with pytest.raises(LeoError, match=message):
        to_tsql(sql)


def test_the_command(root, lesson, tmp_path: Path, monkeypatch):
    from typer.testing import CliRunner

    from leocourse.cli import app

    monkeypatch.chdir(root)
    runner = CliRunner()
    file, rows = tmp_path / "q.sql", tmp_path / "rows.csv"
    file.write_text("select top 2 taxyear, count(*) n from leo_i2.x.leo_earnings group by taxyear order by taxyear")
    done = runner.invoke(app, ["srs", "--from", str(file), "--output", str(rows)])
    assert done.exit_code == 0 and rows.read_text().startswith("taxyear,n\n200304,")
    file.write_text('SELECT edukey FROM leo_i2."2005003".leo_earnings LIMIT 5')
    done = runner.invoke(app, ["srs", "--check", str(file)])
    assert done.exit_code == 1 and f"{file}:1:" in done.output.replace("\n", "")
    file.write_text('SELECT edukey FROM leo_i2."2005003".leo_earnings')
    assert runner.invoke(app, ["srs", "--check", str(file)]).exit_code == 0
    written = tmp_path / "person.sql"
    assert runner.invoke(app, ["srs", "person", "--project", "7", "--output", str(written)]).exit_code == 0
    assert "[7]" in written.read_text()
    assert isinstance(runner.invoke(app, ["srs"]).exception, LeoError)
    assert isinstance(runner.invoke(app, ["srs", "person", "--param", "x=1"]).exception, LeoError)
