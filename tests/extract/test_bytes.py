"""Files are the same, byte for byte, whenever and wherever they are written."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest

from leocourse.extract.base.columns import Coded, each_text_once

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
