"""The steps of a check, in the order in which they apply. The first that finds something speaks.

Each step takes an :class:`Attempt` and returns a message, or None if there is nothing to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from leocourse.checks.answer import Answer
from leocourse.checks.fingerprint import Hashes, unpack, value_columns
from leocourse.checks.words import LADDER as WORDS
from leocourse.checks.words import say

PEOPLE_RIGHT, LABELS_LEFT, ORDER_LEFT = (
    WORDS["credit"][each] for each in ("people_right", "labels_left", "order_left")
)
"""Credit for the right people with wrong values, for all but a figure's labels, and for all but the order of rows."""
SHOWN = WORDS["shown"]
"""How many rows a message names."""


@dataclass(frozen=True)
class Attempt:
    """An answer, as its hashes, beside the fingerprint of the right one."""

    hashes: Hashes
    right: dict[str, Any]
    candidates: Answer | None = None
    """Identities that could be missing, so that a message can name them."""
    labels_asked: bool = True
    """Whether a figure's labels count. A slip shows in the values, whatever the labels say."""

    @property
    def specification(self) -> dict[str, Any]:
        """What the question asks for."""
        return self.hashes.specification

    @property
    def answer(self) -> Answer:
        """The answer itself."""
        return self.hashes.answer

    @property
    def who(self) -> list[int]:
        """Whom each row of the answer is about."""
        return self.hashes.who

    @cached_property
    def right_who(self) -> list[int]:
        """Whom each row of the right answer is about."""
        return unpack(self.right["who"])

    def name(self, row: int) -> str:
        """A row's identity in words: ``ae_id 1234``."""
        parts = [f"{name} {self.answer.columns[name][row]}" for name in self.specification["identity"]]
        return ", ".join(parts) or say("row", number=row + 1)

    def units(self, number: int) -> str:
        """A number of the things that rows are about: ``1 pupil``, ``2 pupils``."""
        return say("units", number, number=f"{number:,}", unit=self.specification["unit"])


@dataclass(frozen=True)
class Finding:
    """What a step found, and the credit earned by the steps before it."""

    step: str
    message: str
    credit: float = 0.0


def columns(attempt: Attempt) -> Finding | None:
    """Every column that the question asks for is there."""
    missing = [name for name in attempt.specification["columns"] if name not in attempt.answer.columns]
    if not missing:
        return None
    if attempt.specification["labels"] and not attempt.answer.labels:
        return Finding("columns", say("no_figure"))
    if attempt.answer.labels and not attempt.specification["labels"]:
        names = ", ".join(attempt.specification["columns"])
        return Finding("columns", say("no_table", names=names))
    got = ", ".join(attempt.answer.columns) or say("no_columns")
    return Finding("columns", say("columns", len(missing), missing=", ".join(missing), got=got))


def families(attempt: Attempt) -> Finding | None:
    """Each column holds the kind of value that the question asks for."""
    for name, wanted in attempt.specification["columns"].items():
        got = attempt.answer.families[name]
        if got not in (wanted, "missing"):
            words = WORDS["families"]
            return Finding("families", say("families", name=name, wanted=words[wanted], got=words[got]))
    return None


def extra_rows(attempt: Attempt) -> Finding | None:
    """Nobody is in the answer who should not be there."""
    right = set(attempt.right_who)
    extra = list({who: row for row, who in enumerate(attempt.who) if who not in right}.values())
    if not extra:
        return None
    shown = "; ".join(attempt.name(row) for row in sorted(extra)[:SHOWN])
    return Finding("extra_rows", say("extra_rows", people=attempt.units(len(extra)), shown=shown))


def missing_rows(attempt: Attempt) -> Finding | None:
    """Nobody is missing from the answer."""
    missing = set(attempt.right_who) - set(attempt.who)
    if not missing:
        return None
    shown = _named(attempt, missing)
    sentence = "missing_rows" if shown else "missing_unnamed"
    return Finding("missing_rows", say(sentence, len(missing), people=attempt.units(len(missing)), shown=shown))


def repeated_rows(attempt: Attempt) -> Finding | None:
    """Each person or group has as many rows as it should (nearly always one)."""
    wanted, got = Counter(attempt.right_who), Counter(attempt.who)
    repeated = [row for row, who in enumerate(attempt.who) if got[who] > wanted[who]]
    if not repeated:
        return None
    number = len({attempt.who[row] for row in repeated})
    first = {"whom": attempt.name(repeated[0]), "number": got[attempt.who[repeated[0]]]}
    text = say("repeated_rows", number, people=attempt.units(number), **first)
    return Finding("repeated_rows", text, PEOPLE_RIGHT * attempt.specification["people"])


