"""Arithmetic of gaps: ranges of keys whose rows were not visible when rows above them were delivered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Gap = tuple[int, int]
"""The first and the last key, both included."""

MOST = 200
"""The number of gaps that a cursor keeps. With so many, only rows below the watermark are delivered."""


def without(ranges: Iterable[Gap], keys: Sequence[int]) -> list[Gap]:
    """Return what remains of the ranges after these keys, all in order."""
    rest: list[Gap] = []
    for first, last in ranges:
        start = first
        for key in keys:
            if start <= key <= last:
                if start < key:
                    rest.append((start, key - 1))
                start = key + 1
        if start <= last:
            rest.append((start, last))
    return rest


def above(ranges: Iterable[Gap], settled: int) -> list[Gap]:
    """Return the parts of the ranges above the watermark."""
    return [(max(first, settled + 1), last) for first, last in ranges if last > settled]
