"""T-SQL queries on the lesson extract, each beside the same question put in DuckDB's own SQL."""

from __future__ import annotations

import pandas as pd
import pytest

EARNINGS = 'leo_i2."2005003".leo_earnings'
SPELLS = 'leo_i2."2005003".leo_employment'
LINK = 'leo_i2."2005003".learner_ae_id_to_edukey_lookup'
CENSUS = 'npd_i2."2005003".spring_census_2011'

BANK = {
    "any project, any case, brackets": (
        "select count(*) n from [LEO_I2].[9999999].[Leo_Earnings] with (nolock)",
        f"SELECT count(*) FROM {EARNINGS}",
    ),
    "a placeholder for the project": (
        'select count(*) n from LEO_i2."<project number>".leo_earnings e option (maxdop 1)',
        f"SELECT count(*) FROM {EARNINGS}",
    ),
    "the first iteration's database": (
        "SELECT DISTINCT g.GOR FROM [LEO].[2002237].[LEO_Geography] g WHERE (g.TaxYear = '201819') ORDER BY 1",
        'SELECT DISTINCT gor FROM leo_i2."2005003".leo_geography WHERE taxyear = 201819 ORDER BY 1 NULLS FIRST',
    ),
    "census columns against text": (
        "select count(*) from npd_i2.x.spring_census_2011 c where c.yearofbirth_spr11 = '1995' and c.onroll_spr11 = '1'",
        f"SELECT count(*) FROM {CENSUS} WHERE yearofbirth_spr11 = 1995 AND onroll_spr11 = 1",
    ),
    "an older view under its newer name": (
        "select count(*) from [NPD].[1].[NCCIS_2011_to_2019]",
        'SELECT count(*) FROM npd_i2."2005003".nccis_2011_to_2021',
    ),
    "a column under the form's name": (
        "select count(yearofbirth_spr03) from npd_i2.x.plasc_2003",
        'SELECT count(yearofbirth_03) FROM npd_i2."2005003".plasc_2003',
    ),
    "what is in a database": (
        "select count(*) n from NPD_i2.INFORMATION_SCHEMA.COLUMNS where TABLE_NAME = 'spring_census_2011'",
        "SELECT count(*) FROM information_schema.columns "
        "WHERE table_catalog = 'npd_i2' AND table_name = 'spring_census_2011'",
    ),
    "what is in the database in use": (
        "use leo_i2; select top 1 table_name t from information_schema.tables order by table_name",
        "SELECT min(table_name) FROM information_schema.tables WHERE table_catalog = 'leo_i2'",
    ),
    "top": (
        "select top 3 edukey, earnings from leo_i2.x.leo_earnings order by earnings desc, edukey",
        f"SELECT edukey, earnings FROM {EARNINGS} ORDER BY earnings DESC NULLS LAST, edukey LIMIT 3",
    ),
    "top with ties": (
        "select top (5) with ties taxyear from leo_i2.x.leo_earnings order by taxyear",
        f"SELECT taxyear FROM {EARNINGS} WHERE taxyear = (SELECT min(taxyear) FROM {EARNINGS})",
    ),
    "top percent": (
        "select top 10 percent gor from (select distinct gor from leo_i2.x.leo_geography where gor is not null) x order by gor",
        'SELECT min(gor) FROM leo_i2."2005003".leo_geography',
    ),
    "offset and fetch": (
        "select distinct taxyear from leo_i2.x.leo_earnings order by taxyear offset 2 rows fetch next 2 rows only",
        f"SELECT DISTINCT taxyear FROM {EARNINGS} ORDER BY 1 LIMIT 2 OFFSET 2",
    ),
    "average of whole numbers": (
        "select taxyear, avg(earnings) a, sum(earnings) s from leo_i2.x.leo_earnings group by taxyear",
        f"SELECT taxyear, sum(earnings) // count(earnings), sum(earnings) FROM {EARNINGS} GROUP BY ALL",
    ),
    "a share in per cent": (
        "select 100.0 * sum(case when earnings > 20000 then 1 else 0 end) / count(*) p from leo_i2.x.leo_earnings",
        f"SELECT 100 * avg((coalesce(earnings, 0) > 20000)::INT) FROM {EARNINGS}",
    ),
    "tax year from its first half": (
        "select left(taxyear, 4) + 1 y, count(*) n from leo_i2.x.leo_earnings group by left(taxyear, 4)",
        f"SELECT taxyear // 100 + 1, count(*) FROM {EARNINGS} GROUP BY ALL",
    ),
    "outer apply of an expression": (
        "select sum(days) d from leo_i2.x.leo_employment outer apply (select days = 1 + datediff(d, startdate, enddate)) x "
        "where startdate < enddate and enddate < '99990101'",
        f"SELECT sum(enddate - startdate + 1) FROM {SPELLS} WHERE startdate < enddate AND enddate < DATE '9999-01-01'",
    ),
    "cross apply top 1": (
        "select k.ae_id, o.startdate from leo_i2.x.learner_ae_id_to_edukey_lookup k cross apply (select top 1 startdate "
        "from leo_i2.x.leo_employment e where e.edukey collate Latin1_General_BIN = k.edukey order by startdate) o",
        f"SELECT k.ae_id, min(e.startdate) FROM {LINK} k JOIN {SPELLS} e USING (edukey) GROUP BY k.ae_id, k.edukey",
    ),
    "cross apply values": (
        "select v.kind, sum(v.pay) s from leo_i2.x.leo_earnings e "
        "cross apply (values ('all', e.earnings), ('main', e.enterprise_earnings)) v(kind, pay) group by v.kind",
        f"SELECT 'all', sum(earnings) FROM {EARNINGS} UNION ALL SELECT 'main', sum(enterprise_earnings) FROM {EARNINGS}",
    ),
    "apply of a union": (
        "select term, count(*) n from npd_i2.x.absence_2011_3term outer apply (select 1 term, "
        "sessionspossible_autumn_ab11 s union all select 2, sessionspossible_spring_ab11) x where s > 0 group by term",
        'SELECT 1, count(*) FROM npd_i2."2005003".absence_2011_3term WHERE sessionspossible_autumn_ab11 > 0 UNION ALL '
        'SELECT 2, count(*) FROM npd_i2."2005003".absence_2011_3term WHERE sessionspossible_spring_ab11 > 0',
    ),
    "outer apply keeps rows without a match": (
        "select count(*) n, count(o.startdate) m from leo_i2.x.learner_ae_id_to_edukey_lookup k outer apply (select top 1 "
        "startdate from leo_i2.x.leo_employment e where e.edukey = k.edukey order by startdate desc) o",
        f"SELECT count(*), count(*) FILTER (edukey IN (SELECT edukey FROM {SPELLS})) FROM {LINK}",
    ),
    "pivot": (
        "select * from (select gender_spr11 g, pupilmatchingrefanonymous_spr11 p from npd_i2.x.spring_census_2011) s "
        "pivot (count(p) for g in ([M], [F])) t",
        f"SELECT count(*) FILTER (gender_spr11 = 'M'), count(*) FILTER (gender_spr11 = 'F') FROM {CENSUS}",
    ),
    "unpivot": (
        "select kind, sum(pay) s from (select earnings, enterprise_earnings from leo_i2.x.leo_earnings) e "
        "unpivot (pay for kind in (earnings, enterprise_earnings)) u group by kind",
        f"SELECT 'earnings', sum(earnings) FROM {EARNINGS} UNION ALL "
        f"SELECT 'enterprise_earnings', sum(enterprise_earnings) FROM {EARNINGS}",
    ),
    "percentiles over groups": (
        "select distinct taxyear, percentile_cont(0.5) within group (order by earnings) over (partition by taxyear) m "
        "from leo_i2.x.leo_earnings",
        f"SELECT taxyear, median(earnings) FROM {EARNINGS} GROUP BY taxyear",
    ),
    "string_agg": (
        "select string_agg(t, ',') within group (order by t) s from (select distinct benefit_type t from leo_i2.x.leo_benefit) x",
        "SELECT string_agg(DISTINCT benefit_type, ',' ORDER BY benefit_type) FROM leo_i2.\"2005003\".leo_benefit",
    ),
    "stuff and for xml path": (
        "select stuff((select distinct ',' + benefit_type from leo_i2.x.leo_benefit for xml path('')), 1, 1, '') s",
        "SELECT string_agg(DISTINCT benefit_type, ',' ORDER BY benefit_type) FROM leo_i2.\"2005003\".leo_benefit",
    ),
    "a list for each person": (
        "select top 20 edukey, stuff((select ',' + b.benefit_type from leo_i2.x.leo_benefit b where b.edukey = k.edukey "
        "order by b.startdate, b.benefit_type for xml path(''), type).value('.', 'varchar(max)'), 1, 1, '') s "
        "from (select distinct edukey from leo_i2.x.leo_benefit) k order by edukey",
        "SELECT edukey, string_agg(benefit_type, ',' ORDER BY startdate, benefit_type) "
        'FROM leo_i2."2005003".leo_benefit GROUP BY edukey ORDER BY edukey LIMIT 20',
    ),
    "row numbers without an order": (
        "select count(*) n from (select *, r = row_number() over (partition by ae_id order by (select 1)) "
        "from leo_i2.x.learner_ae_id_to_edukey_lookup) _ where r = 1",
        f"SELECT count(DISTINCT ae_id) FROM {LINK}",
    ),
    "windows over groups": (
        "select count(*) n from (select ae_id, n = count(1), most = max(count(1)) over (partition by ae_id) "
        "from leo_i2.x.learner_ae_id_to_edukey_lookup group by ae_id, edukey) x where n = most",
        f"SELECT count(*) FROM (SELECT DISTINCT ae_id, edukey FROM {LINK})",
    ),
    "lag and frames": (
        "select sum(gap) g from (select gap = datediff(d, lag(enddate) over (partition by edukey order by startdate, enddate), "
        "startdate) from leo_i2.x.leo_employment) x where gap > 0",
        f"SELECT sum(g) FROM (SELECT startdate - lag(enddate) OVER (PARTITION BY edukey ORDER BY startdate NULLS FIRST, "
        f"enddate NULLS FIRST) g FROM {SPELLS}) WHERE g > 0",
    ),
    "rollup": (
        "select gor, grouping(gor) g, count(*) n from leo_i2.x.leo_geography group by rollup(gor)",
        'SELECT gor, grouping(gor), count(*) FROM leo_i2."2005003".leo_geography GROUP BY ROLLUP (gor)',
    ),
    "group by with rollup": (
        "select taxyear, count_big(*) n from leo_i2.x.leo_earnings group by taxyear with rollup",
        f"SELECT taxyear, count(*) FROM {EARNINGS} GROUP BY ROLLUP (taxyear)",
    ),
    "grouping sets": (
        "select taxyear, main_section, count(*) n from leo_i2.x.leo_earnings group by grouping sets ((taxyear), (main_section), ())",
        f"SELECT taxyear, main_section, count(*) FROM {EARNINGS} GROUP BY GROUPING SETS ((taxyear), (main_section), ())",
    ),
    "a recursive expression": (
        ";with n as (select 1 n union all select n + 1 from n where n < 10) select sum(n) s from n option (maxrecursion 0)",
        "SELECT 55",
    ),
    "column names of an expression": (
        "with x (y, n) as (select taxyear, count(*) from leo_i2.x.leo_earnings group by taxyear) select max(n) m from x",
        f"SELECT max(n) FROM (SELECT count(*) n FROM {EARNINGS} GROUP BY taxyear)",
    ),
    "not exists and not in": (
        "select count(*) n from leo_i2.x.leo_earnings e where not exists (select * from leo_i2.x.leo_employment s "
        "where s.edukey = e.edukey) and e.edukey not in (select edukey from leo_i2.x.leo_benefit where edukey is not null)",
        f"SELECT count(*) FROM {EARNINGS} ANTI JOIN {SPELLS} USING (edukey) "
        'ANTI JOIN leo_i2."2005003".leo_benefit USING (edukey)',
    ),
    "text against a set": (
        "select count(*) n from leo_i2.x.leo_benefit where benefit_type in ('jsa', 'ESA')",
        "SELECT count(*) FROM leo_i2.\"2005003\".leo_benefit WHERE benefit_type IN ('JSA', 'ESA')",
    ),
    "keys are compared with case": (
        "select count(*) n from leo_i2.x.leo_earnings where edukey like 'ek%'",
        "SELECT 0",
    ),
    "union, except, intersect": (
        "select edukey from leo_i2.x.leo_earnings intersect select edukey from leo_i2.x.leo_benefit "
        "except select edukey from leo_i2.x.leo_employment",
        f'(SELECT edukey FROM {EARNINGS} INTERSECT SELECT edukey FROM leo_i2."2005003".leo_benefit) '
        f"EXCEPT SELECT edukey FROM {SPELLS}",
    ),
    "missing values sort first": (
        "select distinct main_section from leo_i2.x.leo_earnings order by main_section",
        f"SELECT DISTINCT main_section FROM {EARNINGS} ORDER BY 1 NULLS FIRST",
    ),
    "names given in four ways": (
        "select 'a' = 1, b = 2, 3 as 'c', 4 [d e]",
        "SELECT 1, 2, 3, 4",
    ),
    "bits": (
        "select min(uncertainstartdate + 0) a, max(uncertainenddate + 0) | 2 b, sum(1 - isnull(uncertainstartdate, 0)) c "
        "from leo_i2.x.leo_employment",
        f"SELECT 0, 3, count(*) FILTER (coalesce(uncertainstartdate, 0) = 0) FROM {SPELLS}",
    ),
    "a division that WHERE guards": (
        "select count(*) n from leo_i2.x.leo_earnings where earnings <> 0 and enterprise_earnings * 2 / earnings > 1",
        f"SELECT count(*) FROM {EARNINGS} WHERE earnings <> 0 AND enterprise_earnings >= earnings",
    ),
    "string_split": (
        "select value from string_split('b,a', ',') order by value",
        "VALUES ('a'), ('b')",
    ),
    "a subquery for a value": (
        "select (select max(taxyear) from leo_i2.x.leo_earnings) a, (select count(*) from leo_i2.x.leo_benefit) b",
        f'SELECT (SELECT max(taxyear) FROM {EARNINGS}), (SELECT count(*) FROM leo_i2."2005003".leo_benefit)',
    ),
    "spread": (
        "select stdev(earnings) s, var(earnings) v, stdevp(earnings) p from leo_i2.x.leo_earnings",
        f"SELECT stddev_samp(earnings), var_samp(earnings), stddev_pop(earnings) FROM {EARNINGS}",
    ),
}

