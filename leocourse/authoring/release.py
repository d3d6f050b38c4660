"""Makes what learners receive: the released notebooks, and the keys beside the lesson extract."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat

from leocourse.authoring import nbgrader_run
from leocourse.authoring.exercise import FOLDER as OF_LESSONS
from leocourse.authoring.exercise import exercise_folders, load_exercises
from leocourse.authoring.handout import CHECKPOINTS, EXERCISES, same, stamped
from leocourse.authoring.kept_keys import KeptKeys
from leocourse.authoring.keys import assembled, question_entries, write_key
from leocourse.authoring.memory import place_for
from leocourse.authoring.notebook import fill
from leocourse.authoring.question import Assignment, assignment_folders, load_assignment, notebook_of
from leocourse.checks.attributes import FILE, packed_attributes
from leocourse.core import keep
from leocourse.core.connect import connect
from leocourse.core.copies import WORK
from leocourse.core.errors import LeoError
from leocourse.core.files import whole
from leocourse.core.keep import make_room
from leocourse.core.paths import LESSON_EXTRACT

FEW = 4
"""So many questions are computed at once in this process: to start others would take longer."""
MADE = Path("_build") / "release"
"""The assignments as they were generated last, from which ``exercises/`` can be put right without nbgrader."""


def generate(root: Path) -> Path:
    """Generate every assignment with nbgrader into a folder in ``_build``, which is returned.

    nbgrader enters them in its gradebook too. Raises LeoError if it fails; what was generated before stays then.
    """
    made = root / MADE
    scratch = made.with_name(f"{made.name}.{os.getpid()}.part")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        for folder in assignment_folders(root):
            source = nbformat.read(folder / f"{notebook_of(folder)}.ipynb", as_version=4)
            fill(source, load_assignment(folder))  # nbgrader would not say in one line what is wrong
        _generate(root, [folder.name for folder in assignment_folders(root)], scratch)
        for path in scratch.rglob("*.ipynb"):
            name = path.relative_to(scratch).as_posix()
            path.write_bytes(stamped(path.read_bytes(), f"{EXERCISES.as_posix()}/{name}"))
        keep.tell(made, keep.replace_folder(scratch, made, any_folder=True))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return made


def _generate(root: Path, names: list[str], target: Path) -> None:
    command = [sys.executable, "-m", nbgrader_run.__name__, str(target.resolve()), *names]
    done = subprocess.run(command, cwd=root, env=tool_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.splitlines()
        begun = [line.removeprefix(nbgrader_run.BEGUN) for line in said if line.startswith(nbgrader_run.BEGUN)]
        # The first of what was raised is the cause; what follows says only that something was.
        raised = [line for line in said if re.match(r"\s*[\w.]+(Error|Exception): ", line)]
        lines = raised[:1] or [line for line in said if "ERROR" in line] or said
        reason = lines[-1].strip() if lines else "no reason given"
        raise LeoError(f"nbgrader could not release {begun[-1] if begun else 'anything'}: {reason}")


def put_in_place(root: Path, made: Path, say: Callable[[str], None] = print) -> list[Path]:
    """Make ``exercises/`` what was generated in the folder ``made``, and write down that this was handed out.

    Returns the released notebooks.

    Whatever differs from what was handed out before and from what is now, somebody changed or added: it is moved
    into ``work/``, and ``say`` is told so. Nothing else is deleted but what was handed out and no longer is.
    """
    folder = root / EXERCISES
    folder.mkdir(exist_ok=True)
    new = {path.relative_to(made).as_posix(): path for path in sorted(made.rglob("*"))
           if path.is_file() and path.name != keep.RECORD and CHECKPOINTS not in path.parts}  # fmt: skip
    for name in keep.made_by_somebody(folder):
        if CHECKPOINTS not in Path(name).parts and not (name in new and same(folder / name, new[name])):
            _move(root, name, say)
    for name in keep.recorded(folder) or ():
        if name not in new and (folder / name).is_file():
            (folder / name).unlink()
            _remove_empty((folder / name).parent, folder)
    for name, path in new.items():
        target = folder / name
        if _equal(target, path):
            continue
        make_room(target, folder)
        if target.is_dir():
            say(f"{target.relative_to(root)} is a folder: it is kept as {keep.aside(target).name}.")
        with whole(target) as beside:
            shutil.copy(path, beside)
    with whole(folder / keep.RECORD) as beside:
        keep.record(made)
        shutil.copy(made / keep.RECORD, beside)
    return [folder / name for name in new if name.endswith(".ipynb")]


def _move(root: Path, name: str, say: Callable[[str], None]) -> None:
    """Move what somebody made in ``exercises/`` into ``work/``: to its own place there, if nothing of theirs is."""
    source, target = root / EXERCISES / name, root / WORK / EXERCISES / name
    if _equal(source, target) and not target.is_symlink():
        source.unlink()  # the very same is there
    else:
        target = place_for(root, (EXERCISES / name).as_posix())
        shutil.move(source, target)
    _remove_empty(source.parent, root / EXERCISES)
    line = f"{EXERCISES / name} is not as it was handed out: it is kept as {target.relative_to(root)}."
    own = WORK / EXERCISES / name
    if target == root / own:
        line += " Go on there."
    elif name.endswith(".ipynb"):
        line += f" {own}, where other work is, stays as it is: 'leo work take' writes into it what it leaves open."
    say(line)


def _equal(first: Path, second: Path) -> bool:
    """Whether both are files, and the first no link, with the very same bytes."""
    if not first.is_file() or first.is_symlink() or not second.is_file():
        return False
    return first.read_bytes() == second.read_bytes()


def _remove_empty(folder: Path, top: Path) -> None:
    """Remove a folder and those above it, below ``top``, as far as they are empty."""
    while folder != top and folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def write_keys(root: Path, extract: Path, every: bool = True) -> list[Path]:
    """Compute the key of every assignment, and of every lesson with exercises, and write it beside the data.

    On the lesson extract only what changed since the last time is computed: see :mod:`leocourse.authoring.kept_keys`.
    Raises Indistinct if the extract does not tell ``every`` misconception from the right answer.
    """
    lesson = every and extract.resolve() == (root / LESSON_EXTRACT).resolve()
    kept = KeptKeys(root, extract) if lesson else None
    there = {}
    for folder in [*assignment_folders(root), *exercise_folders(root)]:
        assignment = _load(folder)
        there[folder] = (assignment, {each.name: kept.get(folder, each) if kept else None
                                      for each in assignment.with_worked})  # fmt: skip
    missing = {folder: [name for name, entry in found.items() if entry is None]
               for folder, (_, found) in there.items()}  # fmt: skip
    paths = []
    for folder, made in _computed(extract, {each: names for each, names in missing.items() if names}, every):
        there[folder][1].update(made)
        for question in there[folder][0].with_worked:
            if kept and question.name in made:
                kept.put(folder, question, made[question.name])
    for assignment, entries in there.values():
        paths.append(write_key(assembled(assignment, entries), extract))
    make = partial(_attributes, extract)
    keep.put(extract, f"keys/{FILE}", kept.file(FILE, make) if kept else make())
    written = keep.recorded(extract) or {}
    for stale in set((extract / "keys").glob("*.json")) - set(paths):
        if keep.is_as(stale, written.get(stale.relative_to(extract).as_posix())):  # and not somebody's own
            stale.unlink()
    return paths


def _computed(
    extract: Path, asked: dict[Path, list[str]], every: bool
) -> Iterator[tuple[Path, dict[str, dict[str, Any]]]]:
    """The entries of the questions that are asked for, an assignment at a time; many in processes of their own."""
    if sum(map(len, asked.values())) <= FEW:
        for folder, names in asked.items():
            yield folder, _entries(folder, names, extract, every)
        return
    with ProcessPoolExecutor(min(os.cpu_count() or 1, 4), get_context("spawn")) as pool:
        made = {folder: pool.submit(_entries, folder, names, extract, every) for folder, names in asked.items()}
        try:
            for folder, each in made.items():
                yield folder, each.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _attributes(extract: Path) -> bytes:
    """What is true of people in the records of an extract."""
    with connect(extract) as con:
        return packed_attributes(con)


def _entries(folder: Path, names: list[str], extract: Path, every: bool) -> dict[str, dict[str, Any]]:
    """The entries of some questions of one assignment, or of some exercises of a lesson."""
    assignment = _load(folder)
    questions = [each for each in assignment.with_worked if each.name in names]
    with connect(extract) as con:
        return question_entries(assignment, questions, con, alike=None if every else set())


def _load(folder: Path) -> Assignment:
    """The assignment in a folder of ``solutions/``, or the exercises of a lesson."""
    *above, parent = folder.parts[:-1]
    if (above[-1:], parent) == ([OF_LESSONS.parent.name], OF_LESSONS.name):
        return load_exercises(Path(*above[:-1]), folder)
    return load_assignment(folder)


def tool_environment() -> dict[str, str]:
    """The environment for Jupyter's own commands: this Python's tools first, bytecode kept."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    return environment


def solution_cells(text: str) -> str:
    """A solution cell without nbgrader's markers."""
    return re.sub(r"^[ \t]*### (BEGIN|END) SOLUTION\n?", "", text, flags=re.MULTILINE)
