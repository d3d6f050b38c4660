"""The tables of everything after 16 in education, with their faults, and the truth beside them."""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.keys import Keys
from leocourse.extract.faults import Faults, post16
from leocourse.extract.faults.planting import planted
from leocourse.extract.lives import (
    applications,
    apprenticeships,
    degrees,
    graduate_pay,
    progression,
    staying,
    subjects,
    universities,
)
from leocourse.extract.lives.applications import CONTEXTUAL
from leocourse.extract.lives.pathways import (
    APPRENTICESHIP_ACCESS,
    APPRENTICESHIP_PAY,
    NEVER,
    Pathways,
    apprenticeship_pay_steps,
    subject_pay_steps,
)
from leocourse.extract.lives.population import People
from leocourse.extract.lives.work import Spells, Work
from leocourse.extract.records import (
    adults,
    benefits_of_learners,
    further_education,
    higher_education,
    sixth_forms,
    ucas,
    ypmad_fields,
)
from leocourse.extract.records import young_people as young
from leocourse.extract.records.pupils import Pupils

Claims = tuple[Spells, np.ndarray]
"""Benefit spells and the type of each."""


def post16_tables(
    pupils: Pupils, paths: Pathways, life: Work, ks4: Rows, *, claims: Claims, switches: Faults
) -> dict[str, Rows]:
    """Records by table. ``life`` is the true working life; ``ks4`` the key stage 4 rows and measures before faults.

    ``claims``: true benefit spells and the type of each.
    """
    people, keys = pupils.people, pupils.keys
    learners, aims = further_education.ilr(people, paths, keys, life.jobs)
    aims |= benefits_of_learners.columns(people, claims, aims)
    level2, level2_em = at_16(people, ks4)
    levels = young.level_years(pupils, paths, level2, aims)
    learners["priorattain"] = further_education.prior_attainment(people, paths, learners, levels)
    tables = {
        "plams": sixth_forms.plams(pupils, paths, ks4),
        "nccis": young.with_dates(post16.nccis(young.nccis(pupils, paths, life.spells), switches)),
        "ypmad_chronological": young.ypmad_chronological(pupils, paths, levels, level2_em)
        | ypmad_fields.fields(pupils, paths, levels, ks4, aims),
        "ypmad_snapshot": young.ypmad_snapshot(pupils, paths, levels),
        "ucas": ucas.applications(people, paths.applications, keys),
        "hesa": higher_education.hesa(people, paths, keys, life.homes),
        "learners": learners,
        "aims": aims,
    }
    return planted(tables, switches)


def adults_tables(
    people: People, paths: Pathways, keys: Keys, life: Work, *, claims: Claims, switches: Faults
) -> dict[str, Rows]:
    """Records of adults without a school record: learners and their aims."""
    learners, aims = further_education.ilr(people, paths, keys, life.jobs)
    aims |= benefits_of_learners.columns(people, claims, aims)
    levels = adults.level_years(people, aims)
    learners["priorattain"] = further_education.prior_attainment(people, paths, learners, levels)
    return planted({"learners": learners, "aims": aims}, switches)


