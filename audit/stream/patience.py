"""Waits for a receiver that does not answer: longer each time, but never longer than the cursor is held."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

SHORTEST, LONGEST = 1.0, 300.0
SLICE = 10.0
"""The longest sleep in seconds before the cursor is renewed."""

pause = partial(time.sleep)


@dataclass(slots=True)
class Patience:
    """The pause before the next attempt in seconds, doubled after each failure."""

    attempts: int = 0

    def wait(self, asked_for: float | None, meanwhile: Callable[[], Any]) -> float:
        """Wait, calling `meanwhile` now and then, and return how long. A receiver may ask for a longer pause."""
        length: float = min(LONGEST, SHORTEST * 2 ** min(self.attempts, 16))
        length = length * random.uniform(0.75, 1.0)  # noqa: S311 - so that several streams do not return together
        length = max(length, min(asked_for or 0.0, 3600.0))
        self.attempts += 1
        left = length
        while left > 0:
            pause(min(left, SLICE))
            left -= SLICE
            meanwhile()
        return length

    def succeed(self) -> None:
        """Start again with short pauses."""
        self.attempts = 0
