"""SQL that shows stored Parquet under the real databases, schemas, views and column names."""

from __future__ import annotations

from leocourse.schema.model import Schema, Table, View

YEAR_COLUMN = "collection_year"
TERM_COLUMN = "collection_term"


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def view_sql(table: Table, view: View, stored: set[str], typed: bool = True) -> str:
    """``CREATE VIEW`` for one view. Fields that are not among the ``stored`` columns come out as NULL.

    ``${extract}`` stands for the folder of the extract and ``${project}`` for the project number. Without ``typed``
    the stored columns are text, and the view turns them into the schema's types.
    """
    columns = []
    for item in table.fields:
        if not item.available(view.first, view.last, view.term):
            continue
        here = item.name in stored
        source = quoted(item.name) if here else "NULL"
        value = source if here and typed else f"CAST({source} AS {item.duckdb_type})"
        columns.append(f"{value} AS {quoted(item.column_in(view))}")
    name = f'{view.database}."${{project}}".{quoted(view.name)}'
    select = f"CREATE VIEW {name} AS SELECT {', '.join(columns)}"
    if not stored:  # the table is described but not simulated: typed, and empty
        return f"{select} WHERE false;"
    conditions = []
    if view.first is not None:
        conditions.append(f"{YEAR_COLUMN} BETWEEN {view.first} AND {view.last}")
    if view.term:
        conditions.append(f"{TERM_COLUMN} = '{view.term}'")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"{select} FROM read_parquet('${{extract}}/{table.name}/*.parquet'){where};"


def other_names_sql(schema: Schema) -> list[str]:
    """The table of the form's names that differ from the delivered ones, which the views have."""
    rows = [
        f"('{view}', '{form}', '{name}')"
        for view, others in schema.other_names().items()
        for form, name in others.items()
    ]
    columns = "(view VARCHAR, form VARCHAR, delivered VARCHAR)"
    filled = [f"INSERT INTO course.other_names VALUES {', '.join(rows)};"] if rows else []
    return ["CREATE SCHEMA IF NOT EXISTS course;", f"CREATE TABLE course.other_names {columns};", *filled]


def extract_sql(schema: Schema, stored: dict[str, set[str]], typed: bool = True) -> str:
    """The script that :func:`leocourse.core.connect` runs: databases, schemas, one view a collection, other names.

    ``stored`` maps each stored table to its columns; the other tables of the schema come out empty. ``typed``: see
    :func:`view_sql`.
    """
    lines = []
    for database in schema.databases:
        lines.append(f"ATTACH ':memory:' AS {database};")
        lines.append(f'CREATE SCHEMA {database}."${{project}}";')
    for table in schema.tables.values():
        lines.extend(view_sql(table, view, stored.get(table.name, set()), typed) for view in table.views)
    lines += other_names_sql(schema)
    return "\n".join(lines) + "\n"
