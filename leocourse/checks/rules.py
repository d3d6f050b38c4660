"""Simple rules by which a whole column can be wrong: a hundred times too large, inverted, off by one and so on.

Each is tried on the answer's own values. The hash of a right value holds whom it is about, so where a changed value
fits it, that is proof.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from leocourse.checks.answer import Answer
from leocourse.checks.fingerprint import Hashes
from leocourse.checks.ladder import Attempt, known_rows
from leocourse.checks.sketch import Parts, Slip

FEW, FIRST, NEARLY_ALL = 3, 40, 0.95
"""How many rows are proof of what could be chance, on how many a rule is tried first, and what share it repairs."""
LARGE = 20
"""A number from here on fits by chance so seldom that a single row is proof."""
DIGITS = (0, 1, 2, -1, -2, -3)
STEPS = 2500
"""On how many steps of the tolerance a rounded value may have been; else the rows that are in plain say."""
YEARS = {"year_late": -1, "year_early": 1}
"""Rules by which a column of the identity names another year, and by how many years each is undone."""
MOST = 0.8
"""What share of an answer's rows must be about the right things once the years are moved: one end may stand over."""


@dataclass(frozen=True)
class Rule:
    """A rule that repairs nearly all wrong values of a column."""

    name: str
    column: str
    rows: int
    """How many wrong rows it repairs."""
    of: int
    """How many wrong rows there are."""
    other: str = ""
    """The column that the values belong to, of two that are transposed; or how many digits, if rounded."""


Repair = Callable[[Any], Any]
"""The right value from a wrong one; None for what the rule does not concern."""


def _number(change: Callable[[float], float]) -> Repair:
    def repair(value: Any) -> Any:
        if value is None:
            return None
        if not _plain(value):
            return ()
        made = float(f"{change(value):.12g}")  # 7.47 * 100 is not quite 747
        return int(made) if made.is_integer() else made

    return repair


def _plain(value: Any) -> bool:
    """Whether a value is a number of a size that can be counted with."""
    return isinstance(value, int | float) and abs(value) < 1e15


def _text(change: Callable[[str], str]) -> Repair:
    return lambda value: change(value) if isinstance(value, str) else ()


def _when(wanted: Any, made: Any) -> Repair:
    return lambda value: made if value == wanted else ()


REPAIRS: dict[str, Repair] = {
    "times_100": _number(lambda value: value / 100),
    "over_100": _number(lambda value: value * 100),
    "of_100": _number(lambda value: 100 - value),
    "inverted": lambda value: 1 - value if value in (0, 1) and value is not None else (),
    "of_1": _number(lambda value: 1 - value),
    "sign": _number(lambda value: -value),
    "one_more": _number(lambda value: value - 1),
    "one_less": _number(lambda value: value + 1),
    "times_12": _number(lambda value: value / 12),
    "over_12": _number(lambda value: value * 12),
    "thousands": _number(lambda value: value * 1000),
    "times_1000": _number(lambda value: value / 1000),
    "null_for_0": _when(None, 0),
    "zero_for_null": _when(0, None),
    "upper": _text(str.upper),
    "lower": _text(str.lower),
    "capital": _text(lambda value: value.strip().capitalize()),
    "blanks": _text(str.strip),
}
"""How each rule is undone. ``()`` where it does not apply."""
SHRINKING = ("times_100", "times_12", "times_1000")
"""Rules that are undone by a division."""
LIKELY = ("sign", "times_100", "over_100", "times_12", "over_12", "thousands", "times_1000", "of_100")
"""Rules that turn a large number into another that is far from it, so that few rows are proof."""


def rule_of(parts: Parts, column: str, slip: Slip | None = None) -> Rule | None:
    """The rule that repairs nearly all wrong values of a column: to the right ones, or to those of a slip."""
    attempt = parts.attempt
    rows = [row for each in parts.columns.get(column, {}).values() for row in each]
    if not rows:
        return None
    wanted = _wanted(attempt, column, slip)
    if slip is not None:
        upto = slip.upto(column)
        rows = [row for row in rows if upto is None or attempt.who[row] <= upto]
    for name, repair in REPAIRS.items():
        small = name in SHRINKING and column in attempt.specification["tolerance"]
        if slip is not None and (name not in LIKELY or small):
            continue  # small numbers, and what lies within the tolerance of anything, fit a slip by chance
        number = _repaired(attempt, column, rows, repair, wanted)
        if number and _proof(attempt, column, name, rows, number) and _is_slip(parts, column, repair, slip):
            return Rule(name, column, number, len(rows))
    if slip is None:
        return _transposed(parts, column, rows) or _rounded(attempt, column, rows) or _empty(attempt, column, rows)
    return None


