"""Names as they were delivered: ``delivered.csv`` has the columns that published scripts read in the service."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from leocourse.schema import View, load_schema

SCHEMA = load_schema()
SCRIPTS, PATTERN = "published scripts", "pattern of published scripts"


def read() -> Iterator[tuple[View, list[str]]]:
    """Each view with the columns that a script reads of it."""
    with (Path(__file__).parent / "delivered.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            runs = [[int(year) for year in run.split("-")] for run in line["years"].split()]
            for view in SCHEMA[line["table"]].views:
                if line["term"] not in ("", view.term):
                    continue
                if not runs or any(run[0] <= view.last and run[-1] >= view.first for run in runs):
                    filled = line["columns"].replace("{term}", view.term or "")
                    yield view, filled.replace("{yy}", f"{(view.first or 0) % 100:02d}").split(" | ")


READ = list(read())


def columns(view: View) -> dict[str, object]:
    """The fields of a view by the names of its columns."""
    here = [field for field in SCHEMA[view.table].fields if field.available(view.first, view.last, view.term)]
    return {field.column_in(view): field for field in here}


def test_the_scripts_read_these_views():
    assert len(READ) > 300
    assert len({view.name for view, _ in READ}) > 110


def test_every_column_that_a_script_reads_is_in_its_view_with_the_evidence():
    for view, names in READ:
        here = columns(view)
        assert set(names) <= here.keys(), (view.name, set(names) - here.keys())
        for name in names:
            assert here[name].delivered_in(view).evidence == SCRIPTS, (view.name, name)


def test_no_other_column_says_that_a_script_reads_it():
    proved: dict[str, set[str]] = {}
    for view, names in READ:
        proved.setdefault(view.name, set()).update(names)
    for view in SCHEMA.views():
        for name, field in columns(view).items():
            known = field.delivered_in(view)
            assert known is None or known.evidence in (SCRIPTS, PATTERN)
            said = known is not None and known.evidence == SCRIPTS
            assert not said or name in proved.get(view.name, ()), (view.name, name)


def test_a_pattern_alone_adds_no_term():
    for view in SCHEMA.views():
        for name, field in columns(view).items():
            known = field.delivered_in(view)
            assert not (known and known.evidence == PATTERN and field.terms and view.term not in field.terms), name


@pytest.mark.parametrize(
    ("view", "form", "delivered"),
    [
        ("spring_census_2016", "laestab_spr16_anon", "laestab_anon_spr16"),
        ("spring_census_2016", "idaciscore_spr16", "idaciscore_10_spr16"),
        ("autumn_census_2018", "idacirank_aut18", "idacirank_15_aut18"),
        ("spring_census_2021", "lsoa11_spr21", "llsoa_spr21"),
        ("spring_census_2016", "urn_spr16_anon", "urn_anon_spr16"),
        ("plasc_2003", "gender_spr03", "gender_03"),
        ("plasc_2003", "laestab_spr03_anon", "laestab_anon_03"),
        ("plasc_2002", "freeschoolmeals_spr02", "freeschoolmeals_02"),
        ("absence_2016_3term", "laestab_ab16_anon", "laestab_anon_ab16"),
        ("exclusions_table_1_2016", "laestab_ex16_anon", "laestab_anon_ex16"),
        ("plams_amended_2008", "pl_grade_aat", "pl_grade_att"),
        ("hesa_2020", "he_xhecos_1", "he_xhecos01_1"),
        ("cin_2009_to_2021", "cin_cinreferraldate", "cin_referraldate"),
        ("cin_2009_to_2021", "cin_la_anon", "cin_la_geog"),
        ("pru_census_2010_to_2013", "pru_la_anon", "pru_la_geog"),
        ("ap_census_2008_to_2021", "ap_lanumber_anon", "ap_lanumber_geog"),
    ],
)
def test_the_form_calls_it_otherwise(view, form, delivered):
    assert SCHEMA.other_names()[view][form] == delivered


def test_a_name_of_the_form_stands_for_one_delivered_name_everywhere():
    found: dict[str, set[str]] = {}
    for others in SCHEMA.other_names().values():
        for form, name in others.items():
            found.setdefault(form, set()).add(name)
    assert max(map(len, found.values())) == 1


@pytest.mark.parametrize(
    ("view", "column"),
    [
        ("autumn_census_2009", "ethnicgroup_aut09"),
        ("autumn_census_2013", "llsoa_aut13"),
        ("hesa_2005", "he_xjacs01_4"),
        ("plams_amended_2012", "pl_sublevno_ref"),
        ("plams_amended_2010", "pl_traineeship"),
        ("spring_census_2019", "idaciscore_15_spr19"),
    ],
)
def test_a_field_is_there_where_the_form_does_not_have_it(view, column):
    assert column in columns(next(each for each in SCHEMA.views() if each.name == view))
