"""What each planted effect is worth: the value that the intended estimator would give with unlimited data.

A planted parameter is not what an estimate should be compared with: pay is clipped and rounded, a course
changes more than pay, and effects differ between people. So every effect here has an *estimand*, computed
from potential outcomes: the same people live twice, with the same draws, once with the treatment and once
without it, and the difference is averaged over those who are treated. Beside it stand the estimator that
should find it, written for lives (before records and faults), and the naive comparison that should not.

Pay is measured in steps of 0.1% (:func:`steps`), shares in millionths, results in thousandths of a standard
deviation. Logarithms are used here, and only here: nothing in this module decides a row of an extract. The
stored values, in ``data/reference/estimands.json``, come from ``leo record estimands`` (about two minutes), which
``python -m leocourse.fidelity.estimands`` does for another number of people or to another file.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from leocourse.core import keep
from leocourse.core.paths import course_root
from leocourse.extract.base import numbers
from leocourse.extract.lives.population import population
from leocourse.extract.parameters import STORED
from leocourse.fidelity.effects import EFFECTS, STUDIES
from leocourse.fidelity.estimators import intended, join, naive, project
from leocourse.fidelity.recorded import LIVES_HASH, belongs, made_from_entry
from leocourse.fidelity.worlds import Difference, Lives, Study, live, live_adults

BLOCK = 50_000
NAIVE_PEOPLE = 400_000
"""Among so many people, about one in a hundred of the real extract, each naive comparison misses by at least
:data:`MISSES_BY` standard errors. The stored values say for each effect how many people would be enough."""
MISSES_BY = 5
LEAST_PEOPLE = 20_000


@dataclass(frozen=True)
class Estimate:
    """Two estimates of an effect with their standard errors."""

    value: float
    error: float
    naive: float
    naive_error: float


def blocks_of(people: int, size: int = BLOCK) -> list[np.ndarray]:
    """Numbers of people, in blocks."""
    return [np.arange(first, min(first + size, people), dtype=np.int64) for first in range(0, people, size)]


def estimates(seed: int, people: int) -> dict[str, Estimate]:
    """Intended and naive estimate of every effect from the lives of the first ``people`` people."""
    found, alive = {}, {}
    for study in STUDIES:
        about = (study.among, study.adults)
        if about not in alive:
            each = BLOCK if study.among is None else people  # a rare group is lived at once
            alive[about] = [lived(seed, person, study) for person in blocks_of(people, each)]
        sample = join([study.sample(lives) for lives in alive[about]])
        values = study.estimate(sample) if study.estimate else intended(sample)
        for name, (value, error) in zip(study.names, values, strict=True):
            found[name] = Estimate(float(value), float(error), *naive(*sample.naive[name]))
    return found


def lived(seed: int, person: np.ndarray, study: Study) -> Lives:
    """The lives of those of these people whom a study is about, or of as many adults without a school record."""
    if study.adults:
        return live_adults(seed, numbers.ADULTS_FROM + person)
    return live(seed, person if study.among is None else person[study.among(population(seed, person))])


def estimands(seed: int, people: int, progress: Callable[[int, int], None] | None = None) -> dict[str, dict]:
    """The estimand of every effect, its Monte Carlo error and the number of treated people, by name."""
    parts: dict[tuple[str, ...], list[Difference]] = {}
    seen: list[dict[str, list]] = [{name: [] for name in study.names} for study in STUDIES]
    blocks = blocks_of(people)
    for number, person in enumerate(blocks):
        school = live(seed, person)
        adults = live_adults(seed, numbers.adults_beside(int(person[0]), int(person[-1]) + 1))
        for study, seen_by in zip(STUDIES, seen, strict=True):
            lives = adults if study.adults else school
            if person[-1] < NAIVE_PEOPLE:
                for name, compared in study.sample(lives).naive.items():
                    seen_by[name].append(compared)
            for part in study.differences(lives):
                parts.setdefault(tuple(part.names), []).append(part)
        if progress:
            progress(number + 1, len(blocks))
    found = {}
    for names, each in parts.items():
        treatment = np.concatenate([part.treatment for part in each])
        values = project(np.concatenate([part.difference for part in each]), treatment)
        for place, name in enumerate(names):
            value, error = values[place]
            treated = int((treatment[:, place] != 0).sum())
            found[name] = _words(name) | {
                "planted": int(EFFECTS[name].planted()),
                "estimand": round(float(value), 3),
                "error": round(float(error), 3),
                "treated": treated,
            }
    for study, seen_by in zip(STUDIES, seen, strict=True):
        for name in study.names:
            value, error = naive(*(np.concatenate(part) for part in zip(*seen_by[name], strict=True)))
            away = abs(value - found[name]["estimand"]) / error if error > 0 else 0.0
            enough = min(people, NAIVE_PEOPLE) * (MISSES_BY / away) ** 2 if away > 0 else math.inf
            found[name] |= {
                "naive": round(value, 3),
                "naive_error": round(error, 3),
                "errors_away": round(away, 1),
                "enough_people": 1_000 * math.ceil(enough / 1_000) if enough < math.inf else None,
            }
    return {name: found[name] for study in STUDIES for name in study.names}


# the stored values


def _words(name: str) -> dict[str, str]:
    """What the stored values repeat of an effect's words, because the truth of an extract tells them."""
    return {"parameter": EFFECTS[name].parameter, "estimator": EFFECTS[name].estimator}


