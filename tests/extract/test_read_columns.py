"""No column is wholly missing that a published script, a measure, a lesson or a question reads."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

from leocourse.extract.generate import generate_bare
from leocourse.measures import model
from leocourse.measures.example import views_in
from leocourse.measures.stack import stored_names
from leocourse.schema import View, load_schema

ROOT = Path(__file__).resolve().parents[2]
PEOPLE, SEED = 6_000, 5
SCHEMA = load_schema()
SHOWN_EMPTY = {("learners", "learner_id")}
"""Fields of which a lesson shows that they are empty."""
RARE = {
    ("ap_census", "ap_secondarysentype"),
    ("pru_census", "pru_primarysentype"),
    ("pru_census", "pru_secondarysentype"),
}
"""Fields so rare that a few thousand people may have none."""
EARLY = {  # fields that scripts read in years or terms in which the form does not have them: views with values
    "he_xjacs01_1": ("hesa_2006", "hesa_2007"),
    "pl_sublevno_ref": ("plams_amended_2008", "plams_amended_2012", "plams_amended_2021"),
    "pl_traineeship": ("plams_amended_2010",),
    "pl_disc_code": ("plams_amended_2012",),
    "ethnicgroup": ("summer_census_2006", "autumn_census_2009"),
    "ethnicgroupminor": ("summer_census_2009", "autumn_census_2011", "autumn_census_2021"),
    "idaciscore": ("spring_census_2016", "autumn_census_2018", "summer_census_2021"),
    "idacirank": ("spring_census_2016", "autumn_census_2018", "summer_census_2021"),
    "primarysentype": ("summer_census_2006",),
    "leavingdate": ("spring_census_2012", "summer_census_2012", "autumn_census_2012"),
}


@pytest.fixture(scope="module")
def extract(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("read") / "extract"
    generate_bare(folder, PEOPLE, SEED)
    return folder


@pytest.fixture(scope="module")
def filled(extract) -> dict[str, set[str]]:
    """The fields of each stored table that have a value."""
    found = {}
    with duckdb.connect() as con:
        for name in SCHEMA.tables:
            if (extract / name).is_dir():
                source = f"read_parquet('{extract / name}/*.parquet')"
                columns = con.sql(f"SELECT * FROM {source} LIMIT 0").columns
                counts = con.sql(
                    f"SELECT {', '.join(f'count({column})' for column in columns)} FROM {source}"
                ).fetchone()
                found[name] = {column for column, count in zip(columns, counts, strict=True) if count}
    return found


def missing(read: dict[str, set[str]], filled: dict[str, set[str]]) -> set[tuple[str, str]]:
    return {(table, name) for table, names in read.items() for name in names - filled.get(table, set())}


def test_what_published_scripts_read(filled):
    read = defaultdict(set)
    with (ROOT / "tests" / "schema" / "delivered.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            for field in SCHEMA[line["table"]].fields:
                if {each.column for each in field.delivered} & set(line["columns"].split(" | ")):
                    read[line["table"]].add(field.name)
    assert sum(map(len, read.values())) > 150
    assert missing(read, filled) <= RARE


def test_what_measures_read(filled):
    read = defaultdict(set)
    for name in model.names():
        sql = model.COMMENT.sub("", model.render(name))
        words = set(re.findall(r"\w+", sql.lower()))
        for view in views_in(sql):
            of_view = stored_names(view)
            read[view.table] |= {of_view[word] for word in words & of_view.keys()}
    assert len(read) > 15
    fourth = {("hesa", name) for name in read["hesa"] if name[-2:] in ("_4", "_5")}  # nobody studies so many subjects
    assert missing(read, filled) <= fourth


@pytest.mark.parametrize("part", ["book/intro", "solutions"])
def test_what_lessons_and_questions_read(filled, part):
    """By their names: a view and a column of it in one file, years and terms as placeholders too."""
    read = defaultdict(set)
    for path in [*(ROOT / part).rglob("*.md"), *(ROOT / part).rglob("q*.py"), *(ROOT / part).rglob("shared.py")]:
        text = path.read_text(encoding="utf-8").lower()
        cells = "\n".join(re.findall(r"```{code-cell}.*?```", text, re.DOTALL)) if path.suffix == ".md" else text
        words = set(re.findall(r"\w+", cells))
        for view in (view for view in SCHEMA.views() if view.name in words):
            of_view = stored_names(view)
            read[view.table] |= {of_view[word] for word in words & of_view.keys()}
    assert read
    assert missing(read, filled) <= SHOWN_EMPTY


def test_fields_that_scripts_read_where_the_form_has_none_have_values_there(extract):
    views = {view.name: view for view in SCHEMA.views()}
    with duckdb.connect() as con:
        for name, where in EARLY.items():
            for view in (views[each] for each in where):
                source = f"read_parquet('{extract / view.table}/*.parquet')"
                assert con.sql(f"SELECT count({name}) FROM {source} WHERE {rows_of(view)}").fetchone()[0], (
                    name,
                    view.name,
                )


def rows_of(view: View) -> str:
    term = f" AND collection_term = '{view.term}'" if view.term else ""
    return f"collection_year = {view.first}{term}"


def test_who_leaves_at_the_end_of_the_year_is_in_the_last_year_of_a_school(extract):
    """The day of leaving of a pupil on roll lies after census day, and the pupil is gone from that school then."""
    with duckdb.connect() as con:
        con.execute(f"CREATE VIEW c AS FROM read_parquet('{extract}/school_census/*.parquet')")
        leavers = "FROM c WHERE onroll = 1 AND leavingdate > entrydate AND leavingdate > censusdate"
        groups = con.sql(f"SELECT DISTINCT ncyearactual {leavers} ORDER BY 1").fetchall()
        assert {group for (group,) in groups} - {"X"} == {"6", "11", "12", "13", "14"}  # X is not taught in year groups
        back = con.sql(f"""
            SELECT count(*) FROM (SELECT * {leavers}) AS l JOIN c AS later
            ON later.pupilmatchingrefanonymous = l.pupilmatchingrefanonymous AND later.laestab_anon = l.laestab_anon
            AND later.collection_year = l.collection_year + 1 AND later.onroll = 1 AND later.recordstatus < 100
        """).fetchone()[0]
        share = con.sql("""
            SELECT avg(CAST(leavingdate IS NOT NULL AS INTEGER)) FROM c
            WHERE onroll = 1 AND ncyearactual = '6' AND collection_term = 'sum'
        """).fetchone()[0]
    assert back == 0
    assert 0.2 < share < 0.4


def test_shares_of_subjects_are_one_and_subjects_differ(extract):
    with duckdb.connect() as con:
        con.execute(f"CREATE VIEW h AS FROM read_parquet('{extract}/hesa/*.parquet')")
        shares = "+".join(f"coalesce(he_xfpe01_{number}, 0)" for number in range(1, 5))
        known = "he_xjacs01_1 IS NOT NULL AND he_xfpe01_1 IS NOT NULL"
        assert con.sql(f"SELECT count(*) FROM h WHERE {known} AND {shares} <> 1").fetchone()[0] == 0
        assert con.sql("SELECT count(*) FROM h WHERE he_xjacs01_3 IS NOT NULL").fetchone()[0] > 0
        for one, other in ((1, 2), (1, 3), (2, 3), (3, 4), (2, 4), (1, 4)):
            same = f"he_xjacs01_{one} = he_xjacs01_{other}"
            assert con.sql(f"SELECT count(*) FROM h WHERE {same}").fetchone()[0] == 0


def test_frameworks_standards_and_grades_agree_with_the_aim(extract):
    with duckdb.connect() as con:
        con.execute(f"CREATE VIEW a AS FROM read_parquet('{extract}/aims/*.parquet')")
        wrong = {
            "a framework": "(frameworkapp = 1) <> (framework_id > 0)",
            "a standard": "year >= 2014 AND (standardapp = 1) <> (standard_id > 0)",
            "one of both": "framework_id > 0 AND standard_id > 0",
            "no grade before the end": "outcome_grade IS NOT NULL AND (end_date IS NULL OR compstatus <> 2)",
            "a fail is not achieved": "outcome_grade IN ('FL', 'U') AND outcome = 1",
            "a pass is achieved": "outcome_grade IN ('PA', 'A', 'B', '7', '6', '5', '4') AND outcome <> 1",
            "the first mark first": "ldm_1 IS NULL AND ldm_2 IS NOT NULL",
        }
        for what, where in wrong.items():
            assert con.sql(f"SELECT count(*) FROM a WHERE {where}").fetchone()[0] == 0, what
