"""What went wrong in a learner's code, in words: the kind of error, what it says, and the line."""

from __future__ import annotations

import re
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path

LIBRARIES = tuple(
    {f"{Path(sysconfig.get_path(name)).resolve()}/" for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    | {f"{Path(__file__).resolve().parents[1]}/", "<frozen "}
)
"""Where code lies that no learner wrote."""
MARKS = re.compile(r"^(<{7}|>{7}|\|{7})( |$)")
"""A line that a merge leaves where two versions differ."""
CURLY = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'"}
SPACES = {"\u00a0": "a no-break space", "\u202f": "a narrow no-break space", "\u2007": "a figure space",
          "\u3000": "a wide space", "\u200b": "a space of no width", "\ufeff": "a mark of no width"}  # fmt: skip
"""Letters that look like others, or like nothing, and come with text that is copied from a page or a document."""


def describe(error: BaseException) -> str:
    """What stopped a learner's code, in one line: the kind of error, its first line, and where."""
    where = place(error)
    return kind_and_words(error) + (f" ({where})" if where else "")


def kind_and_words(error: BaseException) -> str:
    """The kind of an error and the first lines of what it says, whatever class of theirs it is."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # their own class may say nothing, or raise
        lines = []
    text = " ".join(line.strip() for line in lines[:2] if line.strip())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def place(error: BaseException | None) -> str:
    """``line 3 of your cell or function``: the last line of their own code that was running, or nothing."""
    lines = [line for each in chain(error) for line in own_lines(each)[-1:]]
    return f"line {lines[0]} of your cell or function" if lines else ""


def own_lines(error: BaseException) -> list[int]:
    """The lines of code of the learner's own that an error came through, outermost first. Libraries have none."""
    frames = traceback.extract_tb(error.__traceback__)
    return [frame.lineno for frame in frames if frame.lineno and not _of_a_library(frame.filename)]


def _of_a_library(filename: str) -> bool:
    return filename.startswith(LIBRARIES) or str(Path(filename).resolve()).startswith(LIBRARIES)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it came from, the last first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def sentence(words: str) -> str:
    """Words with a full stop, if they do not end a sentence already."""
    return words if words.endswith((".", "?", "!")) else f"{words}."


def too_long(seconds: float) -> str:
    """What is said of an answer or a cell after ``it``, in a notebook and in marking alike."""
    return f"took longer than {seconds:g} second{'' if seconds == 1 else 's'} and was stopped"


def syntax(code: str, error: SyntaxError) -> str:
    """A syntax error in a cell, with its line as the cell has it, and what is probably the matter if it can be seen."""
    number = (error.lineno or 1) + leading(code)
    lines = code.splitlines()
    line = lines[number - 1] if 0 < number <= len(lines) else error.text or ""
    shown = f", `{line.strip()[:80]}`" if line.strip() else ""
    words = f"{type(error).__name__}: {error.msg} (line {number} of the cell{shown})"
    odd = strange(code, error.msg or "")
    return f"{sentence(words)} {odd}" if odd else words


def strange(text: str, said: str) -> str:
    """Marks of a merge in code that did not run, or a letter in what was ``said`` of it that looks like another.

    A sentence, or nothing.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if MARKS.match(line):
            return (
                f"Line {number} (`{line[:7]}`) is a mark that a merge left behind: keep one of the two versions, "
                "and delete the marks."
            )
    for letter, meant in CURLY.items():
        if letter in said:
            return f"There is a curly quotation mark ({letter}) in it: type {meant} instead."
    for letter, name in SPACES.items():
        if letter in said or f"U+{ord(letter):04X}" in said:
            return (
                f"There is {name} (U+{ord(letter):04X}) in it, which comes with text that is copied: "
                "delete it and type a plain space."
            )
    return ""


def leading(code: str) -> int:
    """How many lines at the front of a cell are blank: IPython leaves them out before it counts."""
    lines = code.splitlines()
    return next((number for number, line in enumerate(lines) if line.strip()), 0)