def values(attempt: Attempt) -> Finding | None:
    """Every value is right, within tolerance. Speaks of the first wrong one, with what was expected if it may."""
    place = {who: row for row, who in enumerate(attempt.right_who)}
    for column in value_columns(attempt.specification):
        right = unpack(attempt.right["values"][column])
        expected, got = [right[place[who]] for who in attempt.who], attempt.hashes.column(column)
        wrong = [row for row, each in enumerate(expected)
                 if each != got[row] and each not in attempt.hashes.beside(column, row)]  # fmt: skip
        if wrong:
            return _wrong_values(attempt, column, wrong)
    return None


def order(attempt: Attempt) -> Finding | None:
    """Rows stand in the order that the question asks for."""
    if not attempt.specification["ordered"] or attempt.who == attempt.right_who:
        return None
    row = next(i for i, (got, want) in enumerate(zip(attempt.who, attempt.right_who, strict=True)) if got != want)
    return Finding("order", say("order", whom=attempt.name(row), row=row + 1), ORDER_LEFT)


def labels(attempt: Attempt) -> Finding | None:
    """A figure has the labels that a reader needs."""
    asked = attempt.specification["labels"] if attempt.labels_asked else {}
    for label, words in asked.items():
        text = attempt.answer.labels.get(label, "")
        if not text.strip():
            return Finding("labels", say("no_label", label=label), LABELS_LEFT)
        if words and not any(word in text.lower() for word in words.lower().split("|")):
            wanted = " or ".join(f"'{word}'" for word in words.split("|"))
            return Finding("labels", say("label", label=label, text=text, wanted=wanted), LABELS_LEFT)
    return None


LADDER: tuple[Callable[[Attempt], Finding | None], ...] = (
    columns,
    families,
    extra_rows,
    missing_rows,
    repeated_rows,
    values,
    order,
    labels,
)


def climb(attempt: Attempt) -> Finding | None:
    """The first finding, or None if the answer is right."""
    for step in LADDER:
        finding = step(attempt)
        if finding:
            return finding
    return None


def same_rows(attempt: Attempt) -> bool:
    """Whether the answer is about exactly the same people or groups, each as often."""
    return Counter(attempt.who) == Counter(attempt.right_who)


def _wrong_values(attempt: Attempt, column: str, wrong: list[int]) -> Finding:
    known = {who: example for who, example in zip(_examples(attempt), attempt.right["examples"], strict=True)}
    row = next((row for row in wrong if attempt.who[row] in known), wrong[0])
    where = {"people": attempt.units(len(wrong)), "rows": f"{attempt.answer.rows:,}", "whom": attempt.name(row)}
    where |= {"column": column, "got": _shown(attempt.answer.columns[column][row])}
    example = known.get(attempt.who[row])
    if example is None:
        text = say("values_unexplained", **where)
    else:
        text = say("values", **where, expected=_shown(example[column]))
    return Finding("values", text, PEOPLE_RIGHT * attempt.specification["people"])


def _examples(attempt: Attempt) -> list[int]:
    rows = attempt.right["examples"]
    columns = {name: [row[name] for row in rows] for name in attempt.specification["columns"]}
    return Hashes(Answer(columns), attempt.specification, attempt.hashes.salt).who


def _named(attempt: Attempt, missing: set[int]) -> str:
    """Names of some that are missing: from the examples, else from the candidates."""
    sources = [Answer({k: [row[k] for row in attempt.right["examples"]] for k in attempt.specification["columns"]})]
    if attempt.candidates:
        sources.append(attempt.candidates)
    names: list[str] = []
    for source in sources:
        if not all(name in source.columns for name in attempt.specification["identity"]):
            continue
        for row, who in enumerate(Hashes(source, attempt.specification, attempt.hashes.salt).who):
            if who in missing and len(names) < SHOWN:
                text = ", ".join(f"{name} {source.columns[name][row]}" for name in attempt.specification["identity"])
                if text and text not in names:
                    names.append(text)
    return "; ".join(names)


def _shown(value: Any) -> str:
    if value is None:
        return say("missing_value")
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)[:60]
