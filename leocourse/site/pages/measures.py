"""A page of the book for each measure: definition, example, lineage, SQL, and what it is like on the lesson extract.

Functions here return text and write nothing; :mod:`leocourse.site.build` puts pages and plots into the book.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from leocourse.core.paths import course_root
from leocourse.measures.example import Case, cases
from leocourse.measures.model import COMMENT, GROUPS, RENAMED, REPEATED, VIEW, Measure, load, names, render
from leocourse.measures.run import measure
from leocourse.schema.model import View, load_schema
from leocourse.site.pages.markup import (
    NOTICE,
    academic_year,
    box,
    html,
    line,
    literal,
    pattern,
    prose,
    scrolling,
    svg,
    table_html,
    text,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW = 8
"""A column with so many different values or fewer is shown by value; one with more by its middle and spread."""
YEARS_SHOWN = (1, 3, 5, 10, 15)
"""Years after key stage 4 whose published activities are shown."""
FEW_ROWS = 60
"""A measure that is not about people is shown whole if it has so many rows or fewer."""
SMALL = 20
"""A birth cohort with fewer rows than this in the lesson extract is not drawn."""
GROUPED = {"sex": {"F": "women", "M": "men"}, "free_school_meals": {0: "not eligible at 15", 1: "eligible at 15"}}
"""The measures by whose column people are compared, and what its values are called."""


@dataclass(frozen=True)
class Read:
    """What a measure reads from one table of the extract, or from another measure."""

    source: str
    href: str
    views: str
    columns: tuple[str, ...]


def measure_pages(con: duckdb.DuckDBPyConnection, published: pd.DataFrame) -> dict[str, str]:
    """The pages and plots of all measures by the name of the file.

    ``con`` is a connection to the lesson extract; ``published`` holds the published figures of
    ``data/reference/published.csv``.
    """
    pages: dict[str, str] = {}
    for name in names():
        plot, alt = distribution(con, load(name))
        pages[f"{name}.md"] = measure_page(con, load(name), alt if plot else "", published)
        if plot:
            pages[f"{name}.svg"] = plot
    return pages


def overview_page() -> str:
    """The list of all measures by group, with a link to the page of each."""
    parts = [
        "# Measures",
        NOTICE,
        "A **measure** is a derived variable: one SQL file with its definition, columns, parameters and traps.\n"
        'In Python, `leo.measure(con, "sex")` gives its rows, and `leo.measures()` lists them all.\n'
        "On the command line, `leo measure sex --output sex.csv` writes them.\n"
        "A measure is computed once on a connection, and can then be joined under its name, such as `measures.sex`.",
    ]
    for group, title in GROUPS.items():
        found = [load(name) for name in names() if load(name).group == group]
        rows = [(f'<a href="measures/{m.name}.html">{m.name}</a>', escape(m.title), escape(m.grain)) for m in found]
        if rows:
            parts += [f"## {title}", html(table_html(title, ("Measure", "What it is", "Grain"), rows))]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def measure_page(con: duckdb.DuckDBPyConnection, of: Measure, alt: str, published: pd.DataFrame) -> str:
    """The page of one measure. ``alt`` describes the plot beside it; empty if there is none."""
    reads = lineage(of)
    parts = [f"# {of.title}", NOTICE, prose(of.definition.replace("\n", " ")), _facts(of)]
    columns = [
        (f"<code>{c.name}</code>", escape(c.type), escape(c.unit) or "–", _code(c.description)) for c in of.columns
    ]
    parts += ["## Columns", html(table_html("Columns", ("Column", "Type", "Unit", "What it is"), columns))]
    parts += _parameters(of)
    parts += _examples(of)
    parts += ["## Traps", "\n".join("- " + prose(trap).replace("\n", "\n  ") for trap in of.traps)]
    parts += ["## What is lost", prose(of.lost)]
    parts += ["## Where it comes from"]
    if reads:
        parts += [
            f"It reads {_and(f'`{read.source}`' for read in reads)}.",
            html(scrolling(f"Diagram of what {of.name} reads", lineage_diagram(of, reads))),
            html(lineage_table(reads)),
        ]
    else:
        parts.append("It reads no table: its rows stand in the SQL.")
    parts += _lesson(con, of, alt)
    parts += _against_published(con, of, published)
    parts += _movers(con, of)
    parts += [
        "## SQL",
        "Years written out and parameters at their defaults; `measures.` names another measure.",
        f":::{{dropdown}} The SELECT\n```sql\n{render(of)}\n```\n:::",
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _facts(of: Measure) -> str:
    given = "".join(f", {p.name}={_python(p.default)}" for p in of.parameters)
    facts = {
        "Name": f"<code>{of.name}</code>",
        "Group": escape(GROUPS[of.group]),
        "Grain": f"{escape(of.grain)}; key <code>{', '.join(of.key)}</code>",
        "Years": escape(of.years),
        "Source of the definition": escape(of.source),
        "In Python": f"<code>leo.measure(con, &quot;{of.name}&quot;{escape(given)})</code>",
    }
    rows = "\n".join(f'<tr><th scope="row">{name}</th><td>{fact}</td></tr>' for name, fact in facts.items())
    return html(scrolling(f"About {of.name}", f'<table class="leo-table facts"><tbody>\n{rows}\n</tbody></table>'))


def _python(value: object) -> str:
    return (
        str(list(value)) if isinstance(value, tuple | list) else f'"{value}"' if isinstance(value, str) else str(value)
    )


def _parameters(of: Measure) -> list[str]:
    if not of.parameters:
        return ["## Parameters", "It has none."]
    rows = [
        (
            f"<code>{p.name}</code>",
            escape(p.valid.replace("'", "")),
            f"<code>{escape(_python(p.default))}</code>",
            _code(p.description) + (" <strong>Not verified.</strong>" if p.unverified else ""),
        )
        for p in of.parameters
    ]
    parts = [
        "## Parameters",
        html(table_html("Parameters", ("Parameter", "Values", "Default", "What it decides"), rows)),
    ]
    open_to = [p.name for p in of.parameters if p.unverified]
    if open_to:
        parts.append(
            ":::{admonition} Not verified\n:class: unverified\n\n"
            f"No public source that we could read settles {_and(f'`{name}`' for name in open_to)}.\n"
            "Choose for your project, say what you chose, and look at what changes.\n:::"
        )
    return parts


def _examples(of: Measure) -> list[str]:
    """A few rows in and out: the first case of the measure's example, and the others folded up."""
    first, *others = cases(of.name)
    parts = [
        "## Example",
        "Rows made up by hand, and what the measure makes of them.\n"
        "`P1`, `K1` and the record 1 are keys of person 1; a dash is a missing value.",
        f"**{literal(first.title)}**",
        *_case(first),
    ]
    for number, case in enumerate(others, 2):
        body = "\n\n".join(_case(case, f" (case {number})"))
        parts.append(f":::{{dropdown}} Case {number}: {literal(case.title)}\n\n{body}\n:::")
    return parts


