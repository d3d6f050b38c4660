"""Reads marks back, and tells the teacher what they say: a page with plots and tables, and files for other systems."""

from __future__ import annotations

import base64
import csv
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from leocourse.authoring.handout import pristine
from leocourse.authoring.question import assignment_folders, load_assignment, notebook_of
from leocourse.checks.result import NOT_ATTEMPTED, Result
from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.grading.books.alike import Alike, groups
from leocourse.grading.books.exports import Line, exports
from leocourse.grading.books.feedback import STYLE, STYLE_HASH, pages
from leocourse.grading.books.gradebook import Marks
from leocourse.grading.books.record import Graded, Record
from leocourse.grading.books.tables import BY_HAND
from leocourse.grading.harmless import write_csv
from leocourse.grading.notebook import Unreadable, read, released_cells
from leocourse.grading.secret import code_of, course_secret

LEAST = 3
"""Students below whom a correlation is not computed."""


@dataclass(frozen=True)
class Item:
    """How a question went."""

    assignment: str
    question: str
    title: str
    attempted: int
    students: int
    difficulty: float
    """Mean share of the points, 0 (nobody) to 1 (everybody): the higher, the easier."""
    discrimination: float | None
    """Correlation of the question with the rest of the assignment; None where it cannot be computed."""


@dataclass(frozen=True)
class Slip:
    """Who has a misconception."""

    assignment: str
    question: str
    misconception: str
    title: str
    lesson: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class ClassReport:
    """All that the report tells."""

    records: list[Record]
    lines: list[Line]
    items: list[Item]
    slips: list[Slip]
    alike: list[Alike] = field(default_factory=list)


def gather(root: Path, output: Path, gradebook: str | None = None) -> ClassReport:
    """What the gradebook and the submissions under ``output`` tell. Raises LeoError if nothing is marked there."""
    if gradebook is None and not (output / "gradebook.db").is_file():
        raise LeoError(f"There is no gradebook in {output}: mark something with 'leo grade' first.")
    with Marks(gradebook or f"sqlite:///{(output / 'gradebook.db').resolve()}") as marks:
        records = sorted(marks.recorded().values(), key=lambda each: (each.assignment, each.student))
        lines = list(_lines(marks, {(each.student, each.assignment) for each in records if each.problem}))
        records += marks.stray()
    if not records:
        raise LeoError("Nothing is marked yet: mark something with 'leo grade' first.")
    return ClassReport(records, lines, items(records), slips(records), groups(_answers(root, output, records)))


def items(records: list[Record]) -> list[Item]:
    """Difficulty and discrimination of every question, from the submissions that were marked."""
    made = []
    for assignment in sorted({each.assignment for each in records}):
        marked = [each for each in records if each.assignment == assignment and each.results]
        for question in dict.fromkeys(result.question for each in marked for result in each.results):
            pairs = [(next(r for r in each.results if r.question == question), each) for each in marked
                     if any(r.question == question for r in each.results)]  # fmt: skip
            own = [result.score for result, _ in pairs]
            rest = [sum(r.score for r in each.results) - result.score for result, each in pairs]
            made.append(Item(
                assignment, question, pairs[0][0].title,
                sum(result.status != NOT_ATTEMPTED for result, _ in pairs), len(pairs),
                float(np.mean([result.credit for result, _ in pairs])), _correlation(own, rest),
            ))  # fmt: skip
    return made


def slips(records: list[Record]) -> list[Slip]:
    """Each misconception with those who have it, the most frequent first."""
    found: dict[tuple[str, str, str], list[tuple[str, Result]]] = {}
    for each in records:
        for result in each.results:
            if result.misconception:
                place = (each.assignment, result.question, result.misconception)
                found.setdefault(place, []).append((each.student, result))
    made = [
        Slip(*place, who[0][1].misconception_title, who[0][1].lesson, tuple(sorted(name for name, _ in who)))
        for place, who in found.items()
    ]
    return sorted(made, key=lambda each: (-len(each.students), each.assignment, each.question, each.misconception))


