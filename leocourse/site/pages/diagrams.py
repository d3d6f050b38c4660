"""Diagrams of the extract as inline SVG with a text alternative: keys by database, the linking spine, coverage.

Drawn with plain arithmetic: no layout program is needed. Colours are the page's own (``currentColor`` and the
variables of ``leo.css``), so a diagram reads in light and in dark mode; no meaning rests on colour alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from leocourse.schema.model import Schema, Table
from leocourse.site.pages.dictionary import DATABASES
from leocourse.site.pages.markup import NOTICE, box, html, line, pattern, scrolling, svg, table_html, text

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
