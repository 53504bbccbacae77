"""Lets Python look for garbage less often while millions of records are read."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS = 100_000
"""A few pages of records. None of their tuples is part of a cycle, so there is nothing to find."""


@contextmanager
def seldom() -> Iterator[None]:
    """
    Within this block, let the collector look only after this many new objects. It took a sixth of a verification's
    time.
    """
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
