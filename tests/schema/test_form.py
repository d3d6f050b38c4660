"""The schema beside the request form: ``form.csv`` has the form's own names of all fields, with years and group.

Years are the academic or tax years that the form states, by the year in which they end; ``?`` where it states them in
words. The form's headings of tables are left out.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
import rules

from leocourse.schema import load_schema

SCHEMA = load_schema()
BOTH_GROUPS = {"KS5_URN_anon"}
"""By request in earlier years, by default in later ones: ours is by request, and says so."""


FORM = rules.form(Path(__file__).parent / "form.csv")


def ours(dataset: str) -> dict[str, list]:
    """Our fields by the form's name. Some stand in two tables, or five times in one."""
    found = defaultdict(list)
    for table in SCHEMA.tables.values():
        for field in table.fields if table.dataset == dataset else ():
            found[field.form.split(" ; ")[0]].append(field)
    return found


def test_no_field_of_the_form_is_lost():
    assert sum(map(len, FORM.values())) >= 4_466


def test_every_dataset_of_the_form_has_its_tables_and_there_are_no_others():
    assert {table.dataset for table in SCHEMA.tables.values()} == set(FORM)


def test_every_field_of_the_form_is_in_the_schema_and_no_other():
    assert list(rules.fields(SCHEMA, FORM)) == []


@pytest.mark.parametrize("dataset", FORM)
def test_a_field_is_in_the_group_of_the_form(dataset):
    known, groups = ours(dataset), defaultdict(set)
    for name, _, group in FORM[dataset]:
        groups[name].add(group)
    for name in set(groups) - BOTH_GROUPS:
        assert {field.group for field in known[name]} == groups[name], name


@pytest.mark.parametrize("dataset", FORM)
def test_a_field_is_there_in_the_years_of_the_form_and_in_no_other(dataset):
    """As far as the form states years and the dataset has them; renamed fields may begin before their new name."""
    known, stated = ours(dataset), defaultdict(set)
    for name, years, _ in FORM[dataset]:
        stated[name].add(years)
    reach = {year for fields in known.values() for field in fields for year in _years(field.years)}
    for name, runs in stated.items():
        if runs & {"", "?"}:
            continue
        asked = set().union(*(_years([tuple(map(int, run.split("-")))]) for run in runs)) & reach
        there = set().union(*(_years(field.years) for field in known[name]))
        renamed = {year for field in known[name] for first, last, _ in field.columns_by_year
                   for year in range(first, last + 1)}  # fmt: skip
        assert there - renamed == asked - renamed, name


def _years(runs) -> set[int]:
    return {year for first, last in runs for year in range(first, last + 1)}
