"""T-SQL is somebody else's text: nothing in it reaches a file, the server or another table."""

from __future__ import annotations

import duckdb
import pytest

from leocourse.core.errors import LeoError

HOSTILE = [
    "select * from openrowset('SQLNCLI', 'x', 'select 1') x",
    "select * from openquery(server, 'select 1')",
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd') x",
    "select * from '/etc/passwd'",
    'select * from "/etc/passwd"',
    "select * from [data.csv]",
    "select 1 where exists (select * from glob('/*'))",
    "select getenv('HOME')",
    "select current_setting('allowed_directories')",
    "select x.y.getenv('HOME')",
    "exec xp_cmdshell 'ls'",
    "exec master..xp_cmdshell 'ls'",
    "exec ('copy (select 1) to ''x''')",
    "exec sp_executesql N'attach ''x'' as y'",
    "bulk insert #t from 'x'",
    "copy (select 1) to '/tmp/x.csv'",
    "attach '/tmp/x.db' as y",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true; select * from read_csv('x')",
    "pragma database_list",
    "call pragma_version()",
    "select 1; copy (select 1) to 'x'",
    "select * from information_schema.tables",
    "select * from duckdb_settings()",
    "select * from course.extract",
    "select * from truth.lives",
    "select * from sys.objects",
    "drop table leo_i2.x.leo_earnings",
    "drop view course.extract",
    "delete from leo_i2.x.leo_earnings",
    "update leo_i2.x.leo_earnings set earnings = 0",
    "insert into leo_i2.x.leo_earnings select * from leo_i2.x.leo_earnings",
    "truncate table leo_i2.x.leo_earnings",
    "create procedure p as select 1",
    "create function f() returns int as begin return 1 end",
    "select 'a\\' + (select getenv('HOME')) + '",
    "declare c cursor for select 1",
    "restore database x from disk = 'y'",
    "while 1 = 1 set nocount on",
    "select " + "(" * 3000 + "1" + ")" * 3000,
    "select [a",
    "end",
    "",
]


@pytest.mark.parametrize("sql", HOSTILE, ids=[each[:40] or "nothing" for each in HOSTILE])
def test_refused_in_one_line(tsql, sql):
    with pytest.raises(LeoError) as caught:
        tsql(sql)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY (SELECT 1) TO '/tmp/srs-hostile.csv'",
        "ATTACH '/tmp/srs-hostile.db' AS y",
        "SET enable_external_access = true",
        "LOAD httpfs",
    ],
)
def test_duckdb_itself_is_locked(locked, sql):
    with pytest.raises(duckdb.Error):
        locked.execute(sql)


def test_names_near_what_was_meant(tsql):
    with pytest.raises(LeoError, match=r"line 2: there is no column 'earning'\. Near it: earnings"):
        tsql("select\n earning from leo_i2.x.leo_earnings")
    with pytest.raises(LeoError, match=r"line 1: there is no view 'leo_i2.x.leo_earning' .*leo_earnings"):
        tsql("select 1 from leo_i2.x.leo_earning")
    with pytest.raises(LeoError, match="ambiguous"):
        tsql("select edukey from leo_i2.x.leo_earnings a join leo_i2.x.leo_benefit b on a.edukey = b.edukey")
    with pytest.raises(LeoError, match="#gone was not made"):
        tsql("select * from #gone")
