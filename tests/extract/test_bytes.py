"""Files are the same, byte for byte, whenever and wherever they are written."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from leocourse.core import files
from leocourse.core.errors import LeoError
from leocourse.extract.base.columns import Coded, each_text_once
from leocourse.extract.output.files import write_table, write_text

WRITE = """
import sys
from pathlib import Path
from leocourse.extract import generate, generate_bare
folder = Path(sys.argv[1])
generate(folder / "lives", 600, 5, workers=1, block_size=300, unit=100)
generate(folder / "shuffled", 200, 5, workers=1, mode="low-fidelity")
generate_bare(folder / "bare", 300, 5)
"""


def written(folder, filling):
    """Hashes of all files of extracts made where new memory is full of ``filling``."""
    memory = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_PERTURB_": str(filling)}
    subprocess.run([sys.executable, "-c", WRITE, str(folder)], check=True, env=os.environ | memory)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    place = tmp_path_factory.mktemp("bytes")
    return place / "one", written(place / "one", 85), written(place / "other", 170)


def test_what_lay_in_memory_is_in_no_file(twice):
    _, one, other = twice
    assert len(one) > 150 and [name for name in one if one[name] != other[name]] == []


def test_no_list_of_texts_holds_a_text_twice(twice):
    files = [path for path in twice[0].rglob("*.parquet") if path.parents[1].name == "lives"]
    lists = 0
    for path in files:
        for name, column in zip((table := pq.read_table(path)).column_names, table.columns, strict=True):
            for part in column.chunks:
                if hasattr(part, "dictionary"):
                    lists += 1
                    assert len(part.dictionary.unique()) == len(part.dictionary), (path, name)
    assert lists > 500


def test_texts_are_told_apart_and_rows_keep_theirs():
    labels, codes = ["a", "b", "a", "", None, "b", ""], np.array([6, 0, 1, -1, 2, 5, 3, 4], dtype=np.int8)
    places, texts = each_text_once(codes, labels)
    assert texts.to_pylist() == ["a", "b", "", None]
    assert [None if at < 0 else texts[int(at)].as_py() for at in places] == ["", "a", "b", None, "a", "b", "", None]
    assert places.dtype == codes.dtype and Coded(codes, labels).labels == labels


def test_a_table_of_an_extract_is_written_as_csv_too(tmp_path):
    table = pa.table({"text": pa.array(["x", None, 'a "b"']).dictionary_encode(), "number": [1, 2, None]})
    assert write_table(tmp_path / "folder" / "a.csv", table) == (tmp_path / "folder" / "a.csv").stat().st_size
    assert (tmp_path / "folder" / "a.csv").read_text() == '"text","number"\n"x",1\n,2\n"a ""b""",\n'


def test_a_small_file_is_whole_or_as_it_was(tmp_path, monkeypatch):
    write_text(tmp_path / "views.sql", "before")
    monkeypatch.setattr(files.os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(LeoError, match=r"Cannot write .*views\.sql: No space left on device"):
        write_text(tmp_path / "views.sql", "after")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]
