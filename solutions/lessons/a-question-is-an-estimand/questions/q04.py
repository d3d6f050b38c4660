"""A weighted mean of two cells: a prediction."""

from __future__ import annotations

from leocourse.authoring.exercise import predict

from .shared import LESSON, wrong

QUESTION = predict(
    "SELECT 3000 AS answer",
    name="q4",
    title="A weighted mean",
    lesson=LESSON,
    heading="Who could stand in for the missing life",
    because="30 times 2,000 and 10 times 6,000 make 120,000, and 40 people were treated: 3,000 pounds.",
    otherwise="Each gap counts as often as there are treated people in its cell.",
    hints=(
        "Three of four treated people are in the first cell.",
        "Multiply each gap by its treated people, and add.",
        "Divide by how many were treated altogether.",
    ),
    misconceptions=(
        wrong("plain-mean", "Each cell counts alike", "That is the mean of the two gaps. The first cell has three "
              "times as many treated people, so it counts three times.", "SELECT 4000 AS answer",
              "Who could stand in for the missing life"),
        wrong("weights-turned", "Weights the wrong way round", "You gave the small cell the weight of the large one.",
              "SELECT 5000 AS answer", "Who could stand in for the missing life"),
        wrong("total", "A total", "That is the sum over all treated people. An average divides it by their number.",
              "SELECT 120000 AS answer", "Who could stand in for the missing life"),
    ),
)  # fmt: skip
