"""Applications to university at 18: choices, offers, replies and accepted places.

Everybody who applies at 18 goes through this stage, whatever the cycle, because it decides who enters
university; the records (:mod:`leocourse.extract.records.ucas`) are those of some cycles. Points are those of the
three best A levels (A* 6 to E 1): AAA is 15, CCC 9.

Offers are contextual at some providers of higher tariff: lower for people from state schools who come from areas of
low participation (POLAR4 quintile 1), were eligible for free school meals, or lived where many children are poor: a
line in the score of the home area (IDACI), with some discretion on both sides of it. Those of medium tariff look at the
school instead: they ask less where few of its pupils go on to university (:mod:`leocourse.extract.lives.progression`),
without discretion. The extract has no field for a
lowered offer: its grades are not in the form. From when a provider makes them, and what its courses usually ask for,
is public (``data/reference/universities.csv``). Who was made one, and who would have entered without it, stands in
the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.random import Stream
from leocourse.extract.lives import areas, progression, subjects, universities
from leocourse.extract.lives.population import People
from leocourse.extract.lives.universities import MEDICINE

CYCLES = range(2008, 2022)
CHOICES = 5
NO_CYCLE = 9999
CLEARING = 5
"""Column of the application made in clearing, after the up to five of the main scheme."""
TARIFFS = ["Higher tariff", "Medium tariff", "Lower tariff"]
HIGHER_TARIFF, MEDIUM_TARIFF = 42, 92
"""Providers below the first number are of higher tariff, those below the second of medium tariff."""

CONTEXTUAL = {
    "points off": 4,  # more than a grade in each of three A levels: AAB becomes BCC
    "first cycle": 2010,  # before it no provider makes contextual offers
    "cycles of adoption": 3,  # each provider begins in the first cycle or in one of the two after it
    "never, per million": 150_000,  # of higher tariff providers
    "line": 28,  # of the score of the home area: children in low income, in hundredths
    "kept at the line and above, per million": 850_000,  # others slip through: nobody looked
    "discretion below it": 14,  # so many points below the line some are lowered all the same
    "taken below it, per million": 120_000,
}
"""Planted policy: lower offers of providers of higher tariff to people from state schools. All are design choices."""
INDEPENDENT = {"offers": 80_000, "offers of higher tariff, beside that": 40_000}
"""Planted: what is added to the chance of an offer of applicants from independent schools, in millionths, for the same
course and the same predicted points. A design choice: no source is claimed. Where people apply does not depend on the
kind of school: who aims higher with the same predictions could not be told from who is predicted more, as predictions
are not recorded."""

UNCONDITIONAL = {
    "first cycle": 2013,
    "full cycle": 2018,
    "direct": 60_000,
    "conditional unconditional": 110_000,
}
"""Unconditional offers of medium and lower tariff providers, in millionths of offers, once at the full."""
OFFER_CHANCE = np.array([
    [15_000, 60_000, 200_000, 480_000, 690_000, 790_000],
    [40_000, 150_000, 370_000, 620_000, 790_000, 860_000],
    [260_000, 420_000, 590_000, 740_000, 850_000, 900_000],
    [0, 0, 10_000, 60_000, 230_000, 290_000],
])  # fmt: skip
"""Chance of an offer by predicted less required points: from minus four (or less) to one (or more).

