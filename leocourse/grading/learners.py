"""An extract for each learner: made from a roster and the course's secret, with its keys, ready to hand out.

Each learner gets a folder that is a small copy of the course: the released notebooks, and in the place of the lesson
extract one of their own, with its keys beside it. Notebooks run in it unchanged. Numbers in it differ from everybody
else's, so a number copied from a neighbour is wrong in the notebook already; marking uses extracts that nobody has.
"""

from __future__ import annotations

import csv
import json
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from leocourse.authoring.handout import EXERCISES, START, exercises, opening_page
from leocourse.authoring.release import write_keys
from leocourse.core import keep, plain
from leocourse.core.connect import connect
from leocourse.core.copies import WORK
from leocourse.core.errors import LeoError
from leocourse.core.paths import LESSON_EXTRACT
from leocourse.extract import generate, truth_folder
from leocourse.grading.notebook import TAG
from leocourse.grading.secret import code_of, course_secret, seed_of
from leocourse.steps import digest

LEARNERS = Path("learners")
"""Where learners' folders go; not in git."""
PEOPLE = 5_000
"""People in a learner's extract."""
MADE_FROM = (
    "solutions", "exercises", "data/schema", "data/reference", "leocourse/extract", "leocourse/schema",
    "leocourse/measures", "leocourse/disclosure", "leocourse/checks", "leocourse/authoring", "leocourse/core",
)  # fmt: skip
"""What decides the extract of a learner, its keys and the notebooks."""
ID_LIMIT, ROSTER_LIMIT = 64, 20_000
FILES_SHOWN = 3
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
"""Names that no folder on Windows may have."""


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Learner:
    """A line of a roster."""

    id: str
    name: str = ""


def read_roster(path: Path) -> list[Learner]:
    """The learners in a CSV file with a column ``id``, and ``name`` or nbgrader's ``first_name`` and ``last_name``.

    Ids become names of folders. Raises LeoError, with the line, for one that cannot be: empty, longer than 64
    characters, with a separator of paths or a control character, a name that means another folder or that Windows
    keeps for itself, or one that differs from another in capitals or accents' encoding only.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows = [(reader.line_num, row) for row, _ in zip(reader, range(ROSTER_LIMIT + 1), strict=False)]
            columns = reader.fieldnames or []
    except OSError as error:
        raise LeoError(f"The roster {path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise LeoError(f"The roster {path} is no CSV file in UTF-8.") from error
    if "id" not in columns:
        raise LeoError(f"The roster {path} has no column 'id'.")
    if not rows:
        raise LeoError(f"The roster {path} names nobody.")
    if len(rows) > ROSTER_LIMIT:
        raise LeoError(f"The roster {path} has more than {ROSTER_LIMIT:,} lines: split it.")
    learners, seen = [], {}
    for line, row in rows:
        learner = (row["id"] or "").strip(" ")
        wrong = _wrong(learner)
        folded = unicodedata.normalize("NFKC", learner).casefold()
        if not wrong and folded in seen:
            wrong = f"is the same folder as the one in line {seen[folded]}"
        if wrong:
            raise LeoError(f"Roster, line {line}: the id {_shown(learner)} {wrong}.")
        seen[folded] = line
        name = row.get("name") or f"{row.get('first_name') or ''} {row.get('last_name') or ''}"
        learners.append(Learner(learner, " ".join(name.split())))
    return learners


def release_to(
    root: Path,
    learners: list[Learner],
    people: int = PEOPLE,
    progress: Callable[[str, int, int], None] | None = None,
    say: Callable[[str], None] = _say,
) -> list[Path]:
    """Make each learner's folder under ``learners/``, and give the folders. What is current is left as it is.

    What somebody changed or put in a folder that is made again is moved to a dated folder beside it, and ``say`` is
    told what. It is also told of the folders there of people who are not among these ``learners``.
    Raises LeoError if an extract cannot be made on which every misconception differs from the right answer.
    """
    secret = course_secret(root)
    made_from = digest([root / name for name in MADE_FROM])
    made = []
    for number, learner in enumerate(learners):
        folder = root / LEARNERS / learner.id
        stamp = json.dumps({"seed": seed_of(secret, learner.id), "people": people, "made_from": made_from})
        mark = folder.parent / f".{learner.id}.made"
        if not (mark.is_file() and mark.read_text(encoding="utf-8") == stamp and folder.is_dir()):
            keep.check_folder(folder)
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".making-", dir=folder.parent) as scratch:
                _make(root, Path(scratch) / "made", learner, secret, people)
                hand_over(root, Path(scratch) / "made", folder, say)
            keep.put(mark.parent, mark.name, stamp)
        made.append(folder)
        if progress:
            progress(learner.id, number + 1, len(learners))
    if others := _not_on_it(root / LEARNERS, learners, made_from):
        say(f"Not on this roster, so left as it was in {LEARNERS}: {', '.join(others)}.")
    return made


def hand_over(root: Path, made: Path, folder: Path, say: Callable[[str], None]) -> None:
    """Put a learner's folder that was made in its place. Their work/ stays in it, and all else of theirs is kept."""
    kept = keep.replace_folder(made, folder, by="learner", any_folder=True)
    if kept is not None and (kept / WORK).is_dir():  # a learner goes on where they were
        (kept / WORK).rename(folder / WORK)
        _remove_if_empty(kept)
    if kept is not None and kept.exists():
        say(_kept_line(root, folder, kept))


