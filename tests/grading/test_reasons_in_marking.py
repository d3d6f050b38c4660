"""What the report says of an answer that is none: the reason, and the same one as in a notebook."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pytest
from sample import ASSIGNMENT, POINTS, QUESTIONS, cell

from leocourse.grading import grade as grading

PAIRS = (
    'npd_i2."2005003".spring_census_2010 a, npd_i2."2005003".spring_census_2011 b, '
    'npd_i2."2005003".spring_census_2009 c WHERE a.gender_spr10 < b.gender_spr11 || c.gender_spr09'
)
SQL = """SELECT pupilmatchingrefanonymous_spr11 AS pupilmatchingrefanonymous, fsmeligible_spr11 AS fsm
FROM npd_i2."2005003".spring_census_2011
WHERE ncyearactual_spr11 = '11' AND recordstatus_spr11 < 100"""
FAILED = "did not run to its end. "
WRONG = {
    "no parsing": ("q1", 'q1 = """\nSELECT 1\n"" +', FAILED + "SyntaxError: "),
    "a line is told as the cell has it": ("q3", "\n\ndef birth_cohorts(con, year):\nreturn 1", "(line 4 of the cell"),
    "a magic": ("q1", "%%sql q1 <<\nSELECT 1 AS a", "Cell magic `%%sql` not found"),
    "no-break spaces": ("q1", 'q1\u00a0=\u00a0"SELECT 1"', "a no-break space (U+00A0)"),
    "curly quotes": ("q1", "q1 = “SELECT 1”", "curly quotation mark (“)"),
    "a merge": ("q1", '<<<<<<< HEAD\nq1 = "SELECT 1"\n=======\nq1 = "SELECT 2"\n>>>>>>> b', "mark that a merge left"),
    "a merge inside of SQL": ("q1", 'q1 = """\nSELECT 1\n<<<<<<< HEAD\n"""', "Line 3 (`<<<<<<<`) is a mark that a merge"),
    "tabs": ("q3", "def birth_cohorts(con, year):\n    x = 1\n\treturn x", FAILED + "TabError: "),
    "an error before": ("q1", "x = 1 / 0\nq1 = 'SELECT 1'", FAILED + "ZeroDivisionError: division by zero (line 1 of"),
    "an endless cell": ("q1", "while True:\n    pass\nq1 = 'SELECT 1'", FAILED + "It took longer than 10 seconds"),
    "another name": ("q3", "def cohorts(con, year):\n    return con.sql('SELECT 1')", "Nothing is called `birth_cohorts`"),
    "no return": ("q3", "def birth_cohorts(con, year):\n    con.sql('SELECT 1')", "did you forget `return`?"),
    "print": ("q3", "def birth_cohorts(con, year):\n    print(con.sql('SELECT 1'))", "It printed something"),
    "a figure": ("q7", "def draw(con):\n    fig, ax = plt.subplots()\n    return fig", "Return the Axes on it"),
    "rows without names": ("q3", "def birth_cohorts(con, year):\n    return con.execute('SELECT 1').fetchall()",
                           "list of 1, without names of columns"),
    "a reader that was read": ("q1", f"q1 = con.sql('''{SQL}''').arrow()\nq1.read_all()", "it can be read only once"),
    "pairs": ("q1", f"q1 = '''SELECT count(*) FROM {PAIRS}'''",
              "Your answer took longer than 10 seconds and was stopped. By its plan"),
    "pairs in a function": (
        "q3", f"def birth_cohorts(con, year):\n    return con.sql('''SELECT count(*) FROM {PAIRS}''').df()",
        "took longer than 10 seconds and was stopped in line 2 of your cell or function. By its plan"),
    "a loop": ("q3", "def birth_cohorts(con, year):\n    while True:\n        pass",
               "took longer than 10 seconds and was stopped in line "),
}  # fmt: skip
RIGHT = {
    "a reader, and in the next cell more on its connection": f"q1 = con.sql('''{SQL}''').arrow()",
    "what was executed": f"q1 = con.execute('''{SQL}''')",
    "an error afterwards": f"q1 = '''{SQL}'''\n1 / 0",
}


@pytest.fixture(scope="module")
def marked(root, samples, marker, tmp_path_factory):
    """One submission a case, all marked in one run."""
    folder = tmp_path_factory.mktemp("reasons")
    text = (samples / "right" / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8")
    changes = [(question, code) for question, code, _ in WRONG.values()] + [("q1", code) for code in RIGHT.values()]
    for number, (question, code) in enumerate(changes):
        data = json.loads(text)
        cell(data, question)["source"] = code
        cell(data, "q2")["source"] = "con.execute('SELECT 7')\n" + "".join(cell(data, "q2")["source"])
        path = folder / f"s{number:02}" / f"{ASSIGNMENT}.ipynb"
        path.parent.mkdir()
        path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grading, "starting_marker", lambda *_: nullcontext(lambda *_: marker))
        done = grading.grade(folder, root, tmp_path_factory.mktemp("reasons-marked"))
    return dict(zip([*WRONG, *RIGHT], done, strict=True))


@pytest.mark.parametrize("case", WRONG)
def test_the_reason_is_said_and_nothing_else_is_lost(marked, case):
    question, _, words = WRONG[case]
    result = next(each for each in marked[case].results if each.question == question)
    assert result.status == ("stopped" if "reader" not in case else "not right yet") and words in result.message, str(
        result
    )
    assert "no answer yet" not in result.message
    assert marked[case].score == POINTS - QUESTIONS[question]


@pytest.mark.parametrize("case", RIGHT)
def test_what_is_right_stays_right(marked, case):
    assert marked[case].score == POINTS, [str(each) for each in marked[case].results if each.status != "right"]
