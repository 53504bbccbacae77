"""One number for a set of records, that new ones are added to in any order."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

SIZE = 512
"""In bytes. See `SetDigest` for why it is that long."""

_MASK = (1 << (8 * SIZE)) - 1


@dataclass(slots=True)
class SetDigest:
    """
    How many records a set has, and the sum of a hash of each, modulo 2^4096.

    A sum does not ask in which order records are added, so the same set gives the same number read by key or by user,
    and what goes into an archive can be counted apart. A sum of short hashes could be met by other records: that takes
    about 2^(2 √n) steps for n bits (Wagner's generalized birthday; see LtHash), 2^32 for 256 bits and 2^128 for these,
    even for somebody who has the keys.
    """

    count: int = 0
    total: int = 0

    def add(self, message: bytes) -> None:
        """Add a record by its canonical form."""
        self.count += 1
        self.total = (self.total + int.from_bytes(hashlib.shake_256(message).digest(SIZE), "big")) & _MASK

    def __add__(self, other: SetDigest) -> SetDigest:
        return SetDigest(self.count + other.count, (self.total + other.total) & _MASK)

    def __sub__(self, other: SetDigest) -> SetDigest:
        return SetDigest(self.count - other.count, (self.total - other.total) & _MASK)

    def hexdigest(self) -> str:
        """SHA-256 of the sum, in hexadecimal: short enough for a checkpoint that is mailed or printed."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """The sum, to be stored and added to later."""
        return self.total.to_bytes(SIZE, "big")

    @classmethod
    def stored(cls, count: int, total: bytes) -> SetDigest:
        """The digest of which `to_bytes` gave this sum."""
        return cls(count, int.from_bytes(total, "big"))
