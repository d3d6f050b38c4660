"""One block of people, from lives to records: the order of the stages, and the truth beside them."""

from __future__ import annotations

import numpy as np

from leocourse.extract import outcome_tables, post16_tables, school_tables
from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Column, Nullable, Rows, append
from leocourse.extract.base.dates import tax_year_label
from leocourse.extract.base.keys import Keys
from leocourse.extract.base.numbers import ADULTS_FROM
from leocourse.extract.faults import Faults, linkage
from leocourse.extract.faults.planting import planted
from leocourse.extract.lives import activity, adults, pathways, work
from leocourse.extract.lives.population import MINORS, People, population
from leocourse.extract.records import benefits, enterprises, further_education
from leocourse.extract.records.pupils import Pupils


def block(seed: int, person: np.ndarray, switches: Faults) -> tuple[dict[str, Rows], dict[str, Rows]]:
    """Records by table, and truth by table, of the people with these numbers: of the school cohorts, then of adults.

    An adult's number is one from :data:`~leocourse.extract.base.numbers.ADULTS_FROM` on.
    """
    adult = person >= ADULTS_FROM
    tables, truth = _school_cohorts(seed, person[~adult], switches)
    if adult.any():
        more_tables, more_truth = _adults(seed, person[adult], switches)
        tables |= {name: append(tables[name], rows) for name, rows in more_tables.items()}
        truth |= {name: append(truth[name], rows) for name, rows in more_truth.items()}
    return tables, truth


def _adults(seed: int, person: np.ndarray, switches: Faults) -> tuple[dict[str, Rows], dict[str, Rows]]:
    """Records and truth of adults without a school record: learning, outcomes, and the lookups between them."""
    people, keys = adults.adults(seed, person), Keys(seed)
    paths = adults.pathways(people)
    life = work.work(people, paths)
    links = linkage.linkage(people, keys, switches)
    claims = benefits.benefit_spells(people, life)
    tables = post16_tables.adults_tables(people, paths, keys, life, claims=claims, switches=switches)
    tables |= outcome_tables.outcome_tables(people, keys, life, links, claims=claims, switches=switches)
    tables |= planted(_lookups(people, keys, links, tables["learners"]), switches)
    return tables, _truth(people, keys, paths, life, ~links.no_edukey)


def _school_cohorts(seed: int, person: np.ndarray, switches: Faults) -> tuple[dict[str, Rows], dict[str, Rows]]:
    """Records and truth of the people of the twenty school cohorts."""
    people, keys = population(seed, person), Keys(seed)
    paths = pathways.pathways(people)
    life = work.work(people, paths)
    links = linkage.linkage(people, keys, switches)
    linked = ~links.no_edukey
    pupils = Pupils(people, keys)
    tables, school_truth, ks4 = school_tables.school_tables(pupils, paths, switches)
    claims = benefits.benefit_spells(people, life)
    tables |= post16_tables.post16_tables(pupils, paths, life, ks4, claims=claims, switches=switches)
    tables |= outcome_tables.outcome_tables(people, keys, life, links, claims=claims, switches=switches)
    tables |= planted(_lookups(people, keys, links, tables["learners"]), switches)
    return tables, _truth(people, keys, paths, life, linked) | school_truth


def reference(seed: int) -> tuple[dict[str, Rows], dict[str, Rows]]:
    """Tables, and truth, that depend on no person: the same for every number of people, written once."""
    tables = {"leo_idbr_lookup": enterprises.lookup_rows(seed), "lars": further_education.lars()}
    return tables, {"enterprises": enterprises.truth_rows(seed), "universities": post16_tables.providers(seed)}


def _lookups(people: People, keys: Keys, links: linkage.Links, learners: Rows) -> dict[str, Rows]:
    person, twice = people.person[~people.adult], people.person[links.two_ae_ids & ~links.without_pmr]
    resolved = np.concatenate([person, twice])
    number = np.concatenate([np.zeros(len(person), dtype=np.int64), np.ones(len(twice), dtype=np.int64)])
    return {
        "learner_ae_id_to_pmr_lookup": {
            "person": resolved,
            "ae_id": keys.ae_id(resolved, number),
            "pupilmatchingrefanonymous": keys.pmr(resolved),
        },
        "learner_ae_id_to_edukey_lookup": linkage.lookup(people, keys, links),
        "education_records_lookup": {
            "person": learners["person"],
            "recordid": learners["recordid"],
            "ae_id": keys.ae_id(learners["person"]),
        },
    }


def _truth(
    people: People, keys: Keys, paths: pathways.Pathways, life: work.Work, linked: np.ndarray
) -> dict[str, Rows]:
    university = np.where(paths.graduated, paths.university_year + paths.university_years - 1, 0)
    lives = {
        "person": people.person,
        "person_number": people.person,
        "ae_id": keys.ae_id(people.person),
        "pupilmatchingrefanonymous": _pmr(people, keys),
        "linked": linked.astype(np.int64),
        "birth_cohort": people.cohort,
        "sex": Coded(np.where(people.male, 0, 1), ["M", "F"]),
        "ethnic_group_minor": Coded(people.minor, MINORS),
        "region": Coded(people.region, list(codes.REGIONS)),
        "independent_school": people.independent.astype(np.int64),
        "arrival_year_group": people.arrival,
        "fsm_in_year_11": people.fsm_in_year_11.astype(np.int64),
        "graduation_year": Nullable(university, ~paths.graduated),
        "apprenticeship_level": paths.apprenticeship,
    } | post16_tables.truth_columns(people, paths)
    i, column = np.nonzero(life.days > 0)
    year = column + work.TAX_YEARS[0]
    winter = _winter_months(life.activity.works)
    years = {
        "person": people.person[i],
        "person_number": people.person[i],
        "tax_year": tax_year_label(year),
        "days_in_work": life.days[i, column],
        "months_in_work_october_to_march": winter[i, column],
        "yearly_rate_of_pay": life.rate[i, column],
        "enterprise_pay_steps": life.jobs.pay[i, column],
        "earnings": life.earnings[i, column],
    }
    true = life.spells
    spells = {
        "person": people.person[true.i],
        "person_number": people.person[true.i],
        "start_date": true.start,
        "end_date": true.end,
    }
    return {"lives": lives, "working_years": years, "spells": spells}


def _pmr(people: People, keys: Keys) -> Column:
    """The pupil reference, which adults without a school record lack."""
    known = keys.pmr(people.person)
    return Nullable(known, people.adult) if people.adult.any() else known


def _winter_months(works: np.ndarray) -> np.ndarray:
    """Months from October to March with at least a day in work, shape (people, tax years)."""
    octobers = [activity.month_of(year - 1, 10) - activity.FIRST_MONTH for year in work.TAX_YEARS]
    return np.stack([works[first : first + 6].sum(axis=0, dtype=np.int8) for first in octobers], axis=1)


def ledger_rows(entries: list[tuple[str, str, str, str | None]]) -> dict[str, list]:
    """The ledger as columns: fault, table, key, original value."""
    names = ("fault", "table_name", "row_key", "original")
    return dict(zip(names, map(list, zip(*entries, strict=True)), strict=True)) if entries else {n: [] for n in names}
