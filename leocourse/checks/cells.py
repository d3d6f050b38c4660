"""What became of the cells of a notebook: which failed that would have defined an answer, and why.

A check sees a value under a name, or none. Whether that is the value of the cell that a learner ran last, only the
cells can tell. Used by the check in a notebook and by marking alike.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from leocourse.checks.errors import describe, kind_and_words, leading, own_lines, sentence, syntax
from leocourse.core.errors import show_short

SQL_MAGIC = re.compile(r"^\s*%{1,2}sql\b.*?\b(\w+)\s*=?\s*<<", re.MULTILINE)
"""``%%sql q1 <<``, which would put a result under a name."""
BINDS = re.compile(r"^(\s*)(?:(?:async\s+)?(?:def|class)\s+(\w+)|((?:\w+\s*(?::[^=\n]*)?(?:=(?!=)|,)\s*)+))")
"""A line that looks as if it binds names, in code that does not parse."""
TARGET = re.compile(r"(\w+)\s*(?::[^=]*)?[=,]")


class Cells:
    """What the cells that were run did to the names that they would define."""

    def __init__(self) -> None:
        self._why: dict[str, str] = {}

    def ran(
        self, code: str, error: BaseException | None = None,
        changed: Callable[[str], bool] = lambda _: False, meant: str = "",
    ) -> None:  # fmt: skip
        """A cell was run. ``changed`` says whether a name has another value than it had before.

        ``meant`` is a name that it should define, whatever its text looks like.
        """
        for name in names(code) | ({meant} if meant and error else set()):
            if error is None or _bound_before(code, error, name) or changed(name):
                self._why.pop(name, None)
            else:
                self._why[name] = failure(code, error)

    def lost(self, code: str, why: str, meant: str = "") -> None:
        """A cell was left out, and why, as a sentence that begins with ``It``. ``meant`` is as for :meth:`ran`."""
        self._why.update(dict.fromkeys(names(code) | ({meant} if meant else set()), why))

    def why(self, name: str, old: bool = False) -> str:
        """Why there is no answer under a name: what stopped the cell that was run last to define it.

        ``old`` says that the name holds what an earlier run of a cell left there. Empty if no cell failed.
        """
        if name not in self._why:
            return ""
        rest = f": what {name} holds now is from before." if old else "."
        why = sentence(self._why[name])
        return f"The cell that defines {name} did not run to its end. {why} Mend it and run it again{rest}"


def failure(code: str, error: BaseException) -> str:
    """What stopped a cell, in words, with its line."""
    if isinstance(error, SyntaxError):
        return syntax(code, error)
    if type(error).__name__ == "UsageError" and SQL_MAGIC.search(code):
        name = next(iter(names(code)), "q")
        return f'{kind_and_words(error)} There are no SQL cells here: write the SQL as text, {name} = """SELECT ...""".'
    lines = own_lines(error)
    return f"{kind_and_words(error)} (line {lines[0] + _before(code)} of the cell)" if lines else describe(error)


def names(code: str) -> set[str]:
    """The names that a cell binds at its top level; by the look of its lines, if it does not parse."""
    found = set(SQL_MAGIC.findall(code))
    tree = parse(code)
    if tree is not None:
        return found.union(*map(_bound_by, tree.body))
    lines = code.replace("\u00a0", " ").splitlines()
    least = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return found.union(*(_seems_bound(line, least) for line in lines))


def values_of(there: dict[str, Any], code: str) -> dict[str, Any]:
    """What the names that a cell would bind hold now."""
    return {name: there[name] for name in names(code) if name in there}


def differs(there: dict[str, Any], before: dict[str, Any], name: str) -> bool:
    """Whether a name holds something else than before."""
    return name in there and (name not in before or before[name] is not there[name])


def defines(code: str, name: str) -> bool:
    """Whether code that parses binds a name at its top level."""
    return parse(code) is not None and name in names(code)


def parse(code: str) -> ast.Module | None:
    """Code as Python reads it, without magics; nothing if it does not parse."""
    lines = [line if not line.lstrip().startswith(("%", "!")) else "pass" for line in code.splitlines()]
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _seems_bound(line: str, indent: int) -> set[str]:
    """The names that one line would bind, if it stands at the top level."""
    match = BINDS.match(line)
    if not match or len(match[1]) != indent:
        return set()
    if match[2]:
        return {match[2]}
    return set(TARGET.findall(match[3])) if "=" in match[3] else set()


def _bound_by(statement: ast.stmt) -> set[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _bound_before(code: str, error: BaseException, name: str) -> bool:
    """Whether an error came in a statement after the one that binds a name."""
    tree, lines = parse(code), own_lines(error)
    if tree is None or not lines or isinstance(error, SyntaxError):
        return False
    at = lines[0] + _before(code)
    return any(name in _bound_by(each) and (each.end_lineno or each.lineno) < at for each in tree.body)


def _before(code: str) -> int:
    """Lines of a cell that are not counted in its errors: blank ones at its front, and a magic of the whole cell."""
    blank, lines = leading(code), code.splitlines()
    magic = code.lstrip().startswith("%%")
    return blank + 1 + leading("\n".join(lines[blank + 1 :])) if magic else blank


class Notebook:
    """The cells of a running notebook, followed from now on."""

    def __init__(self, shell: Any) -> None:
        self._cells, self._shell, self._before = Cells(), shell, {}
        for code in shell.history_manager.input_hist_raw[1:-1]:  # run before there was anything to follow them
            self._cells.ran(code, _parse_error(shell, code))
        shell.events.register("pre_run_cell", self._begins)
        shell.events.register("post_run_cell", self._ran)
        show_short(NameError, self._not_defined)

    def why(self, name: str, given: Any) -> str:
        """Why what was ``given`` to a check is no answer, if it is what the name holds: see :meth:`Cells.why`."""
        holds = self._shell.user_ns.get(name, ...)
        return self._cells.why(name, old=holds is not ...) if given is holds else ""

    def _not_defined(self, error: BaseException) -> str:
        why = self._cells.why(getattr(error, "name", None) or "")
        return f"NameError: {error}. {why}" if why else ""

    def _begins(self, info: Any) -> None:
        there = self._shell.user_ns
        self._before = values_of(there, info.raw_cell)

    def _ran(self, result: Any) -> None:
        if result is not None:
            error = result.error_before_exec or result.error_in_exec
            self._cells.ran(result.info.raw_cell, error, partial(differs, self._shell.user_ns, self._before))
        self._before = {}  # nothing is kept in memory that the learner has let go


_followed: dict[int, Notebook] = {}


def notebook() -> Notebook | None:
    """The notebook that this runs in, followed from the first call on; None outside IPython."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return None
    if id(shell) not in _followed:
        _followed[id(shell)] = Notebook(shell)
    return _followed[id(shell)]


def _parse_error(shell: Any, code: str) -> SyntaxError | None:
    try:
        ast.parse(shell.transform_cell(code))
    except SyntaxError as error:
        return error
    except (ValueError, MemoryError, RecursionError):
        pass
    return None
