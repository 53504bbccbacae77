"""
Signatures: HMAC-SHA-256 over the canonical form, with the newest of `AUDIT_SIGNING_KEYS`.

A signature has the form `2.<key>.<mac>`: the format, eight hexadecimal digits that identify the key without revealing
it, and the HMAC in hexadecimal. Older keys stay in the setting after a rotation, so that their signatures stay
verifiable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from functools import lru_cache, partial
from hmac import compare_digest
from typing import Protocol

from django.utils.crypto import salted_hmac

from audit.conf import conf

FORMAT = "2"
KNOWN_FORMATS = ("1", "2")
"""The first one is read and verified, but no longer written."""
SALT = "audit.integrity"
KEY_ID_LENGTH = 8
_HEAD = re.compile(rf"[{''.join(KNOWN_FORMATS)}]\.[^.]{{{KEY_ID_LENGTH}}}", re.DOTALL)


class Verdict(Enum):
    """The result of verifying a signature; its value is what is said of the thing that is signed."""

    GENUINE = "is genuine"
    """It matches: somebody with the key signed exactly this."""

    UNSIGNED = "is not signed"
    """The signature is missing."""

    UNKNOWN_KEY = "is signed with a key that is not in AUDIT_SIGNING_KEYS"
    """It cannot be verified: the key was removed too early, or somebody has made it up."""

    FORGED = "is not genuine"
    """It does not match, or is not a signature."""


class _Mac(Protocol):
    def copy(self) -> _Mac: ...
    def update(self, msg: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


def signature(message: bytes) -> str:
    """Sign these bytes with the newest key."""
    head, mac = next(iter(_keys(conf.signing_keys).items()))
    return f"{head}.{_hexdigest(mac, message)}"


def judge(message: bytes, claimed: object) -> Verdict:
    """Verify a signature of these bytes. SQLite may have something other than text in its place."""
    return judging()(message, claimed)


def judging() -> Callable[[bytes, object], Verdict]:
    """Return `judge` with the current keys, for many messages."""
    return partial(_judge, _keys(conf.signing_keys))


def _judge(keys: Mapping[str, _Mac], message: bytes, claimed: object) -> Verdict:
    if not claimed:
        return Verdict.UNSIGNED
    if not isinstance(claimed, str):
        return Verdict.FORGED
    head, _, digest = claimed.rpartition(".")
    mac = keys.get(head)
    if mac is None:
        return Verdict.UNKNOWN_KEY if _HEAD.fullmatch(head) else Verdict.FORGED
    matches = digest.isascii() and compare_digest(_hexdigest(mac, message), digest)
    return Verdict.GENUINE if matches else Verdict.FORGED


@lru_cache(maxsize=8)
def _keys(secrets: tuple[str, ...]) -> dict[str, _Mac]:
    # Deriving a key costs as much as signing, so it is done once per key and copied for each message.
    macs = {_key_id(secret): salted_hmac(SALT, b"", secret=secret, algorithm="sha256") for secret in secrets}
    return {f"{known}.{key_id}": mac for known in (FORMAT, *KNOWN_FORMATS) for key_id, mac in macs.items()}


def _key_id(secret: str) -> str:
    return salted_hmac(f"{SALT}.key", b"", secret=secret, algorithm="sha256").hexdigest()[:KEY_ID_LENGTH]


def _hexdigest(keyed: _Mac, message: bytes) -> str:
    mac = keyed.copy()
    mac.update(message)
    return mac.hexdigest()
