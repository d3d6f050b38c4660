"""What is left between the columns of a low-fidelity extract: the correlation of every pair of columns.

Values are replaced by their ranks within a view, texts by the ranks of their places in the alphabet, and centred
there, so that only what joins columns within a view counts. With few rows chance alone makes correlations:
:func:`by_chance` says how large.
"""

from __future__ import annotations

import json
from math import inf, sqrt
from pathlib import Path
from statistics import NormalDist

import duckdb
import numpy as np
import pandas as pd

from leocourse.core.errors import LeoError
from leocourse.extract.generate import MANIFEST
from leocourse.extract.output.low_fidelity import is_key
from leocourse.schema.ddl import TERM_COLUMN, YEAR_COLUMN, quoted

LIMIT = 0.02
"""What every correlation should stay below, where the rows are many enough for chance to allow it."""
UNLIKELY = 0.001
"""How seldom chance alone brings a table's largest correlation above :func:`by_chance`."""
ENOUGH_ROWS = 300_000
"""Views are taken from the largest on until they hold so many rows."""
LEAST_VALUES, MOST_ALIKE = 200, 0.99
"""Columns with fewer values besides the commonest, or with a larger share of it, have too little to correlate: a
handful of rows that differ from all others meet those of another column by luck, and the line of chance fails."""

MEETINGS = 5
"""Rows in which the rarer values of two columns should meet by chance alone: with fewer, one more is already much.
The variance of the ranks of two values is a quarter of the product of their shares."""


def by_chance(pairs: int, rows: float) -> float:
    """The largest correlation that chance alone allows among ``pairs`` independent pairs of ``rows`` values."""
    return NormalDist().inv_cdf(1 - UNLIKELY / (2 * pairs)) / sqrt(rows)


def correlations(folder: Path) -> pd.DataFrame:
    """The largest correlation of each table of a low-fidelity extract stored as Parquet.

    Columns: table, views and rows looked at, columns and pairs of them, chance (what chance alone allows where no
    value is missing), large_pairs (pairs for which it is below :data:`LIMIT`), largest (absolute correlation among
    these, missing where there is none), over_chance (largest share of what chance allows, over all pairs). Tables with
    fewer than two columns to compare are left out. Raises LeoError if the folder holds no such extract.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LeoError(f"{folder} holds no whole extract.") from error
    if (manifest["mode"], manifest["file_format"]) != ("low-fidelity", "parquet"):
        raise LeoError(f"{folder} is no low-fidelity extract in Parquet.")
    found = []
    for table, entry in manifest["tables"].items():
        views, ranks = _ranks([(folder / part["path"]).as_posix() for part in entry["parts"]])
        if ranks.shape[1] > 1:
            found.append({"table": table, "views": views, "rows": len(ranks), **_largest(ranks)})
    return pd.DataFrame(found)


def _ranks(files: list[str]) -> tuple[int, np.ndarray]:
    """The largest views of a table: their number, and centred ranks by row and column, NaN where missing."""
    with duckdb.connect(":memory:") as con:
        con.execute("SET enable_progress_bar = false")
        source = con.read_parquet(files)
        named = [name for name in (YEAR_COLUMN, TERM_COLUMN) if name in source.columns]
        compared = [name for name in source.columns if not is_key(name)]
        if len(compared) < 2:
            return 0, np.zeros((0, 0))
        sorting = ", ".join(map(quoted, named)) or "1"
        sizes = con.sql(
            f"SELECT {sorting}, count(*) AS n FROM source GROUP BY ALL ORDER BY n DESC, {sorting}"
        ).fetchall()
        parts, rows = [], 0
        for *values, size in sizes:
            chosen = " AND ".join(f"{quoted(name)} IS NOT DISTINCT FROM ?" for name in named) or "TRUE"
            query = f"SELECT {', '.join(map(quoted, compared))} FROM source WHERE {chosen}"
            parts.append(_ranked(con.execute(query, values[: len(named)]).df()))
            rows += size
            if rows >= ENOUGH_ROWS:
                break
    ranks = np.concatenate(parts) if parts else np.zeros((0, 0))
    return len(parts), ranks[:, _varied(ranks)]


def _ranked(view: pd.DataFrame) -> np.ndarray:
    """Each column's ranks as shares of its values, less their mean; NaN throughout where all values are alike."""
    centred = []
    for name in view:
        number, values = pd.factorize(view[name], sort=True)
        rank = pd.Series(number).where(number >= 0).rank(pct=True)
        centred.append((rank - rank.mean()).to_numpy() if len(values) > 1 else np.full(len(view), np.nan))
    return np.column_stack(centred)


def _varied(ranks: np.ndarray) -> np.ndarray:
    """Columns with enough values that are not nearly all alike."""
    kept = []
    for column in ranks.T:
        known = column[~np.isnan(column)]
        most = np.unique(known, return_counts=True)[1].max(initial=0)
        kept.append(len(known) - most >= LEAST_VALUES and most <= MOST_ALIKE * len(known))
    return np.array(kept, dtype=bool)


def _largest(ranks: np.ndarray) -> dict[str, float]:
    """Correlations of all pairs of columns, each over the rows in which both are known."""
    known = (~np.isnan(ranks)).astype(float)
    value = np.nan_to_num(ranks)
    rows = known.T @ known
    one, two, both = value.T @ known, (value**2).T @ known, value.T @ value
    size = np.maximum(rows, 1)
    spread = two / size - (one / size) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.abs((both / size - one * one.T / size**2) / np.sqrt(spread * spread.T))
    pair = np.triu_indices(len(rows), 1)
    # Of two columns whose values are nearly all alike where both are known, too few others can meet: see MEETINGS.
    meetings = (rows * 16 * spread * spread.T)[pair]
    usable = (rows[pair] >= LEAST_VALUES) & (meetings >= MEETINGS) & np.isfinite(correlation[pair])
    correlation, rows = correlation[pair][usable], rows[pair][usable]
    pairs = int(usable.sum())
    if not pairs:
        return {"columns": ranks.shape[1], "pairs": 0, "chance": inf, "large_pairs": 0, "largest": np.nan,
                "over_chance": 0.0}  # fmt: skip
    allowed = by_chance(pairs, 1) / np.sqrt(rows)
    large = allowed < LIMIT
    return {
        "columns": ranks.shape[1],
        "pairs": pairs,
        "chance": by_chance(pairs, len(ranks)),
        "large_pairs": int(large.sum()),
        "largest": float(correlation[large].max()) if large.any() else np.nan,
        "over_chance": float((correlation / allowed).max()),
    }
