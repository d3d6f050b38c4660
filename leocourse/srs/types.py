"""SQL Server's types, as far as the meaning of an expression depends on them, and how one becomes another."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from sqlglot import exp

from leocourse.core.errors import LeoError


class Type(NamedTuple):
    """A type: its family, length or precision, scale, and whether its text is compared byte by byte."""

    kind: str
    size: int | None = None
    scale: int | None = None
    binary: bool = False


INTEGERS = ("bit", "tinyint", "smallint", "int", "bigint")
FLOATS = ("real", "float")
NUMBERS = (*INTEGERS, "decimal", *FLOATS)
TEXTS = ("char", "varchar")
DATES = ("date", "datetime")
# Lowest first. Of two types that meet, the lower is converted to the higher.
PRECEDENCE = ("null", "unknown", *TEXTS, *INTEGERS, "decimal", *FLOATS, "time", *DATES)

NULL, UNKNOWN, INT, BIGINT = Type("null"), Type("unknown"), Type("int"), Type("bigint")
FLOAT, DATE, DATETIME, TEXT = Type("float"), Type("date"), Type("datetime"), Type("varchar")
MONEY = Type("decimal", 19, 4)
KEYS = re.compile(r"pupilmatchingref|edukey|entkey|_anon\b|_anon_|main_enterprise|external_id", re.IGNORECASE)

# What a CATCH block can ask of the error that brought it about.
CAUGHT = {"ERROR_MESSAGE": TEXT} | dict.fromkeys(
    ("ERROR_NUMBER", "ERROR_LINE", "ERROR_SEVERITY", "ERROR_STATE", "ERROR_PROCEDURE"), INT
)

DUCKDB = {
    "bit": "UTINYINT",
    "tinyint": "UTINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "float": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "time": "TIME",
    "char": "VARCHAR",
    "varchar": "VARCHAR",
}
FROM_DUCKDB = {
    "BOOLEAN": "bit",
    "UTINYINT": "tinyint",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "USMALLINT": "int",
    "INTEGER": "int",
    "UINTEGER": "bigint",
    "BIGINT": "bigint",
    "UBIGINT": "bigint",
    "HUGEINT": "bigint",
    "FLOAT": "real",
    "DOUBLE": "float",
    "DATE": "date",
    "TIME": "time",
    "VARCHAR": "varchar",
    "UUID": "varchar",
}
DECLARED = {
    "BIT": "bit",
    "BOOLEAN": "bit",
    "TINYINT": "tinyint",
    "UTINYINT": "tinyint",
    "SMALLINT": "smallint",
    "INT": "int",
    "BIGINT": "bigint",
    "FLOAT": "float",
    "DOUBLE": "float",
    "REAL": "real",
    "DATE": "date",
    "TIME": "time",
    "CHAR": "char",
    "NCHAR": "char",
    "VARCHAR": "varchar",
    "NVARCHAR": "varchar",
    "TEXT": "varchar",
    "NAME": "varchar",
    "UNIQUEIDENTIFIER": "varchar",
    "UUID": "varchar",
    "BINARY": "varchar",
    "VARBINARY": "varchar",
}


def from_duckdb(name: str, column: str = "") -> Type:
    """The type of a column as DuckDB names it. Keys carry a binary collation in the service."""
    decimal = re.match(r"DECIMAL\((\d+),\s*(\d+)\)", name)
    if decimal:
        return Type("decimal", int(decimal[1]), int(decimal[2]))
    if name.startswith("TIMESTAMP"):
        return DATETIME
    kind = FROM_DUCKDB.get(name, "unknown")
    return Type(kind, binary=kind == "varchar" and bool(KEYS.search(column)))


def declared(data_type: exp.DataType) -> Type:
    """The type that a CAST, a DECLARE or a CREATE TABLE names. Raises LeoError for one that has no equal here."""
    name = data_type.this.name
    sizes = [int(each.name) for each in data_type.expressions if each.name.isdigit()]
    if name in ("DECIMAL", "NUMERIC", "DECFLOAT", "BIGDECIMAL"):
        size, scale = (*sizes, 18, 0)[:2] if len(sizes) != 1 else (sizes[0], 0)
        return Type("decimal", size, scale)
    if name in ("MONEY", "SMALLMONEY"):
        return MONEY
    if name.startswith(("DATETIME", "SMALLDATETIME", "TIMESTAMP")):
        return DATETIME
    if name not in DECLARED:
        raise LeoError(
            f"type {data_type.sql('tsql')} has no equal here: use int, bigint, decimal, float, varchar or date."
        )
    kind = DECLARED[name]
    unlimited = any(each.name.lower() == "max" for each in data_type.expressions) or name in ("TEXT", "NAME")
    size = sizes[0] if sizes and kind in TEXTS else None
    return Type(kind, size if size or unlimited or kind not in TEXTS else 0)


def duckdb_type(type_: Type) -> exp.DataType:
    """The DuckDB type that stands for ``type_``."""
    if type_.kind == "decimal":
        return exp.DataType.build(f"DECIMAL({min(type_.size or 18, 38)},{type_.scale or 0})", dialect="duckdb")
    return exp.DataType.build(DUCKDB.get(type_.kind, "VARCHAR"), dialect="duckdb")


def higher(left: Type, right: Type) -> Type:
    """The type of two that meet in a CASE, a COALESCE, a UNION or a comparison."""
    first, second = sorted((left, right), key=lambda each: PRECEDENCE.index(each.kind))
    if second.kind == "decimal" and first.kind in (*INTEGERS, "decimal"):
        a, b = precision(first), precision(second)
        scale = max(a[1], b[1])
        return Type("decimal", min(38, max(a[0] - a[1], b[0] - b[1]) + scale), scale)
    if second.kind in TEXTS and first.kind in TEXTS:
        sizes = (first.size, second.size)
        return Type(second.kind, max(sizes) if all(sizes) else None, binary=first.binary or second.binary)
    return second


def precision(type_: Type) -> tuple[int, int]:
    """Precision and scale of an exact number, as SQL Server counts them."""
    whole = {"bit": 1, "tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}
    return (type_.size or 18, type_.scale or 0) if type_.kind == "decimal" else (whole[type_.kind], 0)


def quotient(left: Type, right: Type) -> Type:
    """The type of exact left / right: SQL Server's rule for precision and scale of a division."""
    (p1, s1), (p2, s2) = precision(left), precision(right)
    scale = max(6, s1 + p2 + 1)
    size = p1 - s1 + s2 + scale
    if size > 38:  # whole digits are kept first, but at least six decimals
        scale = max(38 - (size - scale), min(scale, 6))
        size = 38
    return Type("decimal", size, scale)


