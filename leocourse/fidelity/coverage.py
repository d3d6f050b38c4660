"""How often the intended estimator's 95% confidence interval covers the estimand, for every planted effect.

Each seed is another set of people and another register of enterprises. The share should lie between 92% and 98%.
With S seeds a share of 95% is itself uncertain by about two standard errors of ``sqrt(0.95 * 0.05 / S)``: 1.5
percentage points at 800 seeds, 3 at 200.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from leocourse.core.files import write_whole
from leocourse.fidelity import populations
from leocourse.fidelity.effects import EFFECTS, STUDIES
from leocourse.fidelity.estimands import estimates
from leocourse.steps import digest

LOW, HIGH = 0.92, 0.98
FIRST_SEED = 1_000
"""Far from the seed of the stored estimands."""
SEEDS, PROCESSES = 800, 2
PEOPLE: int | None = None
"""People of a sample; nothing, and each study has as many as it asks for."""

Found = dict[str, tuple[float, float]]
"""Estimate and standard error of every effect."""


def estimates_of_seeds(
    seeds: range,
    people: int | None,
    processes: int,
    progress: Callable[[int, int], None] | None = None,
    kept: Path | None = None,
) -> list[Found]:
    """Estimates of every effect among ``people`` people of each seed: without a number, as many as each study needs.

    What a run has found is written to the folder ``kept``, a file a seed, and a later run takes it from there, as long
    as the code of lives and studies is the same.
    """
    folder = kept / _of_the_code(people) if kept else None
    found = {seed: _read(folder, seed) for seed in seeds} if folder else {}
    found = {seed: each for seed, each in found.items() if each}
    missing = [seed for seed in seeds if seed not in found]
    if not missing:
        return [found[seed] for seed in seeds]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for seed, each in zip(missing, pool.map(partial(_one_seed, people), missing), strict=True):
            found[seed] = each
            if folder:
                folder.mkdir(parents=True, exist_ok=True)
                write_whole(folder / f"{seed}.json", json.dumps(each))
            if progress:
                progress(len(found), len(seeds))
    return [found[seed] for seed in seeds]


def _of_the_code(people: int | None) -> str:
    """A name for what decides the estimates: the code of lives, records and studies, and the number of people."""
    rooms = [Path(__file__).parent, Path(__file__).parents[1] / "extract"]
    return hashlib.sha256(f"{people} {digest(rooms)}".encode()).hexdigest()[:16]


def _read(folder: Path, seed: int) -> Found | None:
    """What was found for a seed, if it was, and for all the effects that there are."""
    try:
        found = json.loads((folder / f"{seed}.json").read_text(encoding="utf-8"))
        return {name: tuple(found[name]) for name in EFFECTS}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _one_seed(people: int | None, seed: int) -> Found:
    if people is None:
        return populations.estimates(seed, STUDIES)
    return {name: (each.value, each.error) for name, each in estimates(seed, people).items()}


def coverage(found: list[Found], known: dict[str, dict]) -> dict[str, dict]:
    """Share covered, mean distance in standard errors, and spread of estimates over mean error, by effect.

    Seeds in which too few people were treated for an estimate are left out, and counted.
    """
    out, people = {}, {name: study.people for study in STUDIES for name in study.names}
    for name in EFFECTS:
        value, error = np.array([each[name] for each in found]).T
        usable = np.isfinite(value) & (error > 0)
        value, error, truth = value[usable], error[usable], known[name]["estimand"]
        away = (value - truth) / error
        count = len(away)
        out[name] = {
            "estimand": truth,
            "seeds": count,
            "people": people[name],
            "covered": round(float((abs(away) < 1.96).mean()), 4) if count else None,
            "mean estimate": round(float(value.mean()), 2) if count else None,
            "mean distance": round(float(away.mean()), 3) if count else None,
            "spread over error": round(float(value.std(ddof=1) / error.mean()), 3) if count > 1 else None,
        }
    return out


def within(line: dict) -> bool:
    """Covered between 92% and 98%, or so near that this number of seeds, for so many effects, cannot tell.

    A twentieth of all effects lies more than two standard errors of the share from it by chance, so three are allowed.
    """
    slack = 3 * math.sqrt(0.95 * 0.05 / line["seeds"]) if line["seeds"] else 0
    return line["covered"] is not None and min(LOW, 0.95 - slack) <= line["covered"] <= max(HIGH, 0.95 + slack)
