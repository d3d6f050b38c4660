"""An accepted place is no place taken up: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

HEADING = "University: applying and studying"


QUESTION = predict(
    "SELECT 'c' AS answer",
    ("a", "b", "c"),
    name="q4",
    title="Accepted, and there",
    lesson=LESSON,
    heading=HEADING,
    because="Several applications a person, and not every applicant is accepted.",
    otherwise="How many applications does an applicant make, and does everybody get in?",
    hints=(
        "A row is an application.",
        "An applicant makes several.",
        "Of the applicants some are accepted.",
    ),
    misconceptions=(
        wrong(
            "people-first",
            "More people than applications",
            "Each applicant has at least one application, and most have several.",
            "SELECT 'a' AS answer",
            HEADING,
        ),
        wrong(
            "students-first",
            "More students than accepted",
            "Not everybody who was accepted begins, so students are fewer.",
            "SELECT 'b' AS answer",
            HEADING,
        ),
    ),
)
