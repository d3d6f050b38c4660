"""What a check says, apart from how it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from leocourse.checks import reading
from leocourse.checks.comparison import Table, as_html, as_text
from leocourse.checks.words import say

RIGHT, PARTLY, WRONG, STOPPED, NOT_ATTEMPTED, MARKED_LATER = (
    "right", "partly right", "not right yet", "stopped", "not attempted", "marked later",
)  # fmt: skip
MARKS = {RIGHT: "✓", PARTLY: "◐", WRONG: "✗", STOPPED: "!", NOT_ATTEMPTED: "○", MARKED_LATER: "·"}
COLOURS = {RIGHT: "#2e7d32", PARTLY: "#b26a00", WRONG: "#b3261e", STOPPED: "#b3261e"}


@dataclass(frozen=True)
class Told:
    """One thing that is wrong with an answer: in which part, what is said of it, and on what evidence."""

    part: str
    """``extra``, ``missing``, ``people`` (both), ``repeated``, ``order``, ``labels``, or the name of a column."""
    message: str
    """The cause in words, or else what the check sees."""
    evidence: str = ""
    """What the check sees in the answer's rows, if the message is a cause."""


@dataclass(frozen=True)
class Result:
    """The outcome of checking one question."""

    question: str
    title: str
    status: str
    credit: float
    """Share of the points, 0 to 1."""
    points: float
    """Points that the question can give."""
    message: str = ""
    misconception: str | None = None
    misconception_title: str = ""
    lesson: str = ""
    heading: str = ""
    """The heading in the lesson, if it is not the whole lesson."""
    findings: tuple[Told, ...] = ()
    """All that was found, in the order of the check; ``message`` says the first of them."""
    table: Table = ()
    """Some rows of the answer beside what is expected; its first line is the head."""

    @property
    def score(self) -> float:
        """Points earned."""
        return round(self.credit * self.points, 4)

    def __str__(self) -> str:
        lines = [f"{MARKS[self.status]} {self.question}: {self.status}. {self.title}"]
        if self.misconception:
            lines.append(f"  {self.misconception_title}.")
        lines += [f"  {line}" for line in self.message.splitlines()]
        lines += [f"  {line}" for line in as_text(self.table)]
        lines += ["  " + say("walk_offer", question=self.question)] if self.table else []
        if self.lesson and self.status not in (RIGHT, NOT_ATTEMPTED):
            lines.append(f"  Read again: {reading.words(self.lesson, self.heading)}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Shown as HTML in a notebook; nbgrader reads the points from the plain form, as partial credit."""
        return {"text/plain": f"{self.score:g}", "text/html": self.html()}

    def _read_again(self) -> str:
        words, link = escape(reading.words(self.lesson, self.heading)), reading.beside(self.lesson, self.heading)
        return f'<a href="{escape(link)}">{words}</a>' if link else words

    def html(self) -> str:
        """The result as a block of HTML. Colour is never the only sign."""
        colour = COLOURS.get(self.status, "#5f6368")
        earned = f" ({self.score:g} of {self.points:g} points)" if self.points else ""
        parts = [f"<p><strong>{MARKS[self.status]} {escape(self.question)}: {escape(self.status)}.</strong> "
                 f"{escape(self.title)}{earned}</p>"]  # fmt: skip
        if self.misconception:
            parts.append(f"<p><strong>{escape(self.misconception_title)}.</strong></p>")
        parts += [f"<p>{escape(line)}</p>" for line in self.message.splitlines()]
        parts.append(as_html(self.table))
        parts += ["<p>" + escape(say("walk_offer", question=self.question)) + "</p>"] if self.table else []
        if self.lesson and self.status not in (RIGHT, NOT_ATTEMPTED):
            parts.append(f"<p>Read again: {self._read_again()}</p>")
        style = f"border-left:6px solid {colour};padding:.2em 1em;margin:.5em 0"
        return f'<div role="status" style="{style}">{"".join(parts)}</div>'
