"""How often 95% confidence intervals cover the planted effects: ``python benchmarks/coverage.py``.

The target is 92% to 98%: see :mod:`leocourse.fidelity.coverage`. A seed of all studies takes about 16 CPU
seconds, so 800 seeds take two hours on two free cores. ``--record`` keeps the shares for the page of the book, as
``leo record coverage`` does if they are stale.
"""

from __future__ import annotations

import argparse
from time import perf_counter

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from leocourse.core.paths import course_root
from leocourse.extract import parameters
from leocourse.fidelity.coverage import (  # fmt: skip
    FIRST_SEED,
    HIGH,
    LOW,
    PROCESSES,
    SEEDS,
    coverage,
    estimates_of_seeds,
    within,
)
from leocourse.fidelity.recording import KEPT, record_coverage


def show(lines: dict[str, dict]) -> Table:
    """The result as a table."""
    table = Table(title="Coverage of 95% confidence intervals")
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
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--people", type=int, default=None, help="people a seed (default: as each study asks)")
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--record", action="store_true", help="keep the shares for the page of the book")
    chosen = parser.parse_args()
    if min(chosen.seeds, chosen.people or 1, chosen.processes) < 1:
        parser.error("--seeds, --people and --processes must be 1 or more.")
    started, seeds = perf_counter(), range(chosen.first_seed, chosen.first_seed + chosen.seeds)
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("Seeds", total=len(seeds))
        found = estimates_of_seeds(
            seeds,
            chosen.people,
            chosen.processes,
            lambda done, of: bar.update(task, completed=done),
            course_root() / KEPT,
        )
    lines = coverage(found, parameters.stored())
    Console(width=160).print(show(lines))
    if chosen.record and chosen.people is None:
        record_coverage(
            course_root(), lines, seeds=chosen.seeds, first_seed=chosen.first_seed,
            seconds=perf_counter() - started,
        )  # fmt: skip


if __name__ == "__main__":
    main()
