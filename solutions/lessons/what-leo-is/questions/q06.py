"""A first query of one's own: keys with pay above an amount."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LEO, LESSON, wrong

SAYS = "What it can say, and what it cannot"


def people(where: str = "WHERE taxyear = 201819 AND earnings > 20000", what: str = "COUNT(DISTINCT edukey)") -> str:
    return f"""
SELECT {what} AS people
FROM {LEO}.leo_earnings
{where}
"""


def with_pandas(con):
    pay = con.sql(f"SELECT edukey, taxyear, earnings FROM {LEO}.leo_earnings").df()
    chosen = pay[(pay["taxyear"] == 201819) & (pay["earnings"] > 20_000)]
    return pd.DataFrame({"people": [chosen["edukey"].nunique()]})


QUESTION = exercise(
    "write",
    "q6",
    title="Pay above 20,000",
    columns={"people": "number"},
    identity=(),
    unit="number",
    lesson=LESSON,
    heading=SAYS,
    reference_sql=people(),
    reference_pandas=with_pandas,
    hints=(
        "Two conditions, joined with AND: the tax year and the amount.",
        "The query of exercise 2 has the year and the query of exercise 3 the count.",
        "Amounts are written without a comma.",
    ),
    misconceptions=(
        wrong("every-year", "Every tax year", "You counted everybody who had that pay in any tax year.",
              people("WHERE earnings > 20000"), SAYS),
        wrong("any-pay", "Any pay", "You counted everybody with a row of pay in that year, however small the pay.",
              people("WHERE taxyear = 201819"), SAYS),
        wrong("less", "The others", "You counted those with 20,000 pounds or less.",
              people("WHERE taxyear = 201819 AND earnings <= 20000"), SAYS),
    ),
    alternatives=(people("WHERE taxyear = 201819 AND earnings >= 20000.01"),),
)  # fmt: skip
