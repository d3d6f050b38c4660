"""Enterprises: a register that depends on seed and number of the enterprise alone, never on the people.

Each enterprise has an industry, size, region, legal status, life and an effect on the pay of whoever
works there. The lookup holds two copies of the register (January 2018 and September 2020, called
source years 2019 and 2020), between which some enterprises change industry, region or size: that is
why it is joined on enterprise *and* source year (request form v2.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Labels
from leocourse.extract.base.random import Stream, normal_table, text_key

FIRMS = 30_000
"""Enterprises on the register, whatever the number of people."""
COPIES = ("2019", "2020")
SECOND_COPY_FROM = 2018
"""Tax years up to 2016/17 are matched to copy 2019, those from 2017/18 to copy 2020."""

SECTIONS = {  # letter: name in the 2007 classification, share of enterprises per thousand
    "A": ("AGRICULTURE, FORESTRY AND FISHING", 18),
    "B": ("MINING AND QUARRYING", 2),
    "C": ("MANUFACTURING", 60),
    "D": ("ELECTRICITY, GAS, STEAM AND AIR CONDITIONING SUPPLY", 4),
    "E": ("WATER SUPPLY; SEWERAGE, WASTE MANAGEMENT AND REMEDIATION ACTIVITIES", 6),
    "F": ("CONSTRUCTION", 90),
    "G": ("WHOLESALE AND RETAIL TRADE; REPAIR OF MOTOR VEHICLES AND MOTORCYCLES", 150),
    "H": ("TRANSPORTATION AND STORAGE", 45),
    "I": ("ACCOMMODATION AND FOOD SERVICE ACTIVITIES", 85),
    "J": ("INFORMATION AND COMMUNICATION", 70),
    "K": ("FINANCIAL AND INSURANCE ACTIVITIES", 35),
    "L": ("REAL ESTATE ACTIVITIES", 35),
    "M": ("PROFESSIONAL, SCIENTIFIC AND TECHNICAL ACTIVITIES", 140),
    "N": ("ADMINISTRATIVE AND SUPPORT SERVICE ACTIVITIES", 90),
    "O": ("PUBLIC ADMINISTRATION AND DEFENCE; COMPULSORY SOCIAL SECURITY", 8),
    "P": ("EDUCATION", 45),
    "Q": ("HUMAN HEALTH AND SOCIAL WORK ACTIVITIES", 75),
    "R": ("ARTS, ENTERTAINMENT AND RECREATION", 32),
    "S": ("OTHER SERVICE ACTIVITIES", 40),
}
LETTERS = list(SECTIONS)
SECTION_NAMES = [name for name, _ in SECTIONS.values()]
SIC_CODES = {  # some codes of each section, the more usual first; real codes of the 2007 classification
    "A": ["01500", "01110", "01410"],
    "B": ["08120", "08110"],
    "C": ["25620", "10710", "32990", "18129", "22290", "10130", "29320"],
    "D": ["35110", "35140"],
    "E": ["38110", "36000"],
    "F": ["41202", "43210", "43220", "41201", "43390", "42110"],
    "G": ["47110", "47190", "47710", "45200", "46900", "45111", "47730"],
    "H": ["49410", "49320", "52103", "53202"],
    "I": ["56101", "56302", "56103", "56102", "55100"],
    "J": ["62020", "62012", "59111", "61900"],
    "K": ["64191", "66220", "65120", "64999"],
    "L": ["68209", "68310", "68320"],
    "M": ["70229", "69201", "69102", "71129", "73110", "71111"],
    "N": ["78200", "81210", "82990", "78109", "80100"],
    "O": ["84110", "84240", "84220"],
    "P": ["85200", "85310", "85590", "85421", "85100"],
    "Q": ["86210", "87100", "88910", "86101", "88990", "87300", "86230"],
    "R": ["93130", "90010", "93110", "92000"],
    "S": ["96020", "94990", "96090", "94910"],
}
SICS = sorted(code for group in SIC_CODES.values() for code in group)
SECTION_OF_SIC = np.array([next(n for n, letter in enumerate(LETTERS) if code in SIC_CODES[letter]) for code in SICS])
SIZE_SHARES = [
    700,
    140,
    80,
    48,
    16,
    9,
    3,
    2,
    2,
]  # per thousand enterprises, so that about 40% of jobs are in large ones
SIZE_JOBS = [2, 7, 14, 30, 70, 150, 350, 700, 1_700]
"""Typical employees in bands 1 to 9: 0-4, 5-9, 10-19, 20-49, 50-99, 100-249, 250-499, 500-999, 1,000+.

