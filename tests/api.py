"""A client of the API for tests, with the token of a service account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from tests.factories import make_user
from users.api.models import ServiceToken

API = "/api/v1"


def make_token(user: User, *permissions: str, **fields: Any) -> str:
    """A token of this user, limited to these permissions."""
    values = {"name": "Helpdesk", "expiry": timezone.now() + timedelta(days=30), **fields}
    return ServiceToken(user=user, permissions=list(permissions), **values).issue()


def make_service(*permissions: str, username: str = "helpdesk") -> User:
    """A service account with these permissions (`user_lifecycle.lock_userfsm`)."""
    user = make_user(username)
    codenames = [permission.split(".")[1] for permission in permissions]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


class Machine:
    """Calls the API as a service account."""

    def __init__(self, *permissions: str, user: User | None = None) -> None:
        self.user = user or make_service(*permissions)
        self.token = make_token(self.user, *permissions)
        self.client = Client()

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request; `headers` are names with underscores (`If_Match`)."""
        sent = {"Authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        options: dict[str, Any] = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self.client, method)(API + path, headers=sent, **options)

    def get(self, path: str, **headers: str) -> Any:
        return self.send("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("post", path, {} if body is None else body, **headers)
