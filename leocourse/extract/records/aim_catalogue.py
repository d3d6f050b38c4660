"""Learning aims: the reference table of all of them, and what an aim of a learner is before it is a record.

References of aims lie outside the range of real ones, but ZPROG001, the programme aim, is real.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from leocourse.extract.lives import a_levels
from leocourse.extract.lives.population import People

COLLEGE, PROGRAMME, COMPONENT, ADULT, TRAINEESHIP, HIGHER = range(6)
AREAS = {  # area: second tier and its title, weight in college
    1: ("1.3", "Health and social care", 150),
    3: ("3.1", "Agriculture", 30),
    4: ("4.1", "Engineering", 100),
    5: ("5.2", "Building and construction", 90),
    6: ("6.1", "ICT practitioners", 90),
    7: ("7.3", "Service enterprises", 110),
    8: ("8.1", "Sport, leisure and recreation", 90),
    9: ("9.2", "Crafts, creative arts and design", 110),
    13: ("13.2", "Direct learning support", 20),
    15: ("15.3", "Business management", 130),
}
"""Sector subject areas of vocational courses; those of apprentices have the weights of ``lives.apprenticeships``."""


class Aim(NamedTuple):
    """An entry of the reference table of learning aims."""

    ref: str
    title: str
    qualtype: str
    level: int
    area: str
    area2: str
    basic: int = 0
    """Basic skills: 1 literacy, 2 numeracy, 3 language, 0 none."""
    fine: int = -2
    genre: str = "EOQ"
    full: int = 0
    """Counts as a full level 2 or 3 qualification."""


def _catalogue() -> list[Aim]:
    words = {1: "Introductory certificate", 2: "Diploma", 3: "Extended diploma"}
    types = {1: "0016", 2: "0006", 3: "0017"}  # certificate, diploma, national diploma
    aims = [Aim("ZPROG001", "Apprenticeship or traineeship programme", "", -1, "-2.00", "-2.00", genre="IGC")]
    for area, (second, title, *_) in AREAS.items():
        for level in (1, 2, 3):
            aims.append(
                Aim(
                    f"X{area:02d}{level}001X",
                    f"{words[level]} in {title.lower()}",
                    types[level],
                    level,
                    str(area),
                    second,
                    full=int(level > 1),
                )
            )
        aims.append(Aim(f"X{area:02d}3003X", f"Subsidiary diploma in {title.lower()}", "0006", 3, str(area), second))
        for level in (2, 3, 4, 5, 6, 7):
            aims.append(Aim(f"X{area:02d}{level}002X", f"NVQ level {level} in {title.lower()}", "0036", level,
                            str(area), second))  # fmt: skip
    for title, (code, _, _, area, second) in a_levels.SUBJECTS.items():
        aims.append(Aim(f"X99{code}X", f"GCE A level in {title}", "0002", 3, area, second))
    return [
        *aims,
        Aim("X141101X", "Functional skills in English, level 1", "0016", 1, "14", "14.1", 1, 20),
        Aim("X141201X", "Functional skills in mathematics, level 1", "0016", 1, "14", "14.1", 2, 19),
        Aim("X142101X", "GCSE in English language", "0003", 2, "12", "12.1", 1, 11),
        Aim("X142201X", "GCSE in mathematics", "0003", 2, "2", "2.2", 2, 12),
        Aim("X140301X", "Certificate in ESOL skills for life, entry level", "0016", 0, "14", "14.1", 3, 27),
        Aim("X141301X", "Certificate in ESOL skills for life, level 1", "0016", 1, "14", "14.1", 3, 27),
        Aim("X093901X", "Community learning: arts and crafts", "", -1, "9", "9.2", genre="IOP"),
        *(
            Aim(f"X{area:02d}{level}004X", f"Award in {title.lower()}, level {level}", "0016", level, str(area), second)
            for area, (second, title, _) in AREAS.items()
            for level in (2, 3)
        ),
        Aim("X143401X", "Access to higher education diploma", "0006", 3, "14", "14.1", genre="EQQ", full=1),
        *(
            Aim(f"X{area:02d}5005X", f"Foundation degree in {title.lower()}", "", 5, str(area), second, genre="IHE")
            for area, (second, title, _) in AREAS.items()
        ),
    ]


CATALOGUE = _catalogue()
AT = {aim.ref: number for number, aim in enumerate(CATALOGUE)}
LEVEL = np.array([aim.level for aim in CATALOGUE])
BASIC = np.array([aim.basic for aim in CATALOGUE])
FULL = np.array([aim.full for aim in CATALOGUE])
AREA_OF = np.array([int(float(aim.area)) for aim in CATALOGUE])
AREA2 = ["", *dict.fromkeys(aim.area2 for aim in CATALOGUE if aim.area2 != "-2.00")]


@dataclass(frozen=True)
class Part:
    """Aims of one kind: one value an aim and academic year."""

    i: np.ndarray
    year: np.ndarray
    start: np.ndarray
    end: np.ndarray
    """Month of the end, whether or not it lies in this year."""
    due: np.ndarray
    kind: np.ndarray
    aim: np.ndarray
    number: np.ndarray
    """Number of the record among those of the person: see :data:`keys.RECORDS`."""
    sequence: np.ndarray
    status: np.ndarray
    """State once over: 2 completed, 3 withdrawn, 4 transferred, 6 on a break."""
    achieved: np.ndarray
    level: np.ndarray | None = None
    """Level of the apprenticeship to which it belongs, 0 for all other aims."""
    second: np.ndarray | None = None
    """Belongs to the second apprenticeship of the person."""

    def __post_init__(self) -> None:
        """Aims outside apprenticeships name neither level nor which one."""
        for name in ("level", "second"):
            if getattr(self, name) is None:
                object.__setattr__(self, name, np.zeros(len(self.i), dtype=np.int64))


def lookup(area: np.ndarray, level: np.ndarray, family: int) -> np.ndarray:
    """Number in the catalogue of the vocational aim (family 1), NVQ (2), first year at level 3 (3), award (4)
    or foundation degree (5)."""
    table = np.zeros((16, 8), dtype=np.int64)
    for ref, at in AT.items():
        if ref.endswith(f"00{family}X") and ref[1:3] not in ("99", "14"):
            table[int(ref[1:3]), int(ref[3])] = at
    return table[area, level]


def college_area(people: People) -> np.ndarray:
    """Sector subject area of the vocational courses of each person, at school and in college."""
    areas, stream = np.array(list(AREAS)), people.stream("after16/sector/college")
    return areas[stream.pick([line[2] for line in AREAS.values()], people.person)]
