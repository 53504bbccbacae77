"""The account section of a person's page, beside Django's form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from users import operations
from users.actors import logged_in_user
from users.administration.acting import session_page
from users.administration.acting.session_page import Sessions
from users.administration.badge import badge
from users.administration.diagram import draw_for_screens
from users.administration.forms import ReasonForm
from users.administration.links import page_url
from users.administration.mails import mail_admin
from users.administration.scheduling.page import Schedule, schedule_of
from users.mail import kinds, standing
from users.mail.standing import Standing
from users.models import Mail, UserFSM
from users.operations import Facts, Operation, superusers, wording
from users.states import State

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


SHOWN_MAILS = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """An operation that the state and the administrator's permissions allow, with its form and URL."""

    operation: Operation
    url: str
    form: ReasonForm


@dataclass(frozen=True, slots=True)
class Account:
    """The values that the template shows."""

    fsm: UserFSM
    is_out_of_reach: bool
    """Whether only superusers may change this person, and the administrator is none."""
    badge: SafeString
    diagram: SafeString
    offers: list[Offer]
    sessions: Sessions | None
    """The open sessions, or None if the administrator may not see them."""
    history: str
    schedule: Schedule
    mails: list[MailRow]
    """
    The emails to the person: first those that were not sent, then the newest others. Empty if the administrator may not
    see them.
    """


@dataclass(frozen=True, slots=True)
class MailRow:
    """An email to the person, as the page shows it."""

    what: Any
    mail: Mail
    badge: SafeString
    why: str
    retry: str
    """The URL to try again, empty without the permission or anything to try."""


def account(model_admin: ModelAdmin[Any], request: HttpRequest, user: User, *, history: str) -> Account:
    """Collect what this administrator can see and do. `history` is HTML from the app that keeps the record."""
    sessions = _sessions(model_admin, request, user)
    return Account(
        fsm=user.fsm,
        is_out_of_reach=not superusers.may_change(user, by=logged_in_user(request)),
        badge=badge(user.fsm),
        diagram=draw_for_screens(UserFSM.transitions(), current=user.fsm.current_state, labels=diagram_labels()),
        offers=_offers(model_admin, user, sessions, by=request.user),
        sessions=sessions,
        history=history,
        schedule=schedule_of(model_admin, user, by=request.user),
        mails=_mails(model_admin, request, user) if request.user.has_perm("user_lifecycle.view_mail") else [],
    )


def diagram_labels() -> dict[str, Any]:
    """Return labels for the states and transitions in the diagram."""
    names = {each.name: wording.transition_label(each.name) for each in UserFSM.transitions()}
    return {**{state.value: state.label for state in State}, **names}


def _sessions(model_admin: ModelAdmin[Any], request: HttpRequest, user: User) -> Sessions | None:
    if not request.user.has_perm("user_lifecycle.view_loginsession"):
        return None
    return session_page.of_person(model_admin, user, by=request.user)


def _mails(model_admin: ModelAdmin[Any], request: HttpRequest, user: User) -> list[MailRow]:
    may_retry = request.user.has_perm(mail_admin.RETRY)
    rows = []
    mails = standing.with_reasons(Mail.objects.filter(user=user))
    for mail in standing.unsent_first(mails)[:SHOWN_MAILS]:
        again = may_retry and standing.of(mail) is not Standing.SENT
        url = page_url(model_admin, "retry_mail", user.pk, mail.pk) if again else ""
        rows.append(MailRow(kinds.label_of(mail.kind), mail, mail_admin.badge(mail), standing.reason(mail), url))
    return rows


def _offers(model_admin: ModelAdmin[Any], user: User, sessions: Sessions | None, *, by: Any) -> list[Offer]:
    facts = Facts(user.fsm, by=by, is_logged_in=None if sessions is None else bool(sessions.rows))
    return [_offer(model_admin, each, user) for each in operations.offered(facts)]


def _offer(model_admin: ModelAdmin[Any], operation: Operation, user: User) -> Offer:
    return Offer(operation, page_url(model_admin, "operation", user.pk, operation.name), ReasonForm(operation))