The form says that employees are banded and gives no bands: these are usual ones of business statistics.
"""
LARGER = {"O": 4, "P": 2, "Q": 1, "D": 1, "K": 1}
"""Sections whose enterprises lie some bands higher: public bodies, school trusts, hospitals, banks."""
PUBLIC_STATUS = {"O": 6, "P": 6, "Q": 5}
"""Legal status of larger bodies there: 6 local authority, 5 central government (health trusts included)."""

FIRM_PAY = {
    "a standard deviation between enterprises of a section": 90,
    "a band of size": 9,
    **{f"section {letter}": steps for letter, steps in {
        "A": -60, "B": 120, "C": 70, "D": 130, "E": 40, "F": 80, "G": -60, "H": 20, "I": -150, "J": 110,
        "K": 100, "L": 40, "M": 80, "N": -60, "O": 70, "P": 0, "Q": -40, "R": -90, "S": -80,
    }.items()},
}  # fmt: skip
"""What an enterprise adds to the yearly rate of pay of its people, in steps of about 0.1%. Planted."""

FIRST_BIRTH, LAST_BIRTH = 2003 * 12, 2020 * 12 + 7
"""Months in which enterprises are born while people of the cohorts work; the second copy is of September 2020."""
YOUNG = 420_000, 150_000, 0
"""Chance to be born then, for bands up to 10 to 19 employees, up to 250 to 499, and above: a design choice."""
FIRST_DEATH, LAST_DEATH = 2006, 2020
_FINE = 22
"""Bits of a worker's place among the jobs of a section."""


