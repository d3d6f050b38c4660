"""Finds answers that are alike across students: something to look at, and no proof of anything.

Answers are compared after what is easily changed has been taken out: comments, layout, quotes, and the names that an
answer chooses for itself. They are only ever parsed, never run.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

SIZE_LIMIT = 20_000
"""Characters of an answer that is parsed; longer ones are compared as text."""
COMMON_SHARE, COMMON_COUNT = 0.1, 3
"""An answer that more than this share and number of people give is common, and says nothing about anybody."""


@dataclass(frozen=True)
class Alike:
    """Students whose answers to a question are the same once names and layout are taken out."""

    assignment: str
    question: str
    students: tuple[str, ...]
    answered: int
    """How many gave any answer to the question."""
    words: int
    """Length of the answer in words and signs: short answers come out alike by chance."""

    @property
    def share(self) -> float:
        """Share of those who answered that gave this answer."""
        return len(self.students) / self.answered

    @property
    def common(self) -> bool:
        """Whether so many gave it that it is no evidence of anything."""
        return len(self.students) > COMMON_COUNT and self.share > COMMON_SHARE


def groups(answers: Iterable[tuple[str, str, str, str]]) -> list[Alike]:
    """The groups of two and more, rarest and longest first.

    ``answers`` holds assignment, question, student and the answer's code.
    """
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    words: dict[str, int] = {}
    for assignment, question, student, code in answers:
        shape = normal(code)
        words[shape] = len(re.findall(r"\w+|[^\w\s]", code[:SIZE_LIMIT]))
        found.setdefault((assignment, question), {}).setdefault(shape, []).append(student)
    made = [
        Alike(*place, tuple(sorted(students)), sum(map(len, shapes.values())), words[shape])
        for place, shapes in found.items()
        for shape, students in shapes.items()
        if len(students) > 1
    ]
    return sorted(made, key=lambda each: (each.common, each.share, -each.words, each.question, each.students))


def normal(code: str) -> str:
    """A hash that is equal for answers that differ in layout, comments and chosen names only."""
    return hashlib.sha256(_shape(code).encode("utf-8", "replace")).hexdigest()


def _shape(code: str) -> str:
    if len(code) <= SIZE_LIMIT:
        try:
            return _python(ast.parse(code))
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            pass
    return " ".join(code.split())


def _python(tree: ast.Module) -> str:
    chosen: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            chosen.setdefault(node.id, f"name{len(chosen)}")
        elif isinstance(node, ast.arg):
            chosen.setdefault(node.arg, f"name{len(chosen)}")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            chosen.setdefault(node.name, f"name{len(chosen)}")
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(_Renamed(chosen).visit(tree))


class _Renamed(ast.NodeTransformer):
    """Puts numbered names for chosen ones, and brings SQL in strings to one form."""

    def __init__(self, chosen: dict[str, str]) -> None:
        self.chosen = chosen

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self.chosen.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg, node.annotation = self.chosen.get(node.arg, node.arg), None
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        node.arg = self.chosen.get(node.arg, node.arg) if node.arg else None
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name, node.returns = self.chosen.get(node.name, node.name), None
        return self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """An f-string as the SQL it would be, with a numbered blank for each value, and the values."""
        values = [each for each in node.values if isinstance(each, ast.FormattedValue)]
        blanks = iter(range(len(values)))
        text = "".join(str(each.value) if isinstance(each, ast.Constant) else f"blank{next(blanks)}"
                       for each in node.values)  # fmt: skip
        return ast.Tuple([ast.Constant(_text(text)), *[self.visit(each.value) for each in values]], ast.Load())

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, str):
            node.value = _text(node.value)
        node.kind = None
        return node


def _text(text: str) -> str:
    if not re.search(r"\bselect\b", text, re.IGNORECASE):
        return text
    try:
        return ";".join(_sql(each) for each in sqlglot.parse(text, read="duckdb") if each is not None)
    except (SqlglotError, ValueError, RecursionError):
        return " ".join(text.split())


def _sql(tree: exp.Expression) -> str:
    """SQL with lower-case names, no comments, and numbered names for tables that the query names itself.

    Columns keep their names: a question asks for them.
    """
    chosen: dict[str, str] = {}
    for node in tree.find_all(exp.TableAlias):
        name = node.name.lower()
        if name:
            chosen.setdefault(name, f"name{len(chosen)}")
    for node in tree.find_all(exp.Identifier):
        name = node.name.lower()
        table = isinstance(node.parent, (exp.TableAlias, exp.Table)) or node.arg_key == "table"
        node.set("this", chosen.get(name, name) if table else name)
        node.set("quoted", False)
    return tree.sql(dialect="duckdb", comments=False, normalize_functions="lower")
