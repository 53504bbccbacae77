"""What verification can find, and the checks that find it: functions of rows, which know no database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from audit.integrity.adoption import is_adoption
from audit.integrity.facts import NOTHING_BEFORE, Account, Facts, Row, Start, is_of_format_1
from audit.integrity.signing import Verdict, judge
from users.states import State

CLOCK_SKEW = timedelta(seconds=5)
"""How far the clocks of two servers may be apart. The time is signed: only a clock can set it back unnoticed."""


class Kind(StrEnum):
    """What is wrong."""

    EDITED = "edited"
    """A record's signature does not fit what it says."""

    UNSIGNED = "unsigned"
    """A record has no signature."""

    UNKNOWN_KEY = "unknown_key"
    """A record is signed by a key that is not in `AUDIT_SIGNING_KEYS`."""

    MISSING = "missing"
    """Records before this one are gone."""

    OUT_OF_ORDER = "out_of_order"
    """A record stands, by its sequence, key or time, where it cannot have been written."""

    NOT_FOLLOWING = "not_following"
    """A record does not start in the state in which the one before ended."""

    STATE = "state"
    """The account is not in the state in which its last record ended."""

    VERSION = "version"
    """The account has made more or fewer transitions than it has records."""

    NO_BIRTH = "no_birth"
    """The account has no record at all, not even of its birth."""

    LOCKED_UNTIL = "locked_until"
    """The end of the account's lock is not the one in its last record."""

    IS_ACTIVE = "is_active"
    """The user's `is_active` is not what the state says."""

    NO_STATE = "no_state"
    """The user has no `UserFSM`."""

    FLOOR = "floor"
    """The note of what was archived of a user was changed."""

    CHECKPOINT = "checkpoint"
    """A checkpoint is not genuine, or the records are not those that it covers."""

    ARCHIVE = "archive"
    """An archive is not genuine or not whole, or the note of it is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where."""

    kind: Kind
    message: str
    user_id: Any = None
    username: str = ""
    sequence: int | None = None
    """The record that it concerns, by its sequence; of missing ones the first. None where it is no single one."""

    def __str__(self) -> str:
        whose = f"{self.username or 'user'} ({self.user_id})" if self.user_id is not None else "the record"
        number = f" #{self.sequence}" if self.sequence is not None else ""
        return f"{self.kind}: {whose}{number}: {self.message}"


UNTRUE = {
    Verdict.FORGED: (Kind.EDITED, "the signature does not fit what the record says"),
    Verdict.UNSIGNED: (Kind.UNSIGNED, "the record carries no signature"),
    Verdict.UNKNOWN_KEY: (Kind.UNKNOWN_KEY, "the record is signed by a key that AUDIT_SIGNING_KEYS does not have"),
}


def check_records(rows: Iterable[Row], start: Start = NOTHING_BEFORE) -> Iterator[Finding]:
    """Check one user's records, given in order of sequence: each is genuine and follows from the one before."""
    before: Row | None = None
    for row in rows:
        verdict = judge(row.message, row.signature)
        if verdict is not Verdict.GENUINE:
            yield _concerning(row.facts, *UNTRUE[verdict])
        if before is None:
            start = _beginning(row, start)
        yield from _check_place(row, start, before)
        if before:
            yield from _check_order(row, before)
        start, before = Start(row.facts.sequence, row.facts.end_state), row


def _beginning(row: Row, start: Start) -> Start:
    """Where the records go on from whose first is this one, given where they should."""
    without_birth = start == NOTHING_BEFORE and row.facts.sequence == 1 and is_of_format_1(row.signature)
    goes_back = row.facts.sequence <= start.sequence  # not all that may go into the archive has gone
    adopted = start == NOTHING_BEFORE and is_adoption(row.facts)
    if without_birth or goes_back:
        return Start(row.facts.sequence - 1, None)
    return Start(row.facts.sequence - 1, "") if adopted else start


def check_account(account: Account) -> Iterator[Finding]:
    """Check that a user's state, version and `is_active` are what the last record says."""
    whose = account.user_id, account.username
    if account.state is None or account.version is None:
        yield Finding(Kind.NO_STATE, "the user has no UserFSM", *whose)
        return
    if account.last_sequence is None:
        yield Finding(Kind.NO_BIRTH, f"the account is {account.state}, but there is no record of it", *whose)
    else:
        yield from _check_against_last_record(account, account.last_sequence, account.version)
    if account.is_active != (account.state == State.ACTIVE):
        message = f"is_active is {account.is_active}, but the state is {account.state}"
        yield Finding(Kind.IS_ACTIVE, message, *whose)


def _check_against_last_record(account: Account, last: int, version: int) -> Iterator[Finding]:
    whose = account.user_id, account.username
    if version != last:
        message = f"the version is {version}, but the last record is {last}"
        yield Finding(Kind.VERSION, message, *whose, min(last, version) + 1)
    if account.state != account.last_state:
        message = f"the state is {account.state}, but the last record ended in {account.last_state or 'its death'}"
        yield Finding(Kind.STATE, message, *whose, last)
    elif not is_of_format_1(account.last_signature or "") and account.locked_until != account.last_locked_until:
        message = f"the lock ends {account.locked_until}, but the last record says {account.last_locked_until}"
        yield Finding(Kind.LOCKED_UNTIL, message, *whose, last)


def _check_place(row: Row, start: Start, before: Row | None) -> Iterator[Finding]:
    facts = row.facts
    if facts.sequence > start.sequence + 1:
        first, last = start.sequence + 1, facts.sequence - 1
        gone = f"record {first} is missing" if first == last else f"records {first} to {last} are missing"
        yield Finding(Kind.MISSING, gone, facts.user_id, facts.username, first)
    elif facts.sequence <= start.sequence:
        yield _concerning(facts, Kind.OUT_OF_ORDER, "there is another record of this sequence")
    elif start.state is not None and facts.start_state != start.state and not _is_new_life(row, before):
        message = f"the record starts in {facts.start_state}, but the one before ended in {start.state}"
        yield _concerning(facts, Kind.NOT_FOLLOWING, message)


def _is_new_life(row: Row, before: Row | None) -> bool:
    """Whether somebody got the key of a person who died when deaths were not recorded yet."""
    return row.facts.start_state == "" and (before is None or is_of_format_1(before.signature))


def _check_order(row: Row, before: Row) -> Iterator[Finding]:
    if row.id < before.id:
        yield _concerning(row.facts, Kind.OUT_OF_ORDER, f"its key {row.id} is lower than that of the one before")
    moment: datetime = row.facts.datetime
    if moment < before.facts.datetime - CLOCK_SKEW:
        yield _concerning(row.facts, Kind.OUT_OF_ORDER, f"its time {moment} is before that of the one before")


def _concerning(facts: Facts, kind: Kind, message: str) -> Finding:
    return Finding(kind, message, facts.user_id, facts.username, facts.sequence)
