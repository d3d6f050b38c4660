"""Social care as two collections see it: children looked after by a local authority, and children in need.

What happens is drawn in :mod:`leocourse.extract.lives.care`. Years run from 1 April to 31 March and are named after
the year in which they end. A record of a year that ends before a child is four has no pupil reference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base.codes import AUTHORITIES
from leocourse.extract.base.columns import Coded, Column, Nullable, Rows, blank
from leocourse.extract.base.dates import day, days_of
from leocourse.extract.lives import care as lives
from leocourse.extract.lives.population import MINORS
from leocourse.extract.records.characteristics import AREAS_2001, Traits, ranks
from leocourse.extract.records.pupils import Pupils, academic_year, where

CLA_YEARS, CIN_YEARS = range(2006, 2022), range(2009, 2022)
SCHOOL_AGE = 4
FOSTER_UNTIL = 2014
"""The last year with the former codes of foster placements."""
PLACEMENT_CODES = ["Q1", "Q2", "U3", "U4", "U6", *lives.PLACEMENTS[2:]]
"""Codes of placements. Those with a U are beyond the end of the form's list: general knowledge, not verified."""
LONG_TERM = 730
"""Days in care from which a foster placement is called a long-term one: a design choice."""
STILL = "-10"
"""What the form gives as the reason why an episode ended for a child looked after on 31 March."""
IN_RESULTS_FROM = {"6_months": 2011, "12_months": 2011, "pp_6_months": 2011, "pp_1_day": 2015}
"""The first year in which tables of results say so."""
CLOSURES, CLOSURE_WEIGHTS = ["RC7", "RC8", "RC5"], [75, 15, 10]
SOURCES = ["1A", "2A", "2B", "3A", "3E", "4", "5B", "6", "7", "9"]
SOURCE_WEIGHTS = [9, 17, 3, 8, 6, 3, 14, 28, 6, 6]
ABUSE, ABUSE_WEIGHTS = ["NEG", "PHY", "SAB", "EMO"], [45, 12, 6, 37]
CHANGES, CHANGE_WEIGHTS = ["CARPL", "CLOSE", "CREQB", "CREQO", "CHILD", "OTHER"], [55, 3, 14, 10, 6, 12]
DISABILITIES = ["NONE", "MOB", "COMM", "LD", "BEH", "AUT", "HEAR", "VIS"]
DISABLED_WEIGHTS = [15, 15, 34, 14, 18, 2, 2]
CIN_OLD = {
    "WBRI": "A1", "WIRI": "A2", "WOTH": "A3", "WIRT": "A4", "WROM": "A5", "MWBC": "B1", "MWBA": "B2", "MWAS": "B3",
    "MOTH": "B4", "AIND": "C1", "APKN": "C2", "ABAN": "C3", "AOTH": "C4", "BCRB": "D1", "BAFR": "D2", "BOTH": "D3",
    "CHNE": "E1", "OOTH": "E2", "REFU": "E3", "NOBT": "E4",
}  # fmt: skip
"""Ethnic codes of the collection of 2008/09."""


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


def _reference(pupils: Pupils, i: np.ndarray, year: np.ndarray) -> Column:
    """The pupil reference, missing in years that end before a child is of school age."""
    return blank(pupils.pmr(i), _age(pupils, i, year, 3) < SCHOOL_AGE)


@dataclass(frozen=True)
class _Year:
    """Children looked after in years to 31 March, one element a child and year, with the latest episode of each."""

    i: np.ndarray
    year: np.ndarray
    period: np.ndarray
    """Index of the latest period of care."""
    episode: np.ndarray
    """Index of the latest episode."""
    number: np.ndarray
    """How many episodes the child had in the year."""
    start: np.ndarray
    """First day of the period."""
    end: np.ndarray
    """Last day of the period."""

    @property
    def march(self) -> np.ndarray:
        """The last day of the year."""
        return days_of(self.year, 3, 31)

    @property
    def held(self) -> np.ndarray:
        """Whether the child was looked after on that day."""
        return self.end > self.march

    @property
    def april(self) -> np.ndarray:
        """The first day of the year."""
        return days_of(self.year - 1, 4, 1)

    @property
    def six_months_in_year(self) -> np.ndarray:
        """Whether the latest period covers half of the year."""
        return np.minimum(self.end, self.march) - np.maximum(self.start, self.april) >= 183


