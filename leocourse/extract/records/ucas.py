"""UCAS records: a row an application of the English applicants aged 18, in the cycles of entry 2008 to 2021."""

from __future__ import annotations

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.dates import days_of
from leocourse.extract.base.random import scramble
from leocourse.extract.lives import subjects
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
_QUINTILES = ["1", "2", "3", "4", "5"]


def applications(people: People, applied: Applications, pmr) -> Rows:
    """UCAS rows: one an application, the accepted one in clearing included. ``pmr`` makes keys of people."""
    made = np.arange(CHOICES) < applied.number[:, None]
    made = np.column_stack([made, applied.accepted == CLEARING]) & np.isin(applied.cycle, list(CYCLES))[:, None]
    a, column = np.nonzero(made)
    i, cycle = applied.i[a], applied.cycle[a]
    person, main = people.person[i], column < CLEARING
    offer = np.where(main, applied.offer[a, np.minimum(column, CHOICES - 1)], -2)
    changes = main & applied.conditional_unconditional[a, np.minimum(column, CHOICES - 1)]
    provider, subject = applied.choice[a, column], applied.subject[a, column]
    decision = np.where(main, np.where(offer < 0, 2, np.where(offer == 0, 1, 0)), -1)
    has = main & (offer >= 0)
    reply = np.where(has, np.where(column == applied.firm[a], 0, np.where(column == applied.insurance[a], 1, 2)), -1)
    accepted = column == applied.accepted[a]
    route = np.where(accepted, np.where(~main, 2, np.where(reply == 0, 0, 1)), -1)
    quintile, deprived = polar(people)[i] - 1, deprivation(people)[i] - 1
    entry = cycle + (accepted & applied.deferred[a])
    group = np.array([_GROUPS.index(UCAS_ETHNIC[code[0]]) for code in MINORS])[people.minor[i]]
    independent = people.independent[i].astype(np.int64)
    sent = days_of(cycle - 1, 10, 1) + people.stream("applications/sent").below(106, person)  # to 15 January
    first = np.concatenate([[True], a[1:] != a[:-1]]) if len(a) else np.zeros(0, dtype=bool)
    jacs = subjects.JACS_3
    return {
        "person": person,
        "collection_year": cycle,
        "pupilmatchingrefanonymous": pmr(person),
        "unique_id_cycle": scramble(person, 40, people.seed, "ucas/cycle").astype(np.int64),
        "applicant_id": scramble(person, 40, people.seed, "ucas/applicant").astype(np.int64),
        "unique_application_id_cycle": scramble(person * 8 + column, 44, people.seed, "ucas/application").astype(
            np.int64
        ),
        "application_cycle": cycle,
        "applicant_age": np.full(len(i), 18),
        "application_date": sent,
        "applicant_flag": first.astype(np.int64),
        "application_flag": np.ones(len(i), dtype=np.int64),
        "main_scheme_application_flag": main.astype(np.int64),
        "accept_flag": accepted.astype(np.int64),
        "acceptance_route": Coded(route, ["Firm choice", "Insurance choice", "Clearing"]),
        "application_route": Coded(np.where(main, 0, 1), ["Main scheme", "Clearing"]),
        "provider_decision_june30": Coded(decision, ["Conditional offer", "Unconditional offer", "Rejection"]),
        "app_response_june30": Coded(reply, ["Firm", "Insurance", "Declined"]),
        "direct_unconditional_offer_flag": Nullable((offer == 0).astype(np.int64), ~main),
        "conditional_unconditional_offer_flag": Nullable(changes.astype(np.int64), ~main),
        "unconditional_component_flag": Nullable(((offer == 0) | changes).astype(np.int64), ~main),
        "course_identifier": provider_course(provider, subject),
        "jacs3_sub_line_code": Coded(subject, jacs),
        "subject_group_name": Coded(subject, [name.capitalize() for name in subjects.SUBJECTS]),
        "he_provider_tariff_group": Coded(tariff_group(provider), TARIFFS),
        "entry_year": Coded(entry - 2008, [f"{y}/{y + 1}" for y in range(2008, 2024)]),
        "gender": Coded(np.where(people.male[i], 0, 1), ["Man", "Woman"]),
        "ethnic_group_summary": Coded(group, _GROUPS),
        "polar3_quintile": Coded(quintile, _QUINTILES),
        "polar4_quintile": Coded(quintile, _QUINTILES),
        "imd": Coded(deprived, _QUINTILES),
        "applicant_region": Coded(people.region[i], list(codes.REGIONS)),
        "applicant_domicile_named_country": Coded(np.zeros(len(i), dtype=np.int64), ["England"]),
        "apply_centre_type": Coded(independent, ["State", "Independent"]),
        "applicant_polar3_code": Coded(quintile, _QUINTILES),
        "applicant_polar4_code": Coded(quintile, _QUINTILES),
        "applicant_imd_code": Coded(deprived, _QUINTILES),
        "applicant_gender_code": Coded(np.where(people.male[i], 0, 1), ["M", "F"]),
        "higher_level_applicant_domicile": Coded(np.zeros(len(i), dtype=np.int8), ["England"]),
        "applicant_domicile": Coded(np.zeros(len(i), dtype=np.int8), ["England"]),
        "ethnic_group_detailed": Coded(people.minor[i], _DETAILED),
        "grouped_school_aligned_age": Coded(np.zeros(len(i), dtype=np.int8), ["18"]),
        "entry_year_code": Coded(entry - 2008, [str(y) for y in range(2008, 2024)]),
        "other_unconditional_offer_flag": Nullable(np.zeros(len(i), dtype=bool), ~main),
    }


def provider_course(provider: np.ndarray, subject: np.ndarray) -> Coded:
    """Provider and course: the provider's pseudonym, as HESA has it, and the JACS code of the course."""
    labels = [f"{10_000 + p}-{jacs}" for p in range(codes.UNIVERSITIES) for jacs in subjects.JACS_3]
    return Coded(provider * len(subjects.SUBJECTS) + subject, labels)
