"""Which catalogued slips, and which simple rules, explain the parts in which an answer is wrong.

A cause is named only on the evidence of the answer's own rows: a slip has to explain a part, and no part in which its
own answer would be wrong may be right, or wrong in another way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from leocourse.checks.rules import FEW, Rule, other_year, rule_of
from leocourse.checks.sketch import PEOPLE, Parts, Slip

AGAINST = -1000
"""What a call that speaks against a slip weighs."""


@dataclass(frozen=True)
class Cause:
    """What explains some parts of an answer: slips by name (two if it is a pair), or a rule, or one on the other; or
    a change to the question that nobody wrote down."""

    parts: frozenset[str]
    slips: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    change: str = ""
    """Words for what was changed."""


def causes(parts: Parts, entry: dict[str, Any], elsewhere: Callable[[str], int]) -> list[Cause]:
    """The causes of what is wrong, the one that explains most first; no part has two.

    ``elsewhere`` says of a slip how many parts it explains in other calls, which decides between equals; less than
    nothing if another call that is wrong, too, speaks against it.
    """
    if not parts.comparable:
        return []
    wrong = parts.names
    slips = [Slip(name, made) for name, made in entry["misconceptions"].items() if elsewhere(name) >= 0]
    found = _chosen(_fitting(parts, slips), elsewhere)
    if wrong - _told(found):
        by_rule = _chosen(_fitting(parts, slips, with_rules=True), elsewhere)
        found = by_rule if len(_told(by_rule)) > len(_told(found)) else found
    if wrong - _told(found):
        found = _with_changes(parts, entry.get("changes", {}), found)
    if wrong - _told(found):
        pairs = [each for made in entry.get("pairs", ()) if (each := _pair(parts, made, entry["misconceptions"]))]
        both = _chosen(pairs, lambda name: 0)[:1]
        found = both if len(_told(both)) > len(_told(found)) else found
    if wrong - _told(found) and (moved := other_year(parts)):
        found = [Cause(moved[1], (), (moved[0],)), *(each for each in found if not each.parts & moved[1])]
    left = [column for column in parts.columns if f"={column}" not in _told(found)]
    rules = [rule for column in left if (rule := rule_of(parts, column))]
    found += [Cause(frozenset([f"={rule.column}"]), (), (rule,)) for rule in rules]
    if not wrong - _told(found) - {"labels"}:
        return found
    return [each for each in found if (each.rules and not each.slips)
            or (_rows(parts, each) >= FEW and not _shared(parts, each, slips))]  # fmt: skip


def _with_changes(parts: Parts, changes: dict[str, Any], found: list[Cause]) -> list[Cause]:
    """What was found, and a change that explains the rest; or one that alone explains more than all of it.

    It is said of the whole answer, so nobody may be left who is extra, missing or repeated for another reason.
    """
    fitting = [
        Cause(cause.parts, change=words)
        for words, made in changes.items()
        if (cause := _slip(parts, (), Slip("", made)))
    ]
    known = _told(found)
    whole = [each for each in fitting if not parts.people.keys() - each.parts and len(each.parts) > len(known)]
    if more := _chosen(whole, lambda name: 0)[:1]:
        return more
    beside = [each for each in fitting if not each.parts & known and not parts.people.keys() - each.parts - known]
    return [*found, *_chosen(beside, lambda name: 0)[:1]]


def _shared(parts: Parts, cause: Cause, slips: list[Slip]) -> bool:
    """Whether another slip explains these parts as well: it may have been that one, and something else besides."""
    others = [slip for slip in slips if slip.name not in cause.slips]
    return any(all(part in slip.parts and slip.explains(parts, part) for part in cause.parts) for slip in others)


def _fitting(parts: Parts, slips: list[Slip], with_rules: bool = False) -> list[Cause]:
    return [each for slip in slips if (each := _slip(parts, (slip.name,), slip, with_rules))]


def _told(found: list[Cause]) -> set[str]:
    """The parts that are explained."""
    return {part for each in found for part in each.parts}


def _rows(parts: Parts, cause: Cause) -> int:
    """How many rows or people speak for a cause: where few do and not all is explained, it could be another one."""
    return sum(len(parts.people.get(part) or parts.columns.get(part[1:]) or parts.attempt.who) for part in cause.parts)


def explained(parts: Parts, made: dict[str, Any]) -> int:
    """How many parts of an answer a slip explains; far less than nothing if it is wrong in another way."""
    if not parts.comparable or not parts.found or not made:
        return 0
    cause = _slip(parts, ("",), Slip("", made))
    return len(cause.parts) if cause else AGAINST


def _slip(parts: Parts, names: tuple[str, ...], slip: Slip, with_rules: bool = False) -> Cause | None:
    """The cause that a slip is, if it explains a part and nothing speaks against it.

    ``with_rules``: the values may be those of the slip by a rule, such as a hundredth of them.
    """
    told, rules = set(), []
    if _only_repeated(parts, slip):
        return None
    for part in slip.parts:
        if part in PEOPLE or part == "order":
            if not slip.explains(parts, part):
                return None
            told.add(part)
        elif not any(who in parts.present for who in slip.values(part[1:])):
            continue  # all whom it changes are missing for another reason
        elif slip.explains(parts, part):
            told.add(part)
        elif with_rules and (rule := rule_of(parts, part[1:], slip)):
            told.add(part)
            rules.append(rule)
        else:
            return None
    return Cause(frozenset(told), names, tuple(rules)) if told else None


def _pair(parts: Parts, made: dict[str, Any], slips: dict[str, Any]) -> Cause | None:
    """The cause that two slips at once are, if either alone would not do as well for whom the answer has."""
    pair = Slip("", made)
    cause = _slip(parts, tuple(made["of"]), pair)
    alone = [Slip(name, slips[name]) for name in made["of"]]
    return cause if cause and all(_says_more(parts, pair, each, cause.parts) for each in alone) else None


def _says_more(parts: Parts, pair: Slip, alone: Slip, told: frozenset[str]) -> bool:
    """Whether a pair says what one of its slips does not: of a few people in a column, or who is there at all."""
    for part in told:
        if part not in alone.parts:
            return True
        if not part.startswith("="):
            if not alone.explains(parts, part):
                return True
            continue
        one, upto = alone.values(part[1:]), alone.upto(part[1:])
        known = [each for each in pair.values(part[1:]).items() if each[0] in parts.present]
        if sum(one.get(who) != values for who, values in known if upto is None or who <= upto) >= FEW:
            return True
    return False


def _only_repeated(parts: Parts, slip: Slip) -> bool:
    """Whether all that speaks for a slip is in rows about people who stand more often than they should.

    One of the two rows of such a person has another value, whatever made them two; a slip that repeats nobody is not
    proved by that.
    """
    twice = parts.people.get("repeated")
    if not twice or "repeated" in slip.made:
        return False
    wrong = [parts.columns.get(part[1:], {}) for part in slip.parts if part.startswith("=")]
    return len(wrong) == len(slip.parts) and all(rows.keys() <= twice for rows in wrong)


def _chosen(candidates: list[Cause], elsewhere: Callable[[str], int]) -> list[Cause]:
    """Those that explain most, one after the other. Between equals that are unlike there is no choice."""
    found: list[Cause] = []
    left, told = list(candidates), set()
    while left:
        ranked = sorted(((len(each.parts - told), -len(each.rules), _weight(each, elsewhere), each) for each in left),
                        key=lambda item: item[:3], reverse=True)  # fmt: skip
        best, mine = ranked[0], ranked[0][3]
        if not best[0]:
            break
        equals = [item[3] for item in ranked if item[:3] == best[:3] and item[3].parts & mine.parts - told]
        told |= mine.parts
        if len(equals) == 1:
            found.append(mine)
        left = [each for each in left if each not in equals and not each.parts & told]
    return found


def _weight(cause: Cause, elsewhere: Callable[[str], int]) -> int:
    return sum(elsewhere(name) for name in cause.slips)
