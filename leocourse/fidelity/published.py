"""How near the simulated lives come to published figures: main activity and pay after key stage 4.

The published figures follow those who took key stage 4 in 2001/02 to 2006/07 for up to fifteen tax years.
Each person has one main activity a tax year, the first that applies: education (a day in each of six months
in a row), out-of-work benefits (the same), employment (a day in each of the twelve months), no sustained
activity (anything at all), activity not captured. Ours is worked out from the lives themselves, before any
record is written or any fault planted, so that the records can be compared with it too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.extract.base import codes
from leocourse.extract.base.dates import month_of
from leocourse.extract.lives import activity, pathways, work
from leocourse.extract.lives.activity import FIRST_MONTH, LAST_MONTH
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.population import MINORS, People, population
from leocourse.extract.records import further_education, higher_education

COHORTS = range(1985, 1991)
"""Birth cohorts 1985/86 to 1990/91: key stage 4 in 2001/02 to 2006/07."""
YEARS = range(1, 16)
"""Tax years after key stage 4. Year 1 begins in the April after the first year of post-16 study or work."""
LAST_TAX_YEAR = 2018
ACTIVITIES = {
    "Higher education": ["Higher education"],
    "School and further education": ["KS5", "Other Education", "Adult FE"],
    "Out-of-work benefits": ["Out of work benefits"],
    "Employment": ["Employment"],
    "No sustained activity": ["No sustained activity"],
    "Activity not captured": ["Activity not captured"],
}
"""Ours, in the order in which the first that applies counts, and the published ones that make it up."""
PAY = "Median earnings"
POINTS, PER_CENT = 3.0, 8.0
"""Tolerances: percentage points for shares of activities, per cent for medians of earnings."""
JUDGED = ["National", "Sex", "Free school meals", "Special educational needs", "Ethnic group", "Degree"]
"""Breakdowns to which the tolerances apply. The others are shown beside them."""
BREAKDOWNS = {
    ("National", "All"): "National",
    ("National", "Gender"): "Sex",
    ("National", "FSM eligibility"): "Free school meals",
    ("National", "SEN status"): "Special educational needs",
    ("National", "Major ethnic group"): "Ethnic group",
    ("National", "Region of school"): "Region of school",
    ("Grads", "All"): "Degree",
}
EVERYONE = "All"
PRICES = [755, 765, 781, 799, 818, 847, 866, 894, 934, 961, 985, 1000, 1000, 1007, 1034, 1059]
"""Consumer prices from 2003 to 2018, 2015 being 1,000: the Office for National Statistics' CPI, rounded."""
BLOCK = 10_000
FEWEST, MOST = 1_000, 2_000_000

Progress = Callable[[int, int], None]


def published(root: Path) -> pd.DataFrame:
    """The published figures in our terms: breakdown, group, measure, year and value.

    Raises LeoError if the file is not the one that its sidecar describes.
    """
    path, sidecar = (root / "data" / "reference" / f"published.{suffix}" for suffix in ("csv", "json"))
    if not (path.is_file() and sidecar.is_file()):
        raise LeoError(f"{path} or its description is missing: get it back with 'git checkout data/reference'.")
    expected = json.loads(sidecar.read_text(encoding="utf-8"))["sha256"]
    if keep.fingerprint(path) != expected:
        raise LeoError(f"{path} was changed: its checksum is not that of {sidecar.name}.")
    table = pd.read_csv(path)
    pairs = list(zip(table["population"], table["breakdown"], strict=True))
    table["breakdown"] = [BREAKDOWNS.get(pair) for pair in pairs]
    table = table[table["breakdown"].notna()]
    ours = {theirs: name for name, parts in ACTIVITIES.items() for theirs in parts}
    table = table.assign(
        group=table["group"].where(table["breakdown"] != "National", EVERYONE),
        measure=table["activity"].map(ours).fillna(PAY),
        year=table["years_after_ks4"],
    )
    values = table.groupby(["breakdown", "group", "measure", "year"], sort=False)["value"]
    return values.sum(min_count=1).reset_index(name="published").dropna()