def _kept_line(root: Path, folder: Path, kept: Path) -> str:
    """What of a folder that was made again was kept: not all of it, unless all of it was somebody's."""
    files = sorted(path.relative_to(kept).as_posix() for path in kept.rglob("*") if not path.is_dir())
    shown = ", ".join(map(plain.one_line, files[:FILES_SHOWN]))
    more = f" and {len(files) - FILES_SHOWN:,} more" if len(files) > FILES_SHOWN else ""
    what = "1 file was not as the course had written it, and is" if len(files) == 1 else (
        f"{len(files):,} files were not as the course had written them, and are")  # fmt: skip
    return f"{folder.relative_to(root)} is made again. In it {what} kept in {kept.relative_to(root)}: {shown}{more}."


def _not_on_it(folder: Path, learners: list[Learner], made_from: str) -> list[str]:
    """The learners' folders of people who are not on the roster, and which of them are of an older release."""
    wanted, found = {learner.id for learner in learners}, []
    for mark in sorted(folder.glob(".*.made")):
        name = mark.name.removeprefix(".").removesuffix(".made")
        if name in wanted or not (folder / name).is_dir():
            continue
        older = made_from not in mark.read_text(encoding="utf-8", errors="replace")
        found.append(plain.one_line(name) + (" (of an older release)" if older else ""))
    return found


def _make(root: Path, folder: Path, learner: Learner, secret: bytes, people: int) -> None:
    extract = folder / LESSON_EXTRACT
    generate(extract, people, seed_of(secret, learner.id))
    shutil.rmtree(truth_folder(extract))
    write_keys(root, extract, every=False)  # a slip that is right here is found on the extracts of marking
    with connect(extract):
        pass  # it opens as a learner would open it
    for name, released in exercises(root).items():
        target = folder / EXERCISES / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if released.suffix == ".ipynb":
            book = json.loads(released.read_text(encoding="utf-8"))
            book["metadata"][TAG] = code_of(secret, "released", learner.id)
            keep.write(target, json.dumps(book, indent=1, ensure_ascii=False) + "\n")
        else:
            shutil.copy(released, target)
    keep.record(folder / EXERCISES)
    keep.write(folder / START, opening_page())


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _wrong(learner: str) -> str:
    if not learner:
        return "is empty"
    if len(learner) > ID_LIMIT or len(learner.encode("utf-8", "replace")) > 2 * ID_LIMIT:
        return f"is longer than {ID_LIMIT} characters"
    if any(unicodedata.category(each)[0] == "C" for each in learner):
        return "holds a character that is not to be seen"
    if any(each in '/\\:*?"<>|' for each in unicodedata.normalize("NFKC", learner)):
        return "holds a character that no folder may have"
    if learner.startswith((".", "-", "~")) or learner.endswith("."):
        return "begins or ends with a sign that means something else to a computer"
    if learner.split(".", maxsplit=1)[0].casefold() in RESERVED:
        return "is a name that Windows keeps for itself"
    return ""


def _shown(text: str) -> str:
    shown = ascii(text)
    return shown if len(shown) <= 60 else f"{shown[:60]}...'"
