"""Errors that a user can cause: one clear line, and no traceback in a notebook or a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any


class LeoError(Exception):
    """Something the user can put right. The message says what was wrong, where, and what to do."""

    def _render_traceback_(self) -> list[str]:
        """What IPython and Jupyter show instead of a traceback."""
        return [f"{type(self).__name__}: {self}"]


_short: dict[type[BaseException], Callable[[BaseException], str]] = {}


def show_short(kind: type[BaseException], words: Callable[[BaseException], str]) -> None:
    """In IPython and Jupyter, show errors of a kind as one line: what ``words`` makes of one, unless that is empty."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return
    _short[kind] = words

    def show(shell: Any, kind: type, error: BaseException, trace: TracebackType, tb_offset: int | None = None) -> None:
        line = next((made for each, make in _short.items() if isinstance(error, each) and (made := make(error))), "")
        if line:
            shell._showtraceback(kind, error, [line])
        else:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    shell.set_custom_exc(tuple(_short), show)
