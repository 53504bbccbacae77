"""The admin page for inviting people: one person, or a list with a preview that shows errors first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.models import ADDITION
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from users import invitations
from users.administration.invitation_forms import ListForm, OnePersonForm
from users.administration.links import person_url
from users.exceptions import InvitationNotSent
from users.invitations import lists
from users.invitations.lists import Line, ListOutcome
from users.operations.admin_log import log

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

PERMISSION = "user_lifecycle.invite_userfsm"


def invite(model_admin: ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    """Show the page, or process one of its two forms; the posted fields tell which one."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if request.method == "POST" and "username" in request.POST:
        return _invite_one(model_admin, request)
    if request.method == "POST":
        return _invite_list(model_admin, request)
    return _page(model_admin, request)


def _invite_one(model_admin: ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    form = OnePersonForm(request.POST)
    if form.is_valid():
        try:
            user = invitations.invite(**form.cleaned_data, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        except InvitationNotSent as error:
            _log(request, [error.user])
            text = _(
                "The account %s was created, but the email could not be sent. Send the invitation again from this page."
            )
            messages.error(request, text % error.user.get_username())
            return HttpResponseRedirect(person_url(model_admin, error.user))
        else:
            _log(request, [user])
            messages.success(request, _("An invitation has been sent to %s.") % user.email)
            return HttpResponseRedirect(request.path)
    return _page(model_admin, request, one=form)


def _invite_list(model_admin: ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    form = ListForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(model_admin, request, many=form)
    if "confirmed" in request.POST:
        outcome = lists.invite_all(form.lines, by=request.user)
        _report(request, outcome)
        if not outcome.error:
            return HttpResponseRedirect(request.path)
        form.lines = lists.read(form.data_of_list)  # read again: those who remain can be tried again
    return _page(model_admin, request, preview=form)


def _report(request: HttpRequest, outcome: ListOutcome) -> None:
    users = get_user_model()
    usernames = [users.normalize_username(line.username) for line in (*outcome.invited, *outcome.not_sent)]
    _log(request, list(users._default_manager.filter(username__in=usernames)))
    if count := len(outcome.invited):
        messages.success(
            request,
            ngettext("%(count)d person has been invited.", "%(count)d people have been invited.", count)
            % {"count": count},
        )
    if outcome.error:
        waiting = len(outcome.not_sent) + len(outcome.left)
        text = ngettext(
            "%(count)d email could not be sent (%(error)s). Try again below.",
            "%(count)d emails could not be sent (%(error)s). Try again below.",
            waiting,
        )
        messages.error(request, text % {"count": waiting, "error": outcome.error})


def _log(request: HttpRequest, users: list[User]) -> None:
    """Write an entry to the admin's log, because an invitation changes no state and has no record."""
    log(users, by=request.user, message=_("Invited"), flag=ADDITION)


def _page(
    model_admin: ModelAdmin[Any],
    request: HttpRequest,
    *,
    one: OnePersonForm | None = None,
    many: ListForm | None = None,
    preview: ListForm | None = None,
) -> TemplateResponse:
    wrong: list[Line] = [line for line in preview.lines if line.problems] if preview else []
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Invite people"),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "one": one or OnePersonForm(),
        "many": many or ListForm(),
        "preview": preview,
        "wrong": wrong,
        "good": len(preview.lines) - len(wrong) if preview else 0,
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, "user_lifecycle/admin/invite.html", context)