def other_year(parts: Parts) -> tuple[Rule, frozenset[str]] | None:
    """The rule that rows are named after the year before or after, and the parts that this explains.

    The values beside the year are the proof: of the moved rows, nearly all of a column are right that were not.
    """
    attempt = parts.attempt
    if not parts.people.keys() & {"extra", "missing"}:
        return None
    for column in attempt.specification["identity"]:
        for name, away in YEARS.items():
            values = [_moved(each, away) for each in attempt.answer.columns[column]]
            if None in values:
                break
            moved = Answer({**attempt.answer.columns, column: values})
            hashes = Hashes(moved, attempt.specification, attempt.hashes.salt)
            rows = [row for row, who in enumerate(hashes.who) if attempt.expected_who[who]]
            good = _right_beside(attempt, hashes, rows) if len(rows) >= max(FEW, MOST * moved.rows) else []
            if good:
                explained = {"extra", "missing", *(f"={each}" for each in good)} & parts.names
                return Rule(name, column, len(rows), moved.rows), frozenset(explained)
    return None


def _moved(value: Any, away: int) -> int | None:
    """A year, or the label of a tax year such as 201617, so many years away; None for anything else."""
    if not isinstance(value, int):
        return None
    if 1900 <= value <= 2100:
        return value + away
    year = value // 100 + away
    return year * 100 + (year + 1) % 100 if 1900 <= year <= 2100 and value % 100 == (value // 100 + 1) % 100 else None


def _right_beside(attempt: Attempt, hashes: Hashes, rows: list[int]) -> list[str]:
    """The columns that are right in nearly all of these moved rows; none if no column proves the move.

    None either if the move makes a column wrong that was right in more of the rows: that speaks against it.
    """
    good, proof = [], False
    before = set(attempt.who_is_right) & set(rows)
    for name, expected in attempt.expected.items():
        number = sum(bool(hashes.could_be(name, row) & set(expected[hashes.who[row]])) for row in rows)
        if number < len(before - set(attempt.wrong(name))):
            return []
        if number >= NEARLY_ALL * len(rows):
            good.append(name)
            different = len({attempt.answer.columns[name][row] for row in rows}) >= FEW
            proof |= different and 2 * len(attempt.wrong(name)) >= len(attempt.who_is_right)
    return good if proof else []


def _wanted(attempt: Attempt, column: str, slip: Slip | None) -> Callable[[int], set[int]]:
    """Which hashes a repaired value may have in a row: that of the right one, or of the slip's."""
    expected, known = attempt.expected[column], slip.values(column) if slip else {}
    return lambda row: {*expected[attempt.who[row]], *known.get(attempt.who[row], ())}


def _is_slip(parts: Parts, column: str, repair: Repair, slip: Slip | None) -> bool:
    """Whether repaired values are the slip's wherever it has others than the right ones."""
    if slip is None:
        return True
    attempt, known = parts.attempt, slip.values(column)
    given = attempt.answer.columns[column]
    rows = [row for row in attempt.who_is_right if attempt.who[row] in known and repair(given[row]) != ()]
    hashes = fitting(attempt.hashes, column, rows, [repair(given[row]) for row in rows])
    hits = {attempt.who[row] for row, could in zip(rows, hashes, strict=True) if could & known[attempt.who[row]]}
    return len(hits) >= max(1, NEARLY_ALL * len(known.keys() & parts.present))


def _repaired(attempt: Attempt, column: str, rows: list[int], repair: Repair, wanted: Callable[[int], set[int]]) -> int:
    """How many rows a rule repairs; none if that is not nearly all. The first few decide whether it is worth trying."""
    given = attempt.answer.columns[column]
    for tried in (rows[:FIRST], rows):
        made = [(row, repair(given[row])) for row in tried]
        made = [(row, value) for row, value in made if value != ()]
        if len(made) < NEARLY_ALL * len(tried):
            return 0
        hashes = fitting(attempt.hashes, column, [row for row, _ in made], [value for _, value in made])
        number = sum(bool(could & wanted(row)) for (row, _), could in zip(made, hashes, strict=True))
        if number < NEARLY_ALL * len(tried):
            return 0
    return number


def fitting(hashes: Hashes, column: str, rows: list[int], values: list[Any]) -> Iterator[set[int]]:
    """For each row the hashes that count as this value: with a tolerance, those of the steps beside it, too."""
    tolerance = hashes.specification["tolerance"].get(column)
    own = hashes.of(column, rows, values)
    for row, value, each in zip(rows, values, own, strict=True):
        number = tolerance and _plain(value)
        step = math.floor(value / tolerance) if number else 0
        yield {each, *(hashes.steps(column, row, (step - 1, step + 1)) if number else ())}


def _proof(attempt: Attempt, column: str, name: str, rows: list[int], number: int) -> bool:
    """Whether so many rows prove a rule: three, or fewer if no chance makes such a number fit."""
    given = [attempt.answer.columns[column][row] for row in rows]
    if name in ("inverted", "of_1"):  # an inverted flag is wrong everywhere, or it is another slip
        about = [row for row in attempt.who_is_right if attempt.answer.columns[column][row] is not None]
        if len(rows) < NEARLY_ALL * len(about):
            return False
    if number >= FEW:
        return True
    if name in SHRINKING and column in attempt.specification["tolerance"]:
        return False  # what is made small enough lies within the tolerance of nought
    sizes = [abs(value) for value in given if isinstance(value, int | float)]
    return name in LIKELY and bool(sizes) and all(size >= LARGE or size % 1 for size in sizes)


def _transposed(parts: Parts, column: str, rows: list[int]) -> Rule | None:
    """Two columns that hold each other's values."""
    attempt = parts.attempt
    tolerance = attempt.specification["tolerance"]
    for other in attempt.expected:
        if other == column or other not in parts.columns or attempt.answer.families.get(other) != "number":
            continue
        values = attempt.answer.columns[other]
        number = sum(
            bool(could & set(attempt.expected[column][attempt.who[row]]))
            for row, could in zip(
                rows, fitting(attempt.hashes, column, rows, [values[row] for row in rows]), strict=True
            )
        )
        there = [row for each in parts.columns[other].values() for row in each]
        back = sum(
            bool(could & set(attempt.expected[other][attempt.who[row]]))
            for row, could in zip(
                there,
                fitting(attempt.hashes, other, there, [attempt.answer.columns[column][row] for row in there]),
                strict=True,
            )
        )
        enough = FEW if column not in tolerance else 2
        if number >= max(NEARLY_ALL * len(rows), enough) and back >= NEARLY_ALL * len(there):
            return Rule("transposed", column, number, len(rows), other)
    return None


def _rounded(attempt: Attempt, column: str, rows: list[int]) -> Rule | None:
    """Values that were rounded, or cut off, where they should not be."""
    values = attempt.answer.columns[column]
    given = [values[row] for row in attempt.who_is_right if values[row] is not None]
    if not given or not all(_plain(each) for each in given):
        return None
    for digits in DIGITS:
        unit = 10.0**-digits
        if any(abs(round(each / unit) * unit - each) > 1e-9 * max(1, abs(each)) for each in given):
            continue
        for name, low, high in (("rounded", -0.5, 0.5), ("cut", 0.0, 1.0)):
            number = _within(attempt, column, rows, low * unit, high * unit)
            if number is not None and number >= NEARLY_ALL * len(rows) and number >= FEW:
                return Rule(name, column, number, len(rows), str(digits))
    return None


def _empty(attempt: Attempt, column: str, rows: list[int]) -> Rule | None:
    """A column without any value: what is read is empty there, or a join has found nobody."""
    there = [row for row in attempt.who_is_right if attempt.answer.columns[column][row] is not None]
    return Rule("empty", column, len(rows), len(rows)) if len(rows) >= FEW and not there else None


def _within(attempt: Attempt, column: str, rows: list[int], low: float, high: float) -> int | None:
    """How many wrong values have the right one in this distance; None if that cannot be found out."""
    tolerance, values = attempt.specification["tolerance"].get(column), attempt.answer.columns[column]
    if not tolerance:
        return None
    if (high - low) / tolerance > STEPS:
        return _within_known(attempt, column, rows, low, high)
    expected, number = attempt.expected[column], 0
    for at, row in enumerate(rows):
        if at == FIRST:
            return number * len(rows) // FIRST
        if not _plain(values[row]):
            continue
        first, last = math.floor((values[row] + low) / tolerance), math.floor((values[row] + high) / tolerance)
        hashes = set(attempt.hashes.steps(column, row, range(first, last + 1)))
        number += bool(hashes & set(expected[attempt.who[row]]))
    return number


def _within_known(attempt: Attempt, column: str, rows: list[int], low: float, high: float) -> int | None:
    """The same, from the rows that the key has in plain."""
    known, values = known_rows(attempt), attempt.answer.columns[column]
    pairs = [(values[row], known[attempt.who[row]][column]) for row in rows if attempt.who[row] in known]
    pairs = [(got, wanted) for got, wanted in pairs if _plain(got) and _plain(wanted)]
    if len(pairs) < FEW:
        return None
    near = [low <= wanted - got + 1e-8 * abs(wanted) and wanted - got - 1e-8 * abs(wanted) <= high
            for got, wanted in pairs]  # fmt: skip
    return sum(near) * len(rows) // len(near)
