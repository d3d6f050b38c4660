"""Any kind of right answer is right, whatever it is made of; an answer leaves the next one a fresh extract."""

from __future__ import annotations

import json

import pytest
from sample import ASSIGNMENT, POINTS, cell

from leocourse.grading.grade import grade

SQL = """SELECT pupilmatchingrefanonymous_spr11 AS pupilmatchingrefanonymous, fsmeligible_spr11 AS fsm
FROM npd_i2."2005003".spring_census_2011
WHERE ncyearactual_spr11 = '11' AND recordstatus_spr11 < 100"""
FORMS = {
    "relation": "con.sql(SQL)",
    "connection": "con.execute(SQL)",
    "pandas": "con.sql(SQL).df()",
    "floats": "con.sql(SQL).df().astype({'fsm': float})",
    "columns and rows in another order": "con.sql(SQL).df().iloc[::-1, ::-1]",
    "arrow": "con.sql(SQL).to_arrow_table()",
    "a reader of Arrow batches": "con.sql(SQL).arrow()",
    "one Arrow batch": "con.sql(SQL).to_arrow_table().combine_chunks().to_batches()[0]",
    "NumPy": "con.sql(SQL).fetchnumpy()",
    "rows with names": "con.sql(SQL).df().to_dict('records')",
    "named tuples": "list(con.sql(SQL).df().itertuples(index=False))",
    "a structured array": "con.sql(SQL).df().to_records(index=False)",
    "a styled table": "con.sql(SQL).df().style",
    "SQL that a function puts together": "SQL",
    "polars": "con.sql(SQL).pl()",
    "lazy polars": "con.sql(SQL).pl().lazy()",
    "dictionary": "con.sql(SQL).df().to_dict('list')",
    "a table of its own": "con.execute('CREATE TABLE mine AS ' + SQL) and con.sql('FROM mine')",
    "the global connection": "globals()['con'].sql(SQL)",
}


@pytest.fixture(scope="module")
def forms(root, samples, marker, tmp_path_factory):
    """One submission a form, marked in one run."""
    folder = tmp_path_factory.mktemp("forms")
    text = (samples / "right" / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8")
    for number, code in enumerate(FORMS.values()):
        data = json.loads(text)
        cell(data, "q1")["source"] = f"SQL = '''{SQL}'''\n\n\ndef q1(con):\n    return {code}"
        cell(data, "q2")["source"] = (
            "q2 = con.sql('''" + "".join(cell(data, "q2")["source"]).split('"""')[1] + "''').df()"
        )
        path = folder / f"s{number:02}" / f"{ASSIGNMENT}.ipynb"
        path.parent.mkdir()
        path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        from contextlib import nullcontext

        from leocourse.grading import grade as module

        patch.setattr(module, "starting_marker", lambda *_: nullcontext(lambda *_: marker))
        done = grade(folder, root, tmp_path_factory.mktemp("forms-marked"))
    return {name: each for name, each in zip(FORMS, done, strict=True)}


@pytest.mark.parametrize("form", FORMS)
def test_right_is_right(forms, form):
    graded = forms[form]
    assert graded.score == POINTS, [str(result) for result in graded.results if result.status != "right"]


def test_a_table_computed_from_the_connection_is_right_because_the_notebook_runs_on_both_extracts(forms):
    assert next(result for result in forms["pandas"].results if result.question == "q2").status == "right"


def test_tables_that_an_answer_makes_are_not_there_for_the_next(root, edit, tmp_path, same_unseen):
    def change(data):
        for name, call in (("q4", "days_in_work"), ("q5", "sustained")):
            text = "".join(cell(data, name)["source"])
            body = text.replace("return con.sql(", "con.execute('CREATE TABLE t AS SELECT 1')\n    return con.sql(")
            cell(data, name)["source"] = body
            assert "CREATE TABLE" in body and call in body

    (graded,) = grade(edit(change=change), root, tmp_path / "out")
    assert graded.score == POINTS, [str(result) for result in graded.results if result.status != "right"]
