"""What a record says, and the one form of it that is signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from operator import attrgetter
from secrets import token_urlsafe
from typing import Any, NamedTuple

from django.utils import timezone

FIELDS_OF_FORMAT_1 = 13
"""How many of `Facts` format 1 has, and signs."""

ERASED = "="
"""What a salt begins with that has given way to the digest it was for; no salt of ours begins so."""

SEAL_LENGTH = 65
"""Of a salt or, after an erasure, of `ERASED` and a digest."""


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
    # Format 1 ends here.
    cause: str = ""
    locked_until: datetime | None = None
    actor_kind: str = ""
    impersonator_id: Any = None
    impersonator_name: str = ""
    details: Mapping[str, Any] | None = None
    person_salt: str = ""
    actor_salt: str = ""


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
    locked_until: datetime | None = None
    last_locked_until: datetime | None = None
    last_signature: str | None = None


NOTHING_BEFORE = Start(-1, "")
"""A user's records begin with the birth, which has sequence 0."""


_values_of = attrgetter(*Facts._fields)


def facts_of(record: Any) -> Facts:
    """What a record says, by the names of its columns."""
    return Facts._make(_values_of(record))


_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def canonical(kind: str, *values: str | int | None) -> bytes:
    """
    The bytes that stand for these values: a JSON array in ASCII without spaces, that begins with `kind`.

    `kind` keeps apart what is signed with the same key, so that no signature can be moved from one thing to another.
    """
    return _encode((kind, *values)).encode("ascii")


def message_of(facts: Facts, signature: str) -> bytes:
    """The bytes under which this signature stands, by the format that it names."""
    if is_of_format_1(signature):
        return _format_1(facts)
    return _format_2(facts)


def is_of_format_1(signature: str) -> bool:
    """Whether a record with this signature was written before births, causes and erasures were recorded."""
    return signature.startswith("1.")


def _format_1(facts: Facts) -> bytes:
    """
    Format 1 of docs/evidence.md, which is read and verified but not written any more.

    It covers nothing of what came with format 2: a record that has any of that cannot be of this format.
    """
    added = Facts(*facts[:FIELDS_OF_FORMAT_1])
    if (facts._replace(details=facts.details or None)) != added:
        return canonical("not a record of format 1")
    user_id, username, sequence, transition, start, end, moment, actor_id, *texts = facts[:FIELDS_OF_FORMAT_1]
    where = (sequence, transition, start, end, canonical_moment(moment))
    return canonical("record", str(user_id), username, *where, _key(actor_id), *texts)


def _format_2(facts: Facts) -> bytes:
    """
    Format 2 of docs/evidence.md: what is personal is signed through two digests, so that it can be erased.

    The bytes depend on no database, time zone or version of Django: keys are text, whatever the type of the user's key
    is, and times are UTC.
    """
    return canonical(
        "record 2",
        str(facts.user_id),
        facts.sequence,
        facts.transition,
        facts.cause,
        facts.start_state,
        facts.end_state,
        canonical_moment(facts.datetime),
        None if facts.locked_until is None else canonical_moment(facts.locked_until),
        _key(facts.actor_id),
        facts.actor_kind,
        _key(facts.impersonator_id),
        facts.request_id,
        person_digest(facts),
        actor_digest(facts),
    )


def person_digest(facts: Facts) -> str:
    """SHA-256, in hexadecimal, over what is personal of the account's owner."""
    texts = (facts.username, facts.description, canonical_details(facts.details))
    return _digest("person", facts.person_salt, *texts)


def actor_digest(facts: Facts) -> str:
    """SHA-256, in hexadecimal, over what is personal of whoever acted."""
    texts = (facts.initiated_by, facts.impersonator_name, facts.ip_address, facts.user_agent)
    return _digest("actor", facts.actor_salt, *texts)


def new_salt() -> str:
    """128 random bits, without which a digest could be found again by trying names and addresses."""
    return token_urlsafe(16)


def sealed(digest: str) -> str:
    """What stands in the place of a salt once what it was for is erased."""
    return ERASED + digest


def is_sealed(salt: str) -> bool:
    """Whether the texts that this salt was for are erased."""
    return salt.startswith(ERASED)


def _digest(kind: str, salt: str, *texts: str) -> str:
    if is_sealed(salt):
        return salt.removeprefix(ERASED)
    return sha256(canonical(kind, salt, *texts)).hexdigest()


def _key(key: Any) -> str | None:
    return None if key is None else str(key)


def canonical_details(details: Mapping[str, Any] | None) -> str:
    """The details as JSON in ASCII without spaces, with sorted keys: databases keep the order of none."""
    return json.dumps(details or {}, ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def canonical_moment(moment: datetime) -> str:
    """
    A moment as `2026-01-31T23:59:59.001000+00:00`, whatever the time zone in which it is given.

    Without one, as where `USE_TZ` is off, it is in that of the settings.
    """
    if timezone.is_naive(moment):
        moment = moment.replace(tzinfo=timezone.get_default_timezone())
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
