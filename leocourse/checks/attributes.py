"""What is true of people in the records of an extract: a small table beside its keys.

It holds no identity in plain, only a short hash of each; whom it is about is known to whoever knows the identity.
``attributes.sql`` makes it from any extract, and ``attributes.json`` has the words of each attribute.
"""

from __future__ import annotations

import base64
import gzip
import json
import struct
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the box that compares loads no DuckDB
    import duckdb

FILE = "attributes.json.gz"
"""The table beside the keys of an extract."""
MARKED = "attributes-{number}.json.gz"
"""The same for each extract that is marked on: only the box that compares sees it."""
HERE = Path(__file__).parent
WORDS: dict[str, Any] = json.loads((HERE / "attributes.json").read_text(encoding="utf-8"))
"""The words of each attribute, of what is not so where that is worth saying, and the columns that name a person."""
IDENTITIES = ("ae_id", "pmr", "edukey")


class Attributes:
    """The table of one extract."""

    def __init__(self, made: dict[str, Any]) -> None:
        self._made = made
        self.names: list[str] = list(made["is"])
        self._places: dict[str, dict[int, int]] = {}

    @cached_property
    def _bits(self) -> list[int]:
        """For each path the attributes that are true of it, one bit each."""
        found = [0] * self._made["paths"]
        for bit, packed in enumerate(self._made["is"].values()):
            raw = base64.b64decode(packed)
            for place in range(self._made["paths"]):
                if raw[place >> 3] >> (place & 7) & 1:
                    found[place] |= 1 << bit
        return found

    def of(self, column: str, value: Any) -> int | None:
        """What is true of whom a column of an answer names, one bit an attribute. None if nobody is known by it."""
        identity = WORDS["identities"].get(column)
        if identity is None or value is None:
            return None
        if identity not in self._places:
            raw = base64.b64decode(self._made["who"][identity])
            places: dict[int, int] = {}
            for bits, who in zip(self._bits, struct.unpack(f"<{len(raw) // 4}I", raw), strict=True):
                if who:
                    places[who] = places.get(who, 0) | bits
            self._places[identity] = places
        return self._places[identity].get(short(value))


def short(value: Any) -> int:
    """A hash of 32 bits of an identity; 0 if there is none."""
    return 0 if value is None else struct.unpack("<I", blake2b(str(value).encode(), digest_size=4).digest())[0]


def make_attributes(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The table of the extract that is open, ready for JSON."""
    rows = con.sql((HERE / "attributes.sql").read_text(encoding="utf-8"))
    names, columns = rows.columns, list(zip(*rows.fetchall(), strict=True)) or [()] * len(rows.columns)
    table = dict(zip(names, columns, strict=True))
    paths = len(columns[0])
    return {
        "paths": paths,
        "who": {each: _packed([short(value) for value in table[each]]) for each in IDENTITIES},
        "is": {name: _bitset(table[name]) for name in names if name not in IDENTITIES and any(table[name])},
    }


def packed_attributes(con: duckdb.DuckDBPyConnection) -> bytes:
    """The table of the extract that is open, as it lies in a file."""
    return gzip.compress(json.dumps(make_attributes(con), separators=(",", ":")).encode(), 9, mtime=0)


def read_attributes(path: Path) -> Attributes | None:
    """The table in a file; None if there is none, for an older release has none."""
    if not path.is_file():
        return None
    return Attributes(json.loads(gzip.decompress(path.read_bytes())))


def _packed(numbers: list[int]) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}I", *numbers)).decode()


def _bitset(values: tuple[Any, ...]) -> str:
    raw = bytearray((len(values) + 7) // 8)
    for place, value in enumerate(values):
        if value:
            raw[place >> 3] |= 1 << (place & 7)
    return base64.b64encode(bytes(raw)).decode()
