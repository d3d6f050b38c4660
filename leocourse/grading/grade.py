"""Marks a folder of submissions: the whole run, from files to gradebook, marks and feedback."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import sys
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leocourse.authoring.handout import pristine
from leocourse.authoring.question import About, assignment_folders, load_assignment, notebook_of
from leocourse.checks.result import Result
from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.plain import clean
from leocourse.grading.books.feedback import feedback_mail, feedback_page
from leocourse.grading.books.record import Graded, Record
from leocourse.grading.harmless import inside, safe_cell, write_csv
from leocourse.grading.isolation.limits import Limits
from leocourse.grading.isolation.sandbox import Isolation, isolation
from leocourse.grading.marker import Marker, Outcome
from leocourse.grading.notebook import CHECK, Notebook, Unreadable, marked_copy, note_of, read, released_cells
from leocourse.grading.submissions import MARK, Intake, Submission, collect, wrong_name
from leocourse.grading.unseen import Making, room
from leocourse.steps import digest

if TYPE_CHECKING:
    from leocourse.grading.books.gradebook import Marks
    from leocourse.grading.cluster import Cluster

UNSAFE = "Marked without a sandbox (--unsafe): the code of submissions ran with the rights of whoever marked."
EARLIER = "earlier"
"""Where a hand-in goes that another takes the place of: beside nbgrader's tree, so that nothing marks it again."""
BY_HAND = "to be marked by a person"
"""The status of a question that no machine marks."""


Progress = Callable[[str, int, int], None]


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
) -> list[Graded]:
    """Mark every submission in ``source`` (see :func:`leocourse.grading.submissions.collect`).

    Runs each in a sandbox on two extracts with fresh seeds, compares its answers with the keys in another, and
    writes under ``output``: ``gradebook.db`` (unless ``gradebook`` gives another URL), ``submitted/``,
    ``autograded/``, ``feedback/<student>/<assignment>/feedback.html``, ``marks/marks.csv``, and ``marks/files.csv``,
    which says of every file in ``source`` what became of it. An earlier hand-in in ``submitted/`` is moved to
    ``earlier/``; other files that somebody changed are kept under a dated name. What was marked before and has not
    changed is left as it is unless ``force``. What cannot be marked comes back with its ``problem``; the rest is
    marked. With a ``scheduler``, its Dask cluster marks. Raises LeoError if nothing can be marked at all, or safely.
    """
    if seeds and (len(set(seeds)) != 2 or not all(0 <= seed < 2**63 for seed in seeds)):
        raise LeoError("--seeds takes two different whole numbers from 0 to 2**63 - 1: the two extracts must differ.")
    how = how or isolation()
    course = {folder.name: _Course(root, folder) for folder in assignment_folders(root)}
    intake = collect(source, {name: each.notebook for name, each in course.items()})
    submissions = intake.submissions
    for place in (output, *(output / part for part in ("submitted", "autograded", "feedback", "marks", EARLIER))):
        keep.check_folder(place)
    output.mkdir(parents=True, exist_ok=True)
    workers = max(min(workers or os.cpu_count() or 1, len(submissions)), 1)
    done: list[Graded] = []

    def tell(graded: Graded) -> None:
        done.append(graded)
        if progress:
            progress(graded.student, len(done), len(submissions))

    first = not (gradebook or (output / "gradebook.db").exists())
    asked = {each.assignment for each in submissions if each.student and not each.problem}
    to_begin = [each.folder for name, each in course.items() if first and name in asked]
    with starting_marker(how, workers, limits, scheduler, to_begin, seeds) as ready:
        from leocourse.grading.books.gradebook import Marks, late_penalty  # nbgrader loads while the other processes do

        with Marks(gradebook or f"sqlite:///{(output / 'gradebook.db').resolve()}") as marks:
            for name in {each.assignment for each in submissions if each.student} & set(course):
                marks.define(name, course[name].notebook, course[name].handed_out)
            known = marks.recorded()
            books = _Books(marks, root, output, late_penalty(root), force, _twins(submissions))
            waiting: deque[_Work] = deque()
            for submission in submissions:
                work = _Work(submission, course.get(submission.assignment))
                former = known.get((submission.student, submission.assignment))
                if former and not force and work.is_in(former):
                    tell(_graded(former, submission, output, again=True))
                elif submission.problem:
                    tell(books.refuse(work))
                else:
                    waiting.append(work)
            if waiting:
                marked = [each for each in course.values() if any(work.course is each for work in waiting)]
                marker, used = ready([each.folder for each in marked], seeds)
                for each in marked:
                    each.about = marker.about(each.name)
                for work, outcome in _marked(marker, waiting):
                    tell(books.enter(work, outcome, how.name, used))
            done.sort(key=lambda each: (each.student, each.assignment))
            recorded = marks.recorded()
            lost = [each for each in done if each.problem and (each.student, each.assignment) not in recorded]
            strays = [Record(each.student or each.name, each.assignment, "", "", [], "", each.problem) for each in lost]
            marks.set_aside(str(source.resolve()), strays)
            keep.put(output / "marks", "marks.csv", _marks_csv([*recorded.values(), *marks.stray()]))
            keep.put(output / "marks", "files.csv", _files_csv(intake, done))
            books.tell_earlier()
    return done


