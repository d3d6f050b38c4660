"""The examples of a measure: a few rows in, a few rows out, written by hand in ``<name>.example.md`` beside it.

A file holds one case or more. Each is a heading, a sentence or two on what it shows, and tables::

    # Pay under two keys is one person's pay

    Person 1 was paid under two keys.

    With `prices_of=201718`:

    In `leo_earnings`:

    | edukey | taxyear | earnings |
    | ------ | ------- | -------- |
    | K1a    | 201011  | 9000     |
    | K1b    | 201011  | 3000     |

    Out:

    | ae_id | tax_year | earnings |
    | ----- | -------- | -------- |
    | 1     | 201011   | 12000    |

- ``In`` names a view, or a table as ``reference.areas``. Only the columns that matter are given; the others, and
  an empty cell, are missing. Views that the measure reads and the case leaves out are there and empty.
- A view of many years is written as in the SQL, ``spring_census_{yyyy}`` with columns such as
  ``fsmeligible_spr{yy}``; its first column, ``{yyyy}``, says to which year's view a row belongs.
- ``P1``, ``K1`` and the record ``1`` are a PMR, an EDUKEY and a RECORDID of person 1, and so are ``P1a`` and ``K1b``,
  unless the case gives the lookup itself. A key of another form leads to nobody.
- ``With`` gives parameters, as ``leo measure --param`` takes them. Without it they have their defaults.
- A case without ``In`` has the rows of the case before it.
- ``Out`` has the key of the measure and the columns that the case is about, and every row; after
  ``Out, among others:`` come some rows of a long table. A fraction holds if it is right to the digits that are
  written, a whole number if it is right.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache

import duckdb

from leocourse.core.errors import LeoError
from leocourse.measures import model
from leocourse.measures.broken import near
from leocourse.measures.model import COMMENT, PROJECT, VIEW, Measure, for_year, load, plan, render
from leocourse.measures.run import load_public
from leocourse.measures.run import measure as compute
from leocourse.measures.stack import stored_names
from leocourse.schema.ddl import quoted, view_sql
from leocourse.schema.model import View, load_schema

KEYS = {
    "pupilmatchingrefanonymous": ("learner_ae_id_to_pmr_lookup", re.compile(r"P(\d+)[a-z]?")),
    "edukey": ("learner_ae_id_to_edukey_lookup", re.compile(r"K(\d+)[a-z]?")),
    "recordid": ("education_records_lookup", re.compile(r"(\d+)")),
}
"""The end of a key's name, the lookup that leads to its person, and how a key is written in an example."""
GIVEN = re.compile(r"In `([^`]+)`:")
WITH = re.compile(r"With ((?:`[^`]+`(?:, | and )?)+):")
OUT, SOME = "Out:", "Out, among others:"
LABEL = re.compile(r"(?:In|With) `|Out[:,]")
RULE = re.compile(r":?-+:?")
YEAR = "{yyyy}"
NO_ROW = ["(no row)"]


@dataclass(frozen=True)
class Rows:
    """A table of an example. ``line`` is that of its heads in the file; an empty cell is a missing value."""

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    line: int

    def by_view(self) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...], int]]:
        """Name of the view, columns, cells and line in the file of each row."""
        for at, row in enumerate(self.rows, self.line + 2):
            if self.heads[0] == YEAR:
                year, *cells = row
                heads = (for_year(head, int(year)) for head in self.heads[1:])
                yield for_year(self.name, int(year)), tuple(heads), tuple(cells), at
            else:
                yield self.name, self.heads, row, at


@dataclass(frozen=True)
class Case:
    """One example of a measure.

    ``same_rows``: it has the rows of the case before it. ``some``: the measure has other rows than those of ``out``.
    """

    measure: str
    title: str
    text: str
    given: tuple[Rows, ...]
    out: Rows
    parameters: tuple[str, ...] = ()
    same_rows: bool = False
    some: bool = False
    line: int = 1

    @property
    def values(self) -> Mapping[str, object]:
        """Every parameter of the measure with its value in this case. Raises LeoError."""
        return load(self.measure).values(load(self.measure).parse(self.parameters))


def file_of(of: Measure) -> str:
    """The name of the file of a measure's examples, from the folder of the measures."""
    return f"{of.group}/{of.name}.example.md"


