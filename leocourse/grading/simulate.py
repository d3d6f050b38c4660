"""The process that makes the extracts of a run and the keys to them: see :mod:`leocourse.grading.unseen`.

It loads its libraries, reads from standard input what to make, and says on standard output what came of it.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import secrets
import shutil
import signal
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from leocourse.authoring.keys import Indistinct, as_marked, assignment_key
from leocourse.authoring.question import load_assignment
from leocourse.checks.attributes import MARKED, packed_attributes
from leocourse.core.connect import connect
from leocourse.core.errors import LeoError
from leocourse.extract import generate_bare
from leocourse.extract.generate import leave_interrupts_to_the_parent
from leocourse.grading.box.confine import PR_SET_PDEATHSIG, prctl
from leocourse.grading.isolation.sandbox import readable
from leocourse.schema import load_schema

TRIES = 4
EXTRACTS = 2


def main(run: int) -> None:
    """Answer one order, JSON with ``folder``, ``assignments`` and ``seeds``, with ``seeds`` or a ``problem``.

    ``run`` is the number of the process that gives it.
    """
    _go_with(run)
    load_schema()
    order = sys.stdin.read()
    if not order:
        return  # there is nothing to mark
    asked = json.loads(order)
    try:
        seeds = make_unseen(Path(asked["folder"]), [Path(each) for each in asked["assignments"]], asked["seeds"])
        print(json.dumps({"seeds": seeds}))
    except (LeoError, OSError) as error:
        print(json.dumps({"problem": str(error)}))


def make_unseen(folder: Path, assignments: list[Path], seeds: list[int] | None = None) -> list[int]:
    """Simulate the extracts and compute the keys of the assignments, in ``folder``. Gives the seeds of the extracts.

    An answer counts only if it is right on both extracts, so each misconception has to be told from the right answer
    on one of them. Where it is not, the last extract is made again from another seed, later with more people too.
    Raises Indistinct if even that does not help. There are as many people as one of the assignments asks for.
    This process makes the first extract, and a fork of it the rest at the same time.
    """
    people = max(load_assignment(each).people for each in assignments)
    given = seeds or [secrets.randbits(62), *[None] * (EXTRACTS - 1)]
    fresh = given[0]
    with ProcessPoolExecutor(EXTRACTS - 1, get_context("fork"), _go_with, (os.getpid(),)) as others:
        futures = [
            others.submit(_make, folder, number, assignments, given[number], people, fresh)
            for number in range(1, EXTRACTS)
        ]
        found = [_make(folder, 0, assignments, given[0], people, fresh), *(each.result() for each in futures)]
    for attempt in range(1, TRIES + 1):
        alike = set.intersection(*(each for _, each in found))
        if not alike:
            break
        if attempt == TRIES or (seeds and attempt > 1):
            raise Indistinct(f"No extract tells these from the right answer: {', '.join(sorted(alike))}.")
        more = people * 2 ** -(-attempt // 2)
        found[-1] = _make(folder, EXTRACTS - 1, assignments, given[-1], more, fresh)
    readable(folder / "extracts")
    return [seed for seed, _ in found]


def _go_with(parent: int) -> None:
    """End when the process that started this one does, and leave no time to collecting, for that is soon."""
    leave_interrupts_to_the_parent()
    with contextlib.suppress(OSError, AttributeError):  # only Linux has it
        prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(1)  # it ended before it could be told
    gc.disable()
    atexit.register(gc.freeze)


def _make(
    folder: Path, number: int, assignments: list[Path], seed: int | None, people: int, fresh: int
) -> tuple[int, set[str]]:
    """Make one extract and its keys; ``fresh`` draws calls, the same for all extracts.

    Gives the seed, and the misconceptions that are like the right answer there.
    """
    extract = folder / "extracts" / str(number)
    shutil.rmtree(extract, ignore_errors=True)
    drawn = secrets.randbits(62) if seed is None else seed
    generate_bare(extract, people, drawn)
    alike: set[str] = set()
    with connect(extract) as con:
        con.execute("SET threads = 1")
        (folder / "keys" / MARKED.format(number=number)).write_bytes(packed_attributes(con))
    for each in assignments:
        here: set[str] = set()
        with connect(extract) as con:
            con.execute("SET threads = 1")  # the other extract has the other core
            key = assignment_key(as_marked(load_assignment(each), fresh), con, name_rows=True, alike=here)
        alike |= {f"{each.name} {name}" for name in here}
        (folder / "keys" / f"{each.name}-{number}.json").write_text(json.dumps(key), encoding="utf-8")
    return drawn, alike
