"""Subjects of degrees: their codes over the years, their shares, who chooses them, what they pay.

Shares are those of graduates of 2016/17 five years on (Graduate industry dashboard, first degrees), the
small subjects filled up to one thousand. Codes: JACS principal subjects (version 2 to 2011/12, version 3
from 2012/13, in which computing moved from G to I), the top level of the common aggregation hierarchy
(version 1.3) and HECoS for 2019/20.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from leocourse.extract.lives.population import People

# name: JACS code to 2011/12, JACS code from 2012/13, HECoS, CAH level 1,
#       share per thousand, pull of attainment, pull of women, pay
_TABLE = {
    "medicine": ("A300", "A300", "100271", "CAH01", 22, 18, 1, 470),
    "nursing": ("B700", "B700", None, "CAH02", 70, -2, 9, 60),
    "allied health": ("B900", "B900", None, "CAH02", 30, 1, 4, 40),
    "biosciences": ("C100", "C100", "100346", "CAH03", 30, 2, 2, -20),
    "sport": ("C600", "C600", None, "CAH03", 32, -3, -3, -90),
    "psychology": ("C800", "C800", "100497", "CAH04", 38, 0, 5, -75),
    "agriculture": ("D400", "D400", None, "CAH06", 6, -1, 2, -110),
    "chemistry": ("F100", "F100", "100417", "CAH07", 12, 4, -1, 80),
    "physics": ("F300", "F300", "100425", "CAH07", 8, 6, -5, 150),
    "mathematics": ("G100", "G100", "100403", "CAH09", 22, 6, -2, 200),
    "computing": ("G400", "I100", "100366", "CAH11", 47, -1, -7, 130),
    "engineering": ("H300", "H300", "100190", "CAH10", 50, 3, -7, 160),
    "architecture": ("K100", "K100", "100122", "CAH13", 16, 1, -3, 70),
    "economics": ("L100", "L100", "100450", "CAH15", 20, 6, -3, 270),
    "politics": ("L200", "L200", "100491", "CAH15", 20, 4, -1, 50),
    "sociology": ("L300", "L300", "100505", "CAH15", 37, -3, 4, -85),
    "health and social care": ("L500", "L500", None, "CAH15", 21, -4, 6, -30),
    "geography": ("L700", "L700", "100409", "CAH26", 27, 3, 0, 10),
    "law": ("M100", "M100", "100485", "CAH16", 35, 3, 2, 60),
    "business": ("N100", "N100", "100079", "CAH17", 134, -1, -1, 45),
    "media": ("P300", "P300", "100444", "CAH24", 29, -3, 0, -110),
    "English": ("Q300", "Q300", "100320", "CAH19", 37, 2, 4, -70),
    "languages": ("R100", "R100", None, "CAH19", 25, 4, 3, 20),
    "history": ("V100", "V100", "100302", "CAH20", 36, 3, 0, -15),
    "philosophy": ("V500", "V500", "100337", "CAH20", 16, 2, 0, -30),
    "creative arts": ("W200", "W200", "100048", "CAH25", 71, -3, 2, -165),
    "performing arts": ("W400", "W400", None, "CAH25", 37, -2, 2, -150),
    "education": ("X300", "X300", "100459", "CAH22", 62, -3, 7, -20),
    "combined": ("Y000", "Y000", None, "CAH23", 10, 0, 1, -20),
}
SUBJECTS = list(_TABLE)
JACS_2, JACS_3 = [line[0] for line in _TABLE.values()], [line[1] for line in _TABLE.values()]
HECOS, CAH = [line[2] for line in _TABLE.values()], [line[3] for line in _TABLE.values()]
_UNVERIFIED_HECOS = {
    "nursing": "100290", "allied health": "100246", "sport": "100433", "agriculture": "100517",
    "health and social care": "100476", "languages": "100329", "performing arts": "100071", "combined": "101274",
}  # fmt: skip
HECOS_CODES = [code or _UNVERIFIED_HECOS[name] for name, code in zip(SUBJECTS, HECOS, strict=True)]
"""A HECoS code for every subject. Those in the small table are from memory: not verified."""
_WITHIN = {"nursing": 4, "allied health": 6, "sport": 2, "chemistry": 2, "economics": 2, "politics": 3,
           "health and social care": 4, "languages": 4, "philosophy": 2, "performing arts": 2}  # fmt: skip
CAH_2 = [f"{code}-{_WITHIN.get(name, 1):02d}" for name, code in zip(SUBJECTS, CAH, strict=True)]
"""Second level of the common aggregation hierarchy: of allied health and combined studies not verified."""
SHARES = [line[4] for line in _TABLE.values()]
SUBJECT_PAY = {name: line[7] for name, line in _TABLE.items()}
"""Planted returns to the subject, in steps of 0.1% of the yearly rate of pay, beside the one to a degree.

