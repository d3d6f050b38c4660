"""Marks a folder of submissions: the whole run, from files to gradebook, marks and feedback."""

from __future__ import annotations

import csv
import json
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from leocourse.checks.keys import Assignment, Indistinct, assignment_key, assignments, load_assignment
from leocourse.checks.result import Result
from leocourse.connect import connect
from leocourse.errors import LeoError
from leocourse.extract import generate, truth_folder
from leocourse.grading.compare import compare, hold_key
from leocourse.grading.feedback import feedback_page
from leocourse.grading.gradebook import Marks, marked_copy
from leocourse.grading.notebook import Notebook, Unreadable, read
from leocourse.grading.runner import ChildProcess, Runner
from leocourse.grading.submissions import Submission, collect

PEOPLE = 20_000
"""People in the extract that is made for marking: enough for every misconception to show."""
SEEDS_TRIED = 5
COMPARE_SECONDS = 300


@dataclass(frozen=True)
class Graded:
    """What became of one submission."""

    student: str
    assignment: str
    name: str
    problem: str = ""
    results: list[Result] = field(default_factory=list)
    to_read: list[str] = field(default_factory=list)
    feedback: Path | None = None

    @property
    def score(self) -> float:
        """Points of the questions that are marked by machine."""
        return sum(result.score for result in self.results)

    @property
    def points(self) -> float:
        """Points that those questions can give."""
        return sum(result.points for result in self.results)


Progress = Callable[[str, int, int], None]


def grade(
    source: Path,
    root: Path,
    output: Path,
    seed: int | None = None,
    runner: Runner | None = None,
    progress: Progress | None = None,
    gradebook: str | None = None,
) -> list[Graded]:
    """Mark every submission in ``source`` (see :func:`leocourse.grading.submissions.collect`).

    Runs each on an extract with a fresh seed, compares its answers with the key in another process,
    and writes under ``output``: ``gradebook.db`` (unless ``gradebook`` gives another URL),
    ``submitted/``, ``autograded/``, ``feedback/<student>/<assignment>/feedback.html`` and
    ``marks/marks.csv``. What cannot be marked comes back with its ``problem``; the rest is marked.
    Raises LeoError if nothing can be marked at all.
    """
    course = {folder.name: load_assignment(folder) for folder in assignments(root)}
    notebooks = {name: notebook_of(root / "solutions" / name) for name in course}
    submissions = collect(source, notebooks)
    output.mkdir(parents=True, exist_ok=True)
    runner = runner or ChildProcess()
    done: list[Graded] = []
    with Marks(gradebook or f"sqlite:///{(output / 'gradebook.db').resolve()}") as marks:
        for name, assignment in course.items():
            mine = [each for each in submissions if each.assignment == name and each.student and not each.problem]
            if not mine:
                continue
            marks.define(name, notebooks[name], root / "solutions" / name / f"{notebooks[name]}.ipynb")
            with unseen_extract(assignment, seed) as (extract, key), _Judge(key) as judge:
                one = _Run(assignment, notebooks[name], root, output, extract, key, runner, judge, marks)
                for submission in mine:
                    done.append(one.grade(submission))
                    if progress:
                        progress(submission.student, len(done), len(submissions))
    reached = {(each.student, each.assignment) for each in done}
    done += [
        Graded(each.student, each.assignment, each.name, each.problem or "It was not reached.")
        for each in submissions
        if (each.student, each.assignment) not in reached or not each.student
    ]
    done.sort(key=lambda each: (each.student, each.assignment))
    _write_marks(done, output / "marks" / "marks.csv")
    return done


def notebook_of(folder: Path) -> str:
    """The name of the one notebook of an assignment. Raises LeoError if there is not exactly one."""
    found = sorted(path.stem for path in folder.glob("*.ipynb"))
    if len(found) != 1:
        raise LeoError(f"{folder} must hold exactly one notebook, and holds {len(found)}.")
    return found[0]