A line each for providers of higher, medium and lower tariff, and one for medicine, for which few are made offers.
"""
MEDICINE_LINE = 3
LENIENT = [32, 30, 23, 15]
"""Shares of firm choices that take a result that is at most none, one, two or three points short."""
INSURANCE_TAKEN = 560_000
"""Who takes the insurance place if the firm choice turns them down, in millionths; others ask to be released."""
ASPIRING = {"biosciences": 360_000, "chemistry": 260_000, "allied health": 260_000, "psychology": 120_000}
"""Who else applies for medicine, in millionths of those predicted enough: by the subject they would take instead."""
INSTEAD_OF_MEDICINE = subjects.SUBJECTS.index("biosciences")
"""What those who aim at medicine name as their last choice, and study if they get no place for it."""
ANOTHER_SUBJECT, CHANGED_MIND = 110_000, 70_000
"""An application to another subject than the rest; another subject than the one aimed at in year 11; millionths."""
DEFERRED = {"": 46_000, "a point above 10": 3_000, "independent": 90_000, "free school meals": -25_000}
"""Accepted in the main scheme for entry a year later, in millionths: who takes a gap year by choice. About five in a
hundred in all; not verified. That it is more common among the well-off is a design choice."""
NUMBER_WEIGHTS = [5, 4, 6, 8, 77]
"""Shares of applicants with one to five applications."""


@dataclass(frozen=True)
class Worlds:
    """What of the planted treatment of applicants there is: all of it, but where the same people live without."""

    contextual: bool = True
    above_line: bool | None = None
    """Everybody is taken to live above or below the line of contextual offers; None: where they do live."""
    low_progression: bool | None = None
    """Every school's published share is taken to be below the line of low progression, or not; None: as it is."""
    by_school: bool = True
    """Offers depend on the kind of school."""


AS_IT_IS = Worlds()


@dataclass(frozen=True)
class Applications:
    """Applicants aged 18 of a block: ``i`` indexes the people, the rest is a value (or six) an applicant."""

    i: np.ndarray
    cycle: np.ndarray
    number: np.ndarray
    """Main scheme applications, 1 to 5."""
    choice: np.ndarray
    """Provider of each application, shape (applicants, 6); the last is the one in clearing, or -1."""
    subject: np.ndarray
    """Subject of each application, same shape."""
    asked: np.ndarray
    """Points that the course of each main scheme application asks of everybody, shape (applicants, 5)."""
    offer: np.ndarray
    """Offer to each main scheme application: points asked for; 0 unconditional; -1 none."""
    conditional_unconditional: np.ndarray
    """Offers that become unconditional if made the firm choice."""
    contextual: np.ndarray
    """Offers that were lowered for the applicant's circumstances."""
    for_school: np.ndarray
    """Offers that were lowered because few go on to university from the applicant's school."""
    firm: np.ndarray
    """Column of the firm choice, -1 for none."""
    insurance: np.ndarray
    accepted: np.ndarray
    """Column of the application on which the applicant was accepted, -1 for none."""
    provider: np.ndarray
    """Provider that accepted the applicant, -1 for none."""
    without_contextual: np.ndarray
    """Whether the applicant would have been accepted had no offer been lowered for the applicant's circumstances, but
    those for the school as they were (counterfactual)."""
    deferred: np.ndarray
    """Entry is put off by a year."""


def polar(people: People) -> np.ndarray:
    """POLAR4 quintile of the home area: 1 has the lowest participation. People, not areas, carry it here."""
    latent = (-600 * people.disadvantage + 800 * people.stream("applications/polar").normal(people.person)) // 1000
    return np.searchsorted(np.array([-880, -300, 200, 760]), latent) + 1


def area_score(people: People) -> np.ndarray:
    """Children in low income where people lived at school age, in hundredths: IDACI, as school records have it."""
    return areas.deprivation_score()[people.area]


def entitled(people: People) -> np.ndarray:
    """Whose offers are lowered for certain: POLAR4 quintile 1 or free school meals, from a state school."""
    return ((polar(people) == 1) | people.fsm_in_year_11) & ~people.independent


def flagged(people: People, above: bool | None = None) -> np.ndarray:
    """Whose offers are lowered for the area: most of those at the line or above it, and a few of those below.

    ``above``: as if everybody lived at the line, or just below it.
    """
    table, score, stream = CONTEXTUAL, area_score(people), people.stream("applications/discretion")
    score = score if above is None else np.full(len(people), table["line"] - (not above))
    below = score >= table["line"] - table["discretion below it"]
    chance = np.where(below, table["taken below it, per million"], 0)
    chance = np.where(score >= table["line"], table["kept at the line and above, per million"], chance)
    return stream.chance(chance, people.person) & ~people.independent


