"""Marks a folder of submissions: the whole run, from files to gradebook, marks and feedback.

:data:`STEPS` is what happens, in order; :data:`leocourse.grading.entering.FOR_EACH` is what happens with each
submission in the step ``enter``.
"""

from __future__ import annotations

import os
import queue
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from leocourse.authoring.question import assignment_folders
from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.grading.books.record import Graded, Record
from leocourse.grading.books.tables import files_csv, marks_csv
from leocourse.grading.entering import EARLIER, Books, Course, Work, failure, graded_of
from leocourse.grading.intake.collect import Wanted, collect
from leocourse.grading.intake.model import Intake, Submission
from leocourse.grading.intake.signs import assignment_of
from leocourse.grading.isolation.limits import Limits
from leocourse.grading.isolation.sandbox import Isolation, isolation
from leocourse.grading.marker import Marker, Outcome
from leocourse.grading.notebook import Unreadable
from leocourse.grading.unseen import Making, room

if TYPE_CHECKING:
    from leocourse.grading.books.gradebook import Marks
    from leocourse.grading.cluster import Cluster

Progress = Callable[[str, int, int], None]
"""Told of a student, how many submissions are done, and how many there are."""
Ready = Callable[[list[Path], list[int] | None], "tuple[Marker | Cluster, list[int]]"]
"""From the folders of assignments, and seeds if they are not to be drawn, to a marker and the seeds."""


@dataclass(frozen=True)
class Asked:
    """What whoever marks asked for."""

    source: Path
    root: Path
    output: Path
    seeds: list[int] | None = None
    how: Isolation | None = None
    limits: Limits | None = None
    workers: int | None = None
    progress: Progress | None = None
    gradebook: str | None = None
    force: bool = False
    scheduler: str | None = None
    wanted: Wanted | None = None
    found: Callable[[Intake], None] | None = None


class Run:
    """A run of marking on its way through the steps: what was asked for, and what each step has made of it."""

    course: dict[str, Course]
    """The assignments by name."""
    intake: Intake
    """What is to be marked, and of every file in the source what it is."""
    ready: Ready
    """Gets a marker ready; the processes that it needs are running."""
    marks: Marks
    """The gradebook, open."""
    books: Books
    """Who enters marks into it, and writes what belongs to each."""
    waiting: deque[Work]
    """What has to be marked."""
    outcomes: Iterator[tuple[Work, Outcome | str]]
    """What was marked with its outcome, or the reason why there is none, as they get ready."""
    seeds: list[int]
    """Of the extracts that it is marked on."""

    def __init__(self, asked: Asked, stack: ExitStack) -> None:
        """What is open until the end of the run goes on the ``stack``."""
        self.asked, self.stack = asked, stack
        self.done: list[Graded] = []

    def tell(self, graded: Graded) -> None:
        """Note what became of a submission, and show progress."""
        self.done.append(graded)
        if self.asked.progress:
            self.asked.progress(graded.student, len(self.done), len(self.intake.submissions))


def grade(
    source: Path,
    root: Path,
    output: Path,
    seeds: list[int] | None = None,
    how: Isolation | None = None,
    limits: Limits | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    gradebook: str | None = None,
    force: bool = False,
    scheduler: str | None = None,
    wanted: Wanted | None = None,
    found: Callable[[Intake], None] | None = None,
) -> list[Graded]:
    """Mark every submission in ``source`` (see :func:`leocourse.grading.intake.collect.collect`), by :data:`STEPS`.

    Runs each in a sandbox on two extracts with fresh seeds, compares its answers with the keys in another, and
    writes under ``output``: ``gradebook.db`` (unless ``gradebook`` gives another URL), ``submitted/``,
    ``autograded/``, ``feedback/<student>/<assignment>/feedback.html``, ``marks/marks.csv``, and ``marks/files.csv``,
    which says of every file in ``source`` what became of it. An earlier hand-in in ``submitted/`` is moved to
    ``earlier/``; other files that somebody changed are kept under a dated name. What was marked before and has not
    changed is left as it is unless ``force``. What cannot be marked comes back with its ``problem``; the rest is
    marked. ``wanted`` is what the marker says of people and files; ``found`` is told what there is before anything
    is marked. With a ``scheduler``, its Dask cluster marks. Raises LeoError if nothing can be marked at all, or safely.
    """
    if seeds and (len(set(seeds)) != 2 or not all(0 <= seed < 2**63 for seed in seeds)):
        raise LeoError("--seeds takes two different whole numbers from 0 to 2**63 - 1: the two extracts must differ.")
    asked = Asked(
        source,
        root,
        output,
        seeds,
        how or isolation(),
        limits,
        workers,
        progress,
        gradebook,
        force,
        scheduler,
        wanted,
        found,
    )
    with ExitStack() as stack:
        run = Run(asked, stack)
        for step in STEPS:
            step.do(run)
    return run.done


