"""Errors that a user can cause: one clear line, and no traceback in a notebook or a terminal."""

from __future__ import annotations


class LeoError(Exception):
    """Something the user can put right. The message says what was wrong, where, and what to do."""

    def _render_traceback_(self) -> list[str]:
        """What IPython and Jupyter show instead of a traceback."""
        return [f"{type(self).__name__}: {self}"]
