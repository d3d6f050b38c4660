"""Small pieces of HTML and SVG that the generated pages share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from leocourse.schema.model import Table

# Parts of a drawing --------------------------------------------------------------------------------


def svg(name: str, title: str, description: str, width: int, height: int, marks: Iterable[str]) -> str:
    """An SVG that screen readers announce with its title and description."""
    return (
        f'<svg class="leo-diagram" role="img" aria-labelledby="{name}-title {name}-description" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg">\n'
        f'<title id="{name}-title">{escape(title)}</title>\n'
        f'<desc id="{name}-description">{escape(description)}</desc>\n' + "\n".join(marks) + "\n</svg>"
    )


def text(x: int, y: int, content: str, kind: str = "", anchor: str = "") -> str:
    """A line of text whose baseline starts at x, y."""
    placed = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x}" y="{y}" class="{kind or "plain"}"{placed}>{escape(content)}</text>'


def box(x: int, y: int, width: int, height: int, kind: str = "leo-card") -> str:
    """A rectangle with round corners."""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" class="{kind}"/>'


def line(x1: int, y1: int, x2: int, y2: int, kind: str = "link") -> str:
    """A straight line."""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="{kind}"/>'


def table_html(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """A plain table that scrolls; cells are HTML already, the first of a row is its heading."""
    head = "".join(f'<th scope="col">{cell}</th>' for cell in heads)
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in rows
    )
    return scrolling(
        caption,
        f'<table class="leo-table{kind and " " + kind}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>",
    )


NOTICE = """:::{admonition} The data are simulated
:class: simulated

All data are simulated.
They describe nobody and say nothing about England.
The names of databases, views and columns are real; the rows are not.
:::
"""
LAST_YEAR = 2021
"""The second iteration of the extract ends with 2020/21."""


def lifetime(table: Table) -> tuple[int, int] | tuple[None, None]:
    """First and last year of a table: of its views, or of its fields where one view covers all years."""
    firsts = [view.first for view in table.views if view.first] or [y for f in table.fields for y, _ in f.years]
    lasts = [view.last for view in table.views if view.last] or [y for f in table.fields for _, y in f.years]
    return (min(firsts), max(lasts)) if firsts else (None, None)


# Small words ---------------------------------------------------------------------------------------


def academic_year(year: int) -> str:
    """The year that ends in ``year``: 2011 is 2010/11."""
    return f"{year - 1}/{year % 100:02d}"


def span(first: int, last: int) -> str:
    """A range of years in words."""
    return academic_year(first) if first == last else f"{academic_year(first)} to {academic_year(last)}"


def pattern(column: str) -> str:
    """A column's name with its term and year in the brackets of the request form."""
    return column.replace("{", "[").replace("}", "]")


def literal(text: str) -> str:
    """Text that Markdown shows as it is, but for names between backticks, which stay code."""
    parts = re.split(r"(`[^`\n]+`)", text)
    return "".join(part if at % 2 else re.sub(r"([\\`*_<>\[\]|{}])", r"\\\1", part) for at, part in enumerate(parts))


def prose(text: str) -> str:
    """A description as Markdown, one sentence a line."""
    return re.sub(r"(?<=[.?!]) (?=[A-Z])", "\n", literal(text))


def html(text: str) -> str:
    """Raw HTML in a MyST page."""
    return f"```{{raw}} html\n{text}\n```"


def scrolling(label: str, content: str) -> str:
    """Something wide that scrolls inside a narrow page, also by keyboard."""
    return f'<div class="leo-scroll" tabindex="0" role="region" aria-label="{escape(label)}">{content}</div>'