# The steps -----------------------------------------------------------------------------------------


def collect_files(run: Run) -> None:
    """Find what is to be marked among the files that were handed in, and what each is of."""
    run.course, run.intake = look_through(run.asked.source, run.asked.root, run.asked.wanted)
    if run.asked.found:
        run.asked.found(run.intake)


def check_output(run: Run) -> None:
    """See that there are folders where marks go, before anything takes time."""
    output = run.asked.output
    for place in (output, *(output / part for part in ("submitted", "autograded", "feedback", "marks", EARLIER))):
        keep.check_folder(place)
    output.mkdir(parents=True, exist_ok=True)


def start_processes(run: Run) -> None:
    """Start the processes that mark. In a new gradebook nothing is marked, so two unseen extracts are begun too."""
    asked, submissions = run.asked, run.intake.submissions
    workers = max(min(asked.workers or os.cpu_count() or 1, len(submissions)), 1)
    first = not (asked.gradebook or (asked.output / "gradebook.db").exists())
    named = {each.assignment for each in submissions if each.student and not each.problem}
    to_begin = [each.folder for name, each in run.course.items() if first and name in named]
    starting = starting_marker(asked.how, workers, asked.limits, asked.scheduler, to_begin, asked.seeds)
    run.ready = run.stack.enter_context(starting)


def open_gradebook(run: Run) -> None:
    """Open the gradebook, and define in it the assignments that were handed in."""
    from leocourse.grading.books.gradebook import Marks, late_penalty  # nbgrader loads while the other processes do

    asked, submissions = run.asked, run.intake.submissions
    url = asked.gradebook or f"sqlite:///{(asked.output / 'gradebook.db').resolve()}"
    run.marks = run.stack.enter_context(Marks(url))
    for name in {each.assignment for each in submissions if each.student} & set(run.course):
        run.marks.define(name, run.course[name].notebook, run.course[name].handed_out)
    run.books = Books(run.marks, asked.root, asked.output, late_penalty(asked.root), asked.force, twins_of(submissions))


def sort_out(run: Run) -> None:
    """Leave what is marked already as it is, refuse what cannot be marked, and queue the rest."""
    known, run.waiting = run.marks.recorded(), deque()
    for submission in run.intake.submissions:
        work = Work(submission, run.course.get(submission.assignment))
        former = known.get((submission.student, submission.assignment))
        if former and not run.asked.force and work.is_in(former):
            run.tell(graded_of(former, submission, run.asked.output, again=True))
        elif submission.problem:
            run.tell(run.books.refuse(work))
        else:
            run.waiting.append(work)


def mark(run: Run) -> None:
    """Get the marker ready, if anything waits for it. It marks as the next step takes one outcome after another."""
    run.outcomes, run.seeds = iter(()), []
    if run.waiting:
        marked = [each for each in run.course.values() if any(work.course is each for work in run.waiting)]
        marker, run.seeds = run.ready([each.folder for each in marked], run.asked.seeds)
        for each in marked:
            each.about = marker.about(each.name)
        run.outcomes = outcomes_of(marker, run.waiting)


def enter(run: Run) -> None:
    """Take each outcome through ``FOR_EACH``: hand-in, marked copy, feedback and, last, the gradebook."""
    for work, outcome in run.outcomes:
        run.tell(run.books.enter(work, outcome, run.asked.how.name, run.seeds))
    run.done.sort(key=lambda each: (each.student, each.assignment))


def set_aside(run: Run) -> None:
    """Note in the gradebook what was handed in and has no place in nbgrader's tables."""
    recorded = run.marks.recorded()
    lost = [each for each in run.done if each.problem and (each.student, each.assignment) not in recorded]
    strays = [Record(each.student or each.name, each.assignment, "", "", [], "", each.problem) for each in lost]
    run.marks.set_aside(str(run.asked.source.resolve()), strays)


def write_tables(run: Run) -> None:
    """Write ``marks.csv`` and ``files.csv``, and say in a line if earlier hand-ins were kept."""
    folder = run.asked.output / "marks"
    keep.put(folder, "marks.csv", marks_csv([*run.marks.recorded().values(), *run.marks.stray()]))
    keep.put(folder, "files.csv", files_csv(run.intake, run.done))
    run.books.tell_earlier()


