"""Who is paid more at 22: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import FIRST, LESSON, wrong

QUESTION = predict(
    "SELECT 'b' AS answer",
    ("a", "b", "c"),
    name="q1",
    title="Paid more at 22",
    lesson=LESSON,
    heading=FIRST,
    because="Those who went were still students, or had just begun to work. Run the next cell, and look at the later "
    "year too.",
    otherwise="Think of what each of the two groups did in that year.",
    hints=(
        "How old are these people, and how long does a degree take?",
        "Somebody who left school at 16 has worked for some years by then.",
        "A job on Saturdays is pay too, and there is little of it.",
    ),
    misconceptions=(
        wrong("degrees-pay-at-once", "A degree pays later", "Many of them have no degree yet, and a job beside it at "
              "most. Run the next cell: the other year shows what you had in mind.", "SELECT 'a' AS answer", FIRST),
        wrong("no-difference", "There is a difference", "One group works full time and the other mostly does not. Run "
              "the next cell.", "SELECT 'c' AS answer", FIRST),
    ),
)  # fmt: skip
