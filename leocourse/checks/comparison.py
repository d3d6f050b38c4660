"""A small table of rows of a wrong answer: what it has, beside what is expected where the key knows that.

The first line of a table is its head. A cell that differs begins with a sign, so that no colour is needed.
"""

from __future__ import annotations

from html import escape
from itertools import chain, zip_longest

from leocourse.checks.ladder import Attempt, Finding, known_rows, shown, shown_apart
from leocourse.checks.words import LADDER, say

Table = tuple[tuple[str, ...], ...]
"""The head, then up to ``ROWS`` rows."""
ROWS, VALUES, WIDTH = LADDER["table_rows"], LADDER["table_values"], 60
"""The most rows, columns of values, and characters of a cell."""
DIFFERS = LADDER["differs"]
"""What a cell begins with that is not as expected."""


def compared(attempt: Attempt, found: list[Finding], unseen: bool = False) -> Table:
    """The table of an answer with these findings; empty if there is nothing to show.

    On an ``unseen`` extract it has only what the messages say too: one row for each column that is wrong.
    """
    wrong = [each for each in found if each.step == "values"]
    columns = [each.part[1:] for each in wrong] or attempt.values_asked
    picked = [(each.shown, None) for each in wrong if each.shown is not None] if unseen else _picked(attempt, found)
    columns, picked = columns[:VALUES], list(dict.fromkeys(picked))[:ROWS]
    if not picked or (unseen and not wrong):
        return ()
    head = [*attempt.specification["identity"]]
    head += chain.from_iterable((say("yours", column=each), say("expected", column=each)) for each in columns)
    rows = [_row(attempt, found, columns, row, absent, unseen) for row, absent in picked]
    return (tuple(head), *rows)


def _picked(attempt: Attempt, found: list[Finding]) -> list[tuple[int | None, int | None]]:
    """Rows of the answer, or whom it has none about, from each kind of finding in turn; known ones first."""
    known, kinds = known_rows(attempt), []
    for each in found:
        if each.step not in ("values", "people", "nothing", "repeated_rows"):
            continue
        first = [] if each.shown is None else [each.shown]
        rows = [*first, *sorted(each.rows, key=lambda row: attempt.who[row] not in known)]
        if each.part == "repeated" and rows:
            rows = [row for row in each.rows if attempt.who[row] == attempt.who[rows[0]]]
        kinds.append([(row, None) for row in dict.fromkeys(rows)][:ROWS])
        kinds.append([(None, who) for who in known if who in each.absent][:ROWS])
    return [each for turn in zip_longest(*kinds) for each in turn if each is not None]


def _row(
    attempt: Attempt, found: list[Finding], columns: list[str], row: int | None, absent: int | None, unseen: bool
) -> tuple[str, ...]:
    """The cells of one row: identity, then each column as it is and as it should be."""
    who = attempt.who[row] if row is not None else absent
    example = {} if unseen else known_rows(attempt).get(who, {})
    identity = attempt.specification["identity"]
    mine = {name: values[row] for name, values in attempt.answer.columns.items()} if row is not None else {}
    cells = [cut(shown(mine.get(name, example.get(name)))) for name in identity]
    extra = row is not None and who not in attempt.expected_who
    repeated = any(each.part == "repeated" and row in each.rows for each in found)
    for column in columns:
        said = next((each for each in found if each.part == f"={column}"), None)
        if row is None:
            cells += [f"{DIFFERS} {say('no_row')}", cut(shown(example.get(column)))]
        elif extra or (repeated and not (said and row in said.rows)):
            cells += [f"{DIFFERS} {cut(shown(mine[column]))}", say("no_row" if extra else "one_row")]
        else:
            cells += _pair(mine[column], column, example, said, row, unseen)
    return tuple(cells)


def _pair(
    got: object, column: str, example: dict[str, object], said: Finding | None, row: int, unseen: bool
) -> list[str]:
    """What is there and what is expected, the first with the sign if it is wrong."""
    if unseen and (said is None or said.shown != row):
        return ["", ""]
    differs = said is not None and row in said.rows
    found_out = list(said.expected) if said and said.shown == row else []
    expected = [example[column]] if column in example else found_out
    if not differs:
        return [cut(shown(got))] * 2  # it counts as right, whatever the last digits are
    mine, right = (shown(got), say("not_known")) if not expected else shown_apart(got, expected[0])
    return [f"{DIFFERS} {cut(mine)}", cut(right)]


def cut(text: str) -> str:
    """A cell in one line of bearable width."""
    return " ".join(text.split())[:WIDTH]


def as_text(table: Table) -> list[str]:
    """The lines of a table, its columns under each other."""
    widths = [max(map(len, each)) for each in zip(*table, strict=True)] if table else []
    return [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def as_html(table: Table) -> str:
    """The table as HTML, with the caption that says what the sign is; empty if there is none."""
    return table_html(table, say("table")) if table else ""


def table_html(table: Table, caption: str) -> str:
    """A table as HTML, everything in it escaped; cells that differ are bold besides their sign."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in table[0])
    rows = "".join(f"<tr>{''.join(_cell(each) for each in row)}</tr>" for row in table[1:])
    return (f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{rows}</tbody></table>")  # fmt: skip


def _cell(text: str) -> str:
    words = escape(text)
    return f"<td><strong>{words}</strong></td>" if text.startswith(DIFFERS) else f"<td>{words}</td>"
