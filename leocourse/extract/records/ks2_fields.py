"""More of key stage 2: dummies, eligibility, marks, teacher assessment and thresholds, and the exam table.

Marks follow from the fine level (or, in 2015/16, the scaled score) on straight lines between the marks at which
the levels begin, so the level on the pupil's record is the one that the marks earn. The marks at which levels
begin are one round set for all years; the real ones moved every year. Only what teachers assess is drawn here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.records.keystages import KS2_YEARS, assessed, ks2_fine, ks2_scaled
from leocourse.extract.records.ks4_fields import ethnic_dummies, ever_fsm, fields
from leocourse.extract.records.pupils import Pupils, one_of, text_where, where

SUBJECTS = {"read": 0, "mat": 1, "writ": 2, "sci": 3, "gps": 4}
LEVEL_MARKS = {  # marks at which levels 2 to 5 begin, and the most there are
    "read": [0, 11, 19, 33, 50], "writ": [0, 13, 23, 36, 50], "mat": [0, 21, 46, 77, 100],
    "sci": [0, 22, 41, 61, 80], "gps": [0, 20, 42, 60, 70],
}  # fmt: skip
SCALED_MARKS = {"read": (3, 21, 50), "mat": (4, 60, 110), "gps": (4, 43, 70)}
"""Marks for scaled scores of 80, 100 and 120 in 2015/16: 21, 60 and 43 were the expected standard."""
TEACHER_ERROR = 28
"""Spread of teacher assessment round the test, in hundredths of a level."""
LEVELS = ["2", "3", "4", "5"]
TESTS = {  # subject of a row of the exam table: code, first and last year
    "eng": ("9981", 1996, 2012), "mat": ("9982", 1996, 2016), "sci": ("9983", 1996, 2009),
    "read": ("9984", 2013, 2016), "gps": ("9985", 2013, 2016),
}  # fmt: skip
"""The form lists the codes without saying which is which; these follow those of key stage 3. Unverified."""
LEAP_CODES = [test[0] for test in TESTS.values()]


def with_fields(pupils: Pupils, rows: Rows) -> Rows:
    """The rows of the pupil table with what follows from them and from the same lives."""
    i, year = assessed(pupils, "ks2", KS2_YEARS)
    people, levels = pupils.people, year < 2016
    fine = _fine(pupils, i)
    teacher = _teacher(pupils, i, fine)
    marks = _marks(pupils, i, levels, fine)
    one, none = np.ones(len(i), dtype=bool), np.zeros(len(i), dtype=bool)
    sen = pupils.sen(i, year)
    ever = ever_fsm(pupils, i, year)
    columns: Rows = {
        "female": ~people.male[i], "age": np.full(len(i), 10), "fsm6": ever, "fsm6_p": ever,
        "senf": pupils.sen_provision(i, year), "senelk": (sen == 1) | (sen == 2), "senele": sen == 3,
        "senelse": sen == 3, "senelapk": (sen == 1) | (sen == 2),
        "ealgrp": Coded(people.english_additional[i].astype(np.int8), ["1", "2"]),
        "actyrgrp": one_of("6", ["6"], len(i)), "sourcecty": one_of("E", ["E"], len(i)),
        "langsch": one_of("E", ["E"], len(i)), "langmatta": one_of("E", ["E"], len(i)),
        "langscita": one_of("E", ["E"], len(i)), "nentries": np.full(len(i), 3),
    }  # fmt: skip
    columns |= {f"examyear_{name}": year for name in ("en", "re", "gps", "ma", "sc")}
    columns |= dict.fromkeys(_INCLUDED, one) | dict.fromkeys(_NEVER, none)
    columns |= _thresholds(levels, fine, teacher) | _points(levels, fine, teacher)
    columns |= marks | _standards(pupils, rows, i, teacher)
    columns |= {
        "gpslev": _level(levels, fine["gps"]), "gpsfine": Nullable(fine["gps"], ~levels), "scifine": fine["sci"],
        "engwritlev": _level(levels, fine["writ"]), "engmainlev": _level(levels, fine["eng"]),
        "matmainlev": _level(levels, fine["mat"]), "scimainlev": _level(levels, fine["sci"]),
        "engtalev": _level(levels, teacher["eng"]), "mattalev": _level(levels, teacher["mat"]),
        "scitalev": _level(levels, teacher["sci"]), "englevta": _level(levels, teacher["eng"]),
        "matlevta": _level(levels, teacher["mat"]), "scilevta": _level(levels, teacher["sci"]),
    }  # fmt: skip
    more = {f"ks2_{name}": values for name, values in columns.items()}
    return rows | more | ethnic_dummies(pupils, i, one, "ks2")


_INCLUDED = [
    "mmsch", "mmsch2", "msch", "msch2", "lares", "natmtdres", "npdden_la", "npdden_nat", "schresta", "laresta",
    "natresta", "natmtdresta", "eligread", "eligreadta", "eligwrit", "eligwritta", "eligeng", "eligengta", "eligmat",
    "eligmatta", "eligengla", "eligreadla", "eligwritla", "eliggpsla", "eligwrittala", "eligreadwrittamatla",
    "eligmatla", "eligrwmla", "eligsci", "eligscita", "eligreadwrittamat", "valreadwrittamat", "eliggps", "valeng",
    "valengta", "valread", "valreadta", "valwrit", "valwritta", "valmat", "valmatta", "valsci", "valscita", "valgps",
    "eligrwm", "valrwm",
]  # fmt: skip
"""Flags of who counts: everybody here took every test of the year and was assessed by a teacher."""
_NEVER = [
    "readat", "matat", "gpsat", "levateng", "levatread", "levatgps", "levatmat", "levatsci", "levadreadta",
    "levadwritta", "levadengta", "levadmatta", "levadscita", "lev6read", "lev6mat", "lev6gps", "lev6readmat",
    "lev6engta", "lev6matta", "lev6scita", "lev6readta", "lev6writta", "writtaad", "scitaad", "mattaad", "readtaad",
]  # fmt: skip
"""Flags of absence, and of level 6, for which the simulation has no test."""


def _fine(pupils: Pupils, i: np.ndarray) -> dict[str, np.ndarray]:
    """Fine level by subject, in hundredths; English is the mean of reading and writing."""
    fine = {name: ks2_fine(pupils, k, i) for name, k in SUBJECTS.items()}
    return fine | {"eng": (fine["read"] + fine["writ"]) // 2}


def _teacher(pupils: Pupils, i: np.ndarray, fine: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Teacher assessment in hundredths of a level: the test, and an error of the teacher's own."""
    stream, person = pupils.people.stream("keystages/ks2/teacher"), pupils.people.person[i]
    judged = {
        name: np.clip(fine[name] + TEACHER_ERROR * stream.normal(person, SUBJECTS[name]) // 1000, 200, 599)
        for name in ("read", "mat", "writ", "sci")
    }
    return judged | {"eng": (judged["read"] + judged["writ"]) // 2}


def _level(chosen: np.ndarray, fine: np.ndarray) -> Coded:
    return Coded(np.where(chosen, fine // 100 - 2, -1).astype(np.int8), LEVELS)


def _mark(lines: list[int]) -> np.ndarray:
    """Mark of each fine level from 0 to 599: a straight line within a level; nobody reaches level 6."""
    fine = np.arange(600)
    level = np.clip(fine // 100 - 2, 0, 3)
    low, high = np.array(lines[:4])[level], np.array(lines[1:])[level]
    return np.where(fine < 200, 0, low + (high - low) * (fine % 100) // 100)


def _scaled_mark(lines: tuple[int, int, int], score: np.ndarray) -> np.ndarray:
    low, middle, high = lines
    below = low + (middle - low) * (score - 80) // 20
    return np.where(score < 100, below, middle + (high - middle) * (score - 100) // 20)


def _marks(pupils: Pupils, i: np.ndarray, levels: np.ndarray, fine: dict[str, np.ndarray]) -> Rows:
    """Marks by paper; the papers of a test add up to its total."""
    scaled = {name: ks2_scaled(pupils, SUBJECTS[name], i) for name in SCALED_MARKS}
    of_level = {name: _mark(lines)[fine[name]] for name, lines in LEVEL_MARKS.items()}
    of_score = {name: _scaled_mark(SCALED_MARKS[name], score) for name, score in scaled.items()}
    maths, science = of_level["mat"], of_level["sci"]
    mental, first = maths // 5, (maths - maths // 5 + 1) // 2
    arithmetic, second = of_score["mat"] * 4 // 11, (of_score["mat"] - of_score["mat"] * 4 // 11 + 1) // 2
    spelling = of_score["gps"] * 2 // 7
    old = {
        "engwritmrk": of_level["writ"], "engtotmrk": of_level["read"] + of_level["writ"], "mattestamrk": first,
        "mattestbmrk": maths - mental - first, "matarthmrk": mental, "mattotmrk": maths,
        "scitestamrk": (science + 1) // 2, "scitestbmrk": science // 2, "scitotmrk": science,
    }  # fmt: skip
    new = {
        "gpsmrk": of_score["gps"], "gpspaper1mrk": of_score["gps"] - spelling, "gpspaper2mrk": spelling,
        "matmrk": of_score["mat"], "matarithmrk": arithmetic, "matpaper2mrk": second,
        "matpaper3mrk": of_score["mat"] - arithmetic - second,
    }  # fmt: skip
    rows: Rows = {name: Nullable(values.astype(np.int16), ~levels) for name, values in old.items()}
    rows |= {name: values.astype(np.int16) for name, values in new.items()}
    return rows | {"readmrk": np.where(levels, of_level["read"], of_score["read"]).astype(np.int16)}


def _thresholds(levels: np.ndarray, fine: dict[str, np.ndarray], teacher: dict[str, np.ndarray]) -> Rows:
    """At the expected level (4), above it (5), below it (3 or less) and low (2); none in 2015/16."""
    both = {"": fine, "ta": teacher}
    rows: Rows = {}

    def add(name: str, chosen: np.ndarray) -> None:
        if f"ks2_{name}" in fields("ks2_pupil"):
            rows[name] = where(levels, chosen)

    for suffix, values in both.items():
        for name, value in values.items():
            add(f"levx{name}{suffix}", value >= 400)
            add(f"levax{name}{suffix}", value >= 500)
            add(f"levbx{name}{suffix}", value < 400)
            add(f"levl{name}{suffix}", value < 300)
        least = np.minimum(np.minimum(values["eng"], values["mat"]), values["sci"])
        most = np.maximum(np.maximum(values["eng"], values["mat"]), values["sci"])
        add(f"levxems{suffix}", least >= 400)
        add(f"levaxems{suffix}", least >= 500)
        add(f"levbxems{suffix}", most < 400)
        add(f"levlems{suffix}", most < 300)
    for name in ("read", "mat", "gps"):
        add(f"lev4b{name}", fine[name] >= 433)  # the upper two thirds of level 4, and above
    pair = np.minimum(fine["eng"], fine["mat"])
    add("levxengmat", pair >= 400)
    add("levaxengmat", pair >= 500)
    add("levbxengmat", np.maximum(fine["eng"], fine["mat"]) < 400)
    tests, written = np.minimum(fine["read"], fine["mat"]), teacher["writ"]
    add("levxreadwrittamat", (tests >= 400) & (written >= 400))
    add("levaxreadwrittamat", (tests >= 500) & (written >= 500))
    add("levbxreadwrittamat", (np.maximum(fine["read"], fine["mat"]) < 400) & (written < 400))
    add("lev4breadwrittamat", (tests >= 433) & (written >= 400))
    return rows


def _points(levels: np.ndarray, fine: dict[str, np.ndarray], teacher: dict[str, np.ndarray]) -> Rows:
    """Points of levels (27 for level 4, 6 a level) and of fine levels (six times the level), in hundredths."""
    of = {name: 600 * (value // 100) + 300 for name, value in fine.items()}
    written = 600 * (teacher["writ"] // 100) + 300
    columns = {
        "totpts": of["eng"] + of["mat"] + of["sci"], "ks2readps": of["read"], "ks2matps": of["mat"],
        "ks2writtaps": written, "aps": (of["read"] + of["mat"] + written) // 3, "ks2engfg": 6 * fine["eng"],
        "ks2readfg": 6 * fine["read"], "ks2matfg": 6 * fine["mat"], "ks2apsfg": 3 * (fine["eng"] + fine["mat"]),
    }  # fmt: skip
    return {name: where(levels, values) for name, values in columns.items()}


def _standards(pupils: Pupils, rows: Rows, i: np.ndarray, teacher: dict[str, np.ndarray]) -> Rows:
    """2015/16: the expected standard by teacher assessment, and in reading, writing and mathematics at once."""
    met = ["HNM", "EXS"]
    columns: Rows = {}
    for name in ("read", "mat", "sci"):
        expected = teacher[name] >= 430
        columns |= {f"{name}taoutcome": Coded(expected.astype(np.int8), met), f"{name}taexp": expected,
                    f"{name}tabexp": ~expected}  # fmt: skip
    writing = rows["ks2_writtaoutcome"].codes
    columns |= {
        "writtaexp": writing >= 1, "writtadepth": writing == 2, "writtawts": writing == 0,
        "writtabexp": writing == 0,
        "rwmexp": (rows["ks2_readexp"] > 0) & (rows["ks2_matexp"] > 0) & (writing >= 1),
        "rwmhigh": (rows["ks2_readhigh"] > 0) & (rows["ks2_mathigh"] > 0) & (writing == 2),
        "ks2readscore": rows["ks2_readscore"], "ks2matscore": rows["ks2_matscore"],
    }  # fmt: skip
    return columns


@dataclass(frozen=True)
class _Tests:
    """Rows of the exam table: which row of the pupil table each comes from, and its test."""

    at_11: Rows
    i: np.ndarray
    row: np.ndarray
    year: np.ndarray
    subject: np.ndarray
    """Index into :data:`TESTS`."""
    fine: dict[str, np.ndarray]
    """Fine level by subject, of each row."""

    @property
    def levels(self) -> np.ndarray:
        """Whether the test of the year gave levels; that of 2015/16 gave scaled scores."""
        return self.year < 2016

    def value(self, columns: dict[str, str]) -> np.ndarray:
        """What the pupil table has in the column for the subject of each row, -1 where it has none."""
        every = np.full((len(TESTS), len(self.at_11["collection_year"])), -1, dtype=np.int64)
        for at, name in enumerate(TESTS):
            if name in columns:
                every[at] = _numbers(self.at_11[f"ks2_{columns[name]}"])
        return every[self.subject, self.row]


def exams(pupils: Pupils, at_11: Rows) -> Rows:
    """The exam table: one row a pupil and test, with the marks and levels of the pupil table."""
    year = at_11["collection_year"]
    taken = [np.flatnonzero((year >= first) & (year <= last)) for _, first, last in TESTS.values()]
    row = np.concatenate(taken)
    subject = np.repeat(np.arange(len(TESTS)), [len(each) for each in taken])
    i, _ = assessed(pupils, "ks2", KS2_YEARS)
    fine = {name: values[row] for name, values in _fine(pupils, i).items()}
    tests = _Tests(at_11, i[row], row, year[row], subject, fine)
    return _pupils_of_tests(pupils, tests) | _levels_of_tests(tests) | _marks_of_tests(tests)


def _pupils_of_tests(pupils: Pupils, tests: _Tests) -> Rows:
    """Whose test it is, of what, when and where."""
    size, acadyr = len(tests.row), tests.at_11["ks2_acadyr"]
    return {
        "person": pupils.people.person[tests.i],
        "collection_year": tests.year,
        "ks2_pupilmatchingrefanonymous": pupils.pmr(tests.i),
        "ks2_acadyr": Coded(acadyr.codes[tests.row], acadyr.labels),
        "ks2_gender": pupils.sex(tests.i),
        "ks2_laestab_anon": pupils.laestab(pupils.school(tests.i, np.full(size, 6)), tests.year),
        "ks2_leapcode": Coded(tests.subject.astype(np.int8), LEAP_CODES),
        "ks2_sublevno": one_of("600", ["600"], size),
        "ks2_assessyr": tests.year,
        "ks2_season": one_of("S", ["S"], size),
        "ks2_disc3": np.zeros(size, dtype=bool),
        "ks2_discta": np.zeros(size, dtype=bool),
        "ks2_version": one_of("F", ["U", "A", "F"], size),
    }


def _levels_of_tests(tests: _Tests) -> Rows:
    """The level of the test, of its parts, and the teacher's."""
    levels, english = tests.levels, tests.subject == list(TESTS).index("eng")
    fine = np.choose(tests.subject, [tests.fine[name] for name in TESTS])
    level = _level(levels, fine)
    judged = tests.value({"eng": "englevta", "mat": "matlevta", "sci": "scilevta"})
    return {
        "ks2_grade": level,
        "ks2_testlev": level,
        "ks2_readlev": text_where(english, _level(levels, tests.fine["read"])),
        "ks2_writlev": text_where(english, _level(levels, tests.fine["writ"])),
        "ks2_talevel": Coded(judged.astype(np.int8), LEVELS),
        "ks2_fine": Nullable(fine, ~levels),
        "ks2_points": Nullable(6 * (fine // 100) + 3, ~levels),
    }


def _marks_of_tests(tests: _Tests) -> Rows:
    """Marks of the test and its papers; scores and outcomes of 2015/16."""
    levels = tests.levels
    total = tests.value({"eng": "engtotmrk", "mat": "mattotmrk", "sci": "scitotmrk", "read": "readmrk"})
    grammar = _mark(LEVEL_MARKS["gps"])[tests.fine["gps"]]  # the pupil table has these marks in 2015/16 only
    mark = np.where(tests.subject == list(TESTS).index("gps"), grammar, total)
    in_2016 = tests.value({"read": "readmrk", "mat": "matmrk", "gps": "gpsmrk"})
    score = tests.value({"read": "readscore", "mat": "matscore", "gps": "gpsscore"})
    papers = [{"mat": "mattestamrk", "sci": "scitestamrk"}, {"mat": "mattestbmrk", "sci": "scitestbmrk"},
              {"mat": "matarthmrk"}]  # fmt: skip

    def known(values: np.ndarray, chosen: np.ndarray | bool = True) -> Nullable:
        return Nullable(values, (values < 0) | ~np.asarray(chosen))

    return {
        "ks2_readmark": known(tests.value({"eng": "readmrk"})),
        "ks2_writmark": known(tests.value({"eng": "engwritmrk"})),
        "ks2_testmark": known(mark, levels),
        "ks2_testmrk": known(in_2016, ~levels),
        "ks2_score": known(score, ~levels),
        "ks2_testoutcome": text_where(~levels, Coded((score < 10_000).astype(np.int8), ["AS", "NS"])),
    } | {f"ks2_t{k + 1}mark": known(tests.value(paper), levels) for k, paper in enumerate(papers)}


def _numbers(column: np.ndarray | Coded | Nullable) -> np.ndarray:
    """A column's numbers or codes, -1 where missing."""
    if isinstance(column, Coded):
        return column.codes
    return np.where(column.missing, -1, column.values) if isinstance(column, Nullable) else column
