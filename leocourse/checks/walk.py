"""Walks through one wrong person: the records, what the right rule makes of them, and what the answer made of them.

The records are read from the extract in use. What is right is shown of those whom the key has in plain, and of those
who should not be there; a key to mark on names no records, so there is no walk through an unseen extract.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from leocourse.checks.answer import Answer
from leocourse.checks.comparison import DIFFERS, Table, as_text, cut, table_html
from leocourse.checks.ladder import Attempt, known_rows, shown, shown_apart
from leocourse.checks.sketch import Parts
from leocourse.checks.words import LADDER, say

PEOPLE: int = LADDER["walk_people"]
"""The most people of a question who can be looked at, one after the other."""
ROWS: int = LADDER["walk_rows"]
"""The most records that are shown of a view."""
LEO = 'leo_i2."2005003".'
LOOKUPS = {
    "pmr": (f"{LEO}learner_ae_id_to_pmr_lookup", "pupilmatchingrefanonymous"),
    "edukey": (f"{LEO}learner_ae_id_to_edukey_lookup", "edukey"),
    "recordid": (f"{LEO}education_records_lookup", "recordid"),
}
"""Where each kind of key is joined to an AE_ID, and what it is called there."""
Fetch = Callable[[str], Answer]
"""Runs SQL on the extract in use."""


@dataclass(frozen=True)
class Section:
    """A part of a walk: a heading, perhaps a sentence, and perhaps a table."""

    heading: str
    text: str = ""
    table: Table = ()


@dataclass(frozen=True)
class Walk:
    """What is shown of one wrong person, or the line that says why there is nothing to show."""

    heading: str
    sections: tuple[Section, ...] = ()

    def of_call(self, arguments: str) -> Walk:
        """The same, with the arguments of the call that it is about."""
        return replace(self, heading=say("call", arguments=arguments, message=self.heading)) if arguments else self

    def __str__(self) -> str:
        lines = [self.heading]
        for each in self.sections:
            lines += ["", each.heading, *([f"  {each.text}"] if each.text else [])]
            lines += [f"  {line}" for line in as_text(each.table)]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The walk as a block of HTML, everything in it escaped."""
        parts = [f"<p><strong>{escape(self.heading)}</strong></p>"]
        for each in self.sections:
            if each.table:
                parts.append(table_html(each.table, each.heading))
            else:
                parts.append(f"<p><strong>{escape(each.heading)}</strong></p>")
            parts += [f"<p>{escape(each.text)}</p>"] if each.text else []
        style = "border-left:6px solid #5f6368;padding:.2em 1em;margin:.5em 0;overflow-x:auto"
        return f'<div role="group" aria-label="{escape(self.heading)}" style="{style}">{"".join(parts)}</div>'


@dataclass(frozen=True)
class _Person:
    """Somebody whose rows are wrong: by what the answer calls them, the rows that it has, and the right ones."""

    identity: dict[str, Any]
    mine: list[dict[str, Any]]
    right: list[dict[str, Any]] | None
    """The right rows; None if the key does not have them in plain."""


def kind_of(column: str) -> str | None:
    """Which key of a person or record a column holds, by its name: ``ae_id``, ``pmr``, ``edukey``, ``recordid``."""
    name = column.lower()
    if name in ("ae_id", "pmr", "edukey", "recordid"):
        return name
    return "pmr" if "pupilmatchingrefanonymous" in name else None


def walk(parts: Parts, entry: dict[str, Any], fetch: Fetch, number: int = 1) -> Walk:
    """The walk through the wrong person of this ``number``. After the last one the first comes again."""
    specification = parts.attempt.specification
    if not parts.comparable:
        return Walk(say("walk_not_compared", question=specification["name"], why=parts.found[0].message))
    people = _wrong_people(parts)
    if not people:
        found = parts.found[0].message
        return Walk(say("walk_nobody", question=specification["name"], why=found))
    at = (number - 1) % len(people)
    person = people[at]
    whom = ", ".join(f"{name} {shown(value)}" for name, value in person.identity.items()) or say("row", number=1)
    heading = say("walk", number=at + 1, of=len(people), question=specification["name"], whom=whom)
    mine, right = _beside(specification, person)
    return Walk(heading, (*_records(specification, entry, person, fetch), right, mine))


def _wrong_people(parts: Parts) -> list[_Person]:
    """Whom there is to show: first those of whom it is known what is right, each kind of fault in turn."""
    attempt = parts.attempt
    known, found = known_rows(attempt), []
    faults = [each for each in parts.found if each.step in ("values", "people", "nothing", "repeated_rows")]
    kinds: list[list[int]] = []
    for each in faults:
        rows = [each.shown, *each.rows] if each.shown is not None else [*each.rows]
        kinds.append([attempt.who[row] for row in rows])
        kinds.append([who for who in known if who in each.absent])
        kinds.append(sorted(who for who in _named(attempt, each.absent)))
    certain = {*known, *parts.people.get("extra", ())}
    for sure in (True, False):
        left = [list(dict.fromkeys(who for who in kind if (who in certain) is sure))[:PEOPLE] for kind in kinds]
        found += [who for turn in range(PEOPLE) for kind in left for who in kind[turn : turn + 1]]
    return [_person(attempt, who) for who in list(dict.fromkeys(found))[:PEOPLE]]


