"""Random numbers that depend on seed, stream, person and draw alone.

A draw is a keyed 32-bit mix of (stream key, person, k), in integers throughout: the same on every
platform and library version, and whatever the number of people, the size of a block or the order
of the work. Every stage and every fault has its own stream, so switching one off changes no other.
Normal and exponential shapes come from integer tables instead of transcendental functions.
"""

from __future__ import annotations

import hashlib
from functools import cache
from statistics import NormalDist

import numpy as np

Integers = np.ndarray
"""An array of integers."""

QUANTILES = 4096
"""Steps of the normal table: the middle of each of 4,096 equal slices of probability."""


@cache
def normal_table() -> Integers:
    """Normal quantiles in thousandths of a standard deviation, int32, at the edges of 4,096 slices.

    The edges at 0 and 1 are those of the outermost half slice, so draws stay within 3.9 standard
    deviations. A test proves that no entry lies near a rounding boundary, so that every platform's
    arithmetic gives the same integers.
    """
    edges = [min(max(i, 0.25), QUANTILES - 0.25) / QUANTILES for i in range(QUANTILES + 1)]
    return np.array([round(1000 * NormalDist().inv_cdf(edge)) for edge in edges], dtype=np.int32)


@cache
def growth_table() -> Integers:
    """``round(1000 * 1.001**step)`` for steps 0 to 12,000 as int64, by integer recursion.

    A step is about a tenth of a per cent, so sums of steps act as logarithms do.
    """
    value, table = 1000 << 80, []
    for _ in range(12_001):
        table.append((value + (1 << 79)) >> 80)
        value = value * 1001 // 1000
    return np.array(table, dtype=np.int64)


def _mix(x: Integers) -> Integers:
    """A bijective 32-bit mix with low bias (two multiplications and three shifts), in place."""
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return x


def draw(shared: Integers, k: int | Integers) -> Integers:
    """32 random bits a person as uint32: draw ``k``, from what :meth:`Stream.of` gives for the people."""
    step = np.atleast_1d(np.asarray(k)).astype(np.uint32)
    step *= np.uint32(0x9E3779B1)
    return _mix(shared + step)


def scaled(bits: Integers, n: int | Integers) -> Integers:
    """A whole number from 0 to ``n`` - 1 for each 32 random bits, int64."""
    wide = bits.astype(np.uint64) * np.asarray(n, dtype=np.uint64)
    wide >>= np.uint64(32)
    return wide.view(np.int64)


class Stream:
    """One source of draws, named after what it decides: ``Stream(seed, "work/entry")``."""

    def __init__(self, seed: int, name: str) -> None:
        digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
        self._keys = [np.array([int.from_bytes(digest[i : i + 4], "little")], dtype=np.uint32) for i in (0, 4, 8)]
        self._last: tuple[Integers, Integers] | None = None

    def bits(self, person: Integers, k: int | Integers = 0) -> Integers:
        """32 random bits a person as uint32; ``k`` numbers the draw. ``person`` must not change afterwards."""
        bits = draw(self.of(person), k)
        return bits if np.ndim(person) or np.ndim(k) else bits[0]

    def of(self, person: Integers) -> Integers:
        """What all draws of these people share, uint32. A stage that draws often hands it to :func:`draw`."""
        if self._last is None or self._last[0] is not person:
            wide = np.atleast_1d(np.asarray(person)).astype(np.uint64)
            high = (wide >> np.uint64(32)).astype(np.uint32) if wide.size and wide.max() >> 32 else np.uint32(0)
            mixed = _mix(wide.astype(np.uint32) ^ self._keys[0])
            mixed ^= _mix(high + self._keys[1])
            mixed += self._keys[2]
            self._last = (person, mixed)
        return self._last[1]

    def below(self, n: int | Integers, person: Integers, k: int | Integers = 0) -> Integers:
        """A whole number from 0 to ``n`` - 1, int64."""
        return scaled(self.bits(person, k), n)

    def chance(self, millionths: int | Integers, person: Integers, k: int | Integers = 0) -> np.ndarray:
        """True with a probability given in millionths."""
        if np.ndim(millionths):
            return self.below(1_000_000, person, k) < millionths
        least = -(-(int(millionths) << 32) // 1_000_000)  # the first value of the bits that is too large
        return self.bits(person, k) < least

    def pick(self, weights: list[int], person: Integers, k: int | Integers = 0) -> Integers:
        """An index into ``weights``, with probability proportional to the weight, int64."""
        cumulative = np.cumsum(weights)
        total, bits = int(cumulative[-1]), self.bits(person, k)
        if len(weights) > 24:
            return np.searchsorted(cumulative, scaled(bits, total), side="right")
        index = np.zeros(bits.shape, dtype=np.int8)
        for edge in cumulative[:-1].tolist():  # the draw has passed the edge: the same as a search, and faster
            index += bits >= -(-(edge << 32) // total)
        return index.astype(np.int64)

    def normal(self, person: Integers, k: int | Integers = 0) -> Integers:
        """A standard normal draw in thousandths, int64."""
        bits = self.bits(person, k)
        slot = bits >> np.uint32(20)
        rest = (bits & np.uint32(0xFFFFF)).astype(np.int64)
        low, width = _normal_slices()
        rest *= width[slot]
        rest >>= 20
        rest += low[slot]
        return rest


@cache
def _normal_slices() -> tuple[Integers, Integers]:
    """Where each of the 4,096 slices begins and how wide it is, int64."""
    table = normal_table().astype(np.int64)
    return table[:-1].copy(), np.diff(table)


def scramble(number: Integers, width: int, seed: int, name: str) -> Integers:
    """A bijection of the ``width``-bit whole numbers, keyed by seed and name, as uint64.

    Keys made with it are unique because the numbers are, and say nothing of the order.
    """
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    mask, half = np.uint64((1 << width) - 1), np.uint64((width + 1) // 2)
    x = np.asarray(number, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for i in range(0, 24, 8):
            odd = np.uint64(int.from_bytes(digest[i : i + 8], "little") | 1)
            x = (x * odd + np.uint64(digest[24 + i // 8])) & mask
            x = x ^ (x >> half)
    return x


def text_key(number: Integers, width: int, prefix: str, seed: int, name: str) -> Integers:
    """Unique keys of ``width`` characters as a bytes array (``S``), from whole numbers below 2**48."""
    digits = width - len(prefix)
    scrambled = scramble(number, 4 * min(digits, 16), seed, name)
    letters = np.frombuffer(b"0123456789ABCDEF", dtype=np.uint8)
    out = np.empty((len(scrambled), width), dtype=np.uint8)
    out[:, : len(prefix)] = np.frombuffer(prefix.encode(), dtype=np.uint8)
    for place in range(digits):
        shift = np.uint64(4 * (place % 16))
        out[:, width - 1 - place] = letters[(scrambled >> shift & np.uint64(15)).astype(np.int64)]
    return out.view(f"S{width}").reshape(-1)
