"""Tokens of service accounts in the admin: made here, shown once, and revoked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from users.administration.labelled_dates import LabelledDates
from users.administration.permission_names import name_of
from users.api.models import ServiceToken, validate_networks
from users.database import local_time
from users.lists import ListAdmin
from users.operations import superusers
from users.rows.user_model import login_name
from users.states import State

APP_LABELS = ("user_lifecycle", "user_audit")


def _offered() -> Q:
    """The permissions that the API and SCIM ask for."""
    model = get_user_model()
    of_users = Q(content_type__app_label=model._meta.app_label, content_type__model=model._meta.model_name)
    return Q(content_type__app_label__in=APP_LABELS) | of_users


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A new token. Nobody can hand over a permission that they do not have."""

    permissions = forms.MultipleChoiceField(label=_("Permissions"), widget=forms.CheckboxSelectMultiple)
    networks = forms.CharField(
        label=_("Networks"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One network per line, such as 192.0.2.0/24. Leave this empty to allow any network."),
    )
    request: HttpRequest

    class Meta:
        model = ServiceToken
        fields = ("name", "user", "permissions", "networks", "expiry")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" not in self.fields:  # a token that is only shown
            return
        known = Permission.objects.filter(_offered()).select_related("content_type")
        codes = ((f"{each.content_type.app_label}.{each.codename}", name_of(each)) for each in known)
        choices = [(code, name) for code, name in codes if self.request.user.has_perm(code)]
        self.fields["permissions"].choices = choices  # type: ignore[attr-defined]
        self.fields["user"].queryset = get_user_model()._default_manager.filter(  # type: ignore[attr-defined]
            fsm__current_state=State.ACTIVE
        )

    def clean_networks(self) -> list[str]:
        """Return the networks, one of each line."""
        networks: list[str] = self.cleaned_data["networks"].split()
        validate_networks(networks)
        return networks

    def clean_user(self) -> Any:
        """A token acts as its account, so the account must not have permissions that the maker of the token lacks."""
        user, by = self.cleaned_data["user"], self.request.user
        more = set(user.get_all_permissions()) - set(by.get_all_permissions())
        if not by.is_superuser and (more or superusers.is_protected(user.fsm)):
            raise forms.ValidationError(_("This account has permissions that you do not have."))
        return user

    def clean_expiry(self) -> Any:
        """Refuse a token that would have expired already."""
        expiry = self.cleaned_data["expiry"]
        if expiry <= timezone.now():
            raise forms.ValidationError(_("This time has passed."))
        return expiry


@admin.register(ServiceToken)
class ServiceTokenAdmin(LabelledDates, ListAdmin):
    """Nobody can change a token; it is revoked, and another one made."""

    class Media:
        css = {"all": ["user_lifecycle/tokens.css"]}

    form = TokenForm
    list_display = ("name", "user", "token_key", "created", "expiry", "last_used", "revoked_at")
    list_select_related = ("user",)
    raw_id_fields = ("user",)
    actions = ("revoke",)
    readonly_fields = ("token_key", "created", "created_by", "last_used_at", "last_used_from", "revoked_at")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = list(TokenForm.Meta.fields)
        return fields if obj is None else [*fields, *self.readonly_fields]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.request = request
        return form

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # revoked tokens stay, so that one can see what they were

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Allow revoking tokens with the permission to delete them."""
        return request.user.has_perm("user_api.delete_servicetoken")

    @admin.display(description=_("last used at"), ordering="last_used_at", empty_value="–")
    def last_used(self, token: ServiceToken) -> SafeString | None:
        """When the token was used last, over from where."""
        if token.last_used_at is None:
            return None
        moment = date_format(local_time.local(token.last_used_at), "DATETIME_FORMAT")
        return format_html("{}<br><small>{}</small>", moment, token.last_used_from)

    def save_model(self, request: HttpRequest, obj: ServiceToken, form: Any, change: bool) -> None:
        """Issue the token and show it, once."""
        if change:
            raise PermissionDenied
        obj.created_by = login_name(request.user)
        token = obj.issue()
        text = gettext("The token is %(token)s – copy it now, it is not shown again.")
        messages.warning(request, text % {"token": token})

    @admin.action(description=_("Revoke selected tokens"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ServiceToken]) -> None:
        """End the selected tokens at once, and say so in the admin's log."""
        for token in queryset:
            token.revoke()
            self.log_change(request, token, gettext("Revoked"))
        messages.success(request, gettext("The selected tokens were revoked."))
