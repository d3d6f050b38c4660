"""How far work is seen: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import COVERED, LESSON, wrong

QUESTION = predict(
    "SELECT 5 AS answer",
    name="q4",
    title="Years of pay after 25",
    lesson=LESSON,
    heading=COVERED,
    because="The first whole tax year after the birthday is 2016/17, and the last of the data is 2020/21.",
    otherwise="Write down the tax years one by one, from the first that begins after the birthday.",
    hints=(
        "A tax year begins on 6 April.",
        "The birthday is in the middle of 2015/16, so that one is not whole.",
        "Count from 2016/17 on, the last one too.",
    ),
    misconceptions=(
        wrong("year-of-birthday", "The year of the birthday counted", "The tax year 2015/16 had begun half a year "
              "before the birthday.", "SELECT 6 AS answer", COVERED),
        wrong("last-not-counted", "The last year not counted", "You took the difference of two years. The first and "
              "the last are both in.", "SELECT 4 AS answer", COVERED),
    ),
)  # fmt: skip
