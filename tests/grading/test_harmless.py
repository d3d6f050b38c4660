"""What a submission brought is harmless in what we write: places, tables, formulas."""

from __future__ import annotations

import os

import pytest

from leocourse.core.plain import one_line
from leocourse.grading import notebook
from leocourse.grading.harmless import place, write_csv


def test_a_place_is_made_step_by_step_and_never_through_a_link(tmp_path, capsys):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.txt").write_text("mine")
    run = tmp_path / "run"
    run.mkdir()
    (run / "ada").symlink_to(elsewhere)
    made = place(run, "ada", "06-table-for-release")
    assert made.is_dir() and not (run / "ada").is_symlink()
    assert sorted(path.name for path in elsewhere.iterdir()) == ["mine.txt"]
    assert any(path.is_symlink() and os.readlink(path) == str(elsewhere) for path in run.iterdir())
    assert "ada" in capsys.readouterr().err


def test_a_file_in_the_place_of_a_folder_is_kept(tmp_path):
    (tmp_path / "bob").write_text("somebody's")
    assert place(tmp_path, "bob", "x").is_dir()
    assert [path.read_text() for path in tmp_path.iterdir() if path.is_file()] == ["somebody's"]
    assert place(tmp_path, "bob", "x") == tmp_path / "bob" / "x", "a second time nothing is moved"


@pytest.mark.parametrize("name", ["..", "/etc", "a/b", "", "."])
def test_a_name_that_is_no_plain_folder_leads_nowhere(tmp_path, name):
    with pytest.raises(ValueError):
        place(tmp_path, name, "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cell", ["=1+1", "\n=1+1", " @SUM(A1)", "\t+1", "＝1+1", "\u202e=1", "\x1b]0;x\x07=1"])
def test_a_cell_is_no_formula_and_changes_no_terminal(cell):
    text = write_csv([[cell, 3, -2.5]])
    assert "\x1b" not in text and "\u202e" not in text and "\x07" not in text
    first = text.lstrip('"').lstrip()
    assert not first.startswith(("=", "+", "-", "@", "＝")), text
    assert text.rstrip().endswith(",3,-2.5"), "numbers stay numbers"


@pytest.mark.parametrize(
    "text",
    [r"$\mmlToken{mi}[href=javascript:alert(1)]{x}$", r"\(\def\x{\href{https://leo.example}{y}}\x\)",
     r"$$\begin{html}x\end{html}$$", r"$\unicode{x41}$", r"\[\newcommand{\a}{b}\]", r"$\toolong\alpha$"],
)  # fmt: skip
def test_a_formula_that_may_be_more_than_one_is_shown_as_it_was_typed(text):
    assert notebook._strange_formula(text)


@pytest.mark.parametrize(
    "text",
    [r"The mean is $\frac{1}{n}\sum_{i=1}^n x_i$.", r"$$\begin{aligned} a &= b \\ c &\le d \end{aligned}$$",
     "It cost $5 and then £6.", r"C:\data\new is a folder", r"\(\hat\beta \pm 1.96\)", ""],
)  # fmt: skip
def test_a_formula_stays_one(text):
    assert not notebook._strange_formula(text)


def test_a_name_in_one_line_holds_nothing_that_moves_the_cursor():
    assert one_line("a\r\nb\x1b[2Jc\u2066d").isprintable()
