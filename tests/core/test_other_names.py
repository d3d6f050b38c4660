"""The request form's names of columns are accepted on a connection, and SELECT * shows the delivered ones."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import leocourse as leo
from leocourse.core.names import renamed
from leocourse.extract.generate import generate_bare

CASES = json.loads(Path(__file__).with_name("other_names.json").read_text(encoding="utf-8"))
SPRING = 'npd_i2."2005003".spring_census_2016'
EARLY = 'npd_i2."2005003".plasc_2004'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("names") / "extract"
    generate_bare(made, 1_200, 3)
    return made


@pytest.fixture
def named(folder):
    with leo.connect(folder) as con:
        yield con


def test_both_names_give_the_same_rows_and_the_result_has_the_written_one(named, capfd):
    form = named.sql(
        f"SELECT c.laestab_spr16_anon, count(*) FROM {SPRING} AS c GROUP BY c.laestab_spr16_anon ORDER BY 1"
    )
    own = named.sql(f"SELECT laestab_anon_spr16, count(*) FROM {SPRING} GROUP BY ALL ORDER BY 1")
    assert form.columns[0] == "laestab_spr16_anon"
    assert form.fetchall() == own.fetchall()
    named.sql(f"SELECT max(laestab_spr16_anon) FROM {SPRING}")
    said = capfd.readouterr().err
    assert said == "laestab_spr16_anon is the request form's name: the view has laestab_anon_spr16.\n"


def test_select_star_has_the_delivered_names_alone(named):
    columns = named.sql(f"SELECT * FROM {SPRING} LIMIT 0").columns
    assert "laestab_anon_spr16" in columns and "laestab_spr16_anon" not in columns
    assert "gender_04" in named.sql(f"SELECT * FROM {EARLY} LIMIT 0").columns


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        (f"SELECT x.laestab_spr16_anon AS a FROM (SELECT laestab_spr16_anon FROM {SPRING}) AS x", ["a"]),
        (
            f"SELECT 'laestab_spr16_anon' AS t, idaciscore_spr16 -- laestab_spr16_anon\nFROM {SPRING}",
            ["t", "idaciscore_spr16"],
        ),
        (f"WITH c AS (SELECT laestab_anon_spr16 AS laestab_spr16_anon FROM {SPRING}) FROM c", ["laestab_spr16_anon"]),
        (f'SELECT "LAEstab_Spr16_Anon" FROM {SPRING} WHERE urn_spr16_anon IS NOT NULL', ["LAEstab_Spr16_Anon"]),
        (f"SELECT count(*) AS n FROM {EARLY} JOIN {EARLY} AS b USING (pupilmatchingrefanonymous_spr04)", ["n"]),
        (f"SELECT fsmeligibility_spr04, senstatus_spr04 FROM {EARLY}", ["fsmeligibility_spr04", "senstatus_spr04"]),
        (f"SELECT * EXCLUDE (laestab_spr16_anon) FROM (SELECT laestab_anon_spr16, 1 AS k FROM {SPRING})", ["k"]),
        (f"PIVOT (SELECT laestab_spr16_anon, gender_spr16 FROM {SPRING}) ON gender_spr16 USING count(*)", None),
        ('SELECT max(pl_qan_aat) AS q FROM npd_i2."2005003".plams_amended_2008', ["q"]),
        ('SELECT min(cin_cinreferraldate) AS d FROM npd_i2."2005003".cin_2009_to_2021', ["d"]),
    ],
)
def test_names_mean_what_they_mean_in_sql(named, sql, columns):
    relation = named.sql(sql)
    relation.fetchall()
    assert columns is None or relation.columns == columns


def test_parameters_scripts_and_cursors(named):
    query = f"SELECT count(*) FROM {SPRING} WHERE laestab_spr16_anon IS NOT NULL AND gender_spr16 = ?"
    assert named.execute(query, ["F"]).fetchone()[0] > 0
    assert named.sql(query, params=["F"]).fetchone()[0] > 0
    named.execute(f"CREATE TABLE seen AS SELECT laestab_spr16_anon FROM {SPRING}; SELECT laestab_spr16_anon FROM seen")
    assert named.fetchone() is not None
    with named.cursor() as other:
        assert other.execute(f"SELECT max(idaciscore_spr16) FROM {SPRING}").fetchone()[0] is not None
    statement = named.extract_statements(f"SELECT max(laestab_spr16_anon) FROM {SPRING}")[0]
    assert named.execute(statement).fetchone()[0] is not None


def test_a_query_finds_the_data_frames_of_its_caller(named):
    def inside():
        frame = pd.DataFrame({"k": [1, 2]})
        assert len(frame)
        return named.sql("SELECT sum(k) FROM frame").fetchone()[0], named.execute(
            "SELECT sum(k) FROM frame"
        ).fetchone()[0]

    assert inside() == (3, 3)
    with pytest.raises(leo.core.connect.duckdb.Error, match="caller"):
        named.sql("FROM caller")  # a variable of the wrapper is none of the caller's


def test_what_is_no_name_at_all_is_still_an_error(named):
    with pytest.raises(leo.core.connect.duckdb.BinderException, match="laestab_spr15_anon"):
        named.sql(f"SELECT laestab_spr15_anon FROM {SPRING}")
    with pytest.raises(leo.core.connect.duckdb.BinderException, match="nothing_here"):
        named.sql(f"SELECT laestab_spr16_anon, nothing_here FROM {SPRING}")


def test_an_error_is_at_the_line_of_the_one_who_wrote_it(named):
    from leocourse.checks.errors import own_lines

    with pytest.raises(leo.core.connect.duckdb.Error) as raised:
        named.execute("SELECT nothing_here")
    assert len(own_lines(raised.value)) == 1


def test_other_connections_are_as_they_were(named):
    import duckdb

    with duckdb.connect() as con:
        con.execute("CREATE TABLE v (laestab_anon_spr16 int)")
        with pytest.raises(duckdb.BinderException):
            con.sql("SELECT laestab_spr16_anon FROM v")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["sql"][:40])
def test_one_reference_is_renamed(case):
    assert renamed(case["sql"], "a", "b", case["position"]) == case["becomes"]


def test_the_pages_rename_the_same(root):
    node = shutil.which("node") or pytest.skip("This test needs Node.")
    done = subprocess.run(
        [node, str(root / "web" / "test" / "names.mjs")],
        input=json.dumps(CASES), capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == [case["becomes"] for case in CASES]
