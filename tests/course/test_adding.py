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
from leocourse.measures import example, model
from leocourse.measures.example import cases, difference
from leocourse.measures.run import measure
from leocourse.schema.model import load_schema

ROOT = Path(__file__).resolve().parents[2]
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
            new = edit(old or "")
            assert new != old, f"nothing was added to {place}"
            self._before[path] = old
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
DECLARED = """
NUMBER_LOST = declare(
    "ucas_number_lost", 50_000, "The number of an application was lost.",
    shows("ucas", "unique_application_id_cycle", seen="r.applicant_age = 99"),
)
"""
PLANTED = """

@plants("ucas")
def number_lost(rows: Rows, faults: Faults) -> Rows:
    chosen = faults.strikes(NUMBER_LOST, rows["person"])
    faults.record_rows(NUMBER_LOST, "ucas", rows, chosen, "applicant_age")
    return rows | {"applicant_age": np.where(chosen, 99, rows["applicant_age"])}
"""


def with_constant(old: str) -> str:
    """People born in the autumn are paid 20 steps more."""
    old = after("PAY_STEPS = {", '\n    "born in the autumn": 20,')(old)
    return after(
        "    early = _early_steps(member)\n",
        '    fixed += np.where(people.birth_month >= 9, steps["born in the autumn"], 0)\n',
    )(old)


def with_effect(old: str) -> str:
    """The same people born in January, what an estimator sees, and the words, in the study of pay without university."""
    for anchor, text in (
        ("from leocourse.extract.lives import apprenticeships, pathways, ", "results, "),
        ("from leocourse.fidelity.worlds import (\n", "    but,\n"),
        ("women * women_later(people, PAY_YEAR), poor", ", people.birth_month >= 9"),
        ("for name, group in ((WOMEN, women), (POOR, poor)", ', ("autumn", people.birth_month >= 9)'),
        ('columns(np.ones(len(people))), member["eligible for FSM"]),\n',
         '        (["autumn"], but(replace(people, birth_month=np.ones_like(people.birth_month)),\n'
         "                         result=results.result(people)), paths,\n"  # which the month decides, too
         "         columns(np.ones(len(people))), people.birth_month >= 9),\n"),
        ("eligible in year 11 less that of the others\",\n        ),\n",
         '        "autumn": _of_people("born in the autumn", "What does a birthday in the autumn add to pay?",\n'
         '                             "those born then, and the others", "mean log pay less that of the others"),\n'),
    ):  # fmt: skip
        old = after(anchor, text)(old)
    return old


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
SELECT ae_id, CAST(count(pupilmatchingrefanonymous) AS int) AS records
FROM leo_i2."2005003".learner_ae_id_to_pmr_lookup
GROUP BY ae_id
"""
EXAMPLE = """# A person with two records has one row

Person 1 has a record under each of two keys.

In `learner_ae_id_to_pmr_lookup`:

| ae_id | pupilmatchingrefanonymous |
| ----- | ------------------------- |
| 1     | P1a                       |
| 1     | P1b                       |
| 2     | P2                        |

Out:

| ae_id | records |
| ----- | ------- |
| 1     | 2       |
| 2     | 1       |
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
    "fault": {"leocourse/extract/faults/post16.py": lambda old: old + DECLARED + PLANTED},
    "effect": {
        "leocourse/extract/lives/pay.py": with_constant,
        "leocourse/fidelity/effects/without_university.py": with_effect,
    },
    "measure": {
        "leocourse/measures/people/record_count.sql": new(MEASURE),
        "leocourse/measures/people/record_count.example.md": new(EXAMPLE),
    },
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
from leocourse.extract.faults import FAULTS, Faults
from leocourse.extract.parameters import parameters
from leocourse.fidelity.effects import EFFECTS, STUDIES
from leocourse.fidelity.worlds import live
from leocourse.schema.model import load_schema

lines = [line for fault in FAULTS.values() for line in rules.shown(fault, load_schema())]
lines += rules.effects(STUDIES, [each["parameter"] for each in parameters()])
if not lines and {strike}:
    switches = Faults(11)
    block(11, np.arange(1_500), switches)
    lines += rules.struck(FAULTS, switches.ledger)
