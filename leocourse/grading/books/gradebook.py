"""Records marks in nbgrader's gradebook, through nbgrader's own interface."""

from __future__ import annotations

import fcntl
import json
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import nbgrader.api
from alembic.script import ScriptDirectory
from nbgrader.api import BaseCell, Grade, Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties, SaveCells
from nbgrader.utils import parse_utc
from sqlalchemy import Column, Integer, MetaData, Select, String, Table, Text, create_engine, delete, insert, select
from sqlalchemy import text as sql
from sqlalchemy.exc import SAWarning
from sqlalchemy.pool import NullPool
from traitlets.config import PyFileConfigLoader

from leocourse.checks.result import Result
from leocourse.core.errors import LeoError
from leocourse.core.plain import clean
from leocourse.grading.books.record import Record
from leocourse.grading.notebook import CHECK

records = Table(
    "leo_marks", MetaData(),
    Column("student", String(128), primary_key=True),
    Column("assignment", String(128), primary_key=True),
    Column("notebook_sha256", String(64), nullable=False),
    Column("version", String(64), nullable=False),
    Column("seeds", Text, nullable=False),
    Column("isolation", String(32), nullable=False),
    Column("problem", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("marked_at", String(32), nullable=False),
)  # fmt: skip
"""One row a student and assignment, written in the transaction that writes the marks: how they came about."""
strays = Table(
    "leo_strays", records.metadata,
    Column("source", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("student", Text, nullable=False),
    Column("assignment", Text, nullable=False),
    Column("problem", Text, nullable=False),
)  # fmt: skip
"""What was handed in and has no row above, as it is of no assignment, of nobody or under too long a name."""


def tables_version() -> str:
    """The version of nbgrader's tables, which a new gradebook notes: the newest of its alembic revisions."""
    return ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic")).get_current_head() or ""


nbgrader.api.get_alembic_version = tables_version  # nbgrader starts the alembic command, which takes two seconds


class Marks:
    """A gradebook open for recording, in SQLite or PostgreSQL. Use as a context manager.

    Several may be open at once, in as many processes: writers take turns.
    """

    def __init__(self, url: str) -> None:
        self.url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)

    def __enter__(self) -> Marks:
        try:
            self._locks = create_engine(self.url, poolclass=NullPool)
            with self._turn():
                self.gradebook = Gradebook(self.url, course_id="leo-course")
                records.metadata.create_all(self.gradebook.engine)
        except Exception as error:  # SQLAlchemy raises many kinds; none of them is for the user to read
            shown = self._locks.url.render_as_string(hide_password=True) if hasattr(self, "_locks") else "given"
            raise LeoError(f"Cannot open the gradebook {shown}: {str(error).splitlines()[0]}") from error
        return self

    def __exit__(self, *_: object) -> None:
        self.gradebook.close()

    def define(self, assignment: str, notebook: str, released: Path) -> None:
        """Make sure that the gradebook knows the cells and points of the released notebook, as nbgrader would."""
        with self._turn():
            self.gradebook.db.rollback()
            try:
                self.gradebook.find_notebook(notebook, assignment)
                return
            except MissingEntry:
                pass
            self.gradebook.update_or_create_assignment(assignment)
            nb = nbformat.read(released, as_version=4)
            place = {"db_url": self.url, "notebook": notebook, "assignment": assignment, "student": "."}
            SaveCells().preprocess(nb, {"nbgrader": place})
            self.gradebook.db.expire_all()

    def recorded(self) -> dict[tuple[str, str], Record]:
        """All that was recorded, by student and assignment."""
        found = self._read(select(records))
        return {(each.student, each.assignment): each for each in found}

    def set_aside(self, source: str, found: list[Record]) -> None:
        """Keep what a run over ``source`` could not mark and ``record`` cannot hold, for the report.

        It takes the place of what an earlier run over the same source set aside.
        """
        source = clean(source)
        rows = [
            {"source": source, "number": number, "student": clean(each.student),
             "assignment": clean(each.assignment), "problem": clean(each.problem)}
            for number, each in enumerate(found)
        ]  # fmt: skip
        with self._turn():
            self.gradebook.db.rollback()
            self.gradebook.db.execute(delete(strays).where(strays.c.source == source))
            if rows:
                self.gradebook.db.execute(insert(strays), rows)
            self.gradebook.db.commit()

    def stray(self) -> list[Record]:
        """All that was set aside."""
        found = self._rows(select(strays).order_by(strays.c.source, strays.c.number))
        return [Record(row["student"], row["assignment"], "", "", [], "", row["problem"], attempts=0) for row in found]

    def _read(self, query: Select) -> list[Record]:
        return [_read_record(row) for row in self._rows(query)]

    def _rows(self, query: Select) -> Sequence[Any]:
        self.gradebook.db.rollback()  # so that what others wrote meanwhile is seen
        rows = self.gradebook.db.execute(query).mappings().all()
        self.gradebook.db.rollback()
        return rows

    def record(
        self, record: Record, notebook: str, by_hand: dict[str, bool], timestamp: str = "",
        penalty: Penalty | None = None, force: bool = False,
    ) -> Record:  # fmt: skip
        """Record a submission in one transaction, and give what is recorded.

        That is another run's record if it marked the same notebook meanwhile. Manual marks and comments stay as
        they are. One that cannot be marked is left without a mark and with a call for a person.
        ``by_hand`` says of each cell that the checks give no mark whether there is anything in it for a person to
        mark; an empty one gets 0. ``timestamp`` is when it was handed in, as nbgrader
        writes it; without one the gradebook has none, so nobody is late because of the day of marking.
        Raises ValueError if it is no time.
        """
        student, assignment = record.student, record.assignment
        book = self.gradebook
        with self._turn():
            same = (records.c.student == student) & (records.c.assignment == assignment)
            former = next(iter(self._read(select(records).where(same))), None)
            same_notebook = former is not None and former.notebook_sha256 == record.notebook_sha256
            readable = record.notebook_sha256 or (former and former.problem == record.problem)
            if same_notebook and readable and former.version == record.version and not force:
                return former
            if former:
                record = replace(record, attempts=former.attempts + (not same_notebook))
            try:
                with warnings.catch_warnings():  # nbgrader adds its rows in an order that SQLAlchemy remarks upon
                    warnings.simplefilter("ignore", SAWarning)
                    book.update_or_create_student(student)
                    submission = book.update_or_create_submission(assignment, student)
                if timestamp:
                    submission.timestamp = parse_utc(timestamp)
                kept = book.find_submission_notebook(notebook, assignment, student)
                self._marks(record, kept, by_hand)
                late = submission.total_seconds_late
                kept.late_submission_penalty = None
                if penalty and late > 0:
                    book.db.flush()  # so that the score is that of the new marks
                    kept.late_submission_penalty = min(max(penalty(student, kept.score, late), 0.0), kept.score)
                book.db.execute(delete(records).where(same))
                book.db.execute(insert(records).values(**_row(record)))
                book.db.commit()
            except BaseException:
                book.db.rollback()
                raise
        return record

    @staticmethod
    def readable_time(text: str) -> bool:
        """Whether nbgrader can read a time of handing in. No time at all is one too."""
        try:
            return not text or parse_utc(text) is not None
        except (ValueError, OverflowError):
            return False

    def _marks(self, record: Record, marked: SubmittedNotebook, by_hand: dict[str, bool]) -> None:
        cells = select(BaseCell.name, Grade).join(Grade, Grade.cell_id == BaseCell.id)
        grades = dict(self.gradebook.db.execute(cells.where(Grade.notebook_id == marked.id)).all())
        wanted = {result.question + CHECK for result in record.results} | by_hand.keys()
        if unknown := sorted(wanted - grades.keys()):
            raise MissingEntry(f"No such grade: {record.assignment}/{', '.join(unknown)} for {record.student}")
        if record.problem:
            for kept in grades.values():
                kept.auto_score = None
                kept.needs_manual_grade = kept.manual_score is None
        for result in record.results:
            kept = grades[result.question + CHECK]
            kept.auto_score, kept.needs_manual_grade = result.score, False
        for name, something in by_hand.items():
            kept = grades[name]
            if something:
                kept.auto_score = None
                kept.needs_manual_grade = kept.manual_score is None
            else:  # left as it was: nothing to read
                kept.auto_score, kept.needs_manual_grade = 0.0, False

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Nobody else writes meanwhile, in this process or another, on this machine or another."""
        if self._locks.dialect.name == "sqlite":
            with open(f"{self._locks.url.database}.lock", "a") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                yield
        else:
            with self._locks.connect() as con:
                con.execute(sql("SELECT pg_advisory_lock(:number)"), {"number": LOCK})
                yield  # closing the connection gives the lock back, whatever happens


Penalty = Callable[[str, float, float], float]
"""nbgrader's rule for late work: student, score and seconds late give the points to take off."""
LOCK = 0x1E0_C0A5E
"""Number of the course's advisory lock in PostgreSQL."""


def late_penalty(root: Path) -> Penalty:
    """The rule for late work that ``nbgrader_config.py`` names; nbgrader's own, if none, takes nothing off."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    rule = AssignLatePenalties(config=config)
    rule.init_plugin()
    return lambda student, score, seconds: rule.plugin_inst.late_submission_penalty(student, score, seconds) or 0.0


def _row(record: Record) -> dict[str, Any]:
    report = {
        "results": [asdict(result) for result in record.results],
        "to_read": record.to_read,
        "notes": record.notes,
        "seconds": round(record.seconds, 3),
        "attempts": record.attempts,
    }
    return {
        "student": record.student, "assignment": record.assignment, "notebook_sha256": record.notebook_sha256,
        "version": record.version, "seeds": json.dumps(record.seeds), "isolation": record.isolation,
        "problem": record.problem, "report": json.dumps(report),
        "marked_at": record.marked_at or datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip


def _read_record(row: Any) -> Record:
    report = json.loads(row["report"])
    return Record(
        row["student"], row["assignment"], row["notebook_sha256"], row["version"], json.loads(row["seeds"]),
        row["isolation"], row["problem"], [Result(**each) for each in report["results"]], report["to_read"],
        report["notes"], row["marked_at"], report.get("seconds", 0.0), report.get("attempts", 1),
    )  # fmt: skip