def _named(attempt: Attempt, absent: frozenset[int]) -> dict[int, dict[str, Any]]:
    """Those who are missing, as far as the candidates name them."""
    names, source = attempt.specification["identity"], attempt.candidates
    return {each: {name: source.columns[name][row] for name in names}
            for row, each in enumerate(attempt.candidates_who if absent else []) if each in absent}  # fmt: skip


def _person(attempt: Attempt, who: int) -> _Person:
    columns = attempt.specification["columns"]
    mine = [{name: attempt.answer.columns[name][row] for name in columns}
            for row, each in enumerate(attempt.who) if each == who]  # fmt: skip
    example = known_rows(attempt).get(who)
    right = [example] if example else [] if who not in attempt.expected_who else None
    source = (mine or right or [None])[0] or _named(attempt, frozenset([who]))[who]
    return _Person({name: source[name] for name in attempt.specification["identity"]}, mine, right)


def _beside(specification: dict[str, Any], person: _Person) -> tuple[Section, Section]:
    """The rows of the answer, and the right ones; what differs in the answer's has the sign."""
    names = list(specification["columns"])
    right = person.right[0] if person.right else {}
    mine, expected = [], {name: shown(value) for name, value in right.items()}
    for row in person.mine[:ROWS]:
        cells = []
        for name in names:
            differs = name in right and not _alike(specification, name, row[name], right[name])
            text, wanted = shown_apart(row[name], right[name]) if differs else (shown(row[name]), expected.get(name))
            expected |= {name: wanted} if differs else {}
            cells.append(f"{DIFFERS} {cut(text)}" if differs else cut(text))
        mine.append(tuple(cells))
    head = tuple(names)
    yours = say("walk_mine")
    many = say("walk_many", rows=len(person.mine)) if person.right and len(person.mine) > 1 else ""
    given = Section(yours, many, (head, *mine)) if mine else Section(yours, say("walk_no_row"))
    if person.right is None:
        return given, Section(say("walk_right"), say("walk_not_known"))
    if not person.right:
        return given, Section(say("walk_right"), say("walk_should_not"))
    return given, Section(say("walk_right"), "", (head, tuple(cut(expected[name]) for name in names)))


def _alike(specification: dict[str, Any], name: str, mine: Any, right: Any) -> bool:
    """Whether a value counts as the right one, as far as a reader can see."""
    tolerance = specification["tolerance"].get(name, 0)
    if isinstance(mine, int | float) and isinstance(right, int | float):
        return abs(mine - right) <= max(tolerance, 1e-8 * abs(right))
    return bool(mine == right)


def _records(specification: dict[str, Any], entry: dict[str, Any], person: _Person, fetch: Fetch) -> list[Section]:
    """The raw records, a section for each view that has any, and a line for those that have none."""
    column = next((name for name in specification["identity"] if kind_of(name)), None)
    made = entry.get("records") or []
    if column is None or not made or person.identity[column] is None:
        sentence = "walk_figure" if specification["labels"] else "walk_group" if column is None else "walk_no_views"
        return [Section(say("walk_records"), say(sentence, unit=specification["unit"]))]
    sections, without = [], []
    for each in made:
        found = fetch(records_sql(each, kind_of(column) or "", person.identity[column]))
        name = each["view"].rsplit(".", 1)[1]
        if not found.rows:
            without.append(name)
            continue
        more = say("walk_more", rows=ROWS) if found.rows > ROWS else ""
        rows = [tuple(cut(shown(found.columns[each][row])) for each in found.columns)
                for row in range(min(found.rows, ROWS))]  # fmt: skip
        sections.append(Section(say("walk_view", view=name), more, (tuple(found.columns), *rows)))
    if without:
        sections.append(Section(say("walk_without"), ", ".join(without)))
    return sections


def records_sql(made: dict[str, Any], kind: str, value: Any) -> str:
    """The SQL for the records of a person in a view, one more than is shown, by the person's key of this kind."""
    text = "'" + str(value).replace("'", "''") + "'"
    by = kind_of(made["by"]) or ""
    table, key = LOOKUPS.get(kind, ("", ""))
    whose = f"ae_id IN (SELECT ae_id FROM {table} WHERE CAST({key} AS VARCHAR) = {text})"
    whose = f"CAST(ae_id AS VARCHAR) = {text}" if kind == "ae_id" else whose
    if by == kind:
        where = f'CAST("{made["by"]}" AS VARCHAR) = {text}'
    elif by == "ae_id":
        where = whose
    else:
        table, key = LOOKUPS[by]
        where = f'"{made["by"]}" IN (SELECT {key} FROM {table} WHERE {whose})'
    listed = ", ".join(f'"{each}"' for each in made["columns"])
    return f"SELECT {listed} FROM {made['view']} WHERE {where} ORDER BY ALL LIMIT {ROWS + 1}"
