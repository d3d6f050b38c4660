"""Assessments before key stage 4: the foundation stage profile and key stages 1, 2 and 3.

Each is the lasting attainment of the person with a measurement error of its own and, most of all for
the youngest, the advantage of the older in the year. Only years in which a measure was collected are
simulated: profile 2003 to 2010, key stage 1 to 2012, key stage 2 to 2016 (fine levels from 2005/06,
scaled scores in 2015/16), key stage 3 tests to 2008 and teacher assessment to 2013.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.lives import schooling
from leocourse.extract.records.pupils import Pupils, academic_year, one_of, text_where

PROFILE_YEARS, KS1_YEARS, KS2_YEARS, KS3_YEARS = (
    range(2003, 2011),
    range(1998, 2013),
    range(1996, 2017),
    range(1998, 2014),
)
STAGES = {  # name: (year group, weight of attainment, error of the pupil, error of a subject, a year of age)
    "eyfsp": (0, 600, 620, 330, 700),
    "ks1": (2, 720, 480, 330, 420),
    "ks2": (6, 830, 262, 320, 220),
    "ks3": (9, 900, 280, 300, 120),
}
"""In thousandths of a standard deviation. A year of age is that between the youngest and the oldest. The error of
the pupil at key stage 2 would be 330; primary schools make up for what it lacks."""
KS2_SHIFTS = {1996: -40, 1998: -30, 1999: -20, 2003: -10, 2008: 0, 2011: 10, 2015: 20}
"""From which year on fine levels at key stage 2 are how much higher than in 2010, in hundredths. More pupils reached
level 4 over the years, from about 62% in mathematics in 1997 to about 87% in 2015 (general knowledge, not verified).
"""
VERSIONS = ["U", "A", "F"]
KS1_LEVELS = ["W", "1", "2C", "2B", "2A", "3"]
KS1_POINTS = [3, 9, 13, 15, 17, 21]
KS1_LINES = [-1_900, -1_150, -640, -40, 560]
"""Scores at which the levels from 1 up begin: about 85% reach level 2 and a quarter level 3."""
SCALES = ["pse_as1", "pse_as2", "pse_as3", "cll_as1", "cll_as2", "cll_as3", "cll_as4",
          "psrn_as1", "psrn_as2", "psrn_as3",
          "rkuw", "ripd", "ricd"]  # fmt: skip
KS3_SUBJECTS = {"eng": 9991, "mat": 9992, "sci": 9993}


def score(pupils: Pupils, stage: str, subject: int, i: np.ndarray) -> np.ndarray:
    """Score in a subject at a stage, in thousandths of a standard deviation."""
    _, weight, own, of_subject, age = STAGES[stage]
    people = pupils.people
    person = people.person[i]
    value = weight * people.attainment[i] + own * people.stream(f"keystages/{stage}").normal(person)
    if stage == "ks2":
        value += 1000 * schooling.primary_adds(people)[i]
    value += of_subject * people.stream(f"keystages/{stage}/subject").normal(person, subject)
    return (value + age * (2_000 * pupils.months_past_birthday(i) // 11 - 1_000) // 2) // 1000


def assessed(pupils: Pupils, stage: str, years: range) -> tuple[np.ndarray, np.ndarray]:
    """Who was at a stage in a state school in the years of a collection: index of the people, and year."""
    group, people = STAGES[stage][0], pupils.people
    year = people.cohort + 6 + group
    i = np.flatnonzero(np.isin(year, list(years)) & (people.arrival <= group) & ~people.independent)
    return i, year[i]


def _common(pupils: Pupils, prefix: str, stage: str, i: np.ndarray, year: np.ndarray) -> Rows:
    """The columns that the tables of a stage have in common. Those that a table lacks are left out later."""
    people, group = pupils.people, STAGES[stage][0]
    school = pupils.school(i, np.full(len(i), group))
    return {
        "person": people.person[i],
        "collection_year": year,
        f"{prefix}_pupilmatchingrefanonymous": pupils.pmr(i),
        f"{prefix}_acadyr": academic_year(year),
        f"{prefix}_gender": pupils.sex(i),
        f"{prefix}_age_start": np.full(len(i), group + 4),
        f"{prefix}_month_part": pupils.months_past_birthday(i),
        f"{prefix}_yearofbirth": people.birth_year[i],
        f"{prefix}_monthofbirth": people.birth_month[i],
        f"{prefix}_la_anon": pupils.authority_of(i, school),
        f"{prefix}_laestab_anon": pupils.laestab(school, year),
        f"{prefix}_urn_anon": pupils.urn(school, year),
        f"{prefix}_version": one_of("F", VERSIONS, len(i)),
    }


def eyfsp(pupils: Pupils) -> Rows:
    """Foundation stage profile: points from 0 to 9 on thirteen scales, and the totals."""
    i, year = assessed(pupils, "eyfsp", PROFILE_YEARS)
    points = np.array(
        [np.clip((6_750 + 1_450 * score(pupils, "eyfsp", k, i) // 1000) // 1000, 0, 9) for k in range(len(SCALES))]
    )
    rows = _common(pupils, "fsp", "eyfsp", i, year)
    rows |= {f"fsp_{name}": points[k] for k, name in enumerate(SCALES)}
    rows |= {"fsp_pse_total": points[:3].sum(axis=0), "fsp_cll_total": points[3:7].sum(axis=0),
             "fsp_psrn_total": points[7:10].sum(axis=0), "fsp_eyfsp_total": points.sum(axis=0)}  # fmt: skip
    return rows | {"fsp_lsoa01": pupils.lsoa(i), "fsp_idaciscore": pupils.idaci(i)}


def ks1(pupils: Pupils) -> Rows:
    """Key stage 1: levels by teacher assessment, W and 1 to 3, with points from 2006/07."""
    i, year = assessed(pupils, "ks1", KS1_YEARS)
    rows = _common(pupils, "ks1", "ks1", i, year)
    level = [np.searchsorted(KS1_LINES, score(pupils, "ks1", k, i), side="right") for k in range(4)]
    points = [100 * np.array(KS1_POINTS)[each] for each in level]
    science = np.array([0, 1, 2, 2, 2, 3])[level[3]]  # science has no parts of level 2
    subjects = {"reading": "read", "writing": "writ", "maths": "mat"}
    for (name, short), each, of_points in zip(subjects.items(), level[:3], points[:3], strict=True):
        rows |= {f"ks1_{name}": Coded(each, KS1_LEVELS), f"ks1_{short}points": of_points}
    rows["ks1_science"] = Coded(science, ["W", "1", "2", "3"])
    return rows | {
        "ks1_scipoints": 100 * np.array([3, 9, 15, 21])[science],
        "ks1_aps": sum(points[:3]) // 3,
        "ks1_levxread": (level[0] > 1).astype(np.int64),
        "ks1_levxwrit": (level[1] > 1).astype(np.int64),
        "ks1_levxmat": (level[2] > 1).astype(np.int64),
    }


def ks2_fine(pupils: Pupils, subject: int, i: np.ndarray) -> np.ndarray:
    """Fine level at key stage 2 in hundredths (250 to 599): in 2010 79% at level 4 or above, 30% at level 5."""
    return np.clip(462 + ks2_shift(pupils, i) + 74 * score(pupils, "ks2", subject, i) // 1000, 250, 599)


def ks2_shift(pupils: Pupils, i: np.ndarray) -> np.ndarray:
    """How much higher fine levels at key stage 2 are than in 2010, in hundredths."""
    years = sorted(KS2_SHIFTS)
    shift = np.array([KS2_SHIFTS[year] for year in years])
    return shift[np.searchsorted(years, pupils.people.cohort[i] + 12, side="right") - 1]


def ks2_scaled(pupils: Pupils, subject: int, i: np.ndarray) -> np.ndarray:
    """Scaled score at key stage 2 in whole points, 80 to 120, 100 being the expected standard."""
    return np.clip(104 + 76 * score(pupils, "ks2", subject, i) // 10_000, 80, 120)


def ks2_pupil(pupils: Pupils) -> Rows:
    """Key stage 2: test levels and fine levels, and in 2015/16 scaled scores in their place.

    Subjects are numbered: 0 reading, 1 mathematics, 2 writing, 3 science, 4 grammar and spelling.
    English is the mean of reading and writing.
    """
    i, year = assessed(pupils, "ks2", KS2_YEARS)
    people = pupils.people
    rows = _common(pupils, "ks2", "ks2", i, year)
    levels = year < 2016
    fine = {name: ks2_fine(pupils, k, i) for name, k in (("read", 0), ("mat", 1), ("writ", 2), ("sci", 3))}
    fine["eng"] = (fine["read"] + fine["writ"]) // 2
    names = ["2", "3", "4", "5"]
    level = {name: Coded(np.where(levels, value // 100 - 2, -1), names) for name, value in fine.items()}
    points = {name: Nullable(6 * (value // 100) + 3, ~levels) for name, value in fine.items()}
    scaled = {name: ks2_scaled(pupils, k, i) for name, k in (("read", 0), ("mat", 1), ("gps", 4))}
    for name, value in scaled.items():
        rows |= {f"ks2_{name}score": 100 * value, f"ks2_{name}exp": (value >= 100).astype(np.int64),
                 f"ks2_{name}high": (value >= 110).astype(np.int64),
                 f"ks2_{name}outcome": Coded((value < 100).astype(np.int64), ["AS", "NS"])}  # fmt: skip
    sen = pupils.sen(i, year)
    writing = score(pupils, "ks2", 2, i)
    standards = ["WTS", "EXS", "GDS"]
    return rows | {
        "ks2_yeargrp": np.full(len(i), 6),
        "ks2_endks": np.ones(len(i), dtype=np.int64),
        "ks2_natres": np.ones(len(i), dtype=np.int64),
        "ks2_schres": np.ones(len(i), dtype=np.int64),
        "ks2_fsm": pupils.fsm(i, year),
        "ks2_sena": (sen == 1).astype(np.int64),
        "ks2_senps": (sen >= 2).astype(np.int64),
        "ks2_flang": people.english_additional[i].astype(np.int64),
        "ks2_readlev": level["read"],
        "ks2_englev": level["eng"],
        "ks2_matlev": level["mat"],
        "ks2_scilev": level["sci"],
        "ks2_engfine": fine["eng"],
        "ks2_readfine": Nullable(fine["read"], ~levels),
        "ks2_matfine": Nullable(fine["mat"], ~levels),
        "ks2_engpoints": points["eng"],
        "ks2_matpoints": points["mat"],
        "ks2_scipoints": points["sci"],
        "ks2_writtaoutcome": Coded((writing > -750).astype(np.int64) + (writing > 1_000), standards),
    }


def ks3(pupils: Pupils) -> tuple[Rows, Rows, Rows]:
    """Key stage 3: who was assessed, levels and points of the tests, and a row a subject in 2007 and 2008.

    The tests ended with 2008; teacher assessment went on to 2013. The form lists no pupil reference for
    the indicator table, so its rows cannot be joined to a pupil.
    """
    i, year = assessed(pupils, "ks3", KS3_YEARS)
    common = _common(pupils, "ks3", "ks3", i, year)
    candidate = common | {"ks3_yeargrp": np.full(len(i), 9)}
    tests = year <= 2008
    fine = {
        name: np.clip(563 + 98 * score(pupils, "ks3", k, i) // 1000, 300, 899) for k, name in enumerate(KS3_SUBJECTS)
    }
    labels = [str(level) for level in range(3, 9)]
    level = {name: Coded(value // 100 - 3, labels) for name, value in fine.items()}
    judged = pupils.people.stream("keystages/ks3/teacher")
    teacher = {}
    for k, (name, value) in enumerate(fine.items()):
        of_teacher = np.clip(value + 35 * judged.normal(common["person"], k) // 1000, 300, 899)
        teacher[name] = Coded(of_teacher // 100 - 3, labels)
    indicator: Rows = {"person": common["person"], "collection_year": year}
    for name, value in fine.items():
        indicator |= {
            f"ks3_{name}lev": text_where(tests, level[name]),
            f"ks3_{name}talev": teacher[name],
            f"ks3_{name}points": 6 * (value // 100) + 3,
            f"ks3_{name}fine": value,
            f"ks3_levx{name}": (value >= 500).astype(np.int64),
            f"ks3_levx{name}ta": (teacher[name].codes >= 2).astype(np.int64),
        }
    return candidate, indicator, _ks3_results(pupils, i, year, (fine, level, teacher))


def _ks3_results(pupils: Pupils, i: np.ndarray, year: np.ndarray, levels: tuple[dict, dict, dict]) -> Rows:
    """One row a pupil and subject, in the two years in which the form has the fields of a result."""
    fine, level, teacher = levels
    kept = np.isin(year, (2007, 2008))
    i, year = i[kept], year[kept]
    many = np.concatenate([i] * 3)
    size = len(i)
    values = np.concatenate([fine[name][kept] for name in KS3_SUBJECTS])
    test, judged = (
        Coded(np.concatenate([source[name].codes[kept] for name in KS3_SUBJECTS]), source["eng"].labels)
        for source in (level, teacher)
    )
    years = np.concatenate([year] * 3)
    return {
        "person": pupils.people.person[many],
        "collection_year": years,
        "ks3_pupilmatchingrefanonymous": pupils.pmr(many),
        "ks3_acadyr": academic_year(years),
        "ks3_laestab_anon": pupils.laestab(pupils.school(many, np.full(len(many), 9)), years),
        "ks3_assessyr": years,
        "ks3_leapcode": np.repeat(list(KS3_SUBJECTS.values()), size),
        "ks3_grade": test,
        "ks3_testlev": test,
        "ks3_talevel": judged,
        "ks3_fine": values,
        "ks3_points": 6 * (values // 100) + 3,
        "ks3_version": one_of("F", VERSIONS, 3 * size),
    }
