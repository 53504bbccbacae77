"""A digest of a set of records, to which records can be added in any order."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

SIZE = 512
"""In bytes. `SetDigest` explains the length."""

_MASK = (1 << (8 * SIZE)) - 1


@dataclass(slots=True)
class SetDigest:
    """
    The number of records in a set, and the sum of their hashes modulo 2^4096.

    A sum does not depend on the order. The same set has the same digest whether it is read by key or by user, and
    archived records can be counted separately. A sum of short hashes could be forged with other records, which takes
    about 2^(2 √n) steps for n bits (Wagner's generalized birthday attack; see LtHash): 2^32 for 256 bits and 2^128 for
    this length, even for somebody who has the keys.
    """

    count: int = 0
    total: int = 0

    def add(self, message: bytes) -> None:
        """Add a record, given in its canonical form."""
        self.count += 1
        self.total = (self.total + int.from_bytes(hashlib.shake_256(message).digest(SIZE), "big")) & _MASK

    def __add__(self, other: SetDigest) -> SetDigest:
        return SetDigest(self.count + other.count, (self.total + other.total) & _MASK)

    def __sub__(self, other: SetDigest) -> SetDigest:
        return SetDigest(self.count - other.count, (self.total - other.total) & _MASK)

    def hexdigest(self) -> str:
        """Return SHA-256 of the sum in hexadecimal, which is short enough to be emailed or printed."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """Return the sum for storage."""
        return self.total.to_bytes(SIZE, "big")

    @classmethod
    def stored(cls, count: int, total: bytes) -> SetDigest:
        """Return the digest with this sum from `to_bytes`."""
        return cls(count, int.from_bytes(total, "big"))
