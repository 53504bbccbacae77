"""What a record says, and the one form of it that is signed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, NamedTuple


class Facts(NamedTuple):
    """All that a record says, named as the columns are; everything but its key and its signature."""

    user_id: Any
    username: str
    sequence: int
    transition: str
    start_state: str
    end_state: str
    datetime: datetime
    actor_id: Any
    initiated_by: str
    description: str
    ip_address: str
    user_agent: str
    request_id: str


class Row(NamedTuple):
    """A record as verification reads it."""

    facts: Facts
    message: bytes
    """The canonical form of the facts."""

    signature: str
    id: int


class Start(NamedTuple):
    """Where the records of a user go on from: the last one that is not among them."""

    sequence: int
    state: str | None
    """The state in which that one ended; None where it is not known."""


class Account(NamedTuple):
    """A user's state and last record, read in one moment; what there is none of is None."""

    user_id: Any
    username: str
    is_active: bool
    state: str | None
    version: int | None
    last_sequence: int | None
    last_state: str | None


NOTHING_BEFORE = Start(0, None)


facts_of: Callable[[Any], tuple[Any, ...]] = attrgetter(*Facts._fields)
"""The values of `Facts`, in their order, of a record."""

_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def canonical(kind: str, *values: str | int | None) -> bytes:
    """
    The bytes that stand for these values: a JSON array in ASCII without spaces, that begins with `kind`.

    `kind` keeps apart what is signed with the same key, so that no signature can be moved from one thing to another.
    """
    return _encode((kind, *values)).encode("ascii")


def canonical_record(facts: Sequence[Any]) -> bytes:
    """
    The bytes that stand for a record, given the values of `Facts` in their order.

    They depend on no database, time zone or version of Django: keys are text, whatever the type of the user's key is,
    and the time is UTC with microseconds. This is format 1 of docs/evidence.md, and never changes.
    """
    user_id, username, sequence, transition, start, end, moment, actor_id, *texts = facts
    return canonical(
        "record",
        str(user_id),
        username,
        sequence,
        transition,
        start,
        end,
        canonical_moment(moment),
        None if actor_id is None else str(actor_id),
        *texts,
    )


def canonical_moment(moment: datetime) -> str:
    """A moment as `2026-01-31T23:59:59.000001+00:00`, whatever the time zone in which it is given."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