Medicine and economics pay most, creative arts nothing beyond what the same person would earn without
a degree (after Graduate outcomes and the Institute for Fiscal Studies). People of high attainment choose
the subjects that pay, so raw differences between subjects overstate these.
"""
_LONG = {"medicine": 5, "languages": 4, "architecture": 4}
YEARS = [_LONG.get(name, 3) for name in SUBJECTS]
"""Years that the course lasts."""
_SANDWICH = {
    "engineering": 400_000,
    "physics": 350_000,
    "chemistry": 350_000,
    "business": 130_000,
    "computing": 160_000,
}
FOURTH_YEAR = [_SANDWICH.get(name, 0) for name in SUBJECTS]
"""Chance, in millionths, that the course has a year more: sandwich years, integrated master's degrees."""
PLACEMENT = [{"engineering": 500_000, "business": 1_000_000, "computing": 1_000_000}.get(name, 0) for name in SUBJECTS]
"""Of these, a year in work, in millionths; the others are integrated master's degrees."""
_TEACHING = {
    "education": 260_000, "English": 130_000, "mathematics": 120_000, "sport": 120_000, "history": 110_000,
    "languages": 100_000, "geography": 100_000, "performing arts": 70_000, "biosciences": 70_000,
    "medicine": 0, "nursing": 0, "engineering": 8_000, "economics": 10_000, "business": 12_000,
}  # fmt: skip
TEACHERS = [_TEACHING.get(name, 40_000) for name in SUBJECTS]
"""Chance, in millionths, that a graduate of the subject trains as a teacher."""
_MUST, _MOSTLY, _OFTEN = 400, 25, 6
FROM_A_LEVELS = {
    "medicine": {"Chemistry": _MUST, "Biology": _MUST},
    "nursing": {"Biology": 3, "Psychology": 2},
    "allied health": {"Biology": _OFTEN, "Psychology": 2},
    "biosciences": {"Biology": _MUST, "Chemistry": _OFTEN},
    "sport": {"Physical education": _MOSTLY, "Biology": 2},
    "psychology": {"Psychology": _OFTEN, "Biology": 2},
    "chemistry": {"Chemistry": _MUST, "Mathematics": _OFTEN},
    "physics": {"Physics": _MUST, "Mathematics": _MUST},
    "mathematics": {"Mathematics": _MUST, "Physics": 3},
    "computing": {"Mathematics": 3, "Information technology": _OFTEN},
    "engineering": {"Mathematics": _MOSTLY, "Physics": _MOSTLY},
    "architecture": {"Art and design": _OFTEN, "Mathematics": 2},
    "economics": {"Mathematics": _MOSTLY, "Business studies": 2},
    "politics": {"History": 4},
    "sociology": {"Sociology": 4, "Psychology": 2},
    "health and social care": {"Sociology": 3, "Psychology": 2},
    "geography": {"Geography": _MUST},
    "law": {"History": 2, "English literature": 2},
    "business": {"Business studies": 3},
    "media": {"Media studies": _OFTEN},
    "English": {"English literature": _MUST},
    "languages": {"French": _MUST},
    "history": {"History": _MUST},
    "philosophy": {"Religious studies": 5, "History": 2},
    "creative arts": {"Art and design": _MOSTLY},
    "performing arts": {"Media studies": 3, "English literature": 2},
}
"""A levels that lead to a subject: what multiplies the weight of each among those who aim at it. Design choices."""
NEED_A_LEVELS = np.array(
    [name in ("medicine", "chemistry", "physics", "mathematics", "economics", "languages", "history", "English",
              "geography", "biosciences") for name in SUBJECTS]
)  # fmt: skip
"""Subjects that nobody enters with a vocational course at level 3."""
_BANDS = np.array([-400, 200, 600, 1_000, 1_500])
"""Edges of bands of attainment within which the shares of the subjects are the same."""
_MIX = np.array([[15, 20], [75, 95], [90, 115], [100, 120], [105, 120], [65, 80]])
"""Men and women per thousand entrants in each band; over all of them the pulls leave the shares alone."""


_WISHED = {
    "medicine": 1_650, "chemistry": 1_450, "physics": 1_450, "mathematics": 1_420, "economics": 1_480,
    "geography": 1_420, "English": 1_340, "languages": 1_400, "history": 1_410, "nursing": 930, "sport": 830,
    "business": 870, "sociology": 890, "media": 870, "creative arts": 870, "performing arts": 920, "education": 920,
    "computing": 880, "biosciences": 1_080, "psychology": 1_060, "engineering": 1_070, "politics": 1_100,
    "law": 1_080, "health and social care": 880,
}  # fmt: skip
"""How many aim at a subject for each thousand who study it: some are wished for by more than find a place."""


@cache
def _weights() -> np.ndarray:
    """Cumulative weights by band of attainment, sex (0 men, 1 women) and subject.

    A pull of 1 multiplies the weight by about 1.14 for each band above the third, or by 1.1 for women
    and the inverse for men; powers of whole percentages, rounded once.
    """
    weights = np.zeros((len(_BANDS) + 1, 2, len(SUBJECTS)), dtype=np.int64)
    for place, (name, line) in enumerate(_TABLE.items()):
        share, attainment, women = line[4:7]
        share = share * _WISHED.get(name, 1_000)
        for band in range(len(_BANDS) + 1):
            for sex in (0, 1):
                weight = _powers(1_000_000, 114, attainment * (band - 3))
                weights[band, sex, place] = _powers(weight, 110, women * (2 * sex - 1))
        usual = int((weights[:, :, place] * _MIX).sum()) // 1_000
        weights[:, :, place] = weights[:, :, place] * (share // 100) // max(usual // 100, 1)
    return weights.cumsum(axis=2)


def _powers(value: int, percent: int, times: int) -> int:
    for _ in range(abs(times)):
        value = value * percent // 100 if times > 0 else value * 100 // percent
    return value


def choose(people: People, score: np.ndarray, draw: int = 0) -> np.ndarray:
    """A subject for everybody, should they study: index into :data:`SUBJECTS`."""
    band = np.searchsorted(_BANDS, score)
    row = _weights()[band, np.where(people.male, 0, 1)]
    at = people.stream("after16/subject").below(row[:, -1], people.person, draw)
    return (row <= at[:, None]).sum(axis=1)
