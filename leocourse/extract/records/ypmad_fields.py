"""More of YPMAD by year: which qualifications at levels 1 to 3 each young person has got so far, and where.

Counts are cumulative, from key stage 4, from A levels and from what the individualised learner record (ILR) says
was achieved. Schools' qualifications that the simulation does not have (GNVQs, short and vocational GCSEs, AS
levels, the International Baccalaureate) are counted as none.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Rows
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.records.ks4 import LETTERS, NUMBERS
from leocourse.extract.records.pupils import Pupils
from leocourse.extract.records.young_people import followed

STEPS = 5
"""Academic years in which a young person is followed, that of year 11 included."""
NVQ, A_LEVEL, GCSE = "0036", "0002", "0003"
NONE = [
    "l2_gcsevoc", "l2_gcseshort", "l2_gnvq_ac", "l2_acwidth_short_int", "l2_acwidth_part1", "l2_acwidth_gce_d",
    "l2_acwidth_igcse", "l1_gnvq_dg", "l1_gcsevoc", "l1_gcseshort", "l3_va", "l3_vda", "l3_as_pass", "l3_gas",
    "l3_gdas", "l3_vas", "l3_ib_pass", "l3_acwidth_as", "l3_acwidth_ib", "l1_vrq_wbl_ilr", "l2_vrq_wbl_ilr",
    "l3_vrq_wbl_ilr", "l1_nvq_fe_ilr", "l2_nvq_fe_ilr", "l3_nvq_fe_ilr", "l1_nvq_wbl_ilr", "l1_total_wbl_ilr",
]  # fmt: skip
"""What nobody here has got, because the simulation does not award it."""


def fields(pupils: Pupils, paths: Pathways, levels: dict[int, np.ndarray], ks4: Rows, aims: Rows) -> Rows:
    """Columns for the rows of :func:`young_people.ypmad_chronological`. ``ks4`` and ``aims`` have no faults."""
    i, year, step = followed(pupils.people)
    gcse2, gcse1, english, maths, five, grades = _at_16(pupils, ks4, i)
    a_levels = _a_levels(pupils, paths)[i] * (step >= 2)
    academic2 = five | (levels[3][i] <= year) & paths.a_levels[i]
    columns: Rows = dict.fromkeys(NONE, np.zeros(len(i), dtype=bool))
    columns |= {
        "l2_gcsefull": 100 * gcse2, "l1_gcsefull": 100 * gcse1, "en_l2_academic": english,
        "ma_l2_academic": maths, "l2_academic": academic2, "l3_a_pass": a_levels, "l3_academic_width": 50 * a_levels,
    }  # fmt: skip
    return {f"ypmad_{name}": values for name, values in (columns | grades | _ilr(pupils, aims, i, step)).items()}


def _at_16(pupils: Pupils, ks4: Rows, i: np.ndarray) -> tuple:
    """GCSEs at C or 4 and at G or 1, English, mathematics and five GCSEs at C or 4, and the two grades."""
    person = pupils.people.person
    order = np.argsort(person, kind="stable")
    who = order[np.searchsorted(person[order], ks4["person"])]
    row = np.full(len(person), len(who))  # those who came after year 11 have a last row of nothing
    row[who] = np.arange(len(who))
    row = row[i]

    def of(values: np.ndarray, nothing: int = 0) -> np.ndarray:
        return np.append(values.astype(np.int32), nothing)[row]

    some = (ks4["ks4_gcse_ag"] + ks4["ks4_gcse_91"]) // 100
    flags = [of(ks4[f"ks4_{name}"]) > 0 for name in ("lev2eng", "lev2mat", "glevel2")]
    labels, grades = [*LETTERS[:8], "*", *NUMBERS[1:]], {}
    for name, short in (("eng", "apeng"), ("maths", "apmat")):
        letter, number = ks4[f"ks4_{short}"].codes, ks4[f"ks4_{short}_91"].codes
        best = np.where(number > 0, number + 8, np.where(number == 0, 0, letter))
        grades[f"gcse_grade_{name}"] = Coded(of(best, -1), labels)
    return of(ks4["ks4_gcse_ac"] // 100), of(some), *flags, grades


def _a_levels(pupils: Pupils, paths: Pathways) -> np.ndarray:
    """A levels passed two years after year 11, of those who were examined in them."""
    passed = (paths.level_three.subject >= 0) & (paths.level_three.grade > 0)
    return np.where(paths.examined, passed.sum(axis=1), 0)


def _ilr(pupils: Pupils, aims: Rows, i: np.ndarray, step: np.ndarray) -> Rows:
    """Achieved aims so far by level: vocational ones of colleges (FE), and of apprenticeships (WBL)."""
    people = pupils.people
    order = np.argsort(people.person, kind="stable")
    who = order[np.searchsorted(people.person[order], aims["person"])]
    level, at = aims["notional_level_v2"].values, aims["year"] + 1 - (people.cohort[who] + 17)
    got = (aims["achievement"] > 0) & (at >= 0) & (at < STEPS) & (level >= 1)
    kind = aims["qualificationtype"]
    types = np.array([*kind.labels, ""])[kind.codes]
    apprentice = (aims["frameworkapp"] > 0) | (aims["standardapp"] > 0)
    programme = aims["app"] > 0
    college = ~apprentice & (types != A_LEVEL) & (types != GCSE) & (aims["cl"].values == 0) & (types != "")

    def so_far(chosen: np.ndarray, least: int, most: int) -> np.ndarray:
        here = got & chosen & (level >= least) & (level <= most)
        table = np.bincount(STEPS * who[here] + at[here], minlength=STEPS * len(people)).reshape(-1, STEPS)
        return np.cumsum(table, axis=1)[i, step].astype(np.int16)

    columns: Rows = {}
    for n, most in ((1, 1), (2, 2), (3, 9)):
        at_college = so_far(college, n, most)
        columns |= {f"l{n}_vrq_fe_ilr": at_college, f"l{n}_total_fe_ilr": at_college}
        if n == 1:
            continue
        columns[f"l{n}_fe_ilr"] = so_far(college & (aims[f"fulll{n}"] > 0), n, most) > 0
        nvq, whole = so_far(apprentice & (types == NVQ), n, most), so_far(apprentice & programme, n, most)
        name = "l2_foundation_wbl_ilr" if n == 2 else "l3_apprenticeship_wbl_ilr"
        columns |= {f"l{n}_nvq_wbl_ilr": nvq, name: whole, f"l{n}_total_wbl_ilr": nvq + whole,
                    f"l{n}_wbl_ilr": whole > 0}  # fmt: skip
    return columns
