"""Which part of an estimand is missing: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

QUESTION = predict(
    "SELECT 'which outcome and when' AS answer",
    ("who", "which change", "which outcome and when"),
    name="q1",
    title="The missing part",
    lesson=LESSON,
    heading="Four parts of an estimand",
    because="Pay is named, and neither whether it is annualised nor in which year: at 19 and at 30 it is not the same.",
    otherwise="That part is in the sentence. Look for the part of which it says too little.",
    hints=(
        "Underline the words that answer each of the four.",
        "Those who completed one are the people; having begun none is what they are compared with.",
        "In which tax year, and pay of what kind?",
    ),
    misconceptions=(
        wrong("who-is-said", "Who is there", "The sentence says who: those who completed one.",
              "SELECT 'who' AS answer", "Four parts of an estimand"),
        wrong("change-is-said", "The change is there", "The sentence says what is compared: having completed one, "
              "with never having begun one.", "SELECT 'which change' AS answer", "Four parts of an estimand"),
    ),
)  # fmt: skip
