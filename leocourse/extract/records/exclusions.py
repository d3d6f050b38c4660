"""Exclusions from school, and where the permanently excluded go: alternative provision and referral units.

Conduct is a latent of its own, related to disadvantage, need and sex. In a year a pupil is excluded if
conduct, with chance, passes the line of the phase; the lines and the numbers are set so that rates come
near those of 2016/17 (published): at least one fixed period in secondary 4.6% (boys 6.4, girls 2.8),
9.4 fixed periods and 0.2 permanent exclusions for 100 secondary pupils.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.dates import days_of
from leocourse.extract.records.characteristics import Traits
from leocourse.extract.records.pupils import Pupils, academic_year, one_of, text_where, where
from leocourse.extract.records.schools import year_group

YEARS = range(2002, 2022)
TABLE_YEARS = range(2006, 2022)
AP_YEARS, PRU_YEARS = range(2008, 2022), range(2010, 2014)
MOST = 5
"""The most exclusions in a year: table 2 of the collection lists five."""
CONDUCT = {
    "disadvantage": 330,
    "special needs": 190,
    "lasting": 740,
    "of the year": 430,
    "boys": 150,
    "girls": -150,
}
"""Thousandths that a standard deviation of each adds to conduct."""
SECONDARY_LINE, PRIMARY_LINE = 1_665, 2_350
AGAIN = 530_000
"""Chance, in millionths, of a further fixed period after each."""
PERMANENT_SECONDARY, PERMANENT_PRIMARY = 43_000, 17_000
"""Chance that the last exclusion of a year is permanent."""
REASONS = ["DB", "PP", "VA", "OT", "VP", "PA", "DA", "DM", "BU", "TH", "SM", "RA"]
REASON_WEIGHTS = [300, 200, 170, 150, 40, 40, 30, 25, 15, 10, 8, 12]
TERMS = ["Autumn", "Spring", "Summer"]
TERM_DAYS = [("Autumn", 9, 6, 100), ("Spring", 1, 6, 80), ("Summer", 4, 20, 85)]
"""Term, month and day of its start, and its length in days."""
AP_TYPES = ["ACD", "HSP", "IND", "NMS", "NOT"]

CONTACT_HOURS = np.array([25, 25, 20, 12])
"""Hours of teaching in the census week, each as likely as the next."""
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
AP_TRAITS = {"ap_ethnicity": "ethnicity", "ap_servicechild": "service_child", "ap_primarysentype": "need",
             "ap_secondarysentype": "second_need"}  # fmt: skip
PRU_TRAITS = {
    "pru_ethnicity": "ethnicity", "pru_language": "language", "pru_languagegroupminor": "language_group",
    "pru_gandtindicator": "gifted", "pru_parttime": "part_time", "pru_boarder": "boarder_unit",
    "pru_senprovisionmajor": "need_major", "pru_primarysentype": "need", "pru_secondarysentype": "second_need",
    "pru_lsoa01": "area", "pru_lsoa11": "area", "pru_idaci_s": "score",
    "pru_idaci_r": "rank_2001", "pru_la_9code_anon": "authority_nine", "pru_homela_anon": "authority",
    "pru_homela_9code_anon": "authority_nine", "pru_yssa": "consent",
}  # fmt: skip


@dataclass(frozen=True)
class Excluded:
    """Exclusions of a block, by year, person and date. ``place`` numbers those of a person and year."""

    i: np.ndarray
    year: np.ndarray
    place: np.ndarray
    term: np.ndarray
    start: np.ndarray
    permanent: np.ndarray
    sessions: np.ndarray
    reason: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> Excluded:
        return Excluded(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})

    def __len__(self) -> int:
        return len(self.i)


def excluded(pupils: Pupils) -> Excluded:
    """Every exclusion of the block. Nobody is permanently excluded twice, or excluded after it."""
    people = pupils.people
    person, fixed = people.person, CONDUCT
    lasting = fixed["disadvantage"] * people.disadvantage + fixed["special needs"] * people.need
    lasting = (lasting + fixed["lasting"] * people.stream("exclusions/lasting").normal(person)) // 1000
    lasting += np.where(people.male, fixed["boys"], fixed["girls"])
    gone = np.zeros(len(people), dtype=bool)
    parts = []
    for year in YEARS:
        group = year_group(people, year)
        conduct = lasting + fixed["of the year"] * people.stream("exclusions/year").normal(person, year) // 1000
        line = np.where(group >= 7, SECONDARY_LINE, PRIMARY_LINE) + (250 if year in (2020, 2021) else 0)
        struck = (group >= people.arrival) & (group <= 11) & ~people.independent & ~gone & (conduct > line)
        i = np.flatnonzero(struck)
        further = [people.stream("exclusions/again").chance(AGAIN, person[i], year * 8 + k) for k in range(MOST - 1)]
        number = 1 + np.cumprod(np.array(further), axis=0).sum(axis=0)
        rate = np.where(group[i] >= 7, PERMANENT_SECONDARY, PERMANENT_PRIMARY)
        last = people.stream("exclusions/permanent").chance(rate, person[i], year)
        gone[i[last]] = True
        parts.append(_of_year(pupils, i, year, number, last))
    return Excluded(*map(np.concatenate, zip(*parts, strict=True)))


def _of_year(pupils: Pupils, i: np.ndarray, year: int, number: np.ndarray, last: np.ndarray) -> tuple:
    """The exclusions of the excluded pupils ``i`` in a year, in order of date."""
    person = pupils.people.person[i]
    when, day = pupils.people.stream("exclusions/term"), pupils.people.stream("exclusions/day")
    dates, far = np.full((len(i), MOST), 10**6), number[:, None] > np.arange(MOST)
    for k in range(MOST):
        # By the spring of 2020 schools were closed: exclusions of that year lie in its autumn term.
        term = np.zeros(len(i), dtype=np.int64) if year == 2020 else when.pick([40, 34, 26], person, year * 8 + k)
        begin = np.array([days_of(np.array([year - (name == "Autumn")]), m, d)[0] for name, m, d, _ in TERM_DAYS])
        length = np.array([length for *_, length in TERM_DAYS])
        dates[:, k] = begin[term] + day.below(length[term], person, year * 8 + k)
    dates = _apart(np.sort(np.where(far, dates, 10**6), axis=1), far)
    row, place = np.nonzero(far)
    start = dates[row, place]
    starts = np.array([days_of(np.array([year - (name == "Autumn")]), m, d)[0] for name, m, d, _ in TERM_DAYS])
    permanent = last[row] & (place == number[row] - 1)
    of_row = pupils.people.person[i[row]]
    sessions = 2 * (
        1 + pupils.people.stream("exclusions/sessions").pick([38, 26, 15, 5, 14, 1, 1], of_row, year * 8 + place)
    )
    reason = pupils.people.stream("exclusions/reason").pick(REASON_WEIGHTS, of_row, year * 8 + place)
    term = np.searchsorted(starts, start, side="right") - 1
    return i[row], np.full(len(row), year), place, term, start, permanent, sessions, reason


def _apart(dates: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Dates in order, each moved on to the first school day after the one before where it is no later."""
    for k in range(1, dates.shape[1]):
        after = dates[:, k - 1] + 1
        weekday = (after + 3) % 7  # day 0 was a Thursday; 0 is Monday
        after = after + np.where(weekday > 4, 7 - weekday, 0)
        dates[:, k] = np.where(there[:, k] & (dates[:, k] <= dates[:, k - 1]), after, dates[:, k])
    return dates


