"""Social care: children in need, and children looked after by a local authority.

Both are drawn from one latent of risk, related to disadvantage. About 3% of children are looked after at
some time and six times as many are in need; every child looked after is in need for the same time.
Years run from 1 April to 31 March and are named after the year in which they end. Only children of
school age (4 to 17) are simulated, because only they have a pupil reference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base.codes import AUTHORITIES
from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.dates import day, days_of
from leocourse.extract.lives.pathways import month_of
from leocourse.extract.lives.population import MINORS
from leocourse.extract.records.characteristics import AREAS_2001, Traits, ranks
from leocourse.extract.records.pupils import Pupils, academic_year, where

CLA_YEARS, CIN_YEARS = range(2006, 2022), range(2009, 2022)
RISK = {"disadvantage": 520, "lasting": 850}
CLA_LINE, CIN_LINE = 1_950, 850
NEEDS = ["N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8"]
NEED_WEIGHTS = [54, 9, 4, 9, 15, 3, 1, 5]
LEGAL, LEGAL_WEIGHTS = ["C1", "C2", "E1", "V2"], [15, 45, 6, 34]
PLACEMENTS, PLACEMENT_WEIGHTS = ["Q1", "Q2", "P1", "K2", "H5"], [14, 60, 8, 13, 5]
FOSTER_UNTIL = 2014
"""The codes of foster placements in the list of the form end with 2014; later ones are missing."""
ENDS, END_WEIGHTS = ["E4", "E4A", "E13", "E11"], [50, 25, 20, 5]
ADOPTED = "E11"
CLOSURES, CLOSURE_WEIGHTS = ["RC7", "RC8", "RC5"], [75, 15, 10]
SOURCES = ["1A", "2A", "2B", "3A", "3E", "4", "5B", "6", "7", "9"]
SOURCE_WEIGHTS = [9, 17, 3, 8, 6, 3, 14, 28, 6, 6]
ABUSE, ABUSE_WEIGHTS = ["NEG", "PHY", "SAB", "EMO"], [45, 12, 6, 37]
OLDEST = 18
CHANGES, CHANGE_WEIGHTS = ["CARPL", "CLOSE", "CREQB", "CREQO", "CHILD", "OTHER"], [55, 3, 14, 10, 6, 12]
DISABILITIES = ["NONE", "MOB", "COMM", "LD", "BEH", "AUT", "HEAR", "VIS"]
DISABLED_WEIGHTS = [15, 15, 34, 14, 18, 2, 2]
CIN_OLD = {
    "WBRI": "A1", "WIRI": "A2", "WOTH": "A3", "WIRT": "A4", "WROM": "A5", "MWBC": "B1", "MWBA": "B2", "MWAS": "B3",
    "MOTH": "B4", "AIND": "C1", "APKN": "C2", "ABAN": "C3", "AOTH": "C4", "BCRB": "D1", "BAFR": "D2", "BOTH": "D3",
    "CHNE": "E1", "OOTH": "E2", "REFU": "E3", "NOBT": "E4",
}  # fmt: skip
"""Ethnic codes of the collection of 2008/09."""


def _spans(pupils: Pupils, name: str, chosen: np.ndarray, lengths: list[int]) -> tuple:
    """Start and end (day numbers) of one span of care or need for each chosen person, at ages 4 to 17.

    ``lengths``: equally likely lengths in months. A span ends at the 18th birthday at the latest.
    """
    people = pupils.people
    i = np.flatnonzero(chosen)
    person, stream = people.person[i], people.stream(f"care/{name}")
    birth = month_of(people.birth_year[i], people.birth_month[i])
    start = birth + 48 + stream.below(156, person)
    last = birth + 12 * OLDEST - 1
    end = np.minimum(start + np.array(lengths)[stream.below(len(lengths), person, 1)], last)
    table = np.array([day(2000 + m // 12, m % 12 + 1, 1) for m in range(-216, 300)])
    begin = table[start + 216] + stream.below(28, person, 2)
    finish = table[end + 216] + stream.below(28, person, 3)
    return i, begin, np.maximum(finish, begin + 7)


def _risk(pupils: Pupils) -> np.ndarray:
    people = pupils.people
    lasting = RISK["lasting"] * people.stream("care/risk").normal(people.person)
    return (RISK["disadvantage"] * people.disadvantage + lasting) // 1000


def looked_after(pupils: Pupils) -> tuple:
    """Person index, first day and last day of each period of care."""
    return _spans(pupils, "cla", _risk(pupils) > CLA_LINE, [2, 5, 9, 14, 22, 36, 60, 100, 140])


def in_need(pupils: Pupils) -> tuple:
    """Person index, first and last day of each episode of need, and its number for the person.

    The period of care of a child looked after is an episode; others have one or two short ones.
    """
    risk = _risk(pupils)
    care = looked_after(pupils)
    parts = [(*care, np.zeros(len(care[0]), dtype=np.int64))]
    for number in (1, 2):
        again = pupils.people.stream("care/again").chance(1_000_000 if number == 1 else 350_000, pupils.people.person)
        span = _spans(pupils, f"cin/{number}", (risk > CIN_LINE) & again, [1, 2, 3, 4, 6, 9, 14, 24])
        parts.append((*span, np.full(len(span[0]), number)))
    return tuple(map(np.concatenate, zip(*parts, strict=True)))


def _by_year(start: np.ndarray, end: np.ndarray, years: range) -> tuple:
    """Row and year of every year to 31 March that a span touches."""
    rows, labels = [], []
    for year in years:
        touched = np.flatnonzero((start <= day(year, 3, 31)) & (end >= day(year - 1, 4, 1)))
        rows.append(touched)
        labels.append(np.full(len(touched), year))
    return np.concatenate(rows), np.concatenate(labels)


def _age(pupils: Pupils, i: np.ndarray, year: np.ndarray, month: int) -> np.ndarray:
    """Age in years on the last day of a month."""
    people = pupils.people
    return year - people.birth_year[i] - (people.birth_month[i] > month)


def _calendar(days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Calendar year and month of days."""
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return 1970 + month // 12, month % 12 + 1


