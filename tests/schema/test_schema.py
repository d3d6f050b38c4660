"""The descriptors, and the views that come of them."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from leocourse.core.errors import LeoError
from leocourse.schema import load_schema

SCHEMA = load_schema()


def test_views_have_the_names_seen_in_real_projects():
    with (Path(__file__).parent / "views.csv").open(encoding="utf-8") as file:
        seen = {(line["database"], line["view"]) for line in csv.DictReader(file)}
    assert len(seen) == 128
    assert seen <= {(view.database, view.name) for view in SCHEMA.views()}


def test_no_view_is_named_twice():
    names = Counter((view.database, view.name) for view in SCHEMA.views())
    assert max(names.values()) == 1


@pytest.mark.parametrize("table", SCHEMA.tables.values(), ids=lambda table: table.name)
def test_no_column_appears_twice_in_a_view(table):
    for view in table.views:
        columns = [f.column_in(view) for f in table.fields if f.available(view.first, view.last, view.term)]
        assert len(columns) == len(set(columns)), view.name
        assert columns, f"{view.name} has no columns"


@pytest.mark.parametrize("table", SCHEMA.tables.values(), ids=lambda table: table.name)
def test_every_field_says_what_it_is(table):
    for field in table.fields:
        assert field.description, f"{table.name}.{field.name} has no description"
        assert field.sql_type and field.duckdb_type and field.form
        assert [years for years in field.years if years[0] > years[1]] == [], f"{table.name}.{field.name}"


def test_a_column_carries_term_and_year():
    census = SCHEMA["school_census"]
    fsm = next(field for field in census.fields if field.name == "fsmeligible")
    views = {view.name: view for view in census.views}
    assert fsm.column_in(views["spring_census_2011"]) == "fsmeligible_spr11"
    assert fsm.form_column_in(views["plasc_2004"]) == "fsmeligibility_spr04"
    assert fsm.column_in(views["plasc_2004"]) == "fsmeligible_04"


def test_summer_census_2020_was_not_taken():
    names = {view.name for view in SCHEMA["school_census"].views}
    assert "summer_census_2019" in names and "summer_census_2020" not in names


def test_an_unknown_table_is_one_clear_line():
    with pytest.raises(LeoError, match="Unknown table 'spring'"):
        SCHEMA["spring"]


def test_a_broken_descriptor_is_one_clear_line(tmp_path):
    (tmp_path / "datapackage.json").write_text("{")
    with pytest.raises(LeoError, match="Cannot read the schema file"):
        load_schema(tmp_path)
