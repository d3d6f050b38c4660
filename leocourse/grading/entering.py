"""What becomes of a submission that was marked or cannot be: its files, its feedback, and its row in the gradebook."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leocourse.authoring.handout import pristine
from leocourse.authoring.question import About, load_assignment, notebook_of
from leocourse.checks.result import Result
from leocourse.core import keep
from leocourse.grading.books.feedback import feedback_mail, feedback_page
from leocourse.grading.books.record import Graded, Record
from leocourse.grading.harmless import place
from leocourse.grading.intake.model import Submission, wrong_name
from leocourse.grading.intake.times import readable
from leocourse.grading.marker import Outcome
from leocourse.grading.notebook import CHECK, Notebook, marked_copy, note_of, read, released_cells
from leocourse.steps import digest

if TYPE_CHECKING:
    from leocourse.grading.books.gradebook import Marks

UNSAFE = "Marked without a sandbox (--unsafe): the code of submissions ran with the rights of whoever marked."
EARLIER = "earlier"
"""Where a hand-in goes that another takes the place of: beside nbgrader's tree, so that nothing marks it again."""


class Course:
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
class Work:
    """A submission on its way."""

    submission: Submission
    course: Course | None

    def sha256(self) -> str:
        """Hash of the notebook."""
        return self.submission.sha256 or hashlib.sha256(self.submission.load()).hexdigest()

    def is_in(self, former: Record) -> bool:
        """Whether this very notebook was marked, by this very assignment."""
        same = self.course is not None and former.version == self.course.version
        return same and not self.submission.problem and former.notebook_sha256 == self.sha256()

    def read(self) -> Notebook:
        """The notebook as data. Raises Unreadable."""
        about = self.course.about
        return read(self.submission.load(), list(about.written), self.course.released, about.answers)


@dataclass
class Entry:
    """A submission that was marked, while it is entered."""

    work: Work
    book: Notebook
    outcome: Outcome
    """Without the results of questions that a person has to look at."""
    to_read: list[str]
    """Those questions."""
    notes: list[str]
    handed_in: str
    """When, as nbgrader reads it, or empty."""
    record: Record


