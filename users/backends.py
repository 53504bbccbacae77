"""The authentication backend: login needs the password and an active account."""

from __future__ import annotations

import logging
from contextlib import suppress
from copy import copy
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import get_hasher, identify_hasher, make_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from users import sessions
from users.actors import CLI
from users.conf import conf
from users.input import mailbox
from users.input.address import client_address
from users.input.text import is_storable
from users.login import address_limit, known_devices, lockout, this_request
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User  # whatever settings.AUTH_USER_MODEL is

logger = logging.getLogger("users.login")

LONGEST_INPUT = 4096
"""The maximum length of names and passwords, in characters."""


class StateBackend(ModelBackend):
    """
    Django's `ModelBackend`, but it checks the state and commits the outcome of each login through the lockout.

    To let people log in with something other than a username, override `find`; with passwords that something else
    keeps, such as a directory, `check_password`. Counting and the single answer stay as they are.

    Unknown and invalid names, and accounts that are locked, invited or deactivated, cost one hash like a wrong password
    and get the same answer. The password of a closed account is not checked at all, so nothing about it can be seen.
    The exception is an automatic lock and a known device; see `users.login.known_devices`.
    """

    @sensitive_variables("password")
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the user with this name and password, or None. Wrong passwords are counted."""
        if username is None:  # packages name the argument after the field of the user model
            fields = (get_user_model().USERNAME_FIELD, *conf.login_fields)
            username = next((kwargs[field] for field in fields if kwargs.get(field) is not None), None)
        if username is None or password is None:
            return None  # credentials for another backend
        request = this_request.of(request)
        user = self.find(username) if _is_readable(password) else None
        is_open = user is not None and not _disagrees(user) and lockout.is_open(user.fsm)
        if user is None or not (is_open or known_devices.may_try(request, user.fsm)):
            if user is None:
                # Without the name: people type their password there.
                logger.warning("failed login with an unknown name, from %s", _origin(request))
            make_password("nobody's")  # takes as long as checking a password
            return None
        is_right = self.check_password(user, password)
        if is_right:
            return user if self._admit(request, user) else None
        if is_right is None:
            logger.error("the password of an account could not be checked")
        elif is_open:
            lockout.count_failure(user.fsm, address=client_address(request) if request else "")
        return None

    def _admit(self, request: HttpRequest | None, user: User) -> bool:
        """Whether the right password lets the person in at this moment."""
        fsm, place = user.fsm, address_limit.place_of(request)
        if fsm.locked_by_failed_logins or (place and place.database != fsm.database):
            if _has_to_wait(request):
                return False
            place = None
        if fsm.locked_by_failed_logins and not known_devices.open_lock(fsm):
            return False
        if lockout.admit(fsm, place=place):
            return True
        if place:
            _has_to_wait(request)  # simultaneous guesses may have exceeded the limit
        return False

    # Django's asynchronous methods duplicate the synchronous ones.
    @sensitive_variables("password")
    async def aauthenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The asynchronous version of `authenticate`."""
        return await sync_to_async(self.authenticate)(request, username=username, password=password, **kwargs)

    def find(self, username: str) -> User | None:
        """
        Return the account with this name, with its state in one query, or None. To be overridden for other names.

        By default the manager's `get_by_natural_key` finds it. With `USERS_LOGIN_FIELDS`, the first field that matches
        exactly one account decides. Fields other than the username ignore case.
        """
        if not _is_readable(username):
            return None
        fields = conf.login_fields or [get_user_model().USERNAME_FIELD]
        return next(filter(None, (_found_by(field, username) for field in fields)), None)

    def check_password(self, user: User, password: str) -> bool | None:
        """
        Whether this is the person's password. To be overridden for passwords that something else keeps.

        None if that is not known, because a directory does not answer: then the login fails, and no wrong password
        counts. It is asked outside any lock, and only for an account that the right password would open.
        """
        is_right = user.check_password(password)
        if not is_right:
            _spend_the_rest(user)
        return is_right

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        """Whether this user may log in, which needs the state `active` and an `is_active` that agrees."""
        if user is None or user.is_anonymous or _disagrees(user):
            return False
        return bool(user.fsm.current_state == State.ACTIVE)

    def get_user(self, user_id: Any) -> User | None:
        """Return the user of a session, or None once the account has left `active`. Called in each request."""
        user = sessions.find(get_user_model()._default_manager.select_related("fsm").filter(pk=user_id))
        return user if self.user_can_authenticate(user) else None

    async def aget_user(self, user_id: Any) -> User | None:
        """The asynchronous version of `get_user`."""
        return await sync_to_async(self.get_user)(user_id)


def _spend_the_rest(user: User) -> None:
    """Hash as for an unknown name if the stored hash is by an earlier algorithm. Django evens out iterations alone."""
    with suppress(ValueError):  # no usable password: Django has hashed already
        if identify_hasher(user.password).algorithm != get_hasher().algorithm:
            make_password("nobody's")


def _has_to_wait(request: HttpRequest | None) -> bool:
    """Whether the address of this request is over its limit. If so, the middleware says it."""
    seconds = address_limit.retry_after(request) if request is not None else None
    address_limit.note_wait(seconds)
    return seconds is not None


def _origin(request: HttpRequest | None) -> str:
    return (client_address(request) if request else CLI) or "an unknown address"


def _disagrees(user: User) -> bool:
    """Whether the account is active although `is_active` is false. No transition leads to that."""
    return user.fsm.current_state == State.ACTIVE and not user.is_active


def _found_by(field: str, name: str) -> User | None:
    user_model = get_user_model()
    manager = copy(user_model._default_manager)
    manager.get_queryset = user_model._default_manager.select_related("fsm").all  # type: ignore[method-assign]
    try:
        if field == user_model.USERNAME_FIELD:
            return manager.get_by_natural_key(name)
        if field == user_model.get_email_field_name():
            return manager.get_queryset().get(mailbox.having(name))
        return manager.get_queryset().get(**{f"{field}__iexact": name})
    except (user_model.DoesNotExist, user_model.MultipleObjectsReturned):
        return None  # an address of two accounts identifies neither
    except (ValueError, OverflowError, ValidationError):
        return None  # the field is of numbers, or of UUIDs, and this is none


def _is_readable(text: object) -> bool:
    """
    Whether this can be a name or a password: not empty, not too long, and storable in every database.

    PostgreSQL cannot store NUL. A lone surrogate cannot be encoded in UTF-8, so neither a query nor a hash accepts it.
    """
    if not isinstance(text, str):
        return True
    return 0 < len(text) <= LONGEST_INPUT and is_storable(text)
