"""The view for a birthday: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

QUESTION = predict(
    "SELECT 2011 AS answer",
    name="q1",
    title="Which census?",
    lesson=LESSON,
    heading="Find the view",
    because="October 1994 is in the birth cohort 1994/95, and 1994 + 17 = 2011: spring_census_2011.",
    otherwise="That is not the year. Find the first year of the birth cohort, and count on from there.",
    hints=(
        "A birth cohort begins in September. Is October before or after that?",
        "The first year of the cohort is the one to count from, not the year in which most of it was born.",
        "Year 11 ends seventeen years after the first year of the cohort.",
    ),
    misconceptions=(
        wrong(
            "cohort-before", "One birth cohort too early",
            "That is the year for somebody born before September of 1994. October begins a later school year.",
            "SELECT 2010 AS answer", "Find the view",
        ),
        wrong(
            "cohort-after", "One year too late",
            "That is the year for somebody born a year later. The name of a view has the year in which the "
            "academic year ends, so nothing is added to the seventeen.",
            "SELECT 2012 AS answer", "Find the view",
        ),
    ),
)  # fmt: skip
