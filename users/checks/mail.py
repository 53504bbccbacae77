"""System checks of the settings of emails."""

from __future__ import annotations

from typing import Any, NamedTuple
from warnings import catch_warnings, simplefilter

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.core.mail.backends.smtp import EmailBackend as SMTPBackend
from django.utils.module_loading import import_string
from post_office.backends import EmailBackend
from post_office.settings import get_available_backends, get_default_mailer, mailers_are_configured

from users.checks.values import Configs, is_duration
from users.conf import conf

WAYS = ("thread", "request", "worker")

QUEUES = (
    "mailer.backend.DbBackend",
    "djcelery_email.backends.CeleryEmailBackend",
    "django_yubin.backends.QueuedEmailBackend",
)
"""Backends of other queues, which take an email and say at once that it was sent."""


def check_queue_is_installed(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E030`: the queue of emails, django-post-office, must be installed."""
    if apps.is_installed("post_office"):
        return []
    hint = "Add 'post_office' to INSTALLED_APPS, and run migrate."
    return [Error("The queue of emails, django-post-office, is not installed", hint=hint, id="users.E030")]


def check_mail_delivery(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E031`: `USERS_MAIL_DELIVERY` must be one of its three values."""
    if conf.mail_delivery in WAYS:
        return []
    hint = f"Use one of these: {', '.join(map(repr, WAYS))}."
    return [Error(f"USERS_MAIL_DELIVERY is {conf.mail_delivery!r}", hint=hint, id="users.E031")]


def check_mail_retries(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E032`: the pauses between attempts to send an email must be positive."""
    value = conf.mail_retries
    if isinstance(value, (list, tuple)) and all(is_duration(each) for each in value):
        return []
    return [
        Error(f"USERS_MAIL_RETRIES is {value!r}", hint="Use a list of positive datetime.timedelta.", id="users.E032")
    ]


def check_language_of(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E033`: `USERS_LANGUAGE_OF` must be a function."""
    try:
        if callable(conf.language_of):
            return []
    except ImportError:
        pass
    value = getattr(settings, "USERS_LANGUAGE_OF", None)
    hint = "Use a function of the user that returns a code of LANGUAGES, or its dotted path."
    return [Error(f"USERS_LANGUAGE_OF is {value!r}", hint=hint, id="users.E033")]


def check_emails_leave_the_queue(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E034`: the backend that sends queued emails must exist, and not put them into the queue again."""
    path = _sender().path
    hint = "Name a backend that sends in POST_OFFICE = {'BACKENDS': {'default': ...}}, or in EMAIL_BACKEND."
    if mailers_are_configured():
        hint = "Name one of MAILERS that sends in POST_OFFICE = {'DEFAULT_MAILER': ...}."
    try:
        backend = import_string(path)
    except ImportError as error:
        message = f"Emails in the queue are sent by {path!r}, which cannot be imported: {error}"
        return [Error(message, hint=hint, id="users.E034")]
    if not (isinstance(backend, type) and issubclass(backend, EmailBackend)):
        return []
    return [Error(f"Emails in the queue are sent by {path!r}", hint=hint, id="users.E034")]


def check_sent_means_sent(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """
    `users.W029`: emails should not go through a second queue, for they would be noted as sent when it takes them.

    A warning before dormancy that never leaves it would count as well.
    """
    path = _sender().path
    if path not in QUEUES:
        return []
    hint = "Name the backend behind it in POST_OFFICE = {'BACKENDS': {'default': ...}}, or in DEFAULT_MAILER."
    message = f"Emails count as sent when {path!r} has taken them into a queue of its own"
    return [checks.Warning(message, hint=hint, id="users.W029")]


def check_no_mail_server_is_waited_for_without_end(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W027`: without a timeout, a mail server that never answers holds back emails and the process."""
    sender = _sender()
    backend = _importable(sender.path)
    waits = isinstance(backend, type) and issubclass(backend, SMTPBackend)
    if not waits or sender.timeout is not None:
        return []
    setting = "'OPTIONS': {'timeout': 10} for it in MAILERS" if mailers_are_configured() else "EMAIL_TIMEOUT = 10"
    hint = f"Set {setting}, in seconds. After five minutes, the email is tried again anyway."
    return [checks.Warning("Emails wait forever for a mail server that does not answer", hint=hint, id="users.W027")]


class _Sender(NamedTuple):
    """A backend for emails, and how many seconds it waits for its server."""

    path: str
    timeout: float | None


def _sender() -> _Sender:
    """Return what sends queued emails: one of `MAILERS` (from Django 6.1 on), or what django-post-office names."""
    alias = get_default_mailer()
    if not mailers_are_configured():
        with catch_warnings():  # of Django 6.1, which deprecates these settings, and says so when it sends
            simplefilter("ignore")
            return _Sender(get_available_backends().get(alias, ""), getattr(settings, "EMAIL_TIMEOUT", None))
    mailer = getattr(settings, "MAILERS", {}).get(alias, {"BACKEND": ""})
    path = mailer.get("BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    return _Sender(path, mailer.get("OPTIONS", {}).get("timeout"))


def _importable(path: str) -> Any:
    try:
        return import_string(path)
    except ImportError:
        return None  # users.E034 reports it


ALL = (
    check_queue_is_installed,
    check_mail_delivery,
    check_mail_retries,
    check_language_of,
    check_emails_leave_the_queue,
    check_sent_means_sent,
    check_no_mail_server_is_waited_for_without_end,
)
