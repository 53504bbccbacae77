"""Operations in the admin, for selected accounts or for one: preview, carry out, report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import router
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

from users.actors import logged_in_user
from users.administration.acting.naming import changed_and_left
from users.administration.acting.reporting import counted, grouped, report, without_way_in
from users.administration.forms import ReasonForm
from users.administration.links import person_url
from users.models import UserFSM
from users.models.querysets import UserFSMQuerySet
from users.operations import Operation
from users.operations.tally import Tally
from users.rows.provisioning import provision_missing

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is

CONFIRMED = "confirmed"
"""The form field that confirms the preview: the number of accounts that it said would be changed."""


def for_selected(
    model_admin: ModelAdmin[Any], operation: Operation, request: HttpRequest, queryset: QuerySet[User]
) -> TemplateResponse | None:
    """
    Show what the operation would do to these users, or do it if that page has been confirmed with a reason.

    Return None when it is done. If the operation would now change another number of accounts, show the page again.
    """
    selected = queryset.order_by().values("pk")
    accounts = UserFSM.objects.filter(user__in=selected)
    operation.require_permission(request.user, accounts)
    tally = operation.preview(accounts, by=logged_in_user(request))
    if _may_lack_rows(request, tally) and provision_missing(using=router.db_for_write(UserFSM), among=selected):
        tally = operation.preview(accounts, by=logged_in_user(request))
    back, selection = request.get_full_path(), _selection(request)
    return for_accounts(model_admin, operation, request, accounts, back=back, selection=selection, tally=tally)


def for_accounts(
    model_admin: ModelAdmin[Any],
    operation: Operation,
    request: HttpRequest,
    accounts: UserFSMQuerySet,
    *,
    back: str,
    selection: list[tuple[str, str]] | None = None,
    own_words: str = "",
    tally: Tally | None = None,
) -> TemplateResponse | None:
    """
    Show what the operation would do to these accounts, or do it as `for_selected` does.

    `back` is the URL for leaving the page, `selection` the hidden fields that select the accounts again, `own_words`
    the initial reason, and `tally` the preview if it is known.
    """
    tally = tally or operation.preview(accounts, by=logged_in_user(request))
    form, seen = ReasonForm(operation, own_words=own_words), request.POST.get(CONFIRMED)
    if seen is not None:
        form = ReasonForm(operation, request.POST)
        if form.is_valid() and seen == str(tally.changed):
            _carry_out(model_admin, operation, accounts, request, form)
            return None
    context = {
        "tally": tally,
        "has_changed": seen is not None and seen != str(tally.changed),
        "hidden": [*(selection or []), (CONFIRMED, str(tally.changed))],
        "back": back,
    }
    return _page(model_admin, operation, request, form, context)


def for_one(
    model_admin: ModelAdmin[Any], operation: Operation, request: HttpRequest, user: User
) -> TemplateResponse | None:
    """Carry out the operation on this user's account and return None, or ask for the missing reason."""
    accounts = UserFSM.objects.filter(pk=user.fsm.pk)
    operation.require_permission(request.user, accounts)
    form = ReasonForm(operation, request.POST)
    if form.is_valid():
        _carry_out(model_admin, operation, accounts, request, form)
        return None
    tally = operation.preview(accounts, by=logged_in_user(request))
    context = {"tally": tally, "person": user, "back": person_url(model_admin, user.pk)}
    return _page(model_admin, operation, request, form, context)


def _carry_out(
    model_admin: ModelAdmin[Any],
    operation: Operation,
    accounts: UserFSMQuerySet,
    request: HttpRequest,
    form: ReasonForm,
) -> None:
    tally = operation.carry_out(accounts, by=logged_in_user(request), description=form.reason)
    report(model_admin, request, operation, tally)


def _may_lack_rows(request: HttpRequest, tally: Tally) -> bool:
    """Whether some of the selected users may have no row, so that the preview does not name them."""
    if request.POST.get("select_across", "0") not in ("", "0"):
        return True
    selected = {*request.POST.getlist(ACTION_CHECKBOX_NAME)}
    return tally.changed + tally.left_in_all < len(selected)


def _selection(request: HttpRequest) -> list[tuple[str, str]]:
    """The selection, as hidden fields. For a whole filtered list the page's own address carries it."""
    across = request.POST.get("select_across", "0")
    selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
    if across not in ("", "0"):
        selected = selected[:1]
    action = next(filter(None, request.POST.getlist("action")), "")
    return [("action", action), ("select_across", across), *((ACTION_CHECKBOX_NAME, key) for key in selected)]


def _page(
    model_admin: ModelAdmin[Any],
    operation: Operation,
    request: HttpRequest,
    form: ReasonForm,
    context: dict[str, Any],
) -> TemplateResponse:
    tally: Tally = context["tally"]
    changed, left = changed_and_left(model_admin, tally)
    numbers = {
        "operation": operation,
        "form": form,
        "submit": counted(operation.wording.many, tally.changed),
        "changed": grouped(tally.changed),
        "changed_names": changed,
        "without_way_in": without_way_in(tally.without_way_in),
        "left_in_all": grouped(tally.left_in_all),
        "left_names": left,
        "left": [(reason, grouped(count)) for reason, count in tally.left.most_common()],
    }
    return page(model_admin, request, "user_lifecycle/admin/operation.html", numbers | context)


def page(
    model_admin: ModelAdmin[Any], request: HttpRequest, template: str, context: dict[str, Any]
) -> TemplateResponse:
    """Return a page that asks for a reason. The context has its `title`, or the `operation` that it is about."""
    common = {
        **model_admin.admin_site.each_context(request),
        "title": context["operation"].wording.label if "operation" in context else "",
        "opts": model_admin.opts,
        "media": model_admin.media,
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, template, common | context)
