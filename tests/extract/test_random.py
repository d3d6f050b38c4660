"""Draws: uniform, independent, the same everywhere, and tables without a rounding that could differ."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leocourse.extract.base.random import QUANTILES, Stream, growth_table, normal_table, scramble, text_key

PEOPLE = np.arange(100_000)


def test_known_draws_never_change():
    assert Stream(1985, "work/entry").bits(np.arange(3), 7).tolist() == [1707610925, 1163669228, 3549050577]


@given(seed=st.integers(0, 2**62), start=st.integers(0, 2**40), size=st.integers(1, 50), k=st.integers(0, 2**31))
def test_a_draw_depends_on_the_person_and_not_on_the_block(seed, start, size, k):
    people = np.arange(start, start + size)
    stream = Stream(seed, "population/sex")
    assert stream.bits(people, k).tolist() == [int(stream.bits(np.array([p]), k)[0]) for p in people]


@pytest.mark.parametrize("k", [0, 1, 2011, 10_000])
def test_draws_are_uniform(k):
    counts = np.bincount(Stream(3, "uniform").below(100, PEOPLE, k), minlength=100)
    chi_squared = ((counts - 1000) ** 2 / 1000).sum()
    assert 50 < chi_squared < 165  # 99 degrees of freedom: outside once in 100,000 streams


def test_streams_and_draws_are_unrelated():
    columns = [Stream(3, name).bits(PEOPLE, k).astype(float) for name in "abcd" for k in (0, 1, 2)]
    related = np.corrcoef(columns) - np.eye(len(columns))
    assert abs(related).max() < 0.015


@given(st.integers(1, 10**6))
def test_below_stays_below(n):
    drawn = Stream(5, "below").below(n, PEOPLE[:1000])
    assert drawn.min() >= 0 and drawn.max() < n


def test_normal_draws_have_the_shape_of_a_normal_distribution():
    drawn = Stream(5, "normal").normal(PEOPLE)
    assert abs(drawn.mean()) < 12 and abs(drawn.std() - 1000) < 12
    assert abs((drawn > 1645).mean() - 0.05) < 0.003


def test_no_quantile_lies_near_a_rounding_boundary():
    exact = [1000 * NormalDist().inv_cdf(min(max(i, 0.25), QUANTILES - 0.25) / QUANTILES) for i in range(QUANTILES + 1)]
    distance = [abs(abs(value) % 1 - 0.5) for value in exact]
    assert min(distance) > 1e-6
    assert normal_table().tolist() == [round(value) for value in exact]


def test_growth_is_a_tenth_of_a_per_cent_a_step():
    table = growth_table()
    assert table[0] == 1000 and abs(table[9_500] / (1000 * 1.001**9500) - 1) < 1e-6
    assert (np.diff(table) > 0).all()


@pytest.mark.parametrize("width", [31, 35, 40, 48])
def test_scrambled_keys_are_unique_and_in_range(width):
    keys = scramble(np.arange(200_000), width, 9, "test")
    assert len(np.unique(keys)) == len(keys) and int(keys.max()) < 2**width


def test_text_keys_are_unique_and_as_wide_as_in_the_form():
    keys = text_key(np.arange(50_000), 18, "PM", 9, "pmr")
    assert len(np.unique(keys)) == len(keys) and keys.dtype == "S18"
