"""The earnings table: P14 totals of a tax year, and the main employer of the year.

Pay is added up by enterprise, by industry code and by section separately, and the main one of each is picked
independently (request form v2.3), so they can disagree. How a tie is broken: :func:`main_of`.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.dates import TAX_YEARS, tax_year_label
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives.employers import Employers
from leocourse.extract.lives.firms import SECOND_COPY_FROM, SECTION_NAMES, SICS, Register, register
from leocourse.extract.lives.population import People
from leocourse.extract.lives.work import Work

NO_KEY = np.int64(2**62)


def earnings_rows(people: People, keys: Keys, life: Work, copy: np.ndarray, unmatched: np.ndarray) -> Rows:
    """The earnings table: one row a person and tax year with pay.

    ``copy``: the EDUKEY number, shape (people, tax years). ``unmatched``: pay from an enterprise that is
    not found on the register, shape (people, tax years, slots).
    """
    pay = life.earnings
    i, column = np.nonzero(pay > 0)
    kept = column + TAX_YEARS[0] >= 2004  # P14 totals begin with 2003/04
    i, column = i[kept], column[kept]
    year, person = column + TAX_YEARS[0], people.person[i]
    return {
        "person": person,
        "edukey": keys.edukey(person, copy[i, column]),
        "taxyear": tax_year_label(year),
        "earnings": pay[i, column],
    } | earnings_columns(
        life.jobs, register(people.seed), i, column, pay=pay[i, column], unmatched=unmatched[i, column]
    )


def earnings_columns(
    jobs: Employers,
    firms: Register,
    i: np.ndarray,
    column: np.ndarray,
    *,
    pay: np.ndarray,
    unmatched: np.ndarray,
) -> Rows:
    """The employer columns of earnings rows with these people, tax years (by column) and totals.

    ``unmatched``, shape (rows, slots), marks employers whose key is missing: they count nowhere.
    """
    known = jobs.firm[i, column].T
    firm = np.where(unmatched.T, -1, known)
    amounts = pay * jobs.share[i, column].T // 1000
    even = jobs.even[i, column] & (pay % 2 == 0)
    amounts = np.where(even, np.where(known >= 0, pay // 2, 0), amounts)
    largest = amounts.argmax(axis=0)
    amounts[largest, np.arange(len(i))] += pay - amounts.sum(axis=0)  # what rounding left over
    copy = (column + TAX_YEARS[0] >= SECOND_COPY_FROM).astype(np.int64)
    sic = np.where(firm >= 0, firms.sic[copy, firm], -1)
    section = np.where(firm >= 0, firms.section[copy, firm], -1)
    enterprise, enterprise_pay, enterprise_tied, enterprises = main_of(firm, amounts)
    code, code_pay, code_tied, codes = main_of(sic, amounts)
    letter, letter_pay, letter_tied, letters = main_of(section, amounts)
    none = enterprise < 0
    linked = firms.sic[copy, enterprise]
    numbers = np.array([int(each) for each in SICS])
    return {
        "main_enterprise": Coded(enterprise, firms.labels),
        "enterprise_earnings": Nullable(enterprise_pay, none),
        "tied_main_record_enterprise_sic_fg": Nullable(enterprise_tied, none),
        "num_employments": enterprises,
        "main_section": Coded(letter, SECTION_NAMES),
        "section_earnings": Nullable(letter_pay, none),
        "tied_main_section_flag": Nullable(letter_tied, none),
        "num_sections": letters,
        "main_sic2007": Nullable(numbers[code], none),
        "sic_earnings": Nullable(code_pay, none),
        "tied_main_sic_flag": Nullable(code_tied, none),
        "num_sic": codes,
        "main_enterprise_linked_sic2007": Nullable(numbers[linked], none),
        "main_enterprise_linked_section": Coded(np.where(none, -1, firms.section[copy, enterprise]), SECTION_NAMES),
    }


def main_of(key: np.ndarray, amount: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The key with most pay, that pay, whether it was tied, and the number of distinct keys.

    ``key`` and ``amount`` have shape (slots, rows); a negative key is missing and counts nowhere (the
    main key is then -1). Pay is summed by key first. In a tie the lowest key wins.
    """
    slots = range(len(key))
    totals = amount.copy()
    first = key >= 0
    for a in slots:
        for b in slots[a + 1 :]:
            alike = key[a] == key[b]
            totals[a] += alike * amount[b]
            totals[b] += alike * amount[a]
            first[b] &= ~alike
    totals[~first] = -1
    best, chosen = totals[0], np.full(key.shape[1], NO_KEY)
    for a in slots[1:]:
        best = np.maximum(best, totals[a])
    ties, distinct = np.zeros(key.shape[1], dtype=np.int8), np.zeros(key.shape[1], dtype=np.int8)
    for a in slots:
        wins = first[a] & (totals[a] == best)
        chosen = np.where(wins & (key[a] < chosen), key[a], chosen)
        ties += wins
        distinct += first[a]
    return np.where(chosen == NO_KEY, -1, chosen), np.maximum(best, 0), (ties > 1).astype(np.int8), distinct