@dataclass(frozen=True)
class Register:
    """The enterprises of one extract. Arrays of shape (copies, firms) differ between the two copies."""

    labels: Labels
    """``entkey`` of each enterprise. They are numbered in the order of their keys."""
    sic: np.ndarray
    """Index into :data:`SICS`, shape (copies, firms)."""
    region: np.ndarray
    band: np.ndarray
    status: np.ndarray
    birth: np.ndarray
    """Calendar year and month of birth as ``year * 12 + month - 1``."""
    death: np.ndarray
    """The same of death; far in the future where the enterprise is alive."""
    productivity: np.ndarray
    """What lasts of its productivity beside others of its section, standard normal in thousandths: it decides pay."""
    pay: np.ndarray
    """Steps that it adds to the rate of pay."""
    order: np.ndarray
    """Enterprises by section, within it from the worst to the best paying."""
    jobs_before: np.ndarray
    """Jobs up to and including each enterprise in that order."""
    section_start: np.ndarray
    """Jobs before the first enterprise of each section, and the total at the end."""

    @cached_property
    def section(self) -> np.ndarray:
        """Index into :data:`LETTERS`, shape (copies, firms)."""
        return SECTION_OF_SIC[self.sic]

    @cached_property
    def living(self) -> dict[int, np.ndarray]:
        """For each tax year, the enterprise that stands at each place in the order (see :meth:`successors`)."""
        return {year: self.order[place] for year, place in self.followed_by.items()}

    @cached_property
    def followed_by(self) -> dict[int, np.ndarray]:
        """What :meth:`successors` finds for each tax year."""
        return {year: self.successors(year) for year in range(2003, 2022)}

    @cached_property
    def nearest(self) -> dict[int, np.ndarray]:
        """For each tax year and place in the order, the enterprise there for people who look for work in a region.

        Shape (regions + 1, places): that of the section, band and region that pays most like the one at the place;
        where there is none (the largest are few), and in the last row, the one at the place wherever it is.
        """
        cell = SECTION_OF_SIC[self.sic[0, self.order]] * 16 + self.band[0, self.order]
        by_cell = np.argsort(cell, kind="stable")
        first, last = (np.searchsorted(cell[by_cell], cell[by_cell], side=side) for side in ("left", "right"))
        bounds = first.astype(np.int16), last.astype(np.int16)
        return {year: self._nearest(year, by_cell, *bounds) for year in range(2003, 2022)}

    def _nearest(self, year: int, by_cell: np.ndarray, first: np.ndarray, end: np.ndarray) -> np.ndarray:
        """One year of :attr:`nearest`. ``by_cell``: places sorted by section and band, within them by pay.

        ``first``, ``end``: where the cell of each of these places begins, and where the next one does.
        """
        number, firm = np.arange(FIRMS, dtype=np.int16), self.order[by_cell].astype(np.int16)
        at = np.empty_like(number)
        at[by_cell] = number
        leads = at[self.followed_by[year]]  # where the enterprise of each place stands in the cells
        alive, region, rows = self.alive_in(year)[firm], self.region[0, firm], []
        for each in range(len(codes.REGIONS)):
            found = alive & (region == each)
            behind = np.maximum.accumulate(np.where(found, number, np.int16(-1)))
            ahead = np.minimum.accumulate(np.where(found, number, np.int16(FIRMS))[::-1])[::-1]
            before, after = behind >= first, ahead < end
            nearer = after & (~before | (ahead - number < number - behind))
            rows.append(firm[np.where(nearer, ahead, np.where(before, behind, number))[leads]])
        return np.array([*rows, self.living[year]], dtype=np.int16)

    def alive_in(self, year: int) -> np.ndarray:
        """Which enterprises are alive throughout the tax year that ends in ``year``."""
        return (self.birth <= (year - 1) * 12 + 3) & (self.death >= year * 12 + 3)

    def successors(self, year: int) -> np.ndarray:
        """For each place in the order, the place of the next enterprise alive in the tax year.

        People whose enterprise has died (or is not yet born) are in the next one that pays like it, of its size or
        larger where the section has one: a small one would not hold them.
        """
        places, alive = np.arange(FIRMS), self.alive_in(year)[self.order]
        band = self.band[0, self.order]
        out = _next_in_section(alive, self.section[0, self.order])
        for size in range(2, 10):
            large = _next_in_section(alive & (band >= size), self.section[0, self.order])
            out = np.where((band >= size) & (large >= 0), large, out)
        return np.where(alive, places, out)

    def place(self, section: np.ndarray, rank: np.ndarray, fine: np.ndarray) -> np.ndarray:
        """The place in the order of a worker's enterprise in a section.

        ``rank`` is a standard normal in thousandths: low for the section's worst paying jobs. ``fine``
        is a number below 4,096 that spreads workers over the slices of the ranks next to their own.
        """
        slot = np.searchsorted(normal_table(), rank, side="right") - 1
        spread = np.clip((slot << 10) + fine - 2048, 0, (1 << _FINE) - 1)
        within = spread * (self.section_start[section + 1] - self.section_start[section]) >> _FINE
        return np.searchsorted(self.jobs_before, self.section_start[section] + within, side="right")


def _next_in_section(chosen: np.ndarray, section: np.ndarray) -> np.ndarray:
    """For each place the next chosen place of its section, else the last before it; -1 if the section has none."""
    places = np.arange(len(chosen))
    ahead = np.minimum.accumulate(np.where(chosen, places, len(chosen))[::-1])[::-1]
    behind = np.maximum.accumulate(np.where(chosen, places, -1))
    ahead_ok = section[np.minimum(ahead, len(chosen) - 1)] == section
    ahead_ok &= ahead < len(chosen)
    behind_ok = (behind >= 0) & (section[behind] == section)
    return np.where(ahead_ok, ahead, np.where(behind_ok, behind, -1))


