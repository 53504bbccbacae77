"""The facts of a record, and the canonical form that is signed."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Mapping
from hashlib import sha256
from json.encoder import encode_basestring_ascii as _text
from operator import attrgetter
from secrets import token_urlsafe
from typing import Any, NamedTuple, Self

from django.db import DatabaseError, InterfaceError, OperationalError

from users.database import local_time

FIELDS_OF_FORMAT_1 = 13
"""The number of `Facts` that format 1 has and signs."""

ERASED = "="
"""The prefix of a salt that was replaced by its digest. No random salt begins with it."""

SEAL_LENGTH = 65
"""The length of a salt or, after an erasure, of `ERASED` and a digest."""


UNREADABLE = (DatabaseError, ValueError, TypeError, AttributeError, OverflowError, RecursionError)
"""The exceptions that drivers, Django and the canonical form raise for invalid values."""

TOO_COMPLEX = "54"
"""PostgreSQL's class of errors for values that exceed its limits."""


class Facts(NamedTuple):
    """Everything in a record except its key and its signature, named like the columns."""

    user_id: Any
    username: str
    sequence: int
    transition: str
    start_state: str
    end_state: str
    datetime: dt.datetime
    actor_id: Any
    initiated_by: str
    description: str
    ip_address: str
    user_agent: str
    request_id: str
    # Format 1 ends here.
    cause: str = ""
    locked_until: dt.datetime | None = None
    actor_kind: str = ""
    impersonator_id: Any = None
    impersonator_name: str = ""
    details: Mapping[str, Any] | None = None
    person_salt: str = ""
    actor_salt: str = ""


class Row(NamedTuple):
    """A record, as verification reads it."""

    facts: Facts
    message: bytes
    """The canonical form of the facts."""

    signature: str
    id: int


class Unreadable(NamedTuple):
    """A record in the database that nobody can read, for example because its time is `infinity`."""

    user_id: Any
    username: str
    sequence: int
    why: str
    id: int

    @property
    def facts(self) -> Self:
        """The user and sequence of a record, named like the facts of a row."""
        return self


class Start(NamedTuple):
    """The record before the first one of a user's records that are considered."""

    sequence: int
    state: str | None
    """The state in which it ended, or None if unknown."""


class Account(NamedTuple):
    """A user's state and last record, read at the same moment. Missing values are None."""

    user_id: Any
    username: str
    is_active: bool
    state: str | None
    version: int | None
    last_sequence: int | None
    last_state: str | None
    locked_until: dt.datetime | None = None
    last_locked_until: dt.datetime | None = None
    last_signature: str | None = None
    changed_at: dt.datetime | None = None
    last_moment: dt.datetime | None = None
    why_unreadable: str = ""


NOTHING_BEFORE = Start(-1, "")
"""The start of a user's records: the first one is the birth, with sequence 0."""


_values_of = attrgetter(*Facts._fields)


def is_outage(error: BaseException) -> bool:
    """
    Whether the database failed, and not the reading of a value: a lost connection, a lock, a cancelled statement.

    A standby cancels statements for which its replay would have to wait.
    """
    cause = error.__cause__
    if isinstance(cause, sqlite3.OperationalError):
        return hasattr(cause, "sqlite_errorcode")  # Python's module says the same of text that is not UTF-8
    is_too_complex = (getattr(cause, "sqlstate", None) or "").startswith(TOO_COMPLEX)
    return isinstance(error, (OperationalError, InterfaceError)) and not is_too_complex


def facts_of(record: Any) -> Facts:
    """Return the facts of a record, read by the names of its columns."""
    return Facts._make(_values_of(record))


_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
_encode_sorted = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode


def canonical(kind: str, *values: str | int | None) -> bytes:
    """
    Return these values as bytes: a JSON array in ASCII without spaces that begins with `kind`.

    `kind` separates things that are signed with the same key, so that no signature can be moved to a thing of another
    kind.
    """
    return _encode((kind, *values)).encode("ascii")


def message_of(facts: Facts, signature: str) -> bytes:
    """Return the bytes that this signature covers, in the format that it names."""
    if is_of_format_1(signature):
        return _format_1(facts)
    return _format_2(facts)


def is_of_format_1(signature: str) -> bool:
    """Whether this signature is of format 1, from before births, causes and erasures were recorded."""
    return signature.startswith("1.")


