"""How near main activities and pay come to published figures by qualification level reached, beside the margins.

    python benchmarks/by_level.py [--people 200000] [--seed 20261129] [--more FILE ...] [--worst 40]

A file named with ``--more`` has the columns of ``data/reference/published.csv``.
Nothing is written unless ``--keep`` names a file.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
import pandas as pd

from leocourse.extract.lives import pathways, work
from leocourse.extract.lives.population import People
from leocourse.fidelity import published as p

ROOT = Path(__file__).resolve().parent.parent
LEVELS = ["All", "Graduates", "Non-graduates", "Achieving level 3 or above", "Achieving level 2 or below"]
OF = {"Gender": "Sex", "FSM eligibility": "Free school meals", "SEN status": "Special educational needs",
      "Major ethnic group": "Ethnic group", "All": "National"}  # fmt: skip


def wanted(files: list[Path]) -> pd.DataFrame:
    """Published figures as (breakdown, group, level, measure, year, published)."""
    table = pd.concat([pd.read_csv(path) for path in files])
    table = table[table["breakdown"].isin(OF)]
    ours = {theirs: name for name, parts in p.ACTIVITIES.items() for theirs in parts}
    rows = []
    for population, breakdown, group, year, activity, value in zip(
        table["population"], table["breakdown"], table["group"], table["years_after_ks4"], table["activity"],
        table["value"], strict=True,
    ):  # fmt: skip
        parts = [part.strip() for part in re.split(r"\|", group)]
        level = next((part for part in parts if part in LEVELS[1:]), "All")
        rest = [part for part in parts if part not in LEVELS]
        name = rest[0] if rest and breakdown != "All" else "All"
        assert population == "National" or level != "All", group
        rows.append((OF[breakdown], name, level, ours.get(activity, p.PAY), year, value))
    found = pd.DataFrame(rows, columns=["breakdown", "group", "level", "measure", "year", "published"])
    keys = ["breakdown", "group", "level", "measure", "year"]
    return found.groupby(keys, sort=False)["published"].sum(min_count=1).reset_index().dropna()


def levels(people: People, paths: pathways.Pathways) -> dict[str, np.ndarray]:
    """Who reached which level; level 3 by school, college, apprenticeship or entry to higher education."""
    grads, third = p.graduates(people, paths), p.level_three(people, paths)
    return dict(zip(LEVELS, [np.ones(len(people), bool), grads, ~grads, ~grads & third, ~grads & ~third], strict=True))


def simulated(people: int, seed: int) -> dict[tuple, float]:
    """Our value of each figure."""
    counts, pay = {}, {}
    for _, block in p._blocks(people, seed):
        paths = pathways.pathways(block)
        life = work.work(block, paths)
        main, annual = p.main_activity(block, paths, life), p.annual_pay(block, life)
        by_level = levels(block, paths)
        for (breakdown, group), member in p.members(block, paths).items():
            if breakdown in ("Degree", "Region of school"):
                continue
            for level, reached in by_level.items():
                key, who = (breakdown, group, level), member & reached
                chosen = main[:, who]
                count = np.array([(chosen == number).sum(axis=1) for number in range(len(p.ACTIVITIES))])
                counts[key] = counts.get(key, 0) + count
                pay.setdefault(key, []).append(annual[:, who])
    ours = {}
    for key, count in counts.items():
        earned = np.concatenate(pay[key], axis=1)
        for column, year in enumerate(p.YEARS):
            total = max(int(count[:, column].sum()), 1)
            for number, name in enumerate(p.ACTIVITIES):
                ours[*key, name, year] = 100 * int(count[number, column]) / total
            known = earned[column][earned[column] > 0]
            ours[*key, p.PAY, year] = float(np.median(known)) if len(known) else np.nan
    return ours


def compared(people: int, seed: int, files: list[Path]) -> pd.DataFrame:
    """Published figures beside ours."""
    table = wanted(files)
    ours = simulated(people, seed)
    keys = ["breakdown", "group", "level", "measure", "year"]
    table["ours"] = [ours.get(key, np.nan) for key in zip(*(table[k] for k in keys), strict=True)]
    is_pay = table["measure"] == p.PAY
    difference = table["ours"] - table["published"]
    table["difference"] = difference.where(~is_pay, 100 * difference / table["published"])
    table["within"] = table["difference"].abs() <= np.where(is_pay, p.PER_CENT, p.POINTS)
    return table


def main() -> None:
    """Print how many figures lie within tolerance, and the worst ones."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=20261129)
    parser.add_argument("--more", type=Path, nargs="*", default=[])
    parser.add_argument("--worst", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="write the whole comparison here, as a pickled table")
    given = parser.parse_args()
    table = compared(given.people, given.seed, [ROOT / "data" / "reference" / "published.csv", *given.more])
    kind = np.where(table["measure"] == p.PAY, "pay", "activity")
    found = table.groupby([table["level"], table["breakdown"], kind], sort=False)["within"].agg(["sum", "count"])
    print(found.to_string())
    margin = table["level"] == "All"
    for name, part in (("Margins", table[margin]), ("By level", table[~margin])):
        print(name, int(part["within"].sum()), "of", len(part), f"{part['within'].mean():.1%}")
    worst = table[~table["within"]].sort_values("difference", key=abs, ascending=False).head(given.worst)
    print(worst.to_string())
    if given.keep:
        table.to_pickle(given.keep)


if __name__ == "__main__":
    main()