def _years(pupils: Pupils) -> _Year:
    """Each child and year in care. Of several episodes of a child in a year the latest counts, as the form says."""
    periods, episodes = pupils.care.periods, pupils.care.episodes
    row, year = _by_year(episodes.start, episodes.end, CLA_YEARS)
    i = periods.i[episodes.period[row]]
    order = np.lexsort((episodes.start[row], year, i))
    row, year, i = row[order], year[order], i[order]
    latest = np.ones(len(i), dtype=bool)
    latest[:-1] = (i[1:] != i[:-1]) | (year[1:] != year[:-1])
    last = np.flatnonzero(latest)
    period = episodes.period[row[last]]
    return _Year(i[last], year[last], period, row[last], np.diff(last, prepend=-1), periods.start[period],
                 periods.end[period])  # fmt: skip


def cla(pupils: Pupils) -> Rows:
    """Children looked after: one row a child and year, with the latest episode of care."""
    return _child(pupils, found := _years(pupils)) | _episode(pupils, found) | _flags(pupils, found)


def _child(pupils: Pupils, found: _Year) -> Rows:
    """Whose record it is."""
    people, i, year = pupils.people, found.i, found.year
    periods = pupils.care.periods
    return {
        "person": people.person[i],
        "collection_year": year,
        "cla_pupilmatchingrefanonymous": _reference(pupils, i, year),
        "cla_cla_la_anon": people.authority[i] + 1000,
        "cla_sex": np.where(people.male[i], 1, 2),
        "cla_age_aug": _age(pupils, i, year - 1, 8),
        "cla_processing_year": year,
        "cla_ethnic": pupils.minor(i),
        "cla_uasc_status": _flag(periods.alone[found.period]),
        "cla_cat_need": Coded(periods.need[found.period], lives.NEEDS),
    }


def _episode(pupils: Pupils, found: _Year) -> Rows:
    """The latest period of care and its latest episode."""
    people, i, year = pupils.people, found.i, found.year
    periods, episodes = pupils.care.periods, pupils.care.episodes
    begun, away = episodes.start[found.episode], episodes.away[found.episode]
    stream = people.stream("care/cla/details")
    elsewhere = (people.authority[i] + 1 + stream.below(AUTHORITIES - 1, people.person[i], 5_000)) % AUTHORITIES
    moved = (episodes.number[found.episode] > 1) & (begun >= found.april)
    why = np.where(moved, stream.pick(CHANGE_WEIGHTS, people.person[i], 6_000 + year), -1)
    until = np.minimum(found.end, found.march)
    return {
        "cla_poc_start": found.start,
        "cla_poc_length": (until - found.start) * 10_000 // 3_044,  # months of 30.44 days, in hundredths
        "cla_epi_idx": found.number,
        "cla_date_epi_comm": begun,
        "cla_date_epi_ceased": Nullable(found.end, found.held),
        "cla_legal_status": Coded(episodes.legal[found.episode], lives.LEGAL),
        "cla_placement": Coded(_placement(pupils, found), PLACEMENT_CODES),
        "cla_rec": Coded(np.where(found.held, len(lives.ENDS), periods.leaves[found.period]), [*lives.ENDS, STILL]),
        "cla_place_location": Coded(np.where(away, 1, 0), ["IN", "OUT", "CON"]),
        "cla_la_placement_anon": np.where(away, elsewhere, people.authority[i]) + 1000,
        "cla_reason_place_change": Coded(why, CHANGES),
    }


def _placement(pupils: Pupils, found: _Year) -> np.ndarray:
    """Index into :data:`PLACEMENT_CODES`: foster placements have other codes after :data:`FOSTER_UNTIL`."""
    kind = pupils.care.episodes.placement[found.episode]
    lasting = np.minimum(found.end, found.march) - found.start > LONG_TERM
    later = found.year > FOSTER_UNTIL
    kin = np.where(later, PLACEMENT_CODES.index("U3"), PLACEMENT_CODES.index("Q1"))
    foster = np.where(lasting, PLACEMENT_CODES.index("U4"), PLACEMENT_CODES.index("U6"))
    foster = np.where(later, foster, PLACEMENT_CODES.index("Q2"))
    return np.where(kind == lives.KIN, kin, np.where(kind == lives.FOSTER, foster, kind + 3))