@dataclass(frozen=True)
class MarkingStep:
    """A step of marking, with the parts of the :class:`Run` that it reads and those that it makes.

    Each may read what was ``asked``.
    """

    do: Callable[[Run], None]
    reads: frozenset[str] = field(default=frozenset())
    makes: frozenset[str] = field(default=frozenset())

    @property
    def name(self) -> str:
        """What the step is called."""
        return self.do.__name__


def _step(do: Callable[[Run], None], reads: str = "", makes: str = "") -> MarkingStep:
    return MarkingStep(do, frozenset(reads.split()), frozenset(makes.split()))


STEPS = (
    _step(collect_files, makes="course intake"),
    _step(check_output),
    _step(start_processes, reads="course intake", makes="ready"),
    _step(open_gradebook, reads="course intake", makes="marks books"),
    _step(sort_out, reads="course intake marks books", makes="waiting done"),
    _step(mark, reads="course waiting ready", makes="outcomes seeds"),
    _step(enter, reads="outcomes seeds books intake", makes="done"),
    _step(set_aside, reads="marks done"),
    _step(write_tables, reads="marks intake done books"),
)
"""What marking does, in order."""


# What the steps need ---------------------------------------------------------------------------------


def look_through(source: Path, root: Path, wanted: Wanted | None = None) -> tuple[dict[str, Course], Intake]:
    """The assignments of a course, and what of them is in a folder or zip. Nothing is run. Raises LeoError."""
    course = {folder.name: Course(root, folder) for folder in assignment_folders(root)}
    known = {name: assignment_of(name, each.notebook, each.released) for name, each in course.items()}
    return course, collect(source, known, wanted)


@contextmanager
def starting_marker(
    how: Isolation,
    workers: int,
    limits: Limits | None = None,
    scheduler: str | None = None,
    to_begin: list[Path] | None = None,
    seeds: list[int] | None = None,
) -> Iterator[Ready]:
    """Start the processes that marking needs, which then load their libraries, and give what gets a marker ready.

    That makes two unseen extracts; with the folders of assignments ``to_begin`` it begins at once. With a
    ``scheduler``, its Dask cluster marks. Raises LeoError if Dask is missing; getting ready does if no sandbox can
    be had.
    """
    with room() as folder, Making(folder) as making, ExitStack() as stack:
        if to_begin:
            making.begin(to_begin, seeds)
        if scheduler:
            try:
                from leocourse.grading.cluster import Cluster
            except ImportError:
                message = "--scheduler needs Dask: install it with 'pip install \"leocourse[cluster]\"'."
                raise LeoError(message) from None
        else:
            boxes = stack.enter_context(Marker(folder, how, workers, limits))

        def ready(assignments: list[Path], seeds: list[int] | None) -> tuple[Marker | Cluster, list[int]]:
            if not making.begun:
                making.begin(assignments, seeds)
            used = making.seeds()
            if scheduler:
                return stack.enter_context(Cluster(folder, how, scheduler, limits)), used
            boxes.prepare()
            return boxes, used

        yield ready


def outcomes_of(marker: Marker | Cluster, waiting: deque[Work]) -> Iterator[tuple[Work, Outcome | str]]:
    """Each submission with its outcome or the reason why there is none, as they get ready.

    No more of them than twice the workers are in memory at a time.
    """
    slots: queue.SimpleQueue[int] = queue.SimpleQueue()
    for slot in range(marker.workers):
        slots.put(slot)

    def one(work: Work) -> Outcome | str:
        slot = slots.get()
        try:
            book = work.read()
            outcome = marker.mark(slot, work.course.name, book.cells, work.course.released)
            return replace(outcome, notes=book.notes + outcome.notes)
        except Unreadable as error:
            return str(error)
        except Exception as error:  # one submission must never stop the others
            return failure(error)
        finally:
            slots.put(slot)

    with ThreadPoolExecutor(marker.workers) as pool:
        running: dict[Future, Work] = {}
        while waiting or running:
            while waiting and len(running) < 2 * marker.workers:
                work = waiting.popleft()
                running[pool.submit(one, work)] = work
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()


def twins_of(submissions: list[Submission]) -> dict[str, str]:
    """The students whose names are the same but for capitals and how accents are written, each with another one."""
    groups: dict[str, list[str]] = {}
    for student in dict.fromkeys(each.student for each in submissions if each.student):
        groups.setdefault(unicodedata.normalize("NFKC", student).casefold(), []).append(student)
    return {one: next(other for other in same if other != one) for same in groups.values() if same[1:] for one in same}
