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

PEOPLE_RIGHT, LABELS_LEFT, ORDER_LEFT = 0.5, 0.75, 0.9
"""Credit for the right people with wrong values, for all but a figure's labels, and for all but the order of rows."""
SHOWN = 3
FAMILY_WORDS = {"number": "numbers", "text": "text", "date": "dates", "mixed": "a mixture", "missing": "nothing"}


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
        return ", ".join(parts) or f"row {row + 1}"

    def units(self, number: int) -> str:
        """A number of the things that rows are about: ``1 pupil``, ``2 pupils``."""
        unit = self.specification["unit"]
        return f"{number:,} {unit}" + ("" if number == 1 else "s")

    def was(self, number: int) -> str:
        """The verb that goes with a number."""
        return "is" if number == 1 else "are"


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
        return Finding("columns", "The question asks for a figure, and your answer is none: return its Axes, `ax`.")
    if attempt.answer.labels and not attempt.specification["labels"]:
        names = ", ".join(attempt.specification["columns"])
        return Finding("columns", f"Your answer is a figure, and the question asks for a table with {names}.")
    got = ", ".join(attempt.answer.columns) or "none"
    return Finding("columns", f"Missing {_plural('column', missing)}: {', '.join(missing)}. Your answer has: {got}.")


def families(attempt: Attempt) -> Finding | None:
    """Each column holds the kind of value that the question asks for."""
    for name, wanted in attempt.specification["columns"].items():
        got = attempt.answer.families[name]
        if got not in (wanted, "missing"):
            return Finding(
                "families", f"Column {name} should hold {FAMILY_WORDS[wanted]}, but holds {FAMILY_WORDS[got]}."
            )
    return None


def extra_rows(attempt: Attempt) -> Finding | None:
    """Nobody is in the answer who should not be there."""
    right = set(attempt.right_who)
    extra = list({who: row for row, who in enumerate(attempt.who) if who not in right}.values())
    if not extra:
        return None
    shown = "; ".join(attempt.name(row) for row in sorted(extra)[:SHOWN])
    text = f"{attempt.units(len(extra))} should not be there, such as {shown}."
    return Finding("extra_rows", text)


def missing_rows(attempt: Attempt) -> Finding | None:
    """Nobody is missing from the answer."""
    missing = set(attempt.right_who) - set(attempt.who)
    if not missing:
        return None
    shown = _named(attempt, missing)
    text = f"{attempt.units(len(missing))} {attempt.was(len(missing))} missing"
    return Finding("missing_rows", text + (f", such as {shown}." if shown else "."))


def repeated_rows(attempt: Attempt) -> Finding | None:
    """Each person or group has as many rows as it should (nearly always one)."""
    wanted, got = Counter(attempt.right_who), Counter(attempt.who)
    repeated = [row for row, who in enumerate(attempt.who) if got[who] > wanted[who]]
    if not repeated:
        return None
    number = len({attempt.who[row] for row in repeated})
    shown = f"{attempt.name(repeated[0])} has {got[attempt.who[repeated[0]]]}"
    text = f"{attempt.units(number)} {'has' if number == 1 else 'have'} more than one row: {shown}."
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
    text = f"The rows are right, but not in the order asked for: {attempt.name(row)} should not be in row {row + 1}."
    return Finding("order", text, ORDER_LEFT)


def labels(attempt: Attempt) -> Finding | None:
    """A figure has the labels that a reader needs."""
    asked = attempt.specification["labels"] if attempt.labels_asked else {}
    for label, words in asked.items():
        text = attempt.answer.labels.get(label, "")
        if not text.strip():
            return Finding("labels", f"The figure has no {label}: a reader needs it.", LABELS_LEFT)
        if words and not any(word in text.lower() for word in words.lower().split("|")):
            wanted = " or ".join(f"'{word}'" for word in words.split("|"))
            return Finding("labels", f"The figure's {label} is '{text}': say {wanted} in it.", LABELS_LEFT)
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
    came = _shown(attempt.answer.columns[column][row])
    text = f"{column} is wrong for {attempt.units(len(wrong))} of {attempt.answer.rows:,}. For {attempt.name(row)}"
    if attempt.who[row] in known:
        text += f" expected {_shown(known[attempt.who[row]][column])}, got {came}."
    else:
        text += f" got {came}."
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
        return "a missing value"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)[:60]


def _plural(word: str, things: list) -> str:
    return word if len(things) == 1 else word + "s"
