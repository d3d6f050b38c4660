"""Modes and sizes: low fidelity, CSV, blocks and workers, runs that are interrupted, disks that are full."""

from __future__ import annotations

import errno
import json
import shutil
import sys
from importlib import import_module

import distributed
import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import leocourse as leo
from leocourse.cli import app
from leocourse.core.errors import LeoError
from leocourse.core.keep import RECORD
from leocourse.extract import generate, generate_bare, is_current, truth_folder
from leocourse.extract.generate import content_hashes
from leocourse.extract.output import files
from leocourse.extract.output.arrow_tables import stored, to_table
from leocourse.schema import load_schema

writing = import_module("leocourse.extract.generate")
"""The module: the package gives its name to the function."""
PEOPLE, SEED, UNIT = 200, 5, 100


def make(folder, **options):
    settings = {"unit": UNIT, "workers": 1, "block_size": 100} | options
    return generate(folder, settings.pop("people", PEOPLE), settings.pop("seed", SEED), **settings)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small extract in two blocks, and its manifest."""
    folder = tmp_path_factory.mktemp("small") / "extract"
    return folder, make(folder)


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory):
    """The same people in low fidelity, as CSV."""
    folder = tmp_path_factory.mktemp("shuffled") / "extract"
    return folder, make(folder, mode="low-fidelity", file_format="csv")


def ledger(folder):
    with duckdb.connect() as con:
        return con.execute(f"FROM read_parquet('{truth_folder(folder)}/ledger/*.parquet') ORDER BY ALL").fetchall()


@pytest.mark.parametrize("options", [{"block_size": 200}, {"workers": 2}])
def test_neither_block_size_nor_workers_change_a_row(small, tmp_path, options):
    folder, manifest = small
    other = make(tmp_path / "extract", **options)
    assert content_hashes(other) == content_hashes(manifest)
    assert {name: len(units) for name, units in content_hashes(other).items() if len(units) > 1}
    assert ledger(tmp_path / "extract") == ledger(folder)
    for table in ("school_census", "leo_earnings", "ks4_pupil"):
        first, second = (pq.read_table(place / table).to_pandas() for place in (folder, tmp_path / "extract"))
        assert first.astype(str).equals(second.astype(str)), table
    assert json.loads((truth_folder(folder) / "manifest.json").read_text()) == json.loads(
        (truth_folder(tmp_path / "extract") / "manifest.json").read_text()
    )


def test_a_bare_extract_has_the_same_rows_and_views_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "BLOCK", 2 * UNIT)
    generate(tmp_path / "whole", PEOPLE + 30, SEED, workers=1, block_size=2 * UNIT, unit=UNIT)
    generate_bare(tmp_path / "bare", PEOPLE + 30, SEED)
    assert not truth_folder(tmp_path / "bare").exists()
    manifest = json.loads((tmp_path / "bare" / "manifest.json").read_text())
    assert list(manifest) == ["format", "notice"]
    assert (tmp_path / "bare" / "views.sql").read_text() == (tmp_path / "whole" / "views.sql").read_text()
    for table in sorted(
        path.name for path in (tmp_path / "whole").iterdir() if path.is_dir() and path.name != "linked"
    ):
        whole, bare = (pq.read_table(tmp_path / name / table) for name in ("whole", "bare"))
        assert len(list((tmp_path / "bare" / table).iterdir())) == len(list((tmp_path / "whole" / table).iterdir()))
        assert bare.num_rows == whole.num_rows
        assert sorted(map(str, bare.to_pylist())) == sorted(map(str, whole.to_pylist())), table


def test_the_content_hash_is_that_of_the_values(small):
    """A changed value, a missing one and a moved text each change the hash; the form of a text does not."""
    from leocourse.extract.base.columns import Coded, Nullable
    from leocourse.extract.output.arrow_tables import unit_hashes

    table = load_schema()["leo_geography"]
    text = next(item.name for item in table.fields if item.duckdb_type == "VARCHAR" and item.name != "edukey")
    person = np.arange(4)

    def hashed(column):
        at_rest = stored(table, {"person": person, text: column}, unit=10)
        return unit_hashes(at_rest, to_table(at_rest))

    plain = hashed(np.array([b"a", b"bc", b"", b"d"]))
    listed = hashed(Coded(np.array([2, 1, 0, 3]), ["", "bc", "a", "d"]))
    assert plain == hashed(Coded(np.array([2, 1, 0, 3]), ["", "bc", "a", "d"], own=True))
    assert listed == hashed(Coded(np.array([0, 3, 4, 1]), ["a", "d", "unused", "bc", ""]))
    many = [f"unused {number}" for number in range(200)]  # codes of two bytes
    assert listed == hashed(Coded(np.array([2, 1, 0, 3]), ["", "bc", "a", "d", *many]))
    some_missing = hashed(Coded(np.array([2, -1, 0, 3]), ["", "bc", "a", "d"]))
    for codes, labels in (([2, -1, 0, 3], many), ([2, -7, 0, 3], []), ([2, -7, 0, 3], many)):
        assert some_missing == hashed(Coded(np.array(codes), ["", "bc", "a", "d", *labels]))
    assert listed != hashed(Coded(np.array([2, 1, 0, 1]), ["", "bc", "a", "d"]))
    assert listed != hashed(Coded(np.array([2, 1, -1, 3]), ["", "bc", "a", "d"]))
    assert plain != hashed(np.array([b"ab", b"c", b"", b"d"]))
    assert plain != hashed(Nullable(np.array([b"a", b"bc", b"", b"d"]), person == 2))


def test_the_ledger_keeps_its_columns(small):
    with leo.connect(small[0]) as con:
        leo.attach_truth(con)
        columns = [line[0] for line in con.execute("DESCRIBE truth.ledger").fetchall()]
    assert columns == ["fault", "table_name", "row_key", "original"]


class Interruption(Exception):
    """Stands for whatever ends a run: a person, a power cut."""


def stop_after(blocks):
    def progress(done, total):
        if done == blocks:
            raise Interruption

    return progress


def counting(monkeypatch):
    """The numbers of the blocks that were written, as they are written."""
    written, real = [], writing.write_block
    monkeypatch.setattr(writing, "write_block", lambda *a: written.append(a[2]) or real(*a))
    return written


def test_an_interrupted_run_resumes(small, tmp_path, monkeypatch):
    folder = tmp_path / "extract"
    with pytest.raises(Interruption):
        make(folder, progress=stop_after(1))
    assert [path.name for path in tmp_path.iterdir()] == [".extract.partial"]
    with pytest.raises(LeoError, match="No extract|not an extract"):
        leo.connect(folder)
    written = counting(monkeypatch)
    assert content_hashes(make(folder)) == content_hashes(small[1])
    assert written == [1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["extract", "extract-truth"]


@pytest.mark.parametrize("options", [{"seed": 6}, {"mode": "low-fidelity"}])
def test_another_command_starts_afresh(tmp_path, monkeypatch, options):
    with pytest.raises(Interruption):
        make(tmp_path / "extract", progress=stop_after(1))
    written = counting(monkeypatch)
    with pytest.raises(Interruption):
        make(tmp_path / "extract", progress=stop_after(1), **options)
    assert written == [0]
    assert len(list((tmp_path / ".extract.partial" / "blocks").iterdir())) == 1


def test_a_half_written_file_is_written_again(small, tmp_path, monkeypatch):
    with pytest.raises(Interruption):
        make(tmp_path / "extract", progress=stop_after(1))
    cut = tmp_path / ".extract.partial" / "extract" / "leo_earnings" / "part-0000.parquet"
    cut.write_bytes(cut.read_bytes()[:100])
    written = counting(monkeypatch)
    make(tmp_path / "extract")
    assert written == [0, 1]
    assert pq.read_table(tmp_path / "extract" / "leo_earnings").num_rows == small[1]["tables"]["leo_earnings"]["rows"]


def test_interrupted_while_csv_is_joined(small, tmp_path, monkeypatch):
    real, joined = files.one_csv, []

    def joins_two(folder):
        if len(joined) == 2:
            raise Interruption
        joined.append(folder)
        real(folder)

    monkeypatch.setattr(writing, "one_csv", joins_two)
    with pytest.raises(Interruption):
        make(tmp_path / "extract", file_format="csv")
    monkeypatch.setattr(writing, "one_csv", real)
    written = counting(monkeypatch)
    assert content_hashes(make(tmp_path / "extract", file_format="csv")) == content_hashes(small[1])
    assert written == []


def test_a_full_disk_is_one_clear_line_and_loses_nothing(small, tmp_path, monkeypatch):
    real = pq.write_table

    def full(table, path, **options):
        if "part-0001" in str(path):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(table, path, **options)

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(LeoError, match="disk is full.*finished blocks.*kept") as caught:
        make(tmp_path / "extract")
    assert "\n" not in str(caught.value) and not (tmp_path / "extract").exists()
    monkeypatch.setattr(pq, "write_table", real)
    written = counting(monkeypatch)
    assert content_hashes(make(tmp_path / "extract")) == content_hashes(small[1])
    assert written == [1]


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_too_little_room_is_said_in_advance(tmp_path, monkeypatch, file_format):
    needed = 25_000 * writing.BYTES_PER_PERSON[file_format]
    free = shutil.disk_usage(tmp_path)._replace(free=needed - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: free)
    monkeypatch.setattr(writing, "write_block", lambda *given: pytest.fail("a block was written"))
    with pytest.raises(LeoError, match=r"too little room: about [\d.]+ GB are needed") as caught:
        generate(tmp_path / "extract", 25_000, 7, file_format=file_format, workers=1)
    assert "\n" not in str(caught.value) and not list(tmp_path.iterdir())


def test_an_extract_takes_no_more_room_than_is_said(lesson):
    places = (lesson, truth_folder(lesson))
    used = sum(file.stat().st_size for place in places for file in place.rglob("*") if "keys" not in file.parts)
    people = json.loads((lesson / "manifest.json").read_text())["people"]
    assert 0.5 < used / (people * writing.BYTES_PER_PERSON["parquet"]) < 1


def test_two_runs_do_not_share_a_folder(tmp_path):
    def second(done, total):
        make(tmp_path / "extract")

    with pytest.raises(LeoError, match="Another run is writing"):
        make(tmp_path / "extract", progress=second)


def test_csv_has_one_file_a_table_with_the_columns_as_stored(small, shuffled):
    folder, manifest = shuffled
    tables = set(manifest["tables"])
    assert {path.name for path in folder.iterdir()} == {f"{t}.csv" for t in tables} | {
        "manifest.json",
        "views.sql",
        RECORD,
    }
    for table in tables:
        with (folder / f"{table}.csv").open() as file:
            header = file.readline().strip().replace('"', "").split(",")
            rows = sum(1 for _ in file)
        assert header == pq.read_schema(small[0] / table / "part-0000.parquet").names
        assert rows == manifest["tables"][table]["rows"] == small[1]["tables"][table]["rows"]


def test_every_view_has_the_same_columns_and_each_column_the_same_values(small, shuffled):
    """CSV gives the types and missing values that Parquet gives; low fidelity keeps every marginal of every view."""
    with leo.connect(small[0]) as whole, leo.connect(shuffled[0]) as low:
        for view in ("npd_i2.spring_census_2011", "npd_i2.plasc_2004", "leo_i2.leo_earnings", "leo_i2.leo_geography"):
            database, name = view.split(".")
            source = f'FROM {database}."2005003".{name}'
            assert whole.execute(f"DESCRIBE {source}").fetchall() == low.execute(f"DESCRIBE {source}").fetchall()
            first, second = (con.execute(source).fetch_df() for con in (whole, low))
            assert len(first) == len(second) > 0
            for column in first:
                one, other = (sorted(map(str, frame[column])) for frame in (first, second))
                assert one == other, f"{view}.{column}"
            moved = [column for column in first if not first[column].equals(second[column])]
            assert moved


def test_low_fidelity_keeps_the_joins_and_has_no_truth(small, shuffled):
    joined = """
        SELECT count(*), count(DISTINCT k.ae_id) FROM leo_i2."2005003".leo_earnings e
        JOIN leo_i2."2005003".learner_ae_id_to_edukey_lookup k USING (edukey)
        JOIN leo_i2."2005003".learner_ae_id_to_pmr_lookup p USING (ae_id)
    """
    with leo.connect(small[0]) as whole, leo.connect(shuffled[0]) as low:
        assert whole.execute(joined).fetchone() == low.execute(joined).fetchone()
        with pytest.raises(LeoError, match="No truth"):
            leo.attach_truth(low)
    assert not truth_folder(shuffled[0]).exists()
    assert is_current(shuffled[0], PEOPLE, SEED, mode="low-fidelity", file_format="csv")
    assert not is_current(shuffled[0], PEOPLE, SEED)


def test_low_fidelity_does_not_depend_on_the_block(shuffled, tmp_path):
    other = make(tmp_path / "extract", mode="low-fidelity", block_size=200)
    assert content_hashes(other) == content_hashes(shuffled[1])


@pytest.mark.parametrize(
    ("options", "words"),
    [({"mode": "perfect"}, "--mode"), ({"file_format": "xlsx"}, "--format"), ({"workers": 0}, "--workers")],
)
def test_unknown_modes_and_formats_are_one_clear_line(tmp_path, options, words):
    with pytest.raises(LeoError, match=words):
        make(tmp_path / "extract", **options)
    assert not list(tmp_path.iterdir())


def test_a_scheduler_without_dask_is_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(LeoError, match="--scheduler needs Dask"):
        make(tmp_path / "extract", scheduler="tcp://127.0.0.1:8786")
    assert not list(tmp_path.iterdir())


def test_a_cluster_writes_the_same_rows(small, tmp_path):
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        manifest = make(tmp_path / "extract", scheduler=cluster.scheduler_address)
    assert content_hashes(manifest) == content_hashes(small[1])


def test_the_command_takes_mode_format_and_workers(tmp_path):
    options = ["--people", "50", "--seed", "3", "--mode", "low-fidelity", "--format", "csv", "--workers", "1"]
    command = ["extract", *options, "--output", str(tmp_path / "extract")]
    first = CliRunner().invoke(app, command)
    assert first.exit_code == 0, first.output
    assert (tmp_path / "extract" / "leo_earnings.csv").is_file()
    assert "current" in CliRunner().invoke(app, command).output
