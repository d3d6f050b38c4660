"""Everything at school and in social care: the order of the stages, and the truth beside their records."""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Rows, blank
from leocourse.extract.faults import Faults, school
from leocourse.extract.faults.planting import planted
from leocourse.extract.lives import attendance, results, school_effects, schooling
from leocourse.extract.lives.establishments import SCHOOL_EFFECTS
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.records import (
    absence,
    care,
    census,
    exclusions,
    keystages,
    ks2_fields,
    ks4,
    ks4_fields,
    ks5,
    placements,
    reasons,
    schools,
    taught_groups,
)
from leocourse.extract.records.characteristics import Traits
from leocourse.extract.records.pupils import Pupils, where


def school_tables(pupils: Pupils, paths: Pathways, switches: Faults) -> tuple[dict[str, Rows], dict[str, Rows], Rows]:
    """Records of school and social care by table, the truth by table, and key stage 4 before its faults."""
    results, traits = ks4.results(pupils), Traits(pupils)
    history = census.fsm_history(pupils, paths.school_years)
    out = exclusions.reported(pupils, paths.school_years)
    missed = reasons.with_reasons(absence.described(absence.absence(pupils), traits, history), pupils)
    at_18 = ks5.entries(pupils, paths)
    candidate, indicator, result = keystages.ks3(pupils)
    provision, units = placements.placements(traits)
    at_16 = ks4.pupil_rows(pupils, results)
    at_11 = ks2_fields.with_fields(pupils, keystages.ks2_pupil(pupils))
    at_11 |= care.in_results(pupils, *keystages.assessed(pupils, "ks2", keystages.KS2_YEARS), "ks2")
    measures = ks4_fields.measures(pupils, results)
    tables = {
        "school_census": _census(traits, paths, results, history, switches),
        "eyfsp": keystages.eyfsp(pupils),
        "ks1": keystages.ks1(pupils),
        "ks2_pupil": at_11,
        "ks2_exam": ks2_fields.exams(pupils, at_11),
        "ks3_candidate": candidate,
        "ks3_indicator": indicator,
        "ks3_result": result,
        "ks4_exam": ks4.exams(pupils, results) | ks4_fields.exams(pupils, results),
        "ks4_pupil": school.ks4(at_16 | _background_at_16(pupils, results) | measures, switches, frozenset(measures)),
        "ks5_exam": ks5.exams(pupils, at_18),
        "ks5_student": ks5.students(pupils, at_18),
        "absence": school.absence(missed, pupils, switches),
        "exclusions_to_2005": exclusions.exclusions_to_2005(traits, out),
        "exclusions": exclusions.exclusions(traits, out),
        "exclusions_enrolment": exclusions.exclusions_enrolment(pupils, out),
        "ap_census": provision,
        "pru_census": units,
        "cin": care.cin(traits),
        "cla": care.cla(pupils),
    }
    tables = planted(tables | taught_groups.as_taught(tables, pupils), switches)
    tables |= school.fsm_under_recorded(tables, pupils.people, switches)
    return tables, {"schooling": _truth(pupils, results, out)}, at_16 | measures


def _background_at_16(pupils: Pupils, results: ks4.Results) -> Rows:
    """What the key stage 4 table says of a pupil beside results."""
    return ks4_fields.background(pupils, results) | care.in_results(pupils, results.i, results.year, "ks4")


def _census(traits: Traits, paths: Pathways, results: ks4.Results, history: dict, switches: Faults) -> Rows:
    """The three censuses of each year, with their faults."""
    pupils = traits.pupils
    rows = schools.pupils_of_years(pupils.people, pupils.pmr, paths.school_years)
    rows = census.with_history(rows, pupils, history)
    rows = school.census(census.all_terms(rows, pupils), pupils, switches)
    off_roll = rows["onroll"] == 0  # without free school meals, special needs and what is derived from them
    rows |= {name: blank(rows[name], off_roll) for name in (*census.HISTORY, "senprovisionmajor")}
    rows = school.left_before_entry(rows, switches)
    rows = census.leaving_days(census.described(rows, traits), pupils, paths.school_years)
    return census.sixth_form_study(rows, pupils, paths, results)


def _truth(pupils: Pupils, results: ks4.Results, out: exclusions.Excluded) -> Rows:
    """What is true of schooling and stands in no record: one row a person who was in year 11."""
    people, i = pupils.people, results.i
    permanent = np.full(len(people), 9_999)
    np.minimum.at(permanent, out.i[out.permanent], out.year[out.permanent])  # the first, of those with several
    in_care = np.zeros(len(people), dtype=bool)
    in_care[pupils.care.periods.i] = True
    rate = attendance.rate_in_year_11(people, people.cohort + 17)[i]
    return {
        "person": people.person[i],
        "person_number": people.person[i],
        "attainment": people.attainment[i],
        "special_needs": people.need[i],
        "disadvantage": people.disadvantage[i],
        "absence_in_year_11": rate,
        "school_effect_on_ks4": schooling.secondary_adds(people)[i],
        "planted_at_school_on_ks4": school_effects.result_adds(people)[i],
        "absence_effect_on_ks4": attendance.ks4_effect(people, people.cohort + 17)[i],
        "ks4_result": results.latent,
        "permanent_exclusion_year": where(permanent[i] < 9_999, permanent[i]),
        "ever_looked_after": in_care[i].astype(np.int64),
    }


def parameters() -> list[dict]:
    """The planted parameters of school."""
    unit = "thousandths of a standard deviation of attainment"
    effects = [
        {"parameter": f"absence: {name}", "value": value, "unit": unit}
        for name, value in attendance.ABSENCE_EFFECTS.items()
    ]
    for stage, table in (("key stage 4", ks4.TEACHER_ASSESSED), ("key stage 5", ks5.CENTRE_ASSESSED)):
        effects += [{"parameter": f"{stage}: grades set by teachers, {year}", "value": value, "unit": unit}
                    for year, value in table.items()]  # fmt: skip
    effects += [
        {"parameter": f"spread of school effects: {name}", "value": value, "unit": unit}
        for name, value in SCHOOL_EFFECTS.items()
    ]
    effects.append({"parameter": "key stage 4: a year of age", "value": results.YEAR_OF_AGE, "unit": unit})
    return effects + school_effects.parameters()
