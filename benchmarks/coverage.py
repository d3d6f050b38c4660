"""How often the intended estimator's 95% confidence interval covers the estimand, for every planted effect.

``python benchmarks/coverage.py --seeds 800 --people 10000``: each seed is another set of people and another
register of enterprises. The share should lie between 92% and 98%. With S seeds a share of 95% is itself
uncertain by about two standard errors of ``sqrt(0.95 * 0.05 / S)``: 1.5 percentage points at 800 seeds, 3 at 200.
"""

from __future__ import annotations

import argparse
import math
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import track
from rich.table import Table

from leocourse.core.paths import course_root
from leocourse.extract import parameters
from leocourse.fidelity import effects, estimands, recorded

LOW, HIGH = 0.92, 0.98
FIRST_SEED = 1_000
"""Far from the seed of the stored estimands."""


def one_seed(people: int, seed: int) -> dict[str, tuple[float, float]]:
    """Estimate and standard error of every effect in one set of people."""
    return {name: (each.value, each.error) for name, each in estimands.estimates(seed, people).items()}


def coverage(found: list[dict[str, tuple[float, float]]], known: dict[str, dict]) -> dict[str, dict]:
    """Share covered, mean distance in standard errors, and spread of estimates over mean error, by effect.

    Seeds in which too few people were treated for an estimate are left out, and counted.
    """
    out = {}
    for name in effects.EFFECTS:
        value, error = np.array([each[name] for each in found]).T
        usable = np.isfinite(value) & (error > 0)
        value, error, truth = value[usable], error[usable], known[name]["estimand"]
        away = (value - truth) / error
        count = len(away)
        out[name] = {
            "estimand": truth,
            "seeds": count,
            "covered": round(float((abs(away) < 1.96).mean()), 4) if count else None,
            "mean estimate": round(float(value.mean()), 2) if count else None,
            "mean distance": round(float(away.mean()), 3) if count else None,
            "spread over error": round(float(value.std(ddof=1) / error.mean()), 3) if count > 1 else None,
        }
    return out


def within(line: dict) -> bool:
    """Covered between 92% and 98%, or so near that this number of seeds cannot tell."""
    slack = 2 * math.sqrt(0.95 * 0.05 / line["seeds"]) if line["seeds"] else 0
    return line["covered"] is not None and min(LOW, 0.95 - slack) <= line["covered"] <= max(HIGH, 0.95 + slack)


def show(lines: dict[str, dict], people: int) -> Table:
    """The result as a table."""
    table = Table(title=f"Coverage of 95% confidence intervals, {people:,} people a seed")
    names = ["estimand", "seeds", "covered", "mean estimate", "mean distance", "spread over error"]
    for column in ["effect", *names, "target"]:
        table.add_column(column)
    for name, line in lines.items():
        cells = [str(line[column]) for column in names]
        exact = line["covered"] is not None and LOW <= line["covered"] <= HIGH
        table.add_row(name, *cells, "met" if exact else "within chance" if within(line) else "missed")
    return table


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=800)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--record", action="store_true", help="keep the shares for the page of the book")
    chosen = parser.parse_args()
    if min(chosen.seeds, chosen.people, chosen.processes) < 1:
        parser.error("--seeds, --people and --processes must be 1 or more.")
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
    with ProcessPoolExecutor(chosen.processes) as pool:
        results = pool.map(partial(one_seed, chosen.people), seeds)
        found = list(track(results, description="Seeds", total=chosen.seeds, console=Console(stderr=True)))
    lines = coverage(found, parameters.stored())
    Console(width=160).print(show(lines, chosen.people))
    if chosen.record:
        table = pd.DataFrame([{"effect": name, **line} for name, line in lines.items()])
        about = {"people": chosen.people, "seeds": chosen.seeds, "first_seed": chosen.first_seed}
        recorded.record(
            course_root(), recorded.RECOVERED, table, title="Coverage of the planted effects",
            command=f"python benchmarks/coverage.py --record --seeds {chosen.seeds} --people {chosen.people}",
            made_from=recorded.ESTIMANDS, about=about,
        )  # fmt: skip


if __name__ == "__main__":
    main()
