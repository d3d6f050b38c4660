"""What an apprenticeship is in the individualised learner record: a programme aim and its components, year by year.

After a break the same programme begins again on another day: the record of the break has completion status 6, and
the one that follows the same programme, framework or standard, and provider. In the collection itself the restart also
carries the original start date; the request form has no field for it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from leocourse.extract.base.columns import Coded, Labels, Nullable, Rows
from leocourse.extract.base.dates import NEVER, TAX_YEARS, month_of
from leocourse.extract.base.random import text_key
from leocourse.extract.lives.apprenticeships import Apprenticeships, academic_year
from leocourse.extract.lives.employers import Employers
from leocourse.extract.lives.firms import FIRMS
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.population import People
from leocourse.extract.records.aim_catalogue import AT, COMPONENT, PROGRAMME, Part, lookup

CERTIFICATE = 600_000
"""Share of apprenticeships up to level 3 with a certificate beside the competence qualification, in millionths."""
SKILLS = {"below level 3": 450_000, "level 3 and above": 150_000}
"""Share that takes functional skills in English, and the same again in mathematics, in millionths (design choices)."""
SKILLS_PASSED = 900_000
"""Share of those who completed who achieved each component; functional skills of some who left early, too."""
YEARS_OF_ONE = 8
"""Academic years that an apprenticeship touches at most."""
FIRST_NUMBER, SECOND_NUMBER = 16, 25
"""Numbers of the records of the two among those of the person: see :data:`keys.RECORDS`."""
FRAMEWORK, STANDARD = 9_000, 9_000
"""First number of the codes of frameworks (by sector) and of standards (by sector and level): invented, as the
references of aims are, and outside the range of real ones."""
AFTER_BREAK = 8
"""What is added to the number of an aim in its record after a break."""


def apprentices(people: People, paths: Pathways) -> list[Part]:
    """The programme aim and the component aims, in each academic year that each spell of learning touches."""
    parts, of = [], paths.apprenticeships
    components = _components(people, of)
    for spell in (1, 0, 2):  # of a record with a break the later part describes the learner
        first, last = of.spells[spell]
        which = int(spell == 2)
        for step in range(YEARS_OF_ONE):
            i = np.flatnonzero(first < NEVER)
            year = academic_year(first[i]) + step
            i, year = (column[last[i] >= month_of(year - 1, 8)] for column in (i, year))
            if not len(i):
                break
            for number, (aim, takes, passed) in enumerate(components[which]):
                chosen = takes[i]
                parts.append(_part(of, i[chosen], year[chosen], spell, number, aim, passed))
    return parts


def _part(
    of: Apprenticeships, i: np.ndarray, year: np.ndarray, spell: int, number: int, aim: np.ndarray, passed: np.ndarray
) -> Part:  # fmt: skip
    """One aim of these people in these academic years. ``number`` 0 is the programme aim."""
    first, last = of.spells[spell]
    which, one = int(spell == 2), np.ones(len(i), dtype=np.int64)
    begun = academic_year(of.start[which, i])
    ended = np.where(of.completed[which, i], 2, 3)
    if spell == 0:
        ended = np.where(of.transferred[i], 4, np.where(of.break_from[i] < NEVER, 6, ended))
    done = passed[i] & (ended != 6)
    ended = np.where(done, 2, ended)  # a component may be achieved before the programme is left
    before_break = spell == 0
    return Part(
        i=i,
        year=year,
        start=first[i],
        end=last[i],
        due=of.due[which, i] - (of.pause[i] if before_break else 0),
        kind=one * (COMPONENT if number else PROGRAMME),
        aim=aim[i],
        number=year - begun + (SECOND_NUMBER if which else FIRST_NUMBER),
        sequence=one * (number + 1 + (AFTER_BREAK if spell == 1 else 0)),
        status=ended,
        achieved=done,
        level=of.level[which, i],
        second=one * which,
    )


def _components(people: People, of: Apprenticeships) -> list[list[tuple[np.ndarray, np.ndarray, np.ndarray]]]:
    """Of each of the two apprenticeships the aims: number in the catalogue, who takes it, who achieves it."""
    lists, person, everybody = [], people.person, np.ones(len(people), dtype=bool)
    for which in (0, 1):
        stream = people.stream(f"further_education/components/{which}")
        level, completed = of.level[which], of.completed[which]
        low, known = level < 4, np.maximum(level, 2)
        certificate = low & stream.chance(CERTIFICATE, person)
        main = lookup(of.sector, known, 2)
        skills = np.where(level < 3, SKILLS["below level 3"], SKILLS["level 3 and above"])
        got = [completed & stream.chance(SKILLS_PASSED, person, k) | of.achieved[which] for k in (1, 2)]
        early = [~completed & stream.chance(250_000, person, k) for k in (3, 4)]
        lists.append([
            (np.full(len(people), AT["ZPROG001"]), everybody, of.achieved[which]),
            (main, everybody, got[0]),
            (lookup(of.sector, np.minimum(known, 3), 1), certificate, got[1]),
            (np.full(len(people), AT["X141101X"]), stream.chance(skills, person, 5), got[0] | early[0]),
            (np.full(len(people), AT["X141201X"]), stream.chance(skills, person, 6), got[1] | early[1]),
        ])  # fmt: skip
    return lists


def on_standard(paths: Pathways, part: Part) -> np.ndarray:
    """Whether each aim belongs to an apprenticeship on a standard."""
    return (part.level > 0) & paths.apprenticeships.standard[part.second, part.i]


def programme_columns(people: People, paths: Pathways, part: Part, jobs: Employers | None) -> Rows:
    """Framework or standard of the programme, and the employer; ``jobs`` says which enterprise that is."""
    sector, standard = paths.apprenticeships.sector[part.i], on_standard(paths, part)
    framework = (part.level > 0) & ~standard
    rows: Rows = {
        "framework_id": Nullable(FRAMEWORK + sector, ~framework),
        "standard_id": Nullable(STANDARD + 10 * sector + part.level, ~standard),
    }
    if jobs is None:
        return rows
    tax_year = (paths.apprenticeships.start[part.second, part.i] + 9) // 12 + 2000
    column = np.clip(tax_year, TAX_YEARS[0], TAX_YEARS[-1]) - TAX_YEARS[0]
    seen = (part.level > 0) & (tax_year >= TAX_YEARS[0]) & (tax_year <= TAX_YEARS[-1])
    firm = np.where(seen, jobs.firm[part.i, column, 0], -1)
    return rows | {"employerid_anon": Coded(firm, employer_keys(people.seed))}


@lru_cache(maxsize=4)  # many seeds are lived in one run
def employer_keys(seed: int) -> Labels:
    """The pseudonym of each enterprise as an employer of apprentices: another than that of the tax records."""
    return Labels(key.decode() for key in text_key(np.arange(FIRMS), 14, "EM", seed, "employer"))