def _format_1(facts: Facts) -> bytes:
    """
    Format 1 of docs/evidence.md. It is read and verified, but no longer written.

    It covers none of the columns that came with format 2. A record with a value in one of them cannot be of format 1.
    """
    values: Any = facts[:FIELDS_OF_FORMAT_1]
    added = Facts(*values)
    if (facts._replace(details=facts.details or None)) != added:
        return canonical("not a record of format 1")
    user_id, username, sequence, transition, start, end, moment, actor_id, *texts = values
    where = (sequence, transition, start, end, canonical_moment(moment))
    return canonical("record", str(user_id), username, *where, _key(actor_id), *texts)


def _format_2(facts: Facts) -> bytes:
    """
    Format 2 of docs/evidence.md. Personal data is signed through two digests, so that it can be erased.

    The bytes do not depend on the database, the time zone or the version of Django: keys are text, whatever their type,
    and times are in UTC. This is `canonical`, written out because a verification does it millions of times. For this
    reason the facts become local names first.
    """
    user_id, username, sequence, transition, start_state, end_state, moment, actor_id, initiated_by = facts[:9]
    description, ip_address, user_agent, request_id, cause, locked_until, actor_kind = facts[9:16]
    impersonator_id, impersonator_name, details, person_salt, actor_salt = facts[16:]
    until = "null" if locked_until is None else f'"{canonical_moment(locked_until)}"'
    actor = "null" if actor_id is None else _text(str(actor_id))
    impersonator = "null" if impersonator_id is None else _text(str(impersonator_id))
    person_seal = _person_digest(person_salt, username, description, details)
    actor_seal = _actor_digest(actor_salt, initiated_by, impersonator_name, ip_address, user_agent)
    return (
        f'["record 2",{_text(str(user_id))},{sequence:d},{_text(transition)},{_text(cause)},'
        f'{_text(start_state)},{_text(end_state)},"{canonical_moment(moment)}",{until},{actor},'
        f"{_text(actor_kind)},{impersonator},{_text(request_id)},{_text(person_seal)},{_text(actor_seal)}]"
    ).encode("ascii")


def person_digest(facts: Facts) -> str:
    """Return SHA-256 in hexadecimal over the personal data of the account's owner."""
    return _person_digest(facts.person_salt, facts.username, facts.description, facts.details)


def actor_digest(facts: Facts) -> str:
    """Return SHA-256 in hexadecimal over the personal data of the actor."""
    names = facts.initiated_by, facts.impersonator_name
    return _actor_digest(facts.actor_salt, *names, facts.ip_address, facts.user_agent)


def new_salt() -> str:
    """Return 128 random bits. Without a salt, names and addresses could be found by trying digests."""
    return token_urlsafe(16)


def sealed(digest: str) -> str:
    """Return what replaces a salt when its personal data is erased."""
    return ERASED + digest


def is_sealed(salt: str) -> bool:
    """Whether the personal data of this salt is erased."""
    return salt.startswith(ERASED)


def is_erased(facts: Facts) -> bool:
    """Whether some personal data of this record is erased."""
    return facts.person_salt[:1] == ERASED or facts.actor_salt[:1] == ERASED


def _person_digest(salt: str, username: str, description: str, details: Mapping[str, Any] | None) -> str:
    told = _text(canonical_details(details)) if details else '"{}"'
    return _digest(salt, f'["person",{_text(salt)},{_text(username)},{_text(description)},{told}]')


def _actor_digest(salt: str, initiated_by: str, impersonator_name: str, ip_address: str, user_agent: str) -> str:
    names = f"{_text(initiated_by)},{_text(impersonator_name)}"
    return _digest(salt, f'["actor",{_text(salt)},{names},{_text(ip_address)},{_text(user_agent)}]')


def _digest(salt: str, text: str) -> str:
    return salt[1:] if salt[:1] == ERASED else sha256(text.encode("ascii")).hexdigest()


def _key(key: Any) -> str | None:
    return None if key is None else str(key)


def canonical_details(details: Mapping[str, Any] | None) -> str:
    """Return the details as JSON in ASCII without spaces. Keys are sorted: databases do not keep their order."""
    if not details:
        return "{}"
    return _encode_sorted(details)


def canonical_moment(moment: dt.datetime) -> str:
    """
    Return a time as `2026-01-31T23:59:59.001000+00:00`, whatever its time zone.

    A naive time (`USE_TZ` is off) is in the time zone of the settings.
    """
    return (moment if moment.tzinfo is dt.UTC else local_time.in_utc(moment)).isoformat("T", "microseconds")
