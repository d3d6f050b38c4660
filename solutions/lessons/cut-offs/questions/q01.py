"""How many months are between two birthdays of one school year: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, OLDEST, wrong

QUESTION = predict(
    "SELECT 9 AS answer",
    name="q1",
    title="Months apart",
    lesson=LESSON,
    heading=OLDEST,
    because="October is ten months older than the youngest month of the year, and July one: 10 less 1 is nine.",
    otherwise="Count the months from October 1995 on to July 1996.",
    hints=(
        "They are in the same school year, so the first was born before the second.",
        "Count on from October: November, December, and so on until July.",
        "December 1995 is two months on; add those of the next calendar year.",
    ),
    misconceptions=(
        wrong("other-way", "The rest of the year", "That is how long it is from July to the next October. The first of "
              "the two was born before the second.", "SELECT 3 AS answer", OLDEST),
        wrong("year-more", "A year too many", "They sit the examinations in the same June, so less than a year is "
              "between their birthdays.", "SELECT 21 AS answer", OLDEST),
        wrong("both-ends", "Both ends counted", "You counted the first month and the last. From October to November is "
              "one month, not two.", "SELECT 10 AS answer", OLDEST),
    ),
)  # fmt: skip
