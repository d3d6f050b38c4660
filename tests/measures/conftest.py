"""Five small extracts with all their faults, and the simulated lives behind each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import kept
import numpy as np
import pandas as pd
import pytest
from lives import Lives
from outcomes import PEOPLE as OUTCOMES
from outcomes import Clean, of_school_cohorts

import leocourse as leo
from leocourse.extract import FAULTS
from leocourse.extract.base.keys import Keys
from leocourse.extract.faults import Faults, linkage
from leocourse.extract.lives import pathways, work
from leocourse.extract.lives.population import People, population
from leocourse.extract.records.pupils import Pupils
from leocourse.measures import example, model
from leocourse.measures.broken import BrokenMeasure

SEEDS = (3, 14, 159, 2653, 58979)
PEOPLE = 1_500


@dataclass
class World:
    """An extract, and the lives from which it was made, by number of the person."""

    folder: Path
    seed: int
    con: duckdb.DuckDBPyConnection

    @cached_property
    def people(self) -> People:
        return population(self.seed, np.arange(PEOPLE))

    @cached_property
    def keys(self) -> Keys:
        return Keys(self.seed)

    @cached_property
    def pupils(self) -> Pupils:
        return Pupils(self.people, self.keys)

    @cached_property
    def paths(self) -> pathways.Pathways:
        return pathways.pathways(self.people)

    @cached_property
    def life(self) -> work.Work:
        return work.work(self.people, self.paths)

    @cached_property
    def links(self) -> linkage.Links:
        """Who has two AE_IDs, two EDUKEYs or no EDUKEY."""
        return linkage.linkage(self.people, self.keys, Faults(self.seed))

    @cached_property
    def ae_id(self) -> np.ndarray:
        """The AE_ID by which each person should be known: the lower of two."""
        first, second = (self.keys.ae_id(self.people.person, copy) for copy in (0, 1))
        return np.where(self.links.two_ae_ids, np.minimum(first, second), first)

    def struck(self, fault: str) -> np.ndarray:
        """The people whom a fault struck that the ledger lists by PMR."""
        found = self.con.execute(
            "SELECT regexp_extract(row_key, 'pupilmatchingrefanonymous=([^;]+)', 1) FROM truth.ledger WHERE fault = ?",
            [fault],
        ).fetchall()
        return np.isin(self.pupils.pmr_labels, [key for (key,) in found])

    def measure(self, name: str, **parameters: object) -> pd.DataFrame:
        """A measure with the number of the person as index."""
        frame = of_school_cohorts(leo.measure(self.con, name, **parameters).df(), self.keys, PEOPLE)
        frame.index = self.number[frame.pop("ae_id")].to_numpy()
        return frame.sort_index()

    @cached_property
    def number(self) -> pd.Series:
        """Number of the person, by AE_ID."""
        return pd.Series(self.people.person, self.ae_id)


@pytest.fixture(scope="session")
def make_extract() -> Callable[..., Path]:
    """Makes the extract of a seed, once for all test processes and runs, and returns its folder."""

    def make(seed: int, name: str = "seed", people: int = PEOPLE, **options: object) -> Path:
        return kept.extract(f"{name}-{seed}", people, seed, workers=1, **options)

    return make


@pytest.fixture(scope="session", params=SEEDS)
def world(request, make_extract):
    """Each of the five extracts with its truth attached. Measures stay on its connection between tests."""
    folder = make_extract(request.param)
    with leo.connect(folder) as con:
        leo.attach_truth(con)
        yield World(folder, request.param, con)


@pytest.fixture(scope="module", params=SEEDS)
def clean(request):
    """Each of five extracts without faults, with its lives. Measures stay on its connection between tests."""
    folder = kept.extract(f"outcomes-{request.param}", OUTCOMES, request.param, without=tuple(FAULTS), workers=1)
    with leo.connect(folder) as con:
        leo.attach_truth(con)
        yield Clean(con, Lives(request.param, OUTCOMES))


@pytest.fixture
def changed_sql(tmp_path, monkeypatch) -> Callable[[str, str, str, str], None]:
    """Changes a word in the SQL of one measure, in a copy of all of them that counts for this test."""
    copy = tmp_path / "measures"
    shutil.copytree(model.FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(model, "FOLDER", copy)
    caches = (model._files, model.load, example.cases)

    def change(group: str, name: str, old: str, new: str) -> None:
        path = copy / group / f"{name}.sql"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        for cache in caches:
            cache.cache_clear()

    yield change
    for cache in caches:
        cache.cache_clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A fault in the SQL of a measure is one line in each test that meets it: test_columns.py says it in full."""
    report = yield
    if call.excinfo and isinstance(call.excinfo.value, BrokenMeasure):
        report.longrepr = str(call.excinfo.value)
    return report
