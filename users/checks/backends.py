"""System checks of the authentication backends."""

from __future__ import annotations

from collections.abc import Collection
from inspect import Parameter, signature, unwrap
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

from users.backends import StateBackend
from users.checks.password_views import words_of
from users.checks.values import Configs
from users.conf import conf

METHODS = ("authenticate", "aauthenticate")
CHECKING = ("check_password", "acheck_password")


def check_backends_ask_the_state(app_configs: Configs, **kwargs: Any) -> list[CheckMessage]:
    """`users.W001`: login must check the state, which needs `StateBackend` or a subclass."""
    if any(issubclass(_loaded(path), StateBackend) for path in settings.AUTHENTICATION_BACKENDS):
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
        if path not in without and _checks_passwords_uncounted(_loaded(path), without)
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


def _loaded(path: str) -> type:
    """Return the class whose `authenticate` answers, also for a backend that passes everything on to another one."""
    backend = import_string(path)
    if isinstance(backend, type) and hasattr(backend, "authenticate"):
        return backend
    backend = backend()  # as Django does: a function that makes one, or a class that passes on whatever it is asked
    return type(getattr(getattr(backend, "authenticate", None), "__self__", backend))


def _where_it_authenticates(backend: type) -> str | None:
    """Return the path of the class from which this backend has its `authenticate`."""
    return next(
        (f"{each.__module__}.{each.__qualname__}" for each in backend.__mro__ if "authenticate" in vars(each)), None
    )


def _checks_passwords_uncounted(backend: type, without: Collection[str]) -> bool:
    if _where_it_authenticates(backend) in without:
        return False
    if issubclass(backend, StateBackend):
        before_ours = backend.__mro__[: backend.__mro__.index(StateBackend)]
        own = [vars(base)[name] for base in before_ours for name in METHODS if name in vars(base)]
        return not all(map(_calls_ours, own))
    return any(_takes_passwords(backend, name) for name in METHODS)


def _calls_ours(method: Any) -> bool:
    """Whether it passes on to ours and checks no password itself. What is checked before or after is not counted."""
    names = set(getattr(getattr(unwrap(method), "__code__", None), "co_names", ()))
    return not names.isdisjoint(METHODS) and names.isdisjoint(CHECKING)


def _takes_passwords(backend: type, name: str) -> bool:
    method = getattr(backend, name, None)
    if method is None or method in (ModelBackend.aauthenticate, BaseBackend.aauthenticate):
        return False
    code = getattr(unwrap(method), "__code__", None)
    if code is not None and not code.co_names:
        return False  # it does nothing, like that of backends that only give permissions
    parameters = signature(method).parameters.values()
    if any(each.name == "password" for each in parameters):
        return True
    takes_anything = any(each.kind is Parameter.VAR_KEYWORD for each in parameters)
    return takes_anything and (issubclass(backend, ModelBackend) or "password" in words_of(code))


def _is_name(field: object) -> bool:
    """Whether people can log in with this field: a column of the user model that holds neither a row nor a secret."""
    columns = {each.name for each in get_user_model()._meta.concrete_fields if not each.is_relation}
    return isinstance(field, str) and field in columns - {"password"}


ALL = (check_backends_ask_the_state, check_backends_count, check_login_fields)