@lru_cache(maxsize=4)  # many seeds are lived in one run
def register(seed: int) -> Register:
    """Draw the register of an extract."""
    firm = np.arange(FIRMS, dtype=np.int64)

    def stream(name: str) -> Stream:
        return Stream(seed, "firms/" + name)

    keys = np.sort(text_key(firm, 11, "E", seed, "entkey"))
    letter = stream("section").pick([share for _, share in SECTIONS.values()], firm)
    larger = np.array([LARGER.get(each, 0) for each in LETTERS])[letter]
    band = np.minimum(1 + stream("size").pick(SIZE_SHARES, firm) + larger, 9)
    sic = _sic_within(letter, stream("sic").below(1000, firm))
    region = stream("region").pick(list(codes.REGIONS.values()), firm)
    public = np.array([PUBLIC_STATUS.get(each, 0) for each in LETTERS])[letter]
    small = 1 + stream("status").pick([62, 24, 10, 0, 0, 0, 4], firm)  # 1 company, 2 sole, 3 partnership, 7 non-profit
    status = np.where((public > 0) & (band > 4), public, np.where(band > 3, np.where(small == 7, 7, 1), small))
    old = (1975 + stream("birth").below(28, firm)) * 12 + stream("birth/month").below(12, firm)
    new = FIRST_BIRTH + stream("birth/late").below(LAST_BIRTH - FIRST_BIRTH + 1, firm)
    young = stream("birth/young").chance(np.where(band < 4, YOUNG[0], np.where(band < 7, YOUNG[1], YOUNG[2])), firm)
    birth = np.where(young, new, old)
    dies = stream("dies").chance(np.where(band < 4, 250_000, np.where(band < 7, 60_000, 0)), firm)
    age = (FIRST_DEATH + stream("death").below(LAST_DEATH - FIRST_DEATH, firm)) * 12 + stream("death/month").below(
        12, firm
    )
    death = np.where(dies & (age > birth + 12), age, 3000 * 12)
    productivity = stream("pay").normal(firm)
    within = FIRM_PAY["a standard deviation between enterprises of a section"] * productivity // 1000
    own = within + FIRM_PAY["a band of size"] * (band - 4)
    by_section = np.array([FIRM_PAY[f"section {each}"] for each in LETTERS])
    order = np.lexsort((own, letter))
    jobs = np.cumsum(np.array(SIZE_JOBS)[band - 1][order])
    ends = np.searchsorted(letter[order], np.arange(len(LETTERS)), side="right")
    return Register(
        labels=Labels(key.decode() for key in keys),
        sic=np.stack([sic, _changed_sic(sic, letter, stream("new sic"), firm)]),
        region=np.stack([region, _changed(region, stream("new region"), firm, rate=30_000, values=9)]),
        band=np.stack([band, np.clip(band + _size_change(stream("new size"), firm), 1, 9)]),
        status=status,
        birth=birth,
        death=death,
        productivity=productivity,
        pay=own + by_section[letter],
        order=order,
        jobs_before=jobs,
        section_start=np.concatenate([[0], jobs[ends - 1]]),
    )


def _sic_within(letter: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """A code of the section: the first of its list is the most usual. ``draw`` is below 1,000."""
    out = np.zeros(len(letter), dtype=np.int64)
    for number, each in enumerate(LETTERS):
        listed = SIC_CODES[each]
        weights = np.cumsum([len(listed) + 1 - place for place in range(len(listed))])
        here = letter == number
        chosen = np.searchsorted(weights * 1000 // weights[-1], draw[here], side="right")
        out[here] = np.array([SICS.index(code) for code in listed])[np.minimum(chosen, len(listed) - 1)]
    return out


def _changed_sic(sic: np.ndarray, letter: np.ndarray, stream: Stream, firm: np.ndarray) -> np.ndarray:
    """The code in the second copy: 4 in 100 enterprises are classified anew, a third of them elsewhere."""
    draw = stream.below(1_000_000, firm)
    elsewhere = stream.below(len(LETTERS), firm, 1)
    anew = _sic_within(np.where(draw < 13_000, elsewhere, letter), stream.below(1000, firm, 2))
    return np.where(draw < 40_000, anew, sic)


def _changed(old: np.ndarray, stream: Stream, firm: np.ndarray, *, rate: int, values: int) -> np.ndarray:
    return np.where(stream.chance(rate, firm), stream.below(values, firm, 1), old)


def _size_change(stream: Stream, firm: np.ndarray) -> np.ndarray:
    """Bands up or down between the copies: an eighth of the enterprises change."""
    return np.array([-1, 0, 1])[stream.pick([50, 875, 75], firm)]
