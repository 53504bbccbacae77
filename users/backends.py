"""Who may log in: whoever knows the password of an account that is active at that moment."""

from __future__ import annotations

import re
from copy import copy
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from users import conf
from users.input.address import client_address
from users.login import address_limit, known_devices, lockout
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User  # whatever settings.AUTH_USER_MODEL is

LONGEST_INPUT = 4096
"""Characters in a name or a password; what is longer is nobody's."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class StateBackend(ModelBackend):
    """
    Django's `ModelBackend`, which asks the state and commits the outcome of each password through the lockout.

    `find` is the one method to override, for people who log in with something else than a username; what counts, and
    the one answer, stay as they are.

    Names that are unknown or no names, and accounts that are locked, invited or deactivated cost the one hash that a
    wrong password costs, and get the same answer. A password for a shut account is not looked at: nothing of it shows.
    The one exception is an automatic lock and a device that the person is known by; see `users.login.known_devices`.
    """

    @sensitive_variables("password")
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the user whose password this is, or None; count what is wrong."""
        if username is None:
            username = kwargs.get(get_user_model().USERNAME_FIELD)
        if username is None or password is None:
            return None  # credentials of another kind, for another backend
        user = self.find(username) if _is_readable(password) else None
        # In this order: an expired lock is lifted first, which makes the user active.
        is_open = user is not None and lockout.is_open(user.fsm) and user.is_active
        if user is None or not (is_open or known_devices.may_try(request, user.fsm)):
            make_password("nobody's")  # the work that checking a password costs
            return None
        if user.check_password(password):
            return user if self._admit(request, user) else None
        if is_open:
            lockout.count_failure(user.fsm, address=client_address(request) if request else "")
        return None

    def _admit(self, request: HttpRequest | None, user: User) -> bool:
        """Whether a right password lets its person in at this moment."""
        if request is not None and (seconds := address_limit.retry_after(request)) is not None:
            address_limit.note_wait(seconds)  # guesses that came at the same moment were more than the limit
            return False
        if user.fsm.locked_by_failed_logins and not known_devices.open_lock(user.fsm):
            return False
        return lockout.admit(user.fsm)

    # Django's own have a second copy of all this.
    @sensitive_variables("password")
    async def aauthenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """`authenticate`, to be awaited."""
        return await sync_to_async(self.authenticate)(request, username=username, password=password, **kwargs)

    def find(self, username: str) -> User | None:
        """
        The account that a login names, with its state in one query, or None. Override this to find people otherwise.

        By the manager's own rule, `get_by_natural_key`; where `USERS_LOGIN_FIELDS` names fields, by the first of them
        that leads to one account: the username by that rule, any other field whatever the case of its letters.
        """
        if not _is_readable(username):
            return None
        fields = conf.login_fields() or [get_user_model().USERNAME_FIELD]
        return next(filter(None, (_found_by(field, username) for field in fields)), None)

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        """Whether this user may log in: only in the state `active`, and if the stored `is_active` agrees."""
        if user is None or user.is_anonymous:
            return False
        return user.fsm.current_state == State.ACTIVE and user.is_active

    def get_user(self, user_id: Any) -> User | None:
        """The user of a session, asked for at each request; None as soon as the account has left `active`."""
        users = get_user_model()._default_manager.select_related("fsm")
        user = users.filter(pk=user_id).first()
        return user if self.user_can_authenticate(user) else None

    async def aget_user(self, user_id: Any) -> User | None:
        """`get_user`, to be awaited."""
        return await sync_to_async(self.get_user)(user_id)


def _found_by(field: str, name: str) -> User | None:
    user_model = get_user_model()
    manager = copy(user_model._default_manager)
    manager.get_queryset = user_model._default_manager.select_related("fsm").all  # type: ignore[method-assign]
    try:
        if field == user_model.USERNAME_FIELD:
            return manager.get_by_natural_key(name)
        return manager.get_queryset().get(**{f"{field}__iexact": name})
    except (user_model.DoesNotExist, user_model.MultipleObjectsReturned):
        return None  # an address that two accounts share names neither


def _is_readable(text: object) -> bool:
    """
    Whether this can be somebody's name or password: not empty, not absurdly long, and storable in any database.

    PostgreSQL stores no NUL; a lone surrogate has no bytes in UTF-8, so that neither a query nor a hash takes it.
    """
    if not isinstance(text, str):
        return True
    return 0 < len(text) <= LONGEST_INPUT and not _UNSTORABLE.search(text)
