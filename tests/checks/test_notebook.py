"""What a check says in a real kernel: of cells that failed, and when somebody presses ■."""

from __future__ import annotations

import os
import queue
import time

import pytest
from jupyter_client.manager import KernelManager

PAIRS = (
    'SELECT count(*) FROM npd_i2."2005003".spring_census_2010 a, npd_i2."2005003".spring_census_2011 b, '
    'npd_i2."2005003".spring_census_2009 c WHERE a.gender_spr10 < b.gender_spr11 || c.gender_spr09'
)


class Kernel:
    """A kernel that runs cells and gives what they show."""

    def __init__(self, root, lesson):
        self._manager = KernelManager(transport="ipc")
        self._manager.start_kernel(cwd=str(root), env={**os.environ, "LEO_EXTRACT": str(lesson)})
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)

    def run(self, code, stop_after=None):
        """Run a cell, and press ■ after so many seconds."""
        sent, until = self._client.execute(code), time.monotonic() + (stop_after or 1e9)
        shown, deadline = [], time.monotonic() + 60
        while time.monotonic() < deadline:
            if time.monotonic() > until:
                self._manager.interrupt_kernel()
                until = float("inf")
            try:
                message = self._client.get_iopub_msg(timeout=0.1)
            except queue.Empty:
                continue
            content = message["content"]
            if message["parent_header"].get("msg_id") == sent:
                shown += [content.get("text", ""), *content.get("traceback", []), *content.get("data", {}).values()]
                if content.get("execution_state") == "idle":
                    return "\n".join(map(str, shown))
        raise TimeoutError(code)

    def close(self):
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel(root, lesson):
    started = Kernel(root, lesson)
    started.run("early = (")  # before there is a check
    shown = started.run(
        'import leocourse as leo\ncon = leo.connect()\ncheck = leo.assignment("06-table-for-release", seconds=2)\n'
        f"PAIRS = '''{PAIRS}'''"
    )
    assert "Error" not in shown
    yield started
    started.close()


FAILED = "did not run to its end. "


@pytest.mark.parametrize(("code", "words"), [
    ('q1 = """\nSELECT 1\n"" +', FAILED + "SyntaxError: incomplete input (line "),
    ("\n\nx = 1\nq1 = = 2", FAILED + "SyntaxError: invalid syntax (line 4 of the cell, `q1 = = 2`)"),
    ("%%sql q1 <<\nSELECT 1 AS a", FAILED + "UsageError: Cell magic `%%sql` not found"),
    ('q1\u00a0=\u00a0"SELECT 1"', "a no-break space (U+00A0)"),
    ("q1 = “SELECT 1”", "curly quotation mark (“)"),
    ('<<<<<<< HEAD\nq1 = "1"\n=======\nq1 = "2"\n>>>>>>> b', "mark that a merge left"),
    ("def q1(con):\n    x = 1\n\treturn x", FAILED + "TabError: "),
    ("x = 1 / 0\nq1 = 'SELECT 1'", FAILED + "ZeroDivisionError: division by zero (line 1 of the cell)"),
    ("q1 = con.sql('SELECT * FROM nowhere')", "Table with name nowhere does not exist"),
    ("%%time\n\nq1 = 1 / 0", FAILED + "ZeroDivisionError: division by zero (line 3 of the cell)"),
])  # fmt: skip
def test_a_cell_that_failed_is_the_reason_whether_its_name_is_new_or_old(kernel, code, words):
    kernel.run("globals().pop('q1', None)")
    kernel.run(code)
    new = kernel.run('print(check("q1", q1))')
    assert "name 'q1' is not defined. The cell that defines q1 did not" in new and words in new
    kernel.run("q1 = 'SELECT 1 AS a'")
    assert "Missing columns" in kernel.run('print(check("q1", q1))')
    kernel.run(code)
    old = kernel.run('print(check("q1", q1))')
    assert words in old and "what q1 holds now is from before" in old and "Missing columns" not in old


@pytest.mark.parametrize("code", [
    "q1 = 'SELECT 1 AS a'\n1 / 0", "q2 = (", "print(q1", "q1 == (", "check('q1', q1", "for q2 in [1]:\n    1 / 0",
    "q1 = 1 / 0\n# and then put right", "%%time\nq1 = 'SELECT 1 AS a'",
])  # fmt: skip
def test_another_cell_that_failed_is_no_reason(kernel, code):
    kernel.run("q1 = 'SELECT 1 AS a'")
    kernel.run(code)
    if "put right" in code:
        kernel.run("q1 = 'SELECT 1 AS a'")
    assert "Missing columns" in kernel.run('print(check("q1", q1))')
    assert "Missing columns" in kernel.run("print(check('q1', 'SELECT 2 AS b'))")


def test_a_cell_that_failed_before_there_was_a_check_is_known_too(kernel):
    assert "The cell that defines early did not run" in kernel.run("early")
    plain = kernel.run("never_defined")
    assert "NameError" in plain and "did not run" not in plain and "Traceback" in plain


def test_an_answer_that_was_not_given_is_not_attempted(kernel):
    assert "There is no answer yet." in kernel.run('print(check("q2", ...))')
    assert "There is no answer yet: what was handed over is None" in kernel.run('print(check("q2", None))')


@pytest.mark.parametrize(
    "given", ["PAIRS", "con.sql(PAIRS)", "lambda c: c.sql(PAIRS).df()", "lambda c: con.execute(PAIRS)"]
)
def test_sql_that_does_not_end_is_stopped(kernel, given):
    shown = kernel.run(f'print(check("q1", {given}))')
    assert "Your answer took longer than 2 seconds and was stopped" in shown
    assert "is a join condition missing?" in shown or "con.execute" in given
    assert "[(1,)]" in kernel.run("con.execute('SELECT 1').fetchall()")


def test_python_that_does_not_end_is_stopped(kernel):
    shown = kernel.run('def endless(con):\n    while True:\n        pass\n\nprint(check("q1", endless))')
    assert "took longer than 2 seconds and was stopped in line " in shown and "join" not in shown


@pytest.mark.parametrize("given", ["PAIRS", "con.sql(PAIRS)", "lambda c: c.sql(PAIRS).df()", "endless"])
def test_stop_stops_a_check_at_once_and_the_connection_can_be_used_again(kernel, given):
    kernel.run(
        'def endless(con):\n    while True:\n        pass\n\nlong = leo.assignment("06-table-for-release", seconds=600)'
    )
    began = time.monotonic()
    shown = kernel.run(f'print(long("q1", {given}))', stop_after=1.5)
    assert "KeyboardInterrupt: You stopped the check." in shown and time.monotonic() - began < 20
    assert "[(1,)]" in kernel.run("con.execute('SELECT 1').fetchall()")
    assert "Missing columns" in kernel.run("print(long('q1', 'SELECT 1 AS a'))")
