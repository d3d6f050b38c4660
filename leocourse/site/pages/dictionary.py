"""Pages of the data dictionary and the changelog as MyST Markdown, from the schema and an extract.

Functions here return text and write nothing; :mod:`leocourse.site.build` puts the pages into the book. Tables are
raw HTML, because MyST reads tables of a thousand rows slowly; headings are Markdown, so that search, links
and the page's own contents find them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import duckdb

from leocourse.authoring.lessons import read_myst, title
from leocourse.schema.ddl import TERM_COLUMN, YEAR_COLUMN, quoted
from leocourse.schema.model import Field, Schema, Table
from leocourse.site.pages.faults import faults_of_fields
from leocourse.site.pages.markup import NOTICE, html, lifetime, pattern, prose, scrolling, span

DATABASES = {
    "npd_i2": "National Pupil Database",
    "lilr_i2": "Longitudinal individualised learner record",
    "hesa_i2": "Higher Education Statistics Agency",
    "ucas_i2": "UCAS",
    "leo_i2": "Tax, benefits and lookups",
}
FEW_CODES = 4
"""Code lists up to this length stand open; longer ones are folded."""
SUFFIX = re.compile(r"_[a-z]{0,3}\d\d$")
"""Term and year at the end of a column's name in a view, such as ``_spr11``."""


@dataclass(frozen=True)
class Filled:
    """What an extract holds of one table. ``missing`` has an entry for each field that is simulated:

    the share of NULLs in the years and terms in which the field was collected, or None without a row there.
    ``constant`` has the fields of which every value is the same.
    """

    rows: int
    missing: dict[str, float | None]
    constant: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Lesson:
    """A lesson of the book: its title, its address as seen from a generated page, and its code."""

    title: str
    href: str
    code: str


def filled_fields(schema: Schema, extract: Path) -> dict[str, Filled]:
    """Rows and missing shares of every table that the extract stores."""
    with duckdb.connect() as con:
        stored = [table for table in schema.tables.values() if any((extract / table.name).glob("*.parquet"))]
        return {table.name: _filled_fields_of(con, table, extract) for table in stored}


