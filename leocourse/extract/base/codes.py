"""Codes and shares that the simulated lives start from.

Shares are whole numbers (weights). Where a published figure stands behind one, the comment gives it:
Department for Education, *Level 2 and 3 attainment by age 19*; school census; and the totals of
*Schools, pupils and their characteristics*. The rest are design choices that keep the data teachable.
"""

from __future__ import annotations

FIRST_COHORT, COHORTS = 1985, 20
"""Birth cohorts: academic years of birth 1985/86 to 2004/05."""

MALE_PER_MILLION = 510_000  # males 51.0% of the cohort aged 19

ETHNIC_MINOR = {  # key stage 4, 2015/16: White 78.2, Asian 9.5, Black 5.2, Mixed 4.2, Other 1.5, Chinese 0.4
    "WBRI": 7390, "WIRI": 40, "WIRT": 10, "WROM": 20, "WOTH": 360,
    "MWBC": 140, "MWBA": 50, "MWAS": 100, "MOTH": 130,
    "AIND": 260, "APKN": 380, "ABAN": 160, "AOTH": 150,
    "BCRB": 140, "BAFR": 320, "BOTH": 60,
    "CHNE": 40, "OOTH": 150, "NOBT": 70, "REFU": 30,
}  # fmt: skip
ETHNIC_MAJOR = {
    "W": "WHIT", "M": "MIXD", "A": "ASIA", "B": "BLAC", "C": "CHIN", "O": "AOEG", "N": "UNCL", "R": "UNCL",
}  # fmt: skip
MAJORS = ["WHIT", "MIXD", "ASIA", "BLAC", "CHIN", "AOEG", "UNCL"]


def major_of(minor: str) -> str:
    """The major ethnic group of a minor one. Refused and not obtained are unclassified."""
    return ETHNIC_MAJOR[minor[0]]


REGIONS = {  # share of the cohort turning 19 in 2018, per thousand
    "North East": 49, "North West": 139, "Yorkshire and The Humber": 103, "East Midlands": 89,
    "West Midlands": 111, "East of England": 114, "London": 138, "South East": 160, "South West": 98,
}  # fmt: skip
REGION_CODES = [f"E1200000{i}" for i in range(1, 10)]

AUTHORITIES = 150
"""Pseudonymised local authorities, spread over the regions in proportion to their people."""
SECONDARIES, PRIMARIES, COLLEGES, UNIVERSITIES, INDEPENDENTS = 600, 3000, 240, 140, 200

SEN_CODES = ["N", "A", "P", "S", "K", "E"]
