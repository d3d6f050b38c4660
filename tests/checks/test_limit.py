"""An answer that does not end is stopped, says what its plan shows, and leaves its connection usable."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import duckdb
import pytest

from leocourse.checks import limit
from leocourse.checks.answer import Late
from leocourse.checks.evaluate import Clock
from leocourse.checks.limit import Interrupted, limited, not_limited, seconds_allowed
from leocourse.checks.plan import reason, remember_queries
from leocourse.core.errors import LeoError

PAIRS = "SELECT count(*) FROM range(10_000_000) a, range(1_000_000) b WHERE a.range + b.range = -1"
OTHER = duckdb.connect()


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")
        remember_queries(con)
        yield con


def loop(con):
    while True:
        pass


def stubborn(con):
    while True:
        try:
            n = con.execute("SELECT 1").fetchall()
        except:  # noqa: E722
            n = 0
        assert n is not None


def pairs_then_loop(con):
    con.execute("SELECT count(*) FROM range(10_000) a, range(10_000) b WHERE a.range < b.range AND b.range < 3")
    loop(con)


STUCK = {
    "sql": PAIRS, "executed": lambda con: con.execute(PAIRS), "a frame": lambda con: con.sql(PAIRS).df(),
    "a relation": lambda con: con.sql(PAIRS), "arrow": lambda con: con.sql(PAIRS).arrow(),
}  # fmt: skip
IN_PYTHON = {
    "a loop": loop,
    "a bare except": stubborn,
    "asleep": lambda con: time.sleep(60),
    "after SQL": pairs_then_loop,
}


@pytest.mark.parametrize("case", STUCK)
def test_sql_is_stopped_and_its_plan_asks_for_the_join_condition(con, case):
    began = time.monotonic()
    with pytest.raises(Late, match=r"took longer than 0.3 seconds and was stopped.*is a join condition missing\?"):
        Clock(0.3).evaluate(STUCK[case], con, {})
    assert time.monotonic() - began < 5
    assert con.execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.parametrize("case", IN_PYTHON)
def test_python_is_stopped_and_nothing_is_guessed(con, case):
    with pytest.raises(Late) as late:
        Clock(0.2).evaluate(IN_PYTHON[case], con, {})
    assert "in line " in str(late.value) and "join" not in str(late.value)


def test_sql_on_another_connection_is_stopped_too(con):
    for given in (lambda con: OTHER.sql(PAIRS).df(), lambda con: duckdb.sql(PAIRS).df(), OTHER.sql(PAIRS)):
        with pytest.raises(Late):
            Clock(0.3).evaluate(given, con, {})
    assert OTHER.execute("SELECT 1").fetchall() == duckdb.sql("SELECT 1").fetchall() == [(1,)]


def test_the_time_is_that_of_all_calls_together(con):
    clock = Clock(0.6)
    clock.evaluate(lambda con: time.sleep(0.4) or 1, con, {})
    with pytest.raises(Late, match="longer than 0.6 seconds"):
        clock.evaluate(lambda con: time.sleep(0.4) or 1, con, {})


@pytest.mark.parametrize("sql, words", [
    (PAIRS, "BLOCKWISE_NL_JOIN"),
    ("SELECT count(*) FROM range(100_000) a, range(100_000) b", "CROSS_PRODUCT"),
    ("SELECT * FROM range(20) a, range(20) b", ""),
    ("SELECT * FROM range(100_000_000) a, (SELECT max(range) FROM range(9)) b", ""),
    ("SELECT * FROM range(100_000_000) a JOIN range(100_000_000) b USING (range)", ""),
    ("SELECT ?", ""), ("SELEC", ""),
])  # fmt: skip
def test_a_plan_says_something_only_of_far_too_many_pairs(con, sql, words):
    said = reason(con, sql)
    assert words in said if words else not said


@pytest.fixture
def stops():
    """What ■ sends is heard, as in a notebook, also where the tests run in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("given", ["sql", "a frame"])
def test_a_person_who_presses_stop_stops_sql_at_once(con, given, stops):
    began = time.monotonic()
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(Interrupted, match="You stopped the check") as stopped:
        Clock(60).evaluate(STUCK[given], con, {})
    assert time.monotonic() - began < 5
    assert stopped.value._render_traceback_() == [f"KeyboardInterrupt: {stopped.value}"]
    assert con.execute("SELECT 1").fetchall() == [(1,)]


def test_signals_and_timers_are_as_they_were(con):
    woken, ours = [], (lambda *_: woken.append(1))
    before = signal.signal(signal.SIGALRM, ours)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        handlers, threads = signal.getsignal(signal.SIGINT), threading.active_count()
        with limited(10, con):
            pass
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)) == (handlers, ours)
        assert threading.active_count() == threads and 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 0.5
        assert signal.set_wakeup_fd(-1) == -1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_outside_the_main_thread_an_answer_just_runs(con):
    found = []
    thread = threading.Thread(target=lambda: found.append(Clock(5).evaluate("SELECT 1 AS a", con, {})))
    thread.start()
    thread.join()
    assert found[0].columns == {"a": [1]}


def test_the_limit_can_be_set(monkeypatch):
    monkeypatch.delenv(limit.VARIABLE, raising=False)
    assert seconds_allowed() == 60 and seconds_allowed(5) == 5
    monkeypatch.setenv(limit.VARIABLE, "7.5")
    assert seconds_allowed() == 7.5 and seconds_allowed(5) == 5
    for wrong in ("soon", "0", "-1", "nan", "inf"):
        monkeypatch.setenv(limit.VARIABLE, wrong)
        with pytest.raises(LeoError, match="LEO_CHECK_SECONDS is how many seconds"):
            seconds_allowed()


@pytest.mark.parametrize("where", ["a browser", "Windows"])
def test_where_there_is_no_timer_it_is_said_once_and_beforehand(lesson, monkeypatch, capsys, where):
    module = sys.modules["leocourse.checks.assignment"]
    monkeypatch.setenv("LEO_EXTRACT", str(lesson))
    assert not_limited(60) == ""
    module._say_what_is_not_limited.cache_clear()
    if where == "a browser":
        monkeypatch.setattr(sys, "platform", "emscripten")
    else:
        monkeypatch.delattr(signal, "setitimer")
    for _ in range(2):
        check = module.assignment("06-table-for-release")
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1 and "restart the kernel" in printed
    assert check("q1", "SELECT 1 AS a").status == "not right yet"
    monkeypatch.undo()
    module._say_what_is_not_limited.cache_clear()
