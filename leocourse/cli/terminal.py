"""How commands speak, and where they run."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from leocourse.core import plain
from leocourse.core.paths import course_root


class PlainConsole(Console):
    """Shows all text as it is: no name, path or message of a stranger is read as markup, emoji or a command."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Text without what would change the terminal."""
        return super().render_str(plain.clean(text), **options)


console = PlainConsole()
errors = PlainConsole(stderr=True)


def in_course(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command in the folder of the course, wherever it was called."""

    @functools.wraps(command)
    def moved(*args: Any, **kwargs: Any) -> Any:
        os.chdir(course_root())
        return command(*args, **kwargs)

    return moved


def bar() -> Progress:
    """A progress bar that leaves no trace in a log."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


def shown(path: Path) -> str:
    """A path as short as it is clear: relative to where the user stands, if it lies below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def say(line: str) -> None:
    """Say a line that may hold names from outside."""
    console.print(line, soft_wrap=True, markup=False, highlight=False)
