"""The admin page for inviting people: one person, or a list with a preview that shows errors first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.models import ADDITION
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from users import invitations, mail
from users.actors import logged_in_user
from users.administration.acting.naming import names
from users.administration.inviting.forms import ListForm, OnePersonForm
from users.administration.links import person_url
from users.invitations import lists, sending
from users.invitations.lines import Line, ListOutcome
from users.mail import standing
from users.models import Mail
from users.operations.admin_log import log
from users.rows.user_model import has_field

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User  # whatever settings.AUTH_USER_MODEL is

PERMISSION = "user_lifecycle.invite_userfsm"


def may_invite(user: User | AnonymousUser) -> bool:
    """Whether this administrator has the permission, and people have addresses."""
    return has_field("email") and user.has_perm(PERMISSION)


def invite(model_admin: ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    """Show the page, or process one of its two forms; the posted fields tell which one."""
    if not may_invite(request.user):
        raise PermissionDenied
    if request.method == "POST" and "email" in request.POST:
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
            form.add_problems(error)
        else:
            _log(request, [user])
            if _warn_of_failures(request, [user]):
                return HttpResponseRedirect(person_url(model_admin, user.pk))
            messages.success(request, _("An invitation is on its way to %s.") % mail.address_of(user))
            return HttpResponseRedirect(request.path)
    return _page(model_admin, request, one=form)


def _invite_list(model_admin: ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    form = ListForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(model_admin, request, many=form)
    if "confirmed" in request.POST:
        _report(request, lists.invite_all(form.lines, by=request.user))
        return HttpResponseRedirect(request.path)
    return _page(model_admin, request, preview=form)


def _report(request: HttpRequest, outcome: ListOutcome) -> None:
    _log(request, outcome.users)
    if count := len(outcome.invited):
        messages.success(
            request,
            ngettext("%(count)d person has been invited.", "%(count)d people have been invited.", count)
            % {"count": count},
        )
    for line in outcome.late:
        said = {"number": line.number, "problems": " ".join(line.problems)}
        messages.warning(request, _("Line %(number)d was skipped: %(problems)s") % said)
    _warn_of_failures(request, outcome.users)


def _warn_of_failures(request: HttpRequest, users: list[User]) -> int:
    """Say how many of the emails to these people could not be sent so far, and why; return how many."""
    mails = standing.with_reasons(Mail.objects.filter(user__in=users, kind=sending.KIND))
    reasons = [reason for each in mails if (reason := standing.reason(each))]
    if reasons:
        text = ngettext(
            "%(count)d email could not be sent so far (%(reason)s). It is tried again; see the list of emails.",
            "%(count)d emails could not be sent so far (%(reason)s). They are tried again; see the list of emails.",
            len(reasons),
        )
        messages.error(request, text % {"count": len(reasons), "reason": reasons[0]})
    return len(reasons)


def _log(request: HttpRequest, users: list[User]) -> None:
    """Write an entry to the admin's log, because an invitation changes no state and has no record."""
    log(users, by=logged_in_user(request), message=_("Invited"), flag=ADDITION)


def _page(
    model_admin: ModelAdmin[Any],
    request: HttpRequest,
    *,
    one: OnePersonForm | None = None,
    many: ListForm | None = None,
    preview: ListForm | None = None,
) -> TemplateResponse:
    lines = preview.lines if preview else []
    wrong: list[Line] = [line for line in lines if line.problems]
    good = [line for line in lines if not line.problems]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Invite people"),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "one": one or OnePersonForm(),
        "many": many or ListForm(),
        "preview": preview,
        "wrong": len(wrong),
        "wrong_lines": names(wrong),
        "good": len(good),
        "with_names": any(line.name for line in good),
        "with_ends": any(line.ends_at for line in good),
        "good_lines": names(good),
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, "user_lifecycle/admin/invite.html", context)
