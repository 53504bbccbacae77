"""One transition of one account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from users.actors import By
from users.exceptions import TransitionRefused
from users.lifecycle.account import AccountState, restored_on_error
from users.lifecycle.assignment import show
from users.lifecycle.refusal import Refusal, RefusalReason, refused
from users.lifecycle.unit import Unit, opened
from users.states import State


def perform(fsm: AccountState, name: str, carry_out: Callable[[], None], *, by: By, description: str | None) -> None:
    """
    Carry out one transition as a unit of one account; see THE INVARIANT in `users.lifecycle.unit`.

    When this returns, everything is committed, or will be with the caller's `atomic()`. If it raises, nothing is
    written and `fsm` is as it was in memory. There are two exceptions: a hook of `transaction.on_commit` raises after
    the commit, and `OutcomeUnknown` means that the change may have been committed.
    """
    refusal: TransitionRefused | None = None
    try:
        with restored_on_error(fsm):
            with opened(Unit(fsm.database, transition=name)) as unit:
                fresh = unit.lock(type(fsm), [fsm.pk])
                if not fresh:
                    raise type(fsm).DoesNotExist(f"the state row {fsm.pk!r} is gone")
                fsm.take_over(fresh[0])
                if unit.refuses(fsm, name):
                    username = unit.underway[fsm.pk].username
                    refusal = TransitionRefused(fsm, username=username, state=fsm.current_state, transition=name)
                    raise refusal
                unit.run(fsm, carry_out)
            _show_as_written(fsm)
    finally:
        # After the unit, because its rollback would undo the note of the refusal.
        if refusal is not None:
            _tell(fsm, refusal, by=by, description=description)


def perform_if(fsm: AccountState, name: str, decide: Callable[[], Mapping[str, Any] | None]) -> bool:
    """
    Carry out a transition that is decided under the row lock, and return whether it was made.

    `decide` is called once `fsm` has the values read under the lock. It returns the keywords of the transition (those
    of `with_fit_words`), and may set fields that are written with the state. If it returns None, or if the row no
    longer exists, nothing is done and nothing counts as refused.
    """
    with restored_on_error(fsm):
        with opened(Unit(fsm.database)) as unit:
            fresh = unit.lock(type(fsm), [fsm.pk])
            if fresh:
                fsm.take_over(fresh[0])
            keywords = decide() if fresh else None
            if keywords is None:
                return False
            unit.run(fsm, partial(getattr(type(fsm), name).__wrapped__, fsm, **keywords))
        _show_as_written(fsm)
    return True


def _tell(fsm: AccountState, refusal: TransitionRefused, *, by: By, description: str | None) -> None:
    refusals = [Refusal(fsm.user_id, refusal.username, refusal.state)]
    refused(
        type(fsm),
        refusals,
        transition=refusal.transition,
        reason=RefusalReason.STATE,
        using=fsm.database,
        by=by,
        description=description,
    )


def _show_as_written(fsm: AccountState) -> None:
    fsm.version += 1
    if type(fsm).user.is_cached(fsm):
        show(fsm.user, is_active=fsm.current_state == State.ACTIVE)
