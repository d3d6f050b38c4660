"""All that was handed in: whose each file is, for which assignment, and which of several counts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath

from leocourse.core.errors import LeoError
from leocourse.grading.box.answers import letters
from leocourse.grading.intake.choose import Seen, Shelf
from leocourse.grading.intake.model import (
    ASIDE,
    BESIDE,
    COLLECTOR,
    LITTER,
    MARK,
    OPENED,
    TIME,
    Intake,
    Submission,
    wrong_name,
)  # fmt: skip
from leocourse.grading.intake.people import People
from leocourse.grading.intake.places import PLAIN, Place, Places
from leocourse.grading.intake.signs import Assignment, Content, Sign, assignment_of, by_name, look, worked
from leocourse.grading.intake.snapshot import TIME_FILE, Found, Snapshot, ignored, take
from leocourse.grading.intake.table import CHANGED, LEAVE_OUT, Decision, spelled
from leocourse.grading.intake.times import read_time
from leocourse.grading.roster import Learner

ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz")
BARE_NAMES = ("", ".json", ".txt")
"""Endings under which browsers and mail programs save a notebook."""
NOT_A_NOTEBOOK = "It is not a notebook: hand in the .ipynb file."
THEIR_WORD = "A time among somebody's own files is their word, and is not believed."
DECIDED = "the table says so"


@dataclass(frozen=True)
class Wanted:
    """What whoever marks says of what was handed in."""

    roster: Sequence[Learner] = ()
    decided: Mapping[str, Decision] = field(default_factory=dict)
    """By file, as :func:`leocourse.grading.intake.table.spelled`."""
    first: str = ""
    """``day`` or ``month``: what comes first in a date such as 10/01/2026."""


def collect(source: Path, notebooks: Mapping[str, str | Assignment], wanted: Wanted | None = None) -> Intake:
    """All that is in a folder or zip: the submissions, and what every file is.

    ``notebooks`` maps each assignment to the name of its notebook (without ``.ipynb``), or to all by which it is
    known. Every file is read once; what is marked, hashed and recorded later is what was read. Raises LeoError if
    ``source`` is neither a folder nor a zip, or holds nothing that anybody handed in, or if what is ``wanted`` names
    a file that is not there.
    """
    assignments = {
        name: each if isinstance(each, Assignment) else assignment_of(name, each) for name, each in notebooks.items()
    }
    return _Collecting(take(source), assignments, wanted or Wanted()).intake()


class _Collecting:
    """A run through what was handed in."""

    def __init__(self, snapshot: Snapshot, assignments: Mapping[str, Assignment], wanted: Wanted) -> None:
        self.snapshot, self.assignments, self.wanted = snapshot, assignments, wanted
        self.people = People(wanted.roster)
        self.contents: dict[str, Content] = {}
        names = {letters(text): each.name for each in assignments.values() for text in (each.name, each.notebook)}
        decided = {}
        for file in snapshot.files:
            if file.name.lower().endswith(".ipynb") and (found := self._content(file).sign.assignment):
                decided[file.parts] = found
        called = snapshot.source.resolve().name
        called = called[:-4] if snapshot.source.is_file() and called.lower().endswith(".zip") else called
        self.places = Places(snapshot.files, called, names, self.people.known, decided)

    def intake(self) -> Intake:
        """What was found, in order."""
        self._check_decided()
        placed = [(file, self.places.of(file)) for file in self.snapshot.files]
        self.people.learn(place for _, place in placed)
        times: dict[tuple[str, ...], str] = {}
        seen = []
        for file, place in placed:
            one = self._whose(file, place)
            seen.append(one)
            if one.what == TIME:
                times[file.parts[:-1]] = self.snapshot.content(file)[:100].decode("utf-8", "replace").strip()
        seen = [self._timed(one, times) for one in seen]
        shelf = Shelf(seen, self._worked)
        if not shelf.submissions:
            raise LeoError(f"No submissions in {self.snapshot.source}: expected <student>/<assignment>.ipynb.")
        chosen = [replace(each, problem=each.problem or _wrong(each)) for each in shelf.submissions]
        there = {each.student for each in chosen}
        return Intake(
            sorted(chosen, key=lambda each: (each.student, each.assignment, each.name)),
            shelf.files,
            shelf.plan(),
            tuple(sorted({place.layout for _, place in placed if place.whose is not None})),
            tuple(each.id for each in self.wanted.roster if each.id not in there | self.people.possible),
        )

    def _check_decided(self) -> None:
        there = {spelled(file.path) for file in self.snapshot.files}
        if gone := [file for file in self.wanted.decided if file not in there]:
            more = f" and {len(gone) - 1} more" if gone[1:] else ""
            raise LeoError(f"The table has a file that is not in {self.snapshot.source}: {gone[0][:200]}{more}.")

    def _content(self, file: Found) -> Content:
        if file.sha256 not in self.contents:
            self.contents[file.sha256] = look(self.snapshot.content(file), self.assignments)
        return self.contents[file.sha256]

    def _worked(self, one: Seen) -> bool:
        return worked(one.load(), self.assignments[one.assignment])

    def _timed(self, one: Seen, times: Mapping[tuple[str, ...], str]) -> Seen:
        """With the time that a collector gives it, in its path or beside it."""
        found = one.time.found or times.get(one.path.parts[:-1], "")
        if not found or not one.student or one.what not in (MARK, ASIDE):
            return one
        time = read_time(found, self.wanted.first)
        if not time.twice:
            return replace(one, time=time)
        said = f"The time of handing in ({found[:40]}) can be read in two ways, so it is not taken for late: "
        said += "--day-first or --month-first says how it is meant."
        return replace(one, time=time, doubt=f"{one.doubt} {said}".strip(), notes=(*one.notes, said))

    def _whose(self, file: Found, place: Place) -> Seen:
        """Whose a file is, for which assignment, and what it is."""
        path = PurePosixPath(*file.parts)
        decision = self.wanted.decided.get(spelled(file.path))
        if decision is not None:
            return self._decided(file, path, decision)
        rule = ignored(file.parts)
        inside = place.whose is not None and not ignored(file.parts[: place.top])
        student, notes, doubt = "", (), ""
        if inside:
            person = self.people.who(place)
            student, doubt, notes = person.name, person.doubt, tuple(filter(None, (person.note,)))
        if rule:
            return Seen(path, LITTER, student, rule=rule)
        if file.opened:
            return Seen(path, OPENED, student, rule="its files are looked at one by one")
        if place.own:
            return Seen(path, COLLECTOR, rule="the system that collected it wrote it")
        if not inside:
            return Seen(path, ASIDE, problem=file.problem or _outside(file), folder=file.folder)
        one = Seen(path, ASIDE, student, problem=file.problem, folder=file.folder, doubt=doubt, sha256=file.sha256,
                   attempt=place.whose.attempt, notes=notes,
                   load=partial(self.snapshot.store.get, file.sha256) if file.sha256 else bytes)  # fmt: skip
        one = replace(one, time=read_time(place.whose.time)) if place.whose.time else one
        return self._what(file, place, one)

    def _decided(self, file: Found, path: PurePosixPath, decision: Decision) -> Seen:
        if decision.assignment == LEAVE_OUT:
            return Seen(path, BESIDE, decision.student, rule="the table leaves it out", sha256=file.sha256)
        load = partial(self.snapshot.store.get, file.sha256) if file.sha256 else bytes
        problem = file.problem or (CHANGED if decision.sha256 not in ("", file.sha256) else "")
        problem = problem or ("" if file.sha256 else NOT_A_NOTEBOOK)
        return Seen(path, ASIDE if problem else MARK, decision.student, decision.assignment, load, problem,
                    notebook=True, rule=DECIDED, sha256=file.sha256, decided=True)  # fmt: skip

    def _what(self, file: Found, place: Place, one: Seen) -> Seen:
        """What a file of somebody's is."""
        rest, names = place.whose.rest, self.assignments
        folder = next((part for part in rest[: None if file.folder else -1] if part in names), "")
        if file.folder:
            return replace(one, what=ASIDE if file.problem else BESIDE, assignment=folder)
        if file.name.lower() == TIME_FILE and not file.problem:
            if self._believed(file, place):
                return replace(one, what=TIME, assignment=folder, rule="the time of handing in")
            return replace(one, what=BESIDE, assignment=folder, rule=THEIR_WORD)
        name = rest[-1] if rest else file.name
        if name.lower().endswith(".ipynb"):
            return self._notebook(file, place, one, name)
        stem = re.split(r"\.ipynb", name, maxsplit=1, flags=re.IGNORECASE)[0]
        mistaken = self._mistaken(file, name)
        if mistaken or file.problem:
            sign = by_name(stem, names) if mistaken or ".ipynb" in name.lower() else Sign()
            assignment = folder or (sign.assignment if sign.rule == "its name" or mistaken else "")
            if mistaken or file.problem.startswith("Its path"):
                return replace(one, assignment=assignment, problem=file.problem or mistaken, notebook=True)
        exact = by_name(name.rpartition(".")[0] or name, names)
        if exact.rule == "its name":
            return replace(one, assignment=exact.assignment, problem=file.problem or NOT_A_NOTEBOOK)
        return replace(one, what=BESIDE, assignment=folder)

    def _believed(self, file: Found, place: Place) -> bool:
        """Whether a time was written by who collected: beside a notebook in nbgrader's tree, and in nobody's zip."""
        exact = (
            place.layout in (PLAIN, "nbgrader")
            and len(place.whose.rest) == 2
            and place.whose.rest[0] in self.assignments
        )
        return exact and all(at < place.top - 1 for at in file.zips)

    def _mistaken(self, file: Found, name: str) -> str:
        """Why a file that has not the name of a notebook may hold one; empty if nothing says so."""
        ending = PurePosixPath(name).suffix.lower()
        if ending in ARCHIVES:
            return file.problem or "It is an archive, which marking does not open: unpack it in the student's folder."
        if ".ipynb" in name.lower():
            return "Its name does not end in .ipynb: rename it to end so, or hand in the right file."
        if not file.problem and file.sha256 and (ending in BARE_NAMES or self._content(file).ours):
            return "It is a notebook under another name: rename it to end in .ipynb."
        return ""

    def _notebook(self, file: Found, place: Place, one: Seen, name: str) -> Seen:
        one, names = replace(one, notebook=True), self.assignments
        content = self._content(file)
        named, sign, problem = by_name(name, names), content.sign, file.problem
        above = [*reversed(place.whose.rest[:-1]), *reversed(place.above)]
        folder = next((found for part in above if (found := by_name(part, names)).assignment), Sign())
        if sign.doubt:
            problem = problem or f"{sign.doubt} Whoever marks says for which assignment it is, with --map."
            sign = named if named.assignment else folder
        elif not sign.assignment and named.assignment:
            sign = named
        elif not sign.assignment and folder.assignment:
            sign = Sign(folder.assignment, "the name of the folder", folder.doubt)
            if not content.ours:
                problem = problem or f"Expected {names[folder.assignment].notebook}.ipynb."
        elif not sign.assignment:
            stem = name.rpartition(".")[0]
            problem = problem or f"'{stem}' is no assignment of this course: it has {', '.join(sorted(names))}."
            sign = Sign(stem)
        doubt = f"{one.doubt} {sign.doubt}".strip()
        if named.assignment and named.assignment != sign.assignment:
            doubt = f"{doubt} Its name says {named.assignment}.".strip()
        return replace(one, what=ASIDE if problem else MARK, assignment=sign.assignment, problem=problem,
                       rule=sign.rule, doubt=doubt, exact=named.rule == "its name")  # fmt: skip


def _outside(file: Found) -> str:
    if PurePosixPath(file.name).suffix.lower() in ARCHIVES:
        return "It is an archive outside a student's folder: unpack it in <student>/."
    return "It lies outside a student's folder: put it in <student>/."


def _wrong(submission: Submission) -> str:
    return wrong_name(submission.student) if submission.student else ""
