"""More of key stage 4: the flags, counts, pillars and slots that follow from the units of :mod:`ks4`.

A measure has one value; the form repeats it under the name of each era (none, ``_ptq``, ``_ptq_ee``, ``_94``,
``_95``, ``_91``), and each name holds it only in the years in which it was collected. Nothing is drawn here but
the awarding bodies that schools choose.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Rows
from leocourse.extract.base.dates import days_of
from leocourse.extract.base.random import Stream
from leocourse.extract.lives import establishments
from leocourse.extract.records.keystages import ks2_fine
from leocourse.extract.records.ks4 import (
    EARLY,
    ENGLISH,
    GOOD_LETTER,
    HUMANITY,
    LANGUAGE,
    LETTERS,
    LITERATURE,
    MATHS,
    NAMES,
    NUMBERS,
    OPTIONS,
    PHYSICS,
    SCIENCE,
    SECOND,
    STRONG_NUMBER,
    SUBJECTS,
    UNITS,
    VOCATIONS,
    Results,
    counted,
    english_good,
    grade_text,
    keep_one_try,
    qualifications,
    school_number,
)
from leocourse.extract.records.pupils import Pupils, text_where, where
from leocourse.schema import load_schema

ERAS = ("", "_ptq", "_ptq_ee")
FIRST_SLOTS = 2015
"""First year of Attainment 8, and so of its slots."""
NO_SLOT, IN_ENGLISH, IN_MATHS, IN_EBACC, IN_OPEN = range(5)
BOARDS, BOARD_WEIGHTS = ["70", "10", "01", "40"], [48, 28, 16, 8]
"""AQA, Pearson, OCR and WJEC as exam offices number them; numbers and shares are unverified."""
GRADE_COUNTS = {name: k for k, name in enumerate(["u", "g", "f", "e", "d", "c", "b", "a", "astar"])}
SUBJECT_GRADES = {
    "apelit": "English literature", "aphis": "History", "apgeo": "Geography", "apfre": "French", "apger": "German",
    "apspan": "Spanish", "apart": "Art and design", "aprs": "Religious studies", "appe": "Physical education",
    "apdra": "Drama", "apmus": "Music", "apbus": "Business studies", "apit": "Information technology",
    "apmft": "Media studies", "apbio": "Biology", "apbioe": "Biology", "apche": "Chemistry", "apphy": "Physics",
    "apcoresci": "Science", "apadtsci": "Additional science", "apdsci": "Double award science",
}  # fmt: skip
LEVEL_OF_GRADE = np.array([0, 3, 4, 5, 6, 7, 8, 9, 10])
"""National Curriculum level for which a GCSE grade (U to A*) counts: a C is level 7."""
EXPECTED_PROGRESS = 3
"""Levels from key stage 2 to key stage 4 that were expected of everybody."""


@cache
def fields(table: str) -> dict[str, str]:
    """Names of a table's fields and their types."""
    return {field.name: field.duckdb_type for field in load_schema()[table].fields}


def spread(columns: Rows, eras: tuple[str, ...] = ERAS) -> Rows:
    """Each measure under the names that the form has for it; decimals become whole hundredths."""
    rows, known = {}, fields("ks4_pupil")
    for base, values in columns.items():
        for era in eras:
            kind = known.get(name := f"ks4_{base}{era}")
            if kind:
                flag = isinstance(values, np.ndarray) and values.dtype.kind == "b"
                rows[name] = 100 * values.astype(np.int32) if flag and kind.startswith("DECIMAL") else values
    return rows


