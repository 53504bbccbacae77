"""The page that undoes an operation: the opposite one, with its reason filled in."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from users import operations
from users.administration import operation_page
from users.administration.acting.reporting import REQUEST, changed_url
from users.administration.links import page_url, person_url
from users.conf import conf
from users.operations import Operation, undoing


def undo(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """
    Show what the undo would change, or do it if that page has been confirmed.

    The parameters name the operation and its id. The record says which accounts it changed, and for how long it can be
    undone: `USERS_UNDO_MAX_AGE`.
    """
    done, trace = request.GET.get("operation", ""), request.GET.get(REQUEST, "")
    name = undoing.opposite_of(done)
    if name is None:
        raise Http404(f"{done!r} has no opposite")
    accounts = model_admin.traced(trace, done, since=timezone.now() - conf.undo_max_age)
    operations.ALL[name].require_permission(request.user, accounts)
    users = list(accounts.order_by("pk").values_list("user_id", flat=True)[:2])
    if not users:
        messages.error(request, _("This can no longer be undone."))
        return HttpResponseRedirect(page_url(model_admin, "changelist"))
    back = person_url(model_admin, users[0]) if len(users) == 1 else changed_url(model_admin, trace)
    reason = _reason(operations.ALL[done], trace)
    page = operation_page.for_accounts(
        model_admin, _undoing(name, trace), request, accounts, back=back, own_words=reason
    )
    return page or HttpResponseRedirect(back)


def _undoing(name: str, trace: str) -> Operation:
    return replace(
        operations.ALL[name],
        preview=partial(undoing.preview, name),
        carry_out=partial(undoing.undo, name, undoes=trace),
    )


def _reason(operation: Operation, trace: str) -> str:
    return _("Undo of “%(operation)s” (request %(request)s)") % {"operation": operation.wording.label, "request": trace}
