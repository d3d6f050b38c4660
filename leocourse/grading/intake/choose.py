"""Which of several files counts: one a person and assignment, and none is chosen silently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from leocourse.grading.intake.model import (
    ASIDE,
    BESIDE,
    COLLECTOR,
    EARLIER,
    LITTER,
    MARK,
    OPENED,
    TIME,
    Line,
    Load,
    Submission,
)  # fmt: skip
from leocourse.grading.intake.times import Time

Worked = Callable[["Seen"], bool]
"""Whether anything in a notebook is not as it was handed out."""


@dataclass(frozen=True)
class Seen:
    """A file of which it is known whose it is and what it is."""

    path: PurePosixPath
    what: str
    student: str = ""
    assignment: str = ""
    load: Load = bytes
    problem: str = ""
    notebook: bool = False
    """Whether it is, or may be, a notebook: then it never passes for a file beside one."""
    folder: bool = False
    rule: str = ""
    doubt: str = ""
    sha256: str = ""
    time: Time = field(default_factory=Time)
    attempt: int = 0
    exact: bool = False
    """Whether it has just the name that was handed out."""
    notes: tuple[str, ...] = ()
    decided: bool = False
    """Whether somebody decided what it is."""

    def submission(self, **changes: str) -> Submission:
        """It as a submission, with what is changed."""
        made = Submission(
            self.student, self.assignment, str(self.path), self.load, self.problem,
            self.time.text or ("" if self.time.twice else self.time.found.strip()), self.sha256, self.notes,
        )  # fmt: skip
        return replace(made, **changes)


class Shelf:
    """What was seen, put in order: one submission a student and assignment, and what becomes of every file."""

    def __init__(self, seen: Sequence[Seen], worked: Worked) -> None:
        self.submissions: list[Submission] = []
        self.files: dict[str, tuple[str, str]] = {}
        self._lines: dict[str, Seen] = {}
        self._worked = worked
        students: dict[str, list[Seen]] = {}
        for one in seen:
            if one.student:
                students.setdefault(one.student, []).append(one)
            elif one.what in (LITTER, COLLECTOR, OPENED):
                self._note(one, one.what, one.rule)
            elif not (one.folder and not one.problem):
                self._aside(one)
        for ones in students.values():
            self._student(ones)

    def plan(self) -> list[Line]:
        """What every file is taken for."""
        lines = []
        for path, (what, why) in self.files.items():
            one = self._lines[path]
            doubt = " ".join(dict.fromkeys(filter(None, (one.doubt, why if what in (ASIDE, EARLIER, BESIDE) else ""))))
            assignment = one.assignment if what in (MARK, ASIDE, EARLIER) else ""
            lines.append(Line(path, what, one.student, assignment, one.rule, doubt, one.sha256))
        for each in self.submissions:
            if each.problem and each.name not in self.files:  # a folder in which nothing is
                lines.append(Line(each.name, ASIDE, each.student, each.assignment, "", each.problem))
        return sorted(lines, key=lambda line: line.file)

    def _student(self, ones: list[Seen]) -> None:
        offered: dict[str, list[Seen]] = {}
        beside: dict[str, list[Seen]] = {}
        for one in ones:
            if one.what in (LITTER, TIME, OPENED, COLLECTOR):
                self._note(one, one.what, one.rule)
            elif one.what == BESIDE:
                beside.setdefault(one.assignment, []).append(one)
            elif one.assignment:
                offered.setdefault(one.assignment, []).append(one)
            else:
                self._aside(one)
        before = len(self.submissions)
        for group in offered.values():
            self._choose(group)
        for assignment, group in beside.items():
            if assignment and assignment not in offered:
                self._nothing(group)
        lost = any(one.what == ASIDE for one in ones)
        if len(self.submissions) == before and not lost:
            litter = [one.path for one in ones if one.what == LITTER and one.path.suffix.lower() == ".ipynb"]
            self._nothing(beside.get("") or [replace(ones[0], what=BESIDE, folder=True)], litter)
        for one in (one for group in beside.values() for one in group):
            if not one.folder and str(one.path) not in self.files:
                self._note(one, BESIDE, one.problem or one.rule or "It is no notebook.")

    def _choose(self, offered: list[Seen]) -> None:
        """One for an assignment: a readable one before an unreadable one, none of several that differ."""
        readable = [one for one in offered if one.what == MARK]
        left = self._without_doubles(readable)
        if len(left) > 1:
            left = self._last_attempt(left)
        if len(left) > 1:
            names = ", ".join(str(one.path) for one in left)
            why = f"There are {len(left)} notebooks for this assignment ({names}): leave the one to be marked."
            self.submissions.append(left[0].submission(problem=why))
            for one in left:
                self._note(one, ASIDE, why)
        else:
            first = (left or offered)[0]
            self.submissions.append(first.submission())
            self._note(first, first.what, first.problem)
        for one in offered:
            if str(one.path) in self.files:
                continue
            if one.notebook:  # it may be the one that was meant
                also = f" {left[0].path} was taken." if len(left) == 1 else ""
                self._aside(replace(one, problem=one.problem + also))
            else:
                self._note(one, BESIDE, one.problem)

    def _without_doubles(self, readable: list[Seen]) -> list[Seen]:
        """Without notebooks in which nothing was written beside one that was worked on, and one of those that are the
        same."""
        if len({one.sha256 for one in readable}) < 2:
            return self._one_of_each(readable)
        worked = [one for one in readable if one.decided or self._worked(one)]
        if not worked:
            worked = readable[:1]
        kept = self._one_of_each(worked)
        for one in readable:
            if one not in worked:
                self._note(one, BESIDE, f"Nothing was written in it; {kept[0].path} was.")
        return kept

    def _one_of_each(self, ones: list[Seen]) -> list[Seen]:
        """One of those that are the same: the one with the right name, the latest, the first in order."""
        best: dict[str, Seen] = {}
        for one in sorted(ones, key=lambda one: (not one.exact, one.path)):
            held = best.get(one.sha256)
            if held is None or (one.time.text, one.attempt) > (held.time.text, held.attempt):
                best[one.sha256] = one
        kept = [one for one in ones if best[one.sha256] is one]
        for one in ones:
            held = best[one.sha256]
            if held is one:
                continue
            if one.time.text or one.attempt:
                self._note(one, EARLIER, f"It is the same as {held.path}, which was handed in later.")
            else:
                self._aside(replace(one, problem=f"It is the same file as another: {held.path} was taken."))
        return kept

    def _last_attempt(self, ones: list[Seen]) -> list[Seen]:
        """The last of several attempts, if all have a time or a number; else all of them."""
        by_time, by_number = all(one.time.text for one in ones), all(one.attempt for one in ones)
        if not (by_time or by_number):
            return ones
        ordered = sorted(ones, key=lambda one: (one.time.text if by_time else "", one.attempt))
        last, before = ordered[-1], ordered[-2]
        if (last.time.text if by_time else "", last.attempt) == (before.time.text if by_time else "", before.attempt):
            return ones
        when = f"of {last.time.text}" if by_time else f"number {last.attempt}"
        for one in ordered[:-1]:
            self._note(one, EARLIER, f"A later attempt counts, the one {when}: {last.path}.")
        return [replace(last, notes=(*last.notes, f"Of {len(ones)} attempts the last one counts, {when}."))]

    def _nothing(self, beside: list[Seen], litter: Sequence[PurePosixPath] = ()) -> None:
        """A folder without a notebook: somebody handed in something else, only what a program saves, or nothing."""
        files = [one for one in beside if not one.folder]
        names = ", ".join(one.path.name for one in files[:3]) + (f" and {len(files) - 3} more" if files[3:] else "")
        why = f"There is no notebook, only {names}: hand in the .ipynb file."
        none = "Nothing was handed in: it is empty."
        if litter:
            none = f"There is no notebook, only {litter[0]}, which a program saves by itself: hand in the .ipynb file."
        self.submissions.append(beside[0].submission(problem=why if files else none))
        for one in files:
            self._note(one, ASIDE, why)

    def _aside(self, one: Seen) -> None:
        """Tell of a file of which nothing is marked, beside what the gradebook may hold of its student."""
        self.submissions.append(one.submission(assignment=""))
        if not one.folder:
            self._note(one, ASIDE, one.problem)

    def _note(self, one: Seen, what: str, why: str = "") -> None:
        self.files[str(one.path)] = (what, why)
        self._lines[str(one.path)] = one