def pseudonymous(report: ClassReport, secret: bytes) -> ClassReport:
    """The report with a code for every name. Texts that a submission had a hand in are left out: they may hold one."""

    def code(student: str) -> str:
        return code_of(secret, "report", student)

    return ClassReport(
        sorted(
            (replace(each, student=code(each.student), problem=each.problem and "It could not be marked.",
                     notes=["(left out)" for _ in each.notes],
                     results=[replace(result, message="") for result in each.results])
             for each in report.records),
            key=lambda each: (each.assignment, each.student),
        ),
        sorted(
            (replace(each, student=code(each.student), first_name="", last_name="", email="", timestamp="")
             for each in report.lines),
            key=lambda each: (each.assignment, each.student),
        ),
        report.items,
        [replace(each, students=tuple(sorted(map(code, each.students)))) for each in report.slips],
        [replace(each, students=tuple(sorted(map(code, each.students)))) for each in report.alike],
    )  # fmt: skip


def write_report(
    root: Path, output: Path, folder: Path, gradebook: str | None = None, hide_names: bool = False
) -> list[Path]:
    """Write ``report.html``, tables as CSV, and unless names are hidden the files for other systems, to ``folder``.

    Nothing that a report with names has left in the folder stays beside one without. A file of the report that
    somebody changed is moved to a dated folder beside. Returns the paths.
    """
    keep.check_folder(folder)
    report = gather(root, output, gradebook)
    if hide_names:
        report = pseudonymous(report, course_secret(root))
    page = pages.get_template("report.html").render(
        report=report, hide_names=hide_names, plots=_plots(report), style=STYLE, style_hash=STYLE_HASH,
        failed=[each for each in report.records if each.problem],
        noted=[each for each in report.records if each.notes and not each.problem],
        rare=[each for each in report.alike if not each.common], common=[each for each in report.alike if each.common],
    )  # fmt: skip
    files = {"report.html": page} | {name: write_csv(rows) for name, rows in _tables(report).items()}
    with_names = exports(report.lines)
    _make_room(folder, [*files, *with_names], stale=list(with_names) if hide_names else [])
    files |= {} if hide_names else with_names
    return [keep.put(folder, name, text) for name, text in files.items()]


def _make_room(folder: Path, names: list[str], stale: list[str]) -> None:
    """Move files of a report that somebody changed out of its folder, as they may hold names; delete ``stale`` ones."""
    names = [name for name in names if os.path.lexists(folder / name)]
    written = keep.recorded(folder) or {}
    theirs = [name for name in names if not keep.is_as(folder / name, written.get(name))]
    keep.tell(folder, keep.move_out(folder, theirs))
    for name in stale:
        if name not in theirs:
            (folder / name).unlink(missing_ok=True)


def _tables(report: ClassReport) -> dict[str, list[list[Any]]]:
    """The tables of the page as rows, by name of file."""
    marks = [["student", "assignment", "score", "points", "attempts", "seconds", "marked_at", "problem"]]
    scored = {(line.student, line.assignment): line for line in report.lines}
    for each in report.records:
        line = scored.get((each.student, each.assignment))
        score = line.score if line and line.has_mark else ""
        marks.append([each.student, each.assignment, score, line.max_score if line else "",
                      each.attempts, each.seconds, each.marked_at, each.problem])  # fmt: skip
    kept = [["assignment", "question", "title", "attempted", "students", "difficulty", "discrimination"]]
    for item in report.items:
        discrimination = "" if item.discrimination is None else round(item.discrimination, 3)
        kept.append([item.assignment, item.question, item.title, item.attempted, item.students,
                     round(item.difficulty, 3), discrimination])  # fmt: skip
    held = [["assignment", "question", "misconception", "title", "lesson", "number", "students"]]
    held += [[each.assignment, each.question, each.misconception, each.title, each.lesson, len(each.students),
              " ".join(each.students)] for each in report.slips]  # fmt: skip
    alike = [["assignment", "question", "students", "number", "answered", "share", "words", "common"]]
    alike += [[each.assignment, each.question, " ".join(each.students), len(each.students), each.answered,
               round(each.share, 3), each.words, "yes" if each.common else "no"] for each in report.alike]  # fmt: skip
    return {"students.csv": marks, "questions.csv": kept, "misconceptions.csv": held, "alike.csv": alike}