if not lines and "autumn" in EFFECTS:
    (study,), lives = [each for each in STUDIES if "autumn" in each.names], live(7, np.arange(500))
    seen = study.sample(lives)
    assert seen.treatment.shape[1] == len(study.names) and set(seen.naive) == set(study.names)
    (apart,) = [each.difference for each in study.differences(lives) if each.names == ["autumn"]]
    assert EFFECTS["autumn"].planted() == 20 and len(apart) and abs(np.median(apart) - 20) < 1  # pay gathers at a floor
print(json.dumps(lines))
"""


def code(copy: Copy, strike: bool) -> list[str]:
    """The rules of faults and effects, in a process that has the code of the copy."""
    command = [sys.executable, "-c", CODE.format(tests=str(ROOT / "tests"), strike=strike)]
    compiled = str(copy.root.with_name("compiled"))  # once for all: Python sees by size and time what was edited since
    environment = {"PYTHONPATH": str(copy.root), "PATH": "", "PYTHONPYCACHEPREFIX": compiled}
    done = subprocess.run(command, cwd=copy.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def measures(copy: Copy) -> list[str]:
    """The rule of examples, and of the new measure that what comes out is what its example says."""
    return list(rules.examples()) or [said for case in cases("record_count") if (said := difference(case))]


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
    read = (load_schema, model._files, model.load, example.cases)
    for cached in read:
        cached.cache_clear()
    yield
    for cached in read:
        cached.cache_clear()


def test_the_table_names_what_is_added_here():
    assert set(PLACES) == set(ADDED)


@pytest.mark.parametrize("kind", ADDED)
def test_adding_costs_what_the_table_says_and_the_course_accepts_it(kind, copy):
    copy.add(ADDED[kind])
    assert CHECKS[kind](copy) == []
    assert len(ADDED[kind]) == PLACES[kind]


NO_GAP = "leocourse/fidelity/effects/without_university.py"
"""Most constants are not for anybody to estimate, so nothing can miss the words of one."""
GAPS = [(kind, place) for kind, edits in ADDED.items() if len(edits) > 1 for place in edits if place != NO_GAP]


@pytest.mark.parametrize(("kind", "place"), GAPS, ids=[f"{kind} without {Path(place).name}" for kind, place in GAPS])
def test_a_place_that_was_left_out_is_named_in_one_line(kind, place, copy):
    copy.add({name: edit for name, edit in ADDED[kind].items() if name != place})
    lines = CHECKS[kind](copy)
    assert len(lines) == 1 and "\n" not in lines[0], lines
    path = Path(place)
    names = (path.name, path.parent.as_posix(), re.sub(r"\d\d", "NN", path.name))  # whose question, nobody can know
    assert any(name in lines[0] for name in names), f"{lines[0]} does not name {place}"


def test_a_fault_that_is_declared_and_not_planted_is_named_in_one_line(copy):
    (place,) = ADDED["fault"]
    copy.add({place: lambda old: old + DECLARED})
    (line,) = CHECKS["fault"](copy)
    assert "ucas_number_lost" in line and "leocourse/extract/faults" in line and "\n" not in line


def test_what_was_added_works(copy, clean_extract):
    """A question and its slip are told apart on an extract, and a measure is computed there."""
    copy.add(ADDED["question"] | ADDED["misconception"] | ADDED["measure"])
    added = load_assignment(copy.root / ASSIGNMENT)
    with connect(clean_extract) as con:
        (asked,) = [each for each in added.questions if each.name == "q5"]
        (slip,) = [each for each in asked.misconceptions if each.name == "scotland"]
        entries = question_key(asked, con)
        for answer, named in ((asked.reference_pandas, None), (slip.answer, "scotland")):
            found = judge(
                asked.specification(), run_calls(asked.specification(), answer, lambda: nullcontext(con)), entries
            )
            assert (found.status == "right") == (named is None) and found.misconception == named, str(found)
        assert measure(con, "record_count").aggregate("min(records)").fetchall()[0][0] >= 1
