"""What the school tables say of a pupil besides the core: language, special needs, home, journey and consent.

Each characteristic is drawn once a person, from a stream of its own, and looked up for every row. So a
pupil is described alike in all tables and years, but for what depends on year group or on the codes of
the time. Shares are design choices; they are not estimates.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Column, Rows
from leocourse.extract.base.random import growth_table, normal_table
from leocourse.extract.lives import areas, establishments
from leocourse.extract.lives.areas import area_codes
from leocourse.extract.lives.establishments import PHASES
from leocourse.extract.lives.population import MINORS
from leocourse.extract.lives.schooling import LAST, SPRING
from leocourse.extract.records.pupils import FIRST_YEAR, SEN_MAJORS, Pupils

FLAG = np.int16
"""The type of small whole numbers: that of SQL's smallint, so that storing them copies nothing."""
ETHNIC_NAMES = {
    "WBRI": "White British", "WIRI": "Irish", "WIRT": "Traveller Of Irish Heritage", "WROM": "Gypsy / Romany",
    "WOTH": "Any Other White Background", "MWBC": "White and Black Caribbean", "MWBA": "White and Black African",
    "MWAS": "White and Asian", "MOTH": "Any Other Mixed Background", "AIND": "Indian", "APKN": "Pakistani",
    "ABAN": "Bangladeshi", "AOTH": "Any Other Asian Background", "BCRB": "Caribbean", "BAFR": "African",
    "BOTH": "Any Other Black Background", "CHNE": "Chinese", "OOTH": "Any Other Ethnic Group",
    "NOBT": "Information Not Obtained", "REFU": "Refused",
}  # fmt: skip
LANGUAGES = {
    "WBRI": ["OTH"], "WIRI": ["OTH"], "WIRT": ["OTH"], "WROM": ["OTH"], "WOTH": ["POL", "POL", "RMN", "LIT", "POR"],
    "MWBC": ["FRN"], "MWBA": ["FRN", "SOM"], "MWAS": ["URD", "ARA"], "MOTH": ["SPA", "ARA"],
    "AIND": ["PNJ", "GUJ", "HIN", "TAM"], "APKN": ["URD", "PNJ"], "ABAN": ["BNG"], "AOTH": ["TAM", "PRS", "OTH"],
    "BCRB": ["FRN"], "BAFR": ["SOM", "YOR", "AKA", "FRN"], "BOTH": ["SOM", "FRN"], "CHNE": ["CHI"],
    "OOTH": ["ARA", "TUR", "PRS", "OTH"], "NOBT": ["OTH"], "REFU": ["OTH"],
}  # fmt: skip
"""Languages (codes of the department's common basic data set) of pupils whose first language is not English."""
LANGUAGE_CODES = ["ENG", *sorted({code for each in LANGUAGES.values() for code in each})]
MODES = ["WLK", "CYC", "CAR", "CRS", "PSB", "DSB", "TXI", "TRN", "OTH", "BDR"]
MODE_WEIGHTS = [  # by distance to school: up to a mile, up to three, further
    [760, 25, 180, 15, 10, 0, 3, 0, 7, 0],
    [290, 45, 370, 35, 170, 60, 8, 12, 10, 0],
    [15, 10, 330, 45, 260, 260, 25, 45, 10, 0],
]
MILE, FAR = 100, 300
"""Distances in hundredths of a mile."""
NEEDS = ["SPLD", "MLD", "SLD", "PMLD", "BESD", "SLCN", "HI", "VI", "MSI", "PD", "ASD", "OTH"]
NEED_LABELS = [*NEEDS, "SEMH", "NSA"]
MILD, SEVERE = [150, 260, 0, 0, 220, 230, 20, 12, 1, 22, 35, 50], [45, 140, 140, 50, 140, 150, 30, 15, 3, 55, 220, 12]
SEVERE_NEED = 1_700
"""Latent of need above which the severe types of need occur."""
FIRST_SEMH = 2015
"""Year from which behaviour is coded as mental health."""
FIRST_INDEX_2015 = 2017
"""The first academic year in which published scripts read the index of 2015 in the census."""
DISTANCES = [160, 60, 420, 450, 450]
"""Median distance to a school in hundredths of a mile, by its kind: secondary, primary, special, unit, other."""
AREAS_2001, AREAS_2011 = 32_482, 32_844
"""Lower layer super output areas of England, of the two censuses: the last rank of deprivation."""
RURAL, RURAL_WEIGHTS = ["A1", "B1", "C1", "C2", "D1", "D2", "E1", "E2"], [370, 35, 420, 3, 90, 7, 66, 9]
"""The rural and urban classes of 2011: conurbations, city and town, rural town, village."""
URBAN = 4
"""So many of them are urban."""


