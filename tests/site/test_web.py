"""What goes into the pages: the SQL of cells, the columns that it reads, and a book without Node."""

from __future__ import annotations

import duckdb
import matplotlib.pyplot as plt
import pytest

from leocourse.cli import steps_table
from leocourse.core.errors import LeoError
from leocourse.site.live import program
from leocourse.site.live.cells import Stub, cells, sql_of, steps
from leocourse.site.pages.practice import index_page, practice_pages

LESSON = '''---
kernelspec:
  name: python3
---

# A lesson

```{code-cell} ipython3
import pandas as pd
import leocourse as leo

con = leo.connect()
years = [2011, 2012]
```

```{code-cell} ipython3
con.execute("CREATE TABLE helper AS SELECT a FROM shop.main.things")
given = pd.DataFrame({"x": [1, None], "name": ["it's", "b"], "unread": [1, 2]})
```

```{code-cell} ipython3
:tags: [sql]

first = con.sql("""
    SELECT a
    FROM helper
""").df()
```

```{code-cell} ipython3
:tags: [sql]

second = con.sql(" UNION ALL ".join(f"SELECT {year} AS y, b FROM shop.main.things" for year in years)).df()
```

```{code-cell} ipython3
:tags: [sql, hide-input]

third = con.sql("SELECT x, name FROM given").df()
```

```{code-cell} ipython3
:tags: [sql]

of_rows = pd.DataFrame(first["a"])
fourth = con.sql("SELECT a FROM of_rows").df()
```

```{code-cell} ipython3
:tags: [pandas]

second.groupby("y").size()
```
'''


@pytest.fixture
def stub():
    with duckdb.connect() as con:
        con.execute("ATTACH ':memory:' AS shop")
        con.execute("CREATE VIEW shop.main.things AS SELECT 1 AS a, 'x' AS b, DATE '2011-01-01' AS c")
        yield Stub(con)


def test_a_lesson_gives_the_sql_of_its_cells_and_the_columns_that_it_reads(stub, tmp_path):
    page = tmp_path / "lesson.md"
    page.write_text(LESSON, encoding="utf-8")
    tags = [cell.tags for cell in cells(LESSON)][2:]
    assert tags == [("sql",), ("sql",), ("sql", "hide-input"), ("sql",), ("pandas",)]
    helper, first, second, given, third, fourth = steps(page, stub)
    assert not helper.tagged and helper.creates == ["helper"]
    assert first.sql == "SELECT a\nFROM helper"
    assert second.sql == (
        "SELECT 2011 AS y, b FROM shop.main.things UNION ALL SELECT 2012 AS y, b FROM shop.main.things"
    )
    assert not given.tagged and given.creates == ["given"] and "unread" not in given.sql
    assert third.tagged and third.sql == "SELECT x, name FROM given"
    assert duckdb.sql(given.sql) is None
    assert duckdb.sql("SELECT x, name FROM given").fetchall() == [(1.0, "it's"), (None, "b")]
    assert fourth.tagged and fourth.sql is None, "what Python makes of the extract is not in the page"
    assert stub.needed == {("shop", "main", "things"): {"a", "b"}}


def test_what_a_cell_asks_is_told_from_what_is_asked_for_it(stub, tmp_path):
    """A cell runs with the course's own functions: what a measure or a table's reader asks is no cell's SQL."""
    page = tmp_path / "lesson.md"
    page.write_text(
        """# A lesson

```{code-cell} ipython3
import matplotlib.pyplot as plt
import pandas as pd
import leocourse as leo
from leocourse.lesson import show

con = leo.connect()
leo.measure(con, "person")
```

```{code-cell} ipython3
:tags: [sql]

def rows(year):
    return con.sql(f"SELECT {year} AS y, a FROM shop.main.things").df()

leo.measure(con, "person")
found = pd.concat([rows(2011), pd.read_sql("SELECT 7 AS y, a FROM shop.main.things", con)])
show(found)
fig, ax = plt.subplots()
ax.set_title(f"{len(con.query('SELECT ' + 'b FROM shop.main.things').df())} rows")
print("not seen")
```
""",
        encoding="utf-8",
    )
    before = plt.get_fignums()
    (step,) = steps(page, stub)
    assert step.sql == "SELECT 2011 AS y, a FROM shop.main.things;\n\nSELECT b FROM shop.main.things"
    assert plt.get_fignums() == before, "a figure that a cell draws is closed"


@pytest.mark.parametrize(
    "code, sql",
    [
        ('x = con.sql("""\n    SELECT 1\n      AS a\n""").df()', "SELECT 1\n  AS a"),
        ('con.execute("""CREATE TABLE t AS\n    SELECT 1""");\ncon.sql("SELECT * FROM t")',
         "CREATE TABLE t AS\nSELECT 1;\n\nSELECT * FROM t"),
        ('q = "SELECT 1;"\nshow(con.sql(q).df())', "SELECT 1"),
        ('con.sql(f"SELECT {year}")', None),
        ('con.execute("SELECT ?", [1])', None),
        ("show(table)", None),
        ("not python (", None),
    ],
)  # fmt: skip
def test_sql_inside_python(code, sql):
    assert sql_of(code) == sql


def test_only_the_columns_that_matter_are_needed(stub):
    assert stub.learn("WITH t AS (SELECT * FROM shop.main.things) SELECT b FROM t WHERE c > DATE '2000-01-01'")
    assert stub.needed == {("shop", "main", "things"): {"b", "c"}}
    assert not stub.learn("SELECT nothing FROM shop.main.things")


def test_without_node_the_book_has_no_live_cells_and_says_so_in_a_line(tmp_path, monkeypatch):
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "package-lock.json").write_text("{}")
    (tmp_path / program.STEPS).parent.mkdir(parents=True)
    (tmp_path / program.STEPS).write_text("{}")
    monkeypatch.setattr(program.shutil, "which", lambda name: None)
    steps = steps_table.course_steps(tmp_path)
    said = steps_table.with_web(steps)
    assert said == "The book is built without SQL that runs in the page: Node with npm is not on this machine."
    assert not (tmp_path / program.WEB).exists()
    assert steps_table.with_web(steps, wanted=False) == ""


def test_every_assignment_has_a_page_with_its_questions_in_sql(root, course):
    pages = practice_pages(root)
    assert set(pages) == {f"{name}.md" for name in course}
    for name, assignment in course.items():
        for question in assignment.questions:
            place = f'data-assignment="{name}" data-question="{question.name}"'
            assert (place in pages[f"{name}.md"]) == (question.kind == "sql")
        assert f"practice/{name}.md" in index_page(root)


def test_a_cell_inside_another_block_is_no_cell_of_the_lesson():
    """What shows how a cell is written is not run by the book, so the page does not run it either."""
    shown = "````{note}\n```{code-cell} ipython3\n:tags: [sql]\n\ncon.sql('SELECT 1')\n```\n````\n"
    quoted = "````md\n```{code-cell} ipython3\n1\n```\n````\n"
    assert [cell.code for cell in cells(LESSON + shown + quoted)] == [cell.code for cell in cells(LESSON)]


def test_options_that_are_no_yaml_are_one_line():
    with pytest.raises(LeoError) as raised:
        cells("# A\n\n```{code-cell} ipython3\n---\ntags: [\n---\n1\n```\n")
    assert "\n" not in str(raised.value)
