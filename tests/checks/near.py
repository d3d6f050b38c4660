"""Answers that are near a slip's answer: those that still show it, and those that must not get its name."""

from __future__ import annotations

import random

from leocourse.checks.answer import Answer
from leocourse.checks.fingerprint import Hashes, value_columns
from leocourse.checks.judge import salt
from leocourse.checks.ladder import Attempt
from leocourse.checks.sketch import Parts

FORWARD = {
    "times_100": lambda value: value * 100,
    "over_100": lambda value: value / 100,
    "sign": lambda value: -value,
    "one_more": lambda value: value + 1,
    "one_less": lambda value: value - 1,
    "times_12": lambda value: value * 12,
}
"""Rules as a learner makes them; :mod:`leocourse.checks.rules` undoes them."""


def rows_of(answer):
    names = list(answer.columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*answer.columns.values(), strict=True)]


def answer_of(rows, like):
    return Answer({name: [row[name] for row in rows] for name in like.columns}, like.labels)


def parts_of(specification, answers, key):
    return [
        Parts.of(Attempt(Hashes(each, specification, salt(specification, call)), entry["right"], labels_asked=False))
        for call, (each, entry) in enumerate(zip(answers, key, strict=True))
    ]


def noised(value, draw):
    if isinstance(value, str):
        return f"{value} {draw.randint(10, 99)}"
    return (value or 0) * 1.37 + 7.11 + draw.randint(100, 900)


def some_dropped(answers, slips, share=0.1):
    """Without so many of the rows, at least one, drawn so that no slip happens to leave out just these."""
    known = [list(map(as_rows, slip)) for slip in slips]
    for seed in range(1, 100):
        found = [
            answer_of(random.Random(seed).sample(rows_of(each), each.rows)[max(1, int(each.rows * share)) :], each)
            for each in answers
        ]
        if list(map(as_rows, found)) not in known:
            return found
    raise AssertionError("whatever is left out, a slip leaves it out as well")


def as_rows(answer):
    return sorted(map(repr, rows_of(answer)))


def by_person(answer, identity):
    """The values of each person's rows: by column, sorted, as somebody may have several rows."""
    found = {}
    for row in rows_of(answer):
        values = found.setdefault(tuple(row[name] for name in identity), {})
        for name, value in row.items():
            values.setdefault(name, []).append(repr(value))
    return {who: {name: sorted(each) for name, each in values.items()} for who, values in found.items()}


def shows(answers, slip, right, identity):
    """Whether an answer has all that is wrong in a slip's answer, of those whom it has: the slip may be named, too.

    Nobody is looked at of whom the two have not equally many rows.
    """
    for each, wrong, good in zip(answers, slip, right, strict=True):
        ours, theirs, true = (by_person(answer, identity) for answer in (each, wrong, good))
        if not (theirs.keys() - true.keys() <= ours.keys()) or (true.keys() - theirs.keys()) & ours.keys():
            return False
        for who in ours.keys() & theirs.keys() & true.keys():
            for name, values in theirs[who].items():
                if len(values) == len(ours[who][name]) and values not in (true[who][name], ours[who][name]):
                    return False
    return True


def one_column_noised(answers, column):
    draw = random.Random(2)
    return [Answer({**each.columns, column: [noised(value, draw) for value in each.columns[column]]}, each.labels)
            for each in answers]  # fmt: skip


def beyond_recognition(specification, answers, right, key):
    """A slip's answers of which, in every part, half is not there any more."""
    found = []
    for parts, answer, good, call in zip(
        parts_of(specification, answers, key), answers, right, range(len(key)), strict=True
    ):
        draw = random.Random(3)
        rows, who = rows_of(answer), parts.attempt.who
        for column, wrong in parts.columns.items():
            for each in sorted(wrong)[::2]:
                for row in wrong[each]:
                    rows[row][column] = noised(rows[row][column], draw)
        gone = set(sorted(parts.people.get("extra", ()))[::2])
        again, seen = set(sorted(parts.people.get("repeated", ()))[::2]), set()
        kept = []
        for row, each in zip(rows, who, strict=True):
            if each not in gone and not (each in again and each in seen):
                kept.append(row)
            seen.add(each)
        back = set(sorted(parts.people.get("missing", ()))[::2])
        hashed = Hashes(good, specification, salt(specification, call)).who
        kept += [row for row, each in zip(rows_of(good), hashed, strict=True) if each in back]
        if parts.order:
            kept.reverse()
        found.append(answer_of(kept, answer))
    return found


def in_other_forms(answers, ordered):
    """The same rows: columns turned round, a column more, another order of rows."""
    for each in answers:
        rows = rows_of(each)
        if not ordered:
            random.Random(4).shuffle(rows)
        turned = {name: [row[name] for row in rows] for name in reversed(each.columns)}
        yield Answer({"note": ["mine"] * each.rows, **turned}, each.labels)


def by_rule(answers, column, change):
    return [
        Answer({**each.columns, column: [None if value is None else change(value) for value in each.columns[column]]},
               each.labels)
        for each in answers
    ]  # fmt: skip


def numbers(specification):
    return [name for name in value_columns(specification) if specification["columns"][name] == "number"]