def background(pupils: Pupils, of: Results) -> Rows:
    """Dummies of sex, ethnic group, special needs and language, and whom the figures of a year include."""
    people, i, year = pupils.people, of.i, of.year
    state, one = ~people.independent[i], np.ones(len(i), dtype=bool)
    code, none = pupils.sen_provision(i, year).codes, np.zeros(len(i), dtype=bool)
    school, school_kind = school_number(pupils, i), np.full(len(i), 5)
    school_kind[state] = establishments.kind(school[state])
    academy = np.zeros(len(i), dtype=bool)
    academy[state] = pupils.schooling.places.is_academy(school[state], year[state])
    mainstream = school_kind < 2
    without, statement = np.isin(code, [1, 2, 4]), np.isin(code, [3, 5])
    columns = {
        "female": ~people.male[i], "ageinyr": one, "fecollege1416": none, "earlyt_e": none, "earlytak": none,
        "lares": state, "natmtdres": state, "schnor": one, "lanor": state, "natnor": one, "natmtdnor": state,
        "npdden_nat": state, "npdnum_nat": state, "npdden_la": state, "npdnum_la": state, "norflag": none,
        "onroll": state, "plasc": state, "tpupnat": one, "tpupla": state, "tpupsch": one,
        "mmsch": mainstream, "mmsch2": mainstream & ~academy, "msch": state & (school_kind < 4),
        "msch2": state & (school_kind < 4) & ~academy,
    }  # fmt: skip
    described = {
        "senk": code == 4, "sene": code == 5, "sense": statement, "senapk": without, "sen_all": code > 0,
        "senps": np.isin(code, [2, 3]), "sena": code == 1,
    }  # fmt: skip
    ever, history = ever_fsm(pupils, i, year), pupils.schooling
    joined = history.at(history.entry, i, np.full(len(i), 11)).astype(np.int64)
    month = joined.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    language = Coded(people.english_additional[i].astype(np.int8), ["ENG", "OTH"])
    rows = spread(columns) | {
        "ks4_month_part": pupils.months_past_birthday(i),
        "ks4_age": np.full(len(i), 15, dtype=np.int16),
        "ks4_fsm6": where(state, ever),
        "ks4_fsm6_p": where(state, ever),
        "ks4_lang1st": text_where(state, language),
        "ks4_mob1": where(state, joined >= days_of(year - 2, 9, 1)),
        "ks4_mob2": where(state, ~np.isin(month, (7, 8, 9))),
        "ks4_nftype": where(state, _nftype(pupils, school_kind, school, academy)),
        "ks4_newer_type": _newer_type(pupils, i, year, school_kind, school),
        "ks4_status": np.where(state, 1, 3),
        "ks4_actyrgrp": Coded(np.zeros(len(i), dtype=np.int8), ["11"]),
        "ks4_y11year": year,
    }
    rows |= {f"ks4_{name}": where(state, values) for name, values in described.items()}
    rows |= {f"ks4_ealgrp{era}": where(state, 1 + people.english_additional[i].astype(np.int16)) for era in ERAS}
    return rows | ethnic_dummies(pupils, i, state, "ks4")


def _nftype(pupils: Pupils, kind: np.ndarray, school: np.ndarray, academy: np.ndarray) -> np.ndarray:
    """Type of school: maintained, special, a unit or other provision, or an academy with a sponsor or a converter.

    That 21 to 24 are maintained mainstream schools, 26 and 27 special ones, and 50 to 53 academies is in the request
    form; which of 50 and 51 has a sponsor, and the codes of units and provision, are not verified.
    """
    sponsored = pupils.schooling.places.sponsored[np.minimum(school, establishments.SCHOOLS - 1)]
    at = np.array([21, 21, 26, 30, 31, 0])[kind]
    return np.where(academy & (kind < 2), np.where(sponsored, 50, 51), np.where(academy & (kind == 2), 53, at))


def _newer_type(
    pupils: Pupils, i: np.ndarray, year: np.ndarray, kind: np.ndarray, school: np.ndarray
) -> np.ndarray:  # fmt: skip
    """School type by intake: comprehensive, special, a unit, or independent.

    What "not ADMPOL" stands for is not verified: here, a school that is an academy with a sponsor or in its first
    year as one, for which no admissions policy is known (a design choice).
    """
    at = np.array([1, 1, 5, 6, 6, 8])[kind]
    at = np.where((kind == 4) & (pupils.sen(i, year) == 3), 7, at)  # a special school that is not maintained
    places, own = pupils.schooling.places, np.minimum(school, establishments.SCHOOLS - 1)
    new = places.is_academy(own, year) & (places.renumbered[own] | (year == places.converted[own]))
    return np.where((kind < 2) & new, 4, at)


def ethnic_dummies(pupils: Pupils, i: np.ndarray, known: np.ndarray, prefix: str) -> Rows:
    """One column a minor ethnic group but White British, 0 or 1; missing where the group is not known."""
    rows, minor = {}, pupils.people.minor[i].astype(np.int8)
    labels = pupils.minor(i[:0]).labels
    for at, code in enumerate(labels):
        name = f"{prefix}_{code.lower()}"
        kind = fields(f"{prefix}_pupil").get(name)
        if kind == "VARCHAR":  # Pakistani at key stage 4 is text in the form
            rows[name] = Coded(np.where(known, minor == at, -1).astype(np.int8), ["0", "1"])
        elif kind:
            rows[name] = where(known, minor == at)
    refused = np.isin(np.array(labels), ("NOBT", "REFU"))
    return rows | {f"{prefix}_uncla": where(known, refused[minor])}


