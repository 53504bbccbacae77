"""Scheduled changes on a person's page: what is shown there, and the views behind its buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from users import operations
from users.actors import logged_in_user
from users.administration import operation_page
from users.administration.acting.reporting import without_way_in
from users.administration.forms import OwnReasonForm
from users.administration.links import page_url, person_url
from users.administration.scheduling.forms import ScheduleForm
from users.exceptions import NotPending
from users.models import ScheduledChange, UserFSM
from users.models.scheduled_change import Outcome
from users.operations import scheduling, transitioning
from users.operations.wording import transition_label

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

VIEW = "user_lifecycle.view_scheduledchange"
SHOWN = 10


class ChangeRow(NamedTuple):
    """A scheduled change, as the page shows it."""

    change: ScheduledChange
    what: Any
    cancel_url: str
    """The URL to cancel it. Empty if it is no longer pending, or if the administrator may not cancel it."""


class Schedule(NamedTuple):
    """The scheduled changes that the person's page shows."""

    rows: list[ChangeRow]
    form: ScheduleForm
    url: str


def schedule_of(model_admin: ModelAdmin[Any], user: User, *, by: Any) -> Schedule:
    """Return this person's newest scheduled changes, if `by` may see them, and the form for another one."""
    rows = [_row(model_admin, change, by=by) for change in _newest(user)] if by.has_perm(VIEW) else []
    return Schedule(rows, ScheduleForm(user, by=by), page_url(model_admin, "schedule", user.pk))


def add(model_admin: ModelAdmin[Any], request: HttpRequest, user: User) -> HttpResponse:
    """Schedule a change of this person's account, or ask for what is missing."""
    name = request.POST.get("operation", "")
    if name in operations.ALL:
        operations.ALL[name].require_permission(request.user, UserFSM.objects.filter(user=user.pk))
    form = ScheduleForm(user, by=request.user, data=request.POST)
    if form.is_valid():
        given = form.cleaned_data
        words = {"at": given["at"], "until": given["until"], "description": given["reason"]}
        scheduling.schedule(given["operation"], user.fsm, by=logged_in_user(request), **words)
        messages.success(request, _("The change is scheduled."))
        if transitioning.opens_without_way_in(given["operation"], user):
            messages.warning(request, without_way_in(1))
        return HttpResponseRedirect(person_url(model_admin, user.pk))
    context = {
        "title": _("Schedule a change"),
        "form": form,
        "person": user,
        "back": person_url(model_admin, user.pk),
        "submit": _("Schedule"),
    }
    return operation_page.page(model_admin, request, "user_lifecycle/admin/schedule.html", context)


def cancel(model_admin: ModelAdmin[Any], request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """
    Cancel a scheduled change of this person, or ask for the missing reason.

    It needs the permission for the operation itself.
    """
    change = ScheduledChange.objects.filter(user_id=user.pk, pk=pk).first()
    if change is None or change.transition not in operations.ALL:
        raise Http404("no such scheduled change")
    operations.ALL[change.transition].require_permission(request.user, UserFSM.objects.filter(user=user.pk))
    back = person_url(model_admin, user.pk)
    form = OwnReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            scheduling.cancel(change, user.fsm, by=logged_in_user(request), description=form.cleaned_data["reason"])
        except NotPending as error:
            messages.warning(request, _("It is too late to cancel this: %s.") % Outcome(error.outcome).label.lower())
        else:
            messages.success(request, _("The scheduled change is cancelled."))
        return HttpResponseRedirect(back)
    context = {
        "title": _("Cancel a scheduled change"),
        "form": form,
        "row": _row(model_admin, change, by=request.user),
        "person": user,
        "back": back,
        "submit": _("Cancel this change"),
    }
    return operation_page.page(model_admin, request, "user_lifecycle/admin/cancel_schedule.html", context)


def _newest(user: User) -> Any:
    return ScheduledChange.objects.filter(user_id=user.pk).order_by("-at", "-pk")[:SHOWN]


def _row(model_admin: ModelAdmin[Any], change: ScheduledChange, *, by: Any) -> ChangeRow:
    operation = operations.ALL.get(change.transition)
    may_cancel = change.outcome == Outcome.PENDING and operation is not None and operation.permitted(by)
    url = page_url(model_admin, "cancel_schedule", change.user_id, change.pk) if may_cancel else ""
    return ChangeRow(change, transition_label(change.transition), url)
