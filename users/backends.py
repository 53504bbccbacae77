"""Who may log in: whoever knows the password of an account that is active at that moment."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from users import lockout
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User  # whatever settings.AUTH_USER_MODEL is


class StateBackend(ModelBackend):
    """
    Django's `ModelBackend`, which asks the state and commits the outcome of each password through the lockout.

    Unknown, locked, invited and deactivated accounts cost the same hash as a wrong password and get the same answer.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the user whose password this is, or None; count what is wrong."""
        user_model = get_user_model()
        if username is None:
            username = kwargs.get(user_model.USERNAME_FIELD)
        if not username or not password:
            return None
        user = self.find(username)
        if user is None:
            user_model().set_password(password)  # the work that a known name costs, as ModelBackend does
            return None
        if not user.check_password(password):
            lockout.count_failure(user)
            return None
        return user if lockout.admit(user) else None

    def find(self, username: str) -> User | None:
        """The account that a login names, found by the manager's own rule and with its state in one query, or None."""
        user_model = get_user_model()
        manager = copy(user_model._default_manager)
        manager.get_queryset = user_model._default_manager.select_related("fsm").all  # type: ignore[method-assign]
        try:
            return manager.get_by_natural_key(username)
        except user_model.DoesNotExist:
            return None

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        """Whether this user may log in: only in the state `active`."""
        return user is not None and not user.is_anonymous and user.fsm.current_state == State.ACTIVE

    def get_user(self, user_id: Any) -> User | None:
        """The user of a session, asked for at each request; None as soon as the account has left `active`."""
        users = get_user_model()._default_manager.select_related("fsm")
        user = users.filter(pk=user_id).first()
        return user if self.user_can_authenticate(user) else None