def ever_fsm(pupils: Pupils, i: np.ndarray, year: np.ndarray, years: int = 6) -> np.ndarray:
    """Eligible for free school meals in January of the year or of the five before, 0 or 1."""
    by_year, first = pupils.fsm_by_year, 1996
    ever = by_year.copy()
    for back in range(1, years):
        ever[back:] |= by_year[:-back]
    return ever[year - first, i]


def measures(pupils: Pupils, of: Results) -> Rows:
    """Everything that follows from the units: counts, thresholds, pillars, points, subject grades and slots."""
    counts = counted(of)
    gcse = counts.copy()
    gcse[:, VOCATIONS] = False
    limited = counts.copy()
    limited[:, 12:15] = False  # from 2013/14 a vocational qualification counts as one GCSE
    counting = np.where((of.year >= 2014)[:, None], limited, counts)
    passed = {"": of.good, "94": of.good, "95": _strong(of), "91": of.any_pass}
    passed = {name: each & counts for name, each in passed.items()}
    tally = _tally(of, gcse)
    points = np.where(counting, of.points, 0)
    rows = _grade_counts(of, tally, gcse, counting)
    rows |= _thresholds(of, gcse, counting, passed) | _pillars(of, counts, passed)
    rows |= _points(of, points, gcse)
    rows |= _subject_grades(of, counts) | _expected_progress(pupils, of)
    return rows | Slots(of).pupil_rows()


def _strong(of: Results) -> np.ndarray:
    """Units at grade 5 or above; of letters, above C."""
    strong = np.where(of.numbered, of.grade >= STRONG_NUMBER, of.grade > GOOD_LETTER)
    strong[:, VOCATIONS] = False
    return strong


def _tally(of: Results, chosen: np.ndarray) -> np.ndarray:
    """Units at each grade: letters U to A*, then numbers U to 9, shape (19, pupils)."""
    size = len(of.i)
    code = np.where(of.numbered, len(LETTERS) + of.grade, of.grade)
    place = (code * size + np.arange(size)[:, None])[chosen]
    return np.bincount(place, minlength=19 * size).reshape(19, size).astype(np.int32)


def _grade_counts(of: Results, tally: np.ndarray, gcse: np.ndarray, counting: np.ndarray) -> Rows:
    letters, numbers = tally[:9], tally[9:]
    entered, n = gcse.sum(axis=1), counting.sum(axis=1)
    rows_of_exam = of.entered.sum(axis=1) - of.entered[:, 12:15].sum(axis=1)
    rows_of_exam -= of.one_award & of.entered[:, SECOND]
    good, some = (of.good & counting).sum(axis=1), (of.any_pass & counting).sum(axis=1)
    high, c_up, g_up = letters[7:].sum(axis=0), letters[5:].sum(axis=0), letters[1:].sum(axis=0)
    decimals = {f"gcse_{name}": letters[k] for name, k in GRADE_COUNTS.items()}
    decimals |= {f"gcse_{name}": numbers[k] for k, name in enumerate(NUMBERS) if k}
    decimals |= {
        "gcse_aa": high, "gcse_ac_ptq_ee": c_up, "gcse_ag": g_up, "gcse_dg": g_up - c_up,
        "gcse_95": numbers[5:].sum(axis=0), "gcse_94": numbers[4:].sum(axis=0), "gcse_91": numbers[1:].sum(axis=0),
        "pass_91": numbers[1:].sum(axis=0), "pass_aastar": high, "pass_ac": c_up, "pass_ac_ptq_ee": good,
        "pass_ag": g_up, "pass_ac_aat": good, "pass_ac_3ng_ptq_ee": good, "pass_94": good, "pass_lev2": good,
        "pass_lev1": some, "entry_e": n, "entry_e_3ng_ptq_ee": n,
    }  # fmt: skip
    whole = {
        "entries": rows_of_exam, "gcsefull": entered, "entry_1": n > 0, "entry_5": n >= 5,
        "entry_1_3ng_ptq_ee": n > 0, "entry_5_3ng_ptq_ee": n >= 5, "pass_1ac": good > 0, "pass_1_94": good > 0,
        "pass_1_91": some > 0, "five94": good >= 5, "five91": some >= 5, "anylev1": some > 0, "anypass": some > 0,
        "pass_aastar5": high >= 5, "fiveac": c_up >= 5, "fiveag": g_up >= 5, "oneag": g_up > 0,
        "vocqual": (of.any_pass & counting)[:, 11],
    }  # fmt: skip
    rows = spread(whole)
    for name, values in spread(decimals).items():
        rows.setdefault(name, 100 * values)
    return rows


