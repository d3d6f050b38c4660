"""The steps of a check, in the order in which they apply. The first that finds something speaks.

Each step takes an :class:`Attempt` and returns a message, or None if there is nothing to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from leocourse.checks.answer import Answer
from leocourse.checks.fingerprint import VALUE, Hashes, unpack, value_columns
from leocourse.checks.words import LADDER as WORDS
from leocourse.checks.words import say

PEOPLE_RIGHT, LABELS_LEFT, ORDER_LEFT = (
    WORDS["credit"][each] for each in ("people_right", "labels_left", "order_left")
)
"""Credit for the right people with wrong values, for all but a figure's labels, and for all but the order of rows."""
WRONG_EVERYWHERE: float = WORDS["credit"]["wrong_everywhere"]
"""A column with this share of wrong rows is wrong everywhere, and earns nothing."""
SHOWN = WORDS["shown"]
"""How many rows a message names."""
NEAR, SEEN = 40, 300
"""How far from what was given, and among how many values of its column, an expected value is looked for."""


@dataclass(frozen=True)
class Attempt:
    """An answer, as its hashes, beside the fingerprint of the right one."""

    hashes: Hashes
    right: dict[str, Any]
    candidates: Answer | None = None
    """Identities that could be missing, so that a message can name them."""
    labels_asked: bool = True
    """Whether a figure's labels count. A slip shows in the values, whatever the labels say."""
    _wrong: dict[str, list[int]] = field(default_factory=dict)

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

    @cached_property
    def candidates_who(self) -> list[int]:
        """Whom each row of the candidates is about; nobody if they have not all columns of the identity."""
        source, names = self.candidates, self.specification["identity"]
        if not source or not all(name in source.columns for name in names):
            return []
        return Hashes(source, self.specification, self.hashes.salt).who

    @cached_property
    def expected_who(self) -> Counter[int]:
        """How many rows the right answer has about each."""
        return Counter(self.right_who)

    @property
    def values_asked(self) -> list[str]:
        """The columns that hold values."""
        return value_columns(self.specification)

    @cached_property
    def who_is_right(self) -> list[int]:
        """The rows that are about the right people."""
        right = set(self.right_who)
        return [row for row, who in enumerate(self.who) if who in right]

    @cached_property
    def expected(self) -> dict[str, dict[int, list[int]]]:
        """By column and by whom a row is about, the hashes of the right values."""
        return {column: gathered(self.right_who, unpack(packed, VALUE))
                for column, packed in self.right["values"].items()}  # fmt: skip

    def wrong(self, column: str) -> list[int]:
        """The rows about the right people whose value in this column is not a right one."""
        if column not in self._wrong:
            self._wrong[column] = self._find_wrong(column)
        return self._wrong[column]

    def _find_wrong(self, column: str) -> list[int]:
        left = {who: list(each) for who, each in self.expected[column].items()}
        got, wrong = self.hashes.column(column), []
        for row, who in enumerate(self.who):
            if who not in left:
                continue
            there = left[who]
            fits = got[row] if got[row] in there else next(
                (each for each in self.hashes.beside(column, row) if each in there), None
            )  # fmt: skip
            if fits is None:
                if not there or self.expected[column][who][0] not in self.hashes.could_be(column, row):
                    wrong.append(row)
            elif len(there) > 1:
                there.remove(fits)
        return wrong

    @cached_property
    def some_values_right(self) -> bool:
        """Whether a column of values is right in part: neither wrong everywhere nor one value for all, and wrong."""
        return any(self._right_in_part(column) for column in self.values_asked)

    def _right_in_part(self, column: str) -> bool:
        rows, wrong = self.who_is_right, len(self.wrong(column))
        given = self.answer.columns[column]
        varies = any(given[row] != given[rows[0]] for row in rows)
        return not wrong or (varies and wrong < WRONG_EVERYWHERE * len(rows))

    def name(self, row: int) -> str:
        """A row's identity in words: ``ae_id 1234``."""
        parts = [f"{name} {self.answer.columns[name][row]}" for name in self.specification["identity"]]
        return ", ".join(parts) or say("row", number=row + 1)

    def units(self, number: int) -> str:
        """A number of the things that rows are about: ``1 pupil``, ``2 pupils``."""
        unit = self.specification["unit"]
        many = self.specification.get("plural") or say("plural", unit=unit)
        return say("units", number=f"{number:,}", unit=unit if number == 1 else many)