def _case(case: Case, which: str = "") -> list[str]:
    """Words and tables of a case. ``which`` makes the captions of a page differ, as screen readers need it."""
    parts = [prose(case.text)]
    if case.parameters:
        parts.append(f"With {_and(f'`{each}`' for each in case.parameters)}.")
    if case.same_rows:
        parts.append("In: the same rows as before.")
    given = () if case.same_rows else case.given
    tables = [(f"In: {pattern(rows.name)}{which}", rows) for rows in given]
    tables.append((f"Out{', some of the rows' if case.some else ''}{which}", case.out))
    for caption, rows in tables:
        heads = [f"<code>{escape(pattern(head))}</code>" for head in rows.heads]
        parts.append(html(table_html(caption, heads, [[escape(cell) or "–" for cell in row] for row in rows.rows])))
    return parts


# Lineage ---------------------------------------------------------------------------------------------


def lineage(of: Measure) -> list[Read]:
    """What the SQL of a measure reads: tables of the extract with views and columns, measures, public tables.

    Columns are found in the parsed SQL; a repeated block counts once, and its columns have the year in brackets.
    """
    from sqlglot import exp, parse_one
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import traverse_scope

    everything = render(of)
    views = {(view.database, view.name): view for view in load_schema().views()}
    named = [views[found] for found in dict.fromkeys(VIEW.findall(COMMENT.sub("", everything)))]
    tree = parse_one(render(_with_sql(of, REPEATED.sub(_once_a_name, of.sql))), read="duckdb")
    known: dict[str, set[str]] = {}
    for table in tree.find_all(exp.Table):
        if table.db:
            known[table.name] = _columns(table.name, table.db)
            table.set("db", None)
            table.set("catalog", None)
    shape = {name: dict.fromkeys(columns, "int") for name, columns in known.items()}
    tree = qualify(tree, schema=shape, dialect="duckdb", validate_qualify_columns=False, quote_identifiers=False)
    used: dict[str, set[str]] = {}
    for scope in traverse_scope(tree):
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table) and source.name in known:
                used.setdefault(source.name, set()).add(column.name.lower())
    return _reads_of_tables(named, used) + [
        Read(f"{kind}.{name}", f"{name}.html" if kind == "measures" else "", "", tuple(sorted(used.get(name, ()))))
        for kind, name in dict.fromkeys(re.findall(r"\b(measures|reference)\.(\w+)", COMMENT.sub("", everything)))
    ]


