"""Diagrams of the extract as inline SVG with a text alternative: keys by database, the linking spine, coverage.

Drawn with plain arithmetic: no layout program is needed. Colours are the page's own (``currentColor`` and the
variables of ``leo.css``), so a diagram reads in light and in dark mode; no meaning rests on colour alone.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from leocourse.schema.dictionary import (
    DATABASES,
    LAST_YEAR,
    NOTICE,
    academic_year,
    html,
    literal,
    pattern,
    scrolling,
)
from leocourse.schema.model import Schema, Table

KEYS = {  # what a key stands for, and how the stored columns that hold it are called
    "pupil": re.compile(r"(?:\w+_)?pupilmatchingrefanonymous"),
    "person": re.compile(r"ae_id"),
    "outcomes key": re.compile(r"edukey"),
    "education record": re.compile(r"recordid"),
    "learner in a year": re.compile(r"external_id"),
    "learning aim": re.compile(r"learning_aim_id|learnaimref|(?:\w+_)?learning_aim_reference"),
    "enterprise": re.compile(r"entkey|main_enterprise"),
    "school": re.compile(r"(?:\w+?_)?(?<!prevy11_)(?<!prevy10_)laestab_anon|ypmad_main_inst_laestab_code_anon"),
}
FIRST_CENSUS = 2002
"""The pupil-level census begins with 2001/02."""
WIDTH = 680


# Parts of a drawing --------------------------------------------------------------------------------


def svg(name: str, title: str, description: str, width: int, height: int, marks: Iterable[str]) -> str:
    """An SVG that screen readers announce with its title and description."""
    return (
        f'<svg class="leo-diagram" role="img" aria-labelledby="{name}-title {name}-description" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg">\n'
        f'<title id="{name}-title">{escape(title)}</title>\n'
        f'<desc id="{name}-description">{escape(description)}</desc>\n' + "\n".join(marks) + "\n</svg>"
    )


def text(x: int, y: int, content: str, kind: str = "", anchor: str = "") -> str:
    """A line of text whose baseline starts at x, y."""
    placed = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x}" y="{y}" class="{kind or "plain"}"{placed}>{escape(content)}</text>'


def box(x: int, y: int, width: int, height: int, kind: str = "leo-card") -> str:
    """A rectangle with round corners."""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" class="{kind}"/>'


def line(x1: int, y1: int, x2: int, y2: int, kind: str = "link") -> str:
    """A straight line."""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="{kind}"/>'


def table_html(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """A plain table that scrolls; cells are HTML already, the first of a row is its heading."""
    head = "".join(f'<th scope="col">{cell}</th>' for cell in heads)
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in rows
    )
    return scrolling(
        caption,
        f'<table class="leo-table{kind and " " + kind}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>",
    )


# Keys of a database --------------------------------------------------------------------------------


def keys_of(table: Table) -> dict[str, str]:
    """The keys that a table holds: what each stands for, and its column."""
    found: dict[str, str] = {}
    for field in table.fields:
        for kind, named in KEYS.items():
            if kind not in found and named.fullmatch(field.name):
                found[kind] = pattern(field.column)
    return found


def keys_diagram(schema: Schema, database: str) -> str:
    """The tables of a database as cards, and each key as an upright line with a dot where a table holds it."""
    tables = [table for table in schema.tables.values() if table.database == database]
    held = {table.name: keys_of(table) for table in tables}
    kinds = [kind for kind in KEYS if any(kind in keys for keys in held.values())]
    left, top, step, height = 20 + 34 * len(kinds), 20 + 20 * len(kinds), 66, 56
    bottom = top + step * len(tables)
    marks = []
    for position, kind in enumerate(kinds):
        x, y = 20 + 34 * position, 16 + 20 * position
        last = max(i for i, table in enumerate(tables) if kind in held[table.name])
        marks += [line(x, y, x, top + step * last + height // 2, "rail"), text(x + 8, y + 4, kind, "rail-name")]
    for position, table in enumerate(tables):
        y = top + step * position
        for kind in held[table.name]:
            x = 20 + 34 * kinds.index(kind)
            marks += [line(x, y + 28, left, y + 28), f'<circle cx="{x}" cy="{y + 28}" r="5" class="dot"/>']
        columns = ", ".join(held[table.name].values()) or "no key in the request form"
        marks += [
            box(left, y, WIDTH - left - 4, height),
            text(left + 12, y + 18, table.name, "name"),
            text(left + 12, y + 33, f"{table.title}; {len(table.fields):,} fields"),
            text(left + 12, y + 48, columns, "code"),
        ]
    title = f"Tables and keys of {database}"
    description = (
        f"{len(tables)} tables; lines run from each key to the tables that hold it. The table below says the same."
    )
    return svg(f"keys-{database}", title, description, WIDTH, bottom, marks)


def keys_table(schema: Schema, database: str) -> str:
    """The same in words: the tables of a database, their keys and the tables that share one."""
    tables = [table for table in schema.tables.values() if table.database == database]
    rows = []
    for table in tables:
        keys = keys_of(table)
        named = "<br>".join(f"{kind}: <code>{escape(column)}</code>" for kind, column in keys.items())
        one = next((part for part in re.split(r"(?<=\.) ", table.description) if part.startswith("One row")), "")
        rows.append(
            (
                f'<a href="{table.name}.html">{table.name}</a>',
                escape(one),
                named or "none in the request form",
                _joins(table),
            )
        )
    return table_html(f"Tables and keys of {database}", ("Table", "One row", "Keys", "Joins to"), rows)


def _joins(table: Table) -> str:
    """The tables to which the foreign keys of the schema lead, with the columns there."""
    keys = [*table.descriptor.get("foreignKeys", ()), *table.descriptor.get("leo:foreignKeys", ())]
    found = []
    for key in keys:
        target, columns = key["reference"]["resource"], ", ".join(key["reference"]["fields"])
        found.append(f'<a href="{target}.html">{target}</a> on <code>{escape(columns)}</code>')
    return "<br>".join(dict.fromkeys(found)) or "–"


# The spine -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A stop on the way from education to outcomes: what it is called, its key, and its tables."""

    name: str
    key: str
    tables: tuple[str, ...]


