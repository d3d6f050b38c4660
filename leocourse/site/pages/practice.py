"""A page of the book for each assignment: its questions in SQL, to answer in the page."""

from __future__ import annotations

import hashlib
import re
from html import escape
from pathlib import Path

import nbformat

from leocourse.authoring.handout import pristine
from leocourse.authoring.notebook import fill
from leocourse.authoring.question import Question, assignment_folders, load_assignment
from leocourse.authoring.release import solution_cells
from leocourse.site.live.cells import sql_questions
from leocourse.site.pages.markup import NOTICE

FOLDER = "practice"
INDEX = "practice.md"
WITHOUT = (
    "Where this book can run SQL in the page, a box for your answer stands here. "
    "It needs JavaScript. The same question is in the notebook."
)


def practice_pages(root: Path) -> dict[str, str]:
    """The pages by file name: one for each assignment, from its released notebook."""
    return {f"{folder.name}.md": page(root, folder) for folder in assignment_folders(root)}


def index_page(root: Path) -> str:
    """The page that leads to them."""
    lines = [
        "# Practice in the page",
        "",
        "The questions of the assignments that are answered in SQL can be tried here, with nothing installed.",
        "The check and its messages are those of the notebooks.",
        "Nothing that you write leaves your browser, and nothing here is marked.",
        "Functions, figures and written answers are in the notebooks.",
        "",
        NOTICE,
    ]
    for folder in assignment_folders(root):
        assignment = load_assignment(folder)
        number = len([question for question in sql_questions(assignment) if question is not assignment.worked])
        what = f"{number} {'question' if number == 1 else 'questions'} in SQL"
        lines.append(f"- [{assignment.title}]({FOLDER}/{folder.name}.md): {what}.")
    return "\n".join(lines) + "\n"


def page(root: Path, folder: Path) -> str:
    """The page of one assignment."""
    assignment = load_assignment(folder)
    cells = _cells(root, folder)
    questions = sql_questions(assignment)
    others = len(assignment.questions) - len([each for each in questions if each is not assignment.worked])
    rest = f"{others} more in Python, and written answers," if others else "Written answers"
    lines = [
        f"# {assignment.title}",
        "",
        "Write SQL, then press Check.",
        "The check says what is right so far, which rows are wrong and, where it can tell, which misconception is at"
        " work.",
        "Hints come one at a time, up to three.",
        "This page has the questions that are answered in SQL: "
        f"{rest} are in the notebook in `work/exercises/{folder.name}`.",
        "",
        NOTICE,
    ]
    for question in questions:
        lines += _question(folder.name, question, cells, worked=question is assignment.worked)
    return "\n".join(lines) + "\n"


def _question(slug: str, question: Question, cells: dict[str, str], worked: bool) -> list[str]:
    text = cells.get(f"{question.name}-text") or f"## {question.title}"
    given = escape(_sql(cells.get(question.name, ""))) if worked else ""
    template = f"<template>{given}</template>" if given else ""
    worded = hashlib.sha256(text.strip().encode()).hexdigest()[:12]  # the page tells whose answer is to an older text
    return [
        text.strip(),
        "",
        "```{raw} html",
        f'<div class="leo-question" data-assignment="{escape(slug)}" data-question="{escape(question.name)}"'
        f' data-worded="{worded}">'
        f"{template}<p>{WITHOUT}</p></div>",
        "```",
        "",
    ]


def _cells(root: Path, folder: Path) -> dict[str, str]:
    """The text of the cells of the released notebook, or of its source, by grade id."""
    found: dict[str, str] = {}
    for source in sorted(folder.glob("*.ipynb"))[:1]:
        released = root / "exercises" / folder.name / source.name
        if released.is_file():
            book = nbformat.read(pristine(root, released), as_version=4)
        else:
            book = fill(nbformat.read(source, as_version=4), load_assignment(folder))
        for cell in book.cells:
            found[cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", "")] = cell.source
    return found


def _sql(cell: str) -> str:
    """The SQL text in an answer cell."""
    match = re.search(r'f?("""|\'\'\')(.*?)\1', solution_cells(cell), re.DOTALL)
    return match[2].strip() if match else ""
