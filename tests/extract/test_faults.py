"""Faults are declared in one place: from there follow the rate, the words, the ledger, the truth and validation."""

import pkgutil

import numpy as np
import pyarrow.parquet as pq
import pytest

from leocourse.extract import block, faults, generate, parameters, truth_folder
from leocourse.extract.base import numbers
from leocourse.extract.base.columns import select
from leocourse.extract.faults import FAULTS, Faults, planting
from leocourse.extract.faults.planting import declare, plants, shows
from leocourse.validation.validate import check


@pytest.fixture
def catalogue(monkeypatch):
    """The catalogue of faults, which a test may add to."""
    monkeypatch.setattr(planting, "_PLANTERS", {table: list(each) for table, each in planting._PLANTERS.items()})
    before = dict(FAULTS)
    yield FAULTS
    FAULTS.clear()
    FAULTS.update(before)


def test_every_module_of_faults_is_loaded_and_declares_some():
    modules = {name for _, name, _ in pkgutil.iter_modules(faults.__path__)} - {"planting"}
    assert {module.__name__.rpartition(".")[2] for module in faults.GROUPS} == modules
    declared = [each for module in faults.GROUPS for each in vars(module).values() if isinstance(each, planting.Fault)]
    assert {fault.name for fault in declared} == set(FAULTS)


def test_a_fault_can_be_planted_in_every_table_of_people(catalogue, monkeypatch):
    called = []
    for table in block.block(3, np.arange(300), Faults(3))[0]:
        monkeypatch.setitem(planting._PLANTERS, table, [lambda rows, _, table=table: called.append(table) or rows])
    tables, _ = block.block(3, np.arange(300), Faults(3))
    assert sorted(called) == sorted(tables)


def test_a_new_fault_costs_one_place(catalogue, tmp_path):
    lost = declare(
        "grant_lost", 300_000, "A grant was never reported.",
        shows("leo_seiss", "edukey", "taxyear", rows=0),
    )  # fmt: skip

    @plants("leo_seiss")
    def grants(rows, switches):
        struck = switches.strikes(lost, rows["person"])
        switches.record_rows(lost, "leo_seiss", rows, struck, "seiss_tot_amt")
        return select(rows, ~struck)

    folder = tmp_path / "extract"
    generate(folder, 2_000, 4, workers=1)
    ledger = pq.read_table(truth_folder(folder) / "ledger").to_pandas()
    assert 3 < (ledger["fault"] == "grant_lost").sum() < 200
    line = next(line for line in parameters.parameters() if line["parameter"] == "fault: grant_lost")
    assert line["value"] == 300_000
    report = check(folder, only=["leo_seiss", "leo_self_assessment"])
    assert report.explained and any(each.rule == "ledger grant_lost" for each in report.outcomes)
    without = block.block(4, numbers.everybody(0, 2_000), Faults(4, ("grant_lost",)))[0]["leo_seiss"]
    assert len(without["person"]) == len(pq.read_table(folder / "leo_seiss")) + _linked(ledger, "grant_lost")


def _linked(ledger, fault):
    """Lines of people who were linked: rows of the others are taken out after their faults."""
    lost = block.block(4, numbers.everybody(0, 2_000), Faults(4, (fault,)))[0]["leo_seiss"]
    keys = {key.decode() for key in lost["edukey"]}
    return sum(line.split(";")[0].removeprefix("edukey=") in keys for line in ledger[ledger["fault"] == fault].row_key)


def test_a_fault_with_a_name_that_is_taken_or_that_shows_nowhere_is_refused(catalogue):
    for name, where in (("two_ae_ids", [shows("ucas", "applicant_id")]), ("shows_nowhere", [])):
        with pytest.raises(ValueError, match=name):
            declare(name, 1, "A fault.", *where)
