"""The language of emails to a person."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_supported_language_variant, to_language

from users.conf import conf
from users.models import UserFSM

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

logger = logging.getLogger("users.mail")


def language_of(user: User) -> str:
    """
    Return the language from `USERS_LANGUAGE_OF`, which may be spelt as browsers or locales do ("zh-CN", "zh_Hans").

    It is the site's language if the site does not offer that one, or if the function fails: a wrong language does less
    harm than no email.
    """
    try:
        language = str(conf.language_of(user) or "")
    except Exception:
        logger.exception("USERS_LANGUAGE_OF failed for the user %s", user.pk)
        language = ""
    return _offered(language) or _offered(settings.LANGUAGE_CODE) or settings.LANGUAGE_CODE


def _offered(language: str) -> str:
    """
    Return this language as the site offers it, or an empty text.

    A new project has "en-us" as its `LANGUAGE_CODE`, and offers "en". With `i18n_patterns`, only the latter has pages.
    """
    try:
        return get_supported_language_variant(to_language(language))
    except LookupError:
        return ""


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
