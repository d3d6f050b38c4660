"""Whether an extract is as the schema says, and its faults are exactly those that were planted.

Every rule is SQL that comes from the descriptors in ``data/schema``: keys, foreign keys, types, codes, years,
dates in order, and ``leo:checks``. All hold in an extract without faults.
Each planted fault says how it shows (:mod:`leocourse.extract.faults`): the rules that it breaks and what its rows look
like. So, with the truth beside the extract, every violation must have its line in the ledger, and every line must show
in the data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from leocourse.core.errors import LeoError
from leocourse.core.paths import read_manifest
from leocourse.extract.faults import Shows, shown_in
from leocourse.schema.ddl import TERM_COLUMN, YEAR_COLUMN, quoted
from leocourse.schema.model import Field, Schema, Table, load_schema

LEDGER = "planted_faults"
PEOPLE = "person_of_key"
_KEYS_IN_NO_LOOKUP = f"""
    SELECT CAST(regexp_extract(row_key, 'person=([0-9]+)', 1) AS BIGINT), regexp_extract(row_key, 'edukey=([^;]*)', 1)
    FROM {LEDGER} WHERE fault = 'key_not_in_lookup'
"""
"""People and keys that only the ledger brings together."""
NO_TYPE = "not a field of the table"
STORED_TYPES = {YEAR_COLUMN: "SMALLINT", TERM_COLUMN: "VARCHAR"}
"""Columns that every table split by year or term carries beside its fields."""
RELATIONS = ("primary key", "unique key", "dates", "checks")
"""Kinds of rule that a low-fidelity extract does not keep: each of its columns is right by itself."""
AT_ONCE = 50
"""Rules that are counted in one statement: DuckDB plans many small ones sooner than one with a thousand counts."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Rule:
    """One rule of one table. ``violations`` selects the rows that break it, with their columns and ``surplus``."""

    table: str
    kind: str
    name: str
    violations: str
    wrong: str = ""
    """The condition that a wrong row meets, where a rule looks at one row at a time: all are counted in one scan."""
    keys: tuple[str, ...] = ()
    """Columns that name a row in a message."""


@dataclass(frozen=True)
class Outcome:
    """What came of a rule: how many rows break it, how many of them a planted fault explains, and an example."""

    table: str
    kind: str
    rule: str
    rows: int = 0
    planted: int = 0
    example: str = ""
    faults: tuple[str, ...] = ()

    @property
    def unexplained(self) -> int:
        """Rows that break the rule and that no planted fault explains."""
        return self.rows - self.planted

    def __str__(self) -> str:
        planted = f", {self.planted:,} of them planted ({', '.join(self.faults)})" if self.planted else ""
        return f"{self.table}: {self.rule}: {self.rows:,} rows{planted}; for example {self.example}"


@dataclass(frozen=True)
class Validation:
    """The outcomes of every rule, and whether there was a truth to explain them."""

    outcomes: tuple[Outcome, ...]
    with_truth: bool

    @property
    def findings(self) -> list[Outcome]:
        """The rules that some rows break."""
        return [outcome for outcome in self.outcomes if outcome.rows]

    @property
    def explained(self) -> bool:
        """Whether no row breaks a rule but through a planted fault."""
        return not any(outcome.unexplained for outcome in self.outcomes)


def validate(folder: Path, schema: Schema | None = None) -> list[Outcome]:
    """The rules that rows of an extract break, with what the ledger explains. Empty if there is none."""
    return check(folder, schema).findings


