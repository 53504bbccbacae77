"""The fields of the project's user model, and the features that are off if it lacks one."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth import get_user_model

NEEDED_FOR = {
    "is_superuser": "the protection of the last active superuser",
    "groups": "the groups that the settings name, and `transition --group`",
    "date_joined": "the dormancy of accounts that were never used",
    "email": "emails, invitations and unlock links",
}
"""The fields that a user model may lack, and what is switched off without each."""


@cache
def has_field(name: str) -> bool:
    """Whether the user model has a field of this name; `email` stands for whatever its field is called."""
    model = get_user_model()
    if name == "email":
        name = model.get_email_field_name() if hasattr(model, "get_email_field_name") else name
    return name in {field.name for field in model._meta.get_fields()}


def is_superuser(user: Any) -> bool:
    """Whether this is a superuser; nobody is where the model knows none."""
    return bool(getattr(user, "is_superuser", False))
