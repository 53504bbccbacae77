"""
Which views take passwords, whoever wrote them.

Some inherit from a known class. A view that nobody here knows is recognised by its code: it, or a form or serializer
that it uses, calls Django's `authenticate`, and one of them mentions a password.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from functools import cache, partial
from inspect import getattr_static
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from django.contrib import auth
from django.contrib.admin import AdminSite
from django.contrib.auth.views import LoginView

LOGIN_VIEWS = frozenset(
    {
        "allauth.account.views.LoginView",
        "allauth.headless.account.views.LoginView",
        "dj_rest_auth.views.LoginView",
        "djoser.views.TokenCreateView",
        "drf_registration.api.login.LoginView",
        "knox.views.LoginView",
        "oauth2_provider.views.base.TokenView",
        "rest_framework.authtoken.views.ObtainAuthToken",
        "rest_framework_simplejwt.views.TokenObtainPairView",
        "rest_framework_simplejwt.views.TokenObtainSlidingView",
        "two_factor.views.core.LoginView",
    }
)
"""Views of other packages that hand passwords on where their code does not show it."""

FORMS = ("form_class", "authentication_form", "serializer_class")
"""The attributes with which views name the class that reads their input."""

AUTHENTICATE = frozenset({"authenticate", "aauthenticate"})


CALLS = 1
"""How many calls away from a view its password may be handed on."""


def takes_a_password(view: Any) -> bool:
    """Whether this view, as a URL has it, lets people in by a password."""
    return any(map(_lets_in, _within(view)))


def _within(view: Any) -> list[Any]:
    """Return a view, what it wraps, and the functions and classes that its code mentions."""
    found: dict[int, Any] = {}
    waiting = [(view, 0)]
    while waiting:
        each, calls = waiting.pop()
        if id(each) in found:
            continue
        found[id(each)] = each
        waiting += [(wrapped, calls) for wrapped in _wrapped_by(each)]
        if calls < CALLS and isinstance(each, FunctionType):
            called = (known for known in _mentioned_by(each) if isinstance(known, (FunctionType, type)))
            waiting += [(known, calls + 1) for known in called]
    return list(found.values())


def _wrapped_by(view: Any) -> Iterator[Any]:
    """Yield what a decorator, a `partial`, a bound method or a callable object passes its request on to."""
    yield getattr_static(view, "__wrapped__", None)  # an object may answer to any name
    if isinstance(view, MethodType):
        yield view.__func__
    elif isinstance(view, partial):
        yield view.func
    elif isinstance(view, FunctionType):
        yield from filter(callable, _closed_over_by(view))
    elif not isinstance(view, type):
        yield from (vars(base)["__call__"] for base in type(view).__mro__ if "__call__" in vars(base))


def _closed_over_by(function: FunctionType) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        with suppress(ValueError):  # not assigned yet
            yield cell.cell_contents


def _lets_in(view: Any) -> bool:
    if isinstance(view, MethodType):
        return isinstance(view.__self__, AdminSite) and view.__name__ == "login"
    cls = view if isinstance(view, type) else getattr(view, "view_class", None) or getattr(view, "cls", None)
    if isinstance(cls, type):
        return _is_known(cls) or _authenticates(cls)
    return isinstance(view, FunctionType) and _authenticates(view)


def _is_known(cls: Any) -> bool:
    return issubclass(cls, LoginView) or not LOGIN_VIEWS.isdisjoint(
        f"{base.__module__}.{base.__qualname__}" for base in cls.__mro__
    )


def _authenticates(view: Any) -> bool:
    readers = list(_readers_of(view))
    functions = [function for each in (view, *readers) for function in _functions_of(each)]
    return any(map(_calls_authenticate, functions)) and (
        any("password" in _fields_of(reader) for reader in readers)
        or any("password" in words_of(function.__code__) for function in functions)
    )


def _readers_of(view: Any) -> Iterator[type]:
    """Yield the forms and serializers of a view: those that it names, and those that its code mentions."""
    found = [getattr(view, name, None) for name in FORMS]
    found += vars(view).values()
    for function in _functions_of(view):
        for mentioned in _mentioned_by(function):
            found.append(mentioned)
            if isinstance(mentioned, ModuleType):
                found += [getattr(mentioned, name, None) for name in function.__code__.co_names]
    yield from (each for each in found if isinstance(each, type) and _fields_of(each))


def _functions_of(thing: Any) -> list[FunctionType]:
    """Return a function itself, or the methods of a class and its bases."""
    if isinstance(thing, FunctionType):
        return [thing]
    return [each for base in thing.__mro__ for each in vars(base).values() if isinstance(each, FunctionType)]


def _fields_of(reader: type) -> Collection[str]:
    """Return the names of the fields of a form or of a serializer of Django REST framework; empty for other classes."""
    fields = getattr(reader, "base_fields", None) or getattr(reader, "_declared_fields", None)
    return fields if isinstance(fields, Mapping) else ()


def _calls_authenticate(function: FunctionType) -> bool:
    """Whether the code mentions Django's function, by its name or as an attribute of its module."""
    mentioned = _mentioned_by(function)
    if any(each is auth.authenticate or each is auth.aauthenticate for each in mentioned):
        return True
    return any(each is auth for each in mentioned) and not AUTHENTICATE.isdisjoint(function.__code__.co_names)


def _mentioned_by(function: FunctionType) -> list[Any]:
    """Return the values of the module's names that a function mentions."""
    names = function.__globals__
    return [names[word] for word in words_of(function.__code__) if word in names]


@cache  # views share the methods of their bases
def words_of(code: CodeType | None) -> frozenset[str]:
    """Return the names and texts in some code, those of functions within it included; none where there is no code."""
    if code is None:
        return frozenset()
    words = {*code.co_names, *code.co_varnames}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            words |= words_of(constant)
        words.update(
            each for each in (constant if isinstance(constant, tuple) else (constant,)) if isinstance(each, str)
        )
    return frozenset(words)
