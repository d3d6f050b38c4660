"""Hostile submissions, one file each in this folder, marked in one run between honest ones.

A file says what is tried (its title), which sample submission it starts from, where its code goes (``new cell``, a
question's cell, ``notebook`` for a change of the file itself, ``file``, ``link`` or ``zip``), the marks that must come
out (``all``, ``all but`` a question, a number, or ``none`` if it cannot be marked) and words of the report.
"""

from __future__ import annotations

import html
import json
import os
import re
import socket
import zipfile
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbgrader.api import Gradebook

from leocourse.authoring.question import load_assignment
from leocourse.grading import grade as grading
from leocourse.grading.books.gradebook import Marks
from leocourse.grading.grade import grade, starting_marker
from leocourse.grading.isolation.limits import Limits
from leocourse.grading.isolation.sandbox import isolation
from leocourse.grading.samples import write_samples
from leocourse.steps import digest

ASSIGNMENT, NOTEBOOK = "06-table-for-release", "table-for-release"
HONEST = ("a-honest", "dz-honest", "fz-honest", "mz-honest", "pz-honest", "sz-honest", "zz-honest")
QUESTIONS = {
    question.name: question.points
    for question in load_assignment(Path(__file__).resolve().parents[2] / "solutions" / ASSIGNMENT).questions
}
POINTS = sum(QUESTIONS.values())
LIMITS = Limits(
    step_seconds=5, seconds=60, cpu_seconds=20, memory_bytes=3 * 2**29, disk_bytes=2**25, files=2_000,
    answer_bytes=2**24,
)  # fmt: skip
SECRET = "a-secret-of-whoever-marks"
FORBIDDEN = (
    "<script",
    "<img",
    SECRET,
    "WROTE ",
    "CONNECTED ",
    "TRACED",
    "SETUID ",
    "NAMESPACE",
    "FOUND ['",
    "root:x:0",
)
"""What no report may hold, because it shows that something got through."""


@dataclass(frozen=True)
class Attack:
    name: str
    title: str
    sample: str
    where: str
    score: float | None
    report: str
    student: str
    code: str


def marks(text: str) -> float | None:
    """The marks that a file asks for: ``none``, a number, ``all``, or ``all but`` a question."""
    if text == "none":
        return None
    return POINTS - QUESTIONS.get(text.removeprefix("all but "), 0) if text.startswith("all") else float(text)


def read_attack(path: Path) -> Attack:
    text = path.read_text(encoding="utf-8")
    fields = dict(re.findall(r"^- (\w+): ?(.*)$", text, re.MULTILINE))
    score = marks(fields["score"])
    code = text.split("```python\n")[1].rsplit("\n```", 1)[0]
    assert fields["report"], f"{path.name} does not say what the report has to tell"
    title = text.splitlines()[0].removeprefix("# ")
    return Attack(path.stem, title, fields["sample"], fields["where"], score, fields["report"],
                  fields.get("student", path.stem), code)  # fmt: skip


ATTACKS = [read_attack(path) for path in sorted(Path(__file__).parent.glob("*.md"))]


def cell(data, name):
    return next(c for c in data["cells"] if c.get("metadata", {}).get("nbgrader", {}).get("grade_id") == name)


