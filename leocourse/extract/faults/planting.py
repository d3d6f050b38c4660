"""How a fault is declared, which ones are switched on, and the ledger of what they changed.

Because each fault draws from a stream of its own, switching one off leaves all else as it was.
Rates are design choices that make a fault worth handling; they are not estimates of the real extract.
Each fault that changes a row writes a line of the ledger: fault, table, key, original value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

import numpy as np

from leocourse.core.errors import LeoError
from leocourse.extract.base.columns import Rows, text_of
from leocourse.extract.base.random import Stream


@dataclass(frozen=True)
class Shows:
    """How a fault shows in the rows of one table. ``l`` is a line of the ledger and ``r`` a row, in the SQL below."""

    table: str
    key: dict[str, str | None]
    """Name in the ledger's key: the column that holds it, or None where ``match`` compares it."""
    seen: str = ""
    """What is true of a row that the fault struck."""
    rows: int | None = None
    """Rows that a line of the ledger has in the table: 0 where they were lost, 2 where there is one too many."""
    match: str = ""
    """What else must hold for a row to be that of the line."""
    unless: tuple[str, ...] = ()
    """Faults that may have struck the same row and hide this one."""
    breaks: tuple[str, ...] = ()
    """Rules of the schema that rows break for it, by the names that ``leo validate`` gives them."""
    ledger: str = ""
    """The table that the lines of the ledger name, where it is another one."""

    def entry(self, fault: str) -> dict:
        """The same as plain values, for a data package: only what is said."""
        said = {"seen": self.seen, "match": self.match, "unless": list(self.unless), "breaks": list(self.breaks),
                "ledger": self.ledger}  # fmt: skip
        rows = {} if self.rows is None else {"rows": self.rows}
        return {"fault": fault, "key": self.key} | rows | {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class Fault:
    """A planted fault: ``rate`` in millionths of the rows or people that it can strike, and what it does in words."""

    name: str
    rate: int
    about: str
    shows: tuple[Shows, ...]

    def key_of(self, table: str) -> list[str]:
        """The columns that name a row of a table in the ledger."""
        key = next(each.key for each in self.shows if each.table == table and not each.ledger)
        return list(key)


Planter = Callable[[Rows, "Faults"], Rows]
FAULTS: dict[str, Fault] = {}
"""Every fault by name, in the order of the modules and of the declarations in them."""
_PLANTERS: dict[str, list[Planter]] = {}


def shows(table: str, *columns: str, key: dict[str, str | None] | None = None, **more) -> Shows:
    """How a fault shows in a table whose rows the ledger names by ``columns``, or by ``key``: see :class:`Shows`."""
    return Shows(table, key or {name: name for name in columns}, **more)


def declare(name: str, rate: int, about: str, *where: Shows) -> Fault:
    """Declare a fault. Raises ValueError if its name is taken, or it is not said where it shows."""
    if name in FAULTS or not where:
        raise ValueError(f"The fault {name} needs a name of its own, and to say where it shows.")
    FAULTS[name] = Fault(name, rate, about, where)
    return FAULTS[name]


def plants(table: str) -> Callable[[Planter], Planter]:
    """Mark a function that plants faults in the finished rows of a table, so that :func:`planted` calls it.

    Functions that need more than the rows, or that later stages build on, are called by those stages themselves.
    """

    def marked(plant: Planter) -> Planter:
        _PLANTERS.setdefault(table, []).append(plant)
        return plant

    return marked


def planted(tables: dict[str, Rows], switches: Faults) -> dict[str, Rows]:
    """The tables with the faults that are planted in finished rows."""
    struck = {}
    for name, rows in tables.items():
        struck[name] = rows
        for plant in _PLANTERS.get(name, ()):
            struck[name] = plant(struck[name], switches)
    return struck


def shown_in(table: str) -> Iterator[tuple[str, Shows]]:
    """The faults that show in a table, each with how."""
    return ((fault.name, each) for fault in FAULTS.values() for each in fault.shows if each.table == table)


@dataclass
class Faults:
    """The faults that are switched on for one extract, and the ledger that they fill."""

    seed: int
    without: Collection[str] = ()
    ledger: list[tuple[str, str, str, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in self.without:
            if name not in FAULTS:
                raise LeoError(f"Unknown fault '{name}': choose from {', '.join(FAULTS)}.")

    def strikes(
        self, fault: Fault, person: np.ndarray, k: int | np.ndarray = 0, rate: np.ndarray | None = None
    ) -> np.ndarray:
        """Which draws the fault strikes (none where it is switched off)."""
        if fault.name in self.without:
            return np.zeros(len(person), dtype=bool)
        return self.stream(fault).chance(fault.rate if rate is None else rate, person, k)

    def stream(self, fault: Fault) -> Stream:
        """The fault's own source of draws."""
        return Stream(self.seed, "fault/" + fault.name)

    def record(self, fault: Fault, table: str, keys: list[str], originals: list[str | None]) -> None:
        """Write lines of the ledger."""
        self.ledger.extend((fault.name, table, *pair) for pair in zip(keys, originals, strict=True))

    def record_rows(self, fault: Fault, table: str, rows: Rows, chosen: np.ndarray, original: str) -> None:
        """Write a line for each chosen row of a table, with the value that its column ``original`` had."""
        self.record(fault, table, _row_keys(rows, chosen, fault.key_of(table)), text_of(rows[original], chosen))


def _row_keys(rows: Rows, chosen: np.ndarray, columns: list[str]) -> list[str]:
    """What the ledger calls the chosen rows: ``name=value`` of these columns, joined by semicolons."""
    line = ";".join(f"{name}={{}}" for name in columns)
    return list(map(line.format, *(text_of(rows[name], chosen) for name in columns)))
