"""
What `save()` knows of a user whom it makes: until the end of the call, in Django's `Model._state`.

Receivers of `post_save` may ask for `user.fsm` before ours has made the row. So whoever comes first makes it, and both
know that this is a birth and no user who was found.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from django.db import models

_STAGE = "user_lifecycle_birth"


class Stage(Enum):
    """How far the birth of a user is."""

    ASKED_FOR = "asked for"
    """`save()` of an instance that was not loaded; the row may be there nevertheless."""

    INSERTED = "inserted"
    """The user's row was inserted."""

    DONE = "done"
    """The state row is there too."""


@contextmanager
def asked_for(user: models.Model) -> Iterator[None]:
    """Say that this `save()` is about to insert a user."""
    advance(user, Stage.ASKED_FOR)
    try:
        yield
    finally:
        user._state.__dict__.pop(_STAGE, None)


def stage(user: models.Model) -> Stage | None:
    """How far the birth of this user is; None where none is under way."""
    reached: Stage | None = user._state.__dict__.get(_STAGE)
    return reached


def advance(user: models.Model, to: Stage) -> None:
    """Note how far the birth of this user is."""
    user._state.__dict__[_STAGE] = to
