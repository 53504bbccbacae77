"""Who makes a change: the names that stand for an actor who is not a user."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

SYSTEM = "system"
"""The project itself acts of its own accord, for example when a lock expires."""

CLI = "CLI"
"""There is no request and nobody was named. Also stands for the address in that case."""

ANONYMOUS = "anonymous"
"""A request without a logged-in user."""

By = AbstractBaseUser | AnonymousUser | str | None
"""What a call may name as its actor: a user, a text such as `"system"`, or None for whoever the context names."""
