"""The truth of an extract beside an estimate: what was planted, what was estimated, and how far they are apart.

Works after ``leo.attach_truth(con)``. The real data have nothing like it.
"""

from __future__ import annotations

import math

import duckdb
import pandas as pd
from pandas.io.formats.style import Styler

from leocourse.core.errors import LeoError
from leocourse.lesson import show

STEP_OF_PAY = math.log(1.001)
"""Effects on pay are planted in steps of 0.1% of the yearly rate: so much is one in logarithms."""
SCALES = {"steps of": STEP_OF_PAY, "millionths": 1e-6, "thousandths of": 1e-3}
"""What an effect is multiplied by, by how its unit begins: to log pay, to a share, to a standard deviation."""
Z = 1.959964
"""Standard errors from an estimate to the end of an interval of 95%."""


def true_effect(con: duckdb.DuckDBPyConnection, parameter: str) -> float:
    """What a planted effect really is among those it is about, in the unit in which people estimate it.

    An effect on pay is a difference of log pay, one on a share a difference of shares (0 to 1), one on results a
    difference in standard deviations. ``parameter`` is its name in ``truth.parameters``; the page "What is planted"
    lists them, and says who is compared with whom. Raises LeoError if the truth is not attached, or has no such effect.
    """
    try:
        found = con.execute("SELECT estimand, unit FROM truth.parameters WHERE parameter = ?", [parameter]).fetchone()
    except duckdb.CatalogException:
        raise LeoError("The truth is not attached: run leo.attach_truth(con) first.") from None
    if found is None or found[0] is None or math.isnan(found[0]):
        raise LeoError(f"There is no planted effect '{parameter}': see the page 'What is planted'.")
    return float(found[0]) * scale(found[1])


def scale(unit: str) -> float:
    """What an effect in this unit of ``truth.parameters`` is multiplied by. Raises LeoError for a unit without one."""
    for begins, factor in SCALES.items():
        if unit.startswith(begins):
            return factor
    raise LeoError(f"An effect in '{unit}' has no scale to estimate it on.")


def compare_truth(truth: float, decimals: int = 3, **estimates: float | tuple[float, float]) -> Styler:
    """A table of estimates above the truth: each with its interval of 95%, and how far from the truth it is.

    Each of ``estimates`` is a number, or a number with its standard error: ``compare_truth(t, naive=0.4,
    regression=(0.13, 0.01))``. An underscore in a name is shown as a space. Raises LeoError for an error below 0.
    """
    return show(compared(truth, decimals, **estimates), decimals)


def compared(truth: float, decimals: int = 3, **estimates: float | tuple[float, float]) -> pd.DataFrame:
    """The table of :func:`compare_truth`: ``number``, ``estimate``, ``interval``, ``off by``, ``holds the truth``."""
    rows = []
    for name, given in estimates.items():
        value, error = given if isinstance(given, tuple) else (given, math.nan)
        value, error = float(value), float(error)
        if error < 0:
            raise LeoError(f"The standard error of {name} is below 0.")
        low, high = value - Z * error, value + Z * error
        known = not math.isnan(error)
        rows.append({
            "number": name.replace("_", " "),
            "estimate": value,
            "interval": f"{low:.{decimals}f} to {high:.{decimals}f}" if known else "",
            "off by": value - truth,
            "holds the truth": ("yes" if low <= truth <= high else "no") if known else "",
        })  # fmt: skip
    rows.append({"number": "truth", "estimate": float(truth), "interval": "", "off by": 0.0, "holds the truth": ""})
    return pd.DataFrame(rows)
