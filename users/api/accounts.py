"""Accounts as the API describes them, and the ways to find one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import Http404
from rest_framework.request import Request

from users import mail, operations
from users.api.conventions import problems
from users.api.conventions.numbers import number_in
from users.models import UserFSM
from users.operations import Facts, Operation
from users.rows.provisioning import provision
from users.rows.user_model import login_name
from users.signals import StateSince, state_since_wanted

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def key_of(text: str) -> Any:
    """The key of a user from a path; raises `Http404` for what cannot be one."""
    field = get_user_model()._meta.pk
    try:
        key = field.clean(text, None) if text.isprintable() else None
    except (ValidationError, ValueError, TypeError, OverflowError) as error:
        raise Http404 from error
    # Python reads "+1", " 1" and digits of other scripts as numbers too, and each person has one address.
    if key is None or (isinstance(key, int) and str(key) != text):
        raise Http404
    return key


def find(text: str) -> UserFSM:
    """The account of the user with this key; raises `Http404`."""
    key = key_of(text)
    fsm = UserFSM.objects.select_related("user").filter(user_id=key).first()
    if fsm is None:
        user = get_user_model()._base_manager.filter(pk=key).first()
        if user is None:
            raise Http404
        provision([user], using=UserFSM.objects.db)
        fsm = UserFSM.objects.select_related("user").get(user_id=key)
    return fsm


def path_name(operation: Operation) -> str:
    """The operation's name in paths."""
    return operation.name.replace("_", "-")


def brief(fsm: UserFSM) -> dict[str, Any]:
    """Return the response to a change: the account as it is now."""
    return {
        "id": str(fsm.user_id),
        "username": login_name(fsm.user),
        "state": fsm.current_state,
        "version": fsm.version,
        "locked_until": fsm.locked_until,
    }


def described(fsm: UserFSM, *, by: User) -> dict[str, Any]:
    """Describe the whole account: its state, since when and why, and what this caller may do now."""
    known = _state_since(fsm)
    return {
        **brief(fsm),
        "email": mail.address_of(fsm.user),
        "since": known.since if known else None,
        "cause": known.cause if known else "",
        "reason": known.reason if known else "",
        "operations": [path_name(each) for each in operations.offered(Facts(fsm, by=by))],
    }


def etag(fsm: UserFSM) -> str:
    """The entity tag of an account is its version."""
    return f'"{fsm.version}"'


def expected_versions(request: Request) -> frozenset[int] | None:
    """
    The versions that `If-Match` names; None without the header, and for `*`. Raises 412 if it names none.

    A weak tag is taken as a strong one, because proxies that compress responses weaken tags on their way.
    """
    text = request.headers.get("If-Match", "*").strip()
    if text == "*":
        return None
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in text.split(","))
    versions = frozenset(number for tag in tags if (number := number_in(tag)) is not None)
    if not versions:
        raise problems.changed_meanwhile(None)
    return versions


def _state_since(fsm: UserFSM) -> StateSince | None:
    """Ask the app that keeps the record since when the account has been in its state, and why."""
    answers: Any = state_since_wanted.send(UserFSM, using=fsm.database, user_ids=[fsm.user_id])
    return next((answer[fsm.user_id] for _, answer in answers if fsm.user_id in answer), None)
