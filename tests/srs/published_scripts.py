"""Queries like those that projects publish for the real extract, each beside the same question in DuckDB's SQL.

In the second of each pair, names in braces stand for views: see ``VIEWS``.
"""

from __future__ import annotations

from tests.srs.test_queries import CENSUS, EARNINGS, LINK, SPELLS

VIEWS = {
    "E": EARNINGS,
    "S": SPELLS,
    "L": LINK,
    "C": CENSUS,
    "B": 'leo_i2."2005003".leo_benefit',
    "K": 'npd_i2."2005003".ks4pupil_2002_to_2014',
}

BANK = {
    "one KS4 record a pupil": (
        "with ks4 as (\n"
        " select k.*, rn = row_number() over (partition by k.KS4_PupilMatchingRefAnonymous order by case "
        "when k.KS4_ENDKS = 1 then 0 else 1 end, k.KS4_ACADYR desc)\n"
        " from [NPD_i2].[2005003].[KS4Pupil_2002_to_2014] k where k.KS4_PupilMatchingRefAnonymous is not "
        "null )\n"
        " select left(KS4_ACADYR, 4) as start_year, right(KS4_ACADYR,4) as end_year, count(*) as pupils "
        "from ks4 where rn = 1 group by left(KS4_ACADYR,4), right(KS4_ACADYR,4) order by 1",
        "select left(ks4_acadyr,4), right(ks4_acadyr,4), count(*) from (select * from {K} where "
        "ks4_pupilmatchingrefanonymous is not null qualify row_number() over (partition by "
        "ks4_pupilmatchingrefanonymous order by case when ks4_endks=1 then 0 else 1 end, ks4_acadyr "
        "desc)=1) group by all",
    ),
    "the first spell after a date": (
        "select top (50) p.ae_id, x.startdate as first_start, x.enddate from "
        'LEO_i2."2005003".Learner_AE_ID_to_EDUKEY_Lookup p\n'
        ' outer apply (select top 1 e.startdate, e.enddate from LEO_i2."2005003".LEO_Employment e where '
        "e.edukey = p.edukey and e.startdate >= '2015-04-06' order by e.startdate asc, e.enddate desc) x "
        "order by p.ae_id, p.edukey",
        "select l.ae_id, e.startdate, e.enddate from {L} l left join (select * from {S} where "
        "startdate>='2015-04-06' qualify row_number() over (partition by edukey order by startdate, "
        "enddate desc)=1) e using(edukey) order by l.ae_id, l.edukey limit 50",
    ),
    "days in a tax year": (
        "select edukey, sum(datediff(day, case when startdate < '2015-04-06' then '2015-04-06' else "
        "startdate end, case when enddate > '2016-04-05' or enddate is null then '2016-04-05' else enddate "
        "end) + 1) as days\n"
        " from LEO_i2.\"2005003\".LEO_Employment where startdate <= '2016-04-05' and (enddate >= "
        "'2015-04-06' or enddate is null) group by edukey",
        "select edukey, sum(date_diff('day', greatest(startdate, date '2015-04-06'), "
        "least(coalesce(enddate, date '2016-04-05'), date '2016-04-05'))+1) from {S} where "
        "startdate<='2016-04-05' and (enddate>='2015-04-06' or enddate is null) group by 1",
    ),
    "a tax year as dates": (
        "select distinct taxyear, datefromparts(left(taxyear,4),4,6) as ty_start, "
        "dateadd(day,-1,dateadd(year,1,datefromparts(left(taxyear,4),4,6))) as ty_end from "
        "leo_i2.[2005003].leo_earnings",
        "select distinct taxyear, make_date(taxyear//100,4,6), make_date(taxyear//100+1,4,5) from {E}",
    ),
    "a month as text": (
        "select cast(year(startdate) as varchar(4)) + '-' + right('0' + cast(month(startdate) as varchar), "
        "2) as ym, count(distinct edukey) as people from LEO_i2.dbo.LEO_Employment where year(startdate) "
        "between 2010 and 2011 group by cast(year(startdate) as varchar(4)) + '-' + right('0' + "
        "cast(month(startdate) as varchar), 2)",
        "select strftime(startdate,'%Y-%m'), count(distinct edukey) from {S} where year(startdate) in "
        "(2010,2011) group by 1",
    ),
    "a running sum": (
        "select edukey, taxyear, sum(case when earnings > 0 then 1 else 0 end) over (partition by edukey "
        "order by taxyear rows between unbounded preceding and current row) as yrs from "
        "leo_i2.x.leo_earnings where edukey is not null",
        "select edukey,taxyear,sum((earnings>0)::int) over (partition by edukey order by taxyear rows "
        "unbounded preceding) from {E} where edukey is not null",
    ),
    "quarters of earnings": (
        "select q, min(earnings) lo, max(earnings) hi, count(*) n from (select earnings, ntile(4) over "
        "(order by earnings, edukey) q from leo_i2.x.leo_earnings where taxyear = '201819' and earnings > "
        "0) t group by q",
        "select q,min(earnings),max(earnings),count(*) from (select earnings, ntile(4) over (order by "
        "earnings, edukey) q from {E} where taxyear=201819 and earnings>0) group by q",
    ),
    "a percentile cast to int": (
        "select distinct TaxYear, cast(percentile_cont(0.25) within group (order by earnings) over "
        "(partition by taxyear) as int) p25, percentile_disc(0.5) within group (order by earnings) over "
        "(partition by taxyear) as med from leo_i2.x.leo_earnings",
        "select taxyear, trunc(quantile_cont(earnings,0.25)), quantile_disc(earnings,0.5) from {E} group by 1",
    ),
    "a calendar from a recursive expression": (
        "declare @start date = '2003-04-06';\n"
        "with cal as (select @start as d, 1 as n union all select dateadd(year, 1, d), n + 1 from cal "
        "where n < 5)\n"
        "select n, d, convert(varchar(10), d, 112) as ymd, format(d, 'MMM yyyy') as f from cal option "
        "(maxrecursion 100)",
        "select n, make_date(2002+n,4,6), (2002+n)::varchar||'0406', 'Apr '||(2002+n) from range(1,6) t(n)",
    ),
    "years side by side": (
        "select * from (select edukey, taxyear, earnings from leo_i2.x.leo_earnings where taxyear in "
        "(201516,201617)) src pivot (max(earnings) for taxyear in ([201516],[201617])) as p order by edukey",
        "select edukey, max(earnings) filter(taxyear=201516), max(earnings) filter(taxyear=201617) from "
        "{E} where taxyear in (201516,201617) group by 1",
    ),
    "bits turned round": (
        "select count(*) n, sum(cast(cast(uncertainstartdate as bit) as int)) a, "
        "sum(~cast(isnull(uncertainenddate,0) as bit) + 0) b from leo_i2.x.leo_employment",
        "select count(*), sum(uncertainstartdate), count(*) filter(coalesce(uncertainenddate,0)=0) from {S}",
    ),
    "pupils without a KS4 record": (
        "select count(distinct pupilmatchingrefanonymous_spr11) n from npd_i2.x.spring_census_2011 c where "
        "not exists (select 1 from npd_i2.x.ks4pupil_2002_to_2014 k where k.ks4_pupilmatchingrefanonymous "
        "= c.pupilmatchingrefanonymous_spr11)",
        "select count(distinct pupilmatchingrefanonymous_spr11) from {C} where "
        "pupilmatchingrefanonymous_spr11 not in (select ks4_pupilmatchingrefanonymous from {K} where "
        "ks4_pupilmatchingrefanonymous is not null)",
    ),
    "nested comments, hints and !<": (
        "/* outer /* nested */ comment */ SELECT /* x */ COUNT ( * ) AS [n rows] -- trailing\n"
        'FROM LEO_I2."2005003".LEO_BENEFIT AS b WITH (NOLOCK) INNER HASH JOIN '
        'Leo_i2."2005003".Learner_ae_id_to_edukey_lookup k ON b.edukey = k.edukey COLLATE '
        "Latin1_General_BIN\n"
        "WHERE b.Benefit_Type !='ESA' AND NOT b.startdate !< '2019-01-01' OPTION (RECOMPILE, MAXDOP 4);",
        "select count(*) from {B} b join {L} using(edukey) where benefit_type<>'ESA' and startdate<'2019-01-01'",
    ),
    "a list of years in descending order": (
        "select edukey, string_agg(cast(taxyear as varchar(6)), ',') within group (order by taxyear desc) "
        "as yrs from leo_i2.x.leo_earnings where taxyear >= 201617 group by edukey",
        "select edukey, string_agg(taxyear::varchar, ',' order by taxyear desc) from {E} where "
        "taxyear>=201617 group by 1",
    ),
    "names after a derived table": (
        "select y, count(*) from (select taxyear, edukey from leo_i2.x.leo_earnings) as d (y, k) group by "
        "y order by count(*) desc, y",
        "select taxyear,count(*) from {E} group by 1",
    ),
    "counts in the SELECT list": (
        "select top 20 l.ae_id, (select count(*) from leo_i2.x.leo_employment e where e.edukey = l.edukey) "
        "as n_spells, isnull((select max(earnings) from leo_i2.x.leo_earnings r where r.edukey = l.edukey "
        "and r.taxyear = '201819'), -1) mx from leo_i2.x.learner_ae_id_to_edukey_lookup l order by "
        "l.ae_id, l.edukey",
        "select ae_id, (select count(*) from {S} e where e.edukey=l.edukey), coalesce((select "
        "max(earnings) from {E} r where r.edukey=l.edukey and taxyear=201819),-1) from {L} l order by "
        "ae_id, edukey limit 20",
    ),
    "CONCAT and N-text": (
        "select distinct concat('TY', taxyear, '/', null) t, 'TY' + cast(taxyear as nvarchar(10)) u from "
        "leo_i2.x.leo_earnings",
        "select distinct 'TY'||taxyear||'/', 'TY'||taxyear from {E}",
    ),
    "CASE within CASE": (
        "select distinct case when taxyear < 201011 then 'early' when taxyear < 201516 then case taxyear % "
        "2 when 0 then 'even' else 'odd' end else null end z from leo_i2.x.leo_earnings",
        "select distinct case when taxyear<201011 then 'early' when taxyear<201516 then case taxyear%2 "
        "when 0 then 'even' else 'odd' end end from {E}",
    ),
    "a query in brackets": (
        "(select edukey from leo_i2.x.leo_earnings where taxyear = 201516) except (select edukey from "
        "leo_i2.x.leo_benefit) order by edukey",
        "select edukey from {E} where taxyear=201516 except select edukey from {B}",
    ),
    "bits of a year": (
        "select taxyear & 1 as odd, taxyear | 0, count(*) from leo_i2.x.leo_earnings group by taxyear & 1, taxyear | 0",
        "select taxyear&1, taxyear, count(*) from {E} group by all",
    ),
    "a school cohort from month and year of birth": (
        "select case when monthofbirth_spr11 >= 9 then yearofbirth_spr11 else yearofbirth_spr11 - 1 end as "
        "ac_cohort, count(*) n from npd_i2.x.spring_census_2011 group by case when monthofbirth_spr11 >= 9 "
        "then yearofbirth_spr11 else yearofbirth_spr11 - 1 end",
        "select case when monthofbirth_spr11>=9 then yearofbirth_spr11 else yearofbirth_spr11-1 end, "
        "count(*) from {C} group by 1",
    ),
    "CHOOSE": (
        "select choose(month(startdate), "
        "'Jan','Feb','Mar','Apr','May','Jun','Jul','Aug','Sep','Oct','Nov','Dec') m, count(*) n from "
        "leo_i2.x.leo_employment where startdate is not null group by choose(month(startdate), "
        "'Jan','Feb','Mar','Apr','May','Jun','Jul','Aug','Sep','Oct','Nov','Dec')",
        "select strftime(startdate,'%b'),count(*) from {S} where startdate is not null group by 1",
    ),
    "parts of an academic year": (
        "select distinct ks4_acadyr, substring(ks4_acadyr, charindex('/', ks4_acadyr) + 1, 4) e, "
        "replace(ks4_acadyr, '/', '') r, stuff(ks4_acadyr, 5, 1, '-') s from npd_i2.x.ks4pupil_2002_to_2014",
        "select distinct ks4_acadyr, split_part(ks4_acadyr,'/',2), replace(ks4_acadyr,'/',''), "
        "replace(ks4_acadyr,'/','-') from {K}",
    ),
    "an older span of years": (
        "select count(*) n from [NPD].[2002237].[KS4Pupil_2002_to_2013]",
        "select count(*) from {K}",
    ),
    "a join by commas": (
        "select count(*) n from leo_i2.x.leo_earnings a, leo_i2.x.learner_ae_id_to_edukey_lookup b where "
        "a.edukey = b.edukey and a.taxyear = 201516",
        "select count(*) from {E} join {L} using(edukey) where taxyear=201516",
    ),
    "dates from variables": (
        "declare @ty int; set @ty = 201516; declare @from date = datefromparts(@ty / 100, 4, 6), @to date; "
        "set @to = dateadd(dd, -1, dateadd(yy, 1, @from)); select count(*) n from leo_i2.x.leo_employment "
        "where startdate between @from and @to",
        "select count(*) from {S} where startdate between '2015-04-06' and '2016-04-05'",
    ),
    "a page of rows": (
        "declare @page int = 2; select edukey from (select distinct edukey from leo_i2.x.leo_earnings) d "
        "order by edukey offset (@page - 1) * 10 rows fetch next 10 rows only",
        "select distinct edukey from {E} order by 1 limit 10 offset 10",
    ),
    "TOP 1 WITH TIES by row number": (
        "select * from (select top 1 with ties edukey, taxyear, earnings from leo_i2.x.leo_earnings order "
        "by row_number() over (partition by edukey order by earnings desc, taxyear)) x",
        "select edukey,taxyear,earnings from {E} qualify row_number() over (partition by edukey order by "
        "earnings desc nulls last, taxyear)=1",
    ),
    "codes that are numbers here": (
        "select count(*) n from npd_i2.x.spring_census_2011 where fsmeligible_spr11 in ('1','Y','true')",
        "select count(*) from {C} where fsmeligible_spr11=1",
    ),
    "the larger of two columns": (
        "select k.edukey, m.mx from (select edukey, max(case when taxyear=201516 then earnings end) a, "
        "max(case when taxyear=201617 then earnings end) b from leo_i2.x.leo_earnings group by edukey) k\n"
        " cross apply (select max(v) as mx from (values (k.a), (k.b)) t(v)) m",
        "select edukey, max(earnings) filter (taxyear in (201516,201617)) from {E} group by 1",
    ),
    "joins whose ON comes last": (
        "select count(*) n, count(c.startdate) c from leo_i2.x.learner_ae_id_to_edukey_lookup a left join "
        "leo_i2.x.leo_benefit b inner join leo_i2.x.leo_employment c on c.edukey = b.edukey on a.edukey = "
        "b.edukey",
        "select count(*), count(z.startdate) from {L} a left join (select b.edukey, c.startdate from {B} b "
        "join {S} c using(edukey)) z using(edukey)",
    ),
    "joins in brackets": (
        "select count(*) n from leo_i2.x.learner_ae_id_to_edukey_lookup a left join (leo_i2.x.leo_benefit "
        "b inner join leo_i2.x.leo_employment c on c.edukey = b.edukey) on a.edukey = b.edukey",
        "select count(*) from {L} a left join (select b.edukey, c.startdate from {B} b join {S} c "
        "using(edukey)) z using(edukey)",
    ),
    "a date of birth from its parts": (
        "select cast(cast(yearofbirth_spr11 as varchar(4)) + '-' + right('00' + cast(monthofbirth_spr11 as "
        "varchar(2)), 2) + '-01' as date) dob, count(*) n from npd_i2.x.spring_census_2011 group by "
        "cast(cast(yearofbirth_spr11 as varchar(4)) + '-' + right('00' + cast(monthofbirth_spr11 as "
        "varchar(2)), 2) + '-01' as date)",
        "select make_date(yearofbirth_spr11,monthofbirth_spr11,1), count(*) from {C} group by 1",
    ),
    "a date in ODBC's form and in words": (
        "select count(*) n from leo_i2.x.leo_employment where startdate >= {d '2015-04-06'} and startdate "
        "< '06 Apr 2016'",
        "select count(*) from {S} where startdate>='2015-04-06' and startdate<'2016-04-06'",
    ),
    "blank text": (
        "select isnull(main_section, '') s, count(*) n from leo_i2.x.leo_earnings where "
        "isnull(main_section,'') <> '' and len(ltrim(rtrim(main_section))) > 1 group by "
        "isnull(main_section, '')",
        "select main_section,count(*) from {E} where main_section<>'' group by 1",
    ),
    "PARSE": (
        "select parse('2015-04-06' as date) a, try_parse('x' as int) b",
        "select date '2015-04-06', null",
    ),
    "a union in IN": (
        "select ae_id from leo_i2.x.learner_ae_id_to_edukey_lookup where edukey in (select edukey from "
        "leo_i2.x.leo_benefit where benefit_type = 'JSA' union select edukey from leo_i2.x.leo_benefit "
        "where benefit_type = 'UC') group by ae_id",
        "select distinct ae_id from {L} join {B} using(edukey) where benefit_type in ('JSA','UC')",
    ),
    "a share in whole per cent": (
        "select taxyear, count(*) n, count(*) * 100 / (select count(*) from leo_i2.x.leo_earnings) pct "
        "from leo_i2.x.leo_earnings group by taxyear",
        "select taxyear,count(*), count(*)*100//(select count(*) from {E}) from {E} group by 1",
    ),
    "people in work by month": (
        "with months as (select cast('2015-04-01' as date) m union all select dateadd(month, 1, m) from "
        "months where m < '2016-03-01')\n"
        "select months.m, count(distinct e.edukey) people from months inner join leo_i2.x.leo_employment e "
        "on e.startdate <= eomonth(months.m) and isnull(e.enddate, '99991231') >= months.m group by "
        "months.m",
        "select m, count(distinct edukey) from (select (date '2015-04-01' + to_months(i::int))::date m "
        "from range(12) t(i)) join {S} e on e.startdate<=last_day(m) and coalesce(enddate, date "
        "'9999-12-31')>=m group by 1",
    ),
    "squares": (
        "WITH T AS (SELECT 1 AS N UNION ALL SELECT N+1 FROM T WHERE N<3), U (A,B) AS (SELECT N, N*N FROM "
        "T) SELECT A, B, A+B AS C FROM U ORDER BY C DESC",
        "values (1,1,2),(2,4,6),(3,9,12)",
    ),
    "unions with NULL columns": (
        "select edukey, null as benefit, earnings as amt from leo_i2.x.leo_earnings where taxyear=201516 "
        "union all select edukey, benefit_type, null from leo_i2.x.leo_benefit",
        "select edukey,null,earnings from {E} where taxyear=201516 union all select edukey,benefit_type,null from {B}",
    ),
    "an academic year from a date": (
        "select case when month(startdate) >= 8 then cast(year(startdate) as char(4)) + '/' + "
        "right(cast(year(startdate) + 1 as char(4)), 2) else cast(year(startdate) - 1 as char(4)) + '/' + "
        "right(cast(year(startdate) as char(4)), 2) end as ay, count(*) n from leo_i2.x.leo_employment "
        "where startdate is not null group by case when month(startdate) >= 8 then cast(year(startdate) as "
        "char(4)) + '/' + right(cast(year(startdate) + 1 as char(4)), 2) else cast(year(startdate) - 1 as "
        "char(4)) + '/' + right(cast(year(startdate) as char(4)), 2) end",
        "select y||'/'||right((y+1)::varchar,2), n from (select year(startdate)-(month(startdate)<8)::int "
        "y, count(*) n from {S} where startdate is not null group by 1)",
    ),
    "LAG with a default": (
        "select edukey, taxyear, lag(earnings, 1, 0) over (partition by edukey order by taxyear) p, "
        "lead(taxyear, 2) over (partition by edukey order by taxyear) l from leo_i2.x.leo_earnings",
        "select edukey,taxyear,lag(earnings,1,0) over w, lead(taxyear,2) over w from {E} window w as "
        "(partition by edukey order by taxyear)",
    ),
    "windows without a frame": (
        "select taxyear, count(*) over (order by taxyear) c, sum(1) over (order by taxyear range between "
        "unbounded preceding and current row) s from (select distinct taxyear from leo_i2.x.leo_earnings) t",
        "select taxyear, row_number() over (order by taxyear), row_number() over (order by taxyear) from "
        "(select distinct taxyear from {E})",
    ),
    "a pivot that is filtered": (
        "select edukey, isnull([JSA],0) as jsa, isnull([UC],0) as uc, isnull([ESA],0) esa from (select "
        "edukey, benefit_type, datediff(dd,startdate,enddate)+1 as days from leo_i2.x.leo_benefit) s pivot "
        "(sum(days) for benefit_type in ([JSA],[UC],[ESA])) p where [JSA] > 0 or [UC] > 0",
        "select edukey, coalesce(j,0),coalesce(u,0),coalesce(s,0) from (select edukey, sum(d) filter "
        "(benefit_type='JSA') j, sum(d) filter (benefit_type='UC') u, sum(d) filter (benefit_type='ESA') s "
        "from (select *, enddate-startdate+1 d from {B}) group by 1) where j>0 or u>0",
    ),
    "UNPIVOT of text": (
        "select ae, src, val from (select l.ae_id ae, cast(l.edukey as varchar(50)) a, cast(l.ae_id as "
        "varchar(50)) b from leo_i2.x.learner_ae_id_to_edukey_lookup l) p unpivot (val for src in "
        "([a],[b])) as up",
        "select ae_id,'a',edukey from {L} where edukey is not null union all select ae_id,'b',ae_id::varchar from {L}",
    ),
    "a global temporary table": (
        "select * into ##g from leo_i2.x.leo_seiss; select count(*) n from tempdb..##g",
        'select count(*) from leo_i2."2005003".leo_seiss',
    ),
    "several tables dropped": (
        "drop table if exists #a, #b; select 1 x into #a; select x, y = x + 1 into #b from #a; select * from #b",
        "select 1,2",
    ),
    "IIF in sums": (
        "select sum(iif(earnings >= 20000, 1, 0)) a, sum(iif(main_section = 'q' or main_section is null, "
        "1, 0)) b, count(1) c, count(all edukey) d from leo_i2.x.leo_earnings",
        "select count(*) filter(earnings>=20000), count(*) filter (main_section='Q' or main_section is "
        "null), count(*), count(edukey) from {E}",
    ),
    "the last year of each person": (
        "select count(*) n from leo_i2.x.leo_earnings e where e.taxyear = (select max(x.taxyear) from "
        "leo_i2.x.leo_earnings x where x.edukey = e.edukey)",
        "select count(distinct edukey) from {E}",
    ),
    "labels from VALUES": (
        "with lk (code, label) as (select * from (values ('WHIT','White'),('ASIA','Asian')) v(code,label)) "
        "select label, count(*) n from npd_i2.x.spring_census_2011 c join lk on lk.code = "
        "c.ethnicgroupmajor_spr11 group by label",
        "select case ethnicgroupmajor_spr11 when 'WHIT' then 'White' else 'Asian' end, count(*) from {C} "
        "where ethnicgroupmajor_spr11 in ('WHIT','ASIA') group by 1",
    ),
    "three kinds of union": (
        "select 1 as a union all select 2 union select 2 except select 1 order by a desc",
        "select 2",
    ),
    "NULL in text and in =": (
        "select count(*) n from leo_i2.x.leo_earnings where main_section + '' is null or main_section = null",
        "select count(*) from {E} where main_section is null",
    ),
    "a database and two dots": (
        "select count(*) n from leo_i2..leo_earnings",
        "select count(*) from {E}",
    ),
    "a schema alone": (
        "select count(*) n from [2005003].[leo_earnings]",
        "select count(*) from {E}",
    ),
    "a placeholder and a quoted alias": (
        'select count(*) n from "LEO_i2"."<project number>"."leo_earnings" as "t"',
        "select count(*) from {E}",
    ),
    "a server before the database": (
        "select count(*) n from [server].[LEO_i2].[2005003].[leo_earnings]",
        "select count(*) from {E}",
    ),
    "a column with its whole name": (
        "select leo_i2.x.leo_earnings.edukey from leo_i2.x.leo_earnings where leo_earnings.taxyear = "
        "201516 and leo_i2.x.leo_earnings.earnings > 50000",
        "select edukey from {E} where taxyear=201516 and earnings>50000",
    ),
    "EXEC of a variable": (
        "declare @sql nvarchar(max) = N'select count(*) n from npd_i2.x.spring_census_2011'; exec sp_executesql @sql",
        "select count(*) from {C}",
    ),
    "RAISERROR as a message": (
        "raiserror('progress', 0, 1) with nowait select 1 a",
        "select 1",
    ),
    "hints on tables and joins": (
        "select all count(*) as 'n' from leo_i2.x.leo_earnings with (index(1), nolock) inner merge join "
        "leo_i2.x.learner_ae_id_to_edukey_lookup l with(readuncommitted) on l.edukey = leo_earnings.edukey "
        "option (hash join, fast 10)",
        "select count(*) from {E} join {L} using(edukey)",
    ),
    "numbers in all their forms": (
        "select .5 a, 1e3 b, $5 c, -(-1) d, + 1 e, 'it''s' f, N'' g, 0xFF + 0 h",
        "select 0.5,1000,5,1,1,'it''s','',255",
    ),
    "INTERSECT as an equality with NULLs": (
        "select count(*) n from leo_i2.x.leo_earnings a join leo_i2.x.leo_earnings b on a.edukey = "
        "b.edukey and a.taxyear = b.taxyear and exists (select a.main_section intersect select "
        "b.main_section)",
        "select count(*) from {E} a join {E} b on a.edukey=b.edukey and a.taxyear=b.taxyear and "
        "a.main_section is not distinct from b.main_section",
    ),
    "EXCEPT as a difference with NULLs": (
        "select count(*) n from leo_i2.x.leo_earnings a where exists (select a.main_section, "
        "a.main_sic2007 except select a.main_enterprise_linked_section, a.main_enterprise_linked_sic2007)",
        "select count(*) from {E} where main_section is distinct from main_enterprise_linked_section or "
        "main_sic2007 is distinct from main_enterprise_linked_sic2007",
    ),
    "frames of rows": (
        "select edukey, sum(earnings) over (partition by edukey order by taxyear rows 2 preceding) a, "
        "avg(cast(earnings as float)) over (partition by edukey order by taxyear rows between 1 following "
        "and unbounded following) b from leo_i2.x.leo_earnings",
        "select edukey, sum(earnings) over (partition by edukey order by taxyear rows 2 preceding), "
        "avg(earnings) over (partition by edukey order by taxyear rows between 1 following and unbounded "
        "following) from {E}",
    ),
    "STRING_SPLIT of a column": (
        "select s.value v, count(*) n from (select 'a,b,a' as t) x cross apply string_split(x.t, ',') s "
        "group by s.value",
        "values ('a',2),('b',1)",
    ),
    "a view made anew": (
        "create or alter view fft.v as with c as (select taxyear t, count(*) n from leo_i2.x.leo_earnings "
        "group by taxyear) select * from c\n"
        "go\n"
        "select sum(n) n from fft.v",
        "select count(*) from {E}",
    ),
    "an INSERT with hints, and an index": (
        "create table #t (pmr char(18) collate Latin1_General_BIN not null, yr smallint not null, fsm bit "
        "null, constraint pk primary key clustered (pmr asc, yr desc), index ix nonclustered (yr))\n"
        "insert into #t with (tablock) (pmr, yr, fsm) select pupilmatchingrefanonymous_spr11, 2011, "
        "max(fsmeligible_spr11) from npd_i2.x.spring_census_2011 where pupilmatchingrefanonymous_spr11 is "
        "not null group by pupilmatchingrefanonymous_spr11;\n"
        "create nonclustered index ix2 on #t (yr) include (fsm) with (data_compression = page)\n"
        "update statistics #t\n"
        "select count(*) n, sum(cast(fsm as int)) f from #t",
        "select count(*), sum(f) from (select max(fsmeligible_spr11) f from {C} where "
        "pupilmatchingrefanonymous_spr11 is not null group by pupilmatchingrefanonymous_spr11)",
    ),
    "bands of earnings": (
        "select e.taxyear, case when e.earnings is null or e.earnings < 0 then 'missing' when e.earnings = "
        "0 then 'zero' when e.earnings between 1 and 9999 then '<10k' else '10k+' end as band, count(*) as "
        "n from leo_i2.x.leo_earnings as e group by e.taxyear, case when e.earnings is null or e.earnings "
        "< 0 then 'missing' when e.earnings = 0 then 'zero' when e.earnings between 1 and 9999 then '<10k' "
        "else '10k+' end",
        "select taxyear, case when earnings is null or earnings<0 then 'missing' when earnings=0 then "
        "'zero' when earnings<10000 then '<10k' else '10k+' end, count(*) from {E} group by all",
    ),
    "the first that is not blank": (
        "select coalesce(nullif(main_section, ''), nullif(main_enterprise_linked_section,''), 'Unknown') "
        "s, count(*) n from leo_i2.x.leo_earnings group by coalesce(nullif(main_section, ''), "
        "nullif(main_enterprise_linked_section,''), 'Unknown')",
        "select coalesce(main_section, main_enterprise_linked_section,'Unknown'), count(*) from {E} group by 1",
    ),
    "dates that are none": (
        "select isdate('2015-02-30') a, isdate('20150228') b, try_cast('2015-02-30' as date) c, "
        "try_convert(decimal(5,2), 'x') d, isnumeric('1,000') e",
        "select 0,1,null,null,1",
    ),
    "tabs, line ends and GO": (
        "SELECT\tedukey\r\n"
        "\t,taxyear\r\n"
        "\t,\tearnings\r\n"
        "FROM\tleo_i2.x.leo_earnings\r\n"
        "-- a\r\n"
        "WHERE\ttaxyear = 201516 -- b\r\n"
        "\r\n"
        "GO\r\n",
        "select edukey,taxyear,earnings from {E} where taxyear=201516",
    ),
    "DISTINCT without case": (
        "select count(distinct g) n from (select 'a' g union all select 'A' union all select 'b') x",
        "select 2",
    ),
    "a month in style 112": (
        "select convert(varchar(6), startdate, 112) ym, count(*) n from leo_i2.x.leo_employment where "
        "startdate > convert(datetime, '2015-01-01', 120) group by convert(varchar(6), startdate, 112)",
        "select strftime(startdate,'%Y%m'), count(*) from {S} where startdate>'2015-01-01' group by 1",
    ),
    "both years of a tax year": (
        "select cast(left(cast(taxyear as char(6)),4) as int) y, cast('20' + right(cast(taxyear as "
        "char(6)), 2) as int) z, count(*) n from leo_i2.x.leo_earnings group by taxyear",
        "select taxyear//100, 2000+taxyear%100, count(*) from {E} group by taxyear",
    ),
    "a tax year from a date": (
        "select year(dateadd(month, -3, startdate)) - case when month(startdate) = 4 and day(startdate) < "
        "6 then 1 else 0 end as ty, count(*) n from leo_i2.x.leo_employment where startdate is not null "
        "group by year(dateadd(month, -3, startdate)) - case when month(startdate) = 4 and day(startdate) "
        "< 6 then 1 else 0 end",
        "select y - d, count(*) from (select year(startdate - interval 3 month) y, (month(startdate)=4 and "
        "day(startdate)<6)::int d from {S} where startdate is not null) group by 1",
    ),
    "a median by row numbers": (
        "with d as (select edukey, taxyear, earnings, row_number() over (partition by taxyear order by "
        "earnings desc) r, count(*) over (partition by taxyear) n from leo_i2.x.leo_earnings where "
        "earnings > 0) select taxyear, avg(1.0 * earnings) med from d where r in ((n + 1) / 2, (n + 2) / "
        "2) group by taxyear",
        "select taxyear, trunc(median(earnings),6) from {E} where earnings>0 group by 1",
    ),
    "signs and rests": (
        "select taxyear, sum(earnings) / 1000000 m, sum(convert(bigint, earnings)) % 7 r, -5 / 2 a, -5 % 3 "
        "b, 5.0 / 2 c from leo_i2.x.leo_earnings group by taxyear",
        "select taxyear, sum(earnings)//1000000, sum(earnings)%7, -2, -2, 2.5 from {E} group by 1",
    ),
    "employed and self-employed": (
        "select isnull(e.taxyear, s.taxyear) taxyear, isnull(e.earnings, 0) + "
        "isnull(s.earnings_self_employment, 0) tot from leo_i2.x.leo_earnings e full join "
        "leo_i2.x.leo_self_assessment s on s.edukey = e.edukey and s.taxyear = e.taxyear",
        "select coalesce(e.taxyear,s.taxyear), "
        "coalesce(e.earnings,0)+coalesce(s.earnings_self_employment,0) from {E} e full join "
        'leo_i2."2005003".leo_self_assessment s on s.edukey=e.edukey and s.taxyear=e.taxyear',
    ),
    "thousands as text": (
        "select earnings / 1000 * 1000 b, count(*) from leo_i2.x.leo_earnings group by earnings / 1000 * 1000",
        "select earnings//1000*1000, count(*) from {E} group by 1",
    ),
    "thousands as numbers": (
        "select floor(earnings / 5000.0) * 5000 lo, count(*) n from leo_i2.x.leo_earnings group by "
        "floor(earnings / 5000.0)",
        "select floor(earnings/5000.0)*5000, count(*) from {E} group by floor(earnings/5000.0)",
    ),
    "the first and the last day": (
        "select a.edukey, a.mn, b.mx from (select edukey, min(startdate) mn from leo_i2.x.leo_employment "
        "group by edukey) a, (select edukey, max(enddate) mx from leo_i2.x.leo_employment group by edukey) "
        "b where a.edukey = b.edukey",
        "select edukey,min(startdate),max(enddate) from {S} where edukey is not null group by 1",
    ),
}
