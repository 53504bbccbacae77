"""
The unit of work, the only way to change the state of accounts.

THE INVARIANT. A unit first locks its rows, in key order. It reads state, version and time under the lock. It runs each
transition, whose receivers hand over the rows that belong to it (`write_along`). It writes those rows, the states and
`is_active` together, in parts if there are many. All of this is one transaction. So no state changes without its rows,
a failed transition leaves nothing behind, and the records of a user are in order by sequence, by key and by time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from django.db import DatabaseError, InterfaceError, connections, models, transaction
from django.utils import timezone
from django_fsm import can_proceed

from users.exceptions import NestedTransition, NoOpenUnit, OutcomeUnknown, UnknownChange
from users.lifecycle import reading, writing
from users.lifecycle.account import AccountState
from users.lifecycle.commit import Commit
from users.lifecycle.row_values import RowValues
from users.lifecycle.writing.ahead import Ahead
from users.lifecycle.writing.part import Part

logger = logging.getLogger("users.transitions")


class LastStep(Protocol):
    """A function called at the end of a unit, in its transaction, with everything handed over for it."""

    def __call__(self, items: list[Any], /, *, using: str) -> None: ...


class Underway(NamedTuple):
    """The facts about an account in the middle of its transition, read under the row lock."""

    using: str
    """The alias of the unit's database."""

    username: str

    sequence: int
    """The version that the account will have: 0 for its birth, 1 for its first transition."""

    moment: datetime
    """The time of everything that the unit writes: when the rows were locked, in whole milliseconds."""

    correlation_id: str
    """The same id for all transitions of a bulk call, empty for a single one."""

    address: str = ""
    """The user's email address. Empty if there is none, and at births and deaths."""


@dataclass(slots=True)
class Unit:
    """Transitions that are written together to one database."""

    using: str
    correlation_id: str = ""
    transition: str = ""
    """The method's name, for the errors."""

    outer: Unit | None = None
    underway: dict[Any, Underway] = field(default_factory=dict)
    changed: list[AccountState] = field(default_factory=list)
    begun: list[AccountState] = field(default_factory=list)
    part: Part = field(default_factory=Part)
    """What is not written yet."""

    last_steps: dict[LastStep, list[Any]] = field(default_factory=dict)
    is_open: bool = True
    broken_by: NestedTransition | None = None
    commit: Commit = field(init=False)
    ahead: Ahead | None = None

    def __post_init__(self) -> None:
        self.commit = Commit(self.using)

    def lock(self, model: type[AccountState], pks: Collection[Any], *, users: bool = False) -> list[AccountState]:
        """
        Lock these rows in key order and return them as they are now, without those that no longer exist.

        With `users`, the rows of the users are locked too.
        """
        self._refuse_nesting(pks)
        locked = reading.lock(model, pks, using=self.using, users=users, begins=self.commit.takes_begin_along())
        moment = whole_milliseconds(timezone.now())
        for fsm, username, address in locked:
            self.underway[fsm.pk] = self.describe(username, fsm.version + 1, moment, address)
        return [each.fsm for each in locked]

    def describe(self, username: str, sequence: int, moment: datetime, address: str = "") -> Underway:
        """Return what receivers can know about a change of this unit."""
        return Underway(self.using, username, sequence, moment, self.correlation_id, address)

    def refuses(self, fsm: AccountState, name: str) -> bool:
        """
        Whether the state of a locked account does not allow this transition. A refusal is logged.

        This is checked before `run`: a `TransitionNotAllowed` from `run` comes from a receiver, and undoes everything.
        """
        if can_proceed(getattr(fsm, name)):
            return False
        logger.warning("refused: %s of %r, who is %s", name, self.underway[fsm.pk].username, fsm.current_state)
        return True

    def run(self, fsm: AccountState, carry_out: Callable[[], None]) -> None:
        """Run one transition of a locked account: django-fsm's checks and signals, and the method's body."""
        fsm.changed_at = self.underway[fsm.pk].moment
        carry_out()
        self.changed.append(fsm)
        self.part.changed.append(fsm)
        self._send_ahead()

    def begin(self, fsm: AccountState) -> None:
        """Take a new account, whose rows were handed over."""
        self.begun.append(fsm)
        self.part.begun.append(fsm)
        self._send_ahead()

    def write(self) -> None:
        """Write the rows that were handed over, new accounts, the states and `is_active`."""
        if self.ahead:
            self.ahead.wait()
        if self.broken_by:
            raise self.broken_by
        nothing_follows = self.part.changed and not self.part.begun and not self.last_steps
        if commits := bool(nothing_follows and self.commit.can_travel()):
            self.commit.begins()
        writing.write(self.part, using=self.using, commits=commits)
        for step, items in self.last_steps.items():
            step(items, using=self.using)

    def _send_ahead(self) -> None:
        if self.part.is_full():
            self.ahead = self.ahead or Ahead(self.using)
            self.ahead.wait()
            if writing.send(self.part, self.ahead, using=self.using):
                self.part = Part()

    def _refuse_nesting(self, pks: Collection[Any]) -> None:
        unit = self.outer
        while unit:
            if unit.using == self.using and (both := unit.underway.keys() & set(pks)):
                # Stored, so that the outer one fails even if a receiver catches the exception.
                unit.broken_by = NestedTransition(unit.underway[both.pop()].username)
                raise unit.broken_by
            unit = unit.outer


