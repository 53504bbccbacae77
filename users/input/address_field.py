"""
Keeps the addresses of users in their normal form, and one mailbox to one account.

The user model belongs to another app, so the hooks are set on its field. Each `ModelForm` and `full_clean` call
`clean`. `save()` and `bulk_create` write the value that `pre_save` returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models, router

from users.input import mailbox

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def guard(field: Any) -> None:
    """Make this address field keep the normal form, and refuse a mailbox that another account has."""
    clean, pre_save = field.clean, field.pre_save

    def clean_mailbox(value: Any, user: User | None) -> Any:
        normal = clean(mailbox.normal_form(str(value or "")) or value, user)
        # `createsuperuser` validates what was typed with no user at all.
        owner = user if isinstance(user, models.Model) else get_user_model()()
        if normal:
            before = getattr(owner, field.attname)
            setattr(owner, field.attname, normal)
            if mailbox.is_taken(owner, using=router.db_for_write(type(owner), instance=owner)):
                setattr(owner, field.attname, before)
                raise ValidationError(mailbox.TAKEN, code="taken")
        return normal

    def pre_save_normal_form(user: User, add: bool) -> Any:
        value = pre_save(user, add)
        try:
            normal = mailbox.normal_form(value) if isinstance(value, str) else value
        except ValidationError:
            return value  # code may store an address that no form accepts
        if normal:
            setattr(user, field.attname, normal)
        return normal or value

    field.clean = clean_mailbox
    field.pre_save = pre_save_normal_form
