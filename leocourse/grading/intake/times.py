"""Times of handing in, as collectors write them: read in one way or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

WRITTEN = "%Y-%m-%d %H:%M:%S UTC"
"""How a time is written once it was read, which nbgrader reads as well."""
EARLIEST, LATEST = 1990, 2200
"""The years that a time of handing in may be of."""
MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january januar janvier enero", "feb february februar février febrero", "mar march märz mars marzo",
         "apr april avril abril", "may mai mayo", "jun june juni juin junio", "jul july juli juillet julio",
         "aug august août agosto", "sep sept september septembre septiembre", "oct october okt oktober octobre octubre",
         "nov november novembre noviembre", "dec december dez dezember décembre diciembre"), start=1)
    for name in names.split()
}  # fmt: skip
ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T _-](\d\d)[:-](\d\d)(?:[:-](\d\d)(?:[.,]\d{1,9})?)?)?"
    r"(?: ?(Z|UTC|GMT|[+-]\d\d:?\d\d))?", re.IGNORECASE)  # fmt: skip
PACKED = re.compile(r"(\d{4})(\d\d)(\d\d)[T_-]?(\d\d)(\d\d)(\d\d)?Z?")
CLOCK = r"(?:,? +(?:at +|um +|à +)?(\d{1,2})[:.]?(\d\d)(?:[:.](\d\d))? *([AP]\.?M\.?)?)?(?: +(Z|UTC|GMT))?"
NAMED = re.compile(
    rf"(?:[^\W\d]+,? +)?(?:(\d{{1,2}})\.? +([^\W\d]+)\.?|([^\W\d]+)\.? +(\d{{1,2}})),? +(\d{{4}}){CLOCK}", re.I
)
NUMBERS = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}}){CLOCK}", re.IGNORECASE)


@dataclass(frozen=True)
class Time:
    """A time as it was found, and what it says."""

    text: str = ""
    """The time in UTC, as :data:`WRITTEN`; empty if it cannot be read."""
    found: str = ""
    twice: bool = False
    """Whether it can be read in two ways, by day first or by month first."""


def read_time(found: str, first: str = "") -> Time:
    """Read a time: ISO 8601, RFC 2822, or a form that a system for courses writes. One without a zone is in UTC.

    ``first`` (``day`` or ``month``) says how ``10/01/2026`` is meant. What is no time, or of no year in which
    anybody hands in, is not guessed at.
    """
    text = " ".join(found.split())[:100]
    try:
        for read in (_iso, _mail, _named):
            if (time := read(text)) is not None:
                return _time(found, time)
        if match := NUMBERS.fullmatch(text):
            return _numbers(found, match, first)
    except (ValueError, OverflowError, TypeError, IndexError):
        pass
    return Time(found=found)


def readable(text: str) -> bool:
    """Whether a time was read. No time at all is one too."""
    return not text or (text.endswith(" UTC") and read_time(text).text == text)


def _time(found: str, time: datetime) -> Time:
    if time.tzinfo is not None:
        time = time.astimezone(UTC)
    return Time(time.strftime(WRITTEN) if EARLIEST <= time.year <= LATEST else "", found)


def _iso(text: str) -> datetime | None:
    match = ISO.fullmatch(text) or PACKED.fullmatch(text)
    if match is None:
        return None
    zone = match[7] if match.re is ISO else ""
    time = datetime(*(int(each or 0) for each in match.groups()[:6]))
    return time.replace(tzinfo=_zone(zone)) if zone else time


def _zone(text: str) -> timezone:
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes > 59:
        raise ValueError(text)
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def _mail(text: str) -> datetime | None:
    if not re.fullmatch(
        r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UT|UTC)", text
    ):
        return None
    return parsedate_to_datetime(text.replace(" UTC", " +0000"))


def _named(text: str) -> datetime | None:
    match = NAMED.fullmatch(text)
    month = MONTHS.get((match[2] or match[3]).casefold()) if match else None
    return _at(int(match[5]), month, int(match[1] or match[4]), match.groups()[5:]) if month else None


def _numbers(found: str, match: re.Match[str], first: str) -> Time:
    one, sign, other, year, *clock = match.groups()
    day, month = int(one), int(other)
    twice = day <= 12 and month <= 12 and day != month and sign != "."
    if twice and not first:
        return Time(found=found, twice=True)
    if sign != "." and (first == "month" if twice else month > 12):
        day, month = month, day
    return _time(found, _at(int(year), month, day, tuple(clock)))


def _at(year: int, month: int, day: int, clock: tuple[str | None, ...]) -> datetime:
    hour, minute, second, half, _ = clock
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError(half)
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    return datetime(year, month, day, hours, int(minute or 0), int(second or 0))
