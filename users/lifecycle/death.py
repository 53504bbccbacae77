"""The death of an account: writes its record before the row is deleted, in the same transaction."""

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
    """Set the actor and the reason for accounts that are deleted within this block."""
    token = _words.set(with_fit_words({"by": by, "description": description, "cause": cause, "details": details}))
    try:
        yield
    finally:
        _words.reset(token)


def end(fsm: AccountState, *, using: str) -> None:
    """
    Write the rows that belong to the death of this account. The caller deletes its row in the same transaction.

    It is called before every deletion: by an instance, by a queryset, or by a cascade from the user.
    """
    with opened(Unit(using), savepoint=False) as unit:
        # With the user, so that a row about them that is inserted meanwhile fails, and not the deletion.
        for found in unit.lock(type(fsm), [fsm.pk], users=True):
            account_ended.send(
                sender=type(fsm)._meta.concrete_model,
                instance=found,
                now=unit.underway[found.pk],
                **(_words.get() or _NO_WORDS),
            )
