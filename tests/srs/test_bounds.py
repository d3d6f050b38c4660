"""A script of T-SQL ends in one line, whatever it holds: time, memory, depth, length."""

from __future__ import annotations

import importlib
import time

import pytest

from leocourse.core.errors import LeoError
from leocourse.srs.command import checked, ran

JOBS = 'leo_i2."2005003".leo_employment'
ENDLESS = {
    "recursion": "WITH r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT COUNT(*) AS c FROM r "
    "OPTION (MAXRECURSION 0);",
    "cross join": f"SELECT COUNT(*) AS n FROM {JOBS} AS a, {JOBS} AS b, {JOBS} AS c;",
    "in a TRY block": f"BEGIN TRY SELECT COUNT(*) AS n FROM {JOBS} AS a, {JOBS} AS b, {JOBS} AS c; END TRY "
    "BEGIN CATCH SELECT 1 AS n; END CATCH;",
}
TOO_DEEP = {
    "blocks": "BEGIN\n" * 5_000 + "SELECT 1\n" + "END\n" * 5_000,
    "terms": f"SELECT {'+'.join(['1'] * 20_000)} AS x;",
    "unions": f"{' UNION ALL '.join(['SELECT 1 AS x'] * 3_000)};",
    "brackets": f"SELECT {'(' * 5_000}1{')' * 5_000} AS x;",
    "cases": f"SELECT {'CASE WHEN 1 = 1 THEN ' * 3_000}1{' END' * 3_000} AS x;",
}


def script(tmp_path, text):
    file = tmp_path / "script.sql"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_is_stopped_in_one_line(name, lesson, tmp_path, monkeypatch):
    monkeypatch.setenv("LEO_CHECK_SECONDS", "1")
    began = time.monotonic()
    with pytest.raises(LeoError, match="stopped after 1 seconds") as told:
        ran(script(tmp_path, ENDLESS[name]), lesson, None)
    assert "\n" not in str(told.value) and time.monotonic() - began < 20


@pytest.mark.parametrize("name", TOO_DEEP)
def test_what_is_too_deep_is_said_in_one_line(name, lesson, tmp_path):
    file = script(tmp_path, TOO_DEEP[name])
    with pytest.raises(LeoError, match="nested too deeply") as told:
        ran(file, lesson, None)
    assert "\n" not in str(told.value)
    try:  # what can be looked at is, and the rest is said in one line as well
        lines, _ = checked(file)
        assert lines
    except LeoError as error:
        assert "\n" not in str(error)


def test_what_needs_too_much_memory_is_said_in_one_line(lesson, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.import_module("leocourse.srs.run"), "MEMORY", "30MB")  # the room exports run()
    big = f"SELECT a.edukey AS x, COUNT(*) AS n FROM {JOBS} AS a JOIN {JOBS} AS b ON a.startdate < b.startdate " \
          "GROUP BY a.edukey, b.edukey ORDER BY n;"  # fmt: skip
    monkeypatch.setenv("LEO_CHECK_SECONDS", "60")
    with pytest.raises(LeoError) as told:
        ran(script(tmp_path, big), lesson, None)
    assert "\n" not in str(told.value)


def test_a_limit_that_is_no_number_is_said_and_a_short_script_runs(lesson, tmp_path, monkeypatch):
    file = script(tmp_path, f"SELECT COUNT(*) AS n FROM {JOBS};")
    assert any("simulated" in line for line in ran(file, lesson, None))
    monkeypatch.setenv("LEO_CHECK_SECONDS", "soon")
    with pytest.raises(LeoError, match="LEO_CHECK_SECONDS"):
        ran(file, lesson, None)