def _lines(marks: Marks, failed: set[tuple[str, str]]) -> Iterator[Line]:
    """What the gradebook holds, manual marks and late rules included, every student and assignment."""
    for assignment in marks.gradebook.assignments:
        handed_in = {each.student_id: each for each in marks.gradebook.assignment_submissions(assignment.name)}
        top = assignment.max_score
        for student in marks.gradebook.students:
            one = handed_in.get(student.id)
            to_read = bool(one and one.needs_manual_grade)
            yield Line(
                student.id, student.first_name or "", student.last_name or "", student.email or "", assignment.name,
                str(assignment.duedate or ""), str(one.timestamp or "") if one else "", one.score if one else None,
                one.late_submission_penalty or 0.0 if one else 0.0, top, to_read,
                to_read and (student.id, assignment.name) in failed,
            )  # fmt: skip


def _answers(root: Path, output: Path, records: list[Record]) -> Iterator[tuple[str, str, str, str]]:
    """The code of every answer that was handed in: assignment, question, student, code."""
    course = {folder.name: folder for folder in assignment_folders(root)}
    for name in sorted({each.assignment for each in records} & set(course)):
        assignment, notebook = load_assignment(course[name]), notebook_of(course[name])
        released = released_cells(pristine(root, root / "exercises" / name / f"{notebook}.ipynb"))
        answers = {question.name: question.answer_name for question in assignment.questions}
        for each in records:
            path = output / "submitted" / each.student / name / f"{notebook}.ipynb"
            if each.assignment != name or each.problem or not path.is_file():
                continue
            try:
                found = read(path.read_bytes(), [], released, answers).found
            except Unreadable:
                continue
            for question, answer in found.items():
                code = [piece.text.strip() for piece in answer.pieces if piece.kind == "code"]
                if code:
                    yield name, question, each.student, code[-1]


def _correlation(one: list[float], other: list[float]) -> float | None:
    if len(one) < LEAST or np.std(one) == 0 or np.std(other) == 0:
        return None
    return float(np.corrcoef(one, other)[0, 1])


def _plots(report: ClassReport) -> list[dict[str, str]]:
    """The plots as pictures that lie in the page, each with a text that says what it shows."""
    import seaborn as sns
    from matplotlib.ticker import MaxNLocator

    def marks(axes: Any) -> None:
        scores = [100 * each.score / each.max_score for each in report.lines
                  if each.has_mark and each.max_score]  # fmt: skip
        sns.histplot(x=scores, bins=range(0, 101, 10), ax=axes, color="#2f6db5")
        axes.set(xlabel="Mark (per cent of the points)", ylabel="Submissions", xlim=(0, 100))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))

    def questions(axes: Any) -> None:
        names = [f"{each.assignment[:2]} {each.question}" for each in report.items]
        sns.barplot(x=names, y=[100 * each.difficulty for each in report.items], ax=axes, color="#2f6db5")
        axes.set(xlabel="Question", ylabel="Mean share of the points (%)", ylim=(0, 100))

    def misconceptions(axes: Any) -> None:
        most = report.slips[:15]
        names = [f"{each.question}: {each.misconception}" for each in most]
        sns.barplot(x=[len(each.students) for each in most], y=names, ax=axes, color="#2f6db5")
        axes.set(xlabel="Students", ylabel="")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))

    made = [
        _plot("How the marks lie: how many submissions have which mark. The table of students has the numbers.", marks)
    ]
    if report.items:
        text = "The mean share of the points of each question. The table of questions has the numbers."
        made.append(_plot(text, questions))
    if report.slips:
        text = "The most frequent misconceptions and how many students have each. The table has the numbers."
        made.append(_plot(text, misconceptions))
    return made


def _plot(text: str, draw: Callable[[Any], None]) -> dict[str, str]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.6), layout="constrained")
    draw(figure.subplots())
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    return {"text": text, "data": "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode()}


def read_marks(path: Path) -> list[Graded]:
    """The submissions in a ``marks.csv`` that :func:`leocourse.grading.grade.grade` wrote."""
    found: dict[tuple[str, str], Graded] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = (row["student"], row["assignment"])
            if row["status"] == "not marked":
                found[key] = Graded(*key, row["student"], row["message"])
                continue
            graded = found.setdefault(key, Graded(*key, row["student"]))
            if row["status"] == BY_HAND:
                graded.to_read.append(row["question"])
                continue
            graded.results.append(
                Result(
                    row["question"], "", row["status"], float(row["score"]) / (float(row["points"]) or 1),
                    float(row["points"]), row["message"], row["misconception"] or None,
                )
            )  # fmt: skip
    return list(found.values())