def deprivation(people: People) -> np.ndarray:
    """Quintile of the index of multiple deprivation of the home area: 1 is the most deprived."""
    latent = (-750 * people.disadvantage + 660 * people.stream("applications/imd").normal(people.person)) // 1000
    return np.searchsorted(np.array([-930, -340, 180, 750]), latent) + 1


def adoption() -> np.ndarray:
    """Cycle from which each provider makes contextual offers, the same in all extracts; NO_CYCLE if it never does."""
    provider, stream = np.arange(codes.UNIVERSITIES), Stream(0, "applications/adoption")
    first = CONTEXTUAL["first cycle"] + stream.below(CONTEXTUAL["cycles of adoption"], provider)
    never = stream.chance(CONTEXTUAL["never, per million"], provider, 1) | (provider >= HIGHER_TARIFF)
    return np.where(never, NO_CYCLE, first)


def tariff_group(provider: np.ndarray) -> np.ndarray:
    """0 higher, 1 medium, 2 lower tariff."""
    return (provider >= HIGHER_TARIFF).astype(np.int64) + (provider >= MEDIUM_TARIFF)


def within_reach(people: People, points: np.ndarray, subject: np.ndarray) -> np.ndarray:
    """A provider that takes people with these points, outside the main scheme."""
    around = universities.position(points) + 12
    return universities.choose(people.stream("applications/reach"), people.person, 0, around, subject)


@dataclass(frozen=True)
class _Offers:
    """Main scheme applications of the applicants, shape (applicants, 5), and what providers answered."""

    choice: np.ndarray
    asked: np.ndarray
    made: np.ndarray
    """Whether there is such an application: some people make fewer than five."""
    offered: np.ndarray
    standard: np.ndarray
    """Points that the offer asks of everybody at the school; 0 unconditional; -1 none."""
    points: np.ndarray
    """Points that it asks of this applicant."""
    lowered: np.ndarray
    for_school: np.ndarray
    changes: np.ndarray
    """Becomes unconditional if made the firm choice."""


def apply(
    people: People, applies: np.ndarray, points: np.ndarray, aim: np.ndarray, worlds: Worlds = AS_IT_IS
) -> Applications:
    """Applications of those who apply at 18, with what became of them. ``aim``: the subject aimed at in year 11.

    ``worlds`` switches what is planted here off, so that the same people can be lived without it.
    """
    i = np.flatnonzero(applies)
    person, cycle = people.person[i], people.cohort[i] + 19

    def stream(name: str) -> Stream:
        return people.stream("applications/" + name)

    number = 1 + stream("number").pick(NUMBER_WEIGHTS, person)
    predicted = np.clip(np.maximum(points[i], 4) + stream("predicted").pick([10, 22, 28, 24, 16], person) - 1, 4, 18)
    eligible = (entitled(people) | flagged(people, worlds.above_line))[i] & worlds.contextual
    subject = _subjects(people, i, aim=aim, number=number, predicted=predicted)
    offers = _offers(people, i, cycle, number=number, predicted=predicted, eligible=eligible, subject=subject,
                     worlds=worlds)  # fmt: skip
    firm, insurance = _replies(offers, predicted, subject)
    lenient = stream("lenient").pick(LENIENT, person)
    clearing = (points[i] > 0) & stream("clearing").chance(300_000, person)
    fallback = np.where(stream("insurance").chance(INSURANCE_TAKEN, person), insurance, -1)
    main = _meets(points[i], offers.points, offers.changes, firm, fallback, lenient)
    main_standard = _meets(points[i], offers.standard, offers.changes, firm, fallback, lenient)
    accepted = np.where(main >= 0, main, np.where(clearing, CLEARING, -1))
    reach = universities.position(points[i]) + 12
    late = universities.choose(people.stream("applications/reach"), person, 0, reach, subject[:, CLEARING])
    choice = np.where(offers.made, offers.choice, -1)
    late = _another_course(choice, subject, late)
    choice = np.column_stack([choice, np.where(accepted == CLEARING, late, -1)])
    return Applications(
        i=i,
        cycle=cycle,
        number=number,
        choice=choice,
        subject=subject,
        asked=offers.asked,
        offer=offers.points,
        conditional_unconditional=offers.changes,
        contextual=offers.lowered,
        for_school=offers.for_school,
        firm=firm,
        insurance=insurance,
        accepted=accepted,
        provider=np.where(accepted >= 0, choice[np.arange(len(i)), accepted], -1),
        without_contextual=(main_standard >= 0) | clearing,
        deferred=(accepted >= 0) & (accepted < CLEARING) & _defers(people, i, points[i]),
    )