def _thresholds(of: Results, gcse: np.ndarray, counting: np.ndarray, passed: dict[str, np.ndarray]) -> Rows:
    """Five or more passes, alone and with English, mathematics and science."""
    year, good, some = of.year, passed[""], passed["91"]
    later = year >= 2016
    english2, maths2 = (
        english_good(of) & good[:, [ENGLISH, LITERATURE]].any(axis=1),
        good[:, [MATHS, EARLY]].any(axis=1),
    )
    english1 = some[:, ENGLISH] | some[:, LITERATURE] & later
    maths1 = some[:, [MATHS, EARLY]].any(axis=1)
    tried = gcse[:, ENGLISH] | gcse[:, LITERATURE] & later
    tried_maths, tried_science = gcse[:, MATHS] | gcse[:, EARLY], gcse[:, SCIENCE]
    science = slice(SCIENCE, PHYSICS + 1)
    science2, science1 = good[:, science].any(axis=1), some[:, science].any(axis=1)
    five2, five1 = (good & counting).sum(axis=1) >= 5, (some & counting).sum(axis=1) >= 5
    gcse2, gcse1 = (good & gcse).sum(axis=1) >= 5, (some & gcse).sum(axis=1) >= 5
    both2, both1 = english2 & maths2, english1 & maths1
    strong = passed["95"]
    strong_english, strong_maths = strong[:, ENGLISH] | strong[:, LITERATURE], strong[:, MATHS]
    columns = {
        "glevel2": gcse2, "glevel2em": gcse2 & both2, "level2em_gcse": gcse2 & both2, "pass_ac5em": gcse2 & both2,
        "pass_ac5ems": gcse2 & both2 & science2, "level2_ems": five2 & both2 & science2,
        "level2_fem": five2 & both2, "level1_em": five1 & both1, "level1_fem": five1 & both1,
        "level1_ems": five1 & both1 & science1, "pass_ag5em": gcse1 & both1,
        "pass_ag5ems": gcse1 & both1 & science1, "pass_ac_ems": both2 & science2,
        "lev2eng": english2, "lev1eng": english1, "lev2mat": maths2, "lev1mat": maths1, "lev2em": both2,
        "lev1em": both1, "lev2em_94": both2, "lev2em_95": strong_english & strong_maths,
        "gcse_engatt": tried, "gcse_engag": english1, "gcse_engac": english2, "gcse_eng_91": english1,
        "gcse_eng_94": english2, "gcse_eng_95": strong_english,
        "gcse_mathatt": tried_maths, "gcse_mathag": maths1, "gcse_mathac": maths2, "gcse_math_91": maths1,
        "gcse_math_94": maths2, "gcse_math_95": strong_maths,
        "gcse_sciatt": tried_science, "gcse_sciag": science1, "gcse_sciac": science2, "gcse_sci_91": science1,
        "gcse_sci_94": science2,
        "ent1gmfl": gcse[:, LANGUAGE], "ent1gmfl_91": gcse[:, LANGUAGE], "ent1emfl": gcse[:, LANGUAGE],
        "level2mfl": good[:, LANGUAGE], "level2mfl_94": good[:, LANGUAGE], "level2mfl_95": strong[:, LANGUAGE],
        "anypmfl": some[:, LANGUAGE],
    }  # fmt: skip
    entered = counting.any(axis=1)
    any1 = (some & counting).any(axis=1)
    category = np.select([five2 & both2, five2, five1, any1, entered], [1, 2, 3, 4, 6], 7)
    later_category = np.select([five2, five1, any1, entered], [0, 1, 2, 3], 4)
    return spread(columns) | {
        "ks4_examcat": category,
        "ks4_examcat_ptq_ee": Coded(later_category.astype(np.int8), ["1", "2", "3", "5", "6"]),
    }