def error(of: str, line: int, says: str) -> LeoError:
    """An error that names file and line."""
    return LeoError(f"measures/{file_of(load(of))}, line {line}: {says}")


@cache
def cases(name: str) -> tuple[Case, ...]:
    """The examples of a measure, in the order of its file. Raises LeoError with file and line."""
    of = load(name)
    path = model.FOLDER / file_of(of)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as why:
        raise LeoError(f"Measure '{name}' has no example that can be read: write measures/{file_of(of)}.") from why
    found: list[Case] = []
    for line, lines in _sections(name, text):
        case = _case(name, line, lines, found[-1] if found else None)
        if case.title in [each.title for each in found]:
            raise error(name, line, f"there is a case '{case.title}' already.")
        found.append(case)
    if not found:
        raise error(name, 1, "there is no case: a case begins with '# ' and its title.")
    return tuple(found)


# Reading ---------------------------------------------------------------------------------------------


def _sections(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each case's first line and its lines."""
    lines = [line.rstrip() for line in text.splitlines()]
    starts = [at for at, line in enumerate(lines) if line.startswith("# ")]
    if not starts:
        return
    before = [at for at, line in enumerate(lines[: starts[0]]) if line]
    if before:
        raise error(name, before[0] + 1, "text before the first case: a case begins with '# ' and its title.")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield start + 1, lines[start:end]


def _case(name: str, line: int, lines: list[str], before: Case | None) -> Case:
    text: list[str] = []
    parameters: tuple[str, ...] = ()
    tables: list[Rows] = []
    label, some = "", False
    for at, each in enumerate(lines[1:], line + 1):
        if each.startswith("|"):
            if at == line + 1 or not lines[at - line - 1].startswith("|"):
                if not label:
                    raise error(name, at, "a table needs a line 'In `view`:' or 'Out:' above it.")
                tables.append(_table(name, label, lines[at - line :], at))
                label = ""
        elif found := GIVEN.fullmatch(each):
            label = found[1]
        elif found := WITH.fullmatch(each):
            parameters += tuple(re.findall(r"`([^`]+)`", found[1]))
        elif each in (OUT, SOME):
            label, some = "Out", each == SOME
        elif LABEL.match(each):
            raise error(name, at, "a label is 'In `view`:', 'With `name=value`:', 'Out:' or 'Out, among others:'.")
        elif each:
            text.append(each)
    return _checked(name, line, lines[0][2:], text, parameters, tables, before, some)


def _checked(
    name: str, line: int, title: str, text: list[str], parameters: tuple[str, ...], tables: list[Rows],
    before: Case | None, some: bool,
) -> Case:  # fmt: skip
    outs = [each for each in tables if each.name == "Out"]
    given = tuple(each for each in tables if each.name != "Out")
    if not text:
        raise error(name, line, "say in a sentence what the case shows.")
    if len(outs) != 1:
        raise error(name, line, f"a case has one table after 'Out:', not {len(outs)}.")
    columns = [column.name for column in load(name).columns]
    for head in outs[0].heads:
        if head not in columns:
            raise error(name, outs[0].line, f"the measure has no column {head}{near(head, columns)}.")
    for key in load(name).key:
        if key not in outs[0].heads:
            raise error(name, outs[0].line, f"Out needs {key}, which is in the key of the measure.")
    key = [
        tuple(dict(zip(outs[0].heads, row, strict=True))[column] for column in load(name).key) for row in outs[0].rows
    ]
    if len(set(key)) < len(key):
        raise error(name, outs[0].line, f"two rows of Out have the same {', '.join(load(name).key)}.")
    try:
        load(name).parse(parameters)
    except LeoError as why:
        raise error(name, line, str(why)) from None
    same = not given and before is not None
    return Case(name, title, " ".join(text), before.given if same else given, outs[0], parameters, same, some, line)


def _table(name: str, label: str, lines: list[str], at: int) -> Rows:
    """The table that begins with the first of ``lines``."""
    until = next((place for place, line in enumerate(lines) if not line.startswith("|")), len(lines))
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[:until]]
    heads, *rest = cells
    if not rest or not all(RULE.fullmatch(cell) for cell in rest[0]):
        raise error(name, at + 1, "a table has a line of dashes under its heads.")
    for place, row in enumerate(rest):
        if len(row) != len(heads):
            raise error(name, at + 1 + place, f"{len(row)} cells under {len(heads)} heads.")
    if len(set(heads)) < len(heads):
        raise error(name, at, "two columns have the same head.")
    if (YEAR in label or "{" in "".join(heads)) and heads[0] != YEAR:
        raise error(name, at, f"a view of many years needs {YEAR} as its first column.")
    if heads[0] == YEAR:
        for place, row in enumerate(rest[1:], at + 2):
            if not re.fullmatch(r"\d{4}", row[0]):
                raise error(name, place, f"'{row[0]}' is not a year, such as 2011.")
    return Rows(label, heads, tuple(rest[1:]), at)


