"""The steps of ``leo record``: what is kept in data/ and takes long, in the order in which one needs another.

A step that is current is left out, so an interrupted run goes on where it stopped when it is started again.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import pandas as pd

from leocourse.core.errors import LeoError
from leocourse.core.paths import LESSON_EXTRACT, MANIFEST
from leocourse.extract import generate, is_current, parameters, truth_folder
from leocourse.extract.generate import content_hashes
from leocourse.extract.version import generator_version
from leocourse.fidelity import coverage, estimands, published
from leocourse.fidelity.correlations import correlations
from leocourse.fidelity.recorded import (
    CORRELATIONS,
    ESTIMANDS,
    FIGURES,
    LESSON_HASHES,
    LIVES_HASH,
    RECOVERED,
    lives_hashes,
    record,
    record_lesson,
    stale,
)

LESSON_PEOPLE, LESSON_SEED = 20_000, 1985
PEOPLE_COMPARED, PEOPLE_SHUFFLED = 1_000_000, 40_000
KEPT = Path("_build") / "coverage"
"""Where the estimates of each sample wait for a run that goes on."""
Progress = Callable[[int, int], None]
"""Called with parts done and parts in all."""


@dataclass(frozen=True)
class Step:
    """Something that is recorded: its name, what it is, about how long it takes on two cores, and how it is made."""

    name: str
    about: str
    minutes: int
    current: Callable[[Path], bool]
    run: Callable[[Path, Progress], None]


def steps(names: list[str] | None = None) -> list[Step]:
    """The steps with these names, or all, in their order. Raises LeoError for a name that is no step."""
    unknown = sorted(set(names or ()) - {step.name for step in STEPS})
    if unknown:
        raise LeoError(f"There is no step '{unknown[0]}': choose from {', '.join(step.name for step in STEPS)}.")
    return [step for step in STEPS if not names or step.name in names]


# The lesson extract


def _hashes_current(root: Path) -> bool:
    folder = root / LESSON_EXTRACT
    if not is_current(folder, LESSON_PEOPLE, LESSON_SEED):
        return False
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    pairs = ((LESSON_HASHES, content_hashes(manifest)), (LIVES_HASH, lives_hashes(truth_folder(folder))))
    return all((root / path).is_file() and json.loads((root / path).read_text()) == now for path, now in pairs)


def _hashes(root: Path, progress: Progress) -> None:
    folder = root / LESSON_EXTRACT
    record_lesson(root, folder, generate(folder, LESSON_PEOPLE, LESSON_SEED, progress=progress))


# What takes long


def _estimands(root: Path, progress: Progress) -> None:
    if not estimands.numbers_are_current(root):
        estimands.write_stored(root / ESTIMANDS, estimands.NAIVE_PEOPLE, 1, progress, root=root)
    estimands.write_words(root / ESTIMANDS)
    parameters.stored.cache_clear()  # the stored values are part of what an extract is made from
    generator_version.cache_clear()


def record_coverage(root: Path, lines: dict[str, dict], *, seeds: int, first_seed: int, seconds: float) -> Path:
    """Keep how often the planted effects are covered, as :func:`coverage.coverage` has it; return the path."""
    table = pd.DataFrame([{"effect": name, **line} for name, line in lines.items()])
    return record(
        root, RECOVERED, table, title="Coverage of the planted effects",
        command=f"python benchmarks/coverage.py --record --seeds {seeds}",
        made_from=LIVES_HASH, about={"seeds": seeds, "first_seed": first_seed}, seconds=seconds,
    )  # fmt: skip


def record_figures(root: Path, figures: pd.DataFrame, people: int, seed: int, seconds: float) -> Path:
    """Keep published figures beside simulated ones; return the path."""
    return record(
        root, FIGURES, figures, title="Published figures beside simulated ones",
        command=f"leo fidelity --record --people {people} --seed {seed}",
        made_from=LIVES_HASH, about={"people": people, "seed": seed}, seconds=seconds,
    )  # fmt: skip


def record_correlations(
    root: Path, people: int, seed: int, progress: Progress | None = None, command: str = "leo record low-fidelity"
) -> Path:
    """Keep what correlations a low-fidelity extract has; return the path. They are those of records, not of lives."""
    started = perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "low-fidelity"
        generate(folder, people, seed, mode="low-fidelity", progress=progress)
        left = correlations(folder)
    return record(
        root, CORRELATIONS, left, title="Correlations in the low-fidelity mode", command=command,
        made_from=LESSON_HASHES, about={"people": people, "seed": seed}, seconds=perf_counter() - started,
    )  # fmt: skip


def _figures(root: Path, progress: Progress) -> None:
    started = perf_counter()
    figures = published.report(root, PEOPLE_COMPARED, LESSON_SEED, progress)
    record_figures(root, figures, PEOPLE_COMPARED, LESSON_SEED, perf_counter() - started)


def _coverage(root: Path, progress: Progress) -> None:
    started, first, seeds = perf_counter(), coverage.FIRST_SEED, coverage.SEEDS
    wanted, people = range(first, first + seeds), coverage.PEOPLE
    found = coverage.estimates_of_seeds(wanted, people, coverage.PROCESSES, progress, root / KEPT)
    lines = coverage.coverage(found, estimands.read_stored(root / ESTIMANDS))
    seconds = perf_counter() - started
    record_coverage(root, lines, seeds=seeds, first_seed=first, seconds=seconds)


def _correlations(root: Path, progress: Progress) -> None:
    record_correlations(root, PEOPLE_SHUFFLED, LESSON_SEED, progress)


def _is_current(name: str) -> Callable[[Path], bool]:
    return lambda root: name not in stale(root)


def _estimands_current(root: Path) -> bool:
    return estimands.numbers_are_current(root) and estimands.words_are_current(root)


STEPS = [
    Step("hashes", "the content hashes of the lesson extract and of its lives", 1, _hashes_current, _hashes),
    Step("estimands", "what each planted effect is worth, from 400,000 lives", 2, _estimands_current, _estimands),
    Step("coverage", "how often it is found, in 800 samples", 120, _is_current(RECOVERED), _coverage),
    Step("fidelity", "published figures beside those of a million lives", 2, _is_current(FIGURES), _figures),
    Step("low-fidelity", "correlations that are left in that mode, among 40,000 people", 4,
         _is_current(CORRELATIONS), _correlations),
    Step("extract", "the lesson extract again, if its parameters changed with the estimands", 1,
         lambda root: is_current(root / LESSON_EXTRACT, LESSON_PEOPLE, LESSON_SEED), _hashes),
]  # fmt: skip
"""In this order: what is simulated, then what is computed from it, then the extract that holds the results."""