def exclusions(traits: Traits, every: Excluded) -> Rows:
    """Table 1 of the collection: one row an exclusion, from 2005/06. It was reported two terms later."""
    pupils = traits.pupils
    these = every[every.year >= TABLE_YEARS[0]]
    i, year, people = these.i, these.year, pupils.people
    group = pupils.group(i, year)
    school = pupils.school(i, group)
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
        "enrolstatus": one_of("C", ["C", "G", "M", "S", "F", "O"], len(i)),
        "la_anon": people.authority[i] + 1000,
        "laestab_anon": school + 1_000_000,
        "urn_anon": school + 500_000,
        "perm_duplicate": np.zeros(len(i), dtype=np.int64),
        "latestsen": sen,
        **_further_reasons(pupils, these),
        **_listed(traits.columns(TRAITS, i, year), {"modeoftravel": ["OTH", "BDR"]}),
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
    group = pupils.group(i, year)
    school = pupils.school(i, group)
    sen, nc_year = pupils.sen_provision(i, year), pupils.nc_year(i, year)
    rows: Rows = {
        "person": pupils.people.person[i],
        "collection_year": year,
        "pupilmatchingrefanonymous": pupils.pmr(i),
        "numberofenrolments": np.ones(len(first), dtype=np.int64),
        "totalfixedexclusions": np.bincount(row, weights=fixed, minlength=len(first)).astype(np.int64),
        "totalfixedsessions": np.bincount(row, weights=fixed * these.sessions, minlength=len(first)).astype(np.int64),
        "permanentexclusionindicator": permanent,
        "permanentexclusioncount": permanent,
    }
    for k in range(MOST):
        there = number > k
        at = np.where(there, first + k, first)
        rows |= {
            f"category_{k + 1}": Coded(np.where(there, these.permanent[at], -1), ["FIXD", "PERM"]),
            f"term_{k + 1}": Coded(np.where(there, these.term[at], -1), TERMS),
            f"startdate_{k + 1}": where(there, these.start[at]),
            f"sessions_{k + 1}": where(there & ~these.permanent[at], these.sessions[at]),
            f"reason_{k + 1}": Coded(np.where(there, these.reason[at], -1), REASONS),
            f"laestab_{k + 1}_anon": where(there, school + 1_000_000),
            f"urn_{k + 1}_anon": where(there, school + 500_000),
            f"la_{k + 1}": where(there, pupils.people.authority[i] + 1000),
            f"senprovision_{k + 1}": text_where(there, sen),
            f"ncyear_{k + 1}": text_where(there, nc_year),
        }
    return rows


