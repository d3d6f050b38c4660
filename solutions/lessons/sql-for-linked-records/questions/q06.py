"""How many rows a join gives: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

QUESTION = predict(
    "SELECT 980 AS answer",
    name="q6",
    title="Rows after a join",
    lesson=LESSON,
    heading="The join that multiplies",
    because="490 rows have an enterprise, and each meets two rows: 980. The ten without one meet nothing and go.",
    otherwise="Take the rows with an enterprise and those without one in turn: how many rows does each kind meet?",
    hints=(
        "How many rows of the register does one row of pay meet?",
        "NULL equals nothing, not even another NULL.",
        "An inner join keeps no row that has no partner.",
    ),
    misconceptions=(
        wrong("rows-stay", "A join that changes nothing", "Each row that has an enterprise meets two rows of the "
              "register, so it comes out twice.", "SELECT 500 AS answer", "The join that multiplies"),
        wrong("only-lost", "Lost, and not multiplied", "The rows without an enterprise are gone. The others meet two "
              "rows each.", "SELECT 490 AS answer", "The join that multiplies"),
        wrong("all-doubled", "Everything doubled", "Ten rows have no enterprise: they meet nothing, and an inner join "
              "drops them.", "SELECT 1000 AS answer", "The join that multiplies"),
        wrong("left-join", "Rows without a partner kept", "That is a left join: it keeps the ten rows that meet "
              "nothing. An inner join drops them.", "SELECT 990 AS answer", "The join that multiplies"),
    ),
)  # fmt: skip
