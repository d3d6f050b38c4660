"""What is kept of a submission that was marked, whatever the gradebook is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

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


@dataclass(frozen=True)
class Graded:
    """What became of one submission."""

    student: str
    assignment: str
    name: str
    problem: str = ""
    results: list[Result] = field(default_factory=list)
    to_read: list[str] = field(default_factory=list)
    feedback: Path | None = None
    notes: list[str] = field(default_factory=list)
    isolation: str = ""
    seeds: list[int] = field(default_factory=list)
    again: bool = False
    """Whether it was marked by an earlier run, and is unchanged."""

    @property
    def score(self) -> float:
        """Points of the questions that are marked by machine."""
        return sum(result.score for result in self.results)

    @property
    def points(self) -> float:
        """Points that those questions can give."""
        return sum(result.points for result in self.results)