def check(
    folder: Path, schema: Schema | None = None, progress: Progress | None = None, only: Collection[str] = ()
) -> Validation:
    """Try every rule of the schema on the stored Parquet of an extract, or on the tables named in ``only``.

    ``progress`` is called with tables done and tables in all. Raises LeoError if the folder holds no whole extract.
    """
    schema = schema or load_schema()
    manifest = _manifest(folder)
    whole = manifest.get("mode", "teaching") == "teaching"
    with duckdb.connect(":memory:") as con:
        stored = {name: _show(con, folder, name) for name in manifest["tables"]}
        truth = _read_truth(con, folder.with_name(folder.name + "-truth"), stored)
        outcomes: list[Outcome] = []
        chosen = [name for name in stored if not only or name in only]
        for done, name in enumerate(chosen):
            found = _table_outcomes(con, schema, name, stored, truth=truth, entry=manifest["tables"][name], whole=whole)
            outcomes.extend(found)
            if progress:
                progress(done + 1, len(chosen))
        if truth:
            outcomes.extend(_unknown_faults(con, stored))
    return Validation(tuple(outcomes), truth)


def _manifest(folder: Path) -> dict:
    manifest = read_manifest(folder)
    if manifest.get("file_format", "parquet") != "parquet":
        raise LeoError(
            f"{folder} holds {manifest['file_format']}: validation reads Parquet. Make one with --format parquet."
        )
    for name in manifest["tables"]:
        if not list((folder / name).glob("*.parquet")):
            raise LeoError(f"{folder} is not a whole extract: no Parquet of table '{name}'. Make it again.")
    return manifest


def _show(con: duckdb.DuckDBPyConnection, folder: Path, table: str) -> dict[str, str]:
    """A view on a stored table; returns its columns and their types."""
    files = (folder / table / "*.parquet").as_posix().replace("'", "''")
    try:
        con.execute(f"CREATE VIEW {quoted(table)} AS FROM read_parquet('{files}')")
        return {name: kind for name, kind, *_ in con.execute(f"DESCRIBE {quoted(table)}").fetchall()}
    except duckdb.Error as error:
        raise LeoError(f"Cannot read table '{table}' in {folder}: {str(error).splitlines()[0]}") from error


def _read_truth(con: duckdb.DuckDBPyConnection, truth: Path, stored: dict) -> bool:
    """Read the ledger, and whose each key is, if the truth lies beside the extract."""
    if not (truth / "manifest.json").is_file():
        return False
    files = {name: (truth / name / "*.parquet").as_posix().replace("'", "''") for name in ("ledger", "lives")}
    con.execute(f"""
        CREATE TEMP TABLE {LEDGER} AS
        SELECT row_number() OVER () AS line, fault, table_name, row_key, original FROM read_parquet('{files["ledger"]}')
    """)
    lookups = ("learner_ae_id_to_pmr_lookup", "learner_ae_id_to_edukey_lookup")
    if not all(name in stored for name in lookups):
        raise LeoError("The extract has no lookups of keys, without which nobody can be followed: make it again.")
    con.execute(f"""
        CREATE TEMP TABLE {PEOPLE} AS
        WITH pupil AS (SELECT person_number AS person, pupilmatchingrefanonymous AS k
                       FROM read_parquet('{files["lives"]}') WHERE pupilmatchingrefanonymous IS NOT NULL),
        resolved AS (SELECT person, ae_id AS k FROM {lookups[0]} JOIN pupil ON k = pupilmatchingrefanonymous
                     UNION SELECT person_number, ae_id FROM read_parquet('{files["lives"]}')),
        linked AS (SELECT DISTINCT person, edukey AS k FROM {lookups[1]} JOIN resolved ON k = ae_id)
        FROM pupil UNION ALL SELECT person, CAST(k AS VARCHAR) FROM resolved
        UNION ALL FROM linked WHERE k IS NOT NULL UNION ALL FROM ({_KEYS_IN_NO_LOOKUP})
    """)
    return True