def _filled_fields_of(con: duckdb.DuckDBPyConnection, table: Table, extract: Path) -> Filled:
    files = (extract / table.name / "*.parquet").as_posix().replace("'", "''")
    source = f"read_parquet('{files}')"
    present = {row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    fields = [field for field in table.fields if field.name in present]
    by = [YEAR_COLUMN if YEAR_COLUMN in present else "NULL", TERM_COLUMN if TERM_COLUMN in present else "NULL"]
    counts = ", ".join(["count(*)", *(f"count({quoted(field.name)})" for field in fields)])
    groups = con.execute(f"SELECT {', '.join(by)}, {counts} FROM {source} GROUP BY ALL").fetchall()
    missing: dict[str, float | None] = {}
    for position, field in enumerate(fields, start=3):
        seen = [group for group in groups if field.available(group[0], group[0], group[1])]
        rows = sum(group[2] for group in seen)
        missing[field.name] = 1 - sum(group[position] for group in seen) / rows if rows else None
    ends = ", ".join(f"min({quoted(field.name)}) = max({quoted(field.name)})" for field in fields) or "NULL"
    same = con.execute(f"SELECT {ends} FROM {source}").fetchone()
    constant = frozenset(field.name for field, one in zip(fields, same, strict=False) if one)
    return Filled(rows=sum(group[2] for group in groups), missing=missing, constant=constant)


def read_lesson(page: Path, href: str) -> Lesson:
    """A lesson from its page: the title and the code cells, in lower case as SQL does not tell cases apart."""
    cells = read_myst(page.read_text(encoding="utf-8")).cells
    written = "\n".join(each.source for each in cells if each.cell_type == "markdown")
    code = "\n".join(each.source for each in cells if each.cell_type == "code")
    return Lesson(title(written, page.stem), href, code.lower())


def used_in(table: Table, lessons: Iterable[Lesson]) -> dict[str, list[Lesson]]:
    """The lessons that use each field: their code names a view of the table and the column.

    A year or a term may be a placeholder of an f-string, as in ``spring_census_{year}``.
    """
    views = "|".join(_with_years(entry["view"]) for entry in table.descriptor["leo:views"])
    uses: dict[str, list[Lesson]] = {}
    for lesson in lessons:
        if not re.search(rf"(?<!\w)(?:{views})(?!\w)", lesson.code):
            continue
        words = set(re.findall(r"\w+", lesson.code))
        bases = {SUFFIX.sub("", word).rstrip("_") for word in words}
        for field in table.fields:
            for column in field.templates():
                base = column.split("{", 1)[0].rstrip("_")
                if base in (words if base == column else bases):
                    uses.setdefault(field.name, []).append(lesson)
                    break
    return uses


def _with_years(view: str) -> str:
    return re.escape(view).replace(r"\{yyyy\}", r"(?:\d{4}|\{\w+\})")


# One page a table ----------------------------------------------------------------------------------


def table_page(table: Table, filled: Filled | None, lessons: Iterable[Lesson]) -> str:
    """The dictionary page of one table."""
    missing = filled.missing if filled else {}
    uses, struck = used_in(table, lessons), faults_of_fields(table)
    entries = {entry["name"]: entry for entry in table.descriptor["fields"]}
    simulated = [field for field in table.fields if field.name in missing]
    others = [field for field in table.fields if field.name not in missing]
    parts = [f"# {table.title}", NOTICE, prose(table.description), _facts(table, filled, len(simulated))]
    if simulated:
        parts.append("## Simulated fields")
        for section, fields in by_section(table, simulated):
            rows = "\n".join(
                _row(
                    table,
                    field,
                    entries[field.name],
                    missing,
                    uses,
                    field.name in filled.constant,
                    struck.get(field.name, ()),
                )
                for field in fields
            )
            parts += [f"### {section}", prose(sections(table).get(section, "")), html(_field_table(section, rows))]
    if others:
        parts.append("## Fields that are not simulated")
        parts.append("They have the right name and type in the views and are NULL in every row.")
        rows = []
        for section, fields in by_section(table, others):
            about = escape(sections(table).get(section, ""))
            heading = (
                f'<tr class="section"><th colspan="3" scope="colgroup">{escape(section)}<span>{about}</span></th></tr>'
            )
            rows += [heading, *(_row(table, field, entries[field.name], missing, uses) for field in fields)]
        parts.append(html(_field_table("Fields that are not simulated", "\n".join(rows), compact=True)))
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def sections(table: Table) -> dict[str, str]:
    """The sections of a table and what each is about."""
    return table.descriptor.get("leo:sections", {})


def by_section(table: Table, fields: Iterable[Field]) -> Iterator[tuple[str, list[Field]]]:
    """The fields section by section, in the order of the schema."""
    of = {entry["name"]: entry.get("leo:section", "Fields") for entry in table.descriptor["fields"]}
    grouped: dict[str, list[Field]] = {}
    for field in fields:
        grouped.setdefault(of[field.name], []).append(field)
    yield from grouped.items()


def _facts(table: Table, filled: Filled | None, simulated: int) -> str:
    """Database, views with their years, how much of the table is simulated, and how suffixes are read."""
    facts = {
        "Database": f"<code>{table.database}</code> ({escape(DATABASES.get(table.database, table.database))})",
        "Views": "<br>".join(_views(table)),
        "Rows": f"{filled.rows:,} in the lesson extract" if filled else "none: the table is not simulated",
        "Fields": f"{len(table.fields):,}, of which {simulated:,} are simulated",
        "In the request form": escape(table.dataset),
        "Names": _suffixes(table),
        "Names as delivered": _evidence(table),
    }
    rows = "\n".join(f'<tr><th scope="row">{name}</th><td>{fact}</td></tr>' for name, fact in facts.items() if fact)
    return html(scrolling(f"About {table.title}", f'<table class="leo-table facts"><tbody>\n{rows}\n</tbody></table>'))


def _evidence(table: Table) -> str:
    """Of how many fields the delivered name is known, and how."""
    best = [{each.evidence for each in field.delivered} for field in table.fields]
    proved = sum("published scripts" in each for each in best)
    pattern_only = sum(bool(each) and "published scripts" not in each for each in best)
    return (
        f"{proved:,} of {len(best):,} fields as published scripts read them, {pattern_only:,} by the pattern of those; "
        "of the others only the form's name is known"
    )


def _suffixes(table: Table) -> str:
    """How the term and the year in a column's name are read, with an example."""
    suffixed = next((field for field in table.fields if "{yy}" in field.column), None)
    if suffixed is None:
        return ""
    view = next(view for view in reversed(table.views) if suffixed.available(view.first, view.last, view.term))
    term = "<code>[term]</code> is <code>aut</code>, <code>spr</code> or <code>sum</code>; " if table.by_term else ""
    return (
        f"{term}<code>[yy]</code> is the year of the view: <code>{pattern(suffixed.template_in(view))}</code> is "
        f"<code>{suffixed.column_in(view)}</code> in <code>{view.name}</code>"
    )


def _views(table: Table) -> Iterator[str]:
    for entry in table.descriptor["leo:views"]:
        years, name = entry.get("years"), entry["view"].replace("{yyyy}", "[yyyy]")
        about = span(*years) if years else "all years"
        if years and "{yyyy}" in entry["view"] and not entry.get("grouped"):
            about += f": <code>[yyyy]</code> is {years[0]} to {years[1]}"
        if entry.get("except"):
            about += f", but not {', '.join(str(year) for year in entry['except'])}"
        yield f"<code>{escape(name)}</code>, {about}"


def _field_table(caption: str, rows: str, compact: bool = False) -> str:
    named = ("Field", "What it is", "Request") if compact else ("Field", "What it is", "Request", "Missing")
    heads = "".join(f'<th scope="col">{head}</th>' for head in named)
    kind = "fields compact" if compact else "fields"
    return scrolling(
        caption, f'<table class="leo-table {kind}"><thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>'
    )


def _row(
    table: Table, field: Field, entry: dict, missing: dict[str, float | None], uses: dict[str, list[Lesson]],
    constant: bool = False, planted: Iterable[str] = (),
) -> str:  # fmt: skip
    about = escape(entry.get("description", ""))  # without one of its own it is described with its section
    if entry.get("leo:note"):
        about += f" <em>{escape(entry['leo:note'])}</em>"
    about = f"{about} {_codes(field)}".strip()
    if field.name in uses:
        links = ", ".join(f'<a href="{escape(use.href)}">{escape(use.title)}</a>' for use in uses[field.name])
        about += f'<br><span class="used">Used in {links}.</span>'
    simulated = field.name in missing
    about += "".join(f'<br><span class="used">Planted: {escape(fault)}</span>' for fault in planted)
    when = _when(table, field) + ("" if simulated else "; not simulated")
    same = "<br><small>one value in all rows</small>" if constant else ""
    share = f"<td>{_share(missing[field.name])}{same}</td>" if simulated else ""
    return (
        f'<tr id="field-{escape(field.name)}"><th scope="row">{_names(field)}<br><small>{when}</small></th>'
        f"<td>{about}</td><td>{_request(entry)}</td>{share}</tr>"
    )


def _names(field: Field) -> str:
    """The delivered names with what is known of them, then the form's where they differ."""
    known: dict[tuple[str, str], set[int]] = {}
    for each in field.delivered:
        years = known.setdefault((each.column, each.evidence), set())
        years.update(year for first, last in each.years for year in range(first, last + 1))
    names = []
    for (column, evidence), years in known.items():
        when = f" in {', '.join(span(*run) for run in _runs(years))}" if years else ""
        names.append(f"<code>{escape(pattern(column))}</code> <small>delivered{when}: {evidence}</small>")
    delivered = {column for column, _ in known}
    label = "; request form" if known else ""
    form = [(field.column, "")]
    form += [(column, f"in {span(first, last)}") for first, last, column in field.columns_by_year]
    for column, when in form:
        if column not in delivered:
            about = f" <small>{f'{when}{label}'.removeprefix('; ')}</small>" if when or label else ""
            names.append(f"<code>{escape(pattern(column))}</code>{about}")
    return "<br>".join(names)


def _runs(years: Iterable[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for year in sorted(years):
        runs = [*runs[:-1], (runs[-1][0], year)] if runs and runs[-1][1] == year - 1 else [*runs, (year, year)]
    return runs


def _when(table: Table, field: Field) -> str:
    when = ", ".join(span(*years).replace(" to ", "–") for years in field.years) or "years not stated"
    terms = f", {', '.join(field.terms)} only" if table.by_term and field.terms else ""
    return f"{escape(field.sql_type)}, {when}{terms}"


def _codes(field: Field) -> str:
    if not field.categories:
        return ""
    codes = [f"<code>{escape(value)}</code> {escape(label)}" for value, label in field.categories]
    if len(codes) <= FEW_CODES and sum(len(label) for _, label in field.categories) <= 100:
        return f'<span class="codes">{"; ".join(codes)}</span>'
    return f'<details class="codes"><summary>{len(codes)} codes</summary>{"<br>".join(codes)}</details>'


def _request(entry: dict) -> str:
    group = entry.get("leo:group") or "not marked"
    if "leo:identifiability" not in entry:
        return group
    return f"{group}<br><small>group {entry['leo:identifiability']}{entry.get('leo:sensitivity', '')}</small>"


def _share(share: float | None) -> str:
    if share is None:
        return "no rows"
    # neither "0%" for a few nor "100%" for nearly all: such fields are not complete and not empty
    if 0 < share < 0.001 or 0.999 < share < 1:
        return "&lt; 0.1%" if share < 0.5 else "&gt; 99.9%"
    return f"{100 * share:.1f}%" if share not in (0, 1) else f"{100 * share:.0f}%"


# All tables ----------------------------------------------------------------------------------------


def overview_page(schema: Schema, filled: dict[str, Filled]) -> str:
    """The list of all tables by database, with a link to the page of each."""
    fields = sum(len(table.fields) for table in schema.tables.values())
    simulated = sum(len(each.missing) for each in filled.values())
    parts = [
        "# Data dictionary",
        NOTICE,
        f"{len(schema.tables)} tables with {fields:,} fields, of which {simulated:,} are simulated.\n"
        "[How to use the reference](../index.md) explains the columns.",
    ]
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Table", "Years", "Fields", "Simulated", "Rows"))
    for database in schema.databases:
        tables = [table for table in schema.tables.values() if table.database == database]
        rows = "\n".join(_overview_row(table, filled.get(table.name)) for table in tables)
        listed = f'<table class="leo-table cells"><thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>'
        parts.append(f"## {DATABASES.get(database, database)}: `{database}`")
        parts.append(html(scrolling(f"Tables of {database}", listed)))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _overview_row(table: Table, filled: Filled | None) -> str:
    first, last = lifetime(table)
    stored, rows = (len(filled.missing), filled.rows) if filled else (0, 0)
    name = f'<a href="{table.name}.html">{table.name}</a><br><small>{escape(table.title)}</small>'
    cells = (span(first, last) if first else "–", f"{len(table.fields):,}", f"{stored:,}", f"{rows:,}")
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
