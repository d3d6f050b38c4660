"""What a measure is: its front matter, its parameters, and its SQL with both filled in.

A measure is ``<group>/<name>.sql`` in this folder: a block comment that holds TOML, then one SELECT.
Three things in the SELECT are filled in, so that one text serves every project, year and rule:

- ``"2005003"`` becomes the project number of the connection;
- ``$rule`` becomes the checked value of the parameter ``rule`` (a list becomes ``1, 3, 5``);
- what stands between ``--| for year 2006 to 2021 except 2020`` and ``--| end`` is repeated for each year, with
  ``{yyyy}`` and ``{yy}``, and joined with UNION ALL. ``term spring summer`` at the end of the line repeats it for
  each term too, with ``{term}`` and ``{trm}``. ``{plasc 2006 spring_census}`` is a name that changes: plasc before
  2006, spring_census from then on; ``gender_{ 2006 spr}{yy}`` has nothing there before 2006. A repetition
  over a view that the schema does not have is left out.

``--| use one_answer`` stands for the text of ``shared/one_answer.sql``: steps that several measures have in common.
``measures.<name>`` is another measure; parameters that both have are passed on to it.
``reference.<name>`` is the table ``data/reference/<name>.csv``.
Records are joined to people through ``measures.pmr_person``, ``edukey_person`` and ``record_person``, in which each
key has one row; ``ae_id`` is then the AE_ID that is kept for a person.

The front matter has ``title``, ``definition``, ``grain``, ``key`` (the columns of which no two rows agree), ``columns``
(``name``, SQL Server ``type``, ``description``, ``unit``), ``source``, ``years``, ``lost`` and ``traps``; and, where
there is one, ``parameters``, ``published``, ``other_rule`` and ``group_by``.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

from leocourse.core.errors import LeoError
from leocourse.measures.broken import unknown
from leocourse.schema.model import load_schema

FOLDER = Path(__file__).parent
GROUPS = {
    "people": "People",
    "cohort": "Cohort",
    "background": "Background",
    "attainment": "Attainment",
    "pathways": "Pathways",
    "work": "Employment and earnings",
    "benefits": "Benefits and furlough",
    "employer": "Employer",
    "context": "Context",
}
"""The groups in the order in which they are shown. The keys are the folders."""
PROJECT = "2005003"
TERMS = {"autumn": "aut", "spring": "spr", "summer": "sum"}
FRONT = re.compile(r"\A/\*---\n(?P<toml>.*?)\n---\*/\n(?P<sql>.*)\Z", re.DOTALL)
REPEATED = re.compile(
    r"^[ \t]*--\| for year (?P<first>\d{4}) to (?P<last>\d{4})(?: except (?P<without>[\d ]+?))?"
    r"(?: term (?P<terms>[a-z ]+?))?[ \t]*\n(?P<body>.*?)^[ \t]*--\| end[ \t]*\n",
    re.MULTILINE | re.DOTALL,
)
USED = re.compile(r"^[ \t]*--\| use (\w+)[ \t]*\n", re.MULTILINE)
RENAMED = re.compile(r"\{(\w*(?: \d{4} \w+)+)\}")
PLACEHOLDER = re.compile(r"\$(\w+)")
REFERENCE = re.compile(r"\bmeasures\.(\w+)")
PUBLIC = re.compile(r"\breference\.(\w+)")
VIEW = re.compile(rf'\b(\w+)\."{PROJECT}"\.(\w+)')
COMMENT = re.compile(r"--[^\n]*")

Value = str | int | float | tuple[int, ...]
YearsAtOnce = Callable[[str, list[int]], str | None]


@dataclass(frozen=True)
class Column:
    """A column of a measure. ``type`` is the SQL Server type; ``unit`` is empty for codes and names."""

    name: str
    type: str
    description: str
    unit: str = ""


@dataclass(frozen=True)
class Parameter:
    """A choice that a measure leaves open. ``unverified``: no public source says which value is official."""

    name: str
    default: Value
    description: str
    type: str = "text"
    values: tuple[str | int, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unverified: bool = False

    def check(self, measure: str, value: object) -> Value:
        """``value`` in its canonical form. Raises LeoError that names the measure and the valid values."""
        if self.type == "int list":
            several = value if isinstance(value, Iterable) and not isinstance(value, str) else [value]
            checked = tuple(sorted({self._number(measure, each, value) for each in several}))
            if not checked:
                raise self._error(measure, value)
            return checked
        if self.values:
            if value in self.values and not isinstance(value, bool):
                return value
            raise self._error(measure, value, self.values)
        return self._number(measure, value, value)

    def _number(self, measure: str, value: object, given: object) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float) or (self.type != "float" and value % 1):
            raise self._error(measure, given)
        if (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum):
            raise self._error(measure, given)
        return value if self.type == "float" else int(value)

    def _error(self, measure: str, value: object, values: Iterable = ()) -> LeoError:
        return LeoError(
            f"Measure '{measure}': parameter '{self.name}' cannot be {value!r}; it is {self.valid}."
            f"{_suggested(value, values)}"
        )

    @property
    def valid(self) -> str:
        """The valid values in words."""
        if self.values:
            return "one of " + ", ".join(repr(value) for value in self.values)
        kind = {"int list": "a list of whole numbers", "int": "a whole number", "float": "a number"}[self.type]
        if self.minimum is not None and self.maximum is not None:
            return f"{kind} from {self.minimum} to {self.maximum}"
        return kind

    def parse(self, measure: str, text: str) -> Value:
        """The value that ``text`` from a command line stands for."""
        if self.values:
            return self.check(measure, next((value for value in self.values if str(value) == text), text))
        try:
            numbers = [float(part) for part in text.split(",")]
        except ValueError:
            raise self._error(measure, text) from None
        return self.check(measure, numbers if self.type == "int list" else numbers[0])


@dataclass(frozen=True)
class Measure:
    """One derived variable, or a few that are made together. ``sql`` has its placeholders still in it.

    ``key``: the columns of which no two rows agree. ``other_rule``: the parameter and value to compare with.
    """

    name: str
    group: str
    title: str
    definition: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    source: str
    years: str
    lost: str
    traps: tuple[str, ...]
    sql: str = field(repr=False)
    parameters: tuple[Parameter, ...] = ()
    published: str = ""
    other_rule: Mapping[str, str] = field(default_factory=dict, hash=False)
    group_by: tuple[str, ...] = ()

    @property
    def uses(self) -> tuple[str, ...]:
        """The measures that this one reads, in the order in which they appear."""
        return tuple(dict.fromkeys(REFERENCE.findall(COMMENT.sub("", self.sql))))

    @property
    def public(self) -> tuple[str, ...]:
        """The tables of ``data/reference`` that this measure reads."""
        return tuple(dict.fromkeys(PUBLIC.findall(COMMENT.sub("", self.sql))))

    def values(self, given: Mapping[str, object] | None = None) -> dict[str, Value]:
        """Every parameter with its value: the given one, checked, or the default. Raises LeoError."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given or {}:
            if name not in known:
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise LeoError(
                    f"Measure '{self.name}' has no parameter '{name}': {has}.{_suggested(name, tuple(known))}"
                )
        return {
            name: parameter.check(self.name, (given or {}).get(name, parameter.default))
            for name, parameter in known.items()
        }

    def parse(self, given: Iterable[str]) -> dict[str, Value]:
        """Values as a command line gives them, each ``name=value``. Raises LeoError."""
        known = {parameter.name: parameter for parameter in self.parameters}
        values = {}
        for text in given:
            name, equals, value = text.partition("=")
            if not equals:
                raise LeoError(f"Measure '{self.name}': write a parameter as name=value, not '{text}'.")
            values[name] = known[name].parse(self.name, value) if name in known else value
        return self.values(values)

    def table(self, values: Mapping[str, Value]) -> str:
        """The name of the table that holds the measure under these values: with a digest unless all are defaults."""
        if values == self.values():
            return self.name
        text = ";".join(f"{name}={values[name]!r}" for name in sorted(values))
        return f"{self.name}_{sha256(text.encode()).hexdigest()[:8]}"