def whole_milliseconds(moment: datetime) -> datetime:
    """Return the time cut to milliseconds, as JSON fixtures store it, so that signatures survive a dump."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


_open: ContextVar[Unit | None] = ContextVar("users.lifecycle.open", default=None)


def write_along(row: models.Model | RowValues) -> None:
    """
    Hand over an unsaved row to be inserted together with the state. To be called by a receiver of a transition.

    The key that the database assigns is not read back. Raises `NoOpenUnit` outside a transition.
    """
    unit = _open.get()
    if unit is None or not unit.is_open:
        raise NoOpenUnit
    unit.part.rows.append(row)


def finish_with(step: LastStep, item: Any) -> None:
    """
    Hand over what is to be done when the states are written, still in their transaction, from a receiver.

    For rows that need the keys of others: `step` is called once, with the items of all accounts of the unit.

    Raises `NoOpenUnit` if no transition is under way.
    """
    unit = _open.get()
    if unit is None or not unit.is_open:
        raise NoOpenUnit
    unit.last_steps.setdefault(step, []).append(item)


def underway(fsm: AccountState) -> Underway:
    """
    Return what is known about an account in the middle of its transition. To be called by a receiver.

    Raises `NoOpenUnit` if the account is not in a transition.
    """
    unit = _open.get()
    if unit is None or fsm.pk not in unit.underway:
        raise NoOpenUnit
    return unit.underway[fsm.pk]


@contextmanager
def opened(unit: Unit, *, savepoint: bool = True) -> Iterator[Unit]:
    """
    Run a unit in a transaction, and write everything at the end of the block.

    Raises `OutcomeUnknown` if the connection is lost during COMMIT, and Django's `TransactionManagementError` if
    somebody has asked for a rollback (`transaction.set_rollback`), which Django would carry out in silence.
    """
    commit, written = unit.commit, unit.underway
    try:
        with transaction.atomic(using=unit.using, savepoint=savepoint):
            commit.opened()
            unit.outer = _open.get()
            token = _open.set(unit)
            try:
                yield unit
                unit.write()
                connections[unit.using].validate_no_broken_transaction()
                commit.begins()
            finally:
                # Closed before the commit, whose hooks may make transitions, and for good: a thread or task that a
                # receiver started goes on in a copy of this context.
                _open.reset(token)
                unit.is_open = False
                if unit.ahead:
                    unit.ahead.abandon()
                unit.underway = {}
    except (DatabaseError, InterfaceError) as error:
        if not commit.is_unanswered:
            raise
        raise OutcomeUnknown(unit.transition, _unknown_changes(unit, written)) from error


def _unknown_changes(unit: Unit, underway: dict[Any, Underway]) -> list[UnknownChange]:
    born = [UnknownChange(fsm.user_id, "", fsm.version) for fsm in unit.begun]
    told = ((fsm.user_id, underway[fsm.pk]) for fsm in unit.changed)
    return [*born, *(UnknownChange(user_id, now.username, now.sequence) for user_id, now in told)]