Ready = Callable[[list[Path], list[int] | None], "tuple[Marker | Cluster, list[int]]"]
"""From the folders of assignments, and seeds if they are not to be drawn, to a marker and the seeds."""


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


class _Course:
    """What every submission to one assignment needs."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder, self.name, self.notebook = folder, folder.name, notebook_of(folder)
        self.handed_out = pristine(root, root / "exercises" / folder.name / f"{self.notebook}.ipynb")
        self.released = released_cells(self.handed_out)
        self.version = digest([folder])

    @cached_property
    def about(self) -> About:
        """Its title, hints and what a person marks. A marker that is ready knows them too, from the keys: to read the
        questions takes pandas."""
        return load_assignment(self.folder).about()


@dataclass(frozen=True)
class _Work:
    """A submission on its way."""

    submission: Submission
    course: _Course | None

    def sha256(self) -> str:
        """Hash of the notebook."""
        return hashlib.sha256(self.submission.load()).hexdigest()

    def is_in(self, former: Record) -> bool:
        """Whether this very notebook was marked, by this very assignment."""
        same = self.course is not None and former.version == self.course.version
        return same and not self.submission.problem and former.notebook_sha256 == self.sha256()

    def read(self) -> Notebook:
        """The notebook as data. Raises Unreadable."""
        about = self.course.about
        return read(self.submission.load(), list(about.written), self.course.released, about.answers)


def _marked(marker: Marker | Cluster, waiting: deque[_Work]) -> Iterator[tuple[_Work, Outcome | str]]:
    """Each submission with its outcome or the reason why there is none, as they get ready.

    No more of them than twice the workers are in memory at a time.
    """
    slots: queue.SimpleQueue[int] = queue.SimpleQueue()
    for slot in range(marker.workers):
        slots.put(slot)

    def one(work: _Work) -> Outcome | str:
        slot = slots.get()
        try:
            book = work.read()
            outcome = marker.mark(slot, work.course.name, book.cells, work.course.released)
            return replace(outcome, notes=book.notes + outcome.notes)
        except Unreadable as error:
            return str(error)
        except Exception as error:  # one submission must never stop the others
            return _failure(error)
        finally:
            slots.put(slot)

    with ThreadPoolExecutor(marker.workers) as pool:
        running: dict[Future, _Work] = {}
        while waiting or running:
            while waiting and len(running) < 2 * marker.workers:
                work = waiting.popleft()
                running[pool.submit(one, work)] = work
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()


@dataclass(frozen=True)
class _Books:
    """Where marks are entered: by one writer, files before the gradebook, each in one step."""

    marks: Marks
    root: Path
    output: Path
    penalty: Callable[[str, float, float], float]
    force: bool
    twins: dict[str, str]
    """Of each student whose name hardly differs from another's, that name."""
    earlier: list[Path] = field(default_factory=list)
    """Where earlier hand-ins went that others took the place of."""

    def enter(self, work: _Work, outcome: Outcome | str, isolation: str, seeds: list[int]) -> Graded:
        """Record what became of a submission. Whatever goes wrong is reported, and the run goes on."""
        submission, course = work.submission, work.course
        blank = Record(submission.student, course.name, "", course.version, seeds, isolation)
        try:
            blank = replace(blank, notebook_sha256=work.sha256())
            if isinstance(outcome, str):
                return self._problem(work, replace(blank, problem=outcome))
            book = work.read()
            to_read = book.to_read(outcome.results, course.about.answers)
            results = [result for result in outcome.results if result.question not in to_read]
            outcome = replace(outcome, results=results)
            notes = outcome.notes + book.where(to_read) + ([UNSAFE] if isolation == "none" else [])
            notes += filter(None, [note_of(self.root, submission.student, book.raw)])
            if twin := self.twins.get(submission.student):
                notes.append(f"There is also a hand-in by '{twin}': the names differ only in capitals or accents. "
                             "If both are the same person, see which one counts.")  # fmt: skip
            handed_in = submission.timestamp
            if not self.marks.readable_time(handed_in):
                notes.append(f"The time of handing in cannot be read ({handed_in[:40]}), so it is not taken for late.")
                handed_in = ""
            self._write(work, book, outcome, notes, to_read)
            record = replace(blank, results=outcome.results, to_read=to_read, notes=notes, seconds=outcome.seconds)
            by_hand = {name: name in to_read for name in book.written}
            by_hand |= {name + CHECK: True for name in to_read if name not in by_hand}
            kept = self.marks.record(record, course.notebook, by_hand, handed_in, self.penalty, self.force)
            return _graded(kept, submission, self.output)
        except Exception as error:  # one submission must never stop the others
            return self._problem(work, replace(blank, notebook_sha256="", problem=_failure(error)))

    def refuse(self, work: _Work) -> Graded:
        """Enter a submission of which it is known already that it cannot be marked, if a gradebook can hold it."""
        submission = work.submission
        if work.course is None or wrong_name(submission.student):
            return Graded(submission.student, submission.assignment, submission.name, submission.problem)
        course = work.course
        return self._problem(
            work, Record(submission.student, course.name, "", course.version, [], "", submission.problem)
        )

    def _problem(self, work: _Work, record: Record) -> Graded:
        """Say so in the gradebook and the feedback too, so that no older mark passes for this one's."""
        try:
            record = self.marks.record(record, work.course.notebook, {}, force=self.force)
        except Exception as error:
            record = replace(record, problem=f"{record.problem} It could not be recorded: {_failure(error)}")
        if record.problem:  # and not another run's mark of the same notebook
            with suppress(OSError, ValueError):  # a name that no folder can have
                self._write_feedback(work, [], [record.problem], [], {})
        return _graded(record, work.submission, self.output)

    def _write(self, work: _Work, book: Notebook, outcome: Outcome, notes: list[str], to_read: list[str]) -> None:
        course = work.course
        copy = marked_copy(book, course.handed_out, outcome.results)
        self._hand_in(work, work.submission.load())
        self._put(work, "autograded", f"{course.notebook}.ipynb", json.dumps(copy).encode("utf-8", "replace"))
        told = {"errors": outcome.errors, "printed": outcome.printed}
        self._write_feedback(work, outcome.results, notes, to_read, told)

    def _write_feedback(
        self, work: _Work, results: list[Result], notes: list[str], to_read: list[str], told: dict[str, Any]
    ) -> None:
        about = work.course.about
        what = (about.title, work.submission.student, results, notes, to_read, told)
        page, mail = feedback_page(*what, hints=about.hints), feedback_mail(*what, hints=about.hints)
        self._put(work, "feedback", "feedback.html", page.encode("utf-8", "replace"))
        self._put(work, "feedback", "feedback.md", mail.encode("utf-8", "replace"))

    def _put(self, work: _Work, part: str, name: str, content: bytes) -> None:
        keep.put(inside(self.output / part, work.submission.student, work.course.name), name, content)

    def _hand_in(self, work: _Work, content: bytes) -> None:
        """Copy what was handed in into nbgrader's tree. What another time was handed in is moved out of it."""
        place = Path(work.submission.student, work.course.name, f"{work.course.notebook}.ipynb")
        path = inside(self.output / "submitted", work.submission.student, work.course.name) / place.name
        same = path.is_file() and not path.is_symlink() and path.read_bytes() == content
        if os.path.lexists(path) and not same:
            self.earlier.append(keep.aside(path, like=self.output / EARLIER / place))
        path.parent.mkdir(parents=True, exist_ok=True)
        keep.write(path, content)

    def tell_earlier(self) -> None:
        """Say in one line that earlier hand-ins were kept."""
        if self.earlier:
            where = self.output / EARLIER
            line = f"Handed in again: {len(self.earlier)}. What was handed in before is kept in {where}."
            print(line, file=sys.stderr, flush=True)