def _pillars(of: Results, counts: np.ndarray, passed: dict[str, np.ndarray]) -> Rows:
    """The parts of the English Baccalaureate: entered, and passed at C or 4, at 5, and at G or 1."""
    triple = counts[:, PHYSICS]
    combined = counts[:, SECOND] & ~triple
    double = combined & of.one_award
    english, maths = counts[:, ENGLISH], counts[:, MATHS] | counts[:, EARLY]
    entered = [english, maths, counts[:, SECOND], counts[:, HUMANITY], counts[:, LANGUAGE]]
    number = sum(each.astype(np.int8) for each in entered)
    subject = of.subject
    history, geography = (counts[:, HUMANITY] & (subject[:, HUMANITY] == NAMES.index(name))
                          for name in ("History", "Geography"))  # fmt: skip
    art = (counts[:, OPTIONS] & (subject[:, OPTIONS] == NAMES.index("Art and design"))).any(axis=1)
    columns = {
        "allsci": triple, "eballsci": triple, "triplesci_e": triple, "multilan_e": np.zeros(len(triple), dtype=bool),
        "ebaceng_e": english, "ebacmat_e": maths, "ebac2sci_e": counts[:, SECOND], "ebachum_e": counts[:, HUMANITY],
        "ebaclan_e": counts[:, LANGUAGE], "entbasics": english & maths, "entered_history": history,
        "entered_geography": geography, "entered_hist_geog": history & geography, "entered_art": art,
    }  # fmt: skip
    columns |= {f"ebaccsubjent_{k}": number == k for k in range(5)}
    high = (of.grade >= GOOD_LETTER + 1) & counts  # A* to B, of letters
    for name, line in ((None, high), *passed.items()):
        two = line[:, SCIENCE : PHYSICS + 1].sum(axis=1) >= 2
        biology, chemistry, physics = line[:, SCIENCE], line[:, SECOND], line[:, PHYSICS]
        routes = {
            "a": double & two, "b": combined & ~of.one_award & two,
            "c": triple & two if name else triple & biology & two, "d": triple & physics & chemistry,
        }  # fmt: skip
        if name is None:
            columns |= {f"pass_absci{route}": each for route, each in routes.items()}
            columns |= {"pass_absci2": two}
            continue
        both = english_good(of) & line[:, [ENGLISH, LITERATURE]].any(axis=1) if name in ("", "94") else (
            line[:, ENGLISH] | line[:, LITERATURE] & (of.year >= 2016))  # fmt: skip
        maths_passed = line[:, [MATHS, EARLY]].any(axis=1)
        humanity, language = line[:, HUMANITY], line[:, LANGUAGE]
        parts = {
            "ebaceng": both, "ebacmat": maths_passed, "ebac2sci": two, "ebachum": humanity, "ebaclan": language,
            "pass2scia": triple & two, "pass2scib": routes["d"], "passothsci": combined & two,
            "passcombsci": combined & two,
        }  # fmt: skip
        columns |= {f"{part}_{name}" if name else part: each for part, each in parts.items()}
        if name == "91":
            every = both & maths_passed & two & humanity & language
            columns |= {f"{part}ag": each for part, each in parts.items()}
            columns |= {"ebaceng91": both, "ebacmat91": maths_passed, "ebacc91": every, "ebaccag": every}
            continue
        columns |= {f"lev2sci{route}_{name}" if name else f"lev2sci{route}": each for route, each in routes.items()}
        columns |= {f"lev2sci2_{name}" if name else "lev2sci2": two}
        if not name:
            columns |= {f"l2basics_{k}": both & maths_passed & two for k in range(1, 5)}
    rows = spread(columns)
    # From 2015/16 the better of language and literature counts, under a name of its own.
    return rows | {"ks4_ebaceng_ll_ptq_ee": columns["ebaceng"], "ks4_ebacengag_ll_ptq_ee": columns["ebacengag"]}