def exclusions_to_2005(traits: Traits, every: Excluded) -> Rows:
    """Permanent exclusions before the termly census: one row an excluded pupil and year."""
    pupils = traits.pupils
    these = every[(every.year < TABLE_YEARS[0]) & every.permanent]
    i, year, people = these.i, these.year, pupils.people
    school = pupils.school(i, pupils.group(i, year))
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
        "la_anon": people.authority[i] + 1000,
        "laestab_anon": school + 1_000_000,
        "urn_anon": school + 500_000,
        **traits.columns({"ethnicgroup": "ethnic_name", "ethnicitysource": "ethnic_source"}, i, year),
    }


def placements(traits: Traits, every: Excluded) -> tuple[Rows, Rows]:
    """The alternative provision census and the referral unit census, each of January.

    A permanently excluded pupil is in one of the two from the next January to year 11, or for one year.
    A few pupils with a statement or a plan are in alternative provision in some years too. The pupil's
    last school goes on returning the pupil in the school census, as with other dual registrations.
    """
    pupils = traits.pupils
    people, out = pupils.people, every[every.permanent]
    who, left = out.i, out.start
    unit = people.stream("exclusions/unit").chance(600_000, people.person[who])
    returns = people.stream("exclusions/returns").chance(450_000, people.person[who])
    first = out.year + (out.term > 0)  # the January after the exclusion
    last = np.minimum(np.where(returns, first, 2021), people.cohort[who] + 17)
    ap = _every_january(pupils, who[~unit], first[~unit], last[~unit], AP_YEARS)
    statement = [
        np.flatnonzero((pupils.sen_by_year[year - 1996] == 3) & (year_group(people, year) >= people.arrival)
                       & (year_group(people, year) <= 11) & ~people.independent
                       & people.stream("exclusions/placed").chance(60_000, people.person, year))
        for year in AP_YEARS
    ]  # fmt: skip
    i = np.concatenate([ap[0], *statement])
    year = np.concatenate([ap[1], *[np.full(len(each), year) for each, year in zip(statement, AP_YEARS, strict=True)]])
    once = np.unique(i * 10_000 + year, return_index=True)[1]
    pru = _every_january(pupils, who[unit], first[unit], last[unit], PRU_YEARS)
    return _ap_rows(traits, i[once], year[once]), _pru_rows(traits, *pru[:2], left[unit][pru[2]])


