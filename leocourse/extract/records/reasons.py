"""Reasons for absence: how the sessions missed in a term divide over the codes of the register.

Sessions missed for an exclusion come first, from the exclusions themselves. The rest divides by one of the
mixtures below, drawn for each pupil, year and term; what a mixture leaves over is illness, or other
absence without permission. So the reasons always add up to the totals. Weights are design choices.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from leocourse.extract.base.columns import Nullable, Rows
from leocourse.extract.lives.population import MINORS
from leocourse.extract.records.absence import SESSIONS
from leocourse.extract.records.characteristics import FLAG
from leocourse.extract.records.pupils import Pupils

AUTHORISED, UNAUTHORISED = "imrsthfec", "guon"
PRESENT = ["am", "pm", "b", "j", "l", "p"]
PRESENT_IN_SUMMER = ["v", "w"]
"""Codes of sessions attended, collected in 2020/21: visits and work experience in summer alone. Nobody here
was in a second half of that summer term, since all were in year 11."""
DUAL = "d"
FIRST_YEAR, PRESENT_YEAR = 2007, 2021
STRICT_YEAR = 2014
"""From September 2013 heads may grant leave in exceptional circumstances only, not for a family holiday."""
PARTS = 256
"""Draws that choose a mixture, and parts of which a mixture speaks."""
KINDS = ["most", "religious", "traveller", "leaver"]
"""Pupils of groups with feasts outside school holidays, of Traveller families, and in their last summer term."""
RELIGIOUS, TRAVELLERS = ("APKN", "ABAN", "OOTH"), ("WIRT", "WROM")
USUAL = [(96, {}), (44, {"m": 50}), (22, {"m": 130}), (24, {"c": 90}), (4, {"c": 220})]
HOLIDAYS = {False: [(52, {"h": 150}), (10, {"h": 220, "m": 20}), (4, {"f": 190})], True: [(8, {"h": 120})]}
"""Weight of a mixture, and parts of the sessions by reason; by whether the later rules on holidays hold."""
OF_KIND = {
    "most": [],
    "religious": [(60, {"r": 110}), (14, {"r": 50, "m": 60})],
    "traveller": [(150, {"t": 200}), (40, {"t": 90})],
    "leaver": [(110, {"s": 150}), (30, {"s": 60, "m": 40})],
}
WITHOUT = {
    False: [(130, {}), (44, {"u": 110}), (30, {"g": 200}), (30, {"n": 90}), (22, {"u": 180, "n": 40})],
    True: [(110, {}), (40, {"u": 110}), (66, {"g": 200}), (22, {"n": 90}), (18, {"u": 180, "n": 40})],
}
ATTENDED = [(160, {}), (56, {"l": 6}), (16, {"l": 24}), (6, {"b": 70}), (10, {"v": 8}), (5, {"p": 4}), (3, {"j": 2})]


def with_reasons(rows: Rows, pupils: Pupils) -> Rows:
    """Absence records with the sessions by reason and term, and in 2020/21 those attended by code.

    Each column holds sessions, and is missing where the term is.
    """
    people, year = pupils.people, rows["collection_year"]
    i = np.searchsorted(people.person, rows["person"])
    group, history = rows["ncyearactual"].codes.astype(np.int64), pupils.schooling
    strict = year >= STRICT_YEAR
    kind = _kinds()[people.minor][i]
    stream = people.stream("absence/reasons")
    columns: Rows = {}
    for number, term in enumerate(SESSIONS):
        drawn = stream.bits(rows["person"], year * len(SESSIONS) + number)
        gone = rows[f"authorisedabsence_{term}"].missing
        last = number > 1  # study leave falls in the summer
        of = np.where(last & (group == 11), np.int8(3), kind) if last else kind
        mixture = PARTS * (2 * of.astype(np.int16) + strict) + (drawn & np.uint32(255)).astype(np.int16)
        authorised = rows[f"authorisedabsence_{term}"].values.astype(np.int32)
        possible = rows[f"sessionspossible_{term}"].values
        excluded = np.minimum(history.at(history.lost, i, group, number), possible) if number < 3 else authorised * 0
        parts = _divided(authorised - excluded, mixture, _authorised(), "i") | {"e": excluded.astype(FLAG)}
        mixture = PARTS * strict.astype(np.int16) + (drawn >> np.uint32(8) & np.uint32(255)).astype(np.int16)
        parts |= _divided(rows[f"unauthorisedabsence_{term}"].values.astype(np.int32), mixture, _unauthorised(), "o")
        if term in ("autumn", "summer"):
            now = np.flatnonzero(year == PRESENT_YEAR)
            present = rows[f"sessionspossible_{term}"].values[now] - rows[f"overallabsence_{term}"].values[now]
            mixture = (drawn[now] >> np.uint32(16) & np.uint32(255)).astype(np.int16)
            parts |= _attended(present.astype(np.int32), mixture, term, now, len(year))
        columns |= {f"termlyreason{reason}_{term}": Nullable(values, gone) for reason, values in parts.items()}
    return rows | columns


def _divided(total: np.ndarray, mixture: np.ndarray, table: dict[str, np.ndarray], rest: str) -> dict[str, np.ndarray]:
    """Sessions by reason. What is left of the total after all parts are rounded down goes to ``rest``."""
    found = {reason: (total * parts[mixture]) >> 8 for reason, parts in table.items()}
    left = total - sum(found.values())
    return {reason: values.astype(FLAG) for reason, values in (found | {rest: left}).items()}


def _attended(total: np.ndarray, mixture: np.ndarray, term: str, now: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """Sessions attended in 2020/21 by code (0 in the rows of other years, in which the fields are missing)."""
    table = _present()
    if term == "autumn":
        table = {code: parts for code, parts in table.items() if code not in PRESENT_IN_SUMMER}
    found = _divided(total, mixture, table, "pm")
    found["am"] = (found["pm"] + 1) // 2
    found["pm"] = found["pm"] - found["am"]
    spread = {}
    for code in (*found, DUAL):
        spread[code] = np.zeros(size, dtype=FLAG)
        spread[code][now] = found.get(code, 0)
    return spread


def _mixtures(lines: list[tuple[int, dict[str, int]]], reasons: str | list[str]) -> np.ndarray:
    """Parts of each reason, shape (reasons, :data:`PARTS`): a mixture stands in as many columns as its weight."""
    ends = np.cumsum([weight for weight, _ in lines])
    which = np.searchsorted(ends * PARTS // ends[-1], np.arange(PARTS), side="right")
    table = np.array([[parts.get(reason, 0) for _, parts in lines] for reason in reasons], dtype=np.int32)
    return table[:, which]


@cache
def _authorised() -> dict[str, np.ndarray]:
    reasons = [reason for reason in AUTHORISED if reason not in "ie"]
    blocks = [
        _mixtures(USUAL + HOLIDAYS[strict] + OF_KIND[kind], reasons) for kind in KINDS for strict in (False, True)
    ]
    return dict(zip(reasons, np.concatenate(blocks, axis=1), strict=True))


@cache
def _unauthorised() -> dict[str, np.ndarray]:
    reasons = [reason for reason in UNAUTHORISED if reason != "o"]
    blocks = [_mixtures(WITHOUT[strict], reasons) for strict in (False, True)]
    return dict(zip(reasons, np.concatenate(blocks, axis=1), strict=True))


@cache
def _present() -> dict[str, np.ndarray]:
    codes = [*PRESENT[2:], *PRESENT_IN_SUMMER]
    return dict(zip(codes, _mixtures(ATTENDED, codes), strict=True))


@cache
def _kinds() -> np.ndarray:
    """Index into :data:`KINDS` by minor ethnic group, int8."""
    return np.array([1 if m in RELIGIOUS else 2 if m in TRAVELLERS else 0 for m in MINORS], dtype=np.int8)