@dataclass(frozen=True)
class Finding:
    """What a step found, and the credit earned by the steps before it."""

    step: str
    message: str
    credit: float = 0.0
    part: str = ""
    """The part that is wrong: ``extra``, ``missing``, ``people`` (both), ``repeated``, or ``=days`` for a column."""
    rows: tuple[int, ...] = ()
    """The rows of the answer that are wrong."""
    absent: frozenset[int] = frozenset()
    """Whom the answer has no row about, and should."""
    shown: int | None = None
    """The row whose value the message says."""
    expected: tuple[Any, ...] = ()
    """What that value should be, if it is known."""


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


def nothing(attempt: Attempt) -> Finding | None:
    """There are rows, if there should be any."""
    if attempt.answer.rows or not attempt.right_who:
        return None
    number, absent = len(set(attempt.right_who)), frozenset(attempt.right_who)
    shown = _named(attempt, absent)
    sentence = "nothing_figure" if attempt.specification["labels"] else "nothing"
    words = say(sentence if shown else "nothing_unnamed", people=attempt.units(number), shown=shown)
    return Finding("nothing", words, 0.0, "missing", (), absent)


def people(attempt: Attempt) -> Finding | None:
    """Nobody is in the answer who should not be there, and nobody is missing from it. One finding if both are so."""
    if nothing(attempt):
        return None
    right, mine = attempt.expected_who, Counter(attempt.who)
    extra = sorted({who: row for row, who in reversed(list(enumerate(attempt.who))) if who not in right}.values())
    missing = frozenset(right - mine)  # also who has fewer rows than there should be
    if not extra and not missing:
        return None
    shown = "; ".join(attempt.name(row) for row in extra[:SHOWN])
    named = _named(attempt, missing) if missing else ""
    much = {"extra": attempt.units(len(extra)), "missing": attempt.units(len(missing)), "shown": shown, "named": named}
    if not missing:
        return Finding("people", say("extra_rows", people=much["extra"], shown=shown), 0.0, "extra", tuple(extra))
    if not extra:
        sentence = "missing_rows" if named else "missing_unnamed"
        text = say(sentence, len(missing), people=much["missing"], shown=named)
        return Finding("people", text, 0.0, "missing", (), missing)
    sentence = (
        "none_right" if missing == set(right) else "as_many_missing" if len(extra) == len(missing) else "both_ways"
    )
    such = say("such_as", named=named) if named else ""
    text = say(sentence, len(missing), **much, such=such)
    return Finding("people", text, 0.0, "people", tuple(extra), missing)


def repeated_rows(attempt: Attempt) -> Finding | None:
    """Each person or group has as many rows as it should (nearly always one)."""
    wanted, got = Counter(attempt.right_who), Counter(attempt.who)
    repeated = [row for row, who in enumerate(attempt.who) if got[who] > wanted[who] > 0]
    if not repeated:
        return None
    number = len({attempt.who[row] for row in repeated})
    first = {"whom": attempt.name(repeated[0]), "number": got[attempt.who[repeated[0]]]}
    text = say("repeated_rows", number, people=attempt.units(number), **first)
    credit = PEOPLE_RIGHT * attempt.specification["people"]
    return Finding("repeated_rows", text, credit, "repeated", tuple(repeated))


def values(attempt: Attempt) -> list[Finding]:
    """Every value is right, within tolerance, of those that are about the right people. One finding a column."""
    found = []
    for column in value_columns(attempt.specification):
        wrong = attempt.wrong(column)
        if wrong:
            found.append(_wrong_values(attempt, column, wrong))
    return found


def order(attempt: Attempt) -> Finding | None:
    """Rows stand in the order that the question asks for."""
    if not attempt.specification["ordered"] or attempt.who == attempt.right_who:
        return None
    if Counter(attempt.who) != Counter(attempt.right_who):
        return None
    row = next(i for i, (got, want) in enumerate(zip(attempt.who, attempt.right_who, strict=True)) if got != want)
    return Finding("order", say("order", whom=attempt.name(row), row=row + 1), ORDER_LEFT, "order")


