"""Checks one question by itself, in seconds: its answers, the messages of its slips, its hints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import nbformat

from leocourse.authoring.exercise import exercise_folders, load_exercises
from leocourse.authoring.keys import call_key, lost_columns
from leocourse.authoring.notebook import fill
from leocourse.authoring.question import (
    ABOUT,
    KINDS,
    WORKED,
    Assignment,
    Question,
    Reference,
    load_about,
    load_question,
    notebook_of,
    question_files,
    question_path,
    shown,
)
from leocourse.checks.answer import Answer
from leocourse.checks.assignment import run_calls
from leocourse.checks.evaluate import evaluate
from leocourse.checks.judge import Outcome, judge
from leocourse.checks.result import RIGHT, Result
from leocourse.core.connect import connect
from leocourse.core.errors import LeoError

TENTH = 10
"""A tolerance is at most this part of what the slip with the smallest difference makes in its column."""
KEPT_POINTS = 1e-9
"""A slip that loses less than this share of the points loses none."""


@dataclass(frozen=True)
class Line:
    """One thing that was looked at. ``fine`` is None where nothing can be wrong, as with a heading."""

    text: str
    fine: bool | None = None


def check_question(root: Path, extract: Path, folder: Path, name: str) -> Iterator[Line]:
    """What there is to say of the question ``name`` of the assignment or lesson in ``folder``, as it is found.

    Its answers run on ``extract``, which is only read. Raises LeoError, naming the file, if it does not load.
    """
    of_lesson = folder in exercise_folders(root)
    written = {} if of_lesson else _written_of(folder)
    path = question_path(folder, name)
    if name in written and not path.is_file():
        yield from _written(folder, name, written)
        return
    question = _exercise(root, folder, name) if of_lesson else load_question(path)
    yield Line(f"{folder.name} {name}: {question.title} ({KINDS[question.kind]}, {question.points:g} points)")
    yield Line(path.relative_to(root).as_posix())
    with connect(extract) as con:  # one for all, which saves seconds: these answers only read
        yield from _Trial(question, con).lines()
    for number, hint in enumerate(question.hints, 1):
        yield Line(f"hint {number}: {hint}")
    if name in written:
        yield Line(f"{shown(path)} has the number of a written answer in assignment.toml.", False)
    if not of_lesson:
        yield from _cells(folder, question)


def _written_of(folder: Path) -> dict[str, Any]:
    return load_about(folder).get("written", {})


def _exercise(root: Path, folder: Path, name: str) -> Question:
    """An exercise with what its lesson gives. Raises LeoError if lesson and exercises do not fit together."""
    return next(each for each in load_exercises(root, folder).questions if each.name == name)


def question_name(folder: Path, text: str) -> str:
    """The name of a question of an assignment or lesson from ``q5``, ``q05`` or ``5``. Raises LeoError for another."""
    written = _written_of(folder) if (folder / ABOUT).is_file() else {}
    known = [f"q{int(each.stem[1:])}" for each in question_files(folder)] + list(written)
    found = re.fullmatch(r"[qQ]?([0-9]{1,4})", text)
    name = f"q{int(found[1])}" if found else ""
    if name not in known:
        raise LeoError(f"{folder.name} has no question '{text}': it has {', '.join(known)}.")
    return name


class _Trial:
    """One question on one extract: its key, and what a check says of every answer that its file holds."""

    def __init__(self, question: Question, con: duckdb.DuckDBPyConnection) -> None:
        self._question, self._con = question, con
        self._specification = question.specification()
        self._labels = {part: words.split("|")[0] for part, words in question.labels.items()}
        self._candidates: list[Answer | None] = [None] * len(question.calls)
        self._key: list[dict[str, Any]] = []

    def lines(self) -> Iterator[Line]:
        """The reference answers, the alternatives, then the slips. Without a right answer nothing can be compared."""
        question = self._question
        right = self._run(question.reference_sql)
        problem = self._not_right(right)
        if problem:
            yield Line(f"reference_sql: {problem}", False)
            return
        slips = {each.name: self._run(each.answer) for each in question.misconceptions}
        alike = self._make_key(right, slips)
        yield self._is_right("reference_sql", right)
        yield self._is_right("reference_pandas", self._run(question.reference_pandas))
        for number, given in enumerate(question.alternatives, 1):
            called = f" ({given.__name__})" if callable(given) else " (SQL)"
            yield self._is_right(f"alternative {number}{called}", self._run(given))
        yield from self._tolerances(right, slips)
        for slip in question.misconceptions:
            yield self._slip(slip.name, slip.message, slips[slip.name], slip.name in alike)

    def _tolerances(self, right: list[Answer], slips: dict[str, list[Outcome]]) -> Iterator[Line]:
        """Whether each tolerance is at most a tenth of what the slip with the smallest difference makes in it."""
        for column, tolerance in self._question.tolerance.items():
            ran = {name: each for name, each in slips.items() if not self._not_right(each)}
            made = {name: difference(self._question, column, right, each) for name, each in ran.items()}
            made = {name: most for name, most in made.items() if most}
            if not made:
                continue
            name = min(made, key=made.__getitem__)
            least = made[name] / TENTH
            if tolerance > least:
                yield Line(f"tolerance of {column} is {tolerance:g}: the slip {name} makes {made[name]:.4g}, "
                           f"so at most {least:.2g}")  # fmt: skip

    def _run(self, given: Reference) -> list[Outcome]:
        """The outcome of each call. Points of a figure get the labels that a figure needs."""
        outcomes = run_calls(self._specification, given, lambda: nullcontext(self._con))
        return [Answer(each.columns, self._labels or each.labels, each.caution) if isinstance(each, Answer) else each
                for each in outcomes]  # fmt: skip

    def _not_right(self, outcomes: list[Outcome]) -> str:
        """Why no key can be made of these, if none can."""
        for each in outcomes:
            if isinstance(each, Result):
                return f"{each.status}. {each.message}"
            lost = lost_columns(self._specification, each)
            if lost:
                return f"it has no column {', '.join(lost)}; it has {', '.join(each.columns)}."
        return ""

    def _make_key(self, right: list[Answer], slips: dict[str, list[Outcome]]) -> set[str]:
        """Make the key, and return the slips that give the right answer in every call."""
        ran = {name: each for name, each in slips.items() if not self._not_right(each)}
        alike = set(ran)
        for number, answer in enumerate(right):
            entry, told_apart = call_key(
                self._specification, number, answer, {name: each[number] for name, each in ran.items()}
            )
            self._key.append(entry)
            alike -= told_apart
        if self._question.universe:
            self._candidates = [evaluate(self._question.universe, self._con)] * len(right)
        return alike

    def _judge(self, outcomes: list[Outcome]) -> Result:
        return judge(self._specification, outcomes, self._key, self._candidates)

    def _is_right(self, what: str, outcomes: list[Outcome]) -> Line:
        result = self._judge(outcomes)
        if result.status == RIGHT:
            return Line(f"{what}: right", True)
        return Line(f"{what}: {result.status}. {result.message}", False)

    def _slip(self, name: str, message: str, outcomes: list[Outcome], alike: bool) -> Line:
        problem = self._not_right(outcomes)
        if problem:
            return Line(f"slip {name}: {problem}", False)
        result = self._judge(outcomes)
        if alike or result.status == RIGHT:
            return Line(f"slip {name}: gives the right answer on this extract.", False)
        if result.misconception is None:
            return Line(f"slip {name}: is not recognised. The message is: {result.message}", False)
        if result.misconception != name:
            return Line(f"slip {name}: gets the message of {result.misconception}: {result.message}", False)
        if result.credit > 1 - KEPT_POINTS or message not in result.message:
            return Line(f"slip {name}: {result.score:g} points. The message is: {result.message}", False)
        return Line(
            f"slip {name}: its own message, {result.score:g} of {result.points:g} points. {result.message}", True
        )


def difference(question: Question, column: str, right: list[Answer], given: list[Answer]) -> float:
    """By how much an answer is off in a column at most, over all calls, among the same people; 0 if nowhere."""
    most = 0.0
    for good, each in zip(right, given, strict=True):
        names = question.identity
        whole = dict(zip(zip(*(good.columns[name] for name in names), strict=True) if names else range(good.rows),
                         good.columns[column], strict=True))  # fmt: skip
        about = zip(*(each.columns[name] for name in names), strict=True) if names else range(each.rows)
        for who, value in zip(about, each.columns[column], strict=True):
            wanted = whole.get(who)
            if isinstance(wanted, int | float) and isinstance(value, int | float):
                most = max(most, abs(wanted - value))
    return most


def _written(folder: Path, name: str, written: dict[str, float]) -> Iterator[Line]:
    """A written answer: its points, and its prompt in the notebook."""
    notebook = _notebook(folder, Assignment(folder.name, "", (), {name: written[name]}))
    yield Line(f"{folder.name} {name}: in words, marked by a person ({written[name]:g} points)")
    for cell in (f"{name}-text", name):
        if cell not in notebook:
            yield Line(f"{notebook_of(folder)}.ipynb has no cell {cell}.", False)
    if f"{name}-text" in notebook:
        yield Line(notebook[f"{name}-text"].strip())
    if name in notebook:
        yield Line("The cell of the answer is there.", True)


def _cells(folder: Path, question: Question) -> Iterator[Line]:
    """Whether the notebook has the cells of a question, and tells the names that the check asks for."""
    cells = _notebook(folder, None)
    worked = question.name == WORKED  # its answer is there to be read, in a cell that nobody marks
    wanted = [f"{question.name}-text", *([] if worked else [question.name]), f"{question.name}-check"]
    lost = [each for each in wanted if each not in cells]
    place = f"{notebook_of(folder)}.ipynb"
    if lost:
        yield Line(f"{place} has no cell {', '.join(lost)}.", False)
        return
    wrong = not worked and question.answer_name not in cells[question.name]
    yield Line(f"{place}: the cell {question.name} does not define {question.answer_name}." if wrong
               else f"{place} has its cells", not wrong)  # fmt: skip


def _notebook(folder: Path, assignment: Assignment | None) -> dict[str, str]:
    """The cells of the source notebook by grade id; with an assignment, its headings are filled in."""
    notebook = nbformat.read(folder / f"{notebook_of(folder)}.ipynb", as_version=4)
    if assignment:
        of_it = {name for each in assignment.written for name in (each, f"{each}-text")}
        notebook.cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") in of_it]
        fill(notebook, assignment)
    cells = (cell for cell in notebook.cells if "nbgrader" in cell.metadata)
    return {cell.metadata.nbgrader.grade_id: cell.source for cell in cells}
