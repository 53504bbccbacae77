"""One transition."""

from __future__ import annotations

from collections.abc import Callable

from users.exceptions import TransitionRefused
from users.lifecycle.account import AccountState, restored_on_error
from users.lifecycle.unit import Unit, opened
from users.states import State


def perform(fsm: AccountState, name: str, carry_out: Callable[[], None]) -> None:
    """
    Carry out one transition as a unit of one; see the invariant above.

    When this returns, everything is committed, or will be with the caller's own `atomic()`. When it raises, nothing is
    written, and `fsm` is in memory as it was; a hook of `transaction.on_commit` that raises does so after the commit.
    Only `OutcomeUnknown` says that the change may have been committed nevertheless.
    """
    with restored_on_error(fsm):
        with opened(Unit(fsm.database, transition=name)) as unit:
            fresh = unit.lock(type(fsm), [fsm.pk])
            if not fresh:
                raise type(fsm).DoesNotExist(f"the state row {fsm.pk!r} is gone")
            fsm.take_over(fresh[0])
            if unit.refuses(fsm, name):
                username = unit.underway[fsm.pk].username
                raise TransitionRefused(fsm, username=username, state=fsm.current_state, transition=name)
            unit.run(fsm, carry_out)
        _show_as_written(fsm)


def _show_as_written(fsm: AccountState) -> None:
    fsm.version += 1
    if type(fsm).user.is_cached(fsm):
        fsm.user.is_active = fsm.current_state == State.ACTIVE
