"""The page of coverage: which cohorts have which results in which years."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from leocourse.schema.model import Schema, Table
from leocourse.site.pages.diagrams import FIRST_CENSUS
from leocourse.site.pages.markup import (
    LAST_YEAR,
    NOTICE,
    academic_year,
    box,
    html,
    line,
    literal,
    scrolling,
    svg,
    table_html,
    text,
)

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
