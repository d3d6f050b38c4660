"""What a check says, and the settings it goes by."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from leocourse.core.errors import LeoError

FILE = Path(__file__).with_name("disclosure.toml")


# Settings ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """The rules, by ACRO's names. ``disclosure.toml`` says what each is."""

    safe_threshold: int
    safe_round_base: int
    safe_nk_n: int
    safe_nk_k: float
    safe_pratio_p: float
    zeros_are_disclosive: bool
    round_quantiles_to: float
    percentage_decimals: int
    total_labels: tuple[str, ...]


def settings(changes: Settings | Mapping[str, Any] | None = None) -> Settings:
    """The settings of the course, with changes by name. Raises LeoError for a name that there is not."""
    if isinstance(changes, Settings):
        return changes
    known = tomllib.loads(FILE.read_text(encoding="utf-8"))
    base = Settings(**{**known, "total_labels": tuple(known["total_labels"])})
    unknown = sorted(set(changes or {}) - {field.name for field in fields(Settings)})
    if unknown:
        names = ", ".join(field.name for field in fields(Settings))
        raise LeoError(f"There is no setting '{unknown[0]}'. Settings are {names}.")
    changed = replace(base, **(changes or {}))
    if changed.safe_threshold < 1 or changed.safe_round_base < 1:
        raise LeoError("safe_threshold and safe_round_base must be 1 or more.")
    return changed


# What a check says ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """One reason why one cell may not leave."""

    rule: str
    row: int
    """Position of the row in the table, from 0."""
    column: str
    message: str
    mend: tuple[tuple[int, str], ...] = ()
    """The cells, as row and column, that :func:`prepare` blanks to mend it."""


@dataclass(frozen=True)
class Report:
    """What may leave, what not and why, row by row."""

    labels: tuple[str, ...]
    """What each row is about."""
    findings: tuple[Finding, ...]
    subject: str = "table"

    @property
    def safe(self) -> bool:
        """Whether nothing was found. That is no permission: an output checker gives it."""
        return not self.findings

    @property
    def table(self) -> pd.DataFrame:
        """One row for each row of the table: what it is about, whether it may leave, and why not."""
        why: dict[int, list[str]] = {}
        for finding in self.findings:
            why.setdefault(finding.row, []).append(f"{finding.column}: {finding.message}")
        rows = [
            (label, "no" if row in why else "yes", " ".join(dict.fromkeys(why.get(row, ()))))
            for row, label in enumerate(self.labels)
        ]
        return pd.DataFrame(rows, columns=["row", "may leave", "why"])

    @property
    def summary(self) -> str:
        """One line."""
        rows = len({finding.row for finding in self.findings})
        if self.safe:
            return f"Nothing found in this {self.subject}: it may be sent to the output checkers."
        noun = "rows" if self.subject == "table" else "bars or points"
        return f"This {self.subject} may not leave yet: {rows} of {len(self.labels)} {noun} have a problem."

    def __str__(self) -> str:
        lines = [f"{'✓' if self.safe else '✗'} {self.summary}"]
        for finding in self.findings:
            lines.append(f"  {self.labels[finding.row]}: {finding.column}: {finding.message} [{finding.rule}]")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The report as a block of HTML. Colour is never the only sign."""
        colour = "#2e7d32" if self.safe else "#b3261e"
        parts = [f"<p><strong>{'✓' if self.safe else '✗'} {escape(self.summary)}</strong></p>"]
        if self.findings:
            head = "<tr><th>row</th><th>may leave</th><th>why</th></tr>"
            body = "".join(
                "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in row) + "</tr>"
                for row in self.table.itertuples(index=False)
            )
            parts.append(f"<table><thead>{head}</thead><tbody>{body}</tbody></table>")
        style = f"border-left:6px solid {colour};padding:.2em 1em;margin:.5em 0"
        return f'<div role="status" style="{style}">{"".join(parts)}</div>'
