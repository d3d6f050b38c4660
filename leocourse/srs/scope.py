"""Which tables a column of a query can come from."""

from __future__ import annotations

from collections.abc import Callable

from leocourse.core.errors import LeoError
from leocourse.srs import types as t
from leocourse.srs.catalog import Relation, column_here, nearest
from leocourse.srs.values import Value, name


class Scope:
    """The tables that a column can come from, nearest query first."""

    def __init__(self, outer: Scope | None = None) -> None:
        self.outer = outer
        self.sources: dict[str, tuple[str, Relation]] = {}

    def add(self, alias: str, relation: Relation) -> None:
        """Make the columns of a table known under its alias."""
        self.sources[alias.lower()] = (alias, relation)

    def column(self, wanted: str, table: str | None, note: Callable[[str], None]) -> Value | None:
        """The column, qualified, or None if neither this query nor one round it has it.

        A field that the view's year does not have is missing on every row, and ``note`` is told.
        """
        return self._exact(wanted, table) or self._renamed(wanted, table, note)

    def _candidates(self, table: str | None) -> list[tuple[str, Relation]]:
        return [pair for each, pair in self.sources.items() if table is None or each == table.lower()]

    def _exact(self, wanted: str, table: str | None) -> Value | None:
        found = [(alias, each) for alias, each in self._candidates(table) if wanted.lower() in each.columns]
        if len(found) > 1:
            raise LeoError(
                f"'{wanted}' is ambiguous: {' and '.join(alias for alias, _ in found[:2])} both have it. "
                f"Write {found[0][0]}.{wanted}."
            )
        if found:
            written, kind = found[0][1].columns[wanted.lower()]
            return Value(f"{name(found[0][0])}.{name(written)}", kind, column=True)
        return self.outer._exact(wanted, table) if self.outer else None

    def _renamed(self, wanted: str, table: str | None, note: Callable[[str], None]) -> Value | None:
        for alias, relation in self._candidates(table):
            other = column_here(wanted, relation)
            if other and other[0]:
                note(f"{wanted} is {other[0]} in this extract.")
                return Value(f"{name(alias)}.{name(other[0])}", other[1], column=True)
            if other:
                near = nearest(wanted, list(relation.columns))
                note(f"{relation.view} has no {wanted}: taken as missing.{f' Near it: {near}.' if near else ''}")
                return Value(f"CAST(NULL AS {t.duckdb_type(other[1]).sql('duckdb')})", other[1])
        return self.outer._renamed(wanted, table, note) if self.outer else None

    def names(self) -> list[str]:
        """Every column that could have been meant."""
        here = [each for _, relation in self.sources.values() for each in relation.columns]
        return here + (self.outer.names() if self.outer else [])
