"""Makes the reference tables of schools: what somebody else would link to the extract by a school's pseudonym.

``python -m leocourse.fidelity.schools_reference`` writes ``data/reference/inspections.csv``, ``careers_provision.csv``,
``lost_schooling.csv`` and ``school_progression.csv`` with their descriptions; the same values every time, whatever the
seed of an extract. They shaped the simulated lives: they come from :mod:`leocourse.extract.lives.school_effects` and
:mod:`leocourse.extract.lives.progression`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

from leocourse.core import keep
from leocourse.core.paths import course_root
from leocourse.extract.base import codes
from leocourse.extract.lives import progression, school_effects
from leocourse.extract.lives.establishments import AS_ACADEMY, LAESTAB, PRIMARY, URN

KEYS = [
    {"name": "urn_anon", "type": "integer", "description": "Pseudonym of the URN, until the school is an academy."},
    {"name": "urn_anon_as_academy", "type": "integer", "description": "The same from then on, should it ever be one."},
    {"name": "laestab_anon", "type": "integer", "description": "Pseudonym of the LAESTAB."},
    {"name": "laestab_anon_as_academy", "type": "integer", "description": "The same for schools that get a new one."},
]


def _keys(school: int) -> tuple[int, int, int, int]:
    return URN + school, URN + AS_ACADEMY + school, LAESTAB + school, LAESTAB + AS_ACADEMY + school


def inspections() -> list[tuple]:
    """One row a secondary school and cycle of inspections: the rating, and the academic years that it is of."""
    cycles, last = school_effects.CYCLES, [each - 1 for each in school_effects.CYCLES[1:]] + [2021]
    ratings = school_effects.ratings().tolist()
    return [(*_keys(school), cycles[number], last[number], ratings[number][school])
            for school in range(PRIMARY) for number in range(len(cycles))]  # fmt: skip


def careers_provision() -> list[tuple]:
    """One row a secondary school: the academic year in which its careers provision starts, empty if it never does."""
    starts = school_effects.careers_from().tolist()
    return [(*_keys(school), year if year < 9_999 else "") for school, year in enumerate(starts)]


def school_progression() -> list[tuple]:
    """One row a secondary school and academic year: the share that goes on to university, in per cent."""
    published = progression.shares().tolist()
    return [(*_keys(school), year, published[number][school] / 10)
            for school in range(PRIMARY) for number, year in enumerate(progression.YEARS)]  # fmt: skip


def lost_schooling() -> list[tuple]:
    """One row a region and academic year: months of schooling that pupils of year 11 had lost by its end."""
    regions = list(codes.REGIONS)
    lost = school_effects.LOST_MONTHS.items()
    return [(regions[number], year, each / 10) for year, tenths in lost for number, each in enumerate(tenths)]


def write(folder: Path) -> None:
    """Write the tables as CSV, each with its description and checksum, into a folder."""
    for name, (rows, description) in tables().items():
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([field["name"] for field in description["fields"]])
        writer.writerows(rows)
        content = text.getvalue().encode()
        keep.write(folder / f"{name}.csv", content)
        whole = {"name": name, "path": f"{name}.csv"} | description | {"sha256": hashlib.sha256(content).hexdigest()}
        keep.write(folder / f"{name}.json", json.dumps(whole, indent=1) + "\n")


def tables() -> dict[str, tuple[list[tuple], dict]]:
    """Rows and description of each table by name."""
    simulated = {
        "source": "Simulated by leocourse/fidelity/schools_reference.py. The codes belong to the synthetic extract.",
        "licence": "MIT, as the rest of this repository",
        "date": "2026",
    }
    about = {
        "inspections": (inspections(), "Ratings of schools of the synthetic extract by cycle (simulated)", [
            *KEYS,
            {"name": "first_year", "type": "integer", "description": "First academic year of the cycle, as it ends."},
            {"name": "last_year", "type": "integer", "description": "Last academic year of the cycle, as it ends."},
            {"name": "rating", "type": "integer", "description": "1 outstanding, 2 good, 3 and 4 less than that."},
        ]),
        "careers_provision": (careers_provision(), "Careers provision of schools of the extract (simulated)", [
            *KEYS,
            {"name": "starts", "type": "integer", "description": "Academic year in which it starts, as it ends."},
        ]),
        "school_progression": (school_progression(), "Pupils who go on to university by school (simulated)", [
            *KEYS,
            {"name": "year", "type": "integer", "description": "Academic year, as it ends, and cycle of applications."},
            {"name": "share", "type": "number", "description": "Per cent who go on to university, as published then."},
        ]),
        "lost_schooling": (lost_schooling(), "Schooling lost in the pandemic in the synthetic extract (simulated)", [
            {"name": "region", "type": "string", "description": "Region of the school."},
            {"name": "year", "type": "integer", "description": "Academic year of year 11, as it ends."},
            {"name": "months", "type": "number", "description": "Months of schooling lost by its end."},
        ]),
    }  # fmt: skip
    note = "No such school exists, and the values say nothing about England. They shaped the simulated lives."
    return {
        name: (rows, {"title": title, **simulated, "notes": note, "fields": fields, "checks": {"rows": len(rows)}})
        for name, (rows, title, fields) in about.items()
    }


if __name__ == "__main__":
    write(course_root() / "data" / "reference")
