"""The weighted mean as a query of one's own."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise

from .shared import CELLS, LESSON, effect, wrong


def cells(average: str) -> str:
    return f"SELECT {average} AS effect FROM {CELLS}"


def with_pandas(con):
    return effect((40 * 0.10 + 35 * 0.14 + 5 * 0.30) / 80)


QUESTION = exercise(
    "write",
    "q7",
    title="The weighted mean in SQL",
    columns={"effect": "number"},
    identity=(),
    unit="effect",
    lesson=LESSON,
    heading="The whole of it in one query",
    reference_sql=cells("SUM(treated * gap) / SUM(treated)"),
    reference_pandas=with_pandas,
    hints=(
        "It is what you did in your head for two cells.",
        "A sum of products, divided by a sum.",
        "Both sums run over cells, and treated is in both of them.",
    ),
    misconceptions=(
        wrong("plain-mean", "Each cell counts alike", "AVG(gap) gives the five people of the third cell as much weight "
              "as the forty of the first.", cells("AVG(gap)"), "Who could stand in for the missing life"),
        wrong("sum", "A sum that is not divided", "You added gap times people and did not divide by the people.",
              cells("SUM(treated * gap)"), "Who could stand in for the missing life"),
        wrong("by-cells", "Divided by the cells", "You divided by the number of cells. The weights are people, so "
              "divide by their sum.", cells("SUM(treated * gap) / COUNT(*)"),
              "Who could stand in for the missing life"),
    ),
    alternatives=(cells("SUM(1.0 * treated * gap) / SUM(1.0 * treated)"),),
)  # fmt: skip