FORMATS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%b %d, %Y", "%B %d, %Y")
STYLES = {
    1: "%m/%d/%y",
    2: "%y.%m.%d",
    3: "%d/%m/%y",
    4: "%d.%m.%y",
    5: "%d-%m-%y",
    6: "%d %b %y",
    7: "%b %d, %y",
    10: "%m-%d-%y",
    11: "%y/%m/%d",
    12: "%y%m%d",
    23: "%Y-%m-%d",
    101: "%m/%d/%Y",
    102: "%Y.%m.%d",
    103: "%d/%m/%Y",
    104: "%d.%m.%Y",
    105: "%d-%m-%Y",
    106: "%d %b %Y",
    107: "%b %d, %Y",
    108: "%H:%M:%S",
    110: "%m-%d-%Y",
    111: "%Y/%m/%d",
    112: "%Y%m%d",
    113: "%d %b %Y %H:%M:%S.%g",
    114: "%H:%M:%S:%g",
    120: "%Y-%m-%d %H:%M:%S",
    121: "%Y-%m-%d %H:%M:%S.%g",
    126: "%Y-%m-%dT%H:%M:%S",
}


def read_date(text: str) -> tuple[dt.datetime, bool] | None:
    """A date written as text, and whether day and month could be the other way round. None if it is no date."""
    clean = " ".join(text.replace("T", " ").split()) if re.match(r"\d{4}-\d\d-\d\dT", text) else " ".join(text.split())
    if not clean:
        return dt.datetime(1900, 1, 1), False
    time = re.search(r"\s(\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?$", clean)
    clock = dt.timedelta()
    if time:
        hours, minutes, seconds = (*(int(part) for part in time[1].split(":")), 0)[:3]
        clock, clean = dt.timedelta(hours=hours, minutes=minutes, seconds=seconds), clean[: time.start()]
    for form in FORMATS:
        try:
            return dt.datetime.strptime(clean, form) + clock, False
        except ValueError:
            continue
    slashed = re.match(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$", clean)
    if not slashed:
        return None
    first, second, year = map(int, slashed.groups())
    for day, month in ((first, second), (second, first)):
        try:
            return dt.datetime(year, month, day) + clock, first <= 12 and second <= 12 and first != second
        except ValueError:
            continue
    return None