def read_stored(path: Path) -> dict[str, dict]:
    """The stored values by effect. Raises OSError or ValueError if they cannot be read."""
    return json.loads(path.read_text(encoding="utf-8"))


def numbers_are_current(root: Path) -> bool:
    """Whether the stored values are of the lives as they are now, and of the effects as they are planted now."""
    try:
        known, about = read_stored(root / STORED), read_stored((root / STORED).with_suffix(".meta.json"))
        return belongs(root, about) and {name: line["planted"] for name, line in known.items()} == {
            name: int(effect.planted()) for name, effect in EFFECTS.items()
        }
    except (OSError, ValueError, KeyError):
        return False


def words_are_current(root: Path) -> bool:
    """Whether the stored values have the words that the effects have now."""
    try:
        known = read_stored(root / STORED)
        return all(known[name].items() >= _words(name).items() for name in EFFECTS)
    except (OSError, ValueError, KeyError):
        return False


def write_words(path: Path) -> None:
    """Bring the words of the stored values up to date, and leave the numbers as they are."""
    known = {name: line | _words(name) for name, line in read_stored(path).items()}
    keep.rewrite(path, json.dumps(known, indent=1) + "\n")


def write_stored(
    path: Path, people: int, seed: int, progress: Callable[[int, int], None] | None = None, root: Path | None = None
) -> None:
    """Compute the estimands and write them to ``path``, with a file beside it that says how they were made.

    ``root`` is the folder of the course (default: this one), whose lives they are of.
    """
    started = perf_counter()
    found = estimands(seed, people, progress)
    about = {
        "title": "Estimands of the planted effects",
        "source": "Computed from potential outcomes by leocourse/fidelity/estimands.py",
        "command": f"python -m leocourse.fidelity.estimands --people {people} --seed {seed}",
        "people": people,
        "seed": seed,
        "made_from": made_from_entry(root or course_root(), LIVES_HASH),
        "seconds": round(perf_counter() - started),
        "naive_people": min(people, NAIVE_PEOPLE),
        "naive_misses_by_at_least": min(line["errors_away"] for line in found.values()),
        "units": {name: effect.unit for name, effect in EFFECTS.items()},
        "columns": {
            "parameter": "its name in truth.parameters",
            "estimator": "what finds it, in words",
            "planted": "the parameter then, as the effect counts it",
            "estimand": "the effect",
            "error": "its Monte Carlo error",
            "treated": "people it averages over",
            "naive": f"the naive comparison among the first {min(people, NAIVE_PEOPLE)} people",
            "naive_error": "its standard error",
            "errors_away": "how many of them it misses the estimand by",
            "enough_people": f"people among whom it would miss by {MISSES_BY} of them: errors shrink with the square "
            "root of their number",
        },
        "checks": "tests/fidelity/test_estimands.py",
    }
    keep.rewrite(path, json.dumps(found, indent=1) + "\n")
    keep.rewrite(path.with_suffix(".meta.json"), json.dumps(about, indent=1) + "\n")


def main(arguments: list[str] | None = None) -> None:
    """Compute the stored estimands anew."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--people", type=int, default=NAIVE_PEOPLE)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, default=None)
    chosen = parser.parse_args(arguments)
    if chosen.people < LEAST_PEOPLE:
        parser.error(f"--people must be {LEAST_PEOPLE:,} or more: with fewer, some effects treat nobody.")
    if not 0 <= chosen.seed < 2**63:
        parser.error(f"--seed must be a whole number from 0 to 2**63 - 1: got {chosen.seed}.")
    write_stored(
        chosen.output or course_root() / STORED, chosen.people, chosen.seed,
        lambda done, of: print(f"{done} of {of} blocks", flush=True),
    )  # fmt: skip


if __name__ == "__main__":
    main()
