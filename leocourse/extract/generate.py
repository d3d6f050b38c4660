"""Writes an extract: blocks of people stream to files, beside a manifest and the script of views.

Everything is written aside, in a folder ``.<name>.partial``, and renamed when it is whole, so a half-written
extract never passes for one. A block counts as finished once its note is there; the same command run again
keeps the finished blocks and goes on with the rest.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa

from leocourse.core import keep
from leocourse.core.errors import LeoError
from leocourse.core.paths import MANIFEST, MANIFEST_FORMAT, belongs
from leocourse.extract.base.columns import Rows
from leocourse.extract.base.numbers import MOST_PEOPLE, everybody
from leocourse.extract.block import block, ledger_rows, reference
from leocourse.extract.faults import FAULTS, Faults
from leocourse.extract.output import low_fidelity
from leocourse.extract.output.arrow_tables import UNIT, Stored, stored, to_table, unit_hashes
from leocourse.extract.output.files import (
    is_whole,
    one_csv,
    over_csv,
    put,
    texts,
    truth_table,
    views_script,
    write_table,
    write_text,
)
from leocourse.extract.parameters import parameters
from leocourse.extract.records.accounts import accounts_rows
from leocourse.extract.version import generator_version
from leocourse.schema import load_schema

BLOCK = 40_000
"""Most people in a block. It decides how files are cut and how much memory a worker needs, never what is in them."""
WORKERS = 2
"""Processes unless told otherwise: each holds a block in memory, so more are for machines with memory to spare."""
BYTES_PER_PERSON = {"parquet": 1_700, "csv": 25_000}
"""Room on disk that a person's rows and truth take, measured and rounded up."""
SMALL_GROUP = 2**14
"""Rows in a part of a file that is read or left out as a whole, where rows lie by year and are few."""
PARTS = ("blocks", "extract", "truth")
"""Folders that a run writes aside."""
MODES = ("teaching", "low-fidelity")
FORMATS = ("parquet", "csv")
NOTICE = "Simulated data. They describe nobody and say nothing about England."
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Plan:
    """What decides an extract and how it is cut. A run that was interrupted resumes only under an equal plan."""

    people: int
    seed: int
    mode: str
    file_format: str
    without: tuple[str, ...]
    only: tuple[str, ...]
    block: int
    unit: int
    generator: str

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return -(-self.people // self.block)

    @property
    def teaching(self) -> bool:
        """Whether lives stay whole, and so have a truth to tell."""
        return self.mode == "teaching"


def truth_folder(folder: Path) -> Path:
    """Where the truth of an extract lies: beside it, never in it."""
    return folder.with_name(folder.name + "-truth")


def generate(
    folder: Path,
    people: int,
    seed: int,
    without: Collection[str] = (),
    progress: Progress | None = None,
    *,
    mode: str = "teaching",
    file_format: str = "parquet",
    workers: int | None = None,
    scheduler: str | None = None,
    block_size: int | None = None,
    unit: int = UNIT,
    only: Collection[str] = (),
) -> dict:
    """Simulate ``people`` lives and write their records to ``folder``, the truth to ``folder-truth``.

    ``people`` counts those of the twenty school cohorts; beside every nine of them there is one adult without a school
    record.
    ``without`` names faults to leave out, ``only`` the tables to write (default: all). ``mode`` "low-fidelity" keeps
    each column and no relationship between columns, and has no truth. ``workers`` processes, or the Dask cluster at
    ``scheduler``, share the blocks; that, and ``block_size``, change no row. ``progress`` is called with blocks done
    and blocks in all. Returns the manifest. Raises LeoError for what cannot be made, unknown faults or tables, a folder
    that cannot be written or holds something else, and a full disk: finished blocks then wait for the same command to
    be run again.
    """
    plan = _plan(folder, people, seed, without, mode, file_format, workers, block_size, unit, only)
    partial = folder.resolve().with_name(f".{folder.name}.partial")  # workers may stand in another folder
    try:
        with _only_run(partial, folder):
            _resume_or_start(partial, plan)
            with _executor(plan, workers, scheduler) as executor:
                _write_blocks(partial, plan, executor, progress)
            manifest = _finish(partial, plan)
            if plan.teaching:
                put(partial / "truth", truth_folder(folder))
            else:  # a former truth does not belong to this extract
                keep.tell(truth_folder(folder), keep.take_away(truth_folder(folder)))
            put(partial / "extract", folder)
            shutil.rmtree(partial / "blocks", ignore_errors=True)
    except BrokenProcessPool as error:
        raise LeoError(
            "A process that simulates lives was ended from outside, most likely for want of memory. "
            "Run the same command again with fewer --workers: finished blocks are kept."
        ) from error
    except OSError as error:
        raise _cannot_write(folder, partial, error) from error
    return manifest


def generate_bare(folder: Path, people: int, seed: int) -> None:
    """Simulate lives in this process and write their records alone: no truth, no hashes, nothing to resume.

    For an extract that is thrown away, as in marking. The rows are those that ``generate`` writes, in the order of
    their years and not packed: that takes more room, and a view of one year is read faster.
    """
    schema, columns = load_schema(), {}
    for number, first in enumerate(range(0, people, BLOCK)):
        tables, _ = _simulated(seed, first, min(first + BLOCK, people), Faults(seed))
        for name in list(tables):
            table = stored(schema[name], tables.pop(name), by_year=True)
            path = folder / name / f"part-{number:04d}.parquet"
            write_table(path, to_table(table), compression="none", row_group_size=SMALL_GROUP)
            columns[name] = list(table.columns)
    write_text(folder / "views.sql", views_script(columns))
    write_text(folder / MANIFEST, json.dumps({"format": MANIFEST_FORMAT, "notice": NOTICE}))


def content_hashes(manifest: dict) -> dict[str, list[str]]:
    """The content hash of every unit of people in every table."""
    return {name: entry["units"] for name, entry in manifest["tables"].items()}


def is_current(
    folder: Path, people: int, seed: int, without: Collection[str] = (),
    mode: str = "teaching", file_format: str = "parquet", only: Collection[str] = (),
) -> bool:  # fmt: skip
    """Whether the folder already holds exactly this extract, whole, made by this version of the generator."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    wanted = {
        "people": people, "seed": seed, "without": sorted(without), "generator": generator_version(),
        "mode": mode, "file_format": file_format, "only": sorted(only),
    }  # fmt: skip
    if not isinstance(manifest, dict) or any(manifest.get(key) != value for key, value in wanted.items()):
        return False
    parts = [folder / part["path"] for entry in manifest["tables"].values() for part in entry["parts"]]
    has_truth = mode != "teaching" or belongs(truth_folder(folder), manifest)
    return has_truth and all(map(is_whole, [folder / "views.sql", *parts]))


def _plan(
    folder: Path, people: int, seed: int, without: Collection[str], mode: str, file_format: str,
    workers: int | None, block_size: int | None, unit: int, only: Collection[str] = (),
) -> Plan:  # fmt: skip
    if not 1 <= people <= MOST_PEOPLE:
        raise LeoError(f"--people must be between 1 and {MOST_PEOPLE:,}: got {people:,}.")
    if not 0 <= seed < 2**63:
        raise LeoError(f"--seed must be a whole number from 0 to 2**63 - 1: got {seed}.")
    if mode not in MODES:
        raise LeoError(f"--mode must be {' or '.join(MODES)}: got '{mode}'.")
    if file_format not in FORMATS:
        raise LeoError(f"--format must be {' or '.join(FORMATS)}: got '{file_format}'.")
    if workers is not None and not 1 <= workers <= 1_000:
        raise LeoError(f"--workers must be between 1 and 1,000: got {workers:,}.")
    if folder.exists() and not (folder.is_dir() and ((folder / MANIFEST).is_file() or not any(folder.iterdir()))):
        raise LeoError(f"{folder} holds something other than an extract: choose another --output folder.")
    keep.check_folder(truth_folder(folder))
    for name in sorted(set(only) - set(load_schema().tables)):
        raise LeoError(f"The schema has no table '{name}'.")
    Faults(seed, tuple(without))  # raises LeoError for an unknown fault
    if block_size is None:  # two blocks at least, where there are enough people: most machines have two cores
        block_size = min(BLOCK, -(-people // (2 * unit)) * unit)
    if block_size % unit:
        raise ValueError(f"A block must be a whole number of units of {unit:,} people: got {block_size:,}.")
    faults, tables = tuple(sorted(without)), tuple(sorted(only))
    return Plan(people, seed, mode, file_format, faults, tables, block_size, unit, generator_version())


def _cannot_write(folder: Path, partial: Path, error: OSError) -> LeoError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
        kept = f"; the finished blocks in {partial} are kept" if (partial / "run.json").is_file() else ""
        return LeoError(f"The disk is full: make room and run the same command again{kept}.")
    return LeoError(f"Cannot write the extract to {folder}: {error.strerror or error}.")


@contextmanager
def _only_run(partial: Path, folder: Path) -> Iterator[None]:
    """Hold the folder that is written aside, so that two runs do not write the same files."""
    partial.mkdir(parents=True, exist_ok=True)
    with (partial / "lock").open("a") as held:
        try:
            import fcntl

            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:  # Windows has no such lock, and nobody to share the folder with
            pass
        except BlockingIOError:
            raise LeoError(f"Another run is writing {folder}: wait for it, or choose another --output.") from None
        try:
            yield
        finally:
            if not any((partial / "blocks").glob("*.json")):  # whole and in place, or nothing to resume
                _remove_partial(partial)


def _remove_partial(partial: Path) -> None:
    """Remove what a run writes aside, and the folder unless something else is in it."""
    for name in PARTS:
        shutil.rmtree(partial / name, ignore_errors=True)
    with suppress(OSError):
        for name in ("run.json", "lock"):
            (partial / name).unlink(missing_ok=True)
        partial.rmdir()


def _resume_or_start(partial: Path, plan: Plan) -> None:
    """Keep the finished blocks of the same command; remove anything else."""
    note, wanted = partial / "run.json", {**asdict(plan), "without": list(plan.without), "only": list(plan.only)}
    try:
        if json.loads(note.read_text(encoding="utf-8")) == wanted:
            return
    except (OSError, ValueError):
        pass
    note.unlink(missing_ok=True)
    for name in PARTS:
        shutil.rmtree(partial / name, ignore_errors=True)
        (partial / name).mkdir()
    write_text(note, json.dumps(wanted))


@contextmanager
def _executor(plan: Plan, workers: int | None, scheduler: str | None) -> Iterator[Executor | None]:
    """What runs the blocks: a Dask cluster, a pool of processes, or nothing but this process."""
    if scheduler:
        with _dask(scheduler) as client:
            yield client.get_executor(pure=False)
        return
    processes = min(plan.blocks, workers or min(WORKERS, os.cpu_count() or 1))
    if processes == 1:
        yield None
        return
    # Fresh processes: a fork would copy the locks of whatever threads this process runs.
    with ProcessPoolExecutor(processes, get_context("spawn"), leave_interrupts_to_the_parent) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(cancel_futures=True)  # waits for the blocks under way, which are then kept
            raise


def leave_interrupts_to_the_parent() -> None:
    """In a process of a pool: Ctrl-C goes to all, and only the one that started them answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _dask(scheduler: str) -> Iterator:
    """A client of the Dask cluster. Its workers must see this folder and have this package installed."""
    try:
        from distributed import Client
    except ImportError:
        raise LeoError("--scheduler needs Dask: install it with 'pip install \"leocourse[cluster]\"'.") from None
    try:
        client = Client(scheduler, timeout="20s")
    except (OSError, ValueError) as error:
        raise LeoError(f"No Dask scheduler answers at {scheduler}: {error}.") from error
    with client:
        yield client


def _write_blocks(partial: Path, plan: Plan, executor: Executor | None, progress: Progress | None) -> None:
    """Write the blocks that are not finished yet, in any order."""
    missing = [number for number in range(plan.blocks) if not _finished(partial, plan, number)]
    _check_room(partial, plan, len(missing))
    done = plan.blocks - len(missing)
    if progress:
        progress(done, plan.blocks)
    if executor is None:
        finished = (write_block(partial, plan, number) for number in missing)
    else:
        futures = [executor.submit(write_block, partial, plan, number) for number in missing]
        finished = (future.result() for future in as_completed(futures))
    for _ in finished:
        done += 1
        if progress:
            progress(done, plan.blocks)


def _check_room(partial: Path, plan: Plan, missing: int) -> None:
    """Raise LeoError if the disk will not hold the blocks that are still to be written."""
    needed = min(missing * plan.block, plan.people) * BYTES_PER_PERSON[plan.file_format]
    free = shutil.disk_usage(partial).free
    if needed > free:
        raise LeoError(
            f"The disk has too little room: about {needed / 1e9:,.1f} GB are needed, {free / 1e9:,.1f} GB are free. "
            "Make room, or choose another --output or fewer --people."
        )


def _note(partial: Path, number: int) -> Path:
    return partial / "blocks" / f"{number:05d}.json"


def _finished(partial: Path, plan: Plan, number: int) -> bool:
    """Whether a block has its note, and its files are all there and as long as the note says."""
    try:
        files = json.loads(_note(partial, number).read_text(encoding="utf-8"))["files"]
        return all(_size(partial, plan, name) in (size, None) for name, size in files.items())
    except (OSError, ValueError, KeyError):
        return False


def _size(partial: Path, plan: Plan, name: str) -> int | None:
    """The size of a block's file; None if it went into the one CSV file of its table already."""
    table = (partial / name).parent
    if plan.file_format == "csv" and table.with_name(table.name + ".csv").is_file():
        return None
    return (partial / name).stat().st_size


def write_block(partial: Path, plan: Plan, number: int) -> int:
    """Simulate one block of people and write its files, and its note last. Returns its number."""
    schema, switches = load_schema(), Faults(plan.seed, plan.without)
    first = number * plan.block
    tables, truth = _simulated(plan.seed, first, min(first + plan.block, plan.people), switches)
    if plan.only:
        tables = {name: rows for name, rows in tables.items() if name in plan.only}
    part, files, summary = f"part-{number:04d}", {}, {}
    for name in list(tables):
        rows = tables.pop(name)
        shuffle = None if plan.teaching else low_fidelity.shuffle(plan.seed, name, rows, plan.unit)
        table = stored(schema[name], rows, plan.unit, shuffle)
        path = f"extract/{name}/{part}.{plan.file_format}"
        arrow = to_table(table)
        files[path] = write_table(partial / path, arrow, header=number == 0)
        summary[name] = _summary(table, arrow)
    if plan.teaching:
        truth_tables = {name: truth_table(rows) for name, rows in truth.items()}
        truth_tables["ledger"] = pa.table(texts(ledger_rows(switches.ledger)))
        for name, table in truth_tables.items():
            path = f"truth/{name}/{part}.parquet"
            files[path] = write_table(partial / path, table)
    struck = Counter(line[0] for line in switches.ledger)
    planted = {name: struck[name] for name in FAULTS}
    write_text(_note(partial, number), json.dumps({"files": files, "tables": summary, "faults": planted}))
    return number


def _simulated(seed: int, first: int, end: int, switches: Faults) -> tuple[dict[str, Rows], dict[str, Rows]]:
    """Tables and truth of the people from ``first`` to before ``end``, with the adults who go with them.

    With the first person comes what depends on none.
    """
    tables, truth = block(seed, everybody(first, end), switches)
    if first == 0:
        more_tables, more_truth = reference(seed)
        tables, truth = tables | more_tables, truth | more_truth
    return tables, truth


def _summary(table: Stored, arrow: pa.Table) -> dict:
    """What the manifest says of a table in one block."""
    return {
        "rows": table.rows,
        "cells": table.cells,
        "columns": list(table.columns),
        "units": unit_hashes(table, arrow),
    }


def _finish(partial: Path, plan: Plan) -> dict:
    """Put the notes of the blocks together: manifest, views, and the truth that belongs to no block."""
    tables: dict[str, dict] = {}
    columns: dict[str, list[str]] = {}
    planted = dict.fromkeys(FAULTS, 0)
    for number in range(plan.blocks):
        note = json.loads(_note(partial, number).read_text(encoding="utf-8"))
        for name, part in note["tables"].items():
            entry = tables.setdefault(name, {"rows": 0, "cells": 0, "sha256": "", "parts": [], "units": []})
            entry["rows"] += part["rows"]
            entry["cells"] += part["cells"]
            path = f"{name}/part-{number:04d}.{plan.file_format}"
            entry["parts"].append({"path": path, "rows": part["rows"]})
            entry["units"].extend(part["units"].values())
            if columns.setdefault(name, part["columns"]) != part["columns"]:
                raise ValueError(f"The columns of {name} differ between blocks: that is a fault in the generator.")
        for name, struck in note["faults"].items():
            planted[name] += struck
    for name, entry in tables.items():
        entry["sha256"] = hashlib.sha256("".join(entry["units"]).encode()).hexdigest()
        if plan.file_format == "csv":
            one_csv(partial / "extract" / name)
            entry["parts"] = [{"path": f"{name}.csv", "rows": entry["rows"]}]
    script = (
        views_script(columns)
        if plan.file_format == "parquet"
        else over_csv(views_script(columns, typed=False), columns)
    )
    (partial / "extract" / "views.sql").write_text(script, encoding="utf-8")
    if plan.teaching:
        write_table(
            partial / "extract" / "linked" / "enterprise_accounts.parquet", truth_table(accounts_rows(plan.seed))
        )
        _write_whole_truth(partial / "truth", plan, planted)
    manifest = {
        "format": MANIFEST_FORMAT,
        "mode": plan.mode,
        "file_format": plan.file_format,
        "people": plan.people,
        "seed": plan.seed,
        "without": list(plan.without),
        "only": list(plan.only),
        "generator": plan.generator,
        "notice": NOTICE,
        "tables": dict(sorted(tables.items())),
    }
    write_text(partial / "extract" / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    return manifest


def _write_whole_truth(truth: Path, plan: Plan, planted: dict[str, int]) -> None:
    known = [{**line, "value": int(line["value"])} for line in parameters()]
    write_table(truth / "parameters" / "part-0000.parquet", pa.Table.from_pylist(known))
    of = {"people": plan.people, "seed": plan.seed, "without": list(plan.without)}
    write_text(truth / MANIFEST, json.dumps({**of, "faults": planted}, indent=1) + "\n")
