"""The learner's own copies of what the course hands out, in ``work/``: made once, never replaced.

``work/.leo`` remembers from which release each copy is, and keeps that release, so that a newer one can be brought
in later with everything that the learner wrote (:mod:`leocourse.work.carry`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from leocourse.authoring.handout import (
    CHECKPOINTS,
    EXERCISES,
    START,
    changed,
    handed_out,
    release_id,
    written,
)
from leocourse.authoring.memory import Copies, place_for
from leocourse.core.copies import SITE_RELEASES, WORK, course_folder, say_if_old
from leocourse.core.errors import LeoError
from leocourse.core.keep import aside, make_room, put_new
from leocourse.work.taking import bring_over, kept_lines, take

Say = Callable[[str], None]
__all__ = [
    "SITE_RELEASES",
    "WORK",
    "Copy",
    "bring_over",
    "kept_lines",
    "place_for",
    "prepare",
    "say_if_old",
    "start_file",
    "status",
    "take",
    "update",
]


@dataclass(frozen=True)
class Copy:
    """A file in ``work/`` of which the course hands out a release: ``state`` is current, old, broken or missing.

    Any notebook there that cannot be read is broken; ``why`` says in what way. ``name`` is of what it is a copy, if
    that is known.
    """

    path: str
    name: str
    state: str
    why: str = ""


def prepare(root: Path | None = None, say: Say = print) -> Path:
    """Copy into ``work/`` what is not there yet, and return that folder. What is there is left as it is.

    ``say`` is told what was copied, which copies are of an older release, and what was changed in ``exercises/``.
    Raises LeoError if the course has no exercises yet.
    """
    root = root or course_folder()
    released = handed_out(root, strict=False)
    copies, missing = Copies(root), [path for path in released if not os.path.lexists(root / WORK / path)]
    for path in missing:
        _put(root, path, released[path], copies, say)
    for name in changed(root / EXERCISES):
        _copy_changed(root, name, say)
    copies.write()
    if missing:
        say(f"Copied {len(missing)} files into {WORK}. Work there: nothing replaces your copies.")
    there = status(root, released)
    for each in there:
        if each.state == "broken":
            say(broken_line(root, each))
    old = [each for each in there if each.state == "old"]
    if old:
        say(f"{_listed([each.path for each in old])} of an older release: 'leo work update' brings your work over.")
    return root / WORK


def status(root: Path | None = None, released: dict[str, bytes] | None = None) -> list[Copy]:
    """Every copy in ``work/``, and whether it is of the release that the course hands out now."""
    root = root or course_folder()
    released = handed_out(root, strict=False) if released is None else released
    copies, found = Copies(root), []
    for path in [*released, *_renamed(root, released, copies)]:
        name = copies.of(path)[0]
        name = name if name in released else path
        if not os.path.lexists(root / WORK / path):
            found.append(Copy(path, name, "missing"))
            continue
        if path.endswith(".ipynb") and (why := _unreadable(root / WORK / path)):
            found.append(Copy(path, name if name in released else "", "broken", why))
            continue
        of, now = copies.of(path)[1], release_id(released[name], name)
        found.append(Copy(path, name, "current" if of == now else "old"))
    return found


def update(root: Path | None = None, paths: Iterable[Path] = (), say: Say = print) -> bool:
    """Bring copies of older releases up to date, and give whether all that had to be could be.

    What the learner wrote is written into the new release by question; the old file is kept under a dated name
    beside it, and ``say`` is told what could not be placed, and which copies that were put aside answer what the
    present ones do not (:func:`take`). ``paths`` names notebooks elsewhere; without any,
    everything in ``work/`` is looked at. A second run changes nothing.
    """
    root = root or course_folder()
    released, copies = handed_out(root, strict=False), Copies(root)
    for name in changed(root / EXERCISES):
        say(f"{EXERCISES / name} is not as it was handed out, so nothing is brought up to date from it.")
    if paths:
        whole_way = all([_update_elsewhere(root, path.resolve(), released, copies, say) for path in paths])
    else:
        there = status(root, released)
        old = [each for each in there if each.state == "old"]
        broken = [each for each in there if each.state == "broken"]
        whole_way = all([_update(root, each.path, released[each.name], copies, say) for each in old]) and not broken
        for each in broken:
            say(broken_line(root, each))
        if not old and not broken:
            say(f"Nothing to update: every copy in {WORK} is of the current release.")
    copies.write()
    for line in [] if paths else kept_lines(root, released):
        say(line)
    return whole_way


def broken_line(root: Path, copy: Copy) -> str:
    """What is wrong with a copy that cannot be read, and what to do."""
    path = WORK / copy.path
    line = f"{path} is left as it is: {copy.why} Give it another name"
    line += ", and 'leo work' copies the release." if copy.name else " or mend it."
    earlier = path.parent / CHECKPOINTS / f"{path.stem}-checkpoint.ipynb"
    if (root / earlier).is_file() and not _unreadable(root / earlier):
        line += f" What JupyterLab saved of it before is in {earlier}."
    return line


# Files -------------------------------------------------------------------------------------------------


def _put(root: Path, path: str, content: bytes, copies: Copies, say: Say) -> None:
    """Write a copy of what is handed out where nothing is, or should be."""
    target = root / WORK / path
    for kept in [*make_room(target, root), put_new(target, content)]:
        if kept:
            say(f"{kept.relative_to(root)}: this was in the way of {WORK / path}, and is kept under this name.")
    copies.remember(path, content, content)


def _copy_changed(root: Path, name: str, say: Say) -> None:
    """Copy what somebody wrote in ``exercises/``, where it cannot be put right, if ``work/`` has none of it yet."""
    path, source = (EXERCISES / name).as_posix(), root / EXERCISES / name
    target = root / WORK / path
    if os.path.lexists(target):
        say(f"{path} is not as it was handed out. Work in {WORK / path}; nothing there comes from it.")
    elif source.is_file():
        make_room(target, root)
        put_new(target, source.read_bytes())
        say(f"{path} is not as it was handed out: it is copied as it is. Go on in {WORK / path}.")


def _renamed(root: Path, released: dict[str, bytes], copies: Copies) -> list[str]:
    """Notebooks elsewhere in ``work/`` that say of which release they are: copies of copies, under other names.

    And those that cannot be read, and so cannot say it.
    """
    found = []
    for path in sorted((root / WORK).rglob("*.ipynb")):
        name = path.relative_to(root / WORK).as_posix()
        hidden = any(part.startswith(".") for part in Path(name).parts)
        if name in released or hidden or CHECKPOINTS in path.parts or ".kept-" in path.name or not path.is_file():
            continue
        if (all(copies.of(name)) and copies.of(name)[0] in released) or _unreadable(path):
            found.append(name)
    return found


def _unreadable(path: Path) -> str:
    """Why a file is no notebook that can be read, in a sentence; empty if it is one."""
    from leocourse.grading.notebook import Unreadable, parse

    try:
        if not path.is_file():
            return "It is not an ordinary file."
        parse(path.read_bytes())
    except Unreadable as error:  # its first sentence: what else it says is for a file that was handed in
        return f"{str(error).split('. ')[0].rstrip('.')}."
    except OSError as error:
        return f"It cannot be read ({error.strerror})."
    return ""


def _update_elsewhere(root: Path, path: Path, released: dict[str, bytes], copies: Copies, say: Say) -> bool:
    """Bring one notebook up to date that was named."""
    if not path.is_file():
        raise LeoError(f"There is no file {path}.")
    if path.suffix == ".ipynb" and (why := _unreadable(path)):
        say(f"{path} is left as it is: {why}")
        return False
    here = (root / WORK).resolve()
    place = path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)
    name, of = copies.of(place) if path.suffix == ".ipynb" else ("", "")
    if name not in released:
        raise LeoError(f"{path} does not say of which notebook of the course it is a copy.")
    if of == release_id(released[name], name):
        say(f"{path} is of the current release.")
        return True
    return _update(root, place, released[name], copies, say)


def _update(root: Path, path: str, content: bytes, copies: Copies, say: Say) -> bool:
    """Put the new release in the place of a copy, with what the learner wrote. The old file is kept."""
    target = root / WORK / path
    shown = WORK / path  # or the path itself, if it is one from the top
    if copies.untouched(path):
        target.unlink()
        _put(root, path, content, copies, say)
        say(f"{shown}: the new release is there. You had written nothing in the old one.")
        return True
    if not path.endswith(".ipynb"):
        kept = aside(target)
        _put(root, path, content, copies, say)
        say(f"{shown}: the new release is there. What was there is kept as {kept.name}.")
        return True
    return _carry(target, shown, path, content, copies, say)


def _carry(target: Path, shown: Path, path: str, content: bytes, copies: Copies, say: Say) -> bool:
    """Write what the learner wrote into the new release. Give whether the old notebook could be read."""
    from leocourse.grading.notebook import parse
    from leocourse.work.carry import carry, told

    why = "It is a link." if target.is_symlink() else _unreadable(target)
    if why:
        say(f"{shown} is left as it is: {why} Give it another name, and 'leo work' copies the release.")
        return False
    old = parse(target.read_bytes())
    done = carry(old, json.loads(content), copies.base(copies.of(path)[1]))
    kept = put_new(target, written(done.notebook)) or target
    copies.remember(path, content, None)
    say(f"{shown}: the new release is there, with what you wrote. Your old file is {kept.name}.")
    for line in told(done, kept.name):
        say(f"  {line}")
    return True


def _listed(paths: list[str]) -> str:
    shown = ", ".join(str(WORK / path) for path in paths[:3])
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f"{shown}{more} {'is' if len(paths) == 1 else 'are'}"


def start_file(root: Path) -> Path:
    """The page to begin with, in ``work/``."""
    return root / WORK / START
