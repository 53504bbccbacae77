"""django-fsm's `@transition`, carried out by the lifecycle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast

import django_fsm
from django_fsm_log.decorators import fsm_log_by, fsm_log_description

from users import lifecycle
from users.states import State

if TYPE_CHECKING:
    from users.models import UserFSM

P = ParamSpec("P")


def transition(
    *, source: State | Sequence[State], target: State
) -> Callable[[Callable[Concatenate[UserFSM, P], None]], Callable[Concatenate[UserFSM, P], None]]:
    """
    Make a method of `UserFSM` a transition of `current_state` that is complete when it returns.

    The method's body only sets other fields of the row. Its keywords `by` and `description` reach django-fsm-log. An
    administrator needs the permission `users.<method>_userfsm`.
    """

    def decorate(body: Callable[Concatenate[UserFSM, P], None]) -> Callable[Concatenate[UserFSM, P], None]:
        name = body.__name__
        by_django_fsm = django_fsm.transition(
            field="current_state", source=source, target=target, permission=f"users.{name}_userfsm"
        )
        carry_out = fsm_log_by(fsm_log_description(by_django_fsm(body)))

        @wraps(carry_out)
        def method(fsm: UserFSM, *args: P.args, **kwargs: P.kwargs) -> None:
            lifecycle.perform(fsm, name, partial(carry_out, fsm, *args, **kwargs))

        method.alters_data = True  # type: ignore[attr-defined]  # a template must not call it
        return cast("Callable[Concatenate[UserFSM, P], None]", method)

    return decorate