SCRIPTS = {
    "variables": (
        "declare @x int = 5, @y varchar(9) = 'a'; set @x += 2; select @y + 'b' t, @x / 2 n",
        "SELECT 'ab', 3",
    ),
    "a variable from a query": (
        "declare @m int select @m = max(taxyear) from leo_i2.x.leo_earnings select @m m",
        f"SELECT max(taxyear) FROM {EARNINGS}",
    ),
    "select into": (
        "select edukey, sum(earnings) s into #pay from leo_i2.x.leo_earnings group by edukey "
        "select count(*) n, max(s) m from #pay",
        f"SELECT count(*), max(s) FROM (SELECT sum(earnings) s FROM {EARNINGS} GROUP BY edukey)",
    ),
    "create, insert, update, delete": (
        "if object_id('tempdb..#t') is not null drop table #t\ngo\n"
        "create table #t (id int not null primary key, d date, n as id * 2)\n"
        "insert into #t (id, d) values (1, '20100101'), (2, null), (3, '2012-05-05')\n"
        "update t set d = '2000-01-01' from #t t where d is null\n"
        "delete a from #t a join #t b on a.id = b.id + 2\n"
        "select * from #t order by id",
        "VALUES (1, DATE '2010-01-01', 2), (2, DATE '2000-01-01', 4)",
    ),
    "delete duplicates through an expression": (
        "select 1 a, 'x' b into #d union all select 1, 'y' union all select 2, 'z';\n"
        "with r as (select *, row_number() over (partition by a order by b) n from #d) delete from r where n > 1\n"
        "select * from #d order by a",
        "VALUES (1, 'x'), (2, 'z')",
    ),
    "update through a derived table": (
        "select 1 a, cast(null as int) b into #u union all select 5, null\n"
        "update x set b = nxt from (select b, nxt = max(a) over (order by a rows between 1 following and 1 following) "
        "from #u) x\nselect * from #u order by a",
        "VALUES (1, 5), (5, NULL)",
    ),
    "batches in a loop": (
        "create table #k (ae_id bigint not null)\ndeclare @last bigint = 0\nwhile 1 = 1\nbegin\n"
        "\tinsert #k select top 3000 with ties ae_id from leo_i2.x.learner_ae_id_to_edukey_lookup where ae_id > @last "
        "group by ae_id order by ae_id\n\tif @@rowcount < 3000\n\t\tbreak;\n\tselect @last = max(ae_id) from #k;\nend\n"
        "select count(*) n, count(distinct ae_id) d from #k",
        f"SELECT count(DISTINCT ae_id), count(DISTINCT ae_id) FROM {LINK}",
    ),
    "spells collapse in a loop": (
        "create table fft.sp (id int, a date, b date)\n"
        "insert fft.sp values (1, '2010-01-01', '2010-02-01'), (1, '2010-01-20', '2010-03-01'), (2, '2011-01-01', '2011-02-01')\n"
        "while 1 = 1 begin\n update s set b = o.b from fft.sp s cross apply (select top 1 b from fft.sp where id = s.id "
        "and a <= s.b and b > s.b order by b desc) o;\n if @@rowcount = 0 break;\nend;\n"
        "delete fft.sp where exists (select * from fft.sp x where x.id = sp.id and x.b = sp.b and x.a < sp.a)\n"
        "select * from fft.sp order by id",
        "VALUES (1, DATE '2010-01-01', DATE '2010-03-01'), (2, DATE '2011-01-01', DATE '2011-02-01')",
    ),
    "a branch on what there is": (
        "if object_id('npd_i2.\"x\".plasc_2003') is not null select 1 a else select 2 a",
        "SELECT 1",
    ),
    "a table variable": (
        "declare @t table (a int); insert @t select 1 union all select 2; select sum(x.a) s from @t x",
        "SELECT 3",
    ),
    "a view of one's own": (
        "create view fft.v as select taxyear, n = count(*) from leo_i2.x.leo_earnings group by taxyear\ngo\n"
        "select sum(n) n from fft.v",
        f"SELECT count(*) FROM {EARNINGS}",
    ),
    "EXEC of plain text": ("exec ('create schema fft;') exec (N'select 1 a into #e') select * from #e", "SELECT 1"),
    "nothing but a table": ("select 1 a, 2 b into dbo.made", "SELECT 1, 2"),
    "USE": ("use LEO_i2\ngo\nselect count(*) from leo_earnings", f"SELECT count(*) FROM {EARNINGS}"),
    "TRY and PRINT": (
        "begin try select 1 / 0 a end try begin catch print 'caught' end catch select 4 a",
        "SELECT 4",
    ),
}


