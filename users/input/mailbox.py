"""
Email addresses as they are kept and looked for.

THE NORMAL FORM. The domain is in lower case and, where it is international, in the ASCII form of IDNA 2008, in which
browsers send what people type; the part before the @ is as the user model's manager leaves it. Python's own codec knows
IDNA 2003 alone, for which faß.de is fass.de, somebody else's domain.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import idna
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, validate_email
from django.db import connections
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from users.conf import conf

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

TAKEN = _("An account with this address already exists.")
INVISIBLE = _("This address contains a character that cannot be seen. Type it by hand.")
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})


def normal_form(address: str) -> str:
    """
    Return the normal form of this address, or an empty text if there is none.

    Raises `ValidationError` for a text that is no address, and for invisible characters, which would make a second
    address that looks like the first one.
    """
    address = address.strip()
    if not address:
        return ""
    if any(unicodedata.category(character) in _UNSEEN for character in address if character != " "):
        raise ValidationError(INVISIBLE, code="invisible")
    local, at, domain = address.rpartition("@")
    # Quoted, it could hold a comma and be read as two addresses. Of other letters Django lets only those pass that are
    # an ASCII letter in the other case, as a long s is: a second address that looks like the first one.
    if not at or '"' in local or not local.isascii():
        raise ValidationError(EmailValidator.message, code="invalid")
    normal = by_manager(f"{local}@{_ascii(domain)}")
    validate_email(normal)
    return normal


def by_manager(address: str) -> str:
    """Return the address as the user model's manager would store it."""
    normalize = getattr(get_user_model()._default_manager, "normalize_email", None)
    return str(normalize(address)) if normalize else address


def readable(address: str) -> str:
    """The address with its domain as people write it."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{idna.decode(domain)}" if "xn--" in domain else address
    except idna.IDNAError:
        return address


def is_same(one: str, other: str) -> bool:
    """Whether these are the same mailbox in two spellings. A text that is no address is the same only as itself."""
    try:
        return one == other or normal_form(one).lower() == normal_form(other).lower()
    except ValidationError:
        return False


@cache
def has_addresses() -> bool:
    """Whether the user model has a column of addresses."""
    model = get_user_model()
    return model.get_email_field_name() in {field.name for field in model._meta.concrete_fields}


def having(address: str, prefix: str = "") -> Q:
    """
    Return the condition for users with this mailbox, in whichever form it is stored. It selects nobody if the text is
    no address, or if the user model has no addresses.
    """
    try:
        normal = normal_form(address)
    except ValidationError:
        return Q(pk__in=[])
    if not normal or not has_addresses():
        return Q(pk__in=[])
    field = f"{prefix}{get_user_model().get_email_field_name()}__iexact"
    return Q(**{field: normal}) | Q(**{field: readable(normal)})


def is_taken(user: User, *, using: str) -> bool:
    """
    Return whether another account has this user's mailbox, and may not share it.

    Inside a transaction, everybody else who asks for the same mailbox waits for its end: of two accounts that want
    one at the same moment, one gets it. An account that shares a mailbox already keeps it.
    """
    owners = _owners(user, using)
    return bool(owners) and user.pk not in owners


def is_of_others(user: User, *, using: str) -> bool:
    """Return the same for a user who has just been saved, and is one of the owners. Call it in that transaction."""
    return bool(_owners(user, using) - {user.pk})


def _owners(user: User, using: str) -> set[Any]:
    """The keys of the accounts with this user's mailbox, for whose end others wait; nobody where people may share."""
    address = getattr(user, user.get_email_field_name(), "") or ""
    if conf.shared_mailboxes or not address:
        return set()
    _wait_for_others(address, using)
    return set(type(user)._base_manager.using(using).filter(having(address)).values_list("pk", flat=True))


def _wait_for_others(address: str, using: str) -> None:
    """On PostgreSQL. SQLite lets one transaction write at a time anyway."""
    connection = connections[using]
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        digest = blake2b(address.lower().encode("utf-8", "replace"), digest_size=8).digest()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest, "big", signed=True)])


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise ValidationError(EmailValidator.message, code="invalid") from error
