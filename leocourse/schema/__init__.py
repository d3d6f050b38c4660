"""The schema of the extract, read from ``data/schema``: tables, fields, views and what they are called.

The files there are Frictionless Data Package v2 descriptors; our own keys begin with ``leo:``.
Everything that describes the extract is derived from them: see :mod:`leocourse.schema.ddl`.
"""

from leocourse.schema.model import Field, Schema, Table, View, load_schema

__all__ = ["Field", "Schema", "Table", "View", "load_schema"]
