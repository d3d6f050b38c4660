"""The commands ``leo measures`` and ``leo measure``."""

from __future__ import annotations

import csv
import sys

import pytest

from leocourse import cli
from leocourse.cli.terminal import console, errors
from leocourse.measures import names


def run(monkeypatch, capsys, *arguments) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ``leo`` with these arguments."""
    monkeypatch.setattr(sys, "argv", ["leo", *map(str, arguments)])
    monkeypatch.setattr(console, "width", 200)
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capsys.readouterr()
    return end.value.code or 0, said.out, said.err


@pytest.fixture(autouse=True)
def printed(monkeypatch):
    """The consoles write to what the test captures."""
    monkeypatch.setattr(console, "_file", None)
    monkeypatch.setattr(errors, "_file", None)


def test_every_measure_is_listed(monkeypatch, capsys):
    code, out, _ = run(monkeypatch, capsys, "measures")
    assert code == 0
    assert [name for name in names() if name not in out] == []


def test_a_measure_is_written_in_the_order_of_its_key(monkeypatch, capsys, make_extract, tmp_path):
    target = tmp_path / "levels.csv"
    arguments = ("measure", "level_by_age", "--param", "age=18", "--extract", make_extract(3), "--output", target)
    code, out, _ = run(monkeypatch, capsys, *arguments)
    assert code == 0
    assert "one row per person in YPMAD" in out
    with target.open() as file:
        rows = list(csv.DictReader(file))
    people = [int(row["ae_id"]) for row in rows]
    assert len(rows) == 1_500
    assert people == sorted(people)
    assert {row["level3"] for row in rows if row["year_11"] > "2019"} == {""}
    assert "1" in {row["level3"] for row in rows if row["year_11"] == "2019"}


def test_without_an_output_ten_rows_are_shown(monkeypatch, capsys, make_extract):
    code, out, _ = run(monkeypatch, capsys, "measure", "sex", "--extract", make_extract(3))
    assert code == 0
    assert len(out.splitlines()) == 12


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sx"], "There is no measure 'sx'"),
        (["sex", "--param", "rule=last"], "'sex': parameter 'rule' cannot be 'last'; it is one of 'latest'"),
        (["sex", "--param", "rule"], "'sex': write a parameter as name=value, not 'rule'"),
        (["sex", "--param", "colour=red"], "'sex' has no parameter 'colour': it has rule"),
        (["level_by_age", "--param", "age=old"], "parameter 'age' cannot be 'old'; it is a whole number from 16 to 21"),
        (["sex", "--output", "nowhere/x.csv"], "Cannot write"),
    ],
)
def test_what_a_user_can_put_right_is_one_line(monkeypatch, capsys, make_extract, tmp_path, arguments, words):
    arguments = [str(tmp_path / part) if part.startswith("nowhere") else part for part in arguments]
    code, _, err = run(monkeypatch, capsys, "measure", *arguments, "--extract", make_extract(3))
    assert code == 2
    assert words in err
    assert len(err.strip().splitlines()) == 1
