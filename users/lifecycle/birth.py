"""The birth of accounts: creates the state row, and the rows that belong to it, for users without one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from users.actors import By
from users.causes import Cause
from users.lifecycle.account import AccountState
from users.lifecycle.transition import with_fit_words
from users.lifecycle.unit import Unit, opened, whole_milliseconds
from users.signals import account_began, last_known_wanted
from users.states import State

_by: ContextVar[By] = ContextVar("users.lifecycle.birth.by", default=None)

WRITTEN = ("user_id", "current_state", "version", "locked_until", "changed_at")
"""The columns that are written for a new account."""


@dataclass(frozen=True, slots=True)
class LastKnown:
    """The last record of a user. After a death it has no end state."""

    state: State | None
    version: int
    locked_until: datetime | None = None
    changed_at: datetime | None = None
    """When the record was written; None if that is not known."""


class Start(NamedTuple):
    """A user whose account begins, and the state in which it begins unless a record says otherwise."""

    user_id: Any
    username: str
    state: State


@contextmanager
def beginning(*, by: By) -> Iterator[None]:
    """Set the actor for accounts that are made within this block, where their own call names nobody."""
    token = _by.set(by)
    try:
        yield
    finally:
        _by.reset(token)


def begin(
    model: type[AccountState],
    starts: Sequence[Start],
    *,
    using: str,
    cause: Cause,
    by: By = None,
    description: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> list[AccountState]:
    """
    Create the state rows of these users as one unit of work, and return them in the same order.

    A user with a recorded state continues in it without a birth, because only the row was lost. A newly created user
    never does: the previous owner of the key was somebody else, so the birth takes the next sequence.
    """
    words = with_fit_words({"by": by or _by.get(), "description": description, "cause": cause, "details": details})
    known = last_known(model, [start.user_id for start in starts], using=using)
    with opened(Unit(using, transition="create")) as unit:
        moment, made = whole_milliseconds(timezone.now()), _maker(model)
        for start in starts:
            last = known.get(start.user_id)
            if last is not None and last.state is not None and cause is not Cause.CREATED:
                unit.begin(made(start.user_id, last.state, last.version, last.locked_until, last.changed_at))
                continue
            fsm = made(start.user_id, start.state, last.version + 1 if last else 0, None, moment)
            now = unit.describe(start.username, fsm.version, moment)
            account_began.send(sender=model._meta.concrete_model, instance=fsm, now=now, **words)
            unit.begin(fsm)
    return unit.begun


def last_known(model: type[AccountState], user_ids: Collection[Any], *, using: str) -> Mapping[Any, LastKnown]:
    """Ask the app that keeps the record (`last_known_wanted`) for the users' last records."""
    answers: Any = last_known_wanted.send(sender=model._meta.concrete_model, using=using, user_ids=list(user_ids))
    return {user_id: last for _, answer in answers for user_id, last in answer.items()}


def _maker(model: type[AccountState]) -> Callable[..., AccountState]:
    """Return a function that makes an unsaved row of the values of `WRITTEN`."""
    # By position, because Django takes twice as long to assign values by name.
    fields = model._meta.concrete_fields
    names, row = [field.attname for field in fields], [field.get_default() for field in fields]
    places = [names.index(name) for name in WRITTEN]

    def make(*values: Any) -> AccountState:
        for place, value in zip(places, values, strict=True):
            row[place] = value
        return model(*row)  # type: ignore[misc]  # the stubs know only one value

    return make
