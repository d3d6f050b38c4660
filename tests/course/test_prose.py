"""Spelling and prose of what is written by hand."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "book").rglob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if "generated" not in path.parts
)
TOOLS = Path(sys.executable).parent


def words_only(text: str) -> str:
    """A page without code, links and notation, line by line."""
    text = re.sub(r"\A---\n.*?\n---\n", lambda front: "\n" * front[0].count("\n"), text, flags=re.DOTALL)
    text = re.sub(r"^(`{3,}).*?^\1$", lambda cell: "\n" * cell[0].count("\n"), text, flags=re.MULTILINE | re.DOTALL)
    number = itertools.count(1)
    text = re.sub(r"`[^`\n]*`|<[^>\n]*>|\]\([^)\n]*\)", lambda _: f"item{next(number)}", text)
    text = re.sub(r"^#+ (.*)$", r"Heading: \1.", text, flags=re.MULTILINE)  # so that it is not read on with its text
    return text.replace("free school meals", "school dinners")  # 'request for free school meals' is no cliché


def test_spelling():
    done = subprocess.run([TOOLS / "codespell"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_prose(tmp_path):
    for path in PAGES:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(words_only(path.read_text(encoding="utf-8")), encoding="utf-8")
    command = [TOOLS / "proselint", "check", "--config", ROOT / ".proselintrc.json", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout.replace(str(tmp_path), "")


@pytest.mark.parametrize("text", ["This is is a slip.\n", "It is very unique.\n"])
def test_the_prose_check_finds_something(text, tmp_path):
    (tmp_path / "page.md").write_text(words_only(text), encoding="utf-8")
    command = [TOOLS / "proselint", "check", "--config", ROOT / ".proselintrc.json", tmp_path / "page.md"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
