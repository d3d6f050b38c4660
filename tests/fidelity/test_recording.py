"""What is recorded of the simulation: content hashes of tables and lives, and the steps of ``leo record``."""

import json
import shutil

import kept
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from leocourse.cli import app
from leocourse.core.errors import LeoError
from leocourse.core.paths import course_root
from leocourse.extract import generate, truth_folder
from leocourse.fidelity import coverage, effects, estimands, recorded, recording
from leocourse.fidelity.effects import EFFECTS, STUDIES

ROOT = course_root()


@pytest.fixture(scope="module")
def truth():
    """The truth of a small extract in two blocks."""
    return truth_folder(kept.extract("lives", 400, 5, workers=1, unit=100, block_size=200))


@pytest.fixture
def course(tmp_path):
    """The recorded data in a course of their own."""
    shutil.copytree(ROOT / recorded.REFERENCE, tmp_path / recorded.REFERENCE)
    for name in (recorded.LESSON_HASHES, recorded.LIVES_HASH):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


# lives


def test_the_recorded_lives_are_those_of_the_lesson_extract(lesson):
    known = json.loads((ROOT / recorded.LIVES_HASH).read_text())
    assert recorded.lives_hashes(truth_folder(lesson)) == known, "run 'leo record'"


def test_faults_change_no_hash_of_lives(truth, tmp_path):
    folder = tmp_path / "extract"
    generate(folder, 400, 5, without=list(recorded_faults()), workers=1, unit=100, block_size=400)
    assert pq.read_table(truth_folder(folder) / "ledger").num_rows == 0 < pq.read_table(truth / "ledger").num_rows
    assert recorded.lives_hashes(truth_folder(folder)) == recorded.lives_hashes(truth)


def recorded_faults():
    from leocourse.extract import FAULTS

    return FAULTS


@pytest.mark.parametrize("table", recorded.LIVES)
def test_a_changed_value_changes_the_hash_of_its_table_alone(truth, table, tmp_path):
    copy = shutil.copytree(truth, tmp_path / "truth")
    part = copy / table / "part-0000.parquet"
    rows = pq.read_table(part)
    name = rows.column_names[-1]
    values = rows[name].to_pylist()
    values[0] = None if values[0] is not None else 1
    column = pa.array(values, rows.schema.field(name).type if values[1] is not None else None)
    pq.write_table(rows.set_column(rows.num_columns - 1, name, column), part)
    before, after = recorded.lives_hashes(truth), recorded.lives_hashes(copy)
    assert [each for each in recorded.LIVES if before[each] != after[each]] == [table]


def test_a_missing_truth_is_one_clear_line(tmp_path):
    with pytest.raises(LeoError, match="leo extract"):
        recorded.lives_hashes(tmp_path)


# steps


def test_every_step_says_what_it_is_and_how_long_it_takes():
    done = CliRunner().invoke(app, ["record", "--list"])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    for step in recording.STEPS:
        assert any(line.startswith(f"{step.name}: ") and step.about in line for line in lines)
        assert 1 <= step.minutes <= 180
    refused = CliRunner().invoke(app, ["record", "nothing"])
    assert isinstance(refused.exception, LeoError) and "'nothing'" in str(refused.exception)


def test_a_stale_step_is_run_once_and_then_current(course, monkeypatch):
    """The real steps on fewer lives."""
    monkeypatch.setattr(estimands, "NAIVE_PEOPLE", 20_000)
    monkeypatch.setattr(coverage, "SEEDS", 2)
    monkeypatch.setattr(coverage, "PEOPLE", 1_000)
    (course / recorded.LIVES_HASH).write_text("{}")
    for name in ("estimands", "coverage"):
        (step,) = recording.steps([name])
        assert not step.current(course)
        step.run(course, lambda done, total: None)
        assert step.current(course), name
    about = json.loads((course / recorded.ESTIMANDS).with_suffix(".meta.json").read_text())
    table, described = recorded.recorded(course, recorded.RECOVERED)
    assert about["people"] == 20_000 and about["seconds"] >= 0 and "generator" not in about
    assert described["seconds"] >= 0 and set(table["seeds"]) <= {0, 1, 2}
    assert about["made_from"] == described["made_from"] == recorded.made_from_entry(course, recorded.LIVES_HASH)
    assert recorded.stale(course) == [recorded.FIGURES]


def test_other_words_are_written_without_computing_anything(course, monkeypatch):
    known = estimands.read_stored(ROOT / recorded.ESTIMANDS)
    path = course / recorded.ESTIMANDS
    path.write_text(json.dumps(known | {"furlough": known["furlough"] | {"estimator": "former words"}}))
    monkeypatch.setattr(estimands, "estimands", lambda *_: pytest.fail("nothing is to be computed"))
    (step,) = recording.steps(["estimands"])
    assert not step.current(course)
    step.run(course, lambda done, total: None)
    assert step.current(course) and estimands.read_stored(path) == known


def test_only_the_lesson_extract_can_be_recorded(tmp_path):
    before = (ROOT / recorded.LESSON_HASHES).read_bytes()
    for option in (["--people", "300"], ["--seed", "4"], ["--without", "two_edukeys"], ["--mode", "low-fidelity"]):
        done = CliRunner().invoke(app, ["extract", "--record", "--output", str(tmp_path / "extract"), *option])
        assert isinstance(done.exception, LeoError) and "lesson extract" in str(done.exception)
    assert (ROOT / recorded.LESSON_HASHES).read_bytes() == before and not (tmp_path / "extract").exists()


# effects


def test_every_module_of_effects_is_a_study_that_is_found():
    import pkgutil
    from importlib import import_module

    modules = [import_module(f"{effects.__name__}.{name}") for _, name, _ in pkgutil.iter_modules(effects.__path__)]
    found = [study for module in modules for study in getattr(module, "STUDIES", None) or [module.STUDY]]
    assert {id(study) for study in found} == {id(study) for study in STUDIES}
    assert list(EFFECTS) == [name for study in STUDIES for name in study.names]


def test_a_run_of_coverage_goes_on_where_another_stopped(tmp_path, monkeypatch):
    done = []
    few = coverage.estimates_of_seeds(range(1), 600, 1, None, tmp_path)
    (first,) = tmp_path.rglob("0.json")
    (first.parent / "1.json").write_text(first.read_text(encoding="utf-8")[:-40], encoding="utf-8")  # cut off
    more = coverage.estimates_of_seeds(range(2), 600, 1, lambda *at: done.append(at), tmp_path)
    assert done == [(2, 2)] and str(more[0]) == str(few[0]) and str(more[1]) != str(few[0])
    assert str(coverage.estimates_of_seeds(range(2), 600, 1, lambda *at: done.append(at), tmp_path)) == str(more)
    assert len(done) == 1
    former = coverage._of_the_code(600)
    monkeypatch.setattr(coverage, "__file__", str(ROOT / "leocourse" / "srs" / "run.py"))
    assert coverage._of_the_code(600) != former != coverage._of_the_code(601)
