"""The page of what changed: reforms, and fields and views that came, went and were renamed."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import pairwise

from leocourse.schema.model import Field, Schema, Table, View
from leocourse.site.pages.markup import LAST_YEAR, NOTICE, academic_year, html, lifetime, pattern, scrolling

FEW_NAMES = 5
"""Up to so many fields the changelog names; more are counted, and their names folded."""

# What happened to definitions, in the year in which it happened: the schema knows the fields, not the reasons.
REFORMS = {
    2011: ("A pupil is persistently absent from 15% of sessions on; up to 2009/10 it was 20%.",),
    2014: (
        "Key stage 4: of the qualifications other than GCSEs, only approved ones count from now on, "
        "each as at most one GCSE and at most two for a pupil.",
        "Key stage 4: by another policy, announced on 29 September 2013, a pupil's first entry counts, "
        "this year in the subjects of the English Baccalaureate.",
        "Measures under these rules end in `_ptq`: the same idea has a new name and is not comparable.",
        "Pupil referral units join the school census.",
    ),
    2015: (
        "Key stage 4: the first entry counts in all subjects; measures end in `_ptq_ee`.",
        "Special educational needs: SEN support (`K`) and plans (`E`) begin; School Action (`A`) and School Action "
        "Plus (`P`) are used for the last time.",
    ),
    2016: (
        "Key stage 4: Attainment 8 and Progress 8 become the headline measures.",
        "Key stage 2: scaled scores take the place of levels.",
        "A pupil is persistently absent from 10% of sessions on.",
    ),
    2017: (
        "Key stage 4: grades 9 to 1 begin with English and mathematics, and with them measures at grades 9 to 4 "
        "and 9 to 5.",
    ),
    2018: (
        "Special educational needs: statements (`S`) end with this year; education, health and care plans (`E`) "
        "remain.",
    ),
    2020: (
        "Key stage 4 and key stage 5: no examinations; centre-assessed grades.",
        "No summer census was taken.",
    ),
    2021: ("Key stage 4 and key stage 5: no examinations; teacher-assessed grades.",),
}  # fmt: skip


# Changelog -----------------------------------------------------------------------------------------


def changes_page(schema: Schema) -> str:
    """What begins, ends or changes its name, year by year."""
    found: dict[int, list[tuple[Table, str]]] = {}
    for table in schema.tables.values():
        for year, text in changes(table):
            found.setdefault(year, []).append((table, text))
    parts = [
        "# What changed, year by year",
        NOTICE,
        "A year is the academic year, or for tax and benefit tables the tax year.\n"
        "The changes of fields come from the years that the request form gives for each field.\n"
        "A field *ends with* the last year in which it was collected.\n"
        "The changes of rules are in our own words.",
    ]
    for year in sorted(found.keys() | REFORMS.keys()):
        parts.append(f"## {academic_year(year)}")
        if year in REFORMS:
            parts.append("\n".join(f"- {text}" for text in REFORMS[year]))
        if year in found:
            rows = "\n".join(
                f'<tr><th scope="row"><a href="{table.name}.html">{table.name}</a></th><td>{text}</td></tr>'
                for table, text in found[year]
            )
            head = '<thead><tr><th scope="col">Table</th><th scope="col">Change</th></tr></thead>'
            label = f"Changes in {academic_year(year)}"
            parts.append(
                html(scrolling(label, f'<table class="leo-table changes">{head}<tbody>{rows}</tbody></table>'))
            )
    return "\n\n".join(part.strip() for part in parts) + "\n"


def changes(table: Table) -> Iterator[tuple[int, str]]:
    """Year and wording of each change of one table: its years, its views and columns renamed, its fields."""
    first, last = lifetime(table)
    if first is None:
        return
    yield first, "The table begins."
    yield from _renamed_views(table)
    begun: dict[int, list[Field]] = {}
    ended: dict[int, list[Field]] = {}
    for field in table.fields:
        for start, end in field.years:
            if start > first:
                begun.setdefault(start, []).append(field)
            if end < last:
                ended.setdefault(end, []).append(field)
        for end, old, new in renamings(field):
            yield end + 1, f"<code>{escape(pattern(old))}</code> is now called <code>{escape(pattern(new))}</code>."
    for year in sorted(begun.keys() | ended.keys()):
        if year in begun:
            yield year, _headline(begun[year], "begins", "begin")
        if year in ended:
            yield year, _headline(ended[year], "ends with this year", "end with this year")
    if last < LAST_YEAR:
        yield last, "The table ends with this year."


def renamings(field: Field) -> Iterator[tuple[int, str, str]]:
    """Last year of the old name, the old name and the new one, for each change of a column's name."""
    term = (field.terms or ("spr",))[0]
    years = sorted({year for first, last in field.reach for year in range(first, last + 1)})
    named = [(year, field.template_in(View("", "", "", year, year, term))) for year in years]
    for (_, old), (year, new) in pairwise(named):
        if old.replace("_{term}{yy}", "_{yy}") != new.replace("_{term}{yy}", "_{yy}"):  # plasc has no term in its names
            yield year - 1, old, new


def _renamed_views(table: Table) -> Iterator[tuple[int, str]]:
    by_term: dict[str | None, list[dict]] = {}
    for entry in table.descriptor["leo:views"]:
        if entry.get("years"):
            by_term.setdefault(entry.get("term"), []).append(entry)
    for entries in by_term.values():
        for old, new in pairwise(entries):
            names = [f"<code>{escape(entry['view'].replace('{yyyy}', '[yyyy]'))}</code>" for entry in (old, new)]
            yield new["years"][0], f"The view {names[0]} gives way to {names[1]}."


def _headline(fields: list[Field], one: str, many: str) -> str:
    names = ", ".join(f"<code>{escape(pattern(field.column))}</code>" for field in fields)
    if len(fields) <= FEW_NAMES:
        return f"{names} {one if len(fields) == 1 else many}."
    return f"<details><summary>{len(fields)} fields {many}.</summary>{names}</details>"
