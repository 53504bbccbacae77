"""The checks of records and accounts: functions of rows, which know no database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from audit.integrity.signed.adoption import is_adoption
from audit.integrity.signed.facts import (
    NOTHING_BEFORE,
    Account,
    Facts,
    Row,
    Start,
    Unreadable,
    canonical,
    is_of_format_1,
)
from audit.integrity.signed.findings import Finding, Kind
from audit.integrity.signed.signing import Verdict, judging
from users.states import State

CLOCK_SKEW = timedelta(seconds=5)
"""The tolerated difference between the clocks of two servers. Times are signed, so nothing else can set them back."""

UNTRUE = {
    Verdict.FORGED: (Kind.EDITED, "the signature does not match the record"),
    Verdict.UNSIGNED: (Kind.UNSIGNED, "the record has no signature"),
    Verdict.UNKNOWN_KEY: (Kind.UNKNOWN_KEY, "the record is signed with a key that is not in AUDIT_SIGNING_KEYS"),
}


def check_records(rows: Iterable[Row | Unreadable], start: Start = NOTHING_BEFORE) -> Iterator[Finding]:
    """Check that each of a user's records, in order of sequence, is genuine and follows from the one before."""
    before: Row | None = None
    last, state = start
    judge = judging()
    for row in rows:
        if isinstance(row, Unreadable):
            yield unreadable(row)
            last, state, before = row.sequence, None, None
            continue
        verdict = judge(row.message, row.signature)
        if verdict is not Verdict.GENUINE:
            yield replace(_concerning(row.facts, *UNTRUE[verdict]), item=_item(row, sha256(row.message).hexdigest()))
        if before is None:
            last, state = _beginning(row, Start(last, state))
        facts = row.facts
        # Checked here, because almost every record is in its place, and a call for each of millions would take long.
        if facts.sequence != last + 1 or facts.start_state != state:
            yield from _check_place(row, Start(last, state), before)
        if before and (row.id < before.id or facts.datetime < before.facts.datetime):
            yield from _check_order(row, before)
        last, state, before = facts.sequence, facts.end_state, row


def _beginning(row: Row, start: Start) -> Start:
    """Return the start of records that begin with this one, given the expected start."""
    without_birth = start == NOTHING_BEFORE and row.facts.sequence == 1 and is_of_format_1(row.signature)
    goes_back = row.facts.sequence <= start.sequence  # some records that may be archived are still here
    adopted = start == NOTHING_BEFORE and is_adoption(row.facts)
    if without_birth or goes_back:
        return Start(row.facts.sequence - 1, None)
    return Start(row.facts.sequence - 1, "") if adopted else start


def check_account(account: Account) -> Iterator[Finding]:
    """Check that a user's state, version and `is_active` agree with the last record."""
    whose = account.user_id, account.username
    if account.why_unreadable or not isinstance(account.version, int | None):
        why = account.why_unreadable or f"its version is {account.version!r}"
        yield Finding(Kind.UNREADABLE, f"the account cannot be read: {why}", *whose)
        return
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
        item = canonical("version", str(account.user_id), version, last).decode()
        yield Finding(Kind.VERSION, message, *whose, min(last, version) + 1, item=item)
    if account.state != account.last_state:
        message = f"the state is {account.state}, but the last record ended in {account.last_state or 'its death'}"
        item = canonical("state", str(account.user_id), account.state, last, account.last_state).decode()
        yield Finding(Kind.STATE, message, *whose, last, item=item)
    elif not is_of_format_1(account.last_signature or "") and account.locked_until != account.last_locked_until:
        message = f"the lock ends {account.locked_until}, but the last record says {account.last_locked_until}"
        yield Finding(Kind.LOCKED_UNTIL, message, *whose, last)
    if version == last and account.changed_at not in (None, account.last_moment):
        message = (
            f"the state is said to be from {account.changed_at}, but the last record is from {account.last_moment}"
        )
        yield Finding(Kind.CHANGED_AT, message, *whose, last)


def _check_place(row: Row, start: Start, before: Row | None) -> Iterator[Finding]:
    facts = row.facts
    if facts.sequence > start.sequence + 1:
        yield missing(facts.user_id, facts.username, start.sequence + 1, facts.sequence - 1)
    elif facts.sequence <= start.sequence:
        yield _concerning(facts, Kind.OUT_OF_ORDER, "there is another record of this sequence")
    elif start.state is not None and facts.start_state != start.state and not _is_new_life(row, before):
        message = f"the record starts in {facts.start_state}, but the one before ended in {start.state}"
        yield replace(_concerning(facts, Kind.NOT_FOLLOWING, message), item=_item(row, start.state))


def _is_new_life(row: Row, before: Row | None) -> bool:
    """Whether the key was reused after a deletion from before deaths were recorded."""
    return row.facts.start_state == "" and (before is None or is_of_format_1(before.signature))


def _check_order(row: Row, before: Row) -> Iterator[Finding]:
    if row.id < before.id:
        yield _concerning(row.facts, Kind.OUT_OF_ORDER, f"its key {row.id} is lower than that of the one before")
    moment: datetime = row.facts.datetime
    if moment < before.facts.datetime - CLOCK_SKEW:
        finding = _concerning(row.facts, Kind.OUT_OF_ORDER, f"its time {moment} is before that of the one before")
        yield replace(finding, moments=(moment, before.facts.datetime))


def missing(user_id: Any, username: str, first: int, last: int) -> Finding:
    """Return the finding that these records of a user are missing."""
    gone = f"record {first} is missing" if first == last else f"records {first} to {last} are missing"
    item = canonical("missing", str(user_id), first, last).decode()
    return Finding(Kind.MISSING, gone, user_id, username, first, item=item)


def no_death(row: Row) -> Finding:
    """Return the finding that a user is gone whose last record is this one."""
    message = f"the account was {row.facts.end_state} and is gone, and no record says that it was deleted"
    return replace(_concerning(row.facts, Kind.NO_DEATH, message), item=_item(row, "gone"))


def unreadable(row: Unreadable) -> Finding:
    """Return the finding that this record cannot be read. It can be declared."""
    item = canonical("unreadable", str(row.user_id), row.sequence, row.id).decode()
    message = f"the record cannot be read: {row.why}"
    return Finding(Kind.UNREADABLE, message, row.user_id, row.username, row.sequence, item=item)


def _item(row: Row, *what: str) -> str:
    return canonical("record", str(row.facts.user_id), row.facts.sequence, row.signature, *what).decode()


def _concerning(facts: Facts, kind: Kind, message: str) -> Finding:
    return Finding(kind, message, facts.user_id, facts.username, facts.sequence)
