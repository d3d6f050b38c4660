"""The enterprise lookup, two copies of the register; and what each enterprise truly adds to pay."""

from __future__ import annotations

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.dates import day
from leocourse.extract.lives.firms import COPIES, FIRMS, LETTERS, SECTION_NAMES, SECTION_OF_SIC, SICS, register


def lookup_rows(seed: int) -> Rows:
    """The enterprise lookup: one row an enterprise and copy in which it stands.

    Copy 2019 lacks enterprises born after January 2018 and copy 2020 those that died before April 2017.
    """
    firms = register(seed)
    stands = np.stack([firms.birth <= 2018 * 12, firms.death >= 2017 * 12 + 3])
    copy, firm = np.nonzero(stands)
    known = np.stack([firms.death < 2018 * 12, firms.death < 2020 * 12 + 9])[copy, firm]  # deaths before the copy
    months = np.array([day(month // 12, month % 12 + 1, 1) for month in range(1970 * 12, 2030 * 12)])
    first = 1970 * 12
    sic = firms.sic[copy, firm]
    return {
        "entkey": Coded(firm, firms.labels),
        "sourceyear": Coded(copy, list(COPIES)),
        "sic2007": Coded(sic, SICS),
        "govt_region": Coded(firms.region[copy, firm], codes.REGION_CODES),
        "legalstatus": Coded(firms.status[firm] - 1, [str(n) for n in range(1, 8)]),
        "employees": firms.band[copy, firm],
        "birth_month": months[firms.birth[firm] - first],
        "death_month": Nullable(months[np.minimum(firms.death[firm] - first, len(months) - 1)], ~known),
        "sectionname": Coded(SECTION_OF_SIC[sic], SECTION_NAMES),
    }


def truth_rows(seed: int) -> Rows:
    """What each enterprise truly adds to pay, for graders."""
    firms = register(seed)
    return {
        "entkey": Coded(np.arange(FIRMS), firms.labels),
        "pay_effect_steps": firms.pay,
        "section": Coded(SECTION_OF_SIC[firms.sic[0]], LETTERS),
    }
