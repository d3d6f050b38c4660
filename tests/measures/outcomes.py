"""Extracts without faults on which the outcome measures must agree exactly with the simulated lives."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from lives import Lives

import leocourse as leo
from leocourse.extract.base.keys import Keys
from leocourse.extract.base.numbers import ADULTS_FROM, adults_beside
from leocourse.measures import load

PEOPLE = 1_000
DAY_0 = np.datetime64("1970-01-01")


@dataclass
class Clean:
    """An extract without faults, with its lives."""

    con: duckdb.DuckDBPyConnection
    lives: Lives

    def __post_init__(self) -> None:
        self.number = pd.Series(np.arange(self.lives.size), self.lives.keys.ae_id(np.arange(self.lives.size)))

    def rows(self, name: str, **parameters: object) -> pd.DataFrame:
        """A measure with the number of each person in place of the AE_ID."""
        frame = of_school_cohorts(leo.measure(self.con, name, **parameters).df(), self.lives.keys, self.lives.size)
        frame["i"] = self.number[frame.pop("ae_id")].to_numpy()
        by = ["i", *(column for column in load(name).key if column in frame)]
        return frame.sort_values(by, ignore_index=True)  # a measure promises no order of rows

    def table(self, name: str, column: str, by: str = "tax_year", **parameters: object) -> pd.DataFrame:
        """One column of a measure: people down, years across, missing where there is no row."""
        return self.rows(name, **parameters).pivot(index="i", columns=by, values=column).reindex(range(self.lives.size))


def of_school_cohorts(frame: pd.DataFrame, keys: Keys, people: int) -> pd.DataFrame:
    """The rows of a measure but those of adults without a school record, whose lives these tests do not draw."""
    return frame[~frame["ae_id"].isin(keys.ae_id(adults_beside(0, people)))].copy()


def same(found: pd.DataFrame, expected: dict[int, np.ndarray]) -> None:
    """The same value for everybody in every year; 0 stands for no row."""
    assert set(found.columns) <= set(expected)
    assert sum((values > 0).sum() for values in expected.values()) > 50
    for year, values in expected.items():
        ours = found[year].fillna(0).to_numpy() if year in found else np.zeros(len(values))
        wrong = np.flatnonzero(ours != values)
        assert not len(wrong), f"{year}: person {wrong[0]} has {ours[wrong[0]]}, not {values[wrong[0]]}"


def true_spells(clean: Clean) -> pd.DataFrame:
    """The true spells of work of the school cohorts: person, first and last day."""
    return clean.con.sql(
        f"SELECT person_number AS i, start_date, end_date FROM truth.spells WHERE person_number < {ADULTS_FROM}"
    ).df()


def in_work(clean: Clean) -> pd.DataFrame:
    """The truth of working years by person and tax year, which the generator writes beside the extract."""
    return clean.con.sql(f"FROM truth.working_years WHERE person_number < {ADULTS_FROM}").df()
