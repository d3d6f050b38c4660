"""What intake finds: submissions, and what every file is."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

NAME_LIMIT, FOLDER_BYTES = 128, 255
"""Characters of a student's name that a gradebook holds, and bytes of it that a folder's name may have."""
MARK, ASIDE, BESIDE, LITTER, TIME = "to mark", "set aside", "beside", "left by a computer", "time of handing in"
OPENED, EARLIER, COLLECTOR = "opened", "earlier attempt", "the collector's own"
"""What a file is."""

Load = Callable[[], bytes]


@dataclass(frozen=True)
class Submission:
    """One notebook that somebody handed in, or the reason why it cannot be read."""

    student: str
    assignment: str
    name: str
    """Where it was found, for reports."""
    load: Load = bytes
    """Reads it from the store of the run. Nothing is kept in memory until its turn comes."""
    problem: str = ""
    timestamp: str = ""
    """When it was handed in, as a collector says: in UTC if it could be read, else as it was found."""
    sha256: str = ""
    """Of what ``load`` reads."""
    notes: tuple[str, ...] = ()
    """What the report says of how it was found."""


@dataclass(frozen=True)
class Line:
    """A line of the plan: what a file is taken for, by which rule, and what is in doubt."""

    file: str
    what: str
    student: str = ""
    assignment: str = ""
    rule: str = ""
    doubt: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Intake:
    """What is in a folder or zip."""

    submissions: list[Submission]
    """One a student and assignment, and what was set aside, sorted by both."""
    files: dict[str, tuple[str, str]]
    """What each file is (:data:`MARK`, :data:`ASIDE`, ...) and why, by its path. No file is missing."""
    plan: list[Line] = field(default_factory=list)
    """The same by file, with whose it is and by which rule."""
    layouts: tuple[str, ...] = ()
    """The layouts that were recognised."""
    missing: tuple[str, ...] = ()
    """Who is on the roster and handed in nothing."""


def wrong_name(student: str) -> str:
    """Why a name can be no student's; empty if it can. A good one is the name of one folder, and text."""
    if len(student) > NAME_LIMIT:
        return f"The student's name is longer than {NAME_LIMIT} characters."
    try:
        long = len(student.encode()) > FOLDER_BYTES
    except UnicodeEncodeError:
        return "The name of the student's folder is not UTF-8 text: rename it."
    if long:
        return f"The student's name is longer than {FOLDER_BYTES} bytes, and no folder can have it."
    if student in ("", ".", "..") or "/" in student or any(unicodedata.category(each) == "Cc" for each in student):
        return "The name of the student's folder holds a character that no name has: rename it."
    return ""