def at_16(people: People, ks4: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Level 2, and level 2 with English and mathematics, at the end of key stage 4.

    As the key stage 4 table has it. In years in which it has no measure of plain level 2 an easier line of
    the same attainment stands in.
    """
    order = np.argsort(people.person, kind="stable")
    i = order[np.searchsorted(people.person[order], ks4["person"])]

    def measured(prefixes: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        known, reached = np.zeros(len(people), dtype=bool), np.zeros(len(people), dtype=bool)
        for name in prefixes:
            for suffix in ("", "_ptq", "_ptq_ee"):
                column = ks4.get(name + suffix)
                if column is None:
                    continue
                missing = column.missing if isinstance(column, Nullable) else np.zeros(len(i), dtype=bool)
                values = column.values if isinstance(column, Nullable) else column
                known[i[~missing]] = True
                reached[i[~missing & (values > 0)]] = True
        return known, reached

    _, with_both = measured(("ks4_level2_em",))
    known, plain = measured(("ks4_level2",))
    noise = people.stream("ypmad/level 2").normal(people.person)
    easier = with_both | (people.attainment + 350 * noise // 1000 > -650)
    return np.where(known, plain | with_both, easier), with_both


def truth_columns(people: People, paths: Pathways) -> Rows:
    """Columns of true lives on education after 16, with what would be without contextual offers."""
    applied = paths.applications
    contextual, without = np.zeros(len(people), dtype=np.int64), np.full(len(people), -1)
    cycle, for_school = np.zeros(len(people), dtype=np.int64), np.zeros(len(people), dtype=np.int64)
    contextual[applied.i] = applied.contextual.any(axis=1)
    for_school[applied.i] = applied.for_school.any(axis=1)
    without[applied.i] = applied.without_contextual
    cycle[applied.i] = applied.cycle
    accepted = np.zeros(len(people), dtype=np.int64)
    accepted[applied.i] = applied.provider >= 0
    return {
        "learning_difficulty": paths.difficulty.astype(np.int64),
        "apprenticeship_completed": paths.completed.astype(np.int64),
        "apprenticeship_sector": Nullable(paths.apprenticeships.sector, paths.apprenticeship == 0),
        "second_apprenticeship_level": paths.apprenticeships.level[1],
        "second_apprenticeship_completed": paths.apprenticeships.completed[1].astype(np.int64),
        "apprenticeship_pay_steps": apprenticeship_pay_steps(people, paths)[1],
        "degree_class": Coded(paths.degree_class, list(degrees.CLASS_PAY)),
        "class_pay_steps": degrees.class_pay_steps(paths.degree_class),
        "left_university": paths.career.leaves.astype(np.int64),
        "returned_to_university": Nullable(paths.career.back_year, paths.career.back_year == NEVER),
        "degree_subject": Coded(np.where(paths.graduated, paths.subject, -1), subjects.SUBJECTS),
        "subject_pay_steps": subject_pay_steps(paths),
        "study_pay_steps": graduate_pay.lasting_steps(people, paths),
        "gap_year": paths.gap_year.astype(np.int64),
        "a_level_points": paths.points,
        "ucas_cycle": Nullable(cycle, cycle == 0),
        "contextual_offer": contextual,
        "lowered_for_school": for_school,
        "accepted_at_18": accepted,
        "accepted_at_18_without_contextual": Nullable(without, without < 0),
        "university_year": Nullable(paths.university_year, paths.university_years == 0),
    }


def providers(seed: int) -> Rows:
    """Truth of each university: tariff group, points asked for, and the first cycle of contextual offers."""
    number = np.arange(len(universities.REQUIRED))
    since = applications.adoption()
    return {
        "provider": 10_000 + number,
        "tariff_group": Coded(applications.tariff_group(number), applications.TARIFFS),
        "points_asked_for": universities.REQUIRED,
        "country": Coded(universities.country(), universities.COUNTRIES),
        "region": Coded(*universities.place_names()),
        "relative_size": universities.sizes(),
        "teaches_medicine": universities.teaches()[universities.MEDICINE].astype(np.int64),
        "pay_steps": graduate_pay.university_steps(),
        "contextual_offers_since": Nullable(since, since == applications.NO_CYCLE),
    }


def parameters() -> list[dict]:
    """The planted parameters of this part."""
    pay = "steps of 0.1% of the yearly rate of pay"
    tables = (
        (
            "access to an apprenticeship",
            APPRENTICESHIP_ACCESS,
            "millionths of those who do not enter university",
        ),
        ("pay: apprenticeship", APPRENTICESHIP_PAY, pay),
        (
            "turned away from engineering and digital",
            apprenticeships.TURNED_AWAY,
            "millionths of those who would train",
        ),
        ("level of an apprenticeship", apprenticeships.LEVEL_OF, "thousandths of a standard deviation of results"),
        ("levy", apprenticeships.LEVY_LEVEL, "per thousand of starts of those who reached level 3"),
        ("pay: degree in", subjects.SUBJECT_PAY, pay),
        ("pay: class of degree", degrees.CLASS_PAY, pay),
        ("contextual offer", CONTEXTUAL, "points of three A levels, cycles, hundredths of the score, millionths"),
        (
            "school of low progression",
            progression.LOW_PROGRESSION,
            "tenths of a per cent, points of three A levels, cycles",
        ),
        ("independent school", applications.INDEPENDENT, "millionths of applications"),
        ("gap year", applications.DEFERRED, "millionths of those accepted in the main scheme"),
        ("class of degree", degrees.CLASS_ADDS, "thousandths of a standard deviation of the mark"),
        ("pay", graduate_pay.parameters(), pay),
    )
    return [{"parameter": f"{about}: {name}", "value": value, "unit": unit}
            for about, table, unit in tables for name, value in table.items()] + staying.parameters()  # fmt: skip
