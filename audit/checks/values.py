"""System checks of the values of `AUDIT_` settings that are none of the record's own foundations."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

from users.checks.values import Configs, is_count

HEADER = re.compile(r"[A-Za-z0-9-]+", re.ASCII)


class Rule(NamedTuple):
    """What a setting has to be. A setting that is missing has its default, which makes sense."""

    makes_sense: Callable[[Any], bool]
    hint: str


def _is_function(value: Any) -> bool:
    try:
        return callable(import_string(value))
    except (ImportError, AttributeError, TypeError, ValueError):
        return False


def _is_file(value: Any) -> bool:
    return value in (None, "") or (isinstance(value, (str, Path)) and Path(value).is_file())


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable()


LINE = "Use a text of one line, or an empty one."
RULES = {
    "LOG_READS": Rule(lambda value: value in ("exports", "all"), "Use 'exports' or 'all'."),
    "REFUSALS_PER_HOUR": Rule(is_count, "Use a whole number of at least 1."),
    "IMPERSONATOR": Rule(_is_function, "Use the path of a function, such as 'audit.impersonation.by_known_packages'."),
    "REQUEST_ID_HEADER": Rule(
        lambda value: isinstance(value, str) and HEADER.fullmatch(value) is not None,
        "Use the name of a header, such as 'X-Request-ID'.",
    ),
    "REPLICA": Rule(
        lambda value: value in (None, "", *settings.DATABASES), "Use an alias of DATABASES, or None for no standby."
    ),
    "STREAM_CA_FILE": Rule(_is_file, "Use the path of a file with certificates, or None for those of the system."),
    "STREAM_AUTHORIZATION": Rule(_is_line, LINE),
    "STREAM_WEBHOOK_SECRET": Rule(_is_line, LINE),
}
SECRETS = {"STREAM_AUTHORIZATION", "STREAM_WEBHOOK_SECRET"}


def check_values(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """
    `audit.E012`: each of these settings must be something that the app can use.

    Otherwise a typing error would pass for the default, or fail only in a request or in the stream.
    """
    return [
        Error(f"AUDIT_{name} {_is(name, value)}", hint=rule.hint, id="audit.E012")
        for name, rule in RULES.items()
        if hasattr(settings, f"AUDIT_{name}") and not _holds(rule, value := getattr(settings, f"AUDIT_{name}"))
    ]


def _holds(rule: Rule, value: Any) -> bool:
    try:
        return rule.makes_sense(value)
    except TypeError:  # what has no hash is in no dictionary
        return False


def _is(name: str, value: Any) -> str:
    return "is no text of one line" if name in SECRETS else f"is {value!r}"