def spine(schema: Schema) -> tuple[Step, Step, Step, Step, Step, Step]:
    """Pupils, further education, the two lookups to the person, the lookup to the outcomes key, the outcomes."""

    def holding(kind: str, databases: Iterable[str]) -> tuple[str, ...]:
        return tuple(t.name for t in schema.tables.values() if t.database in databases and kind in keys_of(t))

    lookups = ("learner_ae_id_to_pmr_lookup", "education_records_lookup", "learner_ae_id_to_edukey_lookup")
    outcomes = tuple(name for name in holding("outcomes key", ["leo_i2"]) if name not in lookups)
    return (
        Step("School, UCAS and HESA", "PMR", holding("pupil", ["npd_i2", "ucas_i2", "hesa_i2"])),
        Step("Further education", "RECORDID", holding("education record", ["lilr_i2"])),
        Step("Lookup", "PMR to AE_ID", (schema[lookups[0]].name,)),
        Step("Lookup", "RECORDID to AE_ID", (schema[lookups[1]].name,)),
        Step("Lookup", "AE_ID to EDUKEY", (schema[lookups[2]].name,)),
        Step("Outcomes", "EDUKEY", outcomes),
    )


def spine_diagram(schema: Schema) -> str:
    """The way from a pupil or an education record to the outcomes, from top to bottom."""
    pupils, records, to_person, from_record, to_outcomes, outcomes = spine(schema)
    half, right = 330, 350
    enterprises = schema["leo_idbr_lookup"].name
    marks = [
        *_card(0, 0, half, pupils.name, f"{len(pupils.tables)} tables, such as", _wrapped(_examples(schema, pupils))),
        *_card(right, 0, half, records.name, f"{len(records.tables)} tables", records.tables),
        *_arrow(165, 96, 140, "PMR"),
        *_arrow(515, 96, 140, "RECORDID"),
        *_card(0, 140, half, "Lookup", to_person.key, to_person.tables),
        *_card(right, 140, half, "Lookup", from_record.key, from_record.tables),
        *_arrow(165, 216, 268, "AE_ID"),
        *_arrow(515, 216, 268, "AE_ID"),
        *_card(0, 268, WIDTH, "Lookup", to_outcomes.key, to_outcomes.tables),
        *_arrow(WIDTH // 2, 344, 396, "EDUKEY"),
        *_card(0, 396, WIDTH, outcomes.name, f"{len(outcomes.tables)} tables", _wrapped(outcomes.tables, 4)),
        *_arrow(WIDTH // 2, 490, 542, "ENTKEY and SourceYear, from leo_earnings"),
        *_card(0, 542, WIDTH, "Enterprises", "join on both, or rows double", (enterprises,)),
    ]
    description = (
        "Tables of school, UCAS and HESA hold the PMR; a lookup turns it into AE_ID. Tables of further education hold "
        "RECORDID; another lookup turns it into AE_ID. A third lookup turns AE_ID into EDUKEY, which all outcome "
        "tables hold. Earnings lead on to enterprises. Every lookup can be many-to-many."
    )
    return svg("spine", "From a pupil or an education record to outcomes", description, WIDTH, 622, marks)


def _examples(schema: Schema, pupils: Step) -> tuple[str, ...]:
    """One table of each database and a few more, enough for two lines."""
    wanted = ("school_census", "ks4_pupil", "absence", "hesa", "ucas")
    return tuple(schema[name].name for name in wanted if name in pupils.tables)


def _wrapped(names: tuple[str, ...], each: int = 3) -> tuple[str, ...]:
    return tuple(", ".join(names[start : start + each]) for start in range(0, len(names), each))


def _card(x: int, y: int, width: int, name: str, about: str, lines: Iterable[str]) -> list[str]:
    lines = tuple(lines)
    marks = [box(x + 1, y + 1, width - 2, 50 + 18 * len(lines)), text(x + 12, y + 20, name, "name")]
    marks.append(text(x + 12, y + 37, about))
    return marks + [text(x + 12, y + 56 + 18 * place, content, "code") for place, content in enumerate(lines)]


def _arrow(x: int, y1: int, y2: int, label: str) -> list[str]:
    head = f'<path d="M {x - 5} {y2 - 8} L {x} {y2} L {x + 5} {y2 - 8}" class="link"/>'
    return [line(x, y1, x, y2), head, text(x + 10, (y1 + y2) // 2 + 4, label, "rail-name")]


def spine_table(schema: Schema) -> str:
    """The spine in words."""
    pupils, records, to_person, from_record, to_outcomes, outcomes = spine(schema)
    steps = (
        ("1", pupils, "PMR", "The pupil. The column has a prefix or suffix of its own in many tables."),
        ("1", records, "RECORDID", "One education record that was sent for matching."),
        ("2", to_person, "PMR, AE_ID", "From the pupil to the person. Can be many-to-many."),
        ("2", from_record, "RECORDID, AE_ID", "From the education record to the person."),
        ("3", to_outcomes, "AE_ID, EDUKEY", "From the person to the outcomes. Can be many-to-many."),
        ("4", outcomes, "EDUKEY", "One person may have several; add up over them."),
        ("5", Step("", "", ("leo_idbr_lookup",)), "ENTKEY, SourceYear", "From main_enterprise in leo_earnings."),
    )
    rows = [
        (number, ", ".join(f'<a href="{name}.html">{name}</a>' for name in step.tables), key, about)
        for number, step, key, about in steps
    ]
    return table_html("The linking spine, step by step", ("Step", "Tables", "Key", "What it is"), rows)


def diagrams_page(schema: Schema) -> str:
    """The page of entity diagrams."""
    parts = [
        "# Tables and keys",
        NOTICE,
        "## From education to outcomes",
        "A pupil is followed from the school tables to work, pay and benefits in three joins.\n"
        "The **PMR** is the pupil matching reference, `pupilmatchingrefanonymous` with a prefix or suffix.",
        html(scrolling("Diagram of the linking spine", spine_diagram(schema))),
        html(spine_table(schema)),
    ]
    for database in schema.databases:
        parts += [
            f"## {DATABASES.get(database, database)}: `{database}`",
            "An upright line is a key; a dot on it says that the table to its right holds the key.",
            html(scrolling(f"Diagram of the keys of {database}", keys_diagram(schema, database))),
            html(keys_table(schema, database)),
        ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


# Coverage ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Covered:
    """One filled cell of the published table: a birth cohort in a year group, and the school year of it."""

    cohort: str
    stage: str
    year_group: int
    year: int
    starred: bool

    @property
    def source(self) -> str:
        """Where the extract has the cohort in that year: census, results alone, or nowhere yet."""
        if self.year > LAST_YEAR:
            return "later"
        return "census" if self.year >= FIRST_CENSUS else "results"


def read_coverage(path: Path) -> list[Covered]:
    """The published coverage from ``data/reference/coverage.csv``. Reception is year group 0."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Covered(
                cohort=row["birth_cohort"],
                stage=row["stage"],
                year_group=0 if row["year_group"] == "Reception" else int(row["year_group"].removeprefix("Year ")),
                year=int(row["school_year"][:4]) + 1,
                starred=row["starred"] == "1",
            )
            for row in csv.DictReader(lines)
        ]


LEGEND = {
    "census": "School census, 2001/02 to 2020/21",
    "results": "Results of a key stage only, before the census",
    "later": "After 2020/21: in later iterations, not in this one",
}


def coverage_chart(cells: list[Covered]) -> str:
    """Birth cohorts by year group; a cell holds the school year, its outline says where the data come from."""
    cohorts = sorted({cell.cohort for cell in cells})
    left, top, wide, high = 66, 62, 44, 24
    width, below = left + 14 * wide + 4, top + high * len(cohorts) + 10
    marks = [text(0, 20, "Birth", "plain"), text(0, 36, "cohort", "plain")]
    stages: dict[str, list[int]] = {}
    for cell in cells:
        stages.setdefault(cell.stage, []).append(cell.year_group)
    for stage, groups in stages.items():
        start, end = left + wide * min(groups), left + wide * (max(groups) + 1)
        marks += [
            line(start + 3, 26, end - 3, 26),
            text((start + end) // 2, 18, stage.replace("Key stage ", "KS"), "rail-name", "middle"),
        ]
    for group in range(14):
        marks.append(text(left + wide * group + wide // 2, 48, "R" if group == 0 else str(group), "plain", "middle"))
    for row, cohort in enumerate(cohorts):
        marks.append(text(0, top + high * row + 16, cohort, "plain"))
    for cell in cells:
        x, y = left + wide * cell.year_group, top + high * cohorts.index(cell.cohort)
        star = "*" if cell.starred else ""
        marks.append(box(x + 1, y + 1, wide - 2, high - 2, cell.source))
        marks.append(
            text(x + wide // 2, y + 16, f"{(cell.year - 1) % 100:02d}/{cell.year % 100:02d}{star}", "cell", "middle")
        )
    for place, (source, label) in enumerate(LEGEND.items()):
        y = below + 22 * place
        marks += [box(left, y, 34, 16, source), text(left + 42, y + 13, label, "plain")]
    description = (
        f"{len(cohorts)} birth cohorts by year group from reception to year 13. From 2001/02 on every cell up to "
        "2020/21 is filled; before, only years 2 and 6 are. The table below gives every cell."
    )
    return svg("coverage", "School years in which LEO covers each birth cohort", description, width, below + 70, marks)


def coverage_table(cells: list[Covered]) -> str:
    """The same cells as a table."""
    of = {(cell.cohort, cell.year_group): cell for cell in cells}
    signs = {"census": "", "results": " (results only)", "later": " (later)"}
    rows = []
    for cohort in sorted({cell.cohort for cell in cells}):
        row = [of.get((cohort, group)) for group in range(14)]
        rows.append(
            [
                cohort,
                *(f"{academic_year(c.year)}{'*' if c.starred else ''}{signs[c.source]}" if c else "–" for c in row),
            ]
        )
    heads = ["Birth cohort", "Reception", *(f"Year {group}" for group in range(1, 14))]
    return table_html("Coverage of each birth cohort by year group", heads, rows, "cells")


RESULTS = {  # the tables that hold results of a year group
    "eyfsp": 0, "ks1": 2, "ks2_pupil": 6, "ks3_result": 9, "ks4_pupil": 11, "ks5_student": 13,
}  # fmt: skip


def uncharted(schema: Schema, cells: list[Covered]) -> list[tuple[Table, list[str]]]:
    """Results that the request form offers for charted cohorts where the published table has no cell."""
    known = {(cell.cohort, cell.year_group) for cell in cells}
    found = []
    for name, group in RESULTS.items():
        years = sorted({year for view in schema[name].views for year in range(view.first, view.last + 1)})
        cohorts = [academic_year(year - 5 - group) for year in years]
        extra = [c for c in cohorts if c in {cell.cohort for cell in cells} and (c, group) not in known]
        if extra:
            found.append((schema[name], extra))
    return found


def coverage_page(schema: Schema, cells: list[Covered]) -> str:
    """The page of the coverage chart."""
    census = sum(cell.source == "census" for cell in cells)
    results = sum(cell.source == "results" for cell in cells)
    later = sum(cell.source == "later" for cell in cells)
    parts = [
        "# Which cohorts are seen when",
        NOTICE,
        "The chart shows the school years in which LEO covers each **birth cohort**, those born from September of one "
        "year to August of the next.\n"
        "The facts are the Department for Education's (*Longitudinal Education Outcomes (LEO) Dataset*, briefing "
        "webinar, 2025; Crown copyright 2025); the drawing is ours.\n"
        "It describes the real extract, whose views this course copies.",
        html(scrolling("Chart of coverage by birth cohort and year group", coverage_chart(cells))),
        "The source marks two school years with an asterisk and does not say why.",
        f"Of the {len(cells)} cells, {census} fall in years with a school census, {results} rest on key stage results "
        f"alone, and {later} lie after 2020/21, where the iteration that this course models ends.\n"
        "After year 11 the census sees only those who stay at a school with a sixth form.",
    ]
    extra = uncharted(schema, cells)
    if extra:
        lines = [
            f"- `{table.name}` ({literal(table.title)}): cohorts {', '.join(cohorts)}." for table, cohorts in extra
        ]
        parts.append(
            "The request form offers results for these cohorts too, where the chart is empty:\n\n" + "\n".join(lines)
        )
    parts += ["## The same as a table", html(coverage_table(cells))]
    return "\n\n".join(part.strip() for part in parts) + "\n"
