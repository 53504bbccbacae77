"""The end of one session, from the person's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from users import operations
from users.actors import logged_in_user
from users.administration import operation_page
from users.administration.forms import ReasonForm
from users.administration.links import page_url, person_url
from users.models import LoginSession, UserFSM
from users.operations import Tally, ending_sessions
from users.sessions import open_sessions, shown

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

OPERATION = operations.ALL["end_sessions"]


class SessionRow(NamedTuple):
    """An open session on the person's page."""

    session: LoginSession
    url: str
    form: ReasonForm | None
    """The operation that ends it, or None for administrators who may not."""


class Sessions(NamedTuple):
    """The open sessions of a person, as the page shows them."""

    rows: list[SessionRow]
    others: int
    """The number of further open sessions."""


def of_person(model_admin: ModelAdmin[Any], user: User, *, by: Any) -> Sessions:
    """Return the open sessions of this person that the page shows, each with the form that ends it."""
    may_end = OPERATION.permitted(by) and user.pk != by.pk
    sessions, others = shown(user)
    return Sessions([_row(model_admin, session, may_end=may_end) for session in sessions], others)


def end(model_admin: ModelAdmin[Any], request: HttpRequest, user: User, pk: int) -> TemplateResponse | None:
    """
    End this session of this person and return None, or ask for the missing reason.

    Raises `PermissionDenied` without the permission to end sessions, and for the administrator's own.
    """
    OPERATION.require_permission(request.user, UserFSM.objects.filter(user=user.pk))
    if user.pk == request.user.pk:
        raise PermissionDenied(_("Your own sessions are on the page of your account."))
    session = open_sessions(user).filter(pk=pk).first()
    if session is None:
        messages.warning(request, _("This session has already ended."))
        return None
    form = _form(session, request.POST)
    if not form.is_valid():
        context = {
            "operation": OPERATION,
            "form": form,
            "session": session,
            "tally": Tally(1),
            "person": user,
            "back": person_url(model_admin, user.pk),
            "submit": _("End this session"),
        }
        return operation_page.page(model_admin, request, "user_lifecycle/admin/end_session.html", context)
    ending_sessions.end_one(session, by=logged_in_user(request), description=form.reason)
    messages.success(request, _("The session has been ended."))
    return None


def _row(model_admin: ModelAdmin[Any], session: LoginSession, *, may_end: bool) -> SessionRow:
    if not may_end:
        return SessionRow(session, "", None)
    return SessionRow(session, page_url(model_admin, "end_session", session.user_id, session.pk), _form(session))


def _form(session: LoginSession, data: QueryDict | None = None) -> ReasonForm:
    return ReasonForm(OPERATION, data, of=f"session{session.pk}")
