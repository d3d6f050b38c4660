"""Everything at school and in social care: the order of the stages, and the truth beside their records."""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Rows, blank
from leocourse.extract.faults import Faults, school
from leocourse.extract.faults.planting import planted
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
    reasons,
    schools,
)
from leocourse.extract.records.characteristics import Traits
from leocourse.extract.records.pupils import Pupils, where


def school_tables(pupils: Pupils, paths: Pathways, switches: Faults) -> tuple[dict[str, Rows], dict[str, Rows], Rows]:
    """Records of school and social care by table, the truth by table, and key stage 4 before its faults."""
    results, traits = ks4.results(pupils), Traits(pupils)
    history = census.fsm_history(pupils, paths.sixth_form)
    out = exclusions.excluded(pupils)
    missed = reasons.with_reasons(absence.described(absence.absence(pupils), traits, history), pupils, out)
    at_18 = ks5.entries(pupils, paths)
    candidate, indicator, result = keystages.ks3(pupils)
    provision, units = exclusions.placements(traits, out)
    at_16 = ks4.pupil_rows(pupils, results)
    at_11 = ks2_fields.with_fields(pupils, keystages.ks2_pupil(pupils))
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
        "ks4_pupil": school.ks4(
            at_16 | ks4_fields.background(pupils, results) | measures, switches, frozenset(measures)
        ),
        "ks5_exam": ks5.exams(pupils, at_18),
        "ks5_student": ks5.students(pupils, at_18),
        "absence": missed,
        "exclusions_to_2005": exclusions.exclusions_to_2005(traits, out),
        "exclusions": exclusions.exclusions(traits, out),
        "exclusions_enrolment": exclusions.exclusions_enrolment(pupils, out),
        "ap_census": provision,
        "pru_census": units,
        "cin": care.cin(traits),
        "cla": care.cla(pupils),
    }
    tables = planted(tables, switches)
    tables |= school.fsm_under_recorded(tables, pupils.people, switches)
    return tables, {"schooling": _truth(pupils, results, out)}, at_16 | measures


def _census(traits: Traits, paths: Pathways, results: ks4.Results, history: dict, switches: Faults) -> Rows:
    """The three censuses of each year, with their faults."""
    pupils = traits.pupils
    spring = schools.spring_census(pupils.people, pupils.pmr, paths.sixth_form)
    spring = school.census(census.with_history(spring, pupils, history), switches)
    off_roll = spring["onroll"] == 0  # without free school meals, special needs and what is derived from them
    spring |= {name: blank(spring[name], off_roll) for name in (*census.HISTORY, "senprovisionmajor")}
    rows = school.left_before_entry(census.all_terms(spring, pupils), switches)
    rows = census.leaving_days(census.described(rows, traits), pupils, paths.sixth_form)
    return census.sixth_form_study(rows, pupils, paths, results)


def _truth(pupils: Pupils, results: ks4.Results, out: exclusions.Excluded) -> Rows:
    """What is true of schooling and stands in no record: one row a person who was in year 11."""
    people, i = pupils.people, results.i
    permanent = np.zeros(len(people), dtype=np.int64)
    permanent[out.i[out.permanent]] = out.year[out.permanent]
    in_care = np.zeros(len(people), dtype=bool)
    in_care[care.looked_after(pupils)[0]] = True
    rate = absence.rate_in_year_11(people, people.cohort + 17)[i]
    return {
        "person": people.person[i],
        "person_number": people.person[i],
        "attainment": people.attainment[i],
        "special_needs": people.need[i],
        "disadvantage": people.disadvantage[i],
        "absence_in_year_11": rate,
        "absence_effect_on_ks4": absence.ks4_effect(people, people.cohort + 17)[i],
        "ks4_result": results.latent,
        "permanent_exclusion_year": where(permanent[i] > 0, permanent[i]),
        "ever_looked_after": in_care[i].astype(np.int64),
    }


def parameters() -> list[dict]:
    """The planted parameters of school."""
    unit = "thousandths of a standard deviation of attainment"
    effects = [
        {"parameter": f"absence: {name}", "value": value, "unit": unit}
        for name, value in absence.ABSENCE_EFFECTS.items()
    ]
    for stage, table in (("key stage 4", ks4.TEACHER_ASSESSED), ("key stage 5", ks5.CENTRE_ASSESSED)):
        effects += [{"parameter": f"{stage}: grades set by teachers, {year}", "value": value, "unit": unit}
                    for year, value in table.items()]  # fmt: skip
    return effects