class Traits:
    """The characteristics of the pupils of a block. Each method gives one column of some rows.

    Rows are described by ``i`` (index into the block), ``year`` (in which the academic year ends) and ``group``
    (National Curriculum year, 0 reception).
    """

    def __init__(self, pupils: Pupils) -> None:
        self.pupils, self.people = pupils, pupils.people

    def columns(self, fields: Mapping[str, str], i: np.ndarray, year: np.ndarray) -> Rows:
        """Columns by field name; ``fields`` says which characteristic, by the name of its method, each holds."""
        group = self.pupils.group(i, year)
        found: dict[str, Column] = {}  # several fields of a table may hold the same characteristic
        for kind in dict.fromkeys(fields.values()):
            found[kind] = getattr(self, kind)(i, year, group)
        return {name: found[kind] for name, kind in fields.items()}

    # one value a person ----------------------------------------------------------------------------

    def _picked(self, name: str, weights: list[int]) -> np.ndarray:
        return self.people.stream(f"characteristics/{name}").pick(weights, self.people.person).astype(np.int8)

    def _struck(self, name: str, millionths: int) -> np.ndarray:
        return self.people.stream(f"characteristics/{name}").chance(millionths, self.people.person)

    @cached_property
    def _minors(self) -> np.ndarray:
        return self.people.minor.astype(np.int8)

    @cached_property
    def _additional(self) -> np.ndarray:
        return self.people.english_additional.astype(np.int8)

    @cached_property
    def _languages(self) -> np.ndarray:
        """Index into :data:`LANGUAGE_CODES`."""
        number = np.array([len(LANGUAGES[minor]) for minor in MINORS])[self.people.minor]
        which = self.people.stream("characteristics/language").below(number, self.people.person)
        most = max(map(len, LANGUAGES.values()))
        table = np.zeros((len(MINORS), most), dtype=np.int8)
        for row, minor in enumerate(MINORS):
            for column, code in enumerate(LANGUAGES[minor]):
                table[row, column] = LANGUAGE_CODES.index(code)
        return np.where(self.people.english_additional, table[self.people.minor, which], 0).astype(np.int8)

    @cached_property
    def _boards(self) -> np.ndarray:
        """Boards at a state secondary school: 0 no, 1 six nights or fewer, 2 seven nights."""
        return np.where(self._struck("boarder", 1_200), 1 + self._struck("nights", 400_000), 0).astype(np.int8)

    @cached_property
    def _distances(self) -> np.ndarray:
        """Hundredths of a mile to the school of each year group, shape (year groups, people).

        In whole tenths of a mile, from one to 25 miles: few values, so they take little room.
        """
        stream, grow = self.people.stream("characteristics/distance"), growth_table()
        table, far = grow[np.clip(6_000 + 900 * np.arange(-4_000, 4_001) // 1000, 0, 12_000)], []
        for school in self._schools:
            median = np.array(DISTANCES)[establishments.kind(school)]
            miles = median * table[4_000 + stream.normal(self.people.person, school)] // grow[6_000]
            far.append(np.clip((miles + 5) // 10 * 10, 10, 2_500).astype(np.int32))
        return np.array(far)

    @cached_property
    def _modes(self) -> np.ndarray:
        """Index into :data:`MODES`, shape (year groups, people)."""
        stream, found = self.people.stream("characteristics/travel"), []
        picked = [
            [stream.pick(weights, self.people.person, k).astype(np.int8) for weights in MODE_WEIGHTS] for k in (0, 1)
        ]
        for group, distance in enumerate(self._distances):
            reach = (distance > MILE).astype(np.int8) + (distance > FAR)
            mode = np.choose(reach, picked[group >= 7])
            found.append(np.where(self._boards > 0, np.int8(MODES.index("BDR")), mode) if group >= 7 else mode)
        return np.array(found)

    @cached_property
    def _needs(self) -> tuple[np.ndarray, np.ndarray]:
        """First and second type of need of everybody, should a school record it: indices into :data:`NEEDS`."""
        severe = self.people.need > SEVERE_NEED
        first = np.where(severe, self._picked("severe need", SEVERE), self._picked("need", MILD))
        second = np.where(self._struck("second need", 270_000), self._picked("further need", MILD), np.int8(-1))
        second = np.where(second == first, np.int8(-1), second)
        return first.astype(np.int8), second.astype(np.int8)

    @cached_property
    def _levels(self) -> np.ndarray:
        return self.pupils.sen_by_year.astype(np.int8).reshape(-1)

    @cached_property
    def _scores(self) -> np.ndarray:
        return self.pupils.idaci(np.arange(len(self.people))).astype(np.int32)

    @cached_property
    def _areas(self) -> np.ndarray:
        return self.people.area.astype(np.int16)

    @cached_property
    def _schools(self) -> np.ndarray:
        """Number of the school in each year group, shape (year groups, people)."""
        return self.pupils.schooling.school[:, SPRING]

    @cached_property
    def _school_areas(self) -> np.ndarray:
        """Small area of every school: some area of its authority."""
        number = np.arange(establishments.SCHOOLS)
        place = self.people.stream("characteristics/school area").below(200, number)
        return (number % codes.AUTHORITIES * 200 + place).astype(np.int16)

    @cached_property
    def _school_scores(self) -> np.ndarray:
        """Deprivation of the area of every school, in hundredths."""
        return areas.deprivation_score()[self._school_areas].astype(np.int32)

    # columns: ethnic group and language --------------------------------------------------------------

    def ethnicity(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Ethnic code: always one of the main codes, which are in the extended set too."""
        return Coded(self._minors[i], MINORS)

    def ethnic_name(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Ethnic group in words."""
        return Coded(self._minors[i], [ETHNIC_NAMES[minor] for minor in MINORS])

    def ethnic_source(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Who stated the ethnic group."""
        return Coded(self._picked("ethnic source", [12, 72, 10, 5, 1])[i], ["C", "P", "S", "T", "O"])

    def language(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Code of the first language."""
        return Coded(self._languages[i], LANGUAGE_CODES)

    def language_group(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """English or other."""
        return Coded(self._additional[i], ["ENG", "OTH"])

    # columns: the pupil at school ---------------------------------------------------------------------

    def gifted(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Counted among the gifted and talented: about a tenth, most of high attainment."""
        noise = self.people.stream("characteristics/gifted").normal(self.people.person)
        return (self.people.attainment + 700 * noise // 1000 > 1_650).astype(FLAG)[i]

    def service_child(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Whether a parent serves in the armed forces."""
        return Coded(self._picked("service child", [9, 955, 6, 30])[i], ["Y", "N", "R", "U"])

    def service_source(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Who stated it."""
        return Coded(self._picked("service source", [3, 70, 25, 2])[i], ["C", "P", "S", "O"])

    def part_time(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Attends part-time: a few in reception, nobody of compulsory school age."""
        return (self._struck("part-time", 60_000)[i] & (group == 0)).astype(FLAG)

    def boarder(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Boards at the school: few do in state secondary schools, nobody elsewhere."""
        return Coded(np.where(group >= 7, self._boards[i], np.int8(0)), ["N", "6", "7"])

    def boarder_unit(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Nobody boards at a referral unit."""
        return Coded(np.zeros(len(i), dtype=np.int8), ["N", "B"])

    def phase(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Phase of the school."""
        return Coded(self.pupils.schooling.places.phase.astype(np.int8)[self._of_year(self._schools, i, group)], PHASES)

    def class_type(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Nobody here is in a nursery class."""
        return Coded(np.zeros(len(i), dtype=np.int8), ["O", "N"])

    def collection(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Collection of spring 2006: of secondary schools the census, of primary schools the annual one."""
        return Coded((group >= 7).astype(np.int8), ["PLASC", "Census"])

    def consent(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Consent to pass data on to youth support: asked of secondary pupils."""
        answer = self._picked("consent", [560, 60, 240, 140])
        return Coded(np.where(group >= 7, answer[i], np.int8(-1)), ["Yes", "No", "UNS", "SNR"])

    def travel(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """How the pupil travels to school."""
        return Coded(self._of_year(self._modes, i, group), MODES)

    def distance(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Hundredths of a mile to school."""
        return self._of_year(self._distances, i, group)

    def months(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Whole months past the birthday on 31 August."""
        return self.pupils.months_past_birthday(np.arange(len(self.people))).astype(FLAG)[i]

    def entry(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """The day on which the pupil joined the school of January."""
        history = self.pupils.schooling
        return history.seen_entry(i, year, group, SPRING).astype(np.int32)

    # columns: special educational needs ---------------------------------------------------------------

    def level(self, i: np.ndarray, year: np.ndarray) -> np.ndarray:
        """Provision: 0 none, 1 school action (or support), 2 plus, 3 statement (or plan), int8."""
        return self._levels[(year - FIRST_YEAR) * len(self.people) + i]

    def need_major(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Special educational needs in broad groups."""
        return Coded(np.array([0, 1, 1, 2], dtype=np.int8)[self.level(i, year)], SEN_MAJORS)

    def need(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Main type of need, of those on the stages for which schools record it."""
        return self._need(0, i, year)

    def second_need(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Second type of need, if there is one."""
        return self._need(1, i, year)

    def special_provision(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Taught in a unit or in resourced provision."""
        return self._provided((1, 2), i, year)

    def unit(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Belongs to the school's unit."""
        return self._provided((1,), i, year)

    def resourced(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Has a place in resourced provision."""
        return self._provided((2,), i, year)

    def top_up(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """The school receives top-up funding: for most pupils with a statement or a plan."""
        return (self._struck("top-up", 850_000)[i] & (self.level(i, year) == 3)).astype(FLAG)

    # columns: where the pupil lives and the school is ---------------------------------------------------

    def area(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Lower layer super output area of the home."""
        if len(i) >= len(self.people):
            return Coded(self._areas[i], area_codes("E01"))
        used, place = np.unique(self.people.area[i], return_inverse=True)  # a short table needs few of the codes
        labels = area_codes("E01")
        return Coded(place, [labels[number] for number in used])

    def score(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Income deprivation of the area of the home, in hundredths."""
        return self._scores[i]

    def rank_2001(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Its rank among the areas of 2001."""
        return ranks(AREAS_2001)[self._scores][i]

    def rank_2011(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Its rank among the areas of 2011."""
        return ranks(AREAS_2011)[self._scores][i]

    def rank_home(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Its rank in the index of the year: that of 2015, the first on the areas of 2011, from 2016/17 on."""
        return np.where(year >= FIRST_INDEX_2015, self.rank_2011(i, year, group), self.rank_2001(i, year, group))

    def decile(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Its decile, 1 the most deprived."""
        return deciles()[self._scores][i]

    def decile_text(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Its decile as text."""
        return Coded((deciles()[self._scores] - 1).astype(np.int8)[i], [str(each) for each in range(1, 11)])

    def rural(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Urban or rural class of the area of the home."""
        return Coded(self._rural(self.people.area)[i], RURAL)

    def authority(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Pseudonym of the authority of school and home."""
        return Coded(self.people.authority.astype(np.int16)[i], [str(1000 + n) for n in range(codes.AUTHORITIES)])

    def authority_nine(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Pseudonym of its code of nine characters, as in the geography of adults."""
        return Coded(self.people.authority.astype(np.int16)[i], [f"LA{1000 + n}" for n in range(codes.AUTHORITIES)])

    def school_score(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Income deprivation of the area of the school, in hundredths."""
        return self._school_scores[self._of_year(self._schools, i, group)]

    def school_rank(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Its rank."""
        return ranks(AREAS_2011)[self._school_scores][self._of_year(self._schools, i, group)]

    def school_decile(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Its decile."""
        return deciles()[self._school_scores][self._of_year(self._schools, i, group)]

    def school_rural(self, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> Coded:
        """Urban or rural class of the area of the school."""
        rural = self._rural(self._school_areas.astype(np.int64))
        return Coded(rural[self._of_year(self._schools, i, group)], RURAL)

    # ---------------------------------------------------------------------------------------------------

    def _of_year(self, values: np.ndarray, i: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Values of shape (year groups, people) for people and year groups."""
        return values[np.minimum(group, LAST), i]

    def _need(self, which: int, i: np.ndarray, year: np.ndarray) -> Coded:
        """Types are recorded from action plus, later for all with support, where some are not assessed."""
        level = self.level(i, year)
        new = self.pupils.sen_provision(i, year).codes >= codes.SEN_CODES.index("K")
        recorded = level >= np.where(new, 1, 2)
        first, second = self._needs
        unassessed = self._struck("unassessed", 40_000) & (self.people.need <= SEVERE_NEED)
        nsa = np.int8(NEED_LABELS.index("NSA") if which == 0 else -1)
        old = (first, second)[which]
        renamed = np.where(old == NEEDS.index("BESD"), np.int8(NEED_LABELS.index("SEMH")), old)
        both = np.concatenate([old, renamed, np.where(unassessed, nsa, renamed)])
        era = np.where(new & (level < 3), 2, year >= FIRST_SEMH)
        return Coded(np.where(recorded, both[i + len(self.people) * era], np.int8(-1)), NEED_LABELS)

    def _provided(self, kinds: tuple[int, ...], i: np.ndarray, year: np.ndarray) -> np.ndarray:
        """Of pupils with a statement or a plan, whose special provision is of these kinds."""
        place = np.isin(self._picked("special provision", [84, 6, 10]), kinds)
        return (place[i] & (self.level(i, year) == 3)).astype(FLAG)

    def _rural(self, area: np.ndarray) -> np.ndarray:
        """Class of each area: which areas are rural is a fact of :mod:`leocourse.extract.lives.areas`."""
        town = self.people.stream("characteristics/rural").pick(RURAL_WEIGHTS[:URBAN], area)
        village = URBAN + self.people.stream("characteristics/rural").pick(RURAL_WEIGHTS[URBAN:], area)
        return np.where(areas.rural()[area], village, town).astype(np.int8)


@cache
def ranks(last: int) -> np.ndarray:
    """Rank of an area by its deprivation in hundredths (0 to 92), int32."""
    scores = np.clip(20 + normal_table() * 11 // 1000, 1, 92)
    above = np.array([(scores > score).mean() for score in range(93)])
    return (1 + above * (last - 1)).astype(np.int32)


@cache
def deciles() -> np.ndarray:
    """Decile of an area by its deprivation in hundredths, 1 the most deprived, int32."""
    return ((ranks(AREAS_2011) - 1) * 10 // AREAS_2011 + 1).astype(np.int32)
