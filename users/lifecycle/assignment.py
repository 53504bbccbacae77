"""
Remembers the loaded value of a user's `is_active` once code has assigned another one.

It is stored in Django's `Model._state`, so copies and pickles of an instance keep it. Instances without an assignment
store nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models

NAME = "is_active"
_LOADED = "user_lifecycle_loaded_is_active"
_LOADING = "user_lifecycle_loading"


def assign(user: models.Model, value: Any) -> None:
    """Set `is_active` of an instance, and remember the loaded value, or None if it was deferred."""
    state = user._state.__dict__
    if _LOADING in state:
        state.pop(_LOADED, None)
    elif not user._state.adding:
        state.setdefault(_LOADED, user.__dict__.get(NAME))
    user.__dict__[NAME] = value


def is_assigned(user: models.Model) -> bool:
    """Whether code has assigned another value than the one that was loaded."""
    state = user._state.__dict__
    return _LOADED in state and user.__dict__.get(NAME) != state[_LOADED]


def loaded(user: models.Model) -> bool | None:
    """Return the value loaded before the assignment, or None if `is_active` was deferred."""
    value: bool | None = user._state.__dict__[_LOADED]
    return value


def show(user: models.Model, *, is_active: bool | None) -> None:
    """Set `is_active` of an instance to the stored value. This is no assignment, and it ends one."""
    user.__dict__[NAME] = is_active
    user._state.__dict__.pop(_LOADED, None)


def take_for_assigned(user: models.Model, *, loaded: bool) -> None:
    """Treat the value of a new instance as an assignment; `loaded` is the value that the database has."""
    user._state.__dict__[_LOADED] = loaded


def undo(user: models.Model) -> None:
    """Set `is_active` of an instance back to what was loaded."""
    value = user._state.__dict__.pop(_LOADED)
    if value is None:
        del user.__dict__[NAME]
    else:
        user.__dict__[NAME] = value


@contextmanager
def loading(user: models.Model) -> Iterator[None]:
    """Treat values that are set within this block as loaded, not as assigned."""
    user._state.__dict__[_LOADING] = True
    try:
        yield
    finally:
        user._state.__dict__.pop(_LOADING, None)


@contextmanager
def kept_on_error(user: models.Model) -> Iterator[None]:
    """Leave value and assignment as they were if the block raises, so that a second `save()` tries again."""
    value, state = user.__dict__.get(NAME), user._state.__dict__.copy()
    try:
        yield
    except BaseException:
        user.__dict__[NAME] = value
        user._state.__dict__.pop(_LOADED, None)
        if _LOADED in state:
            user._state.__dict__[_LOADED] = state[_LOADED]
        raise