def report(root: Path, people: int, seed: int, progress: Progress | None = None) -> pd.DataFrame:
    """Each published figure beside ours, from ``people`` lives of the six cohorts.

    Columns: breakdown, group, measure, year, published, ours, difference (percentage points, or per cent
    for earnings), tolerance (missing where none is set), within (the same), people.
    """
    if not FEWEST <= people <= MOST:
        raise LeoError(f"--people must lie between {FEWEST:,} and {MOST:,}, not {people:,}.")
    table = published(root)
    ours, sizes = _simulated(people, seed, progress)
    keys = list(zip(table["breakdown"], table["group"], table["measure"], table["year"], strict=True))
    table["ours"] = [ours.get(key, np.nan) for key in keys]
    table["people"] = [sizes.get((breakdown, group, year), 0) for breakdown, group, _, year in keys]
    pay = table["measure"] == PAY
    difference = table["ours"] - table["published"]
    table["difference"] = difference.where(~pay, 100 * difference / table["published"])
    judged = table["breakdown"].isin(JUDGED)
    table["tolerance"] = np.where(judged, np.where(pay, PER_CENT, POINTS), np.nan)
    table["within"] = (table["difference"].abs() <= table["tolerance"]).where(judged)
    return table


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """How many figures lie within tolerance: one row a breakdown and kind of measure, and one for all."""
    judged = table[table["tolerance"].notna()]
    kind = np.where(judged["measure"] == PAY, "Median earnings", "Shares of activities")
    rows = [
        (breakdown, measure, int(part["within"].sum()), len(part))
        for breakdown in JUDGED
        for measure, part in judged[judged["breakdown"] == breakdown].groupby(kind[judged["breakdown"] == breakdown])
    ]
    rows.append(("All", "All", int(judged["within"].sum()), len(judged)))
    return pd.DataFrame(rows, columns=["breakdown", "measure", "within", "figures"])


# Ours


def _simulated(people: int, seed: int, progress: Progress | None) -> tuple[dict, dict]:
    """Our value of each figure, and on how many people it rests."""
    counts: dict[tuple, np.ndarray] = {}
    pay: dict[tuple, list[np.ndarray]] = {}
    for done, block in _blocks(people, seed):
        paths = pathways.pathways(block)
        life = work.work(block, paths)
        main, annual = main_activity(block, paths, life), annual_pay(block, life)
        for key, member in members(block, paths).items():
            chosen = main[:, member]
            count = np.array([(chosen == number).sum(axis=1) for number in range(len(ACTIVITIES))])
            counts[key] = counts.get(key, 0) + count
            pay.setdefault(key, []).append(annual[:, member])
        if progress:
            progress(done, people)
    ours, sizes = {}, {}
    for (breakdown, group), count in counts.items():
        earned = np.concatenate(pay[breakdown, group], axis=1)
        for column, year in enumerate(YEARS):
            size = int(count[:, column].sum())
            sizes[breakdown, group, year] = size
            if not size:
                continue
            for number, name in enumerate(ACTIVITIES):
                ours[breakdown, group, name, year] = 100 * int(count[number, column]) / size
            known = earned[column][earned[column] > 0]
            if len(known):
                ours[breakdown, group, PAY, year] = float(np.median(known))
    return ours, sizes