def _table_outcomes(
    con: duckdb.DuckDBPyConnection, schema: Schema, name: str, stored: dict, *, truth: bool, entry: dict, whole: bool
) -> Iterator[Outcome]:
    """The outcome of every rule of a table, and of every fault that the ledger says it has.

    ``whole``: rows make sense as a whole, which those of a low-fidelity extract do not.
    """
    table, columns = schema[name], stored[name]
    yield from _types(table, columns)
    rules = [rule for rule in _rules(table, stored) if whole or not _relates(rule)]
    total, known = _counts(con, name, [rule for rule in rules if rule.wrong])
    listed = 0 if total == entry["rows"] else abs(total - entry["rows"])
    yield Outcome(name, "rows", "rows as in the manifest", listed, example=f"{total:,}, not {entry['rows']:,}")
    faults = _Faults(con, table, columns) if truth else None
    for rule in rules:
        rows = known.get(rule)
        if rows is None:
            rows = con.execute(f"SELECT coalesce(sum(surplus), 0)::BIGINT FROM ({rule.violations})").fetchone()[0]
        outcome = Outcome(name, rule.kind, rule.name, rows)
        if rows:
            outcome = _explained(con, rule, outcome, faults)
        yield outcome
    if faults:
        yield from faults.as_planted()


def _counts(con: duckdb.DuckDBPyConnection, table: str, rules: list[Rule]) -> tuple[int, dict[Rule, int]]:
    """How many rows a table has, and how many of them break each of the rules that look at one row at a time."""
    total, known = 0, {}
    for at in range(0, max(len(rules), 1), AT_ONCE):
        some = rules[at : at + AT_ONCE]
        counts = ", ".join(["count(*)", *(f"count(*) FILTER (WHERE {rule.wrong})" for rule in some)])
        total, *found = con.execute(f"SELECT {counts} FROM {quoted(table)} AS r").fetchone()
        known |= dict(zip(some, found, strict=True))
    return total, known


def _relates(rule: Rule) -> bool:
    """Whether a rule is about several columns of a row, or about several rows."""
    return rule.kind in RELATIONS or (rule.kind == "foreign keys" and len(rule.keys) > 1)


def _types(table: Table, columns: dict[str, str]) -> Iterator[Outcome]:
    """The stored type of every column against the schema's."""
    wanted = STORED_TYPES | {field.name: field.duckdb_type for field in table.fields}
    for name, kind in columns.items():
        should = wanted.get(name, NO_TYPE)
        wrong = kind.replace(" ", "") != should.replace(" ", "")
        yield Outcome(table.name, "types", f"type {name}", int(wrong), example=f"{kind}, not {should}" if wrong else "")


def _rules(table: Table, stored: dict[str, dict[str, str]]) -> Iterator[Rule]:
    """Every rule of the descriptor that looks at values."""
    columns = stored[table.name]
    yield from _unique(table)
    yield from _foreign(table, stored)
    for field in table.fields:
        if field.name in columns:
            yield from _field_rules(table, field, columns)
    if table.by_year:
        yield _by_row(table, "years", "rows of a collection that was taken", f"NOT ({_in_a_view(table)})")
    for chain in table.descriptor.get("leo:dates", ()):
        pairs = [(a, b) for at, a in enumerate(chain) for b in chain[at + 1 :]]
        wrong = " OR ".join(f"{quoted(a)} > {quoted(b)}" for a, b in pairs)
        yield _by_row(table, "dates", f"dates {', '.join(chain)}", f"coalesce({wrong}, false)", tuple(chain))
    for entry in table.descriptor.get("leo:checks", ()):
        yield _check(table, entry)


def _unique(table: Table) -> Iterator[Rule]:
    for kind, names in (
        ("primary key", ("primaryKey", "leo:primaryKey")),
        ("unique key", ("uniqueKeys", "leo:uniqueKeys")),
    ):
        for name in names:
            entries = table.descriptor.get(name, [])
            for key in [entries] if kind == "primary key" and entries else entries:
                columns = ", ".join(map(quoted, key))
                missing = " OR ".join(f"{quoted(column)} IS NULL" for column in key)
                # Each row too many counts, and each row without a primary key. A missing value is no key that is there
                # twice, as in SQL.
                alone = f"if({missing}, 0, 1)" if kind == "primary key" else f"if({missing}, count(*), 1)"
                violations = (
                    f"SELECT {columns}, count(*) - {alone} AS surplus FROM {quoted(table.name)} "
                    f"GROUP BY {columns} HAVING surplus > 0"
                )
                title = kind if kind == "primary key" else f"unique key {', '.join(key)}"
                yield Rule(table.name, kind, title, violations, keys=tuple(key))


