"""What a person's page shows of the account, beside Django's form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from users.administration import operations, wording
from users.administration.badge import badge
from users.administration.forms import ReasonForm
from users.administration.operations import Operation
from users.diagram import draw
from users.login_session import LoginSession
from users.models import UserFSM
from users.sessions import open_sessions
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

    from users.admin import UserStateAdmin


@dataclass(frozen=True, slots=True)
class Offer:
    """An operation that the state and the administrator's permissions allow, with its form."""

    operation: Operation
    url: str
    form: ReasonForm


@dataclass(frozen=True, slots=True)
class Account:
    """What the template shows."""

    fsm: UserFSM
    badge: SafeString
    diagram: SafeString
    offers: list[Offer]
    sessions: QuerySet[LoginSession] | None
    """Those that are open, for who may see them."""
    history: str


def account(model_admin: UserStateAdmin, request: HttpRequest, user: User) -> Account:
    """Gather what there is to show and to do, for this administrator."""
    return Account(
        fsm=user.fsm,
        badge=badge(user.fsm),
        diagram=draw(UserFSM.transitions(), current=user.fsm.current_state, labels=diagram_labels()),
        offers=_offers(model_admin, user, by=request.user),
        sessions=open_sessions(user) if request.user.has_perm("users.view_loginsession") else None,
        history=model_admin.history(request, user),
    )


def diagram_labels() -> dict[str, Any]:
    """Texts for the states and the transitions in the diagram."""
    names = {each.name: wording.transition_label(each.name) for each in UserFSM.transitions()}
    return {**{state.value: state.label for state in State}, **names}


def _offers(model_admin: UserStateAdmin, user: User, *, by: Any) -> list[Offer]:
    return [_offer(model_admin, each, user) for each in operations.permitted(by) if each.fits(user.fsm, by=by)]


def _offer(model_admin: UserStateAdmin, operation: Operation, user: User) -> Offer:
    opts, site = model_admin.opts, model_admin.admin_site.name
    url = reverse(f"{site}:{opts.app_label}_{opts.model_name}_operation", args=(user.pk, operation.name))
    return Offer(operation, url, ReasonForm(operation))
