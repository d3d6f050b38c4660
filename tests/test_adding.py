"""To add something costs what CONTRIBUTING says: one of each is added to a copy of the course, whole and with gaps."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
import rules

from leocourse.authoring.keys import question_key
from leocourse.authoring.question import assignments, load_assignment
from leocourse.checks.assignment import run_calls
from leocourse.checks.judge import judge
from leocourse.core.connect import connect
from leocourse.core.errors import LeoError
from leocourse.measures import model
from leocourse.measures.run import measure
from leocourse.schema.model import load_schema

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("leocourse", "solutions", "data/schema", "data/reference", "book", "_toc.yml", "README.md",
          "tests/schema/form.csv")  # fmt: skip
ASSIGNMENT, NOTEBOOK = "solutions/01-first-queries-and-linking", "first-queries-and-linking.ipynb"
Edit = Callable[[str], str]
PLACES = {
    kind: int(number)
    for kind, number in re.findall(r"^\| an? (\w+) \| (\d+) \|", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.M)
}
"""What CONTRIBUTING says that adding one of each costs."""


class Copy:
    """A copy of the course, to which things are added and from which they are taken away again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._before: dict[Path, str | None] = {}

    def add(self, edits: dict[str, Edit]) -> None:
        for place, edit in edits.items():
            path = self.root / place
            old = path.read_text(encoding="utf-8") if path.is_file() else None
            self._before[path] = old
            new = edit(old or "")
            assert new != old, f"nothing was added to {place}"
            path.write_text(new, encoding="utf-8")

    def restore(self) -> None:
        for path, text in self._before.items():
            path.unlink() if text is None else path.write_text(text, encoding="utf-8")
        self._before.clear()
        shutil.rmtree(self.root / ASSIGNMENT / "questions" / "__pycache__", ignore_errors=True)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    root = tmp_path_factory.mktemp("copy")
    unneeded = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "generated", "node_modules")
    for name in COPIED:
        source, target = ROOT / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target, ignore=unneeded) if source.is_dir() else shutil.copy(source, target)
    return Copy(root)


@pytest.fixture
def copy(whole):
    yield whole
    whole.restore()


def after(anchor: str, text: str) -> Edit:
    """Put text behind an anchor that is there exactly once."""

    def edit(old: str) -> str:
        assert old.count(anchor) == 1, f"{anchor!r} is there {old.count(anchor)} times"
        return old.replace(anchor, anchor + text)

    return edit


def new(text: str) -> Edit:
    return lambda _: text


# What is added ---------------------------------------------------------------------------------------

FIELD = {
    "name": "shoe_size", "type": "integer", "description": "Size of the pupil's shoes.", "leo:form": "ShoeSize_ab[yy]",
    "leo:column": "shoe_size_ab{yy}", "leo:sql_type": "smallint", "leo:years": [[2019, 2021]],
    "leo:section": "Pupil", "leo:group": "by request",
}  # fmt: skip


def with_cells(old: str) -> str:
    """The notebook with the three cells of question 14, as copies of those of question 5."""
    book = json.loads(old)
    named = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in book["cells"]}
    for part in ("-text", "", "-check"):
        copied = json.dumps(named[f"q5{part}"]).replace("## Question 5", "## Question 14")
        cell = json.loads(re.sub(r"\bq5\b", "q14", copied))
        book["cells"].append(cell)
    return json.dumps(book, indent=1)


def as_question_14(_: str) -> str:
    return (ROOT / ASSIGNMENT / "questions" / "q05.py").read_text("utf-8").replace('"q5"', '"q14"')


def as_lesson(_: str) -> str:
    text = (ROOT / "book" / "intro" / "describing-gaps.md").read_text("utf-8")
    return text.replace("\n# Describing gaps", "\n# Counting shoes").replace("describing-gaps-bases.svg", "shoes.svg")


SLIP = """        slip(
            "scotland",
            "You took the wrong country.",
            london_sql().replace("London", "Scotland"),
        ),
    ),
    alternatives=("""
CAUGHT = '''

def applied_twice(rows: Rows, faults: Faults) -> Rows:
    """The number of the application was lost."""
    chosen = faults.strikes("ucas_number_lost", rows["person"])
    faults.record("ucas_number_lost", "ucas", row_keys(rows, chosen, "unique_application_id_cycle"),
                  text_of(rows["applicant_age"], chosen))
    return rows | {"applicant_age": np.where(chosen, 99, rows["applicant_age"])}


_ucas = ucas


def ucas(rows: Rows, faults: Faults) -> Rows:
    """Both faults."""
    return applied_twice(_ucas(rows, faults), faults)
'''
DESCRIBED = """
  {"fault": "ucas_number_lost", "key": {"unique_application_id_cycle": "unique_application_id_cycle"}, "seen": "r.applicant_age = 99"},"""
