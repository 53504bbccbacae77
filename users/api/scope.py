"""Limits a user who was authenticated by a token to the token's permissions."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def limit(user: User, permissions: Collection[str]) -> None:
    """
    Let this instance of a user have only those of its permissions that are also in `permissions`.

    Everything that asks `has_perm` or `has_perms` of the request's user sees the limit, also for superusers.
    """
    allowed, has_perm = frozenset(permissions), user.has_perm

    def limited(perm: str, obj: Any = None) -> bool:
        return perm in allowed and has_perm(perm, obj)

    user.has_perm = limited  # type: ignore[method-assign]
    user.has_module_perms = lambda app_label: any(  # type: ignore[method-assign]
        perm.startswith(f"{app_label}.") and limited(perm) for perm in allowed
    )
