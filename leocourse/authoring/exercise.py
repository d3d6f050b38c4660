"""The exercises of lessons: questions without marks, each put in a form and with something given to begin with.

``solutions/lessons/<lesson>/questions/qNN.py`` holds the answers, hints and slips of one, as an :class:`Exercise`. What
a learner sees is written once, in the lesson ``book/intro/<lesson>.md`` (or in ``book/advanced``): a cell with the tag
``exercise``, in which a text is given under the name of the exercise::

    ```{code-cell} ipython3
    :tags: [exercise, remove-output]

    q1 = \"\"\"
    SELECT COUNT(*) AS pupils FROM ____
    \"\"\"
    check("q1", q1)
    ```
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from leocourse.authoring.lessons import read_myst, title
from leocourse.authoring.question import QUESTIONS, Assignment, Question, load_question, question_files, shown
from leocourse.core.errors import LeoError

FOLDER = Path("solutions") / "lessons"
"""One folder a lesson that has exercises. nbgrader does not list it: see ``leocourse.authoring.listing``."""
TAG = "exercise"
BLANK = "____"
"""What is to be replaced in the text of an exercise to complete."""
FORMS = ("mend", "complete", "order", "write", "predict")
"""A query with a fault, one with blanks, lines in a wrong order, a query of one's own, a number or choice to guess."""
PREDICTION = ("answer",)
"""The one column of a prediction's reference answer."""


@dataclass(frozen=True)
class Exercise(Question):
    """A question of a lesson. It is worth no points. ``form`` is one of :data:`FORMS`.

    ``because`` is said of a right answer. A prediction has one row with the column ``answer``, a number or one of the
    ``choices``; ``otherwise`` is said of a wrong one that no slip explains.
    """

    form: str = "write"
    given: str = ""
    """The text to begin with. Read from the lesson, never written here."""
    because: str = ""
    otherwise: str = ""
    choices: tuple[str, ...] = ()

    @property
    def guessed(self) -> bool:
        """Whether the answer is no query, so that no change of one explains it."""
        return self.form == "predict"

    def specification(self) -> dict[str, Any]:
        """What a check needs to know, with the form and what is given."""
        own = {name: getattr(self, name) for name in ("form", "given", "because", "otherwise")}
        return {**super().specification(), **own, "choices": list(self.choices)}


def exercise(form: str, name: str, **others: Any) -> Exercise:
    """An exercise that is answered in SQL. ``others`` is what else a :class:`Question` needs."""
    return Exercise(form=form, name=name, kind="sql", points=0, answer_name=name, **others)


def predict(reference: str, choices: tuple[str, ...] = (), **others: Any) -> Exercise:
    """A prediction. ``reference`` is SQL for the one right ``answer``: a number, or one of the ``choices``."""
    return Exercise(
        kind="sql", points=0, answer_name=others["name"], columns={"answer": "text" if choices else "number"},
        identity=(), unit="answer", reference_sql=reference, reference_pandas=lambda con: con.sql(reference).df(),
        form="predict", choices=choices, **others,
    )  # fmt: skip


def exercise_folders(root: Path) -> list[Path]:
    """The folder of each lesson that has exercises, by name. A copy of the course without the book has no lessons."""
    found = (path.parent for path in (root / FOLDER).glob(f"*/{QUESTIONS}"))
    return sorted(folder for folder in found if page_of(root, folder).is_file())


def page_of(root: Path, folder: Path) -> Path:
    """The lesson to which a folder of exercises belongs: the advanced one of that name, or else the introductory."""
    name = f"{folder.name}.md"
    advanced = root / "book" / "advanced" / name
    return advanced if advanced.is_file() else root / "book" / "intro" / name


def load_exercises(root: Path, folder: Path) -> Assignment:
    """The exercises of a lesson, with what is given in it, as an assignment without points.

    Raises LeoError, naming file or lesson, for what is not whole: a file without a cell, a cell without a file.
    """
    page = page_of(root, folder)
    if not page.is_file():
        raise LeoError(f"{folder} has exercises, and there is no lesson {page}.")
    text = page.read_text(encoding="utf-8")
    given = given_in(text, page.name)
    found = {question.name: question for question in map(load_question, question_files(folder))}
    for name in [each for each in given if each not in found]:
        raise LeoError(f"{page.name}: the cell of {name} has no exercise in {folder / QUESTIONS}.")
    exercises = []
    for name, question in found.items():
        for wrong in _not_whole(question, given.get(name)):
            raise LeoError(f"{shown(folder / QUESTIONS / f'q{int(name[1:]):02}.py')}: {wrong}")
        exercises.append(replace(question, given=given[name]))
    return Assignment(folder.name, title(text, folder.name), tuple(exercises))


def _not_whole(question: Question, given: str | None) -> Iterator[str]:
    """What of an exercise does not fit together, in a line each."""
    if not isinstance(question, Exercise):
        yield "QUESTION must be an Exercise."
        return
    if question.form not in FORMS:
        yield f"form is {question.form!r}, and must be one of {', '.join(FORMS)}."
    if question.points or question.kind != "sql":
        yield "an exercise is answered in SQL or with a prediction (kind 'sql'), and has no points."
    if given is None:
        yield f"the lesson has no cell for {question.name}."
    elif (question.form == "complete") != (BLANK in given):
        yield f"what is given has a blank ({BLANK}) if the form is 'complete', and only then."
    elif not question.guessed and not given.strip():
        yield "nothing is given to begin with: give at least a comment."
    if question.guessed and (tuple(question.columns) != PREDICTION or not question.otherwise):
        yield "a prediction has one column, answer, and says otherwise what a wrong one misses."


def given_in(text: str, name: str = "The lesson") -> dict[str, str]:
    """What the exercises of a lesson give to begin with, by their names in its order; nothing for a prediction.

    Raises LeoError for a cell with the tag ``exercise`` that has not the form above.
    """
    found: dict[str, str] = {}
    for cell in read_myst(text).cells:
        if cell.cell_type != "code" or TAG not in cell.metadata.get("tags", ()):
            continue
        made = _given(cell.source)
        if made is None or made[0] in found or "remove-output" not in cell.metadata["tags"]:
            first = cell.source.strip().split("\n")[0]
            raise LeoError(
                f"{name}: the exercise that begins with {first!r} must have the tags exercise and remove-output, "
                'set a name of its own, q1 = """...""" or q1 = ..., and end with check("q1", q1).'
            )
        found[made[0]] = made[1]
    return found


def _given(code: str) -> tuple[str, str] | None:
    """The name and the text of an exercise from its cell; None if it has not the form of one."""
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return None
    match body:
        case [ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)), ast.Expr(value=call)]:
            if not re.fullmatch(r"q[1-9]\d?", name) or ast.unparse(call) != f"check('{name}', {name})":
                return None
            if value is ...:
                return name, ""
            return (name, textwrap.dedent(value).strip()) if isinstance(value, str) else None
    return None
