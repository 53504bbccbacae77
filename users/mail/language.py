"""The language of emails to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation

from users.conf import conf
from users.models import UserFSM

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


def language_of(user: User) -> str:
    """Return the language from `USERS_LANGUAGE_OF`, or the site's language if the site does not offer that one."""
    language = conf.language_of(user)
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def last_used(user: User) -> str:
    """Return the language of the person's last login or choice, or an empty text."""
    return user.fsm.language


def of_request() -> str:
    """Return the language of the request, or an empty text if the site does not offer it."""
    language = translation.get_language() or ""
    return language if language in dict(settings.LANGUAGES) else ""


def remember(user: User, language: str) -> None:
    """Store the language that this person has chosen, if the site offers it."""
    if language in dict(settings.LANGUAGES):
        UserFSM._base_manager.filter(user=user).exclude(language=language).update(language=language)