# Computing -------------------------------------------------------------------------------------------


@cache
def _by_name() -> dict[str, View]:
    return {view.name: view for view in load_schema().views()}


def open_views(
    views: Iterable[View], filled: Collection[str] = (), columns: Collection[str] | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection on which :func:`leocourse.measure` works: these views, empty, under their real names and types.

    Those in ``filled`` are tables, so that rows can be put in. ``columns`` leaves out others, which is much quicker.
    """
    con = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False, "threads": 1})
    views = list(views)
    for database in dict.fromkeys(view.database for view in views):
        con.execute(f"ATTACH ':memory:' AS {database}; CREATE SCHEMA {database}.\"{PROJECT}\"")
    for view in views:
        table = load_schema()[view.table]
        if columns is not None:
            read = [field for field in table.fields if field.column_in(view).lower() in columns]
            table = replace(table, fields=tuple(read) or table.fields[:1])
        sql = view_sql(table, view, set()).replace("${project}", PROJECT)
        con.execute("CREATE TABLE" + sql.removeprefix("CREATE VIEW") if view.name in filled else sql)
    con.execute("CREATE SCHEMA course")
    con.execute("CREATE TABLE course.extract AS SELECT '' AS folder, ? AS project", [PROJECT])
    return con


def sql_of(name: str, values: Mapping[str, object] | None = None) -> str:
    """The SQL of a measure and of all that it reads, without comments."""
    return COMMENT.sub("", "\n".join(render(step, given) for step, given, _ in plan(name, values)))


def views_in(sql: str) -> list[View]:
    """The views of the extract that SQL reads, each once. Names that are no view are left out."""
    return [_by_name()[view] for _, view in dict.fromkeys(VIEW.findall(sql)) if view in _by_name()]


def open_case(case: Case) -> duckdb.DuckDBPyConnection:
    """A connection that holds the rows of a case and nothing else. Raises LeoError with file and line."""
    sql = sql_of(case.measure, case.values)
    read = {view.name: view for view in views_in(sql)}
    public = {f"reference.{table}" for step, _, _ in plan(case.measure, case.values) for table in step.public}
    rows: dict[str, list[tuple[tuple[str, ...], tuple[str, ...], int]]] = {}
    for table in case.given:
        for view, heads, cells, line in table.by_view():
            if view not in read and view not in public:
                raise error(case.measure, line, f"the measure does not read {view}{near(view, [*read, *public])}.")
            rows.setdefault(view, []).append((heads, cells, line))
    for lookup, found in _lookups(case, read).items():
        rows.setdefault(lookup, []).extend(found)
    columns = set(re.findall(r"\w+", sql.lower()))
    con = open_views(read.values(), rows, columns)
    for table, found in rows.items():
        if table in read:
            known = {head for head in stored_names(read[table]) if head in columns}
            _fill(con, case, f'{read[table].database}."{PROJECT}".{quoted(table)}', sorted(known), found)
        else:
            load_public(con, table.removeprefix("reference."))
            con.execute(f"DELETE FROM {table}")
            _fill(con, case, table, [name for name, *_ in con.execute(f"DESCRIBE {table}").fetchall()], found)
    return con


def _lookups(case: Case, read: Mapping[str, View]) -> dict[str, list]:
    """The rows of each lookup that the case does not give, from the keys that it names."""
    there = {table.name for table in case.given}
    pairs: dict[str, dict[str, int]] = {}
    for table in case.given:
        for view, heads, cells, _ in table.by_view():
            stored = stored_names(read[view]) if view in read else {}
            for head, cell in zip(heads, cells, strict=True):
                for ending, (lookup, written) in KEYS.items():
                    found = written.fullmatch(cell)
                    if found and lookup in read and lookup not in there and stored.get(head, "").endswith(ending):
                        pairs.setdefault(lookup, {})[cell] = int(found[1])
    columns = {lookup: ending for ending, (lookup, _) in KEYS.items()}
    return {
        lookup: [((columns[lookup], "ae_id"), (key, str(person)), case.line) for key, person in found.items()]
        for lookup, found in pairs.items()
    }


def _fill(con: duckdb.DuckDBPyConnection, case: Case, table: str, known: list[str], rows: list) -> None:
    """Put the rows of a case into a table. ``known`` are the columns that the measure can read."""
    for heads, cells, line in rows:
        for head in heads:
            if head not in known:
                name = table.replace('"', "").split(".")[-1]
                raise error(case.measure, line, f"the measure reads no column {head} of {name}{near(head, known)}.")
        columns, marks = ", ".join(map(quoted, heads)), ", ".join("?" * len(heads))
        try:
            con.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", [cell or None for cell in cells])
        except duckdb.Error as why:
            raise error(case.measure, line, str(why).splitlines()[0]) from None


# Comparing -------------------------------------------------------------------------------------------


def difference(case: Case) -> str:
    """Expected and actual rows side by side, those that differ marked; empty if they agree.

    Raises LeoError if the example or the SQL of a measure is broken.
    """
    with open_case(case) as con:
        rows = compute(con, case.measure, **case.values)
        found = [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]
    heads, key = case.out.heads, load(case.measure).key
    expected = {tuple(dict(zip(heads, row, strict=True))[column] for column in key): row for row in case.out.rows}
    actual = {tuple(_text(row[column]) for column in key): [row[head] for head in heads] for row in found}
    lines = []
    for each in sorted(set(expected) if case.some else {*expected, *actual}, key=_in_order):
        wanted, came = expected.get(each), actual.get(each)
        agree = wanted is not None and came is not None and all(map(_agrees, wanted, came))
        shown = [_shown(value) for value in came] if came else NO_ROW
        lines.append(("" if agree else "x", list(wanted) if wanted else NO_ROW, shown))
    if not any(mark for mark, *_ in lines):
        return ""
    return _side_by_side(case, lines)


def _side_by_side(case: Case, lines: list[tuple[str, list[str], list[str]]]) -> str:
    heads = list(case.out.heads)
    both = [("", heads, heads), *lines]
    whole = [row for _, *pair in both for row in pair if row != NO_ROW]
    wide = [max(len(row[at]) for row in whole) for at in range(len(heads))]
    total = max(sum(wide) + 2 * (len(wide) - 1), len(NO_ROW[0]))

    def written(row: list[str]) -> str:
        cells = row if row == NO_ROW else [cell.ljust(width) for cell, width in zip(row, wide, strict=True)]
        return "  ".join(cells).ljust(total)

    table = [f"{mark:1} {written(wanted)} | {written(came)}".rstrip() for mark, wanted, came in both]
    return "\n".join(
        [
            f"Measure {case.measure}, '{case.title}' (measures/{file_of(load(case.measure))}, line {case.line}):",
            f"  {'expected'.ljust(total)} | came out",
            *table,
        ]
    )


def _agrees(wanted: str, came: object) -> bool:
    """Whether a value is the one that is written; a fraction to the digits that are written."""
    if came is None or not wanted:
        return came is None and not wanted
    if isinstance(came, float | Decimal):
        try:
            number = Decimal(wanted)
        except ArithmeticError:
            return False
        digits = number.as_tuple().exponent
        off = abs(Decimal(str(came)) - number)
        return off <= (Decimal("0.5000001").scaleb(digits) if digits < 0 else Decimal("0.000001"))
    return _text(came) == wanted


def _text(value: object) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def _shown(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else _text(value)


def _in_order(key: tuple[str, ...]) -> list[tuple[float, str]]:
    return [(float(part), "") if re.fullmatch(r"\d+(\.\d+)?", part) else (0.0, part) for part in key]
