"""What the course asks of the things it is made of. Each rule gives lines: one for each that breaks it, with its place.

The tests of the course hold these rules against the course itself; ``test_adding.py`` against copies to which
something was added, whole or with one place left out.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from leocourse.authoring.catalogue import FILE, read_catalogue
from leocourse.authoring.notebook import bare_heading
from leocourse.authoring.question import ABOUT, QUESTIONS, Assignment, notebook_of
from leocourse.core.errors import LeoError
from leocourse.extract.faults.planting import Fault
from leocourse.fidelity.worlds import Study
from leocourse.measures import model
from leocourse.measures.example import cases
from leocourse.schema.model import Schema

WITHOUT_PREFIX = {"KS2_CLA_PP_6_MONTHS": "CLA_PP_6_MONTHS", "KS2_FSM6_CLA": "FSM6_CLA"}
"""Fields that the form gives under two names, in two runs of years: one field of ours."""
PARTS = ("start", "intro", "reference", "teach", "advanced")
"""Folders of the book whose pages are written by hand."""


# Fields ----------------------------------------------------------------------------------------------


def form(path: Path) -> dict[str, list[tuple[str, str, str]]]:
    """Name, years and group of each field of the request form, by dataset."""
    found = defaultdict(list)
    with path.open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            for name in line["fields"].split(" | "):
                found[line["dataset"]].append((WITHOUT_PREFIX.get(name, name), line["years"], line["group"]))
    return dict(found)


def fields(schema: Schema, asked: dict[str, list[tuple[str, str, str]]]) -> Iterator[str]:
    """The schema has every field of the form, and no other."""
    ours = defaultdict(dict)
    for table in schema.tables.values():
        for field in table.fields:
            ours[table.dataset][field.form.split(" ; ")[0]] = table.name
    for dataset in sorted({*asked, *ours}):
        names = {name for name, _, _ in asked.get(dataset, ())}
        for name in sorted(ours[dataset].keys() - names):
            yield f"data/schema/tables/{ours[dataset][name]}.json has {name}, and tests/schema/form.csv has not."
        for name in sorted(names - ours[dataset].keys()):
            yield f"tests/schema/form.csv has {name} in {dataset}, and no table in data/schema/tables has."


# Questions -------------------------------------------------------------------------------------------


def questions(assignment: Assignment) -> Iterator[str]:
    """Every question has what CONTRIBUTING asks for, and a number of its own."""
    for question in assignment.questions:
        place = f"{assignment.name}/{QUESTIONS}/q{int(question.name[1:]):02}.py"
        if len(question.misconceptions) < 3:
            yield f"{place} has {len(question.misconceptions)} misconceptions, and needs three."
        if len(question.hints) != 3:
            yield f"{place} has {len(question.hints)} hints, and needs three."
        if len(question.alternatives) < 3:
            yield f"{place} has {len(question.alternatives)} alternatives, and needs three."
        if question.name in assignment.written:
            yield f"{place} has the number of a written answer in {ABOUT}."


def cells(folder: Path, assignment: Assignment) -> Iterator[str]:
    """The notebook of an assignment has the cells of every question, and of no other."""
    path = folder / f"{notebook_of(folder)}.ipynb"
    place = f"{folder.name}/{path.name}"
    book = json.loads(path.read_text(encoding="utf-8"))
    found = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in book["cells"] if "nbgrader" in cell["metadata"]}
    for question in assignment.questions:
        lost = [
            name for name in (f"{question.name}-text", question.name, f"{question.name}-check") if name not in found
        ]
        if lost:
            yield f"{place} has no cell {', '.join(lost)}."
            continue
        check, source = found[f"{question.name}-check"], "".join(found[f"{question.name}-check"]["source"])
        heading = "".join(found[f"{question.name}-text"]["source"]).partition("\n")[0]
        if heading != bare_heading(question.name):
            yield f"{place}: {question.name}-text is not headed '{bare_heading(question.name)}' and nothing more."
        if check["metadata"]["nbgrader"]["points"] != 0:
            yield f"{place}: {question.name}-check has points of its own; they come from the question, so leave 0."
        if source != f'check("{question.name}", {question.answer_name})':
            yield f"{place}: {question.name}-check does not check {question.answer_name}."
        if question.answer_name not in "".join(found[question.name]["source"]):
            yield f"{place}: the cell {question.name} does not define {question.answer_name}."
        told = {*"".join(found[f"{question.name}-text"]["source"]).replace("`", " ").split(), "x", "y"}
        for column in question.columns.keys() - told:
            yield f"{place}: {question.name}-text does not name the column {column}."
    numbers = [int(name[1:-5]) for name in found if name.endswith("-text")]
    if numbers != sorted(numbers):
        yield f"{place}: the questions do not stand in the order of their numbers."
    known = {question.name for question in assignment.with_worked}
    for name in found:
        if name.endswith("-check") and name.removesuffix("-check") not in known:
            yield f"{place} has {name}, and there is no {QUESTIONS}/q{int(name[1:-6]):02}.py."
    for written in assignment.written:
        if written not in found or found[written]["metadata"]["nbgrader"]["points"] != 0:
            yield f"{place} has no cell {written} of 0 points: the points come from {ABOUT}."
        if "".join(found.get(f"{written}-text", {"source": ""})["source"]).partition("\n")[0] != bare_heading(written):
            yield f"{place} has no cell {written}-text headed '{bare_heading(written)}' and nothing more."


def catalogue(root: Path, assignments: Iterable[Assignment]) -> Iterator[str]:
    """Every misconception in the catalogue shows in a question. The other way round, the question does not load."""
    used = {slip.name for each in assignments for question in each.with_worked for slip in question.misconceptions}
    for name in read_catalogue(root / "solutions" / FILE):
        if name not in used:
            yield f"solutions/{FILE} has [{name}], and no questions/qNN.py has it among its misconceptions."


# Pages -----------------------------------------------------------------------------------------------


def listed(root: Path) -> list[str]:
    """The pages that ``_toc.yml`` names one by one."""
    return re.findall(r"^\s*(?:-\s*)?(?:root|file):\s*(\S+)\s*$", (root / "_toc.yml").read_text(encoding="utf-8"), re.M)


def contents(root: Path) -> Iterator[str]:
    """Every page that is written by hand is in the contents once, and is there."""
    named = Counter(name for name in listed(root) if "/generated" not in name)
    there = {"book/index"} | {
        path.relative_to(root).with_suffix("").as_posix()
        for part in PARTS
        for path in (root / "book" / part).glob("*.md")
    }
    for name in sorted(there - named.keys()):
        yield f"{name}.md is not in _toc.yml."
    for name in sorted(named.keys() - there):
        yield f"_toc.yml names {name}, and there is no {name}.md."
    for name in sorted(name for name, times in named.items() if times > 1):
        yield f"_toc.yml names {name} more than once."


def lessons(root: Path) -> list[str]:
    """The lessons in the contents, in their order."""
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return [each["file"] for part in contents["parts"] for each in part["chapters"] 
            if each.get("file", "").split("/")[1:2] in (["intro"], ["advanced"])]  # fmt: skip


def lesson(root: Path, page: str) -> Iterator[str]:
    """A lesson has its diagram, and the README lists the title of an introductory one."""
    path = root / f"{page}.md"
    if not path.is_file():
        return  # the contents say so
    text = path.read_text(encoding="utf-8")
    diagrams = re.findall(r"^:::+\{figure\} (images/\S+\.svg)$", text, re.M)
    if not diagrams:
        yield f"{page}.md has no diagram: ':::{{figure}} images/NAME.svg'."
    for name in diagrams:
        if not (path.parent / name).is_file():
            yield f"{page}.md shows {path.parent.relative_to(root).as_posix()}/{name}, which is not there."
    title = re.search(r"^# (.+)$", text, re.M)[1].strip()
    if "intro/" in page and title not in (root / "README.md").read_text(encoding="utf-8"):
        yield f"README.md does not list the lesson '{title}'."


# Faults, effects, measures ---------------------------------------------------------------------------


def shown(fault: Fault, schema: Schema) -> Iterator[str]:
    """What a fault says of how it shows names tables and columns that there are."""
    for each in fault.shows:
        if each.table not in schema.tables:
            yield f"The fault {fault.name} shows in {each.table}, which is no table in data/schema/tables."
            continue
        columns = {field.name for field in schema[each.table].fields} | {"collection_year", "collection_term"}
        for column in sorted({column for column in each.key.values() if column} - columns):
            yield f"The fault {fault.name} names the column {column}, which data/schema/tables/{each.table}.json has not."


def struck(known: Iterable[str], ledger: Iterable[tuple]) -> Iterator[str]:
    """Every fault strikes."""
    for name in sorted(set(known) - {line[0] for line in ledger}):
        yield f"The fault {name} wrote no line of the ledger: nothing in leocourse/extract/faults strikes with it."


def effects(studies: Iterable[Study], planted: Iterable[str]) -> Iterator[str]:
    """Every effect is in one study and has a planted parameter."""
    planted, names = set(planted), Counter(name for study in studies for name in study.names)
    for name in sorted(name for name, times in names.items() if times > 1):
        yield f"The effect {name} is declared more than once in leocourse/fidelity/effects."
    for study in studies:
        for name, effect in study.effects.items():
            if effect.parameter not in planted:
                yield (f"The effect {name} has the parameter '{effect.parameter}', which nothing plants in "
                       "leocourse/extract/lives or records.")  # fmt: skip


def examples() -> Iterator[str]:
    """Every measure has an example that can be read, and every example a measure."""
    measures = {model.load(name).group + "/" + name for name in model.names()}
    for path in sorted(model.FOLDER.glob("*/*.example.md")):
        name = path.parent.name + "/" + path.name.removesuffix(".example.md")
        if name not in measures:
            yield f"measures/{name}.example.md has no measure: write measures/{name}.sql."
    for name in model.names():
        try:
            cases(name)
        except LeoError as error:
            yield str(error)