def _graded(record: Record, submission: Submission, output: Path, again: bool = False) -> Graded:
    page = output / "feedback" / record.student / record.assignment / "feedback.html"
    return Graded(
        record.student, record.assignment, submission.name, record.problem, record.results, record.to_read,
        None if record.problem else page, record.notes, record.isolation, record.seeds, again,
    )  # fmt: skip


def _twins(submissions: list[Submission]) -> dict[str, str]:
    """The students whose names are the same but for capitals and how accents are written, each with another one."""
    groups: dict[str, list[str]] = {}
    for student in dict.fromkeys(each.student for each in submissions if each.student):
        groups.setdefault(unicodedata.normalize("NFKC", student).casefold(), []).append(student)
    return {one: next(other for other in same if other != one) for same in groups.values() if same[1:] for one in same}


def _failure(error: Exception) -> str:
    lines = str(error).strip().splitlines() or ["no reason given"]
    return f"Marking it failed: {type(error).__name__}: {lines[0][:200]}"


def _marks_csv(records: Iterable[Record]) -> str:
    """``marks.csv``: one row a submission and question, and one for each submission that was not marked.

    A question that a person marks has no score here; the gradebook gets it.

    Holds all that the gradebook holds, other runs' submissions too.
    """
    header = ["student", "assignment", "question", "status", "score", "points", "misconception", "message", "isolation"]
    rows: list[list[Any]] = []
    for each in records:
        who = [safe_cell(each.student), safe_cell(each.assignment)]
        if each.problem:
            rows.append([*who, "", "not marked", "", "", "", safe_cell(each.problem), each.isolation])
        for result in each.results:
            line = [result.question, result.status, result.score, result.points, result.misconception or ""]
            rows.append([*who, *line, safe_cell(result.message), each.isolation])
        rows += [[*who, question, BY_HAND, "", "", "", "", each.isolation] for question in each.to_read]
    return write_csv([header, *sorted(rows, key=lambda row: (row[0], row[1]))])


def _files_csv(intake: Intake, done: list[Graded]) -> str:
    """``files.csv``: what became of every file of this run's folder or zip."""
    graded = {each.name: each for each in done}
    became = {
        name: ("not marked" if graded[name].problem else "marked", graded[name].problem)
        for name, (what, _) in intake.files.items() if what == MARK and name in graded
    }  # fmt: skip
    rows = [[clean(name), *map(clean, said)] for name, said in sorted((intake.files | became).items())]
    return write_csv([["file", "what", "why"], *rows])
