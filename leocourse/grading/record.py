"""What is kept of a submission that was marked, whatever the gradebook is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from leocourse.checks.result import Result


@dataclass(frozen=True)
class Record:
    """What is kept of a submission that was marked."""

    student: str
    assignment: str
    notebook_sha256: str
    version: str
    """Hash of the assignment: its notebook, questions and reference answers."""
    seeds: list[int]
    """Of the extracts that it was marked on."""
    isolation: str
    """What kept its code apart; ``none`` if nothing did."""
    problem: str = ""
    results: list[Result] = field(default_factory=list)
    to_read: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    marked_at: str = ""
    seconds: float = 0.0
    """How long its code ran."""
    attempts: int = 1
    """How many different notebooks this student has had marked for this assignment."""
