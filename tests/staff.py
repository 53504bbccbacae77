"""Administrators for tests, their permissions, and what they send to the admin."""

from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from tests.factories import make_user

LIST = "admin:auth_user_changelist"


def make_staff(username: str = "staff", *codenames: str) -> User:
    """Somebody who works in the admin and has these permissions beside those to see and change users."""
    user = make_user(username, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user", *codenames]))
    return user


def act(client: Client, name: str, *users: User, url: str = "", **data: Any) -> Any:
    """Choose an action for the selected users, as the list does, or as the page after it does where `data` has it."""
    selected = {ACTION_CHECKBOX_NAME: [str(user.pk) for user in users]}
    return client.post(url or reverse(LIST), {"action": name, "select_across": "0", **selected, **data})


def confirm(client: Client, name: str, *users: User, expected: int, reason: str = "because", **data: Any) -> Any:
    """Answer the page that an action shows."""
    return act(client, name, *users, confirmed=str(expected), own_words=reason, **data)


def press(client: Client, name: str, user: User, reason: str = "because", **data: Any) -> Any:
    """Press the button on a person's page."""
    return client.post(button_url(name, user), {"own_words": reason, **data})


def button_url(name: str, user: User) -> str:
    """Where that button posts."""
    return reverse("admin:auth_user_operation", args=(user.pk, name))
