"""Reference tables that measures read: what their descriptions say of them holds, and they can be made anew."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

import leocourse as leo
from leocourse.fidelity import areas

FOLDER = Path(__file__).parents[2] / "data" / "reference"


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", ["areas", "authorities", "universities", "consumer_prices"])
def test_each_table_is_the_one_that_its_description_describes(name):
    described = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert hashlib.sha256((FOLDER / f"{name}.csv").read_bytes()).hexdigest() == described["sha256"]
    table = rows(name)
    assert list(table[0]) == [field["name"] for field in described["fields"]]
    assert len(table) == described["checks"]["rows"]
    unique = described["checks"]["unique"]
    assert len({tuple(row[column] for column in unique) for row in table}) == len(table)
    assert [key for key in ("title", "source", "licence", "date", "notes") if not described[key]] == []


def test_simulated_tables_are_made_the_same_every_time_and_say_that_they_are_simulated(tmp_path):
    areas.write(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (FOLDER / path.name).read_bytes()
        if path.suffix == ".json":
            assert "simulated" in json.loads(path.read_text(encoding="utf-8"))["title"]
    assert {path.stem for path in tmp_path.iterdir()} >= {"areas", "authorities", "universities"}


def test_deciles_are_tenths_of_the_areas():
    deciles = [int(row["deprivation_decile"]) for row in rows("areas")]
    assert {deciles.count(n) for n in range(1, 11)} == {len(deciles) // 10}


def test_tariff_groups_are_those_of_the_applications(world):
    """UCAS courses begin with the provider's code."""
    groups = {row["provider"]: row["tariff_group"] for row in rows("universities")}
    found = world.con.sql(
        'SELECT DISTINCT course_identifier[:5], he_provider_tariff_group FROM ucas_i2."2005003".ucas_2013'
    ).fetchall()
    assert len(found) > 20
    assert [(provider, group) for provider, group in found if groups[provider] != group] == []


def test_every_english_area_of_residence_is_in_the_table_and_no_other(world):
    country = world.measure("residence").set_index("tax_year", append=True).country
    decile = world.measure("area_of_residence").set_index("tax_year", append=True).deprivation_decile
    assert (decile.notna() == (country[decile.index] == "England")).all()
    assert decile.isna().any()


def test_codes_stay_text_and_deciles_are_numbers(world):
    leo.measure(world.con, "area_of_residence")
    leo.measure(world.con, "university_tariff")
    kinds = [str(kind) for kind in world.con.sql("FROM reference.areas").types]
    assert kinds == ["VARCHAR", "VARCHAR", "INTEGER", "DOUBLE", "VARCHAR"]
    assert str(world.con.sql("SELECT provider FROM reference.universities").types[0]) == "VARCHAR"


def test_prices_of_tax_years_come_from_the_table(world):
    cpi = {int(row["year"]): float(row["cpi"]) for row in rows("consumer_prices")}
    years = leo.measure(world.con, "tax_years").df().set_index("tax_year")
    assert len(years) == 19
    for label, row in years.iterrows():
        year = label // 100
        assert row.price_index == pytest.approx((3 * cpi[year] + cpi[year + 1]) / 4)
        assert row.days == (366 if (year + 1) % 4 == 0 else 365)
        assert (str(row.first_day.date()), str(row.last_day.date())) == (f"{year}-04-06", f"{year + 1}-04-05")
