"""
Makes sure that a superuser made by `create_superuser` can log in, whatever the manager does.

The manager of Django's own documentation makes a plain user first, and then saves the same instance as an
administrator, on a model that may not even have a field `is_superuser`. So the manager's method itself announces it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from django.db import models

_being_made: ContextVar[bool] = ContextVar("users.rows.superusers.being_made", default=False)
_OURS = "starts_superusers"


def is_being_made() -> bool:
    """Whether a manager's `create_superuser` is at work."""
    return _being_made.get()


def starts_active(user_model: type[models.Model]) -> bool:
    """Whether the default of this model's `is_active` is True, so that False was chosen by somebody."""
    field: Any = user_model._meta.get_field("is_active")
    return bool(field.get_default())


def watch_managers(user_model: type[models.Model]) -> None:
    """Let `create_superuser` and `acreate_superuser` of each manager of this model announce when they are at work."""
    for manager in {type(each) for each in (*user_model._meta.managers, user_model._default_manager)}:
        _replace(manager, "create_superuser", _saying_so)
        _replace(manager, "acreate_superuser", _saying_so_when_awaited)


def _replace(manager: type[models.Manager[Any]], name: str, by: Callable[[Any], Any]) -> None:
    method = getattr(manager, name, None)
    if method is not None and not hasattr(method, _OURS):
        replacement = by(method)
        setattr(replacement, _OURS, True)
        setattr(manager, name, replacement)


def _saying_so(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def create_superuser(*args: Any, **kwargs: Any) -> Any:
        with _said():
            return method(*args, **kwargs)

    return create_superuser


def _saying_so_when_awaited(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @wraps(method)
    async def acreate_superuser(*args: Any, **kwargs: Any) -> Any:
        with _said():
            return await method(*args, **kwargs)

    return acreate_superuser


@contextmanager
def _said() -> Iterator[None]:
    token = _being_made.set(True)
    try:
        yield
    finally:
        _being_made.reset(token)
