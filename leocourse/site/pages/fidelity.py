"""How true the simulation is: the recorded comparison with published figures, and the page of the book made of it.

The comparison needs a large simulation, so ``leo record`` keeps its results in ``data/reference``:
``fidelity.csv`` (each published figure beside ours), ``low-fidelity.csv`` (correlations left in that mode) and
``effects.csv`` (planted effects recovered). A JSON file beside each says how,
when and from which generator it was made. :func:`page` needs nothing else.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

import pandas as pd

from leocourse.fidelity.correlations import LIMIT, UNLIKELY
from leocourse.fidelity.effects import EFFECTS
from leocourse.fidelity.estimands import MISSES_BY
from leocourse.fidelity.published import ACTIVITIES, BREAKDOWNS, EVERYONE, JUDGED, PAY, PER_CENT, POINTS, summary
from leocourse.fidelity.recorded import CORRELATIONS, ESTIMANDS, FIGURES, RECOVERED, recorded
from leocourse.site.pages.markup import NOTICE, html, line, scrolling, svg, table_html, text

MEASURES = [*ACTIVITIES, PAY]
MINUS = "\N{MINUS SIGN}"
SOURCE = (
    "Department for Education, *Post-16 education and labour market activities, pathways and outcomes (LEO)*, "
    "Open Government Licence v3.0"
)


# The page


def page(root: Path) -> str:
    """The page of the book, in MyST, from the recorded tables."""
    figures, about = recorded(root, FIGURES)
    left, low = recorded(root, CORRELATIONS)
    found, coverage = recorded(root, RECOVERED)
    parts = [
        "# How true the simulation is",
        NOTICE,
        "This page says how near the simulated lives come to figures that are published, whether the planted effects "
        "can be found again, and whether the low-fidelity mode keeps its promise that nothing joins the columns.\n"
        "What lies outside tolerance is listed, not hidden.\n"
        "The lives were tuned to these very figures, so coming near them says nothing of anything else.",
        *_published(figures, about),
        *_effects(found, coverage, root),
        *_correlations(left, low),
        "## Source",
        f"Published figures: {SOURCE}.\n"
        "They follow those who took key stage 4 in 2001/02 to 2006/07 for up to fifteen tax years.\n"
        "Our definitions follow the publication as far as it states them: earnings are those of everyone with pay in "
        "the year, education included, grossed up by days in work, in pounds at prices of 2017/18.\n"
        "School and further education is the publication's KS5, other education and adult further education taken "
        "together, apprenticeships among them.\n"
        "Published shares are rounded and may not sum to 100.",
        f"Recorded on {about['date']} with `{about['command']}`, and on {coverage['date']} with "
        f"`{coverage['command']}`.",
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _published(figures: pd.DataFrame, about: dict) -> list[str]:
    counted = summary(figures)
    within, judged = counted.iloc[-1][["within", "figures"]]
    rows = [
        [row.breakdown, row.measure, f"{row.within:,}", f"{row.figures:,}", f"{100 * row.within / row.figures:.0f}"]
        for row in counted.itertuples()
    ]
    outside = [
        "### What is outside tolerance",
        "A row gives the years after key stage 4 in which a figure is outside, and the largest difference: in "
        "percentage points for shares, in per cent for earnings.\n"
        "Small groups differ by chance too, so the fewest people behind a figure stand beside it.",
        html(outside_table(figures)),
    ]
    parts = [
        "## Published figures beside ours",
        f"{about['people']:,} lives (seed {about['seed']}) of birth cohorts 1985/86 to 1990/91 are compared with "
        "published figures on those who took key stage 4 in the same years.\n"
        "Ours come from the lives, before records are made of them and before faults are planted.\n"
        f"A share of people is within tolerance if it differs by at most {POINTS:g} percentage points, a median of "
        f"earnings if it differs by at most {PER_CENT:g}%.",
        f"**{within:,} of {judged:,} figures are within tolerance, {judged - within:,} are not.**"
        if within < judged
        else f"**All {judged:,} figures are within tolerance.**",
        html(table_html("Figures within tolerance", ["Breakdown", "Figures", "Within", "Of", "Per cent"], rows)),
        "### Everyone, year by year",
        "Lines are ours, circles are the published figures.",
        html(scrolling("Charts of main activity and earnings by year", national_chart(figures))),
        "### Differences by breakdown",
        "Each mark is one share of one group in one year: ours less the published one.\n"
        f"The dashed lines stand at {POINTS:g} percentage points, the tolerance.",
        html(scrolling("Chart of differences by breakdown", difference_chart(figures))),
        *(outside if within < judged else []),
        "### Every figure",
        "Each cell gives the published figure, ours, and the difference: in percentage points for shares, in per cent "
        "for earnings (pounds at prices of 2017/18).\n"
        "A star marks what is outside tolerance.\n"
        "A group's table opens with a click or the Enter key.",
    ]
    for breakdown in dict.fromkeys(BREAKDOWNS.values()):
        part = figures[figures["breakdown"] == breakdown]
        if breakdown not in JUDGED:
            parts.append(f"For {breakdown.lower()} no tolerance is set.")
        for group, lines in part.groupby("group", sort=False):
            name = breakdown if group == EVERYONE else f"{breakdown}: {group}"
            table = every_figure(name, lines)
            parts.append(html(f"<details><summary>{escape(name)}</summary>\n{table}\n</details>"))
    return parts


def signed(value: float, digits: int = 1) -> str:
    """A number with its sign."""
    return f"{value:+.{digits}f}".replace("-", MINUS)


def outside_table(figures: pd.DataFrame) -> str:
    """Which published figures ours are too far from: one row a breakdown, group and measure."""
    outside = figures[figures["tolerance"].notna() & (figures["within"] != 1)]
    rows = []
    for (breakdown, group, measure), part in outside.groupby(["breakdown", "group", "measure"], sort=False):
        worst = part.loc[part["difference"].abs().idxmax()] if part["difference"].notna().any() else None
        name = breakdown if group == EVERYONE else f"{breakdown}: {group}"
        size = "no value of ours" if worst is None else signed(worst["difference"]) + ("%" if measure == PAY else "")
        cells = [name, measure, ", ".join(map(str, sorted(part["year"]))), size, f"{part['people'].min():,}"]
        rows.append([escape(cell) for cell in cells])
    heads = ["Group", "Figure", "Years", "Largest difference", "Fewest people"]
    return table_html("Figures outside tolerance", heads, rows)


def every_figure(name: str, figures: pd.DataFrame) -> str:
    """Years down, measures across."""
    cells = {(row.measure, row.year): row for row in figures.itertuples()}
    rows = []
    for year in sorted(figures["year"].unique()):
        size = max(row.people for (_, at), row in cells.items() if at == year)
        rows.append([str(year), *(_cell(cells.get((measure, year))) for measure in MEASURES), f"{size:,}"])
    return table_html(name, ["Year", *MEASURES, "People"], rows, "cells compact")


def _cell(row: tuple | None) -> str:
    if row is None:
        return "not published"
    if pd.isna(row.ours):
        return f"{row.published:g}, none"
    pay = row.measure == PAY
    values = f"{row.published:,.0f}, {row.ours:,.0f}" if pay else f"{row.published:.1f}, {row.ours:.1f}"
    star = "*" if pd.notna(row.tolerance) and row.within != 1 else ""
    return f"{values} ({signed(row.difference)}{'%' if pay else ''}){star}"


# Charts, in the page's own colours


def national_chart(figures: pd.DataFrame) -> str:
    """A panel for each measure: our line and the published circles over the years, for everyone."""
    everyone = figures[figures["breakdown"] == "National"]
    wide, high, across = 150, 110, 4
    marks = []
    for number, measure in enumerate(MEASURES):
        part = everyone[everyone["measure"] == measure].sort_values("year")
        left, top = 46 + (number % across) * (wide + 56), 30 + (number // across) * (high + 62)
        most = max(part["published"].max(), part["ours"].max())
        step = next(each for each in (1, 2, 5, 10, 20, 50, 5_000, 10_000) if most / each <= 5)

        def place(year: float, value: float, left: int = left, top: int = top, full: float = most) -> tuple[int, int]:
            return round(left + wide * (year - 1) / 14), round(top + high - high * value / full)

        marks.append(text(left, top - 12, measure + (" (pounds)" if measure == PAY else " (%)"), "cell"))
        for value in range(0, int(most) + 1, step):
            y = place(1, value)[1]
            marks += [line(left, y, left + wide, y, "grid"), text(left - 6, y + 4, f"{value:,}", "cell", "end")]
        for year in (1, 5, 10, 15):
            marks.append(text(place(year, 0)[0], top + high + 16, str(year), "cell", "middle"))
        points = " ".join("{},{}".format(*place(row.year, row.ours)) for row in part.itertuples())
        marks.append(f'<polyline points="{points}" class="link"/>')
        marks += [
            '<circle cx="{}" cy="{}" r="3" class="published"/>'.format(*place(row.year, row.published))
            for row in part.itertuples()
        ]
    marks.append(text(46, 30 + 2 * (high + 62), "Years after key stage 4", "plain"))
    worst = everyone.loc[everyone[everyone["measure"] != PAY]["difference"].abs().idxmax()]
    pay = everyone[everyone["measure"] == PAY]
    description = (
        f"Seven panels: {', '.join(MEASURES).lower()}. Lines are ours, circles are the published figures of everyone, "
        f"over fifteen tax years. The largest difference of a share is {signed(worst['difference'])} percentage points "
        f"({worst['measure'].lower()}, year {worst['year']}); medians of earnings differ by at most "
        f"{pay['difference'].abs().max():.1f}%. Every value is in the tables below."
    )
    title = "Main activity and median earnings after key stage 4, ours and published"
    return svg("fidelity-national", title, description, across * (wide + 56), 30 + 2 * (high + 62) + 12, marks)


def difference_chart(figures: pd.DataFrame) -> str:
    """Every judged share's difference: a band for each breakdown, a mark for each share."""
    shares = figures[figures["tolerance"].notna() & (figures["measure"] != PAY) & figures["difference"].notna()]
    reach = max(int(shares["difference"].abs().max()) + 1, int(POINTS) + 1)
    reach += reach % 2 if reach > 8 else 0  # every second number is written then, zero among them
    left, wide, high, top = 190, 460, 46, 14

    def across(value: float) -> int:
        return round(left + wide * (value + reach) / (2 * reach))

    marks, bottom = [], top + high * len(JUDGED)
    for value in range(-reach, reach + 1, 1 if reach <= 8 else 2):
        marks.append(text(across(value), bottom + 18, signed(value, 0) if value else "0", "cell", "middle"))
    marks.append(line(across(0), top, across(0), bottom, "grid"))
    marks += [line(across(limit), top, across(limit), bottom, "limit") for limit in (-POINTS, POINTS)]
    for number, breakdown in enumerate(JUDGED):
        part = shares[shares["breakdown"] == breakdown]
        marks.append(text(0, top + high * number + high // 2 + 4, breakdown, "plain"))
        for place, value in enumerate(part["difference"]):
            y = top + high * number + 6 + place * 7 % (high - 12)  # spread, so that marks do not hide each other
            marks.append(f'<circle cx="{across(value)}" cy="{y}" r="2" class="dot"/>')
    marks.append(text(left + wide // 2, bottom + 38, "Ours less published, percentage points", "plain", "middle"))
    worst = shares.loc[shares["difference"].abs().idxmax()]
    description = (
        f"{len(shares)} differences. Half of them lie within {shares['difference'].abs().median():.1f} percentage "
        f"points of zero; the furthest, {signed(worst['difference'])}, is {worst['group']}, "
        f"{worst['measure'].lower()}, year {worst['year']}. "
        f"Beyond the dashed lines at {POINTS:g} points lie {int((shares['within'] != 1).sum()) or 'none'} of them."
    )
    return svg("fidelity-differences", "Differences of shares by breakdown", description, 680, bottom + 46, marks)


# Planted effects and correlations


def _effects(found: pd.DataFrame, about: dict, root: Path) -> list[str]:
    known = json.loads((root / ESTIMANDS).read_text(encoding="utf-8"))
    made = json.loads((root / ESTIMANDS).with_suffix(".meta.json").read_text(encoding="utf-8"))
    rows = []
    for row in found.rename(columns={"mean estimate": "mean_estimate"}).itertuples():
        effect, line_ = EFFECTS[row.effect], known[row.effect]
        cells = [effect.question, effect.unit, f"{line_['estimand']:,.1f}", f"{row.mean_estimate:,.1f}",
                 f"{line_['naive']:,.1f}", f"{line_['errors_away']:.0f}", f"{line_['enough_people']:,}",
                 f"{100 * row.covered:.1f}"]  # fmt: skip
        rows.append([escape(cell.replace("-", MINUS) if cell[:1] == "-" else cell) for cell in cells])
    low, high = found["covered"].min(), found["covered"].max()
    return [
        "## Planted effects recovered",
        "An **estimand** is what the intended estimator would give with unlimited data.\n"
        "It is computed from potential outcomes: the same simulated people live once with the treatment and once "
        "without it.\n"
        "These numbers are properties of the simulation, not findings.",
        f"Over {about['seeds']} seeds of {found['people'].min():,} to {found['people'].max():,} people each, 95% "
        f"confidence intervals of the intended estimators covered the estimand in {100 * low:.1f}% to "
        f"{100 * high:.1f}% of seeds, depending on the effect.\n"
        "The aim is 92 to 98%.",
        f"Each naive comparison is wrong by at least {made['naive_misses_by_at_least']:g} standard errors among "
        f"{made['naive_people']:,} people, about one in a hundred of the real extract.\n"
        f"The column *People needed* says among how many people it is wrong by {MISSES_BY} standard errors: in a "
        "smaller extract some naive comparisons cannot be told from the truth.\n"
        "The page [](planted.md) tells each of them in full, and which question it answers.",
        html(
            table_html(
                "Planted effects",
                ["Question", "Unit", "Estimand", "Right estimator, mean", "Naive comparison",
                 "Standard errors away", "People needed",
                 "Covered, % of seeds"],
                rows,
            )
        ),
    ]  # fmt: skip


def _correlations(left: pd.DataFrame, about: dict) -> list[str]:
    large = left[left["large_pairs"] > 0]
    beyond = left[left["over_chance"] > 1]["table"].tolist()
    verdict = (
        "No table has a correlation larger than chance allows."
        if not beyond
        else f"Larger than chance allows are correlations in: {', '.join(beyond)}."
    )
    rows = []
    for row in left.itertuples():
        largest = f"{row.largest:.4f}" if row.large_pairs else f"no pair of columns has enough rows for {LIMIT:g}"
        cells = [row.table, f"{row.rows:,}", f"{row.pairs:,}", f"{row.large_pairs:,}", largest, f"{row.chance:.4f}",
                 f"{row.over_chance:.2f}"]  # fmt: skip
        rows.append([escape(cell) for cell in cells])
    return [
        "## The low-fidelity mode",
        "This mode keeps each column's values and gaps, and no relationship between columns.\n"
        f"In an extract of {about['people']:,} people (seed {about['seed']}) every pair of columns that are no keys "
        "was correlated within views, by ranks.\n"
        f"The promise is that no correlation reaches {LIMIT:g}.\n"
        "In a small table chance alone makes larger ones, so the promise is tested where the rows are many enough: "
        f"chance alone would bring the largest correlation of a table above the column *By chance* once in "
        f"{1 / UNLIKELY:,.0f} tables.",
        f"**In {len(large)} of {len(left)} tables some or all pairs are large enough; the largest correlation among "
        f"them is {large['largest'].max():.4f}.** {verdict}",
        html(
            table_html(
                "Correlations in the low-fidelity mode",
                ["Table", "Rows", "Pairs", "Large enough", "Largest correlation among them", "By chance",
                 "Largest over what chance allows"],
                rows,
            )
        ),
        "The last column sets every pair, large or small, against what chance allows for its own number of rows: up "
        "to 1 is what independent columns show.",
    ]  # fmt: skip
