"""What a question is: its specification, which travels with the key, and its reference answers, which do not.

Also where the questions of an assignment are read from.
"""

from __future__ import annotations

import hashlib
import importlib
import random
import sys
import tomllib
import traceback
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from pathlib import Path
from typing import Any

from leocourse.core.errors import LeoError

ABOUT, QUESTIONS, WORKED = "assignment.toml", "questions", "q0"
"""In the folder of an assignment: what it is called, its questions; and the number of the worked example."""
KINDS = {"sql": "SQL", "function": "a function", "figure": "a figure"}
"""Kinds of question, and the words for them in a heading."""
FRESH = 2
"""How many calls are drawn anew for each run of marking, where the whole domain would take too long."""
Reference = str | Callable[..., Any]
"""SQL, or a function of the connection."""


@dataclass(frozen=True)
class Misconception:
    """A slip that has a name: an answer that somebody gives who holds it, and what to tell them."""

    name: str
    title: str
    message: str
    lesson: str
    answer: Reference = ""
    """What such a person would write. Course side only. Left out if it is said as changes."""
    heading: str = ""
    """The heading in the lesson where that is explained, if it is not the whole lesson."""
    changes: dict[str, Any] = field(default_factory=dict)
    """What the slip changes in the question: keywords of :attr:`Question.make`."""


