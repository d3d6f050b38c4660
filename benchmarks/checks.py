"""How long a check in a notebook takes: of every question with the right answer, and with each catalogued slip.

    python benchmarks/checks.py [--only "04 q"] [--json FILE]

The limit is a second for questions in SQL. Seconds are those of the processor, over all threads, so that whatever else
the machine does is left out: with one core free it takes that long to wait for the answer, with two less. ``why`` is
what :meth:`check.why` takes after the slowest wrong answer.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import matplotlib as mpl
from rich.console import Console
from rich.table import Table

from leocourse.authoring.question import Question, assignments
from leocourse.checks.assignment import Check, assignment
from leocourse.core.paths import course_root
from leocourse.site.figures import json_option, keep_rows

LIMIT = 1.0
"""Seconds that a check of a question in SQL may take."""


def seconds(run: Any, *given: Any) -> float:
    """The processor's seconds of a call."""
    begun = time.process_time()
    run(*given)
    return time.process_time() - begun


def measured(check: Check, question: Question) -> tuple[float, float, float]:
    """Seconds of the right answer, of the slowest wrong one, and of the walk after that."""
    check(question.name, question.reference_sql)  # what is loaded once
    right = seconds(check, question.name, question.reference_sql)
    wrong = [(seconds(check, question.name, slip.answer), slip) for slip in question.misconceptions]
    slowest, slip = max(wrong, key=lambda each: each[0])
    check(question.name, slip.answer)
    return right, slowest, seconds(check.why, question.name)


def main() -> None:
    """Measure all questions, and say which of those in SQL take longer than the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="only questions whose name begins so, such as '02 q5'")
    json_option(parser)
    asked = parser.parse_args()
    mpl.use("Agg")
    table = Table(title="A check in a notebook, processor seconds")
    for name in ("question", "kind", "right", "slowest wrong", "why"):
        table.add_column(name, justify="left" if name in ("question", "kind") else "right")
    rows, late = [], []
    for course in assignments(course_root()):
        check = assignment(course.name)
        for question in course.with_worked:
            name = f"{course.name[:2]} {question.name}"
            if not name.startswith(asked.only):
                continue
            found = measured(check, question)
            rows.append((name, question.kind, *(f"{each:.2f}" for each in found)))
            table.add_row(*rows[-1])
            late += [name] if question.kind == "sql" and max(found[:2]) > LIMIT else []
    Console().print(table)
    print(f"Over {LIMIT:g} s, of those in SQL: {', '.join(late) or 'none'}.")
    keep_rows(
        asked.json, [dict(zip(("question", "kind", "right", "wrong", "why"), each, strict=True)) for each in rows]
    )


if __name__ == "__main__":
    main()
