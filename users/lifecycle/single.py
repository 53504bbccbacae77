"""One transition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

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


def perform_if(fsm: AccountState, name: str, decide: Callable[[], Mapping[str, Any] | None]) -> bool:
    """
    Carry out a transition whose keywords are decided under the lock; return whether there was one.

    The keywords are those of `with_fit_words`. `decide` is called when `fsm` shows what was read under the lock, and
    may set what the transition writes beside the state. Where it returns None, and where the row is gone, nothing is
    done and nothing counts as refused.
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


def _show_as_written(fsm: AccountState) -> None:
    fsm.version += 1
    if type(fsm).user.is_cached(fsm):
        fsm.user.is_active = fsm.current_state == State.ACTIVE
