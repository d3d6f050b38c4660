"""UCAS records: a row an application of the English applicants aged 18, in the cycles of entry 2008 to 2021.

Who applies again at 19 is no longer aged 18, so nobody is in the table in two cycles.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.dates import days_of
from leocourse.extract.base.keys import Keys
from leocourse.extract.base.random import scramble
from leocourse.extract.lives import subjects, universities
from leocourse.extract.lives.applications import (
    CHOICES,
    CLEARING,
    CYCLES,
    TARIFFS,
    Applications,
    deprivation,
    polar,
    tariff_group,
)
from leocourse.extract.lives.population import MINORS, People
from leocourse.extract.lives.universities import MEDICINE

UCAS_ETHNIC = {  # UCAS puts Chinese under Asian in its summary
    "W": "White", "M": "Mixed", "A": "Asian", "B": "Black", "C": "Asian", "O": "Other",
    "N": "Unknown or prefer not to say", "R": "Unknown or prefer not to say",
}  # fmt: skip
_GROUPS = ["White", "Black", "Asian", "Mixed", "Other", "Unknown or prefer not to say"]
UCAS_DETAILED = {
    "MWBC": "Mixed - White and Black Caribbean", "MWBA": "Mixed - White and Black African",
    "MWAS": "Mixed - White and Asian", "MOTH": "Mixed - Other mixed background", "AIND": "Asian - Indian",
    "APKN": "Asian - Pakistani", "ABAN": "Asian - Bangladeshi", "AOTH": "Asian - Other Asian background",
    "BCRB": "Black - Caribbean", "BAFR": "Black - African", "BOTH": "Black - Other Black background",
    "CHNE": "Asian - Chinese", "OOTH": "Other ethnic background", "NOBT": "Unknown or Prefer Not To Say",
    "REFU": "Unknown or Prefer Not To Say",
}  # fmt: skip
_DETAILED = [UCAS_DETAILED.get(code, "White") for code in MINORS]
EARLY = 2
"""The most selective providers, to which people apply by 15 October, as for medicine."""
DAYS_TO_OCTOBER, DAYS_TO_JANUARY, DAYS_TO_JUNE = 45, 137, 303
"""Days from 1 September to 15 October, 15 January and 30 June, the last day of the main scheme."""
LATE = 35_000
"""Share of first applications, in millionths, between January and June. A design choice."""
POLAR_3_DIFFERS = 270_000
"""Home areas of another fifth in POLAR3 than in POLAR4, in millionths. A design choice."""
_QUINTILES = ["1", "2", "3", "4", "5"]


def applications(people: People, applied: Applications, keys: Keys) -> Rows:
    """UCAS rows: one an application, the accepted one in clearing included."""
    made = np.arange(CHOICES) < applied.number[:, None]
    made = np.column_stack([made, applied.accepted == CLEARING]) & np.isin(applied.cycle, list(CYCLES))[:, None]
    a, column = np.nonzero(made)
    return _keys(people, applied, keys, a, column) | _answers(applied, a, column) | _applicants(people, applied.i[a])


def _keys(people: People, applied: Applications, keys: Keys, a: np.ndarray, column: np.ndarray) -> Rows:
    """Whose application it is, and when it was sent for which course. ``a`` and ``column`` say which one."""
    person, cycle, subject = people.person[applied.i[a]], applied.cycle[a], applied.subject[a, column]
    provider, main = applied.choice[a, column], column < CLEARING
    sent = days_of(cycle - 1, 9, 1) + _sent(people, applied)[a]
    first = np.concatenate([[True], a[1:] != a[:-1]]) if len(a) else np.zeros(0, dtype=bool)
    region, regions = universities.place_names()
    entry = cycle + ((column == applied.accepted[a]) & applied.deferred[a])

    def scrambled(values: np.ndarray, width: int, what: str) -> np.ndarray:
        return scramble(values, width, people.seed, f"ucas/{what}").astype(np.int64)

    return {
        "person": person,
        "collection_year": cycle,
        "pupilmatchingrefanonymous": keys.pmr(person),
        "unique_id_cycle": scrambled(person, 40, "cycle"),
        "applicant_id": scrambled(person, 40, "applicant"),
        "unique_application_id_cycle": scrambled(person * 8 + column, 44, "application"),
        "application_cycle": cycle,
        "application_date": sent,
        "applicant_flag": first.astype(np.int64),
        "application_flag": np.ones(len(a), dtype=np.int64),
        "main_scheme_application_flag": main.astype(np.int64),
        "application_route": Coded(np.where(main, 0, 1), ["Main scheme", "Clearing"]),
        "course_identifier": provider_course(provider, subject),
        "jacs3_sub_line_code": Coded(subject, subjects.JACS_3),
        "subject_group_name": Coded(subject, [name.capitalize() for name in subjects.SUBJECTS]),
        "he_provider_uk_region": Coded(region[provider], regions),
        "he_provider_tariff_group": Coded(tariff_group(provider), TARIFFS),
        "entry_year": Coded(entry - 2008, [f"{y}/{y + 1}" for y in range(2008, 2024)]),
        "entry_year_code": Coded(entry - 2008, [str(y) for y in range(2008, 2024)]),
    }


def _sent(people: People, applied: Applications) -> np.ndarray:
    """Day, from 1 September, of the first application of each applicant. All wait for the last: medicine is early."""
    person, stream = people.person[applied.i], people.stream("applications/sent")
    early = ((applied.subject[:, :CHOICES] == MEDICINE) & (applied.choice[:, :CHOICES] >= 0)).any(axis=1)
    early |= ((applied.choice[:, :CHOICES] >= 0) & (applied.choice[:, :CHOICES] < EARLY)).any(axis=1)
    usual = 20 + stream.below(DAYS_TO_JANUARY - 20, person, 1)
    late = DAYS_TO_JANUARY + stream.below(DAYS_TO_JUNE - DAYS_TO_JANUARY, person, 2)
    usual = np.where(stream.chance(LATE, person, 3), late, usual)
    return np.where(early, stream.below(DAYS_TO_OCTOBER, person, 4), usual)


def polar_3(people: People) -> np.ndarray:
    """POLAR3 quintile of the home area: the one of POLAR4, or the next to it."""
    now, stream = polar(people), people.stream("applications/polar3")
    other = np.where(stream.chance(500_000, people.person, 1) & (now > 1) | (now == 5), now - 1, now + 1)
    return np.where(stream.chance(POLAR_3_DIFFERS, people.person), other, now)


def _answers(applied: Applications, a: np.ndarray, column: np.ndarray) -> Rows:
    """What the provider answered, what the applicant replied, and whether that ended in a place."""
    main, choice = column < CLEARING, np.minimum(column, CHOICES - 1)
    offer = np.where(main, applied.offer[a, choice], -2)
    changes = main & applied.conditional_unconditional[a, choice]
    decision = np.where(main, np.where(offer < 0, 2, np.where(offer == 0, 1, 0)), -1)
    has = main & (offer >= 0)
    reply = np.where(has, np.where(column == applied.firm[a], 0, np.where(column == applied.insurance[a], 1, 2)), -1)
    accepted = column == applied.accepted[a]
    route = np.where(accepted, np.where(~main, 2, np.where(reply == 0, 0, 1)), -1)
    return {
        "accept_flag": accepted.astype(np.int64),
        "acceptance_route": Coded(route, ["Firm choice", "Insurance choice", "Clearing"]),
        "provider_decision_june30": Coded(decision, ["Conditional offer", "Unconditional offer", "Rejection"]),
        "app_response_june30": Coded(reply, ["Firm", "Insurance", "Declined"]),
        "direct_unconditional_offer_flag": Nullable((offer == 0).astype(np.int64), ~main),
        "conditional_unconditional_offer_flag": Nullable(changes.astype(np.int64), ~main),
        "unconditional_component_flag": Nullable(((offer == 0) | changes).astype(np.int64), ~main),
        "other_unconditional_offer_flag": Nullable(np.zeros(len(a), dtype=bool), ~main),
    }


def _applicants(people: People, i: np.ndarray) -> Rows:
    """Age, sex, ethnic group, school and home area of the applicants with these indices."""
    quintile, deprived = Coded(polar(people)[i] - 1, _QUINTILES), Coded(deprivation(people)[i] - 1, _QUINTILES)
    before = Coded(polar_3(people)[i] - 1, _QUINTILES)
    group = np.array([_GROUPS.index(UCAS_ETHNIC[code[0]]) for code in MINORS])[people.minor[i]]
    female, same = np.where(people.male[i], 0, 1), np.zeros(len(i), dtype=np.int8)
    return {
        "applicant_age": np.full(len(i), 18),
        "grouped_school_aligned_age": Coded(same, ["18"]),
        "gender": Coded(female, ["Man", "Woman"]),
        "applicant_gender_code": Coded(female, ["M", "F"]),
        "ethnic_group_summary": Coded(group, _GROUPS),
        "ethnic_group_detailed": Coded(people.minor[i], _DETAILED),
        "polar3_quintile": before,
        "polar4_quintile": quintile,
        "applicant_polar3_code": before,
        "applicant_polar4_code": quintile,
        "imd": deprived,
        "applicant_imd_code": deprived,
        "applicant_region": Coded(people.region[i], list(codes.REGIONS)),
        "applicant_domicile_named_country": Coded(same, ["England"]),
        "higher_level_applicant_domicile": Coded(same, ["England"]),
        "applicant_domicile": Coded(same, ["England"]),
        "apply_centre_type": Coded(people.independent[i].astype(np.int64), ["State", "Independent"]),
    }


def provider_course(provider: np.ndarray, subject: np.ndarray) -> Coded:
    """Provider and course: the provider's pseudonym, as HESA has it, and the JACS code of the course."""
    labels = [f"{10_000 + p}-{jacs}" for p in range(codes.UNIVERSITIES) for jacs in subjects.JACS_3]
    return Coded(provider * len(subjects.SUBJECTS) + subject, labels)