def _once_a_name(block: re.Match) -> str:
    """A repeated block for its last year, and for the last year of each name that changes."""
    first, last = int(block["first"]), int(block["last"])
    until = {int(since) - 1 for names in RENAMED.findall(block["body"]) for since in names.split(" ")[1::2]}
    return "UNION ALL\n".join(
        block[0].replace(f"for year {first} to {last}", f"for year {year} to {year}")
        for year in sorted({last, *(year for year in until if first <= year < last)})
    )


def _with_sql(of: Measure, sql: str) -> Measure:
    return Measure(**{**of.__dict__, "sql": sql})


def _columns(name: str, db: str) -> set[str]:
    """The columns of a view, a measure or a public table."""
    if db == "measures":
        return {column.name for column in load(name).columns}
    if db == "reference":
        path = course_root() / "data" / "reference" / f"{name}.csv"
        return set(pd.read_csv(path, nrows=0).columns)
    view = next(view for view in load_schema().views() if view.name == name)
    return {field.column_in(view).lower() for field in load_schema()[view.table].fields}


def _reads_of_tables(named: list[View], used: dict[str, set[str]]) -> list[Read]:
    """One entry a table of the extract: its views as a pattern, and its columns with term and year in brackets."""
    reads = []
    for name in dict.fromkeys(view.table for view in named):
        table, views = load_schema()[name], [view for view in named if view.table == name]
        columns = []
        for view in views:
            for field in table.fields:
                if field.column_in(view).lower() in used.get(view.name, ()):
                    columns.append(pattern(field.template_in(view)))
        patterns: dict[str, list[int]] = {}
        for view in views:
            patterns.setdefault(
                re.sub(r"\d{4}$", "[yyyy]", view.name) if view.first == view.last else view.name, []
            ).append(view.first or 0)
        shown = "; ".join(
            f"{each} ({min(years)} to {max(years)})"
            if "[yyyy]" in each and min(years) < max(years)
            else each.replace("[yyyy]", str(years[0]))
            for each, years in patterns.items()
        )
        reads.append(Read(name, f"../{name}.html", shown, tuple(dict.fromkeys(columns))))
    return reads


