"""The planted parameters, each with the value that the intended estimator would give, read from its JSON."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from leocourse.core.errors import LeoError
from leocourse.core.paths import course_root
from leocourse.extract import post16_tables, school_tables
from leocourse.extract.faults import FAULTS
from leocourse.extract.lives import activity, adult_learning, colleagues, firms, pay, place_pay

STORED = Path("data") / "reference" / "estimands.json"
"""Made by :mod:`leocourse.fidelity.estimands` and kept: an extract is written without simulating effects again."""


@cache
def stored() -> dict[str, dict]:
    """The stored estimands by effect. Raises LeoError if they were never computed."""
    path = course_root() / STORED
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LeoError(
            f"{STORED.as_posix()} cannot be read: get it back with 'git checkout data/reference'."
        ) from error


def for_parameters() -> dict[str, tuple[float, str]]:
    """Estimand and estimator by the name of the parameter in ``truth.parameters``."""
    return {effect["parameter"]: (effect["estimand"], effect["estimator"]) for effect in stored().values()}


def parameters() -> list[dict]:
    """Every planted parameter: what raises pay, and the rate of every fault.

    Where a researcher would estimate it, the value that the intended estimator would give stands beside it.
    """
    early = {
        f"{name}, year {year} after year 11": steps
        for name, by_year in pay.PAY_EARLY.items()
        for year, steps in enumerate(by_year, start=1)
        if steps
    }
    enterprises = {f"enterprise: {name}": steps for name, steps in firms.FIRM_PAY.items()}
    around = place_pay.PLACE_PAY | place_pay.CATCHING_UP | colleagues.COLLEAGUES
    lines = [
        {"parameter": f"pay: {name}", "value": steps, "unit": "steps of 0.1% of the yearly rate of pay"}
        for name, steps in {**pay.PAY_STEPS, **early, **enterprises, **around}.items()
    ]
    lines += [
        {"parameter": f"local unemployment, a standard deviation: {name}", "value": value, "unit": "thousandths"}
        for name, value in activity.LABOUR_MARKET.items()
    ]
    lines += [
        {"parameter": f"adult learning: {name}", "value": value, "unit": unit}
        for table, unit in (
            (adult_learning.ADULT_PAY | adult_learning.ADULT_PAY_LOW, "steps of 0.1% of the yearly rate of pay"),
            ({f"dip in pay, {name}": steps for name, steps in adult_learning.DIP.items()},
             "steps of 0.1% of the yearly rate of pay"),
            ({f"attachment to work in the year before, {who}": lost for who, lost in adult_learning.WORK_DIP.items()}
             | {"attachment to work after a course at level 2 or above": adult_learning.ADULT_WORK}, "thousandths"),
        )
        for name, value in table.items()
    ]  # fmt: skip
    lines += [
        {"parameter": f"{what}: {name}", "value": value, "unit": "thousandths"}
        for what, table in (("attachment to work by level reached", activity.WORK_BY_LEVEL),
                            ("hardship by level reached", activity.CLAIMS_BY_LEVEL))
        for name, value in zip(activity.LEVELS, table, strict=True)
    ]  # fmt: skip
    rates = [
        {"parameter": f"fault: {name}", "value": fault.rate, "unit": "millionths of the rows or people it can strike"}
        for name, fault in FAULTS.items()
    ]
    lines = lines + rates + post16_tables.parameters() + school_tables.parameters()
    found = for_parameters()
    nothing = (None, None)
    return [line | dict(zip(("estimand", "estimator"), found.get(line["parameter"], nothing), strict=True))
            for line in lines]  # fmt: skip