def _age_on(pupils: Pupils, i: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Age in years in the month of a day."""
    year, month = _calendar(days)
    return year - pupils.people.birth_year[i] - (pupils.people.birth_month[i] > month)


def adoption_year(pupils: Pupils) -> np.ndarray:
    """The calendar year in which each person left care for adoption, 0 for nobody else."""
    i, _, end = looked_after(pupils)
    person = pupils.people.person[i]
    adopted = pupils.people.stream("care/cla/details").pick(END_WEIGHTS, person, 4) == ENDS.index(ADOPTED)
    year = np.zeros(len(pupils), dtype=np.int64)
    year[i[adopted]] = _calendar(end[adopted])[0]
    return year


def cla(pupils: Pupils) -> Rows:
    """Children looked after: one row a child and year, with the latest episode of care."""
    i, start, end = looked_after(pupils)
    row, year = _by_year(start, end, CLA_YEARS)
    i, start, end = i[row], start[row], end[row]
    people, person = pupils.people, pupils.people.person[i]
    stream = people.stream("care/cla/details")
    march = days_of(year, 3, 31)
    ceased = end <= march
    until = np.minimum(end, march)
    first_of_year = days_of(year - 1, 4, 1)
    # The placement may have changed once in the year: then the latest episode began on that day.
    room = np.maximum(until - np.maximum(start, first_of_year), 1)
    moved = stream.chance(250_000, person, year) & (room > 30)
    episode = np.where(
        moved,
        np.maximum(start, first_of_year) + 1 + stream.below(room - 1 + (room < 2), person, 100 + year),
        start,
    )
    kind = stream.pick(PLACEMENT_WEIGHTS, person, 3_000 + np.where(moved, year, 0))
    kind = np.where((year > FOSTER_UNTIL) & (kind < 2), -1, kind)
    away = stream.chance(380_000, person, 4_000 + np.where(moved, year, 0))
    elsewhere = (people.authority[i] + 1 + stream.below(AUTHORITIES - 1, person, 5_000)) % AUTHORITIES
    age_start = _age(pupils, i, year - 1, 8)
    in_school_years = (age_start >= 4) & (age_start <= 15)

    held = ~ceased
    return {
        "person": person,
        "collection_year": year,
        "cla_pupilmatchingrefanonymous": pupils.pmr(i),
        "cla_cla_la_anon": people.authority[i] + 1000,
        "cla_sex": np.where(people.male[i], 1, 2),
        "cla_age_aug": age_start,
        "cla_processing_year": year,
        "cla_ethnic": pupils.minor(i),
        "cla_uasc_status": np.zeros(len(i), dtype=np.int64),
        "cla_poc_start": start,
        "cla_poc_length": (until - start) * 10_000 // 3_044,  # months of 30.44 days, in hundredths
        "cla_cat_need": Coded(stream.pick(NEED_WEIGHTS, person, 1), NEEDS),
        "cla_epi_idx": 1 + _flag(moved),
        "cla_date_epi_comm": episode,
        "cla_date_epi_ceased": Nullable(end, held),
        "cla_legal_status": Coded(stream.pick(LEGAL_WEIGHTS, person, 2), LEGAL),
        "cla_placement": Coded(kind, PLACEMENTS),
        "cla_rec": Coded(np.where(ceased, stream.pick(END_WEIGHTS, person, 4), -1), ENDS),
        "cla_cla_31_march": _flag(held),
        "cla_cla_6_months": _flag(held & (start <= days_of(year - 1, 9, 30))),
        "cla_cla_12_months": _flag(held & (start <= days_of(year - 1, 3, 31))),
        "cla_place_location": Coded(np.where(away, 1, 0), ["IN", "OUT", "CON"]),
        "cla_la_placement_anon": np.where(away, elsewhere, people.authority[i]) + 1000,
        "cla_reason_place_change": Coded(
            np.where(moved, stream.pick(CHANGE_WEIGHTS, person, 6_000 + year), -1), CHANGES
        ),
        "cla_cla_pp_1_day": _flag(in_school_years),
        "cla_cla_pp_6_months": _flag(in_school_years & (until - np.maximum(start, first_of_year) >= 183)),
    }


@dataclass(frozen=True)
class _Cases:
    """Episodes of need by year to 31 March, one element a row."""

    i: np.ndarray
    person: np.ndarray
    year: np.ndarray
    start: np.ndarray
    end: np.ndarray
    number: np.ndarray
    """Which episode of the child it is; 0 is the time in which the child was looked after."""
    need: np.ndarray
    """Index into :data:`NEEDS`."""

    @property
    def march(self) -> np.ndarray:
        """The last day of the year."""
        return days_of(self.year, 3, 31)

    @property
    def closed(self) -> np.ndarray:
        """Whether the case was closed by then."""
        return self.end <= self.march


def cin(traits: Traits) -> Rows:
    """Children in need: one row a child, episode of need and year."""
    pupils = traits.pupils
    i, start, end, number = in_need(pupils)
    row, year = _by_year(start, end, CIN_YEARS)
    i, start, end, number = i[row], start[row], end[row], number[row]
    person, people = pupils.people.person[i], pupils.people
    need = np.where(number == 0, people.stream("care/cla/details").pick(NEED_WEIGHTS, person, 1),
                    people.stream("care/cin/details").pick(NEED_WEIGHTS, person, number))  # fmt: skip
    cases = _Cases(i, person, year, start, end, number, need)
    return _children(traits, cases) | _need(pupils, cases) | _course(pupils, cases) | _protection(pupils, cases)


def _children(traits: Traits, cases: _Cases) -> Rows:
    """Whose case it is: keys, sex, ages, ethnic group and area."""
    pupils, i, year = traits.pupils, cases.i, cases.year
    people, authority = pupils.people, pupils.people.authority[cases.i] + 1000
    return {
        "person": cases.person,
        "collection_year": year,
        "cin_pupilmatchingrefanonymous": pupils.pmr(i),
        "cin_acadyr": academic_year(year),
        "cin_la_anon": authority,
        "cin_la_9code_anon": Coded(people.authority[i], [f"LA{1000 + n}" for n in range(AUTHORITIES)]),
        "cin_la_09_anon": authority,
        "cin_la_lgr_anon": authority,
        "cin_gender": np.where(people.male[i], 1, 2),
        "cin_age_start": _age(pupils, i, year - 1, 8),
        "cin_month_part": pupils.months_past_birthday(i),
        "cin_yearofbirth": people.birth_year[i],
        "cin_monthofbirth": people.birth_month[i],
        "cin_childage31march": _age(pupils, i, year, 3),
        "cin_ethnicgroupminor": pupils.minor(i),
        "cin_ethnicgroupmajor": pupils.major(i),
        "cin_ethnicity": Coded(people.minor[i] + len(MINORS) * (year > 2009), [*map(CIN_OLD.get, MINORS), *MINORS]),
        "cin_asylumseeking": _flag(year < 0),
        "cin_llsoa": traits.area(i, year, pupils.group(i, year)),
        "cin_idaci_score": pupils.idaci(i),
        "cin_idaci_rank": ranks(AREAS_2001)[pupils.idaci(i)],
    }


def _need(pupils: Pupils, cases: _Cases) -> Rows:
    """What the child is in need of, and who said so."""
    stream, person, number = pupils.people.stream("care/cin/details"), cases.person, cases.number
    disabled = cases.need == 1
    disability = np.where(disabled, 1 + stream.pick(DISABLED_WEIGHTS, person, 80), 0)
    return {
        "cin_disability": _flag(disabled),
        "cin_disability_type": Coded(disability, DISABILITIES),
        "cin_referralsource": Coded(stream.pick(SOURCE_WEIGHTS, person, 60 + number), SOURCES),
        "cin_primaryneedcode": Coded(cases.need, NEEDS),
    }


def _course(pupils: Pupils, cases: _Cases) -> Rows:
    """When the case began and was closed, and what is true of it at the end of the year."""
    i, year, start, end, closed = cases.i, cases.year, cases.start, cases.end, cases.closed
    stream, number = pupils.people.stream("care/cin/details"), cases.number
    closure = np.where(closed, stream.pick(CLOSURE_WEIGHTS, cases.person, 50 + number), -1)
    # A child may have several episodes in a year; one open on 31 March counts for all of them.
    of_child = np.unique(i * 10_000 + year, return_inverse=True)[1]
    open_cases = np.bincount(of_child, weights=~closed)[of_child].clip(0, 1).astype(np.int64)
    first_of_year = days_of(year - 1, 4, 1)
    return {
        "cin_cinreferraldate": start,
        "cin_latestreferraldate": start,
        "cin_yearofreferral": _calendar(start)[0],
        "cin_monthofreferral": _calendar(start)[1],
        "cin_age_referral": _age_on(pupils, i, start),
        "cin_agestartofcinperiod": _age_on(pupils, i, start),
        "cin_referralnfa": np.zeros(len(i), dtype=np.int64),
        "cin_cinclosuredate": where(closed, end),
        "cin_latestclosuredate": where(closed, end),
        "cin_yearofclosure": where(closed, _calendar(end)[0]),
        "cin_monthofclosure": where(closed, _calendar(end)[1]),
        "cin_ageendofcinperiod": where(closed, _age_on(pupils, i, end)),
        "cin_reasonforclosure": Coded(closure, CLOSURES),
        "cin_lookedafterchildadopted": _flag(closed & (number == 0) & (adoption_year(pupils)[i] > 0)),
        "cin_opencaseinformation": Coded(np.where(closed, -1, number > 0), ["CLA", "NON"]),
        "cin_caseopen31march": _flag(~closed),
        "cin_cinat31march": _flag(~closed),
        "cin_at31": _flag(~closed),
        "cin_anycasesopen31march": open_cases,
        "cin_throughout": _flag((start <= first_of_year) & ~closed),
        "cin_started": _flag(start >= first_of_year),
        "cin_ended": _flag(closed),
        "cin_anypoint": np.ones(len(i), dtype=np.int64),
    }


def _protection(pupils: Pupils, cases: _Cases) -> Rows:
    """Child protection plans against neglect and abuse.

    They begin some weeks after the referral and end before the case is closed.
    """
    stream, person, number = pupils.people.stream("care/cin/details"), cases.person, cases.number
    start, end, march = cases.start, cases.end, cases.march
    planned = stream.chance(220_000, person, 10 + number) & (end - start > 120) & (number > 0) & (cases.need == 0)
    plan_start = start + 20 + stream.below(30, person, 20 + number)
    plan_end = end - 1 - stream.below(30, person, 30 + number)
    begun, ended = planned & (plan_start <= march), planned & (plan_end <= march)
    abuse = Coded(np.where(begun, stream.pick(ABUSE_WEIGHTS, person, 40 + number), -1), ABUSE)
    return {
        "cin_cppindicator": _flag(begun & (plan_end >= days_of(cases.year - 1, 4, 1))),
        "cin_cppstartdate": where(begun, plan_start),
        "cin_cppenddate": where(ended, plan_end),
        "cin_dateofinitialcpc": where(begun, plan_start),
        "cin_numberofpreviouscpp": where(begun, np.zeros(len(person), dtype=np.int64)),
        "cin_initialcategoryofabuse": abuse,
        "cin_latestcategoryofabuse": abuse,
        "cin_categoryofabuse": abuse,
        "cin_seensocialworker": where(begun, _flag(stream.chance(620_000, person, 70 + number))),
    }


def _flag(chosen: np.ndarray) -> np.ndarray:
    return chosen.astype(np.int64)
