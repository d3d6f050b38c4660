"""An extract for each learner: made from a roster and the course's secret, with its keys, ready to hand out.

Each learner gets a folder that is a small copy of the course: the released notebooks, and in the place of the lesson
extract one of their own, with its keys beside it. Notebooks run in it unchanged. Numbers in it differ from everybody
else's, so a number copied from a neighbour is wrong in the notebook already; marking uses extracts that nobody has.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from leocourse.authoring.handout import EXERCISES, START, exercises, opening_page
from leocourse.authoring.release import write_keys
from leocourse.core import keep, plain
from leocourse.core.connect import connect
from leocourse.core.copies import WORK
from leocourse.core.paths import LESSON_EXTRACT
from leocourse.extract import generate, truth_folder
from leocourse.grading.notebook import TAG
from leocourse.grading.roster import Learner, read_roster
from leocourse.grading.secret import code_of, course_secret, seed_of
from leocourse.steps import digest

__all__ = ["Learner", "hand_over", "read_roster", "release_to"]

LEARNERS = Path("learners")
"""Where learners' folders go; not in git."""
PEOPLE = 5_000
"""People in a learner's extract."""
MADE_FROM = (
    "solutions", "exercises", "data/schema", "data/reference", "leocourse/extract", "leocourse/schema",
    "leocourse/measures", "leocourse/disclosure", "leocourse/checks", "leocourse/authoring", "leocourse/core",
)  # fmt: skip
"""What decides the extract of a learner, its keys and the notebooks."""
FILES_SHOWN = 3


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


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