STUDY = """

def _autumn(lives: Lives) -> Sample:
    outcome = pay(lives.life, PAY_YEAR)
    born, chosen = lives.people.birth_month >= 9, ~np.isnan(outcome)
    return Sample(outcome[chosen], columns(born)[chosen], background(lives.people)[chosen],
                  {"autumn": (outcome[chosen], born[chosen])})


def _autumn_differences(lives: Lives) -> list[Difference]:
    born = lives.people.birth_month >= 9
    return [Difference(["autumn"], np.ones((int(born.sum()), 1)), np.full(int(born.sum()), 20.0))]


STUDIES.append(Study(["autumn"], _autumn, _autumn_differences))
"""
WORDS = """
EFFECTS["autumn"] = Effect(
    "pay: born in the autumn", "What does a birthday in the autumn add to pay?", "those born then, and the others",
    lambda: work.PAY_STEPS["born in the autumn"], STEP, "log pay on the month of birth", "mean log pay",
)
"""
MEASURE = """/*---
title = "A count of records"
definition = "How many rows the lookup has for a person."
grain = "one row per person"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "records", type = "int", unit = "rows", description = "Rows of the lookup." },
]
source = "LEO variable request form v2.3."
years = "all"
lost = "Which records they are."
traps = ["A person may have two."]
---*/
SELECT ae_id, CAST(count(*) AS int) AS records
FROM leo_i2."2005003".learner_ae_id_to_pmr_lookup
GROUP BY ae_id
"""
ADDED: dict[str, dict[str, Edit]] = {
    "field": {
        "data/schema/tables/absence.json": lambda old: old.rstrip().removesuffix("]\n}").rstrip()
        + ",\n  " + json.dumps(FIELD) + "\n ]\n}\n",
        "tests/schema/form.csv": lambda old: old + "Absence_05-06_to_20-21,by request,2019-2021,ShoeSize_ab[yy]\n",
    },
    "lesson": {
        "book/intro/counting-shoes.md": as_lesson,
        "book/intro/images/shoes.svg": new("<svg><title>Shoes</title><desc>Two shoes.</desc></svg>"),
        "_toc.yml": after("file: book/intro/describing-gaps\n", "      - file: book/intro/counting-shoes\n"),
        "README.md": after("Describing gaps · ", "Counting shoes · "),
    },
    "question": {
        f"{ASSIGNMENT}/questions/q14.py": as_question_14,
        f"{ASSIGNMENT}/{NOTEBOOK}": with_cells,
    },
    "misconception": {
        "solutions/misconceptions.toml": lambda old: old
        + '\n[scotland]\ntitle = "T"\nshows = "S"\nexplain = "E"\nlesson = "SQL for linked records"\n',
        f"{ASSIGNMENT}/questions/q05.py": lambda old: old.replace("    ),\n    alternatives=(", SLIP, 1),
    },
    "fault": {
        "leocourse/extract/faults/registry.py": after(
            "FAULTS: dict[str, tuple[int, str]] = {", '\n    "ucas_number_lost": (50_000, "A number was lost."),'
        ),
        "leocourse/extract/faults/post16.py": lambda old: old + CAUGHT,
        "data/schema/tables/ucas.json": after('"leo:faults": [', DESCRIBED),
    },
    "effect": {
        "leocourse/extract/lives/work.py": lambda old: old.replace(
            "PAY_STEPS = {", 'PAY_STEPS = {\n    "born in the autumn": 20,', 1
        ).replace(
            "    early = _early_steps(member)\n",
            '    early = _early_steps(member)\n    fixed += np.where(people.birth_month >= 9, steps["born in the autumn"], 0)\n', 1,
        ),
        "leocourse/fidelity/effects.py": lambda old: old + WORDS,
        "leocourse/fidelity/worlds.py": lambda old: old + STUDY,
    },
    "measure": {"leocourse/measures/people/record_count.sql": new(MEASURE)},
    "page": {
        "book/reference/shoes.md": new("# Shoes\n\nAll data are simulated.\n"),
        "_toc.yml": after("file: book/reference/faq\n", "      - file: book/reference/shoes\n"),
    },
}  # fmt: skip
"""By kind, the places that are touched and what is written there."""


# Whether the course accepts it -----------------------------------------------------------------------


def field(copy: Copy) -> list[str]:
    load_schema.cache_clear()
    schema = load_schema(copy.root / "data" / "schema")
    lines = list(rules.fields(schema, rules.form(copy.root / "tests" / "schema" / "form.csv")))
    if not lines:
        view = next(view for view in schema["absence"].views if view.first == 2020)
        (added,) = [each for each in schema["absence"].fields if each.name == FIELD["name"]]
        assert added.column_in(view) == "shoe_size_ab20" and not added.available(2018, 2018, None)
    return lines