def _points(of: Results, points: np.ndarray, gcse: np.ndarray) -> Rows:
    """Points in all, of the best eight and of GCSEs alone; by pillar of the EBacc."""
    of_gcse = np.where(gcse, points, 0)
    total, total_gcse = points.sum(axis=1), of_gcse.sum(axis=1)
    best, best_gcse = (np.sort(each, axis=1)[:, -8:].sum(axis=1) for each in (points, of_gcse))
    science = np.sort(points[:, SCIENCE : PHYSICS + 1], axis=1)
    english = np.maximum(points[:, ENGLISH], points[:, LITERATURE])
    maths = np.maximum(points[:, MATHS], points[:, EARLY])
    n_gcse = gcse.sum(axis=1)
    old = np.where(gcse & ~of.numbered, of.grade, 0)
    old_total = 100 * old.sum(axis=1)
    rows = spread({
        "ptstnewg": total_gcse,
        "points_new_g": total_gcse, "gptstnewe": total_gcse, "points_new_e": total, "ptscnewg": best_gcse,
        "gptscnewe": best_gcse, "ptstoldg": old_total, "points_old_g": old_total,
        "ptscoldg": 100 * np.sort(old, axis=1)[:, -8:].sum(axis=1),
        "mean_g": where(n_gcse > 0, old_total // np.maximum(n_gcse, 1)),
        "ks4sci": science[:, -1], "ks4sci_91": science[:, -1],
        "ebptseng": english, "ebptseng_ll_ptq_ee": english, "ebptsmat": maths,
        "ebptssci": science[:, -1] + science[:, -2], "ebptshum": points[:, HUMANITY], "ebptslan": points[:, LANGUAGE],
        "hpgeng": english, "hpgmath": maths, "englishbonus": english, "mathsbonus": maths,
        "scoreplusbonus": best + english + maths, "vaptsc": best,
    })  # fmt: skip
    for name, units in (("gcseeng", [ENGLISH, LITERATURE]), ("gcsemath", [MATHS, EARLY]),
                        ("gcsesci", [SCIENCE, SECOND, PHYSICS])):  # fmt: skip
        rows[f"ks4_{name}"] = where(gcse[:, units].any(axis=1), old[:, units].max(axis=1))
    return rows


def _subject_grades(of: Results, counts: np.ndarray) -> Rows:
    """The grade in each subject, under the names of the letters and of the numbers; A* is written *."""
    row, unit = np.nonzero(counts)
    best = np.full((len(NAMES), len(of.i)), -1, dtype=np.int8)
    grade = of.grade[row, unit]
    best[of.subject[row, unit], row] = np.where(of.numbered[row, unit], len(LETTERS) + grade, grade)
    letters, known, rows = [*LETTERS[:8], "*"], fields("ks4_pupil"), {}
    for short, name in (*SUBJECT_GRADES.items(), ("hgmath", "Mathematics")):
        code = best[NAMES.index(name)]
        letter, number = np.where(code < len(LETTERS), code, -1), code - np.int8(len(LETTERS))
        for era in ERAS:
            if f"ks4_{short}{era}" in known:
                rows[f"ks4_{short}{era}"] = Coded(letter, letters)
        if f"ks4_{short}_91" in known:
            rows[f"ks4_{short}_91"] = Coded(number, NUMBERS)
    return rows


def _expected_progress(pupils: Pupils, of: Results) -> Rows:
    """Level in English and mathematics at key stage 2, and three levels of progress from it, to 2014/15.

    Known where the levels are: of those in a state school in year 6 of 2015 or before.
    """
    people, i, counts = pupils.people, of.i, counted(of)
    known = (people.arrival[i] <= 6) & ~people.independent[i] & (of.year <= 2020)
    reading, maths, writing = (ks2_fine(pupils, k, i) for k in (0, 1, 2))
    rows: Rows = {}
    for name, fine, units in (("eng", (reading + writing) // 2, [ENGLISH, LITERATURE]), ("mat", maths, [MATHS, EARLY])):
        best = np.where(counts[:, units], of.grade[:, units], 0).max(axis=1)
        level = fine // 100
        made = LEVEL_OF_GRADE[np.minimum(best, 8)] - level >= EXPECTED_PROGRESS
        rows |= spread({f"ks2{name}24p": where(known, level), f"flag24{name}prg": where(known, np.where(made, 1, 2))})
    return rows


class Slots:
    """Which unit fills which slot of Attainment 8, of the pupils of 2014/15 and later."""

    def __init__(self, of: Results) -> None:
        self.size, self.chosen = len(of.i), np.flatnonzero(of.year >= FIRST_SLOTS)
        counts = counted(of)[self.chosen]
        counts[:, 12:15] = False  # a vocational qualification counts once
        points = np.where(counts, of.points[self.chosen], 0)
        n = len(self.chosen)
        every = np.arange(n)[:, None]
        self.counts, self.points = counts, points
        self.pair = counts[:, ENGLISH] & counts[:, LITERATURE]
        slot = np.zeros((n, UNITS), dtype=np.int8)
        literature = points[:, LITERATURE] > points[:, ENGLISH]
        literature |= ~counts[:, ENGLISH]
        slot[np.arange(n), np.where(literature, LITERATURE, ENGLISH)] = IN_ENGLISH
        slot[:, MATHS], slot[:, EARLY] = IN_MATHS, IN_MATHS
        academic = np.arange(SCIENCE, LANGUAGE + 1)
        order = SCIENCE + self._best_first(points, counts, academic)
        slot[every, order[:, :3]] = IN_EBACC
        free = counts & (slot == NO_SLOT)
        place = self._best_first(np.where(free, points, 0), free, np.arange(UNITS))
        slot[every, place[:, :3]] = np.where(slot[every, place[:, :3]] == NO_SLOT, IN_OPEN, slot[every, place[:, :3]])
        self.slot = np.where(counts, slot, NO_SLOT)
        self.ebacc_order, self.open_order = order, place
        self.residual = np.where(self.pair, np.where(literature, ENGLISH, LITERATURE), -1)

    @staticmethod
    def _best_first(points: np.ndarray, chosen: np.ndarray, units: np.ndarray) -> np.ndarray:
        """The units with most points first, those not chosen last; of equals the one that stands first."""
        key = np.where(chosen[:, units], 32 * points[:, units] + 31 - np.arange(len(units)), -1 - np.arange(len(units)))
        return np.argsort(-key, axis=1)

    def _whole(self, values: np.ndarray) -> np.ndarray:
        """A value for every pupil: 0 in the years before, which have no such field."""
        column = np.zeros(self.size, dtype=np.int32)
        column[self.chosen] = values
        return column

    def pupil_rows(self) -> Rows:
        """The score of each slot, doubled for English and mathematics, and what was left over."""
        n = len(self.chosen)
        every = np.arange(n)[:, None]
        points = self.points
        english = np.where(self.slot == IN_ENGLISH, points, 0).sum(axis=1) * np.where(self.pair, 2, 1)
        maths = 2 * np.where(self.slot == IN_MATHS, points, 0).sum(axis=1)
        ebacc = points[every, self.ebacc_order]
        filled = self.slot[every, self.open_order[:, :3]] == IN_OPEN
        opened = np.where(filled, points[every, self.open_order[:, :3]], 0)
        other = -np.sort(-points[:, 8:12], axis=1)
        residual = np.where(self.residual >= 0, points[np.arange(n), self.residual], 0)
        vocational = filled & (self.open_order[:, :3] == 11)
        not_gcse = np.where(vocational, opened, 0).sum(axis=1)
        columns = {
            "slot1eng": english, "slot2mat": maths, "engresid": residual, "ebac4": ebacc[:, 3], "ebac5": ebacc[:, 4],
            "ebacscr": ebacc[:, :3].sum(axis=1), "openscr": opened.sum(axis=1), "openngscr": not_gcse,
            "opengscr": opened.sum(axis=1) - not_gcse, "ebacfill": (self.slot == IN_EBACC).sum(axis=1),
            "openfill": (self.slot == IN_OPEN).sum(axis=1),
        }  # fmt: skip
        for k in range(3):
            columns |= {f"slot{3 + k}ebac": ebacc[:, k], f"slot{6 + k}open": opened[:, k], f"oth{k + 1}": other[:, k],
                        f"slot{6 + k}open_g": filled[:, k] & ~vocational[:, k]}  # fmt: skip
        return {f"ks4_{name}": self._whole(values) for name, values in columns.items()}

    def exam_rows(self, row: np.ndarray, unit: np.ndarray, second: np.ndarray) -> Rows:
        """Of each result the points in each slot and its rank. ``second``: science as one award of two units."""
        n = len(self.chosen)
        every = np.arange(n)[:, None]
        rank = np.zeros((n, UNITS), dtype=np.int8)
        rank[every, self.ebacc_order] = np.arange(1, 6)
        other = 8 + self._best_first(self.points, self.counts, np.arange(8, 12))
        rank[every, other] = np.arange(1, 5)
        rank = np.where(self.counts, rank, 0)
        place = np.full(self.size, n, dtype=np.int64)  # a row of zeros for the pupils of earlier years
        place[self.chosen] = np.arange(n)
        at = place[row]
        residual = np.zeros((n, UNITS), dtype=bool)
        residual[np.arange(n), self.residual] = self.residual >= 0
        tables = [np.where(self.slot == each, self.points, 0) for each in (IN_ENGLISH, IN_MATHS, IN_EBACC, IN_OPEN)]
        tables += [self.slot > NO_SLOT, rank, np.where(residual, self.points, 0)]
        padded = [np.concatenate([each, np.zeros((1, UNITS), dtype=each.dtype)]) for each in tables]
        english, maths, ebacc, opened, included, ranked, left = (each[at, unit] for each in padded)
        added = at[second]
        ebacc[second] += padded[2][added, SECOND]
        opened[second] += padded[3][added, SECOND]
        included[second] |= padded[4][added, SECOND]
        academic = (unit >= SCIENCE) & (unit <= LANGUAGE)
        option = (unit >= 8) & (unit <= 11)
        return {
            "ks4_a8eng": english, "ks4_a8mat": maths, "ks4_a8ebac": ebacc, "ks4_a8oth": opened,
            "ks4_a8included": included, "ks4_a8ebac_rnk": where(academic & (ranked > 0), ranked),
            "ks4_a8oth_rnk": where(option & (ranked > 0), ranked),
            "ks4_engresidlang": np.where(unit == ENGLISH, left, 0),
            "ks4_engresidlit": np.where(unit == LITERATURE, left, 0),
        }  # fmt: skip


@lru_cache(maxsize=16)  # many seeds are lived in one run
def boards(seed: int, stage: str, places: int, subjects: int) -> np.ndarray:
    """Awarding body that each school or college has chosen in each subject, shape (places, subjects)."""
    picked = Stream(seed, f"{stage}/board").pick(BOARD_WEIGHTS, np.arange(places)[:, None], np.arange(subjects))
    return picked.astype(np.int8)


def exams(pupils: Pupils, of: Results) -> Rows:
    """More columns of the exam table, for the same rows."""
    row, unit = qualifications(of)
    size, year = len(row), of.year[row]
    subject, grade = of.subject[row, unit], of.grade[row, unit]
    vocational, early = unit == 11, unit == EARLY
    second = of.one_award[row] & (unit == SCIENCE) & of.entered[row, SECOND]
    set_aside = ~counted(of)[row, unit]
    beaten = ~keep_one_try(of, of.grade[:, EARLY] > of.grade[:, MATHS])[row, unit]
    none, one = np.zeros(size, dtype=bool), np.ones(size, dtype=bool)
    whole = np.where(vocational, of.size[row], np.where(second, 2, 1)).astype(np.int32)
    capped = np.where(vocational, 1, whole)
    english, language = unit <= LITERATURE, unit == ENGLISH
    maths, numbered = (unit == MATHS) | early, of.numbered[row, unit]
    good, passed = of.good[row, unit] & ~set_aside, (grade > 0) & ~set_aside
    strong = _strong(of)[row, unit] & ~set_aside
    ebacc = ~vocational & (unit <= LANGUAGE) | early
    independent = pupils.people.independent[of.i]
    school = school_number(pupils, of.i)
    school = np.where(independent, establishments.SCHOOLS + school - 900_000, school)
    table = boards(pupils.people.seed, "ks4", establishments.SCHOOLS + codes.INDEPENDENTS, len(NAMES))
    board = table[school[row], subject]
    text = grade_text(of, row, unit)
    since = np.where((unit == MATHS) & (of.grade[row, EARLY] >= grade) & of.entered[row, EARLY], 1, 0) + early
    flags = {
        "disc1": none, "disc2": beaten, "disc1b": none, "disc2b": beaten,
        "disc3b": np.where(year <= 2013, beaten, set_aside), "discall": beaten,
        "disc3_ebacc": set_aside, "disc3_cap": set_aside, "disc3_all_b": beaten,
        "disc3b_all_b": beaten, "disc3b_ptq": set_aside, "disc3b_ptq_ee": set_aside, "disc3c_ptq_ee": set_aside,
        "disc3_ebacc_ptq_ee": set_aside, "disc3_cap_ptq_ee": set_aside, "disc3_cap3_ptq_ee": set_aside,
        "disc3_cap_ptq_b": beaten, "a8disc": set_aside, "a8disc2": set_aside, "qebacc_ptq": ~ebacc,
        "qebacc_all_b": ~ebacc, "graded": none, "graded_qual": none, "include_all": one,
        "ac_cap3_restored_ptq_ee": none, "a8enteng": english, "a8entenglang": language,
        "ebaccnotsci": (unit == HUMANITY) | (unit == LANGUAGE),
    }  # fmt: skip
    hundredths = {
        "lev3": none, "math_91": maths & passed, "math_94": maths & good, "math_95": maths & strong,
        "ebaceng_94": english & good, "91ebaceng": english & passed, "mgcseeng": english, "mgcsemat": maths,
        "mskilleng": none, "mskillmat": none, "qgcseem": english | maths,
    }  # fmt: skip
    return {
        **{f"ks4_{name}": values for name, values in flags.items()},
        **{f"ks4_{name}": 100 * values.astype(np.int32) for name, values in hundredths.items()},
        "ks4_boardno": Coded(board, BOARDS),
        "ks4_qan": Coded((subject * len(BOARDS) + board) * 2 + numbered, _qans()),
        "ks4_gorigin": text,
        "ks4_gfinal": text,
        "ks4_gsize_all": 100 * whole,
        "ks4_gsize_all_max": 100 * whole,
        "ks4_gsize_all_cap": 100 * capped,
        "ks4_lev1_ptq_ee": 20 * np.where(of.any_pass[row, unit], capped, 0),
        "ks4_discyear": year - since,
        "ks4_ptyear": year,
    } | Slots(of).exam_rows(row, unit, second)


@cache
def _qans() -> list[str]:
    """Accreditation numbers by subject, awarding body and generation of GCSEs, outside the range of real ones."""
    return [f"X{entry[0] or '0000'}{board}{generation}"
            for entry in SUBJECTS.values() for board in BOARDS for generation in "12"]  # fmt: skip
