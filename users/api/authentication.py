"""Authenticates a service account by its token."""

from __future__ import annotations

from datetime import timedelta
from hmac import compare_digest
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.settings import CONSTANTS
from rest_framework.exceptions import AuthenticationFailed

from users.actors import as_machine
from users.api import scope
from users.api.models import ServiceToken
from users.input.address import client_address
from users.states import State

NOTED_EVERY = timedelta(minutes=1)
"""The last use of a token is written down at most this often."""


class ServiceTokenAuthentication(TokenAuthentication):  # type: ignore[misc]
    """
    `Authorization: Bearer …` with a token of a service account, as in RFC 6750.

    Wrong, expired and revoked tokens, tokens from other networks and those of accounts that are not active are all
    answered in the same way.
    """

    def authenticate(self, request: Any) -> tuple[Any, ServiceToken] | None:
        self.address = client_address(getattr(request, "_request", request))
        authenticated: tuple[Any, ServiceToken] | None = super().authenticate(request)
        return authenticated

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"

    def authenticate_credentials(self, token: bytes) -> tuple[Any, ServiceToken]:
        found = _find(token)
        if found is None or not found.is_valid_at(timezone.now()) or not found.is_valid_from(self.address):
            raise AuthenticationFailed(_("This token is not valid."))
        return self.validate_user(found)

    def validate_user(self, auth_token: ServiceToken) -> tuple[Any, ServiceToken]:
        user = auth_token.user
        fsm = getattr(user, "fsm", None)
        if not user.is_active or fsm is None or (fsm.current_state, fsm.version) != (State.ACTIVE, auth_token.version):
            raise AuthenticationFailed(_("This token is not valid."))
        self._note_use(auth_token)
        scope.limit(user, auth_token.permissions)
        return as_machine(user), auth_token

    def _note_use(self, token: ServiceToken) -> None:
        now = timezone.now()
        if token.last_used_at is None or token.last_used_at <= now - NOTED_EVERY:
            before = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
            ServiceToken.objects.filter(before, pk=token.pk).update(last_used_at=now, last_used_from=self.address)


def _find(sent: bytes) -> ServiceToken | None:
    try:
        token = sent.decode("ascii")
    except UnicodeDecodeError:
        return None
    if not token.isprintable():  # PostgreSQL refuses NUL
        return None
    digest = hash_token(token)
    candidates = ServiceToken.objects.filter(token_key=token[: CONSTANTS.TOKEN_KEY_LENGTH])
    for candidate in candidates.select_related("user__fsm"):
        if compare_digest(digest, candidate.digest):
            return candidate  # type: ignore[no-any-return]
    return None