def pages(copy: Copy) -> list[str]:
    lines = list(rules.contents(copy.root))
    return lines + [line for page in rules.lessons(copy.root) for line in rules.lesson(copy.root, page)]


def question(copy: Copy) -> list[str]:
    """The rules of questions; and of whole ones, that the answers of the new or changed one are told apart."""
    try:
        found = load_assignment(copy.root / ASSIGNMENT)
    except LeoError as error:
        return [str(error)]
    others = [each for each in COURSE if each.name != found.name]
    lines = [*rules.questions(found), *rules.cells(copy.root / ASSIGNMENT, found)]
    return lines + list(rules.catalogue(copy.root, [found, *others]))


CODE = """
import json, sys
import numpy as np
sys.path.insert(0, {tests!r})
import rules
from leocourse.extract.block import block
from leocourse.extract.faults.registry import FAULTS, Faults
from leocourse.extract.parameters import parameters
from leocourse.fidelity.effects import EFFECTS
from leocourse.fidelity.worlds import STUDIES, live
from leocourse.schema.model import load_schema

lines = list(rules.faults(load_schema(), FAULTS))
lines += rules.effects(EFFECTS, [n for s in STUDIES for n in s.names], [p["parameter"] for p in parameters()])
if not lines and {strike}:
    switches = Faults(11)
    block(11, np.arange(1_500), switches)
    lines += rules.faults(load_schema(), FAULTS, switches.ledger)
if not lines and "autumn" in EFFECTS:
    lives = live(7, np.arange(500))
    assert EFFECTS["autumn"].planted() == 20 and STUDIES[-1].sample(lives).naive
print(json.dumps(lines))
"""


def code(copy: Copy, strike: bool) -> list[str]:
    """The rules of faults and effects, in a process that has the code of the copy."""
    command = [sys.executable, "-c", CODE.format(tests=str(ROOT / "tests"), strike=strike)]
    environment = {"PYTHONPATH": str(copy.root), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=copy.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def measures(copy: Copy) -> list[str]:
    return [] if model.load("record_count").columns else ["nothing"]


COURSE = assignments(ROOT)
CHECKS: dict[str, Callable[[Copy], list[str]]] = {
    "field": field,
    "lesson": pages,
    "page": pages,
    "question": question,
    "misconception": question,
    "fault": lambda copy: code(copy, strike=True),
    "effect": lambda copy: code(copy, strike=False),
    "measure": measures,
}


@pytest.fixture(autouse=True)
def measures_of_the_copy(whole, monkeypatch):
    monkeypatch.setattr(model, "FOLDER", whole.root / "leocourse" / "measures")
    for cached in (model._files, model.load):
        cached.cache_clear()
    yield
    load_schema.cache_clear()
    for cached in (model._files, model.load):
        cached.cache_clear()


def test_the_table_names_what_is_added_here():
    assert set(PLACES) == set(ADDED)


@pytest.mark.parametrize("kind", ADDED)
def test_adding_costs_what_the_table_says_and_the_course_accepts_it(kind, copy):
    copy.add(ADDED[kind])
    assert CHECKS[kind](copy) == []
    assert len(ADDED[kind]) == PLACES[kind]


GAPS = [(kind, place) for kind, edits in ADDED.items() if len(edits) > 1 for place in edits]


@pytest.mark.parametrize(("kind", "place"), GAPS, ids=[f"{kind} without {Path(place).name}" for kind, place in GAPS])
def test_a_place_that_was_left_out_is_named_in_one_line(kind, place, copy):
    copy.add({name: edit for name, edit in ADDED[kind].items() if name != place})
    lines = CHECKS[kind](copy)
    assert len(lines) == 1 and "\n" not in lines[0], lines
    path = Path(place)
    names = (path.name, path.parent.as_posix(), re.sub(r"\d\d", "NN", path.name))  # whose question, nobody can know
    assert any(name in lines[0] for name in names), f"{lines[0]} does not name {place}"


def test_what_was_added_works(copy, lesson, request):
    """A question and its slip are told apart on the lesson extract, and a measure is computed there."""
    copy.add(ADDED["question"] | ADDED["misconception"] | ADDED["measure"])
    added = load_assignment(copy.root / ASSIGNMENT)
    with connect(lesson) as con:
        (asked,) = [each for each in added.questions if each.name == "q5"]
        (slip,) = [each for each in asked.misconceptions if each.name == "scotland"]
        entries = question_key(asked, con)
        for answer, named in ((asked.reference_pandas, None), (slip.answer, "scotland")):
            found = judge(
                asked.specification(), run_calls(asked.specification(), answer, lambda: nullcontext(con)), entries
            )
            assert (found.status == "right") == (named is None) and found.misconception == named, str(found)
        assert measure(con, "record_count").aggregate("min(records)").fetchone()[0] >= 1