def plain(rows):
    """Rows in an order of their own, numbers as floats rounded to what both can hold."""

    def cell(value):
        if pd.isna(value):
            return ""
        try:
            return f"{float(value):.6g}"
        except (TypeError, ValueError):
            return str(value)[:10] if hasattr(value, "year") else str(value)

    return sorted(tuple(cell(each) for each in row) for row in rows)


@pytest.mark.parametrize("name", [*BANK, *SCRIPTS])
def test_the_same_rows(tsql, locked, name):
    service, ours = {**BANK, **SCRIPTS}[name]
    expected = locked.execute(ours).fetchall()
    got = tsql(service).frame
    assert expected
    assert plain(got.itertuples(index=False)) == plain(expected)


def test_order_is_kept(tsql, locked):
    for name in ("top", "missing values sort first", "offset and fetch"):
        service, ours = BANK[name]
        got = tsql(service).frame.astype(object).iloc[:, 0].tolist()
        assert [None if pd.isna(x) else x for x in got] == [row[0] for row in locked.execute(ours).fetchall()]


def test_notes_say_what_differs(tsql):
    assert tsql("select yearofbirth_spr03 from npd_i2.x.plasc_2003").notes == [
        "yearofbirth_spr03 is yearofbirth_03 in this extract."
    ]
    missing = tsql("select max(pl_scc) m from npd_i2.x.plams_amended_2012")
    assert missing.frame["m"].isna().all()
    assert "taken as missing" in missing.notes[0]
    assert "bigint" in tsql("select sum(earnings * 10) s from leo_i2.x.leo_earnings").notes[0]
    assert "DATEADD" in tsql("select startdate + 1 d from leo_i2.x.leo_employment").notes[0]