@dataclass(frozen=True)
class Books:
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

    def enter(self, work: Work, outcome: Outcome | str, isolation: str, seeds: list[int]) -> Graded:
        """Take a submission with its outcome through :data:`FOR_EACH`, or enter why there is none.

        Whatever goes wrong is reported, and the run goes on.
        """
        submission, course = work.submission, work.course
        blank = Record(submission.student, course.name, "", course.version, seeds, isolation)
        try:
            blank = replace(blank, notebook_sha256=work.sha256())
            if isinstance(outcome, str):
                return self._problem(work, replace(blank, problem=outcome))
            entry = self._entry(work, outcome, blank)
            for step in FOR_EACH:
                step(self, entry)
            return graded_of(entry.record, submission, self.output)
        except Exception as error:  # one submission must never stop the others
            return self._problem(work, replace(blank, notebook_sha256="", problem=failure(error)))

    def refuse(self, work: Work) -> Graded:
        """Enter a submission of which it is known already that it cannot be marked, if a gradebook can hold it."""
        submission = work.submission
        if work.course is None or wrong_name(submission.student):
            return Graded(submission.student, submission.assignment, submission.name, submission.problem)
        course = work.course
        return self._problem(
            work, Record(submission.student, course.name, "", course.version, [], "", submission.problem)
        )

    def _entry(self, work: Work, outcome: Outcome, blank: Record) -> Entry:
        """What is to be entered: results of what a machine marks, what a person reads, and what both should know."""
        submission, book = work.submission, work.read()
        to_read = book.to_read(outcome.results, work.course.about.answers)
        results = [result for result in outcome.results if result.question not in to_read]
        outcome = replace(outcome, results=results)
        notes = outcome.notes + book.where(to_read) + ([UNSAFE] if blank.isolation == "none" else [])
        notes += filter(None, [*submission.notes, note_of(self.root, submission.student, book.raw)])
        if twin := self.twins.get(submission.student):
            notes.append(f"There is also a hand-in by '{twin}': the names differ only in capitals or accents. "
                         "If both are the same person, see which one counts.")  # fmt: skip
        handed_in = submission.timestamp
        if not readable(handed_in):
            notes.append(f"The time of handing in cannot be read ({handed_in[:40]}), so it is not taken for late.")
            handed_in = ""
        record = replace(blank, results=results, to_read=to_read, notes=notes, seconds=outcome.seconds)
        return Entry(work, book, outcome, to_read, notes, handed_in, record)

    def hand_in(self, entry: Entry) -> None:
        """Copy what was handed in into nbgrader's tree. What another time was handed in is moved out of it."""
        work, content = entry.work, entry.work.submission.load()
        name = Path(work.submission.student, work.course.name, f"{work.course.notebook}.ipynb")
        path = place(self.output / "submitted", work.submission.student, work.course.name) / name.name
        same = path.is_file() and not path.is_symlink() and path.read_bytes() == content
        if os.path.lexists(path) and not same:
            self.earlier.append(keep.aside(path, like=self.output / EARLIER / name))
        keep.write(path, content)

    def marked_copy(self, entry: Entry) -> None:
        """Write the notebook as nbgrader shows it to whoever marks: results in it, its code not to be run."""
        course = entry.work.course
        copy = marked_copy(entry.book, course.handed_out, entry.outcome.results)
        self._put(entry.work, "autograded", f"{course.notebook}.ipynb", json.dumps(copy).encode("utf-8", "replace"))

    def feedback(self, entry: Entry) -> None:
        """Write what the student is told, as a page and as a mail."""
        told = {"errors": entry.outcome.errors, "printed": entry.outcome.printed}
        self._write_feedback(entry.work, entry.outcome.results, entry.notes, entry.to_read, told)

    def record(self, entry: Entry) -> None:
        """Enter the marks, in one transaction. Of two runs that mark the same, the entry has what was kept."""
        by_hand = {name: name in entry.to_read for name in entry.book.written}
        by_hand |= {name + CHECK: True for name in entry.to_read if name not in by_hand}
        notebook = entry.work.course.notebook
        entry.record = self.marks.record(entry.record, notebook, by_hand, entry.handed_in, self.penalty, self.force)

    def _problem(self, work: Work, record: Record) -> Graded:
        """Say so in the gradebook and the feedback too, so that no older mark passes for this one's."""
        try:
            record = self.marks.record(record, work.course.notebook, {}, force=self.force)
        except Exception as error:
            record = replace(record, problem=f"{record.problem} It could not be recorded: {failure(error)}")
        if record.problem:  # and not another run's mark of the same notebook
            with suppress(OSError, ValueError):  # a name that no folder can have
                self._write_feedback(work, [], [record.problem], [], {})
        return graded_of(record, work.submission, self.output)

    def _write_feedback(
        self, work: Work, results: list[Result], notes: list[str], to_read: list[str], told: dict[str, Any]
    ) -> None:
        about = work.course.about
        what = (about.title, work.submission.student, results, notes, to_read, told)
        page, mail = feedback_page(*what, hints=about.hints), feedback_mail(*what, hints=about.hints)
        self._put(work, "feedback", "feedback.html", page.encode("utf-8", "replace"))
        self._put(work, "feedback", "feedback.md", mail.encode("utf-8", "replace"))

    def _put(self, work: Work, part: str, name: str, content: bytes) -> None:
        keep.put(place(self.output / part, work.submission.student, work.course.name), name, content)

    def tell_earlier(self) -> None:
        """Say in one line that earlier hand-ins were kept."""
        if self.earlier:
            where = self.output / EARLIER
            line = f"Handed in again: {len(self.earlier)}. What was handed in before is kept in {where}."
            print(line, file=sys.stderr, flush=True)


FOR_EACH: tuple[Callable[[Books, Entry], None], ...] = (
    Books.hand_in,
    Books.marked_copy,
    Books.feedback,
    Books.record,
)
"""What is done with each submission that was marked. The gradebook comes last: a run that is interrupted before
marks the submission again."""


def graded_of(record: Record, submission: Submission, output: Path, again: bool = False) -> Graded:
    """What is told of a submission, from what is kept of it."""
    page = output / "feedback" / record.student / record.assignment / "feedback.html"
    return Graded(
        record.student, record.assignment, submission.name, record.problem, record.results, record.to_read,
        None if record.problem else page, record.notes, record.isolation, record.seeds, again,
    )  # fmt: skip


def failure(error: Exception) -> str:
    """Why marking one submission failed, in a line."""
    lines = str(error).strip().splitlines() or ["no reason given"]
    return f"Marking it failed: {type(error).__name__}: {lines[0][:200]}"
