"""How many lookups lead from a census to pay: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "Four keys"


QUESTION = predict(
    "SELECT 2 AS answer",
    name="q1",
    title="Lookups on the way",
    lesson=LESSON,
    heading=HEADING,
    because="PMR to AE_ID in one lookup, and AE_ID to EDUKEY in another.",
    otherwise="Write down the key on the census, the key on the pay, and what joins them.",
    hints=(
        "Which key is on a census record, and which on a row of pay?",
        "The key in the middle is on neither of them.",
        "Each lookup joins the key in the middle to one other key.",
    ),
    misconceptions=(
        wrong(
            "direct",
            "No lookup joins them",
            "No view holds the key of a pupil and the key of pay side by side, so one lookup is not enough.",
            "SELECT 1 AS answer",
            HEADING,
        ),
        wrong(
            "every-lookup",
            "A lookup too many",
            "The third lookup leads from RECORDID, which pupils at school do not have.",
            "SELECT 3 AS answer",
            HEADING,
        ),
        wrong(
            "none",
            "No key in common",
            "Census and pay have no key in common, so they cannot be joined directly.",
            "SELECT 0 AS answer",
            HEADING,
        ),
    ),
)