@contextmanager
def unseen_extract(assignment: Assignment, seed: int | None = None) -> Iterator[tuple[Path, dict[str, Any]]]:
    """An extract that nobody has seen, without its truth, and the key to it, held in memory only.

    With no ``seed`` one is drawn; another is drawn if on that extract a misconception happens to give
    the right answer.
    """
    with tempfile.TemporaryDirectory(prefix="leo-marking-") as name:
        folder = Path(name) / "extract"
        for attempt in range(SEEDS_TRIED):
            generate(folder, PEOPLE, secrets.randbits(62) if seed is None else seed)
            shutil.rmtree(truth_folder(folder))
            try:
                with connect(folder) as con:
                    key = assignment_key(assignment, con, name_rows=True)
                break
            except Indistinct:
                if seed is not None or attempt == SEEDS_TRIED - 1:
                    raise
        yield folder, key


class _Judge:
    """The process that compares. It holds the key and never runs student code; if it dies, another follows."""

    def __init__(self, key: dict[str, Any]) -> None:
        self._key = key
        self._pool = self._start()

    def __enter__(self) -> _Judge:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def compare(self, folder: Path) -> tuple[list[Result], dict[str, Any]]:
        """See :func:`leocourse.grading.compare.compare`."""
        try:
            return self._pool.submit(compare, folder).result(timeout=COMPARE_SECONDS)
        except (BrokenProcessPool, TimeoutError):
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = self._start()
            raise

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, get_context("spawn"), hold_key, (self._key,))


@dataclass(frozen=True)
class _Run:
    """The marking of one assignment: what every submission to it needs."""

    assignment: Assignment
    notebook: str
    root: Path
    output: Path
    extract: Path
    key: dict[str, Any]
    runner: Runner
    judge: _Judge
    marks: Marks

    def grade(self, submission: Submission) -> Graded:
        """Mark one submission. Whatever goes wrong with it is reported, and the run goes on."""
        try:
            return self._grade(submission)
        except Unreadable as error:
            problem = str(error)
        except Exception as error:  # one submission must never stop the others
            lines = str(error).strip().splitlines() or ["no reason given"]
            problem = f"Marking it failed: {type(error).__name__}: {lines[0][:200]}"
        return Graded(submission.student, submission.assignment, submission.name, problem)

    def _grade(self, submission: Submission) -> Graded:
        questions = [question.name for question in self.assignment.questions]
        submitted = read(submission.content, questions, list(self.assignment.written))
        specifications = [_public(entry["specification"]) for entry in self.key["questions"]]
        with self.runner.run({"cells": submitted.code, "questions": specifications}, self.extract) as folder:
            results, outcome = self.judge.compare(folder)
        to_read = [name for name, text in submitted.written.items() if text]
        student, title = submission.student, self.assignment.title
        page = feedback_page(title, student, results, submitted.notes, to_read, outcome)
        path = self._save(submission, submitted, results, page)
        when = submission.timestamp
        self.marks.record(student, self.assignment.name, self.notebook, results, submitted, when)
        return Graded(student, self.assignment.name, submission.name, "", results, to_read, path)

    def _save(self, submission: Submission, submitted: Notebook, results: list[Result], page: str) -> Path:
        name = self.assignment.name

        def place(room: str, file: str) -> Path:
            path = self.output / room / submission.student / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            return path

        place("submitted", f"{self.notebook}.ipynb").write_bytes(submission.content)
        copy = marked_copy(submitted, self.root / "exercises" / name / f"{self.notebook}.ipynb", results)
        place("autograded", f"{self.notebook}.ipynb").write_text(json.dumps(copy, indent=1), encoding="utf-8")
        path = place("feedback", "feedback.html")
        path.write_text(page, encoding="utf-8")
        return path


def _public(specification: dict[str, Any]) -> dict[str, Any]:
    """What the process that runs student code is told of a question: how to run it, nothing else."""
    return {name: specification[name] for name in ("name", "title", "answer_name", "calls", "points", "lesson")}


def _write_marks(done: list[Graded], path: Path) -> None:
    """``marks.csv``: one row a submission and question, and one for each submission that was not marked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = ["student", "assignment", "question", "status", "score", "points", "misconception", "message"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for each in done:
            who = [safe_cell(each.student or each.name), safe_cell(each.assignment)]
            if each.problem:
                writer.writerow([*who, "", "not marked", "", "", "", safe_cell(each.problem)])
            for result in each.results:
                line = [result.question, result.status, result.score, result.points, result.misconception or ""]
                writer.writerow([*who, *line, safe_cell(result.message)])


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
