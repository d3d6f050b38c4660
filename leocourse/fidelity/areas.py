"""Makes the reference tables of places and providers: values simulated for codes that exist in the extract alone.

``python -m leocourse.fidelity.areas`` writes ``data/reference/areas.csv``, ``authorities.csv`` and ``universities.csv``
with their descriptions; the same values every time. They do not depend on the seed of an extract. What they say of
places is what shaped the simulated lives: both come from :mod:`leocourse.extract.lives.areas`.
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
from leocourse.extract.lives import areas
from leocourse.extract.lives import universities as providers
from leocourse.extract.lives.applications import NO_CYCLE, TARIFFS, adoption, tariff_group


def small_areas() -> list[tuple]:
    """One row a small area of England: output area, LSOA, deprivation (decile and share), urban or rural."""
    rank = areas.deprivation_rank()
    return list(
        zip(
            areas.area_codes("E00")[: areas.ENGLAND],
            areas.area_codes("E01")[: areas.ENGLAND],
            (rank * 10 // len(rank) + 1).tolist(),
            (areas.deprivation_score() / 100).tolist(),
            np.where(areas.rural(), "rural", "urban").tolist(),
            strict=True,
        )
    )


def authorities() -> list[tuple]:
    """One row an authority: pseudonym, country, region, unemployment, and when universal credit came."""
    live, full = areas.universal_credit()
    regions = list(codes.REGIONS)
    unemployment = areas.unemployment()
    return [
        (
            f"LA{1000 + number}",
            areas.COUNTRIES[country],
            regions[region] if region >= 0 else "",
            f"{unemployment[number] / 10:.1f}" if number < codes.AUTHORITIES else "",
            *(f"{2000 + month[number] // 12}-{month[number] % 12 + 1:02d}-01" for month in (live, full)),
        )
        for number, (country, region) in enumerate(
            zip(areas.COUNTRY_OF.tolist(), areas.REGION_OF.tolist(), strict=True)
        )
    ]


def allowance() -> list[tuple]:
    """One row an authority of England: its pseudonym, and from when on it pays the allowance for staying on at 16."""
    years = areas.allowance_since()
    return [(f"LA{1000 + number}", f"{year - 1}-09-01") for number, year in enumerate(years.tolist())]


def universities() -> list[tuple]:
    """One row a provider of higher education: its pseudonym, its tariff group as in the UCAS tables, its place, what
    its courses usually ask for, and from which cycle it makes contextual offers."""
    number = np.arange(codes.UNIVERSITIES)
    groups = np.array(TARIFFS)[tariff_group(number)].tolist()
    place, names = providers.place_names()
    countries = [providers.COUNTRIES[each] for each in providers.country()]
    since = [each if each != NO_CYCLE else "" for each in adoption().tolist()]
    asked = providers.REQUIRED.tolist()
    return [(str(10_000 + each), groups[each], countries[each], names[place[each]], asked[each], since[each])
            for each in number.tolist()]  # fmt: skip


def write(folder: Path) -> None:
    """Write the tables as CSV, each with its description and checksum, into a folder."""
    tables = {"areas": small_areas(), "authorities": authorities(), "universities": universities()}
    tables["allowance"] = allowance()
    for name, rows in tables.items():
        description = _descriptions()[name]
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([field["name"] for field in description["fields"]])
        writer.writerows(rows)
        content = text.getvalue().encode()
        keep.rewrite(folder / f"{name}.csv", content)
        whole = {"name": name, "path": f"{name}.csv"} | description | {"sha256": hashlib.sha256(content).hexdigest()}
        keep.rewrite(folder / f"{name}.json", json.dumps(whole, indent=1) + "\n")


def _descriptions() -> dict[str, dict]:
    simulated = {
        "source": "Simulated by leocourse/fidelity/areas.py. The codes belong to the synthetic extract.",
        "licence": "MIT, as the rest of this repository",
        "date": "2026",
    }
    return {
        "areas": _about_areas(simulated),
        "authorities": _about_authorities(simulated),
        "universities": _about_universities(simulated),
        "allowance": _about_allowance(simulated),
    }


def _about_areas(simulated: dict) -> dict:
    return {
        "title": "Small areas of the synthetic extract: deprivation and rurality (simulated)",
        **simulated,
        "notes": "No such area exists, and the values say nothing about England. They shaped the simulated lives: "
        "disadvantaged people grow up in, and move to, deprived areas. Areas of other countries are not in it.",
        "fields": [
            {"name": "coa_2011", "type": "string", "description": "Census output area, as in leo_geography."},
            {"name": "lsoa_2011", "type": "string", "description": "Lower layer super output area it lies in."},
            {"name": "deprivation_decile", "type": "integer", "description": "1 most deprived to 10 least."},
            {"name": "low_income", "type": "number", "description": "Share of children in low income (IDACI)."},
            {"name": "rurality", "type": "string", "description": "urban or rural."},
        ],
        "checks": {"rows": areas.ENGLAND, "unique": ["coa_2011"], "deprivation_decile": [1, 10]},
    }


def _about_authorities(simulated: dict) -> dict:
    return {
        "title": "Authorities of the synthetic extract: unemployment and dates of universal credit (simulated)",
        **simulated,
        "notes": "No such authority exists. The values shaped the simulated lives: unemployment of the authority "
        "in which people grew up their months in work and on benefits, the dates the benefit that they claim. "
        "The roll-out lies in the years of the real one; which authority came when is drawn.",
        "fields": [
            {"name": "laua_anon", "type": "string", "description": "Pseudonym, as in leo_geography."},
            {"name": "country", "type": "string", "description": f"{', '.join(areas.COUNTRIES)}."},
            {"name": "region", "type": "string", "description": "Region; empty outside England."},
            {
                "name": "unemployment",
                "type": "number",
                "description": "Per cent, the mean of all years; England only.",
            },
            {
                "name": "live_service",
                "type": "date",
                "description": "Some jobseekers claim universal credit from then on.",
            },
            {
                "name": "full_service",
                "type": "date",
                "description": "All new claims are for universal credit from then on.",
            },
        ],
        "checks": {"rows": areas.AUTHORITIES, "unique": ["laua_anon"]},
    }


def _about_allowance(simulated: dict) -> dict:
    return {
        "title": "Authorities of the synthetic extract: when the allowance for staying on at 16 came (simulated)",
        **simulated,
        "notes": "No such authority exists. The national start in September 2004 and the end (no new applicants from 1 "
        "January 2011) are those of the real allowance. Which authorities came before is drawn, deprived ones more "
        "often, and the start of September 2003 is invented so that there is something to compare.",
        "fields": [
            {"name": "laua_anon", "type": "string", "description": "Pseudonym of the authority of the home at 16."},
            {"name": "allowance_from", "type": "date", "description": "Pupils who leave year 11 in that year or later "
             "can get it, up to those who leave it in 2010."},
        ],
        "checks": {"rows": codes.AUTHORITIES, "unique": ["laua_anon"]},
    }  # fmt: skip


def _about_universities(simulated: dict) -> dict:
    return {
        "title": "Providers of higher education of the synthetic extract: tariff group, place and offers (simulated)",
        **simulated,
        "notes": "The groups are those that the UCAS tables of the extract give to the same pseudonyms. Usual offers "
        "and the first cycle of contextual offers stand for what providers publish.",
        "fields": [
            {"name": "provider", "type": "string", "description": "Pseudonym, as HE_XINSTID01__ANON."},
            {"name": "tariff_group", "type": "string", "description": f"{', '.join(TARIFFS)}."},
            {"name": "country", "type": "string", "description": "Country of the United Kingdom, as HE_XINSTC01."},
            {"name": "region", "type": "string", "description": "Region of England, or the country outside it."},
            {
                "name": "usual_offer",
                "type": "integer",
                "description": "Points of three A levels (A* 6 to E 1) asked for; 15 for medicine everywhere.",
            },
            {
                "name": "contextual_since",
                "type": "integer",
                "description": "Cycle from which offers are lowered for some; empty if never.",
            },
        ],
        "checks": {"rows": codes.UNIVERSITIES, "unique": ["provider"]},
    }


if __name__ == "__main__":
    write(course_root() / "data" / "reference")
