"""Submissions to mark, and a run of marking that several tests look at."""

from __future__ import annotations

import json
import pickle
from contextlib import nullcontext

import kept
import pytest
from sample import ASSIGNMENT

from leocourse.cli.steps_table import course_steps
from leocourse.grading import grade as grading
from leocourse.grading.isolation.limits import Limits
from leocourse.grading.isolation.sandbox import isolation
from leocourse.grading.samples import write_samples

LIMITS = Limits(step_seconds=10)


@pytest.fixture(scope="session")
def samples(root, lesson, tmp_path_factory):
    """The three sample submissions as files."""
    return write_samples(root, tmp_path_factory.mktemp("samples"), ASSIGNMENT)


@pytest.fixture(scope="session")
def marker(root, sandbox):
    """A marker on two extracts, made once; marking draws its own in real runs."""
    folder = root / "solutions" / ASSIGNMENT
    with grading.starting_marker(isolation(), 2, LIMITS) as ready:
        yield ready([folder], [20_261_122, 20_261_123])


@pytest.fixture
def same_unseen(marker, monkeypatch):
    """Let runs of marking share that marker, to save time."""

    monkeypatch.setattr(grading, "starting_marker", lambda *_: nullcontext(lambda *_: marker))


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
def marked(root, samples, sandbox):
    """One whole run over the three samples, on extracts of its own: what was marked and where it went. It is kept.

    The seeds are always the same: on some extracts two slips give the same rows, and neither is named.
    """

    def mark(folder):
        done = grading.grade(samples, root, folder / "marked", seeds=[20_261_101, 20_261_102])
        (folder / "done.pickle").write_bytes(pickle.dumps({each.student: each for each in done}))

    folder = kept.kept("marked", course_steps(root).table["samples"].reads, mark)
    return pickle.loads((folder / "done.pickle").read_bytes()), folder / "marked"