def _blocks(people: int, seed: int) -> Iterator[tuple[int, People]]:
    """The first ``people`` people of the cohorts, in blocks, with the number of people so far."""
    done = start = 0
    while done < people:
        person = np.arange(start, start + BLOCK * codes.COHORTS // len(COHORTS))
        start = int(person[-1]) + 1
        chosen = person[np.isin(population(seed, person).cohort, list(COHORTS))][: people - done]
        done += len(chosen)
        yield done, population(seed, chosen)


def members(people: People, paths: Pathways) -> dict[tuple[str, str], np.ndarray]:
    """Who belongs to each group. Pupil characteristics are known for state schools only."""
    known, state = activity.groups(people), ~people.independent
    letter = np.array([code[0] for code in MINORS])[people.minor]
    degree = graduates(people, paths)
    needs = known["SEN without a statement"] | known["SEN with a statement"]
    groups = {
        ("National", EVERYONE): np.ones(len(people), dtype=bool),
        ("Sex", "Female"): ~people.male,
        ("Sex", "Male"): people.male,
        ("Free school meals", "Eligible for FSM"): known["eligible for FSM"] & state,
        ("Free school meals", "Not eligible for FSM"): ~known["eligible for FSM"] & state,
        ("Special educational needs", "Not identified as SEN"): ~needs & state,
        ("Special educational needs", "SEN without a statement"): known["SEN without a statement"] & state,
        ("Special educational needs", "With statement of SEN"): known["SEN with a statement"] & state,
        ("Degree", "Graduates"): degree,
        ("Degree", "Non-graduates"): ~degree,
    }
    for name in ("White", "Asian", "Black", "Chinese", "Mixed"):
        groups["Ethnic group", name] = (letter == name[0]) & state
    for number, name in enumerate(codes.REGIONS):
        groups["Region of school", name] = (people.region == number) & state
    return groups


def graduates(people: People, paths: Pathways) -> np.ndarray:
    """Who had a first degree by the end of the last academic year that the published figures cover."""
    return paths.graduated & (paths.university_year + paths.university_years - 1 <= LAST_TAX_YEAR)


def level_three(people: People, paths: Pathways) -> np.ndarray:
    """Who had something at level 3 by then: from school, college, an apprenticeship, or as adults."""
    trained, until = paths.apprenticeships, month_of(LAST_TAX_YEAR, 8)
    found = paths.some_level_three | (paths.university_year <= LAST_TAX_YEAR)
    found |= (trained.achieved & (trained.level >= 3) & (trained.end < until)).any(axis=0)
    found[further_education.level_three_later(people, paths, LAST_TAX_YEAR)] = True
    return found


def main_activity(people: People, paths: Pathways, life: work.Work) -> np.ndarray:
    """Index into :data:`ACTIVITIES` of each person's main activity, shape (years, people); -1 if not followed."""
    higher = _months(higher_education.months_of_study(people, paths), len(people))
    further = _months(further_education.months_of_study(people, paths), len(people))
    works, claims = life.activity.works, life.activity.claims
    main = np.full((len(YEARS), len(people)), -1)
    for row, first, i in _tax_years(people):
        in_year = slice(first - FIRST_MONTH, first - FIRST_MONTH + 12)
        he, fe, job, claim = (history[in_year][:, i] for history in (higher, further, works, claims))
        studies = he | fe
        anything = (studies | job | claim).any(axis=0)
        main[row, i] = np.select(
            [_six_in_a_row(he), _six_in_a_row(studies), _six_in_a_row(claim), job.all(axis=0), anything],
            range(5),
            5,
        )
    return main


def annual_pay(people: People, life: work.Work) -> np.ndarray:
    """Earnings grossed up to a full year, in pounds of 2017/18, shape (years, people); 0 without pay."""
    annual, earnings = np.zeros((len(YEARS), len(people))), life.earnings
    for row, first, i in _tax_years(people):
        year = first // 12 + 2001  # the calendar year in which the tax year ends
        column = year - work.TAX_YEARS[0]
        days, pay = life.days[i, column], earnings[i, column]
        real = pay * work.DAYS_IN_YEAR * _price(LAST_TAX_YEAR) / _price(year)
        annual[row, i] = np.where(days > 0, real / np.maximum(days, 1), 0)
    return annual


def _tax_years(people: People) -> Iterator[tuple[int, int, np.ndarray]]:
    """Each year after key stage 4 of each cohort: its row, its first month (an April), and the people."""
    for row, year in enumerate(YEARS):
        for cohort in COHORTS:
            ends = cohort + 18 + year
            if ends <= LAST_TAX_YEAR:
                yield row, month_of(ends - 1, 4), np.flatnonzero(people.cohort == cohort)


def _price(tax_year: int) -> int:
    """Prices in a tax year: three parts of the calendar year in which it begins, one of that in which it ends."""
    before, after = (PRICES[min(max(year - 2003, 0), len(PRICES) - 1)] for year in (tax_year - 1, tax_year))
    return 3 * before + after


def _months(spells: list[tuple[np.ndarray, np.ndarray, np.ndarray]], people: int) -> np.ndarray:
    """Months covered by spells (person index, first month, last month), shape (months, people)."""
    change = np.zeros((LAST_MONTH - FIRST_MONTH + 2, people), dtype=np.int16)
    for i, first, last in spells:
        kept = (last >= FIRST_MONTH) & (first <= LAST_MONTH) & (last >= first)
        start = np.maximum(first[kept], FIRST_MONTH) - FIRST_MONTH
        stop = np.minimum(last[kept], LAST_MONTH) + 1 - FIRST_MONTH
        np.add.at(change, (start, i[kept]), 1)
        np.add.at(change, (stop, i[kept]), -1)
    return np.cumsum(change, axis=0)[:-1] > 0


def _six_in_a_row(months: np.ndarray) -> np.ndarray:
    """True for people with six consecutive months, given twelve months by people."""
    return np.any([months[at : at + 6].all(axis=0) for at in range(7)], axis=0)
