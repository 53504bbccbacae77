"""The birth of accounts: creates the state row, and the rows that belong to it, for users without one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from users.actors import By
from users.causes import Cause
from users.lifecycle.account import AccountState
from users.lifecycle.transition import with_fit_words
from users.lifecycle.unit import Unit, opened, whole_milliseconds
from users.signals import account_began, last_known_wanted
from users.states import State


@dataclass(frozen=True, slots=True)
class LastKnown:
    """The last record of a user. After a death it has no end state."""

    state: State | None
    version: int
    locked_until: datetime | None = None
    changed_at: datetime | None = None
    """When it was written; None if that is not known."""


@dataclass(frozen=True, slots=True)
class Start:
    """A user whose account begins, and the state in which it begins unless a record says otherwise."""

    user_id: Any
    username: str
    state: State


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
    words = with_fit_words({"by": by, "description": description, "cause": cause, "details": details})
    known = last_known(model, [start.user_id for start in starts], using=using)
    with opened(Unit(using, transition="create")) as unit:
        moment = whole_milliseconds(timezone.now())
        for start in starts:
            last = known.get(start.user_id)
            if last is not None and last.state is not None and cause is not Cause.CREATED:
                unit.begun.append(_going_on(model, start, last))
                continue
            fsm = model(**_columns(start.user_id, start.state, last.version + 1 if last else 0), changed_at=moment)
            now = unit.describe(start.username, fsm.version, moment)
            account_began.send(sender=model, instance=fsm, now=now, **words)
            unit.begun.append(fsm)
    return unit.begun


def last_known(model: type[AccountState], user_ids: Collection[Any], *, using: str) -> Mapping[Any, LastKnown]:
    """Ask the app that keeps the record (`last_known_wanted`) for the users' last records."""
    answers: Any = last_known_wanted.send(sender=model, using=using, user_ids=list(user_ids))
    return {user_id: last for _, answer in answers for user_id, last in answer.items()}


def _going_on(model: type[AccountState], start: Start, last: LastKnown) -> AccountState:
    return model(
        **_columns(start.user_id, last.state, last.version), locked_until=last.locked_until, changed_at=last.changed_at
    )


def _columns(user_id: Any, state: State | None, version: int) -> dict[str, Any]:
    return {"user_id": user_id, "current_state": state, "version": version}
