"""Code can be read step by step: no function is longer than a screen."""

import ast

import pytest

from leocourse.extract.version import PACKAGE

LONGEST = 60


ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


@pytest.mark.parametrize("room", [*ROOMS, "."])
def test_no_function_is_longer_than_a_screen(room):
    files = list((PACKAGE / room).rglob("*.py") if room != "." else PACKAGE.glob("*.py"))
    assert files
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < LONGEST, f"{path.name}: {node.name}"