def _every_january(pupils: Pupils, who: np.ndarray, first: np.ndarray, last: np.ndarray, years: range) -> tuple:
    """Person index, year and place in ``who`` of everybody in each January from first to last."""
    inside = [np.flatnonzero((first <= year) & (year <= last)) for year in years]
    row = np.concatenate(inside)
    return (
        who[row],
        np.concatenate([np.full(len(each), y) for each, y in zip(inside, years, strict=True)]),
        row,
    )


def _ap_rows(traits: Traits, i: np.ndarray, year: np.ndarray) -> Rows:
    pupils, people = traits.pupils, traits.people
    kind = people.stream("exclusions/provision").pick([5, 10, 50, 5, 30], people.person[i], year)
    kind = np.where((kind == 0) & (year > 2013), 2, kind)  # academies are listed to 2012/13 only
    return {
        "person": people.person[i],
        "collection_year": year,
        "ap_pupilmatchingrefanonymous": pupils.pmr(i),
        "ap_acadyr": academic_year(year),
        "ap_year": year,
        "ap_gender": np.where(people.male[i], 1, 2),
        "ap_age_start": pupils.group(i, year) + 4,
        "ap_month_part": pupils.months_past_birthday(i),
        "ap_yearofbirth": people.birth_year[i],
        "ap_monthofbirth": people.birth_month[i],
        "ap_ethnicgroupminor": pupils.minor(i),
        "ap_ethnicgroupmajor": pupils.major(i),
        "ap_fsmeligible": pupils.fsm(i, year),
        "ap_senprovision": pupils.sen_provision(i, year),
        "ap_lanumber_anon": people.authority[i] + 1000,
        "ap_recordstatus": np.zeros(len(i), dtype=np.int64),
        "ap_openplacement": np.ones(len(i), dtype=np.int64),
        "ap_aptypedescription": Coded(kind, AP_TYPES),
        **_listed(traits.columns(AP_TRAITS, i, year), {"ap_primarysentype": ["ASD"], "ap_secondarysentype": ["ASD"]}),
    }


def _listed(columns: Rows, unlisted: dict[str, list[str]]) -> Rows:
    """The columns, without the codes that the lists of this collection lack."""
    for name, gone in unlisted.items():
        texts = columns[name]
        columns[name] = text_where(~np.isin(texts.codes, [texts.labels.index(each) for each in gone]), texts)
    return columns


def _pru_rows(traits: Traits, i: np.ndarray, year: np.ndarray, left: np.ndarray) -> Rows:
    pupils, people = traits.pupils, traits.people
    entry = left + 6 + people.stream("exclusions/entry").below(20, people.person[i])  # by the sixth school day
    entry = np.minimum(entry, days_of(year, 1, 14))  # before census day, so that everybody is on roll
    unit = 800_000 + people.authority[i]
    hours = CONTACT_HOURS[people.stream("exclusions/contact").below(len(CONTACT_HOURS), people.person[i], year)]
    one = np.ones(len(i), dtype=np.int64)
    return {
        "person": people.person[i],
        "collection_year": year,
        "pru_pupilmatchingrefanonymous": pupils.pmr(i),
        "pru_academicyear": academic_year(year),
        "pru_censusdate": days_of(year, 1, 17),
        "pru_censusterm": one_of("Spring", ["Spring"], len(i)),
        "pru_recordstatus": 0 * one,
        "pru_onroll": one,
        "pru_enrolstatus": one_of("M", ["C", "G", "M", "S"], len(i)),
        "pru_entrydate": entry,
        "pru_ncyearactual": pupils.nc_year(i, year),
        "pru_gender": pupils.sex(i),
        "pru_ageatstartofacademicyear": pupils.group(i, year) + 4,
        "pru_monthpartofageatstartofacademicyear": pupils.months_past_birthday(i),
        "pru_yearofbirth": people.birth_year[i],
        "pru_monthofbirth": people.birth_month[i],
        "pru_ethnicgroupminor": pupils.minor(i),
        "pru_ethnicgroupmajor": pupils.major(i),
        "pru_fsmeligible": pupils.fsm(i, year),
        "pru_languagegroupmajor": pupils.language_major(i),
        "pru_senprovision": pupils.sen_provision(i, year),
        "pru_la_anon": people.authority[i] + 1000,
        "pru_laest_anon": unit,
        "pru_urn_anon": unit,
        "pru_unitcontacttime": 100 * hours,
        **traits.columns(PRU_TRAITS, i, year),
    }
