"""
Keyed signatures: HMAC-SHA-256 over the canonical form, by the newest of `AUDIT_SIGNING_KEYS`.

A signature reads `2.<key>.<mac>`: the format, eight digits that name the key without giving it away, and the HMAC, both
in hexadecimal. Older keys stay in the setting after a rotation, and what they signed stays verifiable.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import Protocol

from django.utils.crypto import constant_time_compare, salted_hmac

from audit import conf

FORMAT = "2"
KNOWN_FORMATS = ("1", "2")
"""Of which the first is read and verified, and not written any more."""
SALT = "audit.integrity"
KEY_ID_LENGTH = 8


class Verdict(Enum):
    """What a signature says about what it stands under."""

    GENUINE = "genuine"
    """Whoever signed had the key, and nothing has changed since."""

    UNSIGNED = "unsigned"
    """There is none."""

    UNKNOWN_KEY = "unknown key"
    """It names a key that is not in `AUDIT_SIGNING_KEYS`; nothing can be said."""

    FORGED = "forged"
    """It does not fit, or is no signature at all."""


class _Mac(Protocol):
    def copy(self) -> _Mac: ...
    def update(self, msg: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


def signature(message: bytes) -> str:
    """The signature under these bytes, by the newest key."""
    key_id, mac = next(iter(_keys(conf.signing_keys()).items()))
    return f"{FORMAT}.{key_id}.{_hexdigest(mac, message)}"


def judge(message: bytes, claimed: str) -> Verdict:
    """Hold a signature against the bytes under which it stands."""
    if not claimed:
        return Verdict.UNSIGNED
    version, _, rest = claimed.partition(".")
    key_id, _, digest = rest.partition(".")
    if version not in KNOWN_FORMATS or len(key_id) != KEY_ID_LENGTH:
        return Verdict.FORGED
    mac = _keys(conf.signing_keys()).get(key_id)
    if mac is None:
        return Verdict.UNKNOWN_KEY
    return Verdict.GENUINE if constant_time_compare(_hexdigest(mac, message), digest) else Verdict.FORGED


@lru_cache(maxsize=8)
def _keys(secrets: tuple[str, ...]) -> dict[str, _Mac]:
    # Deriving a key costs as much as signing with it: done once a key, and copied for each message.
    return {_key_id(secret): salted_hmac(SALT, b"", secret=secret, algorithm="sha256") for secret in secrets}


def _key_id(secret: str) -> str:
    return salted_hmac(f"{SALT}.key", b"", secret=secret, algorithm="sha256").hexdigest()[:KEY_ID_LENGTH]


def _hexdigest(keyed: _Mac, message: bytes) -> str:
    mac = keyed.copy()
    mac.update(message)
    return mac.hexdigest()
