"""The settings of the mail server, in the form that this version of Django reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django

HAS_MAILERS = django.VERSION >= (6, 1)
"""Whether Django reads `MAILERS`. The settings `EMAIL_…` are deprecated then, and an error beside `MAILERS`."""

_OPTIONS = {
    "smtp": {
        "EMAIL_HOST": "host",
        "EMAIL_PORT": "port",
        "EMAIL_HOST_USER": "username",
        "EMAIL_HOST_PASSWORD": "password",
        "EMAIL_USE_TLS": "use_tls",
        "EMAIL_USE_SSL": "use_ssl",
        "EMAIL_TIMEOUT": "timeout",
    },
    "filebased": {"EMAIL_FILE_PATH": "file_path"},
}
"""The options of Django's backends, by their modules. The others have none."""


def settings_of(email: Mapping[str, Any], *, has_mailers: bool = HAS_MAILERS) -> dict[str, Any]:
    """Return the settings that send emails as these `EMAIL_…` settings say."""
    if not has_mailers:
        return dict(email)
    backend = email["EMAIL_BACKEND"]
    options = _OPTIONS.get(backend.removeprefix("django.core.mail.backends.").partition(".")[0], {})
    given = {option: email[name] for name, option in options.items() if email.get(name) is not None}
    return {"MAILERS": {"default": {"BACKEND": backend, "OPTIONS": given}}}
