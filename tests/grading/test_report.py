"""The teacher's report: right figures, no name where none should be, no formula in a file, likeness with care."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser

import pytest
from nbgrader.plugins.export import CsvExportPlugin
from sample import ASSIGNMENT, NOTEBOOK, POINTS, QUESTIONS, WITH_WRITTEN
from typer.testing import CliRunner

from leocourse.checks.result import Result
from leocourse.cli import app
from leocourse.core.errors import LeoError
from leocourse.grading.books.alike import groups, normal
from leocourse.grading.books.gradebook import Marks, Record
from leocourse.grading.books.report import gather, items, write_report
from leocourse.grading.harmless import write_csv

FULL, MAXIMUM = f"{POINTS:.1f}", f"{WITH_WRITTEN:.1f}"
NAMES = ("ada", "bob", "cy", "dee", "=HYPERLINK(1)", "<script>alert(1)</script>")
ANSWER = 'q1 = """\nSELECT a.pupil, a.fsm -- mine\nFROM census AS a WHERE a.year = {year}\n"""'
RENAMED = "q1 = '''select   ZZ.PUPIL, zz.fsm from CENSUS zz where zz.year={year}'''"


def results(student):
    """The first right throughout, the second with a slip in q1, and so on: the better, the earlier in the list."""
    place = NAMES.index(student)
    slip = {"misconception": "distinct", "misconception_title": "DISTINCT", "lesson": "Building a cohort"}
    made = []
    for number, (name, points) in enumerate(QUESTIONS.items()):
        right = number >= place
        extra = slip if name == "q1" and not right else {}
        made.append(
            Result(
                name,
                f"Title {name}",
                "right" if right else "not right yet",
                float(right),
                points,
                f"for {student}",
                **extra,
            )
        )
    return made


@pytest.fixture
def marked(root, samples, tmp_path):
    """A gradebook with six students, one more whose notebook could not be read, and what they handed in."""
    output = tmp_path / "out"
    output.mkdir()
    notebook = json.loads((samples / "right" / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8"))
    with Marks(f"sqlite:///{output / 'gradebook.db'}") as marks:
        marks.define(ASSIGNMENT, NOTEBOOK, root / "exercises" / ASSIGNMENT / f"{NOTEBOOK}.ipynb")
        for number, student in enumerate(NAMES):
            note = [f"The cell of {student} was split."] if student == "bob" else []
            record = Record(
                student, ASSIGNMENT, str(number), "v", [1, 2], "bubblewrap", "", results(student), [], note, seconds=1.5
            )
            marks.record(record, NOTEBOOK, {"q8": ""})
            if "/" in student:
                continue
            for cell in notebook["cells"]:
                if cell["metadata"].get("nbgrader", {}).get("grade_id") == "q1":
                    cell["source"] = (RENAMED if student == "bob" else ANSWER).format(
                        year=2011 if number < 2 else number
                    )
            path = output / "submitted" / student / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(notebook), encoding="utf-8")
        again = Record("cy", ASSIGNMENT, "another", "v", [1, 2], "bubblewrap", "", results("cy"), [], [], seconds=2.0)
        marks.record(again, NOTEBOOK, {"q8": ""})
        marks.record(
            Record("eve", ASSIGNMENT, "x", "v", [1, 2], "bubblewrap", "The file of eve is empty."), NOTEBOOK, {}
        )
        marks.gradebook.update_or_create_student("ada", first_name="Ada", last_name="Lovelace", email="ada@example.org")
    return output


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_the_figures_of_questions_are_right():
    records = [Record(str(n), "a", "h", "v", [], "", "", [Result("q1", "t", "right", c, 2.0), Result("q2", "t", "right", d, 2.0)])
               for n, (c, d) in enumerate([(1.0, 1.0), (1.0, 0.5), (0.0, 0.0), (0.0, 0.5)])]  # fmt: skip
    one, two = items(records)
    assert (one.difficulty, two.difficulty) == (0.5, 0.5)
    assert one.discrimination == pytest.approx(0.70711, abs=1e-4) and two.discrimination == pytest.approx(
        one.discrimination
    )
    assert items(records[:2])[0].discrimination is None


def test_the_report_counts_slips_attempts_failures_and_repairs(marked, root, tmp_path):
    report = gather(root, marked)
    (slip,) = report.slips
    assert slip.misconception == "distinct" and set(slip.students) == set(NAMES[1:])
    assert {each.student: each.attempts for each in report.records} == dict.fromkeys([*NAMES, "eve"], 1) | {"cy": 2}
    write_report(root, marked, tmp_path / "report")
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    for words in ("The file of eve is empty.", "The cell of bob was split.", "DISTINCT", "Building a cohort"):
        assert words in page
    assert page.startswith("<!doctype html>") and "<script" not in page and "default-src 'none'" in page
    students = {row[0]: row for row in rows(tmp_path / "report" / "students.csv")}
    assert students["ada"][2:6] == [FULL, MAXIMUM, "1", "1.5"] and "'=HYPERLINK(1)" in students


def test_every_plot_has_a_text_and_a_table(marked, root, tmp_path):
    write_report(root, marked, tmp_path / "report")
    seen = []

    class Seen(HTMLParser):
        def handle_starttag(self, tag, attrs):
            seen.append((tag, dict(attrs)))

    Seen().feed((tmp_path / "report" / "report.html").read_text(encoding="utf-8"))
    pictures = [attrs for tag, attrs in seen if tag == "img"]
    assert len(pictures) == 3 and all(each["alt"] and each["src"].startswith("data:image/svg+xml") for each in pictures)
    assert sum(tag == "table" for tag, _ in seen) == sum(tag == "caption" for tag, _ in seen) >= 4
    assert all(attrs.get("scope") == "col" for tag, attrs in seen if tag == "th")
    levels = [int(tag[1]) for tag, _ in seen if tag in ("h1", "h2", "h3")]
    assert levels[0] == 1 and set(levels[1:]) == {2}


def test_without_names_there_is_no_name_anywhere_and_codes_stay(marked, root, tmp_path, monkeypatch):
    monkeypatch.setenv("LEO_SECRET", str(tmp_path / "secret"))
    folder = tmp_path / "report"
    write_report(root, marked, folder)  # what it leaves must not stay beside the codes
    for _ in range(2):
        write_report(root, marked, folder, hide_names=True)
        text = "".join(path.read_text(encoding="utf-8") for path in folder.iterdir())
        for name in ("ada", "eve", "bob", "HYPERLINK", "script", "Lovelace", "dee"):
            assert not any(f"{left}{name}{right}" in text for left in '",> =' for right in '",< ('), name
        codes = [row[0] for row in rows(folder / "students.csv")[1:]]
        assert len(set(codes)) == 7 and all(len(code) == 16 for code in codes)
    again = codes
    (tmp_path / "secret").unlink()
    write_report(root, marked, folder, hide_names=True)
    assert not set(again) & {row[0] for row in rows(folder / "students.csv")[1:]}  # another secret, other codes
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


def test_the_export_for_nbgrader_is_nbgraders_own(marked, root, tmp_path):
    write_report(root, marked, tmp_path / "report")
    with Marks(f"sqlite:///{marked / 'gradebook.db'}") as marks:
        CsvExportPlugin(to=str(tmp_path / "theirs.csv")).export(marks.gradebook)
    ours, theirs = rows(tmp_path / "report" / "nbgrader.csv"), rows(tmp_path / "theirs.csv")
    assert ours[0] == theirs[0] and len(ours) == len(theirs) == 8
    assert [row for row in ours if "HYPER" not in row[3]] == [row for row in theirs if "HYPER" not in row[3]]


def test_the_files_for_other_systems_have_their_columns_and_leave_blank_what_was_not_marked(marked, root, tmp_path):
    write_report(root, marked, tmp_path / "report")
    canvas, moodle, blackboard = (
        rows(tmp_path / "report" / f"{name}.csv") for name in ("canvas", "moodle", "blackboard")
    )
    assert canvas[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", ASSIGNMENT]
    assert canvas[1][0].strip() == "Points Possible" and canvas[1][-1] == MAXIMUM
    assert ["Lovelace, Ada", "", "", "ada", "", FULL] in canvas
    assert ["ada", "ada@example.org", "Ada", "Lovelace", FULL] in moodle
    for table, at in ((canvas, 3), (moodle, 0), (blackboard, 2)):
        assert {row[at]: row[-1] for row in table}["eve"] == ""
    assert (
        blackboard[0] == ["Last Name", "First Name", "Username", ASSIGNMENT]
        and ["Lovelace", "Ada", "ada", FULL] in blackboard
    )


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "＝1", "  ＋1"])
def test_no_cell_is_taken_for_a_formula(cell):
    ((read,), (last,)) = csv.reader(io.StringIO(write_csv([[cell], ["end"]]), newline=""))
    assert read == "'" + cell.replace("\r", "") and last == "end"  # what moves the cursor is left out


def test_numbers_and_honest_text_stay_as_they_are():
    assert write_csv([["ada", -1.5, "a=b", ""]]) == "ada,-1.5,a=b,\r\n"


# answers that are alike -------------------------------------------------------------------------------

SAME = [
    ("x = 1\ny = x + 2", "# mine\nfirst = 1\nsecond  =  first + 2"),
    (
        "def f(con, year):\n    t = con.sql('SELECT 1')\n    return t",
        'def f(c, y):\n    """Doc."""\n    q = c.sql("select 1")\n    return q',
    ),
    ('q = "WITH a AS (SELECT 1 AS n) SELECT n FROM a"', 'q = """with bb as (select 1 as n) -- x\nselect N from BB"""'),
    (
        'def f(con, y):\n    return con.sql(f"SELECT {y} AS n FROM t")',
        'def f(k, z):\n    return k.sql(f"select {z} as n from T")',
    ),
]
DIFFERENT = [
    ("x = 1", "x = 2"),
    ("a = b + c", "a = c + b + 1"),
    ('q = "SELECT a FROM t"', 'q = "SELECT b FROM t"'),
    ('q = "SELECT a FROM t"', 'q = "SELECT a FROM u"'),
    ('q = "SELECT a FROM t WHERE n < 100"', 'q = "SELECT a FROM t WHERE n <= 100"'),
]


@pytest.mark.parametrize("pair", SAME)
def test_renamed_and_laid_out_anew_is_alike(pair):
    assert normal(pair[0]) == normal(pair[1])


@pytest.mark.parametrize("pair", DIFFERENT)
def test_another_answer_is_not_alike(pair):
    assert normal(pair[0]) != normal(pair[1])


@pytest.mark.parametrize(
    "code",
    [
        "(" * 5_000,
        "x = " + "-" * 15_000 + "1",
        "\0",
        "\ud800",
        "x" * 10**6,
        'q = "' + "select (" * 2_000 + '"',
        "f(" * 90,
    ],
)
def test_hostile_code_is_only_ever_compared(code):
    assert normal(code) == normal(code) != normal("x = 1")


def test_an_answer_that_many_give_is_no_evidence():
    answers = [("a", "q1", f"s{n}", "x = 1" if n < 5 else f"x = {n}") for n in range(20)]
    answers += [("a", "q1", "t1", "z = 'rare'"), ("a", "q1", "t2", "y = 'rare'")]
    rare, common = groups(answers)
    assert rare.students == ("t1", "t2") and not rare.common and rare.share == pytest.approx(2 / 22)
    assert common.common and len(common.students) == 5


def test_likeness_is_found_in_what_was_handed_in(marked, root, tmp_path):
    alike = [each for each in gather(root, marked).alike if each.question == "q1"]
    assert [each.students for each in alike] == [("ada", "bob")]
    write_report(root, marked, tmp_path / "report")
    assert "ada, bob" in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")


def test_the_command(marked, tmp_path, root):
    with pytest.raises(LeoError, match="no gradebook"):
        gather(root, tmp_path)
    done = CliRunner().invoke(app, ["report", str(marked), "--output", str(tmp_path / "here")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "here" / "report.html").is_file() and "canvas.csv" in done.output


def test_what_somebody_changed_in_a_report_is_kept_beside_it_and_names_do_not_stay(marked, root, tmp_path, monkeypatch):
    monkeypatch.setenv("LEO_SECRET", str(tmp_path / "secret"))
    folder = tmp_path / "shared" / "report"
    write_report(root, marked, folder)
    write_report(root, marked, folder)
    assert [path.name for path in folder.parent.iterdir()] == ["report"], "its own files are replaced"
    (folder / "canvas.csv").write_text("ada, checked by hand")
    (folder / "report.html").write_text("<p>my own words on ada</p>")
    (folder / "notes.txt").write_text("a note")
    write_report(root, marked, folder, hide_names=True)
    (kept,) = folder.parent.glob("report.kept-*")
    assert (kept / "canvas.csv").read_text() == "ada, checked by hand"
    assert (kept / "report.html").read_text() == "<p>my own words on ada</p>"
    assert (folder / "notes.txt").read_text() == "a note"
    assert not (folder / "canvas.csv").exists() and not (folder / "moodle.csv").exists()
    assert "my own words" not in (folder / "report.html").read_text()


def test_a_file_in_the_place_of_a_report_is_one_line(marked, root, tmp_path):
    (tmp_path / "report").write_text("mine")
    with pytest.raises(LeoError, match="is not a folder"):
        write_report(root, marked, tmp_path / "report")
    assert (tmp_path / "report").read_text() == "mine"
