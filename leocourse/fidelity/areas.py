"""Makes the reference tables of areas and providers: values simulated for codes that exist in the extract alone.

``python -m leocourse.fidelity.areas`` writes ``data/reference/areas.csv`` and ``universities.csv`` with their
descriptions; the same values every time. They do not depend on the seed of an extract.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import numpy as np

from leocourse.core import keep
from leocourse.core.paths import course_root
from leocourse.extract.base import codes
from leocourse.extract.base.random import Stream
from leocourse.extract.lives import universities as providers
from leocourse.extract.lives.applications import TARIFFS, tariff_group
from leocourse.extract.records.geography import REGION_OF
from leocourse.extract.records.schools import area_codes

RURAL = [150, 110, 170, 250, 140, 280, 2, 200, 310]
"""Rural areas per thousand in each region, in the order of :data:`codes.REGIONS`. Design choices, not figures."""


def areas() -> list[tuple]:
    """One row a small area: output area, LSOA, decile of deprivation (1 the most deprived), urban or rural."""
    number = np.arange(codes.AUTHORITIES * 200)
    draw = Stream(0, "reference/deprivation").bits(number).astype(np.int64)
    rank = np.empty(len(number), dtype=np.int64)
    rank[np.lexsort((number, draw))] = number
    region = REGION_OF[number // 200]
    rural = Stream(0, "reference/rural").below(1000, number) < np.array(RURAL)[region]
    return list(
        zip(
            area_codes("E00"),
            area_codes("E01"),
            (rank * 10 // len(number) + 1).tolist(),
            np.where(rural, "rural", "urban").tolist(),
            strict=True,
        )
    )


def universities() -> list[tuple]:
    """One row a provider of higher education: its pseudonym, its tariff group as in the UCAS tables, and its place."""
    number = np.arange(codes.UNIVERSITIES)
    groups = np.array(TARIFFS)[tariff_group(number)].tolist()
    place, names = providers.place_names()
    countries = [providers.COUNTRIES[each] for each in providers.country()]
    return [(str(10_000 + each), groups[each], countries[each], names[place[each]]) for each in number.tolist()]


def write(folder: Path) -> None:
    """Write the tables as CSV, each with its description and checksum, into a folder."""
    for name, rows in (("areas", areas()), ("universities", universities())):
        description = _descriptions()[name]
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([field["name"] for field in description["fields"]])
        writer.writerows(rows)
        content = text.getvalue().encode()
        keep.write(folder / f"{name}.csv", content)
        whole = {"name": name, "path": f"{name}.csv"} | description | {"sha256": hashlib.sha256(content).hexdigest()}
        keep.write(folder / f"{name}.json", json.dumps(whole, indent=1) + "\n")


def _descriptions() -> dict[str, dict]:
    simulated = {
        "source": "Simulated by leocourse/fidelity/areas.py. The codes belong to the synthetic extract.",
        "licence": "MIT, as the rest of this repository",
        "date": "2026",
    }
    return {
        "areas": {
            "title": "Small areas of the synthetic extract: deprivation and rurality (simulated)",
            **simulated,
            "notes": "No such area exists. The values say nothing about England and are independent of the lives.",
            "fields": [
                {"name": "coa_2011", "type": "string", "description": "Census output area, as in leo_geography."},
                {"name": "lsoa_2011", "type": "string", "description": "Lower layer super output area it lies in."},
                {"name": "deprivation_decile", "type": "integer", "description": "1 most deprived to 10 least."},
                {"name": "rurality", "type": "string", "description": "urban or rural."},
            ],
            "checks": {"rows": codes.AUTHORITIES * 200, "unique": ["coa_2011"], "deprivation_decile": [1, 10]},
        },
        "universities": {
            "title": "Providers of higher education of the synthetic extract: tariff group and place (simulated)",
            **simulated,
            "notes": "The groups are those that the UCAS tables of the extract give to the same pseudonyms.",
            "fields": [
                {"name": "provider", "type": "string", "description": "Pseudonym, as HE_XINSTID01__ANON."},
                {"name": "tariff_group", "type": "string", "description": f"{', '.join(TARIFFS)}."},
                {"name": "country", "type": "string", "description": "Country of the United Kingdom, as HE_XINSTC01."},
                {"name": "region", "type": "string", "description": "Region of England, or the country outside it."},
            ],
            "checks": {"rows": codes.UNIVERSITIES, "unique": ["provider"]},
        },
    }


if __name__ == "__main__":
    write(course_root() / "data" / "reference")
