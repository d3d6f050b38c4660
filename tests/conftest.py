"""What many tests share: the course's folder, the lesson extract with its keys, and a small clean extract."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from pathlib import Path

import hypothesis
import kept
import pytest
from concerned import SECONDS, place, seconds_known
from needs import need

import leocourse as leo
from leocourse.authoring.question import assignments
from leocourse.cli.steps_table import course_steps
from leocourse.core.files import write_whole
from leocourse.core.paths import LESSON_EXTRACT
from leocourse.extract import FAULTS
from leocourse.grading.isolation.sandbox import usable

ROOT = Path(__file__).resolve().parents[1]
_seconds: dict[str, float] = {}
_terminal: list = []
# Whoever runs the tests may have progress of their own: no test, nor what it starts, reads or writes it.
os.environ["LEO_PROGRESS"] = tempfile.mkdtemp(prefix="leo-tests-progress-")
atexit.register(shutil.rmtree, os.environ["LEO_PROGRESS"], ignore_errors=True)
# The same examples in every run, so that a change is judged by what it changes; HYPOTHESIS_PROFILE=search looks further.
# No example has to be done in a given time: machines differ.
hypothesis.settings.register_profile("same", derandomize=True, database=None, deadline=None)
hypothesis.settings.register_profile("search", database=None, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def sandbox() -> None:
    """For tests that mark."""
    need(usable(), "Marking needs bubblewrap (apt install bubblewrap libseccomp2) and leave to make namespaces.")


@pytest.fixture(scope="session")
def lesson() -> Path:
    """The lesson extract with its keys, made if it is not current. Test processes take turns."""
    with kept.alone("lesson"):
        course_steps(ROOT).make("keys")
    return ROOT / LESSON_EXTRACT


@pytest.fixture
def con(lesson, monkeypatch):
    """A connection to the lesson extract, in a folder from which ``leo.connect()`` finds it."""
    monkeypatch.chdir(ROOT)
    with leo.connect() as opened:
        yield opened


@pytest.fixture(scope="session")
def clean_extract() -> Path:
    """A small extract without a single planted fault, and its truth beside it."""
    return kept.extract("clean", 2_000, 7, without=tuple(FAULTS))


@pytest.fixture(scope="session")
def course():
    """Every assignment of the course by name."""
    return {each.name: each for each in assignments(ROOT)}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up how long the tests of each file take: ``make check`` chooses by that. Name what fails."""
    file = report.location[0]
    _seconds[file] = _seconds.get(file, 0.0) + report.duration
    if report.failed and _terminal:  # by name at once, not after all the others
        why = str(getattr(getattr(report.longrepr, "reprcrash", None), "message", report.longrepr)).strip()
        _terminal[0].write_line(f"\nFAILED {report.nodeid}: {why.splitlines()[0][:300] if why else report.when}")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where a failure is named: in the process that prints, and not in its workers."""
    if not hasattr(session.config, "workerinput"):
        _terminal.append(session.config.pluginmanager.get_plugin("terminalreporter"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known = seconds_known()
    items.sort(key=lambda item: place(item.location[0], known))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep the seconds of the files that were run as a whole, with those known before of the others."""
    chosen = session.config.option
    part = chosen.keyword or any("::" in each for each in session.config.args)
    if hasattr(session.config, "workerinput") or not _seconds or part or chosen.markexpr != "not slow":
        return
    known = {file: seconds for file, seconds in seconds_known().items() if (ROOT / file).is_file()}
    known |= {file: round(seconds, 1) for file, seconds in _seconds.items()}
    write_whole(ROOT / SECONDS, json.dumps(dict(sorted(known.items())), indent=1) + "\n")