@dataclass(frozen=True)
class Question:
    """One autograded question of an assignment.

    ``identity`` names the columns that say whom or what a row is about; ``unit`` is the word for it
    in messages. ``people`` says that a row is a person, so that the right people earn part of the marks.
    ``tolerance`` gives, by column, how far a number may be off. ``calls`` are the arguments with which
    a function is called, one check a call. ``universe`` is SQL for the identities that could be missing.

    ``make`` gives the reference from keywords: what a slip ``changes`` in them gives its answer, and two slips that
    change different ones can be made at once. ``domain`` says for what arguments the function is asked for, and
    ``boundaries`` where its rule changes: 2014 is the first year of the new one. Then ``calls`` are the ends of the
    domain and both sides of every boundary, and marking calls all of it if it is ``quick``, or more besides.
    ``attributes`` are SQL for people by the words that describe them, with the arguments of the call in braces.
    """

    name: str
    title: str
    answer_name: str
    kind: str
    points: float
    columns: dict[str, str]
    identity: tuple[str, ...]
    unit: str
    lesson: str
    reference_sql: Reference
    reference_pandas: Reference
    people: bool = False
    ordered: bool = False
    tolerance: dict[str, float] = field(default_factory=dict)
    calls: tuple[dict[str, Any], ...] = ({},)
    universe: str | None = None
    labels: dict[str, str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()
    heading: str = ""
    """The heading in the lesson to read again, if it is not the whole lesson."""
    plural: str = ""
    """The plural of ``unit``, if it is not formed with an s."""
    make: Callable[..., Reference] | None = None
    domain: dict[str, Sequence[Any]] = field(default_factory=dict)
    boundaries: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    possible: Callable[..., bool] | None = None
    """Which arguments of the domain go together, such as a first year that is not after the last; all if left out."""
    quick: bool = False
    """Whether the reference answers the whole domain in about a second, so that marking asks for all of it."""
    attributes: dict[str, str] = field(default_factory=dict)
    alternatives: tuple[Reference, ...] = ()
    """Other right answers, written differently. Course side only, for the tests."""

    @property
    def guessed(self) -> bool:
        """Whether the answer is no query, so that no change of one explains it."""
        return False

    def __post_init__(self) -> None:
        """Give slips that are said as changes their answers, and a question with a domain its calls."""
        if self.make:
            made = (replace(each, answer=self.make(**each.changes)) if each.changes else each
                    for each in self.misconceptions)  # fmt: skip
            object.__setattr__(self, "misconceptions", tuple(made))
        if self.domain and self.calls == ({},):
            object.__setattr__(self, "calls", calls_of(self.domain, self.boundaries))

    def marked(self, draw: random.Random) -> Question:
        """The question as it is marked: with all calls of its domain, or with some more that are drawn."""
        everything = [dict(zip(self.domain, each, strict=True)) for each in product(*self.domain.values())]
        everything = [each for each in everything if self.possible is None or self.possible(**each)]
        others = [each for each in everything if each not in self.calls] if self.domain else []
        more = others if self.quick else draw.sample(others, min(FRESH, len(others)))
        return replace(self, calls=(*self.calls, *more))

    def pairs(self) -> list[tuple[Misconception, Misconception]]:
        """Slips that can be made at once, because they change different things."""
        slips = [each for each in self.misconceptions if each.changes]
        return [(one, other) for one, other in combinations(slips, 2) if not one.changes.keys() & other.changes.keys()]

    def specification(self) -> dict[str, Any]:
        """What a check needs to know and may be seen: everything but the answers."""
        return {
            "name": self.name,
            "title": self.title,
            "answer_name": self.answer_name,
            "kind": self.kind,
            "points": self.points,
            "columns": self.columns,
            "identity": list(self.identity),
            "unit": self.unit,
            "plural": self.plural,
            "people": self.people,
            "ordered": self.ordered,
            "tolerance": self.tolerance,
            "calls": list(self.calls),
            "universe": self.universe,
            "labels": self.labels,
            "lesson": self.lesson,
            "heading": self.heading,
            "hints": list(self.hints),
            "misconceptions": {
                each.name: {
                    "title": each.title,
                    "message": each.message,
                    "lesson": each.lesson,
                    "heading": each.heading,
                }
                for each in self.misconceptions
            },
        }


def calls_of(domain: dict[str, Sequence[Any]], boundaries: dict[str, tuple[Any, ...]]) -> tuple[dict[str, Any], ...]:
    """The ends of a domain and both sides of each boundary, one argument at a time beside the first of the others."""
    first = {name: values[0] for name, values in domain.items()}
    calls = [first]
    for name, values in domain.items():
        places = {list(values).index(each) for each in boundaries.get(name, ())}
        wanted = sorted({0, len(values) - 1, *places, *(each - 1 for each in places if each)})
        calls += [call for each in wanted if (call := {**first, name: values[each]}) not in calls]
    return tuple(calls)


@dataclass(frozen=True)
class About:
    """What marking needs of an assignment beside its key; the key holds it too (:func:`about_key`)."""

    title: str
    written: dict[str, float]
    """Points of each manually marked question, by name."""
    hints: dict[str, Sequence[str]]
    """Hints of each question, by name."""
    answers: dict[str, str]
    """What the code of each question defines, by its name."""


def about_key(key: dict[str, Any]) -> About:
    """The same as :meth:`Assignment.about`, from a key (see :func:`leocourse.authoring.keys.assignment_key`)."""
    specifications = [entry["specification"] for entry in key["questions"]]
    hints = {each["name"]: each["hints"] for each in specifications}
    return About(key["title"], key["written"], hints, {each["name"]: each["answer_name"] for each in specifications})


@dataclass(frozen=True)
class Assignment:
    """An assignment on the course side: its questions and the manually marked cells."""

    name: str
    title: str
    questions: tuple[Question, ...]
    written: dict[str, float] = field(default_factory=dict)
    """Points of each manually marked question, by name."""
    worked: Question | None = None
    """The example that comes with its answer, to run and to read. It has no points and is never marked."""
    people: int = 4_000
    """People in an extract to mark on: enough that a misconception is seldom like the right answer there."""

    @property
    def with_worked(self) -> tuple[Question, ...]:
        """All that a learner can check: the worked example, then the questions."""
        return (*((self.worked,) if self.worked else ()), *self.questions)

    def about(self) -> About:
        """What marking needs of it beside its key."""
        hints = {each.name: each.hints for each in self.questions}
        return About(self.title, self.written, hints, {each.name: each.answer_name for each in self.questions})


def load_assignment(folder: Path) -> Assignment:
    """The assignment in a folder of ``solutions/``: its ``assignment.toml``, and every ``questions/qNN.py``.

    Each of these files is a module with a ``QUESTION``; ``q00.py`` holds the worked example. They are modules of one
    package, so that they can import ``.shared``. Raises LeoError, naming the file, for what is missing or not whole.
    """
    about_file = folder / ABOUT
    if not about_file.is_file():
        raise LeoError(f"No questions for '{folder.name}': {about_file} does not exist.")
    about = _read_about(about_file)
    package = _package_of(folder / QUESTIONS)
    questions = [load_question(path, package) for path in question_files(folder)]
    worked = next((each for each in questions if each.name == WORKED), None)
    return Assignment(
        folder.name, questions=tuple(each for each in questions if each is not worked), worked=worked, **about
    )


def load_about(folder: Path) -> dict[str, Any]:
    """What ``assignment.toml`` says of an assignment: title, written answers, people. Raises LeoError, naming it."""
    return _read_about(folder / ABOUT)


def _read_about(path: Path) -> dict[str, Any]:
    try:
        about = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LeoError(f"{path}: {error}.") from error
    if not isinstance(about.get("title"), str) or set(about) - {"title", "written", "people"}:
        raise LeoError(f"{path} must have a title, may have [written] and people, and nothing else.")
    for name, points in about.get("written", {}).items():
        if isinstance(points, bool) or not isinstance(points, int | float) or points <= 0:
            raise LeoError(f"{path}: the points of {name} must be a number above nought, not {points!r}.")
    return about


def load_question(path: Path, package: str | None = None) -> Question:
    """The question in a file ``questions/qNN.py``.

    Raises LeoError, naming the file, if it does not load, has no question, or one of another number.
    """
    package = package or _package_of(path.parent)
    name = f"{package}.{path.stem}"
    sys.modules.pop(name, None)
    try:
        module = importlib.import_module(name)
    except Exception as error:
        raise LeoError(f"{shown(path)} does not load: {_why(error, path.parent)}") from error
    question = getattr(module, "QUESTION", None)
    number = f"q{int(path.stem[1:])}"
    if not isinstance(question, Question) or question.name != number:
        raise LeoError(f"{shown(path)} must hold QUESTION = Question(name='{number}', ...).")
    for wrong in _not_whole(question):
        raise LeoError(f"{shown(path)}: {wrong}")
    return question


def _not_whole(question: Question) -> Iterator[str]:
    """What of a question does not fit together, in a line each."""
    if question.kind not in KINDS:
        yield f"kind is {question.kind!r}, and must be one of {', '.join(KINDS)}."
    if isinstance(question.points, bool) or not isinstance(question.points, int | float) or question.points < 0:
        yield f"points is {question.points!r}, and must be a number."
    for field_name in ("identity", "tolerance"):
        for name in [each for each in getattr(question, field_name) if each not in question.columns]:
            yield f"{field_name} names {name!r}, which is not among the columns."
    names = [each.name for each in question.misconceptions]
    for name in sorted({each for each in names if names.count(each) > 1}):
        yield f"the slip {name!r} is there more than once."
    for slip in question.misconceptions:
        if not slip.answer:
            yield f"the slip {slip.name!r} has no answer: give one, or changes to a question with make."
    for name in question.boundaries:
        lost = [each for each in question.boundaries[name] if each not in question.domain.get(name, ())]
        if lost:
            yield f"boundaries of {name} has {lost[0]!r}, which is not in the domain."
    if not question.calls:
        yield "calls is empty: leave it out, or give the arguments of one call or more."


def _why(error: Exception, folder: Path) -> str:
    """Why a file of questions did not load, in one line, with the last line of these files that was reached."""
    if isinstance(error, LeoError):
        return str(error)
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} ({Path(error.filename or '').name}, line {error.lineno})."
    reached = [each for each in traceback.extract_tb(error.__traceback__) if Path(each.filename).parent == folder]
    where = f" ({Path(reached[-1].filename).name}, line {reached[-1].lineno})" if reached else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{where}."