def _foreign(table: Table, stored: dict[str, dict[str, str]]) -> Iterator[Rule]:
    """Values that lead nowhere. ``leo:foreignKeys`` may hold SQL where the table has no field for it."""
    for name in ("foreignKeys", "leo:foreignKeys"):
        for entry in table.descriptor.get(name, ()):
            there, other = entry["reference"]["fields"], entry["reference"]["resource"]
            if other not in stored:
                continue
            here = [quoted(f) if f in stored[table.name] else f for f in entry["fields"]]
            values = ", ".join(f"{sql} AS k{at}" for at, sql in enumerate(here))
            matched = " AND ".join(f"o.{quoted(f)} = r.k{at}" for at, f in enumerate(there))
            given = " AND ".join(f"r.k{at} IS NOT NULL" for at in range(len(here)))
            violations = (
                f"SELECT r.*, 1 AS surplus FROM (SELECT *, {values} FROM {quoted(table.name)}) AS r "
                f"ANTI JOIN {quoted(other)} AS o ON {matched} WHERE {given}"
            )
            fields = [f for f in entry["fields"] if f in stored[table.name]]
            kind = "foreign keys" if name == "foreignKeys" else "checks"
            yield Rule(table.name, kind, f"foreign key {', '.join(fields)}", violations, keys=tuple(fields))


def _field_rules(table: Table, field: Field, columns: dict[str, str]) -> Iterator[Rule]:
    """Codes, lengths, years and terms of one field."""
    name, length = quoted(field.name), field.sql_type.partition("(")[2].rstrip(") ")
    if field.duckdb_type == "VARCHAR" and length.isdigit() and not field.categories:
        yield _by_row(table, "types", f"length {field.name}", f"length({name}) > {length}", (field.name,))
    if field.categories:
        listed = ", ".join(_literals(field))
        wrong = f"({name} IS NOT NULL AND {name} NOT IN ({listed}))"
        yield _by_row(table, "codes", f"codes {field.name}", wrong, (field.name,))
    year = YEAR_COLUMN if table.by_year else table.descriptor.get("leo:year")
    if year and field.reach and not _in_every_view(table, field):
        taken = " OR ".join(f"{year} BETWEEN {first} AND {last}" for first, last in field.reach)
        wrong = f"({name} IS NOT NULL AND NOT ({taken}))"
        yield _by_row(table, "years", f"years {field.name}", wrong, (field.name,))
    if table.by_term and field.terms:
        terms = ", ".join(f"'{term}'" for term in field.terms)
        wrong = f"({name} IS NOT NULL AND {TERM_COLUMN} NOT IN ({terms}) AND NOT ({_besides(field)}))"
        yield _by_row(table, "years", f"terms {field.name}", wrong, (field.name,))


def _besides(field: Field) -> str:
    """SQL for the years and terms, besides those of the form, in which published scripts read a field."""
    known = [
        f"({YEAR_COLUMN} BETWEEN {first} AND {last} AND {TERM_COLUMN} = '{term}')"
        for each in field.delivered for first, last in each.years for term in each.terms if term not in field.terms
    ]  # fmt: skip
    return " OR ".join(known) or "false"


def _in_every_view(table: Table, field: Field) -> bool:
    """Whether every view shows the field in all its years: then no value can lie outside them."""
    years = {year for view in table.views if view.first for year in range(view.first, view.last + 1)}
    return table.by_year and all(any(first <= year <= last for first, last in field.reach) for year in years)


