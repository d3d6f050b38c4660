"""The settings of the rules: thresholds, rounding, dominance."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from leocourse.core.errors import LeoError

FILE = Path(__file__).with_name("disclosure.toml")
CLOSE = 1e-9
"""Numbers nearer to each other than this are the same."""


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
    if isinstance(changed.total_labels, str) or not all(isinstance(each, str) for each in changed.total_labels):
        raise LeoError("total_labels takes a list of labels: total_labels=['All', 'England'].")
    changed = replace(changed, total_labels=tuple(each.strip().lower() for each in changed.total_labels))
    if changed.safe_threshold < 1 or changed.safe_round_base < 1:
        raise LeoError("safe_threshold and safe_round_base must be 1 or more.")
    return changed
