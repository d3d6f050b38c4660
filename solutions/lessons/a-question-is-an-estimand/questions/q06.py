"""What must not be held equal: a choice."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

QUESTION = predict(
    "SELECT 'occupation at 30' AS answer",
    ("results at key stage 4", "occupation at 30", "free school meals at 15"),
    name="q6",
    title="On the way",
    lesson=LESSON,
    heading="What must not be held equal",
    because="A degree opens occupations, and these are paid differently: that is part of what the degree does.",
    otherwise="Ask of each whether it was decided before the degree or after it.",
    hints=(
        "Put the three on a line of time, with the degree among them.",
        "Two of them were settled before anybody applied.",
        "What could the degree itself have changed?",
    ),
    misconceptions=(
        wrong("results", "Results come before", "Results at 16 were there before the choice, and decide both who goes "
              "and what people are paid. They have to be held equal.", "SELECT 'results at key stage 4' AS answer",
              "What must not be held equal"),
        wrong("meals", "Home comes before", "Free school meals at 15 came before the choice. A degree cannot have "
              "changed them.", "SELECT 'free school meals at 15' AS answer", "What must not be held equal"),
    ),
)  # fmt: skip