def lineage_diagram(of: Measure, reads: list[Read]) -> str:
    """Each source as a card on the left, with a line to the measure on the right."""
    high, gap, wide, width = 44, 10, 400, 680
    bottom = max(len(reads) * (high + gap), 80)
    middle, right = bottom // 2, 480
    marks = []
    for place, read in enumerate(reads):
        y = place * (high + gap)
        marks += [
            box(0, y, wide, high),
            text(10, y + 18, read.source, "name"),
            text(10, y + 35, _short(read.columns), "code"),
            line(wide, y + high // 2, right, middle),
        ]
    marks += [box(right, middle - 24, width - right - 2, 48), text(right + 10, middle + 5, of.name, "name")]
    description = (
        f"{len(reads)} sources lead to {of.name}: {', '.join(read.source for read in reads)}. "
        "The table below says the same."
    )
    return svg(f"lineage-{of.name}", f"What {of.name} is made from", description, width, bottom, marks)


def _short(columns: tuple[str, ...], letters: int = 52) -> str:
    shown = ", ".join(columns)
    if len(shown) <= letters:
        return shown
    kept = shown[:letters].rsplit(", ", 1)[0]
    return f"{kept} and {len(columns) - kept.count(', ') - 1} more"


def lineage_table(reads: list[Read]) -> str:
    """The same in words: sources, views and columns."""
    rows = [
        (
            f'<a href="{read.href}">{read.source}</a>' if read.href else read.source,
            escape(read.views) or "–",
            ", ".join(f"<code>{escape(column)}</code>" for column in read.columns) or "–",
        )
        for read in reads
    ]
    return table_html("What it reads", ("Source", "Views", "Columns"), rows)


# On the lesson extract -------------------------------------------------------------------------------


def main_column(of: Measure) -> str:
    """The column that plots and comparisons show: the last of ``group_by``, else the first that is no key."""
    others = [column.name for column in of.columns if column.name not in of.key]
    return of.group_by[-1] if of.group_by and of.group_by[-1] not in of.key else (others or list(of.key))[0]


def _frame(con: duckdb.DuckDBPyConnection, of: Measure, **parameters: object) -> pd.DataFrame:
    """The measure with birth cohort, sex and free school meals of each person."""
    rows = measure(con, of.name, **parameters).df()
    if "ae_id" not in rows.columns:
        return rows
    added = {"birth_cohort": "birth_cohort", "sex": "sex", "free_school_meals": "fsm_at_15"}
    for name, column in added.items():
        other = measure(con, name).df()[["ae_id", column]].rename(columns={column: f"of_{name}"})
        rows = rows.merge(other, on="ae_id", how="left")
    return rows


def distribution(con: duckdb.DuckDBPyConnection, of: Measure) -> tuple[str, str]:
    """A plot by birth cohort and by sex as SVG, and what it shows in words. Empty for measures not of people."""
    if "ae_id" not in [column.name for column in of.columns] or main_column(of) in (
        "ae_id",
        "pmr",
        "edukey",
        "recordid",
    ):
        return "", ""
    import matplotlib
    from matplotlib.figure import Figure

    column = main_column(of)
    rows = _frame(con, of)[[column, "of_birth_cohort", "of_sex"]].dropna()
    if len(rows) < SMALL:
        return "", ""
    cohorts = rows.groupby("of_birth_cohort").of_birth_cohort.transform("size")
    rows = rows[cohorts >= SMALL]
    if rows.empty:
        return "", ""
    by_value = rows[column].nunique() <= FEW or not pd.api.types.is_numeric_dtype(rows[column])
    with matplotlib.rc_context({"svg.hashsalt": of.name, "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(8, 3.8))
        place = {"left": 0.08, "right": 0.98, "top": 0.97, "bottom": 0.3, "wspace": 0.45}
        left, right = figure.subplots(1, 2, gridspec_kw=place)
        said = (_draw_shares if by_value else _draw_middle)(rows, column, left, right)
        left.set_xlabel("birth cohort")
        for axes in (left, right):
            if axes.get_legend_handles_labels()[0]:
                axes.legend(title="", loc="upper left", bbox_to_anchor=(0, -0.18), ncols=3, fontsize=8, frameon=False)
        right.set_ylabel("")
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None})
    what = "Share of rows with each value" if by_value else "Median and middle half"
    return written.getvalue(), (
        f"{what} of {column} by birth cohort, {int(rows.of_birth_cohort.min())} to {int(rows.of_birth_cohort.max())}, "
        f"and by sex: {said}. Simulated."
    )


def _draw_shares(rows: pd.DataFrame, column: str, left: Axes, right: Axes) -> str:
    """Draw the share of rows with each value, by birth cohort and by sex, and say it in words."""
    import seaborn as sns

    named = {value: _label(value) for value in rows[column].unique()}
    rows = rows.assign(**{column: rows[column].map(named)})
    order = sorted(rows[column].value_counts().index[:FEW])
    shares = pd.crosstab(rows.of_birth_cohort, rows[column], normalize="index")[order] * 100
    melted = shares.reset_index().melt("of_birth_cohort", var_name=column, value_name="per cent")
    sns.lineplot(melted, x="of_birth_cohort", y="per cent", hue=column, style=column, hue_order=order, ax=left)
    by_sex = pd.crosstab(rows.of_sex, rows[column], normalize="index")[order] * 100
    long = by_sex.reset_index().melt("of_sex", var_name=column, value_name="per cent")
    sns.barplot(long, x="per cent", y=column, hue="of_sex", order=order, orient="h", ax=right)
    return "; ".join(
        f"{value} {by_sex[value]['F']:.0f}% of women and {by_sex[value]['M']:.0f}% of men" for value in order
    )


def _draw_middle(rows: pd.DataFrame, column: str, left: Axes, right: Axes) -> str:
    """Draw median and middle half of a number, by birth cohort and by sex, and say it in words."""
    import seaborn as sns

    quartiles = rows.groupby("of_birth_cohort")[column].quantile([0.25, 0.5, 0.75]).astype(float).unstack()
    years = quartiles.index.astype(float)
    left.fill_between(years, quartiles[0.25], quartiles[0.75], alpha=0.25, label="middle half")
    left.plot(years, quartiles[0.5], label="median")
    left.set_ylabel(column)
    numbers = rows.assign(**{column: rows[column].astype(float)})
    sns.boxplot(numbers, x=column, y="of_sex", order=["F", "M"], showfliers=False, ax=right)
    middle = rows.groupby("of_sex")[column].median()
    return f"median {_number(middle['F'])} for women and {_number(middle['M'])} for men"


def _lesson(con: duckdb.DuckDBPyConnection, of: Measure, alt: str) -> list[str]:
    rows = measure(con, of.name)
    number = rows.aggregate("count(*)").fetchall()[0][0]
    parts = ["## On the lesson extract", f"It has {number:,} rows on the simulated lesson extract."]
    if alt:
        parts.append(
            f"```{{figure}} {of.name}.svg\n:alt: {alt}\n\n"
            f"`{main_column(of)}` by birth cohort and by sex. Simulated data.\n```"
        )
    elif number <= FEW_ROWS:
        found = rows.order(", ".join(of.key)).df()
        cells = [[escape(_label(value)) for value in row] for row in found.itertuples(index=False)]
        parts.append(html(table_html("All rows. Simulated data.", [f"<code>{c}</code>" for c in found.columns], cells)))
    return parts


def _movers(con: duckdb.DuckDBPyConnection, of: Measure) -> list[str]:
    """Who has another value, or no row, under the other rule."""
    if not of.other_rule:
        return []
    name, value = of.other_rule["parameter"], of.other_rule["value"]
    default = of.values()[name]
    column = main_column(of)
    plain = [c.name for c in of.columns if c.name not in of.key]
    rows, other = _frame(con, of), measure(con, of.name, **{name: value}).df()
    both = rows.merge(other, on=list(of.key), how="outer", suffixes=("", "_other"), indicator=True)
    differs = both["_merge"] != "both"
    for each in plain:
        one, two = both[each], both[f"{each}_other"]
        differs |= (one.ne(two) & ~(one.isna() & two.isna())).fillna(True).astype(bool)
    title = f"## Which people move if `{name}` is `{value}`"
    said = [
        title,
        f"With `{name}` at `{value}` and not at its default `{default}`, {differs.sum():,} of {len(both):,} rows of "
        "the simulated lesson extract differ in some column or are there under one of the two only.",
    ]
    if not differs.any():
        return [*said, "In real data they may differ."]
    if "ae_id" in both.columns:
        shares = [("all", 100 * differs.mean(), int(differs.sum()))]
        for group, labels in GROUPED.items():
            for code, label in labels.items():
                who = both[f"of_{group}"] == code
                if who.any():
                    shares.append((label, 100 * differs[who].mean(), int(differs[who].sum())))
        cells = [(label, f"{rate:.1f}", f"{number:,}") for label, rate, number in shares]
        said.append(html(table_html("Who moves. Simulated data.", ("Group", "Per cent of rows", "Rows"), cells)))
    if column in plain and both[column].nunique() <= FEW and both[f"{column}_other"].nunique() <= FEW:
        none = "no row"
        first = both[column].map(_label).where(both["_merge"] != "right_only", none)
        second = both[f"{column}_other"].map(_label).where(both["_merge"] != "left_only", none)
        table = pd.crosstab(first, second)
        cells = [(escape(str(index)), *(f"{number:,}" for number in row)) for index, *row in table.itertuples()]
        heads = (f"<code>{column}</code> by default", *(escape(f"{each} under {value}") for each in table.columns))
        said.append(html(table_html(f"Rows by {column} under both rules. Simulated data.", heads, cells)))
    return said


def _against_published(con: duckdb.DuckDBPyConnection, of: Measure, published: pd.DataFrame) -> list[str]:
    """Simulated and published figures side by side.

    ``published`` of a measure is ``metric=...;breakdown=...;column=...`` for figures by years after key stage 4, or
    ``table=attainment_by_19;column=...`` for the attainment of pupils of state-funded schools.
    """
    if not of.published:
        return []
    wanted = dict(part.split("=") for part in of.published.split(";"))
    if wanted.get("table"):
        return _against_attainment(con, of, wanted["column"])
    column = wanted["column"]
    figures = published[
        (published.metric == wanted["metric"])
        & (published.population == "National")
        & (published.breakdown == wanted["breakdown"])
    ]
    rows = measure(con, of.name).df()
    cohort = measure(con, "ks4_cohort").df().set_index("ae_id").ks4_year
    if "years_after" not in rows.columns:
        rows["years_after"] = rows.tax_year // 100 - rows.ae_id.map(cohort)
    rows = rows[rows.ae_id.isin(cohort[cohort.between(2002, 2007)].index)]
    heads: tuple[str, ...] = ("Years after key stage 4", "Simulated", "Published")
    if figures.activity.notna().any():
        rows = rows[rows[column] != "Unmatched"]  # they are in no published percentage
        found = 100 * pd.crosstab(rows.years_after, rows[column], normalize="index").stack()
        known = figures.set_index(["years_after_ks4", "activity"]).value
        cells = [
            (f"{year}: {escape(str(kind))}", f"{found[year, kind]:.1f}", f"{known[year, kind]:.1f}")
            for year, kind in known.index
            if (year, kind) in found.index and year in YEARS_SHOWN
        ]
        heads = ("Year and activity", "Simulated, per cent", "Published, per cent")
    else:
        found = rows.dropna(subset=column).groupby("years_after")[column].median()
        known = figures.set_index("years_after_ks4").value
        cells = [
            (str(year), f"{found[year]:,.0f}", f"{known[year]:,.0f}") for year in known.index if year in found.index
        ]
    if not cells:
        return []
    return [
        "## Beside published figures",
        "People at the end of key stage 4 from 2001/02 to 2006/07, as in *Post-16 education and labour market "
        "activities, pathways and outcomes (LEO)* of the Department for Education.\n"
        "The simulation was tuned to come near them; a difference says nothing about England.",
        html(table_html("Simulated and published", heads, cells)),
    ]


def _against_attainment(con: duckdb.DuckDBPyConnection, of: Measure, column: str) -> list[str]:
    """Attainment of pupils of state-funded schools, in all and by free school meals, beside the published shares."""
    known = pd.read_csv(course_root() / "data" / "reference" / "attainment_by_19.csv")
    rows = _frame(con, of)
    rows["year_11"] = rows.ae_id.map(measure(con, "ks4_cohort").df().set_index("ae_id").ks4_year)
    rows = rows.dropna(subset=["year_11", column])
    who = {"all": rows.ae_id.notna(),
           "eligible for free school meals": rows.of_free_school_meals == 1,
           "not eligible": rows.of_free_school_meals == 0}  # fmt: skip
    found = {group: 100 * rows[chosen].groupby("year_11")[column].mean() for group, chosen in who.items()}
    cells = [
        (f"{academic_year(line.year_11)}: {line.group}", f"{found[line.group][line.year_11]:.1f}", f"{line.value:.1f}")
        for line in known[known.measure == column].itertuples()
        if line.year_11 in found[line.group].index
    ]
    return [
        "## Beside published figures",
        "Pupils of state-funded schools by year of year 11, as in *Level 2 and 3 attainment by age 19* of the "
        "Department for Education.\n"
        "The simulation was tuned to come near some of them; a difference says nothing about England.",
        html(
            table_html(
                "Simulated and published", ("Year 11 and group", "Simulated, per cent", "Published, per cent"), cells
            )
        ),
    ]


# Small words -----------------------------------------------------------------------------------------


def _label(value: object) -> str:
    if value is None or pd.isna(value):
        return "missing"
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"


def _and(names: Iterable[str]) -> str:
    items = list(names)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _code(description: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(description))
