"""What a check says, and the settings it goes by."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Literal

import pandas as pd

Verdict = Literal["may be sent", "may not leave", "not judged"]
MARKS: dict[Verdict, str] = {"may be sent": "✓", "may not leave": "✗", "not judged": "?"}
COLOURS: dict[Verdict, str] = {"may be sent": "#2e7d32", "may not leave": "#b3261e", "not judged": "#7a5c00"}


@dataclass(frozen=True)
class Risk:
    """One reason why one cell may not leave."""

    rule: str
    row: int
    """Position of the row in the table, from 0."""
    column: str
    message: str
    mend: tuple[tuple[int, str], ...] = ()
    """The cells, as row and column, that preparing the table blanks to mend it."""


@dataclass(frozen=True)
class Report:
    """What may leave, what not and why, row by row."""

    labels: tuple[str, ...]
    """What each row is about."""
    findings: tuple[Risk, ...]
    subject: str = "table"
    columns: str = ""
    """What the columns were taken for, in words."""
    unclear: tuple[str, ...] = ()
    """What was guessed or cannot be known, so that nothing was cleared."""
    call: str = ""
    """The call that confirms what was guessed."""
    unseen: tuple[str, ...] = ()
    """What the check did not look at."""

    @property
    def verdict(self) -> Verdict:
        """One of: may be sent, may not leave, not judged."""
        if self.findings:
            return "may not leave"
        return "not judged" if self.unclear else "may be sent"

    @property
    def safe(self) -> bool:
        """Whether all was looked at and nothing found. That is no permission: an output checker gives it."""
        return self.verdict == "may be sent"

    @property
    def table(self) -> pd.DataFrame:
        """One row for each row of the table: what it is about, whether it may leave, and why not."""
        why: dict[int, list[str]] = {}
        for finding in self.findings:
            why.setdefault(finding.row, []).append(f"{finding.column}: {finding.message}")
        clear = "not judged" if self.unclear else "yes"
        rows = [
            (label, "no" if row in why else clear, " ".join(dict.fromkeys(why.get(row, ()))))
            for row, label in enumerate(self.labels)
        ]
        return pd.DataFrame(rows, columns=["row", "may leave", "why"])

    @property
    def summary(self) -> str:
        """One line: the verdict."""
        if self.verdict == "may be sent":
            return f"Nothing found in this {self.subject}: it may be sent to the output checkers."
        if self.verdict == "not judged":
            return f"This {self.subject} was not judged: too little is known about what it holds."
        rows = len({finding.row for finding in self.findings})
        noun = "rows" if self.subject == "table" else "bars or points"
        guess = ", if it holds what was guessed" if self.unclear else ""
        return f"This {self.subject} may not leave yet: {rows} of {len(self.labels)} {noun} have a problem{guess}."

    @property
    def notes(self) -> list[str]:
        """What the columns were taken for, what is not clear and how to say it, and what was not looked at."""
        lines = [f"Taken for {self.columns}."] if self.columns else []
        lines += list(self.unclear)
        if self.call:
            lines.append(f"Confirm what is right of this call, mend the rest, and run it: {self.call}")
        if self.safe and self.unseen:
            lines.append(f"Not looked at: {'; '.join(self.unseen)}.")
        return [one_line(each) for each in lines]

    def __str__(self) -> str:
        lines = [f"{MARKS[self.verdict]} {self.summary}", *(f"  {each}" for each in self.notes)]
        for finding in self.findings:
            about = f"{one_line(self.labels[finding.row])}: {one_line(finding.column)}"
            lines.append(f"  {about}: {one_line(finding.message)} [{finding.rule}]")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The report as a block of HTML. Colour is never the only sign."""
        parts = [f"<p><strong>{MARKS[self.verdict]} {escape(self.summary)}</strong></p>"]
        parts += [f"<p>{escape(each)}</p>" for each in self.notes]
        if self.findings:
            head = "<tr><th>row</th><th>may leave</th><th>why</th></tr>"
            body = "".join(
                "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in row) + "</tr>"
                for row in self.table.itertuples(index=False)
            )
            parts.append(f"<table><thead>{head}</thead><tbody>{body}</tbody></table>")
        style = f"border-left:6px solid {COLOURS[self.verdict]};padding:.2em 1em;margin:.5em 0"
        return f'<div role="status" style="{style}">{"".join(parts)}</div>'


def one_line(text: object) -> str:
    """Text without line ends: the name of a column must not look like a line of the report."""
    return " ".join(str(text).split())
