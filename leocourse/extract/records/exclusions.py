"""Exclusions from school as the collections hold them: one row an exclusion, and one a pupil and year.

They are drawn in :mod:`leocourse.extract.lives.conduct` and move pupils in :mod:`leocourse.extract.lives.schooling`.
Schools report those of pupils in year groups of school age, and of sixth-formers in school.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.dates import days_of
from leocourse.extract.lives.conduct import MOST, TERMS, Excluded
from leocourse.extract.records.characteristics import Traits
from leocourse.extract.records.pupils import Pupils, academic_year, text_where, where

YEARS = range(2002, 2022)
TABLE_YEARS = range(2006, 2022)
REASONS = ["DB", "PP", "VA", "OT", "VP", "PA", "DA", "DM", "BU", "TH", "SM", "RA"]
ENROLMENT = ["C", "G", "M", "S"]

TRAITS = {
    "monthpartofageatstartofacademicyear": "months", "ethnicity": "ethnicity", "ethnicgroup": "ethnic_name",
    "ethnicitysource": "ethnic_source", "entrydate": "entry", "parttime": "part_time", "boarder": "boarder",
    "firstlanguage": "language_group", "language": "language", "languagegroup": "language_group",
    "languagegroupminor": "language_group", "gandtindicator": "gifted", "servicechild": "service_child",
    "servicechildsource": "service_source", "primarysentype": "need", "secondarysentype": "second_need",
    "specialprovisionindicator": "special_provision", "senunitindicator": "unit",
    "resourcedprovisionindicator": "resourced", "llsoa": "area", "lsoa01": "area",
    "lsoa11": "area", "idaciscore_10": "score", "idacirank_10": "rank_2001", "idaciscore_15": "score",
    "idacirank_15": "rank_2011", "idaci_d_15": "decile_text", "latestla_anon": "authority", "yssa": "consent",
    "modeoftravel": "travel",
}  # fmt: skip
"""Fields that hold a characteristic of the pupil, and which."""


def reported(pupils: Pupils, sixth_form_years: np.ndarray) -> Excluded:
    """The exclusions that schools report. Nobody is in year 12 or 13 of a school but those of its sixth form."""
    every = pupils.schooling.excluded
    group = every.year - pupils.people.cohort[every.i] - 6
    at_school = group <= 11 + sixth_form_years[every.i]
    return every[at_school & (every.year >= YEARS[0]) & (every.year <= YEARS[-1])]


def exclusions(traits: Traits, every: Excluded) -> Rows:
    """Table 1 of the collection: one row an exclusion, from 2005/06. It was reported two terms later."""
    pupils = traits.pupils
    these = every[every.year >= TABLE_YEARS[0]]
    i, year, people = these.i, these.year, pupils.people
    group, school, history = pupils.group(i, year), these.school, pupils.schooling
    two = history.at(history.second, i, group, these.term) >= 0
    reported = these.term + 2
    sen = pupils.sen_provision(i, year)
    return {
        "person": people.person[i],
        "collection_year": year,
        "pupilmatchingrefanonymous": pupils.pmr(i),
        "academicyear": academic_year(year),
        "term": Coded(these.term, TERMS),
        "reportingacademicyear": academic_year(np.minimum(year + reported // 3, 2021)),
        "reportingterm": Coded(reported % 3, TERMS),
        "category": Coded(these.permanent.astype(np.int64), ["FIXD", "PERM"]),
        "startdate": these.start,
        "sessions": Nullable(these.sessions, these.permanent),
        "reason": Coded(np.where(year < 2021, these.reason, -1), REASONS),
        "reason_a": Coded(these.reason, REASONS),
        "gender": pupils.sex(i),
        "ageatstartofacademicyear": group + 4,
        "yearofbirth": people.birth_year[i],
        "monthofbirth": people.birth_month[i],
        "ncyear": pupils.nc_year(i, year),
        "ethnicgroupminor": pupils.minor(i),
        "ethnicgroupmajor": pupils.major(i),
        "fsmeligible": pupils.fsm(i, year),
        "senprovision": sen,
        "censussen": sen,
        "languagegroupmajor": pupils.language_major(i),
        "enrolstatus": Coded(np.where(two, 2, 0), ENROLMENT),
        "la_anon": pupils.authority_of(i, school),
        "laestab_anon": pupils.laestab(school, year),
        "urn_anon": pupils.urn(school, year),
        "perm_duplicate": np.zeros(len(i), dtype=np.int64),
        "latestsen": sen,
        **_further_reasons(pupils, these),
        **listed(traits.columns(TRAITS, i, year), {"modeoftravel": ["OTH", "BDR"]}),
    }


def _further_reasons(pupils: Pupils, these: Excluded) -> Rows:
    """Second and third reasons, which can be given from 2020/21: other than those before them."""
    person, k = pupils.people.person[these.i], these.year * 8 + these.place
    stream = pupils.people.stream("exclusions/further reasons")
    step = 1 + stream.below(5, person, k)  # twice a step is still another reason
    number = stream.pick([70, 23, 7], person, 100_000 + k)
    return {
        f"reason_{letter}": Coded(np.where(number >= least, (these.reason + least * step) % len(REASONS), -1), REASONS)
        for letter, least in (("b", 1), ("c", 2))
    }


def exclusions_enrolment(pupils: Pupils, every: Excluded) -> Rows:
    """Table 2 of the collection: one row a pupil and year, with totals and exclusions side by side."""
    these = every[every.year >= TABLE_YEARS[0]]
    first = np.flatnonzero(these.place == 0)
    number = np.diff(np.append(first, len(these)))
    row = np.repeat(np.arange(len(first)), number)
    i, year = these.i[first], these.year[first]
    fixed = (~these.permanent).astype(np.int64)
    permanent = np.bincount(row, weights=these.permanent, minlength=len(first)).astype(np.int64)
    moved = (these.school != np.roll(these.school, 1)) & (these.place > 0)
    schools = 1 + np.bincount(row, weights=moved, minlength=len(first)).astype(np.int64)
    sen, nc_year = pupils.sen_provision(i, year), pupils.nc_year(i, year)
    rows: Rows = {
        "person": pupils.people.person[i],
        "collection_year": year,
        "pupilmatchingrefanonymous": pupils.pmr(i),
        "numberofenrolments": schools,
        "totalfixedexclusions": np.bincount(row, weights=fixed, minlength=len(first)).astype(np.int64),
        "totalfixedsessions": np.bincount(row, weights=fixed * these.sessions, minlength=len(first)).astype(np.int64),
        "permanentexclusionindicator": permanent,
        "permanentexclusioncount": permanent,
    }
    for k in range(MOST):
        there = number > k
        at = np.where(there, first + k, first)
        school = these.school[at]
        rows |= {
            f"category_{k + 1}": Coded(np.where(there, these.permanent[at], -1), ["FIXD", "PERM"]),
            f"term_{k + 1}": Coded(np.where(there, these.term[at], -1), TERMS),
            f"startdate_{k + 1}": where(there, these.start[at]),
            f"sessions_{k + 1}": where(there & ~these.permanent[at], these.sessions[at]),
            f"reason_{k + 1}": Coded(np.where(there, these.reason[at], -1), REASONS),
            f"laestab_{k + 1}_anon": where(there, pupils.laestab(school, year)),
            f"urn_{k + 1}_anon": where(there, pupils.urn(school, year)),
            f"la_{k + 1}": where(there, pupils.authority_of(i, school)),
            f"senprovision_{k + 1}": text_where(there, sen),
            f"ncyear_{k + 1}": text_where(there, nc_year),
        }
    return rows


def exclusions_to_2005(traits: Traits, every: Excluded) -> Rows:
    """Permanent exclusions before the termly census: one row an excluded pupil and year."""
    pupils = traits.pupils
    these = every[(every.year < TABLE_YEARS[0]) & every.permanent]
    i, year, people = these.i, these.year, pupils.people
    school = these.school
    return {
        "person": people.person[i],
        "collection_year": year,
        "pupilmatchingrefanonymous": pupils.pmr(i),
        "censusdate": days_of(year + 1, 1, 17),
        "startdate": these.start,
        "permanentexclusionind": np.ones(len(i), dtype=np.int64),
        "gender": pupils.sex(i),
        "yearofbirth": people.birth_year[i],
        "monthofbirth": people.birth_month[i],
        "ethnicity": pupils.minor(i),
        "senstatus": pupils.sen_provision(i, year),
        "la_anon": pupils.authority_of(i, school),
        "laestab_anon": pupils.laestab(school, year),
        "urn_anon": pupils.urn(school, year),
        **traits.columns({"ethnicgroup": "ethnic_name", "ethnicitysource": "ethnic_source"}, i, year),
    }


def listed(columns: Rows, unlisted: dict[str, list[str]]) -> Rows:
    """The columns, without the codes that the lists of this collection lack."""
    for name, gone in unlisted.items():
        texts = columns[name]
        columns[name] = text_where(~np.isin(texts.codes, [texts.labels.index(each) for each in gone]), texts)
    return columns