@cache
def _files() -> dict[str, Path]:
    return {path.stem: path for group in GROUPS for path in sorted((FOLDER / group).glob("*.sql"))}


def names() -> list[str]:
    """The names of all measures, group by group."""
    return list(_files())


@cache
def load(name: str) -> Measure:
    """The measure of this name. Raises LeoError if there is none, or if its front matter is broken."""
    if name not in _files():
        raise LeoError(
            f"There is no measure '{name}': see leo.measures() (or 'leo measures').{_suggested(name, names())}"
        )
    path = _files()[name]
    match = FRONT.match(path.read_text(encoding="utf-8"))
    if match is None:
        raise LeoError(f"Measure '{name}': the file must begin with /*--- and hold TOML up to ---*/.")
    try:
        front = tomllib.loads(match["toml"])
        columns = tuple(Column(**column) for column in front.pop("columns"))
        parameters = tuple(
            Parameter(**{**entry, "values": tuple(entry.get("values", ()))}) for entry in front.pop("parameters", ())
        )
        lists = {key: tuple(front.pop(key)) for key in ("key", "traps")}
        lists["group_by"] = tuple(front.pop("group_by", ()))
        found = Measure(
            name=name,
            group=path.parent.name,
            columns=columns,
            parameters=parameters,
            sql=USED.sub(lambda use: _shared(name, use[1]), match["sql"]),
            **lists,
            **front,
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise LeoError(f"Measure '{name}': front matter cannot be read: {error}.") from error
    unknown = set(PLACEHOLDER.findall(COMMENT.sub("", found.sql))) - {each.name for each in parameters}
    if unknown:
        raise LeoError(f"Measure '{name}': ${', $'.join(sorted(unknown))} is not among its parameters.")
    return found


def _shared(measure: str, name: str) -> str:
    path = FOLDER / "shared" / f"{name}.sql"
    if not path.is_file():
        raise LeoError(f"Measure '{measure}': there are no steps called '{name}' in {path.parent.name}/.")
    return path.read_text(encoding="utf-8")


def render(
    measure: Measure | str,
    values: Mapping[str, object] | None = None,
    project: str = PROJECT,
    tables: Mapping[str, str] | None = None,
    years_at_once: YearsAtOnce | None = None,
) -> str:
    """The SELECT of a measure with project number, parameters and years filled in, without a semicolon.

    ``tables`` maps a measure that this one reads to the name it has; without it, it stays ``measures.<name>``.
    ``years_at_once`` may write the repetition over some years as one SELECT: it gets the block and the years, and
    returns None where it cannot (see :mod:`leocourse.measures.stack`).
    Raises LeoError if a value is not valid.
    """
    measure = load(measure) if isinstance(measure, str) else measure
    checked = measure.values(values)
    sql = REPEATED.sub(lambda block: _repeat(block, years_at_once), measure.sql)
    sql = PLACEHOLDER.sub(lambda match: _literal(checked[match[1]]), sql)
    sql = REFERENCE.sub(lambda match: (tables or {}).get(match[1], match[0]), sql)
    return sql.replace(f'"{PROJECT}"', f'"{project}"').strip()


def plan(
    measure: Measure | str, values: Mapping[str, object] | None = None
) -> list[tuple[Measure, dict[str, Value], dict[str, str]]]:
    """A measure and all that it reads, what is read first, with the values of each.

    Each step has the measure, its values, and the table (:meth:`Measure.table`) of each measure that it reads.
    Raises LeoError if a measure reads itself, and BrokenMeasure if it reads a measure that there is not.
    """
    steps: dict[str, tuple[Measure, dict[str, Value], dict[str, str]]] = {}

    def add(measure: Measure, values: dict[str, Value], above: tuple[str, ...]) -> str:
        if measure.name in above:
            raise LeoError(f"Measure '{measure.name}' reads itself: {' > '.join((*above, measure.name))}.")
        tables = {}
        for name in measure.uses:
            if name not in _files():
                raise unknown(measure, f"measures.{name}", "measure", names())
            other = load(name)
            shared = {p.name: values[p.name] for p in other.parameters if p.name in values}
            tables[name] = add(other, other.values(shared), (*above, measure.name))
        table = measure.table(values)
        steps.setdefault(table, (measure, values, tables))
        return table

    measure = load(measure) if isinstance(measure, str) else measure
    add(measure, measure.values(values), ())
    return list(steps.values())


@cache
def _views() -> frozenset[tuple[str, str]]:
    return frozenset((view.database, view.name) for view in load_schema().views())


def _repeat(block: re.Match, years_at_once: YearsAtOnce | None = None) -> str:
    """One repeated block, written out for each year and term whose views exist."""
    years = _years(block)
    written = []
    for term in (block["terms"] or "").split() or [""]:
        text = block["body"].replace("{term}", term).replace("{trm}", TERMS.get(term, ""))
        by_year = {year: for_year(text, year) for year in years}
        there = [year for year, each in by_year.items() if _views().issuperset(VIEW.findall(each))]
        at_once = years_at_once(text, there) if years_at_once and len(there) > 1 else None
        written += [at_once] if at_once else [by_year[year] for year in there]
    return "UNION ALL\n".join(written)


def known_views() -> list[str]:
    """The names of all views of the schema."""
    return [view for _, view in sorted(_views())]


def missing_views(measure: Measure) -> list[str]:
    """Views that a repeated block names and that the schema does not have: :func:`render` leaves such years out."""
    gone = []
    for block in REPEATED.finditer(measure.sql):
        for year in _years(block):
            for term in (block["terms"] or "").split() or [""]:
                named = VIEW.findall(for_year(block["body"].replace("{term}", term), year))
                gone += [f"{database}.{view}" for database, view in named if (database, view) not in _views()]
    return gone


def _years(block: re.Match) -> list[int]:
    without = {int(year) for year in (block["without"] or "").split()}
    return [year for year in range(int(block["first"]), int(block["last"]) + 1) if year not in without]


def for_year(text: str, year: int) -> str:
    """A repeated block, or a name in it, as it is in one year."""

    def name(match: re.Match) -> str:
        first, *later = match[1].split(" ")
        return [first, *(each for since, each in zip(later[::2], later[1::2], strict=True) if int(since) <= year)][-1]

    text = RENAMED.sub(name, text)
    return text.replace("{yyyy}", str(year)).replace("{yy}", f"{year % 100:02d}")


def _literal(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(each) for each in value)
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _suggested(name: object, known: Iterable) -> str:
    close = difflib.get_close_matches(str(name), [str(each) for each in known], n=3, cutoff=0.5)
    return f" Did you mean {' or '.join(repr(each) for each in close)}?" if close else ""