def shown(path: Path) -> str:
    """A question's file as ``02-cohort-construction/questions/q05.py``."""
    return Path(*path.parts[-3:]).as_posix()


def question_path(folder: Path, name: str) -> Path:
    """Where the question of this name is, in the folder of an assignment: ``q5`` in ``questions/q05.py``."""
    return folder / QUESTIONS / f"q{int(name.removeprefix('q')):02}.py"


def question_files(folder: Path) -> list[Path]:
    """The files of an assignment's questions, by number."""
    return sorted((folder / QUESTIONS).glob("q[0-9][0-9].py"))


def _package_of(folder: Path) -> str:
    """Make a folder of questions a package of its own, afresh, and return its name."""
    tag = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]
    name = f"leo_questions_{tag}"
    for loaded in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
        del sys.modules[loaded]
    importlib.invalidate_caches()
    package = types.ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package
    return name


def assignments(root: Path) -> list[Assignment]:
    """All assignments in ``solutions/``, in order."""
    return [load_assignment(folder) for folder in assignment_folders(root)]


def assignment_folders(root: Path) -> list[Path]:
    """The folders of all assignments in ``solutions/``, in order."""
    return sorted(path.parent for path in (root / "solutions").glob(f"*/{ABOUT}"))


def find_assignment(root: Path, text: str) -> Path:
    """The folder of an assignment from its name or number: ``02-cohort-construction``, ``02`` or ``2``.

    Raises LeoError, with the names there are, if it is none of them.
    """
    folders = assignment_folders(root)
    number = text.zfill(2) if text.isascii() and text.isdigit() else None
    for folder in folders:
        if folder.name == text.rstrip("/") or folder.name.split("-", 1)[0] == number:
            return folder
    names = ", ".join(folder.name for folder in folders) or "none at all"
    raise LeoError(f"There is no assignment '{text}': there are {names}.")


def notebook_of(folder: Path) -> str:
    """The name of the one notebook of an assignment. Raises LeoError if there is not exactly one."""
    found = sorted(path.stem for path in folder.glob("*.ipynb"))
    if len(found) != 1:
        raise LeoError(f"{folder} must hold exactly one notebook, and holds {len(found)}.")
    return found[0]