def labels(attempt: Attempt) -> Finding | None:
    """A figure has the labels that a reader needs."""
    asked = attempt.specification["labels"] if attempt.labels_asked else {}
    for label, words in asked.items():
        text = attempt.answer.labels.get(label, "")
        if not text.strip():
            return Finding("labels", say("no_label", label=label), LABELS_LEFT, "labels")
        if words and not any(word in text.lower() for word in words.lower().split("|")):
            wanted = " or ".join(f"'{word}'" for word in words.split("|"))
            return Finding("labels", say("label", label=label, text=text, wanted=wanted), LABELS_LEFT, "labels")
    return None


LADDER: tuple[Callable[[Attempt], Finding | list[Finding] | None], ...] = (
    columns,
    families,
    nothing,
    people,
    repeated_rows,
    values,
    order,
    labels,
)
STOPS = (columns, families)
"""Where one of these finds something, the others have nothing to compare."""


def findings(attempt: Attempt) -> list[Finding]:
    """All findings, in the order of the ladder: none if the answer is right. The first gives the credit."""
    found: list[Finding] = []
    for step in LADDER:
        given = step(attempt)
        found += given if isinstance(given, list) else [given] if given else []
        if found and step in STOPS:
            break
    return found


def climb(attempt: Attempt) -> Finding | None:
    """The first finding, or None if the answer is right."""
    return next(iter(findings(attempt)), None)


def gathered(who: list[int], hashes: list[int]) -> dict[int, list[int]]:
    """Hashes of values by whom they are about."""
    found: dict[int, list[int]] = {}
    for each, value in zip(who, hashes, strict=True):
        found.setdefault(each, []).append(value)
    return found


def _wrong_values(attempt: Attempt, column: str, wrong: list[int]) -> Finding:
    known = known_rows(attempt)
    row = next((row for row in wrong if attempt.who[row] in known), wrong[0])
    about = len({attempt.who[each] for each in attempt.who_is_right})
    number = len({attempt.who[each] for each in wrong})
    where = {"people": attempt.units(number), "rows": f"{max(about, number):,}", "whom": attempt.name(row)}
    got, example = attempt.answer.columns[column][row], known.get(attempt.who[row])
    expected = _found_out(attempt, column, row) if example is None else [example[column]]
    if expected:
        apart = shown_apart(expected[0], got)
        text = say("values", column=column, **where, expected=apart[0], got=apart[1])
    else:
        text = say("values_unexplained", column=column, **where, got=shown(got))
    credit = PEOPLE_RIGHT * attempt.specification["people"] * attempt.some_values_right
    return Finding("values", text, credit, f"={column}", tuple(wrong), shown=row, expected=tuple(expected))


def _found_out(attempt: Attempt, column: str, row: int) -> list[Any]:
    """The right value of a row, if it is among those that lie near: then its hash is the right one."""
    if attempt.specification["tolerance"].get(column):
        return []
    given = attempt.answer.columns[column]
    near: list[Any] = [None, *range(NEAR)]
    if isinstance(given[row], int):
        near += [given[row] + away for away in range(-NEAR, NEAR + 1)]
    near += list(dict.fromkeys(given[:SEEN]))
    wanted = set(attempt.expected[column][attempt.who[row]])
    hashed = attempt.hashes.of(column, [row] * len(near), near)
    return [value for value, each in zip(near, hashed, strict=True) if each in wanted][:1]


def known_rows(attempt: Attempt) -> dict[int, dict[str, Any]]:
    """The right rows that the key has in plain, by whom they are about; not those of somebody who has several."""
    rows = attempt.right["examples"]
    columns = {name: [row[name] for row in rows] for name in attempt.specification["columns"]}
    who = Hashes(Answer(columns), attempt.specification, attempt.hashes.salt).who
    return {each: row for each, row in zip(who, rows, strict=True) if attempt.expected_who[each] == 1}


def _named(attempt: Attempt, missing: frozenset[int]) -> str:
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


def shown(value: Any, places: int = 2) -> str:
    """A value as a message names it."""
    if value is None:
        return say("missing_value")
    return f"{value:,.{places}f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)[:60]


def shown_apart(first: Any, second: Any) -> tuple[str, str]:
    """Two different values with as many digits as it takes to tell them apart."""
    for places in range(2, 9):
        found = shown(first, places), shown(second, places)
        if found[0] != found[1]:
            break
    return found
