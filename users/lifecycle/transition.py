"""A decorator like django-fsm's `@transition`, carried out by the lifecycle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import django_fsm
from django_fsm_log.decorators import fsm_log_by, fsm_log_description

from users.causes import Cause
from users.input.details import storable_details
from users.lifecycle.account import AccountState
from users.lifecycle.single import perform
from users.states import State
from users.transitions import ABOUT, permission_of

P = ParamSpec("P")
A = TypeVar("A", bound=AccountState)


def transition(
    *, source: State | Sequence[State], target: State
) -> Callable[[Callable[Concatenate[A, P], None]], Callable[Concatenate[A, P], None]]:
    """
    Make a method of an `AccountState` a transition of `current_state` that is complete when it returns.

    The method's body may only set other fields of the row. `by` and `description` are passed to django-fsm-log, `cause`
    and `details` to the app that keeps the record. Administrators need the permission
    `user_lifecycle.<method>_userfsm`.
    """

    def decorate(body: Callable[Concatenate[A, P], None]) -> Callable[Concatenate[A, P], None]:
        name = body.__name__
        if name not in ABOUT:
            raise LookupError(f"users/transitions.py says nothing about the transition {name!r}")
        by_django_fsm = django_fsm.transition(
            field="current_state", source=source, target=target, permission=permission_of(name)
        )
        carry_out = fsm_log_by(fsm_log_description(by_django_fsm(body)))

        @wraps(carry_out)
        def method(fsm: A, *args: P.args, **kwargs: P.kwargs) -> None:
            words: dict[str, Any] = {"by": kwargs.get("by"), "description": kwargs.get("description")}
            perform(fsm, name, partial(carry_out, fsm, *args, **with_fit_words(kwargs)), **words)

        method.alters_data = True  # type: ignore[attr-defined]  # a template must not call it
        return cast("Callable[Concatenate[A, P], None]", method)

    return decorate


def with_fit_words(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the keywords of a transition with a valid `cause` and storable `details`.

    Raises `ValueError` for a cause that is not in `users.causes`.
    """
    cause, details = Cause(keywords.get("cause") or Cause.REQUEST), storable_details(keywords.get("details"))
    return {**keywords, "cause": cause, "details": details}
