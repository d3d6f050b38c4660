"""The planted effects in words: who, what changes, which estimator finds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from leocourse.extract.lives import applications, firms, pathways, pay, subjects
from leocourse.extract.lives.pathways import APPRENTICESHIP_ACCESS
from leocourse.extract.records import absence
from leocourse.fidelity.worlds import ACCESS, APPRENTICESHIPS, ENTERPRISE, NAMED, PEOPLE_PAY, REFERENCE

STEP, SHARE, RESULT = "steps of 0.1% of pay", "millionths", "thousandths of a standard deviation"


@dataclass(frozen=True)
class Effect:
    """A planted effect as a researcher meets it."""

    parameter: str
    """Its name in ``truth.parameters``."""
    question: str
    compared: str
    planted: Callable[[], int]
    unit: str
    estimator: str
    naive: str


# the table

_PAY = "log pay of 2019/20 of people who did not go to university and have left education, on "
_EQUAL = "attainment, special needs, ethnic group, London and birth cohort"


def _apprenticeship_effect(name: str) -> Effect:
    level = name.startswith("level")
    return Effect(
        f"pay: apprenticeship: {name}",
        f"What does a completed apprenticeship at {name} add to pay?" if level
        else f"How does the return to a completed apprenticeship differ for: {name}?",
        "people who completed one, with the same people had they begun none",
        lambda: pathways.APPRENTICESHIP_PAY[name],
        STEP,
        _PAY + "levels completed and their products with ethnic group and learning difficulty, with sex, free "
        f"school meals, {_EQUAL}; the coefficient of {'the level' if level else 'the product'}",
        "mean log pay of those who completed one less that of everybody in work who never began one" if level
        else "mean log pay of apprentices of the group less that of the other apprentices",
    )  # fmt: skip


def _degree_effect(name: str) -> Effect:
    planted = subjects.SUBJECT_PAY
    return Effect(
        f"pay: degree in: {name}",
        f"What does a degree in {name} add to pay, rather than one in {REFERENCE}?",
        f"graduates in {name}, with the same people had they studied {REFERENCE} for as long",
        lambda: planted[name] - planted[REFERENCE],
        STEP,
        "log pay of 2019/20 of graduates three or more years out of study, on subject, with years since the degree, "
        f"sex, free school meals, {_EQUAL}; the coefficient, {REFERENCE} being the subject left out",
        f"mean log pay of graduates in {name} ten or more years after year 11 less that of graduates in {REFERENCE}",
    )


def _person_effect(name: str, question: str, compared: str, against: str) -> Effect:
    return Effect(
        f"pay: {name}", question, compared, lambda: pay.PAY_STEPS[name], STEP,
        f"{_PAY}sex, its growth from the ninth year after year 11 and free school meals, with apprenticeship, "
        f"{_EQUAL}",
        against,
    )  # fmt: skip


def _access_effect(name: str) -> Effect:
    return Effect(
        f"access to an apprenticeship: {name}",
        f"How much less often does somebody with the same attainment begin an apprenticeship if: {name}?",
        "everybody who does not enter university: treated as the group is, and as others are",
        lambda: APPRENTICESHIP_ACCESS[name],
        SHARE,
        "a linear model of ever beginning one, of people who do not enter university, on ethnic minority and learning "
        "difficulty, with attainment, its square and (from the mean of those people) its product with ethnic minority, "
        "sex, free school meals and special needs in year 11",
        "the share of everybody in the group that begins one within three years of year 11, less that outside it",
    )


EFFECTS: dict[str, Effect] = {
    **{f"apprenticeship: {name}": _apprenticeship_effect(name) for name in APPRENTICESHIPS},
    "women": _person_effect(
        "women", "How much less are women paid at the same attainment, up to the eighth year after year 11?",
        "women, with the same people had employers taken them for men",
        "mean log pay of women in work eight or more years after year 11 less that of men",
    ),
    PEOPLE_PAY[1]: _person_effect(
        PEOPLE_PAY[1], "How much further does the pay of women fall behind in each later year?",
        "women, with the same people had employers taken them for men",
        "the slope of women's mean log pay over the years from the ninth after year 11",
    ),
    "free school meals": _person_effect(
        "free school meals", "How much less are people paid who were eligible for free school meals, all else equal?",
        "people eligible in year 11, with the same people had they not been",
        "mean log pay eight or more years after year 11 of those eligible in year 11 less that of the others",
    ),
    **{f"degree in {name}": _degree_effect(name) for name in NAMED},
    **{f"access: {name}": _access_effect(name) for name in ACCESS},
    "contextual offer": Effect(
        "contextual offer: points off", "How many applicants enter because an offer they chose was lowered?",
        "applicants whose firm or insurance choice was lowered, with the same people had no offer been",
        lambda: applications.CONTEXTUAL["points off"], SHARE,
        "share accepted of those with a lowered offer less that of other applicants whose results lie as far from what "
        "their firm and insurance choices ask of everybody else; in millionths of applicants",
        "share accepted of applicants with an offer whom the policy is meant for less that of the others with an offer",
    ),
    "enterprise": Effect(
        f"pay: enterprise: {ENTERPRISE}", "What does work for a better-paying enterprise add to pay?",
        "everybody in work, with the same people where the enterprise pays a standard deviation more",
        lambda: firms.FIRM_PAY[ENTERPRISE], STEP,
        "growth of log pay from 2018/19 to 2019/20 of people who changed enterprise, on the change in what their "
        "enterprises add, with sex and birth cohort",
        "the slope of log pay over what the enterprise adds, among everybody in work",
    ),
    "furlough": Effect(
        "pay: furloughed in 2020/21", "What did furlough take from the yearly rate of pay in 2020/21?",
        "people furloughed from April 2020, with the same people had they not been",
        lambda: pay.PAY_STEPS["furloughed in 2020/21"], STEP,
        "growth of log pay from 2019/20 to 2020/21 of people in one and the same enterprise in both years who did not "
        "go to university, on furlough, with sex and birth cohort",
        "mean growth of log pay of the furloughed from 2019/20 to 2020/21, with nobody to compare them with",
    ),
    "absence": Effect(
        "absence: " + next(iter(absence.ABSENCE_EFFECTS)),
        "What does one more percentage point of sessions missed in year 11 do to the key stage 4 result?",
        "everybody, with the same people had they missed a percentage point more",
        lambda: next(iter(absence.ABSENCE_EFFECTS.values())), RESULT,
        "key stage 4 result on the rate of absence in year 11, with prior attainment, disadvantage, special needs and "
        "birth cohort",
        "the slope of the result over the rate of absence, nothing held equal",
    ),
}  # fmt: skip
"""Every planted effect that a researcher would estimate."""
