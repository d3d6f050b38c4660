"""Annualised pay by hand: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "From pay to annualised earnings"


QUESTION = predict(
    "SELECT 36500 AS answer",
    name="q3",
    title="A year at that rate",
    lesson=LESSON,
    heading=HEADING,
    because="100 pounds a day, for 365 days.",
    otherwise="What was paid for one day in work?",
    hints=(
        "Divide by the days in work.",
        "Multiply by the days of the year.",
        "It is far more than what was paid.",
    ),
    misconceptions=(
        wrong(
            "paid",
            "What was paid",
            "That is what was paid in 50 days. Annualised is what a whole year at that rate would give.",
            "SELECT 5000 AS answer",
            HEADING,
        ),
        wrong(
            "months",
            "Twelve times",
            "You took the pay for that of a month. It is that of 50 days.",
            "SELECT 60000 AS answer",
            HEADING,
        ),
        wrong("a-day", "Pay of a day", "That is the pay of one day.", "SELECT 100 AS answer", HEADING),
    ),
)
