"""
Notes about a user that `save()` is creating, stored in Django's `Model._state` until the end of the call.

Receivers of `post_save` may read `user.fsm` before our receiver has created the row. Whichever comes first creates it,
and both know that it is a birth rather than a user found without a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from django.db import models

_STAGE = "user_lifecycle_birth"


class Stage(Enum):
    """The stage of a user's birth."""

    ASKED_FOR = "asked for"
    """`save()` was called on an instance that was not loaded. The row may exist nevertheless."""

    INSERTED = "inserted"
    """The user's row was inserted."""

    DONE = "done"
    """The state row was inserted too."""


@contextmanager
def asked_for(user: models.Model) -> Iterator[None]:
    """Note that this `save()` is about to insert a user."""
    advance(user, Stage.ASKED_FOR)
    try:
        yield
    finally:
        user._state.__dict__.pop(_STAGE, None)


def stage(user: models.Model) -> Stage | None:
    """Return the stage of this user's birth, or None."""
    reached: Stage | None = user._state.__dict__.get(_STAGE)
    return reached


def advance(user: models.Model, to: Stage) -> None:
    """Set the stage of this user's birth."""
    user._state.__dict__[_STAGE] = to
