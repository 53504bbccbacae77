"""The death of an account: what belongs to it is written before its row is deleted, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from users.actors import By
from users.causes import Cause
from users.lifecycle.account import AccountState
from users.lifecycle.transition import with_fit_words
from users.lifecycle.unit import Unit, opened
from users.signals import account_ended

_words: ContextVar[Mapping[str, Any] | None] = ContextVar("users.lifecycle.death.words", default=None)
_NO_WORDS: Mapping[str, Any] = with_fit_words({"by": None, "description": None, "cause": Cause.DELETED})


@contextmanager
def ending(
    *,
    by: By = None,
    description: str | None = None,
    cause: Cause = Cause.DELETED,
    details: Mapping[str, Any] | None = None,
) -> Iterator[None]:
    """Say by whom and why the accounts are deleted whose users are deleted within this block."""
    token = _words.set(with_fit_words({"by": by, "description": description, "cause": cause, "details": details}))
    try:
        yield
    finally:
        _words.reset(token)


def end(fsm: AccountState, *, using: str) -> None:
    """
    Write what belongs to the death of this account; the caller deletes the row in the same transaction.

    Called before each deletion, whoever deletes: the instance, a queryset, or a cascade from the user.
    """
    with opened(Unit(using), savepoint=False) as unit:
        for found in unit.lock(type(fsm), [fsm.pk]):
            account_ended.send(
                sender=type(fsm), instance=found, now=unit.underway[found.pk], **(_words.get() or _NO_WORDS)
            )
