"""The records of one walk, added up between the keys at which checkpoints end."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from audit.integrity.signed.digest import SetDigest
from audit.integrity.signed.facts import Row


@dataclass(slots=True)
class Buckets:
    """Digests of the records between the keys at which checkpoints end."""

    edges: list[int]
    sums: dict[int, SetDigest] = field(default_factory=dict)
    """Digests by the number of the edge above the records. Records after the last edge are not counted."""

    def add(self, rows: Iterable[Row]) -> None:
        """Count these records."""
        edges, sums = self.edges, self.sums
        for row in rows:
            number = bisect_left(edges, row.id)
            if number < len(edges):
                if number not in sums:
                    sums[number] = SetDigest()
                sums[number].add(row.message)

    def merge(self, sums: Mapping[int, SetDigest]) -> None:
        """Add digests from elsewhere with the same edges."""
        for number, found in sums.items():
            self.sums[number] = self.sums.get(number, SetDigest()) + found

    def until_each(self, last: int | None = None) -> dict[int, SetDigest]:
        """Return the digest of all records up to each edge, without those behind `last`, which has to be an edge."""
        found, until = SetDigest(), {0: SetDigest()}
        for number, edge in enumerate(self.edges):
            if last is None or edge <= last:
                found += self.sums.get(number, SetDigest())
            until[edge] = found
        return until
