"""The data package of an extract: its structure is that of Frictionless Data Package v2."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from leocourse.cli import app
from leocourse.core.errors import LeoError
from leocourse.extract import FAULTS, generate
from leocourse.schema import load_schema
from leocourse.validation.package import NOTICE, export

STANDARD_TYPES = {"string", "integer", "number", "boolean", "date", "datetime", "year"}


@pytest.fixture(scope="module")
def packaged(clean_extract, tmp_path_factory) -> Path:
    """A copy of an extract with its data package."""
    folder = tmp_path_factory.mktemp("packaged") / "extract"
    shutil.copytree(clean_extract, folder)
    export(folder)
    return folder


@pytest.fixture(scope="module")
def descriptor(packaged) -> dict:
    return json.loads((packaged / "datapackage.json").read_text(encoding="utf-8"))


def test_it_says_what_the_data_are(descriptor):
    assert descriptor["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert descriptor["licenses"][0]["name"] and descriptor["licenses"][0]["path"].startswith("https://")
    assert NOTICE in descriptor["description"] and descriptor["leo:notice"] == NOTICE
    assert descriptor["leo:people"] == 2_000 and descriptor["leo:seed"] == 7


def test_every_table_of_the_manifest_is_a_resource(packaged, descriptor):
    manifest = json.loads((packaged / "manifest.json").read_text())
    assert [each["name"] for each in descriptor["resources"]] == list(manifest["tables"])
    for each in descriptor["resources"]:
        assert each["leo:rows"] == manifest["tables"][each["name"]]["rows"]


def test_paths_sizes_and_hashes_are_those_of_the_files(packaged, descriptor):
    for each in descriptor["resources"]:
        paths = each["path"] if isinstance(each["path"], list) else [each["path"]]
        assert paths == [file["path"] for file in each["leo:files"]]
        for file in each["leo:files"]:
            content = (packaged / file["path"]).read_bytes()
            assert file["bytes"] == len(content)
            assert file["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
            assert not Path(file["path"]).is_absolute() and ".." not in file["path"]


def test_schemas_list_the_stored_columns_with_standard_types(packaged, descriptor):
    with duckdb.connect() as con:
        for each in descriptor["resources"]:
            files = (packaged / each["name"] / "*.parquet").as_posix()
            stored = [line[0] for line in con.execute(f"DESCRIBE FROM read_parquet('{files}')").fetchall()]
            fields = each["schema"]["fields"]
            assert [field["name"] for field in fields] == stored
            assert {field["type"] for field in fields} <= STANDARD_TYPES
            for field in fields:
                kind = str if field["type"] == "string" else (int, float)
                others = [item["value"] for item in field.get("categories", ()) if not isinstance(item["value"], kind)]
                assert others == [], f"{each['name']}.{field['name']}"


def test_keys_lead_to_fields_of_the_package_and_ours_stay(descriptor):
    fields = {each["name"]: {f["name"] for f in each["schema"]["fields"]} for each in descriptor["resources"]}
    for each in descriptor["resources"]:
        schema = each["schema"]
        assert fields[each["name"]].issuperset(schema.get("primaryKey", []))
        for key in schema.get("foreignKeys", ()):
            assert fields[each["name"]].issuperset(key["fields"])
            assert fields[key["reference"]["resource"]].issuperset(key["reference"]["fields"])
        assert schema["leo:views"]
        real = [f for f in schema["fields"] if not f["name"].startswith("collection_")]
        assert [f["name"] for f in real if "leo:sql_type" not in f] == [], each["name"]


def test_frictionless_accepts_every_table_and_finds_a_cell_that_is_wrong(tmp_path):
    """It reads every row of the tables as CSV: types, codes, keys of the descriptor against the files."""
    frictionless = pytest.importorskip("frictionless", reason="frictionless is not installed (the extra 'dev').")
    generate(tmp_path / "extract", 60, 11, FAULTS, file_format="csv", workers=1)
    export(tmp_path / "extract")
    told = frictionless.Package(str(tmp_path / "extract" / "datapackage.json"))
    assert len(told.resources) == len(load_schema().tables)
    assert told.validate().flatten(["title", "note"]) == []
    earnings = tmp_path / "extract" / "leo_earnings.csv"
    with earnings.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][rows[0].index("taxyear")] = "two thousand"
    with earnings.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    (found,) = told.get_resource("leo_earnings").validate(frictionless.Checklist(pick_errors=["type-error"])).tasks
    assert [error.field_name for error in found.errors] == ["taxyear"]


def test_the_command_writes_it(clean_extract, tmp_path):
    shutil.copytree(clean_extract, tmp_path / "extract")
    done = CliRunner().invoke(app, ["package", str(tmp_path / "extract")])
    assert done.exit_code == 0 and (tmp_path / "extract" / "datapackage.json").is_file()


def test_what_is_no_whole_extract_is_one_clear_line(clean_extract, tmp_path):
    with pytest.raises(LeoError, match="is not an extract"):
        export(tmp_path)
    shutil.copytree(clean_extract, tmp_path / "extract")
    shutil.rmtree(tmp_path / "extract" / "hesa")
    with pytest.raises(LeoError, match=r"hesa/part-\d+.parquet is missing"):
        export(tmp_path / "extract")