def _literals(field: Field) -> list[str]:
    """The codes of a field in SQL. Of a number's codes, those that are numbers."""
    codes = [code for code, _ in field.categories]
    if field.duckdb_type == "VARCHAR":
        return ["'" + code.replace("'", "''") + "'" for code in codes]
    return [code for code in codes if re.fullmatch(r"-?\d+(\.\d+)?", code)] or ["NULL"]


def _in_a_view(table: Table) -> str:
    """The condition that some view shows a row."""
    conditions = []
    for view in table.views:
        term = f" AND {TERM_COLUMN} = '{view.term}'" if view.term else ""
        conditions.append(f"({YEAR_COLUMN} BETWEEN {view.first} AND {view.last}{term})")
    return " OR ".join(conditions)


def _check(table: Table, entry: dict) -> Rule:
    """A rule of ``leo:checks``: a condition that ``holds`` of every row ``r``, or rows that are ``expected``."""
    if "expected" in entry:
        same = " AND ".join(f"o.{quoted(f)} = e.{quoted(f)}" for f in entry["fields"])
        violations = (
            f"SELECT e.*, 1 AS surplus FROM ({entry['expected']}) AS e ANTI JOIN {quoted(table.name)} AS o ON {same}"
        )
        return Rule(table.name, "checks", entry["name"], violations, keys=tuple(entry["fields"]))
    violations = f"SELECT r.*, 1 AS surplus FROM {quoted(table.name)} AS r WHERE NOT coalesce({entry['holds']}, true)"
    return Rule(table.name, "checks", entry["name"], violations, keys=_row_key(table))


def _by_row(table: Table, kind: str, name: str, wrong: str, shown: tuple[str, ...] = ()) -> Rule:
    violations = f"SELECT *, 1 AS surplus FROM {quoted(table.name)} WHERE {wrong}"
    keys = tuple(dict.fromkeys((*_row_key(table), *shown)))
    return Rule(table.name, kind, name, violations, wrong, keys)


def _row_key(table: Table) -> tuple[str, ...]:
    key = table.descriptor.get("primaryKey") or table.descriptor.get("leo:primaryKey")
    return tuple(key or [YEAR_COLUMN] * table.by_year)


def _explained(con: duckdb.DuckDBPyConnection, rule: Rule, outcome: Outcome, faults: _Faults | None) -> Outcome:
    """An outcome with what planted faults explain of it, and an example: unexplained if there is one."""
    lines = faults.breaking(rule.name) if faults else []
    of_row = " + ".join(sql for _, sql in lines) or "0"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE broken AS SELECT r.*, least(surplus, {of_row}) AS of_faults FROM "
        f"({rule.violations}) AS r"
    )
    planted = con.execute("SELECT coalesce(sum(of_faults), 0)::BIGINT FROM broken").fetchone()[0]
    shown = ", ".join(f"'{column}=' || coalesce(CAST({quoted(column)} AS VARCHAR), 'missing')" for column in rule.keys)
    example = con.execute(
        f"SELECT concat_ws('; ', {shown or repr('a row')}) FROM broken ORDER BY of_faults >= surplus, 1 LIMIT 1"
    ).fetchone()[0]
    return replace(
        outcome, planted=planted, example=example, faults=tuple(name for name, _ in lines) if planted else ()
    )


