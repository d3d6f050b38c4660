"""Submissions to mark, and a run of marking that several tests look at."""

from __future__ import annotations

import json
import shutil

import pytest

from leocourse.checks.keys import load_assignment
from leocourse.grading import grade as grading
from leocourse.grading.samples import write_samples

ASSIGNMENT = "01-cohort-and-earnings"
NOTEBOOK = "cohort-and-earnings"


@pytest.fixture(scope="session")
def samples(root, lesson, tmp_path_factory):
    """The three sample submissions as files."""
    return write_samples(root, tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="session")
def unseen(root, tmp_path_factory):
    """An extract to mark on and its key, made once; marking draws its own in real runs."""
    with grading.unseen_extract(load_assignment(root / "solutions" / ASSIGNMENT), seed=20_261_122) as made:
        yield made


@pytest.fixture
def same_unseen(unseen, monkeypatch):
    """Let runs of marking share that extract, to save time."""

    class Shared:
        def __init__(self, *_):
            pass

        def __enter__(self):
            return unseen

        def __exit__(self, *_):
            return None

    monkeypatch.setattr(grading, "unseen_extract", Shared)


@pytest.fixture
def edit(samples, tmp_path):
    """Write a submission made from a sample, changed by a function of its cells, and give the folder."""

    def write(student="ada", sample="right", change=None, folder=None):
        target = (folder or tmp_path / "handed-in") / student / f"{ASSIGNMENT}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        data = json.loads((samples / sample / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8"))
        if change:
            change(data)
        target.write_text(json.dumps(data), encoding="utf-8")
        return target.parent.parent

    return write


@pytest.fixture(scope="session")
def marked(root, samples, tmp_path_factory):
    """One whole run over the three samples, on a fresh seed: what was marked and where it went."""
    output = tmp_path_factory.mktemp("marked")
    done = grading.grade(samples, root, output)
    yield {each.student: each for each in done}, output
    shutil.rmtree(output, ignore_errors=True)


def cell(data, grade_id):
    """The cell of a notebook with a grade id."""
    return next(c for c in data["cells"] if c.get("metadata", {}).get("nbgrader", {}).get("grade_id") == grade_id)
