"""The fields of the project's user model, and the features that are off if it lacks one."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from users.input import mailbox
from users.input.text import is_storable
from users.lifecycle import assignment

NEEDED_FOR = {
    "is_superuser": "the protection of the last active superuser",
    "groups": "the groups that the settings name, and `transition --group`",
    "date_joined": "the dormancy of accounts that were never used",
    "email": "emails, invitations and unlock links",
    "last_login": "the last login in the list of people",
    "password": "links to reset or to choose a password",
}
"""The fields that a user model may lack, and the features that are off without each."""


@cache
def has_field(name: str) -> bool:
    """Whether the user model has a field of this name; `email` stands for whatever its field is called."""
    if name == "email":
        return mailbox.has_addresses()
    return name in {field.name for field in get_user_model()._meta.get_fields()}


def address_is_name() -> bool:
    """Whether people log in with their address, as the name of their account."""
    model = get_user_model()
    return bool(has_field("email") and model.get_email_field_name() == model.USERNAME_FIELD)


def required_fields() -> list[Any]:
    """Return the fields that must be given for a new user beside name, address and password, such as a day of birth."""
    model = get_user_model()
    given = {model.USERNAME_FIELD, "username", "password", assignment.NAME}
    if has_field("email"):
        given.add(model.get_email_field_name())
    return [field for field in model._meta.concrete_fields if _must_be_given(field) and field.name not in given]


def may_be_missing(user: Any) -> set[str]:
    """
    Return the fields without a value that this new user can be saved without, though forms may ask for them: columns
    that can be empty, such as the time of a deletion, and keys to a parent's table, which `save()` fills.
    """
    fields = user._meta.concrete_fields
    empty = {field for field in fields if getattr(user, field.attname) is None}
    return {field.name for field in empty if field.null or _is_parent_link(field)}


def _must_be_given(field: Any) -> bool:
    if field.blank or field.null or not field.editable or field.auto_created or _is_parent_link(field):
        return False
    return not (field.generated or field.has_default() or field.has_db_default())


def _is_parent_link(field: Any) -> bool:
    return bool(field.remote_field and field.remote_field.parent_link)


def login_name(user: Any) -> str:
    """Return the user's name as text; in some models it is a number."""
    return str(user.get_username())


def has_password(user: Any) -> bool:
    """
    Whether the user has a password, or a model without passwords, whose people log in another way.

    To Django, an empty column, as of a user made without a password, is a usable one.
    """
    return not has_field("password") or (bool(user.password) and bool(user.has_usable_password()))


def has_way_in(user: Any) -> bool:
    """Whether the user has a password, or an address to which a link to choose one can be sent."""
    return has_password(user) or bool(has_field("email") and getattr(user, user.get_email_field_name()))


def without_way_in(prefix: str) -> Q:
    """Return the condition for users without a way in, as `has_way_in` says it of one."""
    if not has_field("password"):
        return Q(pk__in=())
    none = Q(**{f"{prefix}password": ""}) | Q(**{f"{prefix}password__startswith": UNUSABLE_PASSWORD_PREFIX})
    if not has_field("email"):
        return none
    address = f"{prefix}{get_user_model().get_email_field_name()}"
    return none & (Q(**{address: ""}) | Q(**{address: None}))


def called(username: str, *, using: str) -> QuerySet[Any]:
    """Return the users with this name, also those whom a manager hides; several where names are not unique."""
    model, value = get_user_model(), as_name(username)
    users = model._base_manager.using(using)
    return users.none() if value is None else users.filter(**{model.USERNAME_FIELD: value}).order_by("pk")


def as_name(text: str) -> Any:
    """Return the value of the username field for this text, such as a number; None if the field cannot hold it."""
    model = get_user_model()
    if not is_storable(text):
        return None
    try:
        return model._meta.get_field(model.USERNAME_FIELD).to_python(text)  # type: ignore[union-attr]  # not of a relation
    except (ValidationError, ValueError, OverflowError):
        return None


def is_superuser(user: Any) -> bool:
    """Whether this is a superuser. If the model has no superusers, nobody is."""
    return bool(getattr(user, "is_superuser", False))
