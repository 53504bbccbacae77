"""System checks of the authentication backends."""

from __future__ import annotations

from inspect import Parameter, signature, unwrap
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

from users.backends import StateBackend
from users.checks.values import Configs
from users.conf import conf


def check_backends_ask_the_state(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W001`: login must check the state, which needs `StateBackend` or a subclass."""
    if any(issubclass(import_string(path), StateBackend) for path in settings.AUTHENTICATION_BACKENDS):
        return []
    hint = "Use 'users.backends.StateBackend' in AUTHENTICATION_BACKENDS, or a subclass of it."
    return [checks.Warning("No authentication backend checks the account's state", hint=hint, id="users.W001")]


def check_backends_count(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E021`: every backend that checks passwords must count the wrong ones; those without are listed."""
    hint = (
        "Derive it from users.backends.StateBackend and override find(), or check_password() for passwords that are"
        " kept elsewhere, or use USERS_LOGIN_FIELDS. A backend that checks no password belongs in"
        " USERS_BACKENDS_WITHOUT_PASSWORDS."
    )
    without = conf.backends_without_passwords
    if not isinstance(without, (list, tuple, set, frozenset)):
        hint = "Use a list of the paths in AUTHENTICATION_BACKENDS."
        return [Error(f"USERS_BACKENDS_WITHOUT_PASSWORDS is {without!r}", hint=hint, id="users.E021")]
    return [
        Error(
            f"The authentication backend {path!r} does not count wrong passwords",
            hint=hint,
            id="users.E021",
        )
        for path in settings.AUTHENTICATION_BACKENDS
        if path not in without
        and _where_it_authenticates(import_string(path)) not in without
        and _checks_passwords_uncounted(import_string(path))
    ]


def check_login_fields(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.E022`: the fields with which people log in must be columns of the user model that can be a name."""
    value = conf.login_fields
    hint = "Use a list of names such as ['username', 'email']."
    if not isinstance(value, (list, tuple)):
        return [Error(f"USERS_LOGIN_FIELDS is {value!r}", hint=hint, id="users.E022")]
    return [
        Error(
            f"USERS_LOGIN_FIELDS names {name!r}, which is no column of the user model for a name",
            hint=hint,
            id="users.E022",
        )
        for name in value
        if not _is_name(name)
    ]


def _where_it_authenticates(backend: type) -> str | None:
    """Return the path of the class from which this backend has its `authenticate`."""
    return next(
        (f"{each.__module__}.{each.__qualname__}" for each in backend.__mro__ if "authenticate" in vars(each)), None
    )


def _checks_passwords_uncounted(backend: type) -> bool:
    authenticate = getattr(backend, "authenticate", None)
    if authenticate is None or (issubclass(backend, StateBackend) and _is_ours(backend)):
        return False
    code = getattr(unwrap(authenticate), "__code__", None)
    if code is not None and not code.co_names:
        return False  # it has no `authenticate` of its own, like backends that only give permissions
    parameters = signature(authenticate).parameters.values()
    if any(each.name == "password" for each in parameters):
        return True
    takes_anything = any(each.kind is Parameter.VAR_KEYWORD for each in parameters)
    return takes_anything and issubclass(backend, ModelBackend)


def _is_ours(backend: type[StateBackend]) -> bool:
    """Whether its `authenticate` is ours or calls ours. A subclass that checks passwords itself counts nothing."""
    if backend.authenticate is StateBackend.authenticate:
        return True
    code = getattr(unwrap(backend.authenticate), "__code__", None)
    return code is not None and "super" in code.co_names


def _is_name(field: object) -> bool:
    """Whether people can log in with this field: a column of the user model that holds neither a row nor a secret."""
    columns = {each.name for each in get_user_model()._meta.concrete_fields if not each.is_relation}
    return isinstance(field, str) and field in columns - {"password"}


ALL = (check_backends_ask_the_state, check_backends_count, check_login_fields)