def _flags(pupils: Pupils, found: _Year) -> Rows:
    """How long the child had been looked after."""
    age = _age(pupils, found.i, found.year - 1, 8)
    in_school_years = (age >= SCHOOL_AGE) & (age <= 15)
    return {
        "cla_cla_31_march": _flag(found.held),
        "cla_cla_6_months": _flag(found.held & (found.start <= days_of(found.year - 1, 9, 30))),
        "cla_cla_12_months": _flag(found.held & (found.start <= days_of(found.year - 1, 3, 31))),
        "cla_cla_pp_1_day": _flag(in_school_years),
        "cla_cla_pp_6_months": _flag(in_school_years & found.six_months_in_year),
    }


def in_results(pupils: Pupils, i: np.ndarray, year: np.ndarray, prefix: str) -> Rows:
    """What a table of results says of care in the year to 31 March, for the pupils and years of its rows.

    ``cla_6_months`` and ``cla_12_months`` are missing for those not looked after on 31 March, as the form says.
    """
    found = _years(pupils)
    key, wanted = found.i * 10_000 + found.year, i * 10_000 + year
    at = np.searchsorted(key, wanted)
    known = np.zeros(len(i), dtype=bool)
    known[at < len(key)] = key[at[at < len(key)]] == wanted[at < len(key)]
    collected = _flags(pupils, found)
    flags = {name: np.zeros(len(i), dtype=np.int64) for name in ("31_march", *IN_RESULTS_FROM)}
    for name, values in flags.items():
        values[known] = collected[f"cla_cla_{name}"][at[known]]
    home = flags.pop("31_march") == 0
    return {
        f"{prefix}_cla_{name}": where((year >= IN_RESULTS_FROM[name]) & ~(home & ("pp" not in name)), values)
        for name, values in flags.items()
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
    """Which time of need of the child it is; 0 is one of being looked after, -1 a referral that came to nothing."""
    need: np.ndarray
    """Index into :data:`lives.NEEDS`."""

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
    known = pupils.care
    row, year = _by_year(known.need_start, known.need_end, CIN_YEARS)
    i, start, end, number = known.need_i[row], known.need_start[row], known.need_end[row], known.need_number[row]
    cases = _Cases(i, pupils.people.person[i], year, start, end, number, known.need_reason[row])
    return _children(traits, cases) | _need(pupils, cases) | _course(pupils, cases) | _protection(pupils, cases)


def _children(traits: Traits, cases: _Cases) -> Rows:
    """Whose case it is: keys, sex, ages, ethnic group and area."""
    pupils, i, year = traits.pupils, cases.i, cases.year
    people, authority = pupils.people, pupils.people.authority[cases.i] + 1000
    return {
        "person": cases.person,
        "collection_year": year,
        "cin_pupilmatchingrefanonymous": _reference(pupils, i, year),
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
        "cin_primaryneedcode": Coded(cases.need, lives.NEEDS),
    }


def _course(pupils: Pupils, cases: _Cases) -> Rows:
    """When the case began and was closed, and what is true of it at the end of the year."""
    i, year, start, end, closed = cases.i, cases.year, cases.start, cases.end, cases.closed
    stream, number = pupils.people.stream("care/cin/details"), cases.number
    closure = stream.pick(CLOSURE_WEIGHTS, cases.person, 50 + number)
    closure = np.where(closed, np.where(number < 0, CLOSURES.index("RC8"), closure), -1)
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
        "cin_referralnfa": _flag(number < 0),
        "cin_cinclosuredate": where(closed, end),
        "cin_latestclosuredate": where(closed, end),
        "cin_yearofclosure": where(closed, _calendar(end)[0]),
        "cin_monthofclosure": where(closed, _calendar(end)[1]),
        "cin_ageendofcinperiod": where(closed, _age_on(pupils, i, end)),
        "cin_reasonforclosure": Coded(closure, CLOSURES),
        "cin_lookedafterchildadopted": _flag(
            closed & (number == 0) & (lives.adoption_year(pupils.people, pupils.care.periods)[i] > 0)
        ),
        "cin_opencaseinformation": Coded(np.where(closed, -1, number != 0), ["CLA", "NON"]),
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