def build(
    attack: Attack, samples: Path, folder: Path, archive: zipfile.ZipFile, places: dict[str, str], released
) -> None:
    """Write the submission that an attack describes."""
    code = attack.code
    for name, value in places.items():
        code = code.replace("{" + name + "}", value)
    target = folder / attack.student / f"{ASSIGNMENT}.ipynb"
    space = {"cell": cell, "json": json, "RELEASED": released}
    if attack.where in ("file", "link", "zip", "notebook"):
        exec(code, space)
    if attack.where == "zip":
        archive.writestr(space["name"], space["content"])
        return
    target.parent.mkdir(parents=True)
    if attack.where == "file":
        target.write_bytes(space["content"])
        return
    if attack.where == "link":
        target.symlink_to(space["target"])
        return
    data = json.loads((samples / attack.sample / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8"))
    if attack.where == "notebook":
        space["change"](data)
    elif attack.where == "new cell":
        new = {
            "cell_type": "code",
            "id": "attack",
            "metadata": {},
            "source": code,
            "outputs": [],
            "execution_count": None,
        }
        data["cells"].insert(data["cells"].index(cell(data, "q1")), new)
    else:
        cell(data, attack.where)["source"] = code
    target.write_text(json.dumps(data), encoding="utf-8")


@pytest.fixture(scope="session")
def attacked(root, lesson, sandbox, tmp_path_factory):
    """All attacks marked in one run, and what they might have harmed."""
    base = tmp_path_factory.mktemp("attacks")
    samples, folder, output = write_samples(root, base / "samples", ASSIGNMENT), base / "handed-in", base / "marked"
    output.mkdir()
    notebook = json.loads((root / "exercises" / ASSIGNMENT / f"{NOTEBOOK}.ipynb").read_text(encoding="utf-8"))
    released = {c["metadata"]["nbgrader"]["grade_id"]: "".join(c["source"]) for c in notebook["cells"]
                if "nbgrader" in c["metadata"]}  # fmt: skip
    address = f"leo-attacks-{os.getpid()}"  # two runs on one machine do not meet
    places = {"ROOT": str(root), "OUTPUT": str(output), "SOCKET": address}
    with zipfile.ZipFile(base / "handed-in.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for attack in ATTACKS:
            build(attack, samples, folder, archive, places, released)
        archive.write(samples / "right" / f"{ASSIGNMENT}.ipynb", f"in-the-zip/{ASSIGNMENT}.ipynb")
    for name in HONEST:
        (folder / name).mkdir()
        (folder / name / f"{ASSIGNMENT}.ipynb").write_bytes((samples / "right" / f"{ASSIGNMENT}.ipynb").read_bytes())
    with Marks(f"sqlite:///{output / 'gradebook.db'}") as marks:
        marks.define(ASSIGNMENT, NOTEBOOK, root / "solutions" / ASSIGNMENT / f"{NOTEBOOK}.ipynb")
        marks.gradebook.update_or_create_student("canary")
        marks.gradebook.update_or_create_submission(ASSIGNMENT, "canary")
        marks.gradebook.find_grade("q8", NOTEBOOK, ASSIGNMENT, "canary").manual_score = 2.5
        marks.gradebook.db.commit()
    guarded = [root / "solutions", root / "exercises", root / "nbgrader_config.py", root / "leocourse"]
    before = digest(guarded)
    os.environ["LEO_SECRET"] = SECRET
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"\0{address}")
        listening.listen()
        listening.setblocking(False)
        starting = starting_marker(isolation(), 2, LIMITS)
        with starting as ready, pytest.MonkeyPatch.context() as patch:  # folder and zip share the extracts: saves time
            marker = ready([root / "solutions" / ASSIGNMENT], None)
            patch.setattr(grading, "starting_marker", lambda *_: nullcontext(lambda *_: marker))
            done = [each for source in (folder, base / "handed-in.zip") for each in grade(source, root, output)]
        try:
            listening.accept()
            called = True
        except BlockingIOError:
            called = False
    del os.environ["LEO_SECRET"]
    return {each.student: each for each in done}, output, called, before == digest(guarded)


def report(graded) -> str:
    """All that is said of a submission."""
    lines = [graded.problem, *graded.notes]
    lines += [f"{each.question}: {each.status} {each.message}" for each in graded.results]
    page = graded.feedback.read_text(encoding="utf-8") if graded.feedback else ""
    return "\n".join([*lines, html.unescape(page)])


def test_there_are_many():
    assert len(ATTACKS) >= 30 and len({attack.name for attack in ATTACKS}) == len(ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_it_gains_nothing_and_the_report_says_what_happened(attack, attacked):
    graded = attacked[0][attack.student]
    said = report(graded)
    if attack.score is None:
        assert graded.problem and graded.results == []
    else:
        assert graded.problem == "" and graded.score == attack.score, said[:3_000]
        assert graded.points == POINTS
    assert re.search(attack.report, said) or attack.report in said, said[:3_000]


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_nothing_got_through(attack, attacked):
    graded = attacked[0][attack.student]
    page = graded.feedback.read_text(encoding="utf-8") if graded.feedback else ""
    assert [word for word in FORBIDDEN if word in page] == []
    assert "<script" not in page.lower() and "default-src" in (page or "default-src") and len(page) < 200_000


@pytest.mark.parametrize("name", [*HONEST, "in-the-zip"])
def test_the_honest_ones_between_them_get_full_marks(name, attacked):
    graded = attacked[0][name]
    assert (graded.problem, graded.score, graded.notes) == ("", POINTS, [])


def test_the_copy_that_a_person_reads_holds_nothing_that_runs_or_loads(attacked):
    copy = attacked[1] / "autograded" / "markup-in-a-written-answer" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    text = cell(json.loads(copy.read_text(encoding="utf-8")), "q8")["source"]
    assert "alert(1)" in text
    page = BeautifulSoup(markdown2html_mistune(text), "html.parser")
    shown = page.find_all("pre")
    assert "alert(1)" in " ".join(each.get_text() for each in shown), "what was typed can be read"
    for each in shown:  # where neither HTML nor formulas mean anything
        each.decompose()
    assert page.find_all(True, href=True) == page.find_all(True, src=True) == []
    assert page.find_all(["script", "svg", "style", "iframe", "object", "form", "img"]) == []
    assert [
        each for each in ("$", "\\(", "\\[", "\\begin", "\\href", "\\require", "\\style") if each in str(page)
    ] == []


def test_grader_gradebook_and_course_are_unharmed(attacked):
    _, output, called, unchanged = attacked
    assert unchanged and not called
    with Gradebook(f"sqlite:///{output / 'gradebook.db'}", course_id="leo-course") as book:
        assert book.find_submission(ASSIGNMENT, "canary").score == 2.5
        for attack in ATTACKS:
            if attack.score is not None:
                assert book.find_submission(ASSIGNMENT, attack.student).score == attack.score


def test_no_process_of_a_submission_is_left(attacked):
    commands = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                commands.append((process / "cmdline").read_bytes())
            except OSError:
                continue
    assert not any(b"leo-survivor" in command for command in commands)
    assert not any(command.startswith(b"bwrap") and str(attacked[1]).encode() in command for command in commands)