def _defers(people: People, i: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Who of the applicants puts entry off by a year, should they be accepted in the main scheme."""
    chance = DEFERRED[""] + DEFERRED["a point above 10"] * (points - 10)
    chance = chance + DEFERRED["independent"] * people.independent[i]
    chance = np.maximum(chance + DEFERRED["free school meals"] * people.fsm_in_year_11[i], 5_000)
    return people.stream("applications/deferred").chance(chance, people.person[i])


def _subjects(
    people: People, i: np.ndarray, *, aim: np.ndarray, number: np.ndarray, predicted: np.ndarray
) -> np.ndarray:
    """Subject of each application, shape (applicants, 6): mostly one and the same.

    Who applies for medicine names another subject last, as the rules of UCAS ask (at most four for medicine).
    """
    person, columns = people.person[i], np.arange(CHOICES + 1)

    def stream(name: str) -> Stream:
        return people.stream("applications/" + name)

    second = subjects.choose(people, people.attainment, 1)[i]
    second = np.where(subjects.NEED_A_LEVELS[second], aim[i], second)  # their A levels do not lead there
    medic = aim[i] == MEDICINE
    for name, chance in ASPIRING.items():
        others = (aim[i] == subjects.SUBJECTS.index(name)) & (predicted >= universities.MEDICINE_ASKS)
        medic |= others & stream("aspiring").chance(chance, person)
    own = np.where(aim[i] == MEDICINE, INSTEAD_OF_MEDICINE, aim[i])
    own = np.where(stream("changed mind").chance(CHANGED_MIND, person), second, own)
    other = stream("other subject").chance(ANOTHER_SUBJECT, person[:, None], columns)
    found = np.where(other, second[:, None], own[:, None])
    last = np.maximum(number - 1, 1)
    return np.where(medic[:, None] & (columns < np.minimum(last, 4)[:, None]), MEDICINE, found)


def _choices(people: People, person: np.ndarray, *, predicted: np.ndarray, subject: np.ndarray) -> np.ndarray:
    """Providers by the points people are predicted: two reaches, two matches, a safe one; no course twice."""
    columns, each = np.arange(CHOICES), person[:, None]
    around = universities.position(predicted[:, None] + np.array([1, 1, 0, 0, -2]))
    choice = universities.choose(people.stream("applications/spread"), each, columns, around, subject[:, :CHOICES])
    for column in range(1, CHOICES):
        choice[:, column] = _another_course(choice[:, :column], subject, choice[:, column])
    return choice


def _another_course(before: np.ndarray, subject: np.ndarray, choice: np.ndarray) -> np.ndarray:
    """A choice, or the next provider that teaches the subject if the same course was chosen before.

    ``before`` are the providers of the choices before it, and ``subject`` the subjects of all.
    """
    column = before.shape[1]
    mine = subject[:, column]
    for _ in range(column):  # at most so many courses can be in the way
        same = ((before == choice[:, None]) & (subject[:, :column] == mine[:, None])).any(axis=1)
        choice = np.where(same, universities.following()[mine, choice], choice)
    return choice


def _offers(
    people: People, i: np.ndarray, cycle: np.ndarray, *, number: np.ndarray, predicted: np.ndarray,
    eligible: np.ndarray, subject: np.ndarray, worlds: Worlds,
) -> _Offers:  # fmt: skip
    """Where people apply by the points they are predicted, and what they are offered.

    ``eligible``: whom contextual offers are meant for.
    """
    person = people.person[i]
    columns, each = np.arange(CHOICES), person[:, None]

    def stream(name: str) -> Stream:
        return people.stream("applications/" + name)

    choice = _choices(people, person, predicted=predicted, subject=subject)
    medicine = subject[:, :CHOICES] == MEDICINE
    asked, made = universities.asked(subject[:, :CHOICES], choice), columns < number[:, None]
    gap = np.clip(predicted[:, None] - asked, -4, 1) + 4
    chance = OFFER_CHANCE[np.where(medicine, MEDICINE_LINE, tariff_group(choice)), gap]
    more = INDEPENDENT["offers"] + INDEPENDENT["offers of higher tariff, beside that"] * (tariff_group(choice) == 0)
    chance = chance + more * (people.independent[i] & worlds.by_school)[:, None]
    offered = made & stream("offer").chance(chance, each, columns)
    lowered = offered & eligible[:, None] & (adoption()[choice] <= cycle[:, None]) & ~medicine
    pace = np.clip(cycle - UNCONDITIONAL["first cycle"] + 1, 0, 6) * 1_000_000 // 6
    soft = offered & (choice >= HIGHER_TARIFF) & ~medicine
    rate = {
        kind: (UNCONDITIONAL[kind] * pace // 1_000_000)[:, None] for kind in ("direct", "conditional unconditional")
    }
    direct = soft & stream("direct").chance(rate["direct"], each, columns)
    changes = soft & ~direct & stream("changes").chance(rate["conditional unconditional"], each, columns)
    low = progression.low(people, worlds.low_progression)[i] if len(i) else np.zeros(0, dtype=bool)  # adults have none
    for_school = offered & low[:, None] & (tariff_group(choice) == 1) & ~medicine & ~direct
    usual = asked - progression.LOW_PROGRESSION["points off"] * for_school
    standard = np.where(offered, np.where(direct, 0, usual), -1)
    lowered &= ~direct
    points = np.where(lowered, asked - CONTEXTUAL["points off"], standard)
    return _Offers(choice, asked, made, offered, standard, points, lowered, for_school, changes)


def _replies(offers: _Offers, predicted: np.ndarray, subject: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns of the firm and of the insurance choice, -1 for none.

    The firm choice is the most selective offer that looks within reach, or one that needs no grades then; medicine
    comes before all else. It does not depend on the lowered points, so that only meeting the offer does.
    """
    asked, offered, columns = offers.asked, offers.offered, np.arange(CHOICES)
    beyond = np.where(asked > predicted[:, None], 8, 0)
    medicine = np.where(subject[:, :CHOICES] == MEDICINE, 20, 0)
    appeal = np.where(offered, asked - beyond + medicine + np.where(offers.changes, 2, 0), -99)
    firm = np.where(offered.any(axis=1), appeal.argmax(axis=1), -1)
    rest = np.where(columns == firm[:, None], 99, np.where(offered, asked, 99))
    return firm, np.where(offered.sum(axis=1) > 1, rest.argmin(axis=1), -1)


def _meets(
    points: np.ndarray, offer: np.ndarray, changes: np.ndarray, firm: np.ndarray, insurance: np.ndarray,
    lenient: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Column of the choice whose offer the results meet: the firm one, then the insurance; -1 for neither.

    The firm choice takes a result that is at most ``lenient`` points short. Nobody enters without level 3.
    """
    every = np.arange(len(points))
    at_firm = (firm >= 0) & ((points >= offer[every, firm] - lenient) | changes[every, firm])
    at_insurance = (insurance >= 0) & (points >= offer[every, insurance])
    return np.where(points == 0, -1, np.where(at_firm, firm, np.where(at_insurance, insurance, -1)))
