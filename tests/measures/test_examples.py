"""The examples beside the measures: a few rows in, the rows that the definition asks for out."""

from __future__ import annotations

import pytest
import rules

from leocourse.core.errors import LeoError
from leocourse.measures import load, model, names
from leocourse.measures.example import cases, difference


def every_case() -> list:
    """Each case of each measure; where the file cannot be read, the measure's test says why."""
    found = []
    for name in names():
        try:
            found += [pytest.param(case, id=f"{name}: {case.title}") for case in cases(name)]
        except LeoError:
            continue
    return found


def test_every_measure_has_an_example_and_every_example_a_measure():
    wrong = list(rules.examples())
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize("case", every_case())
def test_the_rows_that_come_out_are_those_of_the_example(case):
    if different := difference(case):
        pytest.fail(different, pytrace=False)


# How an example is read ------------------------------------------------------------------------------

GOOD = """# Pay of two keys

One person.

In `leo_earnings`:

| edukey | taxyear | earnings |
| ------ | ------- | -------- |
| K1a    | 201112  | 9000     |
| K1b    | 201112  | 3000     |

Out:

| ae_id | tax_year | earnings |
| ----- | -------- | -------- |
| 1     | 201112   | 12000    |
"""


@pytest.fixture
def example(tmp_path, monkeypatch):
    """Puts a text in the place of the example of ``earnings``, and reads and computes its first case."""
    (tmp_path / "work").mkdir()
    monkeypatch.setattr(model, "FOLDER", tmp_path)

    def run(text: str) -> str:
        (tmp_path / "work" / "earnings.example.md").write_text(text, encoding="utf-8")
        cases.cache_clear()
        return "\n".join(difference(case) for case in cases("earnings"))

    load("earnings")
    yield run
    cases.cache_clear()


def test_rows_that_differ_stand_side_by_side_with_the_name_of_the_measure(example):
    assert example(GOOD) == ""
    said = example(GOOD.replace("| 12000", "| 11000").replace("| 201112   |", "| 201112   |"))
    assert said.splitlines() == [
        "Measure earnings, 'Pay of two keys' (measures/work/earnings.example.md, line 1):",
        "  expected                  | came out",
        "  ae_id  tax_year  earnings | ae_id  tax_year  earnings",
        "x 1      201112    11000    | 1      201112    12000",
    ]


@pytest.mark.parametrize(
    ("old", "new", "rows"),
    [
        ("K1b ", "K2  ", ["x 1      201112    12000    | 1      201112    9000", "x (no row)                  | 2      201112    3000"]),
        ("| 1     | 201112", "| 1     | 201213", ["x (no row)                  | 1      201112    12000", "x 1      201213    12000    | (no row)"]),
        ("| 12000 ", "|       ", ["x 1      201112             | 1      201112    12000"]),
    ],
)  # fmt: skip
def test_rows_too_many_too_few_and_missing_values(example, old, new, rows):
    assert example(GOOD.replace(old, new)).splitlines()[3:] == rows


def test_a_fraction_holds_to_its_digits_and_a_whole_number_only_if_it_is_right(example):
    """9000 pounds for 365 days at other prices."""
    spells = GOOD.replace("Out:", "In `leo_employment`:\n\n| edukey | startdate | enddate |\n| --- | --- | --- |\n"
                          "| K1a | 2011-04-06 | 2012-04-04 |\n\nOut:")  # fmt: skip
    out = spells.replace("| earnings |\n| ----- |", "| earnings_per_day |\n| ----- |")
    for value, holds in (("32.8767", True), ("32.88", True), ("32.87", False), ("33", False), ("32.9", True)):
        assert (example(out.replace("| 12000    |", f"| {value} |")) == "") == holds, value


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("`leo_earnings`", "`leo_earningz`", "line 9: the measure does not read leo_earningz; near: leo_earnings"),
        ("`leo_earnings`", "`leo_benefit`", "line 9: the measure does not read leo_benefit"),
        ("| earnings |\n| ------", "| earningz |\n| ------", "line 9: the measure reads no column earningz of leo_earnings; near: earnings"),
        ("| earnings |\n| ------", "| num_employments |\n| ------", "line 9: the measure reads no column num_employments of leo_earnings"),
        ("| earnings |\n| -----", "| earningz |\n| -----", "the measure reads no column earningz"),
        ("| tax_year | earnings", "| tax_year | earning", "line 14: the measure has no column earning; near: earnings"),
        ("| ae_id | tax_year", "| days | tax_year", "line 14: Out needs ae_id, which is in the key of the measure"),
        ("| 9000 ", "| nine ", "line 9: Conversion Error: Could not convert string 'nine' to INT32"),
        ("| K1a    | 201112  | 9000     |", "| K1a    | 201112  |", "line 9: 2 cells under 3 heads"),
        ("| ------ | ------- | -------- |\n", "", "line 8: a table has a line of dashes under its heads"),
        ("In `leo_earnings`:\n", "", "line 6: a table needs a line 'In `view`:' or 'Out:' above it"),
        ("In `leo_earnings`:\n", "In `leo_earnings`\n", "line 5: a label is 'In `view`:'"),
        ("One person.\n", "With `uncertain=drop`.\n", "line 3: a label is 'In `view`:'"),
        ("Out:\n", "Nothing.\n", "line 14: a table needs a line"),
        ("One person.\n", "", "line 1: say in a sentence what the case shows"),
        ("One person.\n", "One person.\n\nWith `uncertain=maybe`:\n", "line 1: Measure 'earnings': parameter 'uncertain' cannot be 'maybe'"),
        ("One person.\n", "One person.\n\nWith `colour=red`:\n", "line 1: Measure 'earnings' has no parameter 'colour'"),
        ("# Pay", "Pay", "line 1: there is no case"),
        ("# Pay of", "Text.\n# Pay of", "line 1: text before the first case"),
        ("| 1     | 201112   | 12000    |\n", "| 1     | 201112   | 12000    |\n| 1     | 201112   | 12000    |\n",
         "line 14: two rows of Out have the same ae_id, tax_year"),
        ("| taxyear | earnings |\n| ------", "| edukey | earnings |\n| ------", "line 7: two columns have the same head"),
        ("`leo_earnings`", "`leo_earnings_{yyyy}`", "line 7: a view of many years needs {yyyy} as its first column"),
        ("| edukey |", "| {yyyy} |", "line 9: 'K1a' is not a year, such as 2011"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_example_is_one_line(example, old, new, says):
    assert old in GOOD
    with pytest.raises(LeoError) as error:
        example(GOOD.replace(old, new, 1))
    assert f"measures/work/earnings.example.md, {says}" in str(error.value) or says in str(error.value)
    assert "\n" not in str(error.value)


def test_no_file_and_a_title_twice(example, tmp_path):
    with pytest.raises(LeoError, match="line 17: there is a case 'Pay of two keys' already"):
        example(GOOD + GOOD)
    (tmp_path / "work" / "earnings.example.md").unlink()
    cases.cache_clear()
    with pytest.raises(
        LeoError, match="'earnings' has no example that can be read: write measures/work/earnings.example.md"
    ):
        cases("earnings")