class _Faults:
    """The lines of the ledger that concern one table, by what the faults say of how they show."""

    def __init__(self, con: duckdb.DuckDBPyConnection, table: Table, columns: dict[str, str]) -> None:
        self.con, self.table, self.columns = con, table, columns
        self.shown = list(shown_in(table.name))
        for number, (fault, shows) in enumerate(self.shown):
            self._read(number, fault, shows)

    def breaking(self, rule: str) -> list[tuple[str, str]]:
        """The faults that break a rule, each with SQL for how many of its lines explain a row ``r``."""
        found = []
        for number, (fault, shows) in enumerate(self.shown):
            if rule in shows.breaks:
                same = self._same(shows)
                found.append((fault, f"(SELECT count(DISTINCT l.line) FROM {_lines(number)} AS l WHERE {same})"))
        return found

    def as_planted(self) -> Iterator[Outcome]:
        """Whether every line of the ledger shows in the rows: those changed, added or taken away."""
        for number, (fault, shows) in enumerate(self.shown):
            if not shows.seen and shows.rows is None:
                continue
            seen = f" AND ({shows.seen})" if shows.seen else ""
            one = f"r.{quoted(next(column for column in shows.key.values() if column))}"
            least = 1 if shows.rows is None else shows.rows
            wrong = f"count({one}) > 0" if shows.rows == 0 else f"count({one}) < {least}"
            rows, example = self.con.execute(f"""
                SELECT count(*), min(row_key) FROM (
                    SELECT l.line, l.row_key FROM {_lines(number)} AS l
                    LEFT JOIN {quoted(self.table.name)} AS r ON {self._same(shows)}{seen}
                    GROUP BY ALL HAVING {wrong})
            """).fetchone()
            yield Outcome(self.table.name, "ledger", f"ledger {fault}", rows, example=example or "")

    def _same(self, shows: Shows) -> str:
        pairs = [f"l.{quoted(column)} = r.{quoted(column)}" for column in shows.key.values() if column]
        return " AND ".join([*pairs, *([f"({shows.match})"] if shows.match else [])])

    def _read(self, number: int, fault: str, shows: Shows) -> None:
        """The lines of a fault as a table, with the columns that its key names."""
        values, joins, where = [], "", ""
        for name, column in shows.key.items():
            text = f"regexp_extract(row_key, '(^|;){name}=([^;]*)', 2)"
            if name == "person":  # a line for each key that the person has; none for those who were not linked
                joins = f" JOIN {PEOPLE} AS p ON p.person = CAST({text} AS BIGINT)"
                joins += " AND p.k " + _like(column, self.columns[column])
                values.append(f"CAST(p.k AS {self.columns[column]}) AS {quoted(column)}")
            elif column is None:
                values.append(f"{text} AS {quoted(name)}")
            elif self.columns[column] == "DATE":
                values.append(f"DATE '1970-01-01' + CAST({text} AS INTEGER) AS {quoted(column)}")
            else:
                values.append(f"CAST({text} AS {self.columns[column]}) AS {quoted(column)}")
            if name == "edukey":  # people who were not linked have no rows in which a fault could show
                where += f" AND {text} IN (SELECT k FROM {PEOPLE})"
        if shows.unless:
            others = ", ".join(f"'{name}'" for name in shows.unless)
            where += f" AND row_key NOT IN (SELECT row_key FROM {LEDGER} WHERE fault IN ({others}))"
        self.con.execute(f"""
            CREATE OR REPLACE TEMP TABLE {_lines(number)} AS
            SELECT line, row_key, original, {", ".join(values)} FROM {LEDGER}{joins}
            WHERE fault = '{fault}' AND table_name = '{shows.ledger or self.table.name}'{where}
        """)


def _lines(number: int) -> str:
    return f"lines_{number}"


def _like(column: str, kind: str) -> str:
    """The condition that a key is of the kind that a column holds."""
    if kind != "VARCHAR":
        return "NOT SIMILAR TO '[A-Z].*'"
    return "LIKE 'EK%'" if column == "edukey" else "LIKE 'PM%'"


def _unknown_faults(con: duckdb.DuckDBPyConnection, stored: dict) -> Iterator[Outcome]:
    """Lines of the ledger of which no fault says how they show."""
    known = {(fault, shows.ledger or name) for name in stored for fault, shows in shown_in(name)}
    for fault, table, rows in con.execute(f"SELECT fault, table_name, count(*) FROM {LEDGER} GROUP BY ALL").fetchall():
        if (fault, table) not in known:
            yield Outcome(table, "ledger", f"ledger {fault}", rows, example="a fault that this version does not know")
