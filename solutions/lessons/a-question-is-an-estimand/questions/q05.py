"""Put the lines of a query in order: the effect on the treated, by sex."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

PEOPLE = """(VALUES ('F', 1, 21000, 20000), ('F', 1, 26000, 25000), ('M', 1, 29000, 26000), ('M', 0, 30000, 28000))
     AS lives (sex, completed, with_it, without_it)"""


def by_sex(average: str = "AVG(with_it - without_it)", condition: str = "WHERE completed = 1") -> str:
    return f"SELECT sex, {average} AS effect\nFROM {PEOPLE}\n{condition}\nGROUP BY sex"


def with_pandas(con):
    rows = [("F", 1, 21000, 20000), ("F", 1, 26000, 25000), ("M", 1, 29000, 26000), ("M", 0, 30000, 28000)]
    people = pd.DataFrame(rows, columns=["sex", "completed", "with_it", "without_it"])
    people["effect"] = people["with_it"] - people["without_it"]
    return people[people["completed"] == 1].groupby("sex", as_index=False)["effect"].mean()


QUESTION = exercise(
    "order",
    "q5",
    title="The effect by sex",
    columns={"sex": "text", "effect": "number"},
    identity=("sex",),
    unit="group",
    lesson=LESSON,
    heading="Four parts of an estimand",
    reference_sql=by_sex(),
    reference_pandas=with_pandas,
    hints=(
        "A query says what it wants first, then where from.",
        "The table of people is two lines long: they stay together.",
        "Rows are filtered before they are grouped.",
    ),
    misconceptions=(
        wrong("everybody", "Those who did not complete one are in it", "One man did not complete one, and is in your "
              "average. The treated alone are asked for.", by_sex(condition=""), "Four parts of an estimand"),
        wrong("untreated", "The effect on the others", "These are the people who did not complete one.",
              by_sex(condition="WHERE completed = 0"), "Four parts of an estimand"),
        wrong("paid", "Pay instead of an effect", "That is what the treated are paid. An effect is the difference "
              "between their two lives.", by_sex("AVG(with_it)"), "Two lives of the same people"),
    ),
    alternatives=(by_sex("AVG(with_it) - AVG(without_it)"),),
)  # fmt: skip
