"""What each function of SQL Server 2019 means in DuckDB. A function that is not here is refused.

Each entry takes the translated arguments and gives the translated call with its type.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from leocourse.core.errors import LeoError
from leocourse.srs import types as t
from leocourse.srs.types import Type
from leocourse.srs.values import Value, cast, coerce, comparable, quote, text

Function = Callable[[list[Value]], Value]
FUNCTIONS: dict[str, tuple[Function, int, int]] = {}  # and how many arguments it takes

PARTS = {
    "year": ("year", "yy", "yyyy"),
    "quarter": ("quarter", "qq", "q"),
    "month": ("month", "mm", "m"),
    "dayofyear": ("dayofyear", "dy", "y"),
    "day": ("day", "dd", "d"),
    "week": ("week", "wk", "ww"),
    "weekday": ("weekday", "dw", "w"),
    "isoweek": ("iso_week", "isowk", "isoww"),
    "hour": ("hour", "hh"),
    "minute": ("minute", "mi", "n"),
    "second": ("second", "ss", "s"),
    "millisecond": ("millisecond", "ms"),
    "microsecond": ("microsecond", "mcs"),
}
PART = {short: part for part, shorts in PARTS.items() for short in shorts}


def function(names: str, least: int, most: int | None = None) -> Callable[[Function], Function]:
    """Register what the functions ``names`` mean, and between which numbers of arguments."""

    def register(translate: Function) -> Function:
        for each in names.split():
            FUNCTIONS[each] = (translate, least, least if most is None else most)
        return translate

    return register


def _plain(names: str, target: str, least: int, most: int | None = None, kind: Type = t.TEXT) -> None:
    """Functions that DuckDB has too, on text or numbers."""
    as_text = kind is t.TEXT
    function(names, least, most)(
        lambda args: Value(f"{target}({', '.join(text(a).sql if as_text else number(a).sql for a in args)})", kind)
    )


def number(value: Value, kind: Type = t.FLOAT) -> Value:
    """A value as an argument that must be a number."""
    return value if value.type.kind in t.NUMBERS else coerce(value, kind)


def whole(value: Value) -> str:
    """A value as an argument that must be a whole number: a fraction is cut off."""
    return value.sql if value.type.kind in t.INTEGERS else cast(value, t.INT).sql


def date(value: Value) -> Value:
    """A value as an argument that must be a date or a datetime."""
    return value if value.type.kind in t.DATES else cast(value, t.DATETIME)


for _names, _target, _least, _most in (
    ("UPPER", "upper", 1, 1),
    ("LOWER", "lower", 1, 1),
    ("REVERSE", "reverse", 1, 1),
    ("TRANSLATE", "translate", 3, 3),
):
    _plain(_names, _target, _least, _most)
for _names, _target, _count in (
    ("SQRT", "sqrt", 1),
    ("EXP", "exp", 1),
    ("LOG10", "log10", 1),
    ("SIN", "sin", 1),
    ("COS", "cos", 1),
    ("TAN", "tan", 1),
    ("ASIN", "asin", 1),
    ("ACOS", "acos", 1),
    ("ATAN", "atan", 1),
    ("ATN2", "atan2", 2),
    ("COT", "cot", 1),
    ("DEGREES", "degrees", 1),
    ("RADIANS", "radians", 1),
    ("PI", "pi", 0),
    ("RAND", "random", 0),
):
    _plain(_names, _target, _count, _count, t.FLOAT)


def _trim(target: str) -> Function:
    return lambda args: Value(f"{target}({text(args[0]).sql}, ' ')", t.TEXT)


for _each in ("ltrim", "rtrim", "trim"):
    function(_each.upper(), 1)(_trim(_each))


@function("LEN", 1)
def _len(args: list[Value]) -> Value:
    return Value(f"CAST(tsql_len({text(args[0]).sql}) AS INTEGER)", t.INT)


@function("DATALENGTH", 1)
def _datalength(args: list[Value]) -> Value:
    return Value(f"CAST(length({text(args[0]).sql}) AS INTEGER)", t.INT)


@function("LEFT", 2)
def _left(args: list[Value]) -> Value:
    return Value(f"left({text(args[0]).sql}, {whole(args[1])})", _like(args[0]))


@function("RIGHT", 2)
def _right(args: list[Value]) -> Value:
    return Value(f"right({text(args[0]).sql}, {whole(args[1])})", _like(args[0]))


@function("SUBSTRING", 3)
def _substring(args: list[Value]) -> Value:
    return Value(f"tsql_substring({text(args[0]).sql}, {whole(args[1])}, {whole(args[2])})", _like(args[0]))


@function("REPLACE", 3)
def _replace(args: list[Value]) -> Value:
    if args[0].type.binary or (args[1].literal is not None and not any(map(str.isalpha, args[1].literal))):
        return Value(f"replace({', '.join(text(a).sql for a in args)})", t.TEXT)
    whole_, old, new = (text(a).sql for a in args)
    return Value(f"regexp_replace({whole_}, regexp_escape({old}), replace({new}, '\\', '\\\\'), 'gi')", t.TEXT)


@function("CONCAT", 2, 254)
def _concat(args: list[Value]) -> Value:
    return Value(f"concat({', '.join(text(a).sql for a in args)})", t.TEXT)


@function("CONCAT_WS", 3, 254)
def _concat_ws(args: list[Value]) -> Value:
    return Value(f"concat_ws({', '.join(text(a).sql for a in args)})", t.TEXT)


@function("CHARINDEX", 2, 3)
def _charindex(args: list[Value]) -> Value:
    sub, whole_ = (text(a).sql for a in args[:2])
    if not (args[0].type.binary or args[1].type.binary):
        sub, whole_ = f"lower({sub})", f"lower({whole_})"
    start = whole(args[2]) if len(args) == 3 else "1"
    return Value(f"CAST(tsql_find({sub}, {whole_}, {start}) AS INTEGER)", t.INT)


@function("PATINDEX", 2)
def _patindex(args: list[Value]) -> Value:
    if args[0].literal is None:
        raise LeoError("PATINDEX with a pattern that is not written out: write the pattern as text.")
    pattern = args[0].literal
    front = "" if not pattern.startswith("%") else ".*?"
    flags = "s" if args[1].type.binary else "is"
    core = pattern.strip("%")
    end = "" if pattern.endswith("%") else "$"
    rest = quote(f"^({front})({like_regex(core)}){end}")
    subject = text(args[1]).sql
    return Value(
        f"CASE WHEN {subject} IS NULL THEN NULL WHEN regexp_matches({subject}, {rest}, '{flags}') "
        f"THEN length(regexp_extract({subject}, {rest}, 1, '{flags}')) + 1 ELSE 0 END",
        t.INT,
    )


@function("STUFF", 4)
def _stuff(args: list[Value]) -> Value:
    return Value(f"tsql_stuff({text(args[0]).sql}, {whole(args[1])}, {whole(args[2])}, {text(args[3]).sql})", t.TEXT)


@function("REPLICATE", 2)
def _replicate(args: list[Value]) -> Value:
    return Value(f"repeat({text(args[0]).sql}, {whole(args[1])})", t.TEXT)


@function("SPACE", 1)
def _space(args: list[Value]) -> Value:
    return Value(f"repeat(' ', {whole(args[0])})", t.TEXT)


@function("STR", 1, 3)
def _str(args: list[Value]) -> Value:
    width = whole(args[1]) if len(args) > 1 else "10"
    places = whole(args[2]) if len(args) > 2 else "0"
    value = number(args[0]).sql
    return Value(f"lpad(printf('%.' || {places} || 'f', CAST({value} AS DOUBLE)), {width}, ' ')", t.TEXT)


@function("CHAR NCHAR", 1)
def _char(args: list[Value]) -> Value:
    return Value(f"chr(CAST({whole(args[0])} AS INTEGER))", t.TEXT)


@function("ASCII UNICODE", 1)
def _ascii(args: list[Value]) -> Value:
    return Value(f"ord({text(args[0]).sql})", t.INT)


@function("QUOTENAME", 1)
def _quotename(args: list[Value]) -> Value:
    return Value(f"('[' || replace({text(args[0]).sql}, ']', ']]') || ']')", t.TEXT)


@function("FORMAT", 2, 3)
def _format(args: list[Value]) -> Value:
    if args[1].literal is None:
        raise LeoError("FORMAT with a format that is not written out: write the format as text.")
    form = args[1].literal
    if args[0].type.kind in t.DATES:
        codes = (("yyyy", "%Y"), ("yy", "%y"), ("MMMM", "%B"), ("MMM", "%b"), ("MM", "%m"), ("dddd", "%A"))
        codes += (("ddd", "%a"), ("dd", "%d"), ("HH", "%H"), ("hh", "%I"), ("mm", "%M"), ("ss", "%S"), ("tt", "%p"))
        codes += (("M", "%-m"), ("d", "%-d"), ("H", "%-H"))
        table = dict(codes)
        if len(form) == 1:
            form = {"d": "M/d/yyyy", "D": "dddd, MMMM d, yyyy"}.get(form, form)
        pattern = "|".join(code for code, _ in codes)
        return Value(f"strftime({args[0].sql}, {quote(re.sub(pattern, lambda m: table[m[0]], form))})", t.TEXT)
    value = number(args[0]).sql
    match = re.fullmatch(r"([NnPpFf])(\d*)|([#,0]*0)(?:\.(0+))?(%?)|(0+)", form)
    if not match:
        raise LeoError(f"FORMAT '{form}' has no equal here: use CAST, ROUND or CONVERT.")
    kind = (match[1] or "").upper()
    places = int(match[2] or 2) if kind else len(match[4] or "")
    if kind == "P" or match[5]:
        return Value(f"format('{{:,.{places}f}}%', CAST({value} AS DOUBLE) * 100)", t.TEXT)
    comma = "," if kind == "N" or "," in form else ""
    padding = len(match[3]) if match[3] and set(match[3]) == {"0"} else 0
    made = f"format('{{:{comma}.{places}f}}', CAST({value} AS DOUBLE))"
    return Value(
        f"lpad({made}, CAST(greatest({padding}, length({made})) AS INTEGER), '0')" if padding > 1 else made, t.TEXT
    )


@function("ISNUMERIC", 1)
def _isnumeric(args: list[Value]) -> Value:
    return Value(f"tsql_numeric({text(args[0]).sql})", t.INT)


@function("ISDATE", 1)
def _isdate(args: list[Value]) -> Value:
    return Value(f"CAST(coalesce(tsql_try_date(nullif({text(args[0]).sql}, '')) IS NOT NULL, false) AS INTEGER)", t.INT)


@function("ISNULL", 2)
def _isnull(args: list[Value]) -> Value:
    kind = args[1].type if args[0].type.kind == "null" else args[0].type
    return Value(f"coalesce({args[0].sql}, {coerce_result(args[1], kind).sql})", kind)


@function("COALESCE", 2, 254)
def _coalesce(args: list[Value]) -> Value:
    made, kind = together(args)
    return Value(f"coalesce({', '.join(each.sql for each in made)})", kind)


@function("NULLIF", 2)
def _nullif(args: list[Value]) -> Value:
    left, right = comparable(*args)
    return Value(f"(CASE WHEN {left} = {right} THEN NULL ELSE {args[0].sql} END)", args[0].type)


@function("CHOOSE", 2, 254)
def _choose(args: list[Value]) -> Value:
    made, kind = together(args[1:])
    cases = " ".join(f"WHEN {place} THEN {each.sql}" for place, each in enumerate(made, 1))
    return Value(f"(CASE {whole(args[0])} {cases} END)", kind)


@function("ABS", 1)
def _abs(args: list[Value]) -> Value:
    value = number(args[0])
    return Value(f"abs({value.sql})", value.type)


@function("SIGN", 1)
def _sign(args: list[Value]) -> Value:
    value = number(args[0])
    return Value(f"CAST(sign({value.sql}) AS {t.duckdb_type(value.type).sql('duckdb')})", value.type)


def _step(target: str) -> Function:
    def translate(args: list[Value]) -> Value:
        value = number(args[0])
        kind = Type("decimal", value.type.size, 0) if value.type.kind == "decimal" else value.type
        return Value(f"{target}({value.sql})", kind)

    return translate


function("CEILING", 1)(_step("ceil"))
function("FLOOR", 1)(_step("floor"))


@function("ROUND", 2, 3)
def _round(args: list[Value]) -> Value:
    value = number(args[0])
    cut = len(args) == 3 and args[2].sql != "0"
    made = f"{'tsql_truncate' if cut else 'tsql_round'}({value.sql}, {whole(args[1])})"
    if value.type.kind in (*t.INTEGERS, "decimal"):
        made = f"CAST({made} AS {t.duckdb_type(value.type).sql('duckdb')})"
    return Value(made, value.type)


@function("POWER", 2)
def _power(args: list[Value]) -> Value:
    base = number(args[0])
    made = Value(f"pow({base.sql}, {number(args[1]).sql})", t.FLOAT)
    return made if base.type.kind in t.FLOATS else cast(made, base.type)


@function("SQUARE", 1)
def _square(args: list[Value]) -> Value:
    return Value(f"pow({number(args[0]).sql}, 2)", t.FLOAT)


@function("LOG", 1, 2)
def _log(args: list[Value]) -> Value:
    made = f"ln({number(args[0]).sql})"
    return Value(f"({made} / ln({number(args[1]).sql}))" if len(args) == 2 else made, t.FLOAT)


@function("CHECKSUM BINARY_CHECKSUM", 1, 254)
def _checksum(args: list[Value]) -> Value:
    return Value(
        f"CAST(CAST(hash({', '.join(a.sql for a in args)}) % 4294967296 AS BIGINT) - 2147483648 AS INTEGER)", t.INT
    )


@function("HASHBYTES", 2)
def _hashbytes(args: list[Value]) -> Value:
    """The digits that CONVERT(varchar(64), HASHBYTES(...), 2) shows."""
    target = {"MD5": "md5", "SHA1": "sha1", "SHA2_256": "sha256"}.get((args[0].literal or "").upper())
    if target is None:
        raise LeoError("HASHBYTES: use MD5, SHA1 or SHA2_256, written out.")
    return Value(f"upper({target}({text(args[1]).sql}))", t.TEXT)


@function("NEWID", 0)
def _newid(args: list[Value]) -> Value:
    return Value("CAST(uuid() AS VARCHAR)", t.TEXT)


@function("GETDATE SYSDATETIME GETUTCDATE SYSUTCDATETIME CURRENT_TIMESTAMP", 0)
def _now(args: list[Value]) -> Value:
    return Value("CAST(now() AS TIMESTAMP)", t.DATETIME)


@function("YEAR", 1)
def _year(args: list[Value]) -> Value:
    return date_part("year", args[0])


@function("MONTH", 1)
def _month(args: list[Value]) -> Value:
    return date_part("month", args[0])


@function("DAY", 1)
def _day(args: list[Value]) -> Value:
    return date_part("day", args[0])


@function("EOMONTH", 1, 2)
def _eomonth(args: list[Value]) -> Value:
    start = cast(date(args[0]), t.DATE).sql
    if len(args) == 2:
        start = f"CAST({start} + to_months(CAST({whole(args[1])} AS INTEGER)) AS DATE)"
    return Value(f"last_day({start})", t.DATE)


@function("DATEFROMPARTS", 3)
def _datefromparts(args: list[Value]) -> Value:
    return Value(f"make_date({', '.join(f'CAST({whole(a)} AS BIGINT)' for a in args)})", t.DATE)


@function("DATETIMEFROMPARTS DATETIME2FROMPARTS SMALLDATETIMEFROMPARTS", 5, 8)
def _datetimefromparts(args: list[Value]) -> Value:
    parts = [f"CAST({whole(a)} AS BIGINT)" for a in args[:5]]
    seconds = f"CAST({whole(args[5])} AS DOUBLE)" if len(args) > 5 else "0.0"
    return Value(f"make_timestamp({', '.join(parts)}, {seconds})", t.DATETIME)


def part_named(word: str) -> str:
    """The part of a date that ``word`` names in T-SQL. Raises LeoError if it names none."""
    if word.lower() not in PART:
        raise LeoError(f"'{word}' is no part of a date: use year, quarter, month, week, day, hour, minute or second.")
    return PART[word.lower()]


def date_part(part: str, value: Value) -> Value:
    """DATEPART: the week begins on Sunday, as in SQL Server set to US English."""
    when = date(value).sql
    special = {"week": "tsql_week", "weekday": "tsql_weekday", "isoweek": "weekofyear"}
    return Value(f"CAST({special.get(part, part)}({when}) AS INTEGER)", t.INT)


def date_name(part: str, value: Value) -> Value:
    """DATENAME: the English name of a month or weekday, and the number of any other part as text."""
    codes = {"month": "%B", "weekday": "%A"}
    if part in codes:
        return Value(f"strftime({date(value).sql}, '{codes[part]}')", t.TEXT)
    return text(date_part(part, value))


def date_add(part: str, amount: Value, value: Value) -> Value:
    """DATEADD: a fraction of the amount is cut off; the end of a month stays inside the month."""
    kind = t.DATE if value.type.kind == "date" else t.DATETIME
    steps = {"weekday": "day", "dayofyear": "day", "isoweek": "week"}
    unit = steps.get(part, part)
    made = f"({date(value).sql} + CAST({whole(amount)} AS BIGINT) * INTERVAL 1 {unit})"
    return Value(f"CAST({made} AS {t.duckdb_type(kind).sql('duckdb')})", kind)


def date_diff(part: str, start: Value, end: Value, big: bool = False) -> Value:
    """DATEDIFF: how many boundaries of the part lie between, not how many whole parts fit."""
    first, last = date(start).sql, date(end).sql
    kind, target = (t.BIGINT, "BIGINT") if big else (t.INT, "INTEGER")
    if part in ("week", "isoweek"):
        return Value(f"CAST(tsql_weeks({last}) - tsql_weeks({first}) AS {target})", kind)
    unit = {"weekday": "day", "dayofyear": "day"}.get(part, part)
    return Value(f"CAST(date_diff('{unit}', {first}, {last}) AS {target})", kind)


def like_regex(pattern: str, escape: str | None = None) -> str:
    """A LIKE pattern of T-SQL, with its ``[...]`` sets, as a regular expression."""
    made, place = [], 0
    while place < len(pattern):
        letter = pattern[place]
        close = pattern.find("]", place + 2)
        if escape and letter == escape and place + 1 < len(pattern):
            place += 1
            made.append(re.escape(pattern[place]))
        elif letter == "%":
            made.append(".*")
        elif letter == "_":
            made.append(".")
        elif letter == "[" and close > 0:
            inner = pattern[place + 1 : close]
            negated = inner.startswith("^")
            inner = inner.removeprefix("^").replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
            made.append(f"[{'^' if negated else ''}{inner}]")
            place = close
        else:
            made.append(re.escape(letter))
        place += 1
    return "".join(made)


def together(values: list[Value]) -> tuple[list[Value], Type]:
    """Results that share a column, in the type that all of them get."""
    kind = t.NULL
    for each in values:
        kind = t.higher(kind, each.type)
    return [coerce_result(each, kind) for each in values], kind


def coerce_result(value: Value, kind: Type) -> Value:
    """One result among others of type ``kind``."""
    if value.type.kind in t.TEXTS and kind.kind in t.NUMBERS:
        return cast(value, t.BIGINT if kind.kind in t.INTEGERS else t.FLOAT, safe=value.literal is None)
    return coerce(value, kind)


def _like(value: Value) -> Type:
    return Type("varchar", binary=value.type.binary)
