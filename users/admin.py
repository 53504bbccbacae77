"""The admin of users: states in the list and on the person's page, and the operations on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import router, transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from post_office.admin import EmailAdmin, EmailTemplateAdmin
from post_office.models import Email, EmailTemplate

from users import operations
from users.actors import logged_in_user
from users.administration import deletion, operation_page, person_page, protection
from users.administration.acting import session_page, undo_page
from users.administration.badge import badge
from users.administration.filters import InvitationFilter, LockCauseFilter, StateFilter
from users.administration.inviting import page as invitation_page
from users.administration.labelled_dates import LabelledDates
from users.administration.links import person_url
from users.administration.mails import mail_admin, queue_admin
from users.administration.password_page import PasswordOfAnotherForm, password_change
from users.administration.people import last_login
from users.administration.people.views import PeopleExport
from users.administration.permission_names import TranslatedPermissions
from users.administration.saved_views.admin import SavedViewAdmin
from users.administration.scheduling.list_admin import ScheduledChangeAdmin
from users.administration.scheduling.views import ScheduleViews
from users.lists import ListAdmin
from users.login.forms import AdminLoginForm
from users.models import Mail, SavedView, ScheduledChange, UserFSM
from users.models.querysets import UserFSMQuerySet
from users.operations import superusers
from users.rows.provisioning import provision
from users.rows.user_model import has_field
from users.transitions import ABOUT

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # whatever settings.AUTH_USER_MODEL is


class UserStateAdmin(ScheduleViews, PeopleExport, LabelledDates, TranslatedPermissions, ListAdmin):
    """
    The mixin for a `ModelAdmin` of the user model: `class MyUserAdmin(UserStateAdmin, UserAdmin)`.

    It shows the state in the list and on the person's page, with the operations that the administrator may carry out.
    `is_active` is shown but cannot be edited.
    """

    change_list_template = "user_lifecycle/admin/people.html"
    change_form_template = "user_lifecycle/admin/person.html"
    delete_confirmation_template = "user_lifecycle/admin/delete_confirmation.html"
    delete_selected_confirmation_template = "user_lifecycle/admin/delete_selected_confirmation.html"
    offers_lookups = True
    chooses_columns = True
    more_columns = ("date_joined", "is_staff", "is_superuser")
    list_per_page = 50  # most of a page's time goes into its rows
    show_full_result_count = False  # avoids a second count over the whole table in filtered lists

    class Media:
        css = {"all": ["user_lifecycle/states.css", "user_lifecycle/admin.css"]}

    def history(self, request: HttpRequest, user: User) -> str:
        """Return HTML with the history of the account. The app that keeps the record overrides this."""
        return ""

    def trace(self, request: HttpRequest) -> str:
        """Return the id under which the record keeps what this request does; empty without a record."""
        return ""

    def traced(self, trace: str, name: str, *, since: datetime) -> UserFSMQuerySet:
        """
        Return the accounts that have made the transition `name` under this id since then, according to the record.

        They carry `version_then`, the version that it gave them, and `state_before` it. The app that keeps the record
        overrides this and `trace`.
        """
        return UserFSM.objects.none()

    @admin.display(description=_("state"), ordering="fsm__current_state")
    def account_state(self, user: User) -> SafeString:
        """The badge with the state."""
        return badge(user.fsm)

    @admin.display(description=_("last login"), ordering="last_login")
    def last_seen(self, user: User) -> SafeString:
        """The last login, and when the account is dormant if that is soon."""
        return last_login.column(user)

    # The list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("fsm")

    def with_columns(self, people: QuerySet[Any]) -> QuerySet[Any]:
        """Return these people with what the list's columns show. A project's `get_queryset` may not call ours."""
        return people.select_related("fsm")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = [column for column in super().get_list_display(request) if column != "is_active"]
        if "account_state" not in columns:
            columns.insert(1, "account_state")
        if last_login.is_known() and not {"last_seen", "last_login"} & {*columns}:
            columns.insert(columns.index("account_state") + 1, "last_seen")
        return columns

    def get_more_columns(self) -> list[str]:
        return [name for name in self.more_columns if has_field(name)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        given = [each for each in super().get_list_filter(request) if each != "is_active"]
        ours = [StateFilter, LockCauseFilter, InvitationFilter]
        ours += [last_login.LastLoginFilter] if last_login.is_known() else []
        return [each for each in ours if each not in given] + given

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return last_login.PeopleList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow what Django allows, except regular expressions, which may be invalid or take forever."""
        return not lookup.endswith("regex") and super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changelist = super().get_changelist_instance(request)
        missing = [user for user in changelist.result_list if not _has_row(user)]
        if missing:
            provision(missing, using=router.db_for_write(self.model))
            changelist.get_results(request)
        return changelist

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> dict[str, Any]:
        """Return Django's actions and the operations. Django 6.1 and newer pass a location: the list, or a form."""
        where = {} if action_location is None else {"action_location": action_location}
        actions: dict[str, Any] = super().get_actions(request, **where)
        if self.actions is None or "_popup" in request.GET or getattr(action_location, "name", "") == "CHANGE_FORM":
            return actions
        if "delete_selected" in actions:
            actions["delete_selected"] = _with_reason(actions["delete_selected"])
        for operation in operations.permitted(request.user):
            action = partial(_act_on_selected, operation)
            actions[operation.name] = (action, operation.name, str(operation.wording.selected))
        return actions

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {
            "may_invite": invitation_page.may_invite(request.user),
            "quick_operations": self._quick_operations(request),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def _quick_operations(self, request: HttpRequest) -> list[operations.Operation]:
        """The operations with a button above the list: the transitions among the actions of the menu."""
        offered = self.get_actions(request)
        return [each for each in operations.permitted(request.user) if each.name in offered and each.name in ABOUT]

    def check_action(self, request: HttpRequest, keys: list[Any]) -> None:
        """Raise `PermissionDenied` for an operation without its permission, and `BadRequest` for an unknown action."""
        asked_for = list(filter(None, request.POST.getlist("action")))
        offered = self.get_actions(request) if asked_for else {}
        for name in asked_for:
            if name in operations.ALL:
                operations.ALL[name].require_permission(request.user, UserFSM.objects.filter(user__in=keys))
            if name not in offered:
                if name in operations.ALL or name in {known for known, _ in self.admin_site.actions}:
                    raise PermissionDenied
                raise BadRequest(f"{name!r} is not an action")

    # The person's page

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        # Django's own help text says to untick it to deactivate an account.
        kwargs["help_texts"] = {"is_active": _("Follows from the state.")} | kwargs.get("help_texts", {})
        form = super().get_form(request, obj, change=change, **kwargs)
        return protection.guarded(form, by=logged_in_user(request))

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        form = super().get_changelist_form(request, **kwargs)
        return protection.guarded(form, by=logged_in_user(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and not superusers.may_change(obj, by=logged_in_user(request)):
            return False
        return super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:  # in a list that can be edited, Django asks for no row
            protection.require_changeable(obj, by=logged_in_user(request))
        super().save_model(request, obj, form, change)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None:
            return list(fieldsets)
        # `is_active` of a new user follows from the state.
        return [(title, {**options, "fields": _without_is_active(options["fields"])}) for title, options in fieldsets]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        given = list(super().get_readonly_fields(request, obj))
        return given if "is_active" in given else [*given, "is_active"]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Django's list before a deletion. People who must stay are listed as protected, and nothing is deleted."""
        deleted, counts, permissions, protected = super().get_deleted_objects(objs, request)
        return (
            deleted,
            counts,
            permissions,
            [*protected, *protection.refusals_of_deletion(objs, by=logged_in_user(request))],
        )

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        return deletion.with_reason(request, partial(super().delete_view, request, object_id, extra_context))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic(using=router.db_for_write(self.model)):
            protection.require_deletable([obj], by=logged_in_user(request))
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic(using=router.db_for_write(self.model)):
            protection.require_deletable(queryset, by=logged_in_user(request))
            super().delete_queryset(request, queryset)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        user = kwargs.get("obj")
        if user is not None:
            context["account"] = person_page.account(self, request, user, history=self.history(request, user))
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.operation_view)
        invite = self.admin_site.admin_view(self.invite_view)
        end = self.admin_site.admin_view(self.end_session_view)
        undo = self.admin_site.admin_view(self.undo_view)
        retry = self.admin_site.admin_view(self.retry_mail_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("invite/", invite, name=f"{name}_invite"),
            path("undo/", undo, name=f"{name}_undo"),
            path("<path:object_id>/account/<str:name>/", view, name=f"{name}_operation"),
            path("<path:object_id>/sessions/<int:session>/", end, name=f"{name}_end_session"),
            path("<path:object_id>/mails/<int:mail>/", retry, name=f"{name}_retry_mail"),
            *super().get_urls(),
        ]

    def invite_view(self, request: HttpRequest) -> HttpResponse:
        """Invite one person or the people on a list."""
        return invitation_page.invite(self, request)

    def undo_view(self, request: HttpRequest) -> HttpResponse:
        """Undo an operation, after a page that names the accounts."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return undo_page.undo(self, request)

    def retry_mail_view(self, request: HttpRequest, object_id: str, mail: int) -> HttpResponse:
        """Send an email to this person again; POST only."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        user = self.user_asked_for(request, object_id)
        mail_admin.retry(request, list(Mail.objects.filter(user=user, pk=mail)))
        return HttpResponseRedirect(person_url(self, user.pk))

    def end_session_view(self, request: HttpRequest, object_id: str, session: int) -> HttpResponse:
        """End one session of this person; POST only."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        user = self.user_asked_for(request, object_id)
        return session_page.end(self, request, user, session) or HttpResponseRedirect(person_url(self, user.pk))

    def operation_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Carry out the operation with this name on the account of one user. POST only."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if name not in operations.ALL:
            raise Http404(f"{name!r} is not an operation")
        user = self.user_asked_for(request, object_id)
        page = operation_page.for_one(self, operations.ALL[name], request, user)
        return page or HttpResponseRedirect(person_url(self, user.pk))


class StateUserAdmin(UserStateAdmin, UserAdmin):  # type: ignore[type-arg]
    """Django's `UserAdmin` with the states."""

    list_display = ("account", "account_state")
    change_password_form = PasswordOfAnotherForm

    @admin.display(description=_("account"), ordering="username")
    def account(self, user: User) -> SafeString:
        """Username, name and email address in one column."""
        below = [text for text in (user.get_full_name(), user.email) if text]
        lines = format_html_join("", "<br><small><bdi>{}</bdi></small>", ((text,) for text in below))
        return format_html("<bdi>{}</bdi>{}", user.get_username(), lines)


def _act_on_selected(
    operation: operations.Operation, model_admin: UserStateAdmin, request: HttpRequest, queryset: QuerySet[User]
) -> HttpResponse | None:
    return operation_page.for_selected(model_admin, operation, request, queryset)


def _with_reason(action: Any) -> Any:
    """Return Django's action to delete, which asks for a reason: a tuple, and a dataclass from Django 6.1 on."""
    if isinstance(action, tuple):
        delete, *about = action
        return (partial(_delete_selected, delete), *about)
    return replace(action, func=partial(_delete_selected, action.func))


def _delete_selected(
    delete: Any, model_admin: UserStateAdmin, request: HttpRequest, queryset: QuerySet[User]
) -> HttpResponse | None:
    return deletion.with_reason(request, partial(delete, model_admin, request, queryset))


def _without_is_active(fields: Iterable[Any]) -> list[Any]:
    """Return the fields of a fieldset without `is_active`."""
    rows = [field if isinstance(field, str) else _without_is_active(field) for field in fields]
    return [row for row in rows if row not in ("is_active", [])]


def _has_row(user: Any) -> bool:
    return type(user).fsm.related.is_cached(user) and type(user).fsm.related.get_cached_value(user) is not None


class StateGroupAdmin(protection.GuardsGroup, GroupAdmin):
    """Django's `GroupAdmin`, but only members and superusers rename or delete `USERS_PROTECTED_GROUP`."""


def replace_admin(model: type[Model], theirs: type, ours: Any) -> None:
    """Register `ours` for a model if it has exactly `theirs`. A project's own admin stays."""
    if admin.site.is_registered(model) and type(admin.site.get_model_admin(model)) is theirs:
        admin.site.unregister(model)
        admin.site.register(model, ours)


replace_admin(get_user_model(), UserAdmin, StateUserAdmin)
replace_admin(Group, GroupAdmin, StateGroupAdmin)
admin.site.register(ScheduledChange, ScheduledChangeAdmin)
admin.site.register(SavedView, SavedViewAdmin)
if apps.is_installed("post_office"):  # users.E030 says so where it is not
    replace_admin(Email, EmailAdmin, queue_admin.EmailsOfOthersAdmin)
    replace_admin(EmailTemplate, EmailTemplateAdmin, queue_admin.TemplatesOfOthersAdmin)
    admin.site.register(Mail, mail_admin.MailAdmin)
admin.site.login_form = AdminLoginForm
admin.site.password_change = partial(password_change, admin.site)  # type: ignore[method-assign, assignment]
